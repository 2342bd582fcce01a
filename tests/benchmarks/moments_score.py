"""Scores the reading of moments of truth on the benchmark beside it and, where the data is there, on public sets.

    python -m tests.benchmarks.moments_score [--split tune|test] [--data ../shared/data] [--plot reliability.png]

Prints sums only. Of the test split it never prints a message: its labels are not for tuning.
"""

import argparse
import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.decision.decide import Progress, decide
from assistant.decision.policy import Policy, load_policy
from assistant.decision.replay import Talk, steps, to_hear
from assistant.engines.e5_small import E5Small
from assistant.ports import Turn
from assistant.understanding.cues import Cues
from assistant.understanding.emotion import EMOTIONS
from assistant.understanding.features import features
from assistant.understanding.heads.corpus import EKMAN, asdc, banking77, bitext, clinc150
from assistant.understanding.reading import Reading
from assistant.understanding.understand import Understanding

HERE = Path(__file__).parent / "moments"
KNOWLEDGE = Path("knowledge")
BINS = 10
Vectors = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True)
class Bench:
    """What is scored: the reader, the policy and where vectors come from (None: words alone)."""

    reader: Understanding
    policy: Policy
    embed: Embed | None

    def read(self, texts: Sequence[str]) -> list[Reading]:
        vectors = self.embed(texts) if self.embed else [None] * len(texts)
        return [self.reader.understand(text, vector) for text, vector in zip(texts, vectors, strict=True)]

    def routes(self, readings: Sequence[Reading]) -> list[str]:
        return [decide(reading, Progress(), self.policy).route for reading in readings]


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def ece(said: NDArray[np.float64], true: NDArray[np.float64]) -> float:
    """Expected calibration error over ten equal bins."""
    bins = np.minimum((said * BINS).astype(int), BINS - 1)
    parts = [abs(said[bins == b].mean() - true[bins == b].mean()) * (bins == b).sum() for b in set(bins.tolist())]
    return float(sum(parts) / len(said))


def macro_f1(true: Sequence[str], said: Sequence[str], names: Sequence[str]) -> float:
    scores = []
    for name in names:
        both = sum(t == name == s for t, s in zip(true, said, strict=True))
        total = sum(t == name for t in true) + sum(s == name for s in said)
        if total:
            scores.append(2 * both / total)
    return float(np.mean(scores))


def score_messages(bench: Bench, labels: list[dict[str, Any]]) -> dict[str, float]:
    readings = bench.read([row["text"] for row in labels])
    decisions = [decide(reading, Progress(), bench.policy) for reading in readings]
    handed = np.array([decision.route == "hand_off" for decision in decisions])
    due = np.array([row["route"] == "hand_off" for row in labels])
    calm = np.array([row["route"] == "answer" for row in labels])
    critical = np.array([row["critical"] for row in labels])
    said = np.array([reading.intensity for reading in readings], np.float64)
    given = np.array([row["intensity"] for row in labels], np.float64)
    right = [decision.urgent == row["urgent"] for decision, row in zip(decisions, labels, strict=True)]
    return {
        "messages": len(labels), "hand_off recall": handed[due].mean(), "hand_off precision": due[handed].mean(),
        "critical missed": int((critical & ~handed).sum()), "critical": int(critical.sum()),
        "alarms per 100 routine": 100 * handed[calm].mean(),
        "route accuracy": np.mean([d.route == row["route"] for d, row in zip(decisions, labels, strict=True)]),
        "kind accuracy": np.mean([r.kind == row["kind"] for r, row in zip(readings, labels, strict=True)]),
        "urgent step accuracy": np.mean(right), "intensity ECE": ece(said, (given >= 0.5).astype(np.float64)),
        "intensity r": np.corrcoef(said, given)[0, 1],
        "valence r": np.corrcoef([r.valence for r in readings], [row["valence"] for row in labels])[0, 1],
        "emotion macro-F1": macro_f1([row["emotion"] for row in labels], [r.emotion for r in readings], EMOTIONS),
        "abuse F1": macro_f1([str(row["abuse"]) for row in labels], [str(r.abuse) for r in readings], ["True"]),
        "vulnerable F1": macro_f1([str(row["vulnerable"]) for row in labels], [str(r.vulnerable) for r in readings],
                                  ["True"]),
    }


