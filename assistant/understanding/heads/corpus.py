"""Reads the messages the heads are trained on: our own corpus (``corpus.{ja,en}.txt``) and, where allowed, public data.

A corpus file is a list of groups: ``# kind route intensity valence emotion [urgent|-] [flags]``, then one message a
line. Flags: P wants a person, A abuse, V vulnerable. A kind of "-" is general prose, for the mood heads alone. A file
of conversations (``talks.{ja,en}.txt``) has one turn a line, ``V route kind intensity | text`` for the visitor's and
``A | text`` for the answers, and a blank line after each conversation. The rules of labelling are
``tests/benchmarks/moments/GUIDE.md``.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.ports import Turn
from assistant.understanding.context import in_context

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled message; ``weight`` is its share in training; a head whose label is None is not trained by it."""

    text: str
    weight: float = 1.0
    kind: str | None = None
    route: str | None = None
    urgent: str | None = None
    wish: bool | None = None
    abuse: bool | None = None
    vulnerable: bool | None = None
    intensity: float | None = None
    valence: float | None = None
    emotions: tuple[str, ...] = ()


def own(folder: Path = HERE) -> list[Example]:
    """Give our own corpus. Raises ValueError for a line that is no header or turn and has no header above it."""
    found: list[Example] = []
    for path in sorted(folder.glob("corpus.*.txt")):
        found.extend(_groups(path.read_text(encoding="utf-8").splitlines()))
    for path in sorted(folder.glob("talks.*.txt")):
        for talk in path.read_text(encoding="utf-8").split("\n\n"):
            found.extend(_turns([_turn(line) for line in talk.splitlines() if line.strip()]))
    return found


def _turn(line: str) -> tuple[Turn, Sequence[str]]:
    """Give a turn and its labels: route, kind, intensity."""
    head, bar, text = line.partition(" | ")
    who, *labels = head.split()
    if not bar or (who, len(labels)) not in (("V", 3), ("A", 0)):
        raise ValueError(f"not a turn of a conversation: {line!r}")
    return Turn("visitor" if who == "V" else "assistant", text.replace("\\n", "\n")), labels


def _turns(turns: Sequence[tuple[Turn, Sequence[str]]]) -> Iterator[Example]:
    """Give the visitor's turns, each in its context."""
    history = [turn for turn, _ in turns]
    for at, (turn, labels) in enumerate(turns):
        if labels:
            route, kind, intensity = labels
            yield Example(in_context(turn.text, history[:at]) or turn.text, kind=kind, route=route,
                          intensity=float(intensity))


def _groups(lines: Iterable[str]) -> Iterator[Example]:
    head: list[str] | None = None
    for line in lines:
        if line.startswith("# "):
            head = line[2:].split()
            continue
        if not line.strip():
            continue
        if head is None:
            raise ValueError(f"a message before the first header: {line!r}")
        yield _example(line.replace("\\n", "\n"), head)


def _example(text: str, head: list[str]) -> Example:
    if head[0] == "-":
        return Example(text, intensity=float(head[2]), valence=float(head[3]), emotions=(head[4],))
    flags = head[6] if len(head) > 6 else ""
    urgent = head[5] if len(head) > 5 and head[5] != "-" else "none"
    return Example(text, kind=head[0], route=head[1], urgent=urgent, wish="P" in flags, abuse="A" in flags,
                   vulnerable="V" in flags, intensity=float(head[2]), valence=float(head[3]), emotions=(head[4],))


def labelled(path: Path) -> list[Example]:
    """Give a file in the benchmark's form (JSON lines). Only ever called with a ``tune`` file."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        found.append(Example(row["text"], 1.0, row["kind"], row["route"], row["urgent"] or "none",
                             row["wants_person"], row["abuse"], row["vulnerable"], row["intensity"], row["valence"],
                             (row["emotion"],)))
    return found


def conversations(path: Path) -> list[Example]:
    """Give a file of conversations in the benchmark's form. Only ever called with a ``tune`` file."""
    found: list[Example] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        labels = {one["turn"]: (one["route"], one["kind"], str(one["intensity"])) for one in row["labels"]}
        found.extend(_turns([(Turn("visitor" if turn["from"] == "visitor" else "assistant", turn["text"]),
                              labels.get(at, ())) for at, turn in enumerate(row["turns"])]))
    return found


def tuning(folder: Path) -> list[Example]:
    """Give the ``tune`` files of a benchmark's folder: messages and conversations."""
    return [one for path in sorted(folder.glob("*.tune.jsonl"))
            for one in (conversations if "conversations" in path.name else labelled)(path)]


EKMAN = {name: label for label, names in {
    "anger": "anger annoyance disapproval", "disgust": "disgust", "fear": "fear nervousness",
    "joy": "joy amusement approval excitement gratitude love optimism relief pride admiration desire caring",
    "sadness": "sadness disappointment embarrassment grief remorse",
    "surprise": "surprise realization confusion curiosity", "neutral": "neutral"}.items() for name in names.split()}