def score_talks(bench: Bench, labels: list[dict[str, Any]], history: bool = True) -> dict[str, float]:
    """How many visitor turns late (or early) a person comes; and alarms where none was due."""
    late, missed, early, alarms, due = [], 0, 0, 0, 0
    for row in labels:
        turns = tuple(Turn("visitor" if t["from"] == "visitor" else "assistant", t["text"]) for t in row["turns"])
        texts = [turn.text for turn in turns if turn.speaker == "visitor"]
        texts = to_hear(Talk(row["id"], turns)) if history else texts
        vectors = dict(zip(texts, bench.embed(texts), strict=True)) if bench.embed else {}
        if history:
            read = [(step.turn, step.decision.route) for step in
                    steps(Talk(row["id"], turns), bench.reader, bench.policy, vectors)]
        else:
            read = [(at, decide(bench.reader.understand(turn.text, vectors.get(turn.text)), Progress(),
                                bench.policy).route) for at, turn in enumerate(turns) if turn.speaker == "visitor"]
        first = next((turn for turn, route in read if route == "hand_off"), None)
        want = row["hand_off_at"]
        if want is None:
            alarms += first is not None
            continue
        due += 1
        order = [turn for turn, _ in read]
        if first is None:
            missed += 1
        elif first < want:
            early += 1
        else:
            late.append(order.index(first) - order.index(want))
    return {"conversations": len(labels), "person due": due, "never came": missed, "came early": early,
            "on the turn": sum(one == 0 for one in late), "turns late (mean)": float(np.mean(late)) if late else 0.0,
            "alarms where none was due": alarms}


def score_public(bench: Bench, data: Path, share: int) -> None:
    """Print the public sets; ``share`` n reads every n-th row. Odd rows were not trained on."""
    routine = {"Banking77": [text for text, _ in banking77(data / "banking77" / "train.csv")],
               "CLINC150": [text for text, _ in clinc150(data / "clinc150" / "data_full.json")],
               "ASDC": asdc(data / "asdc")}
    for name, texts in routine.items():
        for part, some in (("seen in training", texts[::2][::share]), ("held out", texts[1::2][::share])):
            routes = bench.routes(bench.read(some))
            alarms = sum(route == "hand_off" for route in routes)
            print(f"{name:10} {part:17} {alarms:4} alarms in {len(some):5} = {100 * alarms / len(some):.2f} per 100")
    for part in ("train", "dev"):
        wishes = [text for text, intent in bitext(data / "bitext" / f"{part}.csv") if intent == "contact_human_agent"]
        routes = bench.routes(bench.read(wishes))
        met = sum(route == "hand_off" for route in routes)
        print(f"Bitext contact_human_agent ({part}): {met}/{len(wishes)} = {met / len(wishes):.3f}")
    score_goemotions(bench, data / "goemotions")
    score_emobank(bench, data / "emobank" / "train_dev.csv")


def score_goemotions(bench: Bench, folder: Path) -> None:
    names = (folder / "labels.txt").read_text(encoding="utf-8").split()
    lines = [line.split("\t") for line in (folder / "dev.tsv").read_text(encoding="utf-8").split("\n") if line]
    true = np.array([[one in {EKMAN[names[int(i)]] for i in ids.split(",")} for one in EMOTIONS]
                     for _, ids, _ in lines])
    texts = [text for text, _, _ in lines]
    heads = bench.reader.heads
    if heads is None:
        return
    vectors = bench.embed(texts) if bench.embed else [None] * len(texts)
    scores = [heads.scores(features(text, *bench.reader.cues.search(text)), vector).emotion
              for text, vector in zip(texts, vectors, strict=True)]
    said = np.array([[one[name] for name in EMOTIONS] for one in scores])
    best = np.eye(len(EMOTIONS), dtype=bool)[said.argmax(axis=1)]
    for name, chosen in (("most probable", best), ("p >= 0.30 or most probable", best | (said >= 0.30))):
        f1 = [2 * (chosen & true)[:, i].sum() / (chosen[:, i].sum() + true[:, i].sum()) for i in range(len(EMOTIONS))]
        print(f"GoEmotions dev, Ekman macro-F1 ({name}): {np.mean(f1):.3f}")