"""GoEmotions' labels in Ekman's groups, as its authors group them."""

PLEASANT = {
    "admiration": 0.7, "amusement": 0.6, "anger": -0.75, "annoyance": -0.5, "approval": 0.4, "caring": 0.4,
    "confusion": -0.15, "curiosity": 0.05, "desire": 0.3, "disappointment": -0.6, "disapproval": -0.45,
    "disgust": -0.75, "embarrassment": -0.5, "excitement": 0.75, "fear": -0.7, "gratitude": 0.75, "grief": -0.9,
    "joy": 0.85, "love": 0.85, "nervousness": -0.45, "optimism": 0.5, "pride": 0.6, "realization": 0.0,
    "relief": 0.4, "remorse": -0.6, "sadness": -0.75, "surprise": 0.1, "neutral": 0.0}
"""How pleasant each of GoEmotions' labels is, −1…1: our own judgement."""


def goemotions(path: Path, labels: Path, weight: float) -> list[Example]:
    """Give a GoEmotions file (Apache-2.0): emotion in Ekman's groups, and valence."""
    names = labels.read_text(encoding="utf-8").split()
    found = []
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line:
            text, ids, _ = line.split("\t")
            mine = [names[int(one)] for one in ids.split(",")]
            groups = tuple(dict.fromkeys(EKMAN[one] for one in mine))
            found.append(Example(text, weight, valence=sum(PLEASANT[one] for one in mine) / len(mine), emotions=groups))
    return found


CHARGED_BANKING = frozenset("compromised_card lost_or_stolen_card lost_or_stolen_phone".split())
DOUBTFUL_BANKING = frozenset(
    "card_payment_not_recognised cash_withdrawal_not_recognised direct_debit_payment_not_recognised card_swallowed "
    "transaction_charged_twice wrong_amount_of_cash_received transfer_not_received_by_recipient balance_not_updated "
    "pin_blocked declined_card_payment Refund_not_showing_up extra_charge_on_statement passcode_forgotten "
    "wrong_exchange_rate_for_cash_withdrawal card_payment_wrong_exchange_rate failed_transfer declined_transfer "
    "declined_cash_withdrawal cancel_transfer reverted_card_payment? beneficiary_not_allowed top_up_failed "
    "card_not_working terminate_account".split())
CHARGED_CLINC = frozenset("report_fraud report_lost_card freeze_account account_blocked damaged_card lost_luggage "
                          "card_declined".split())


def banking77(path: Path, routine_only: bool = True) -> list[tuple[str, str]]:
    """Give (text, intent) of Banking77 (CC BY 4.0), without the intents that report harm or failure."""
    with path.open(encoding="utf-8") as file:
        rows = [(row["text"], row["category"]) for row in csv.DictReader(file)]
    return [row for row in rows if not routine_only or row[1] not in CHARGED_BANKING | DOUBTFUL_BANKING]


def clinc150(path: Path) -> list[tuple[str, str]]:
    """Give (text, intent) of CLINC150 (CC BY 3.0), without the intents that report harm."""
    data = json.loads(path.read_text(encoding="utf-8"))
    return [(text, intent) for part in sorted(data) for text, intent in data[part] if intent not in CHARGED_CLINC]


def asdc(folder: Path) -> list[str]:
    """Give the customers' messages of ASDC's hotel chats (CC BY 4.0)."""
    found = []
    for path in sorted(folder.glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            speaker, _, text = line.partition("\t")
            if speaker.startswith("customer"):
                found.append(text.replace("│", "").replace("▁", "\n"))
    return found


def bitext(path: Path) -> list[tuple[str, str]]:
    """Give (text, intent) of Bitext's customer-service requests (CDLA-Sharing-1.0)."""
    with path.open(encoding="utf-8") as file:
        return [(row["utterance"], row["intent"]) for row in csv.DictReader(file)]


def public(data: Path) -> list[Example]:
    """Give the part of the public sets that is trained on (even rows); odd rows are for measuring."""
    calm = {"route": "answer", "wish": False, "abuse": False, "intensity": 0.05}
    found = goemotions(data / "goemotions" / "train.tsv", data / "goemotions" / "labels.txt", 0.3)
    routine = [text for text, _ in banking77(data / "banking77" / "train.csv")[::2]]
    routine += [text for text, _ in clinc150(data / "clinc150" / "data_full.json")[::2]]
    found += [Example(text, 0.4, kind="none", **calm) for text in routine]  # type: ignore[arg-type]
    found += [Example(text, 0.2, kind="none", valence=0.0, **calm)  # type: ignore[arg-type]
              for text in asdc(data / "asdc")[::2]]
    for text, intent in bitext(data / "bitext" / "train.csv"):
        if intent == "contact_human_agent":
            found.append(Example(text, 0.3, kind="none", route="hand_off", wish=True, intensity=0.3))
        elif intent not in ("complaint", "payment_issue", "contact_customer_service", "registration_problems"):
            found.append(Example(text, 0.1, wish=False))
    return found