def score_emobank(bench: Bench, path: Path) -> None:
    import csv

    with path.open(encoding="utf-8") as file:
        dev = [row for row in csv.DictReader(file) if row["split"] == "dev"]
    readings = bench.read([row["text"] for row in dev])
    valence = np.corrcoef([float(row["V"]) for row in dev], [one.valence for one in readings])[0, 1]
    arousal = np.corrcoef([float(row["A"]) for row in dev], [one.intensity for one in readings])[0, 1]
    print(f"EmoBank dev ({len(dev)} sentences; never trained on): valence r {valence:.3f}, arousal r {arousal:.3f}")


def plot(path: Path, points: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]) -> None:
    """Draw the reliability plot if matplotlib is there."""
    try:
        import matplotlib
    except ImportError:
        print("no matplotlib: no plot")
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(5, 5))
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    for name, (said, true) in points.items():
        bins = np.minimum((said * BINS).astype(int), BINS - 1)
        there = sorted(set(bins.tolist()))
        axes.plot([said[bins == b].mean() for b in there], [true[bins == b].mean() for b in there], "o-", label=name)
    axes.set(xlabel="intensity said", ylabel="share labelled strong", xlim=(0, 1), ylim=(0, 1))
    axes.legend()
    figure.savefig(path, dpi=120)
    print(f"reliability plot: {path}")


def show(title: str, scores: dict[str, float]) -> None:
    shown = [f"{name} {value:d}" if isinstance(value, int) else f"{name} {value:.3f}"
             for name, value in scores.items()]
    print(f"{title}: " + ", ".join(shown))


def main(given: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=("tune", "test"), default="tune")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--share", type=int, default=1, help="read every n-th row of the public routine sets")
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args(given)
    engine = E5Small(threads=1)

    known: dict[str, Vectors] = {}

    def embed(texts: Sequence[str]) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            known.update(zip(new, asyncio.run(engine.listen(new)), strict=True))
        return np.stack([known[text] for text in texts])

    reader = Understanding.load(KNOWLEDGE)
    policy = load_policy(KNOWLEDGE, KNOWLEDGE)
    whole = Bench(reader, policy, embed)
    ablations = {"whole": whole, "without vectors": replace(whole, embed=None),
                 "without heads": Bench(Understanding(None, reader.cues), policy, None),
                 "without rules": Bench(Understanding(reader.heads, Cues((), {}, ())), policy, embed)}
    points = {}
    for language in ("ja", "en"):
        labels = rows(HERE / f"{language}.{options.split}.jsonl")
        talks = rows(HERE / f"{language}.conversations.{options.split}.jsonl")
        for name, bench in ablations.items():
            show(f"[{language} {options.split}] {name}", score_messages(bench, labels))
        for name, bench in ablations.items():
            show(f"[{language} {options.split} conversations] {name}", score_talks(bench, talks))
        show(f"[{language} {options.split} conversations] without history", score_talks(whole, talks, history=False))
        readings = whole.read([row["text"] for row in labels])
        points[language] = (np.array([one.intensity for one in readings]),
                            np.array([float(row["intensity"] >= 0.5) for row in labels]))
    if options.plot:
        plot(options.plot, points)
    if options.data.is_dir():
        score_public(whole, options.data, options.share)
    else:
        print(f"{options.data} is not there: the public sets are left out")


if __name__ == "__main__":
    main()
