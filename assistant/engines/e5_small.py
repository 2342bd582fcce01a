"""The shipped embedding engine: multilingual-e5-small in int8 on onnxruntime. Owns its session, workers and batches.

Texts of equal token length share a run, so nothing is padded and a vector depends on its text alone. In the mean over
tokens, prefix and special tokens do not count and common pieces count less: see models/CARD.md.
"""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from assistant.engines.unigram import Unigram
from assistant.errors import ModelUnavailable
from assistant.ports import TextKind, Vectors

SHIPPED = Path(__file__).parent / "models" / "e5_small"
LIMIT = 512  # tokens; the end of a longer text is not seen
RUN_TOKENS = 512  # most tokens in one run: about 70 ms on one core
CUT_TOGETHER = 16  # texts cut into tokens in one turn of a worker
KINDS: tuple[TextKind, ...] = ("query", "passage")
_Run = Callable[[list[list[int]], TextKind], Vectors]


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What is in memory; `worth` says how much each piece counts in the mean, `prefix` how many tokens a prefix has."""

    unigram: Unigram
    encoder: onnxruntime.InferenceSession
    mood: onnxruntime.InferenceSession
    worth: NDArray[np.float32]
    prefix: Mapping[TextKind, int]


class E5Small:
    """Embeds Japanese and English text on the CPU; safe to share between tasks, threads and event loops.

    Queries and passages have workers of their own, so an ingest never stands in a query's way. `threads` (>= 1) is
    the number of each; every run uses one thread and none spins while it waits.
    """

    def __init__(self, threads: int = 1, folder: Path = SHIPPED) -> None:
        """Look at the model's identity only. Raises ModelUnavailable if the folder holds no model."""
        self._folder = folder
        try:
            identity = json.loads((folder / "identity.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as problem:
            raise ModelUnavailable(_advice(folder)) from problem
        self.name: str = identity["name"]
        self.dimension: int = identity["dimension"]
        self._columns: int = identity["columns"]
        self._commonness: float = identity["commonness"]
        self._threads = max(1, threads)
        self._workers = {kind: ThreadPoolExecutor(self._threads, f"embed-{kind}") for kind in KINDS}
        self._loading = threading.Lock()
        self._loaded: _Loaded | None = None

    def warm_up(self) -> None:
        """Load vocabulary and weights (a quarter of a second); idempotent. Raises ModelUnavailable."""
        self._parts()

    async def embed(self, texts: Sequence[str], kind: TextKind) -> Vectors:
        """Give (len(texts), dimension) float32, rows of length 1. Any `str` will do. Raises ModelUnavailable."""
        return await self._all(texts, kind, self._embed, self.dimension)

    async def listen(self, texts: Sequence[str]) -> Vectors:
        """Give each message's "query" embedding and its mood, side by side: see ``ports.Listener``."""
        return await self._all(texts, "query", self._listen, self.dimension + self._columns)

    async def _all(self, texts: Sequence[str], kind: TextKind, run: _Run, width: int) -> Vectors:
        loop, workers = asyncio.get_running_loop(), self._workers[kind]
        if len(texts) == 1:
            return await loop.run_in_executor(workers, lambda: run(self._cut(texts, kind), kind))
        vectors = np.empty((len(texts), width), np.float32)
        cut: list[list[int]] = []
        for start in range(0, len(texts), CUT_TOGETHER):
            cut += await loop.run_in_executor(workers, self._cut, texts[start : start + CUT_TOGETHER], kind)
        batches = _batches(cut)

        async def take_turns() -> None:
            for rows in batches:  # one iterator for all: whoever is free takes the next batch
                vectors[rows] = await loop.run_in_executor(workers, run, [cut[row] for row in rows], kind)

        await asyncio.gather(*(take_turns() for _ in range(self._threads)))
        return vectors

    def _cut(self, texts: Sequence[str], kind: TextKind) -> list[list[int]]:
        unigram = self._parts().unigram
        return [unigram.encode(f"{kind}: {text}", LIMIT) for text in texts]

    def _embed(self, cut: list[list[int]], kind: TextKind) -> Vectors:
        """Embed token numbers; all rows are of one length."""
        parts = self._parts()
        (vectors,) = parts.encoder.run(["embedding"], self._fed(cut, kind))
        return np.asarray(vectors, np.float32)

    def _listen(self, cut: list[list[int]], kind: TextKind) -> Vectors:
        """Embed token numbers and read their mood; all rows are of one length."""
        parts = self._parts()
        vectors, middle = parts.encoder.run(["embedding", "middle"], self._fed(cut, kind))
        (mood,) = parts.mood.run(["mood"], {"middle": middle})
        return np.concatenate([vectors, mood], axis=1, dtype=np.float32)

    def _fed(self, cut: list[list[int]], kind: TextKind) -> dict[str, NDArray[Any]]:
        parts, ids = self._parts(), np.array(cut, np.int64)
        weights = parts.worth[ids]
        weights[:, : 1 + parts.prefix[kind]] = weights[:, -1] = 0
        weights[~weights.any(axis=1)] = 1  # nothing but the prefix
        return {"input_ids": ids, "weights": weights[:, None]}

    def _parts(self) -> _Loaded:
        with self._loading:
            if self._loaded is None:
                try:
                    self._loaded = self._load()
                except Exception as problem:  # onnxruntime has no error tree of its own
                    raise ModelUnavailable(_advice(self._folder)) from problem
            return self._loaded

    def _load(self) -> _Loaded:
        unigram = Unigram(self._folder / "vocabulary.txt")
        worth = (self._commonness / (self._commonness + unigram.likelihoods())).astype(np.float32)
        prefix = {kind: len(unigram.encode(f"{kind}:", LIMIT)) - 2 for kind in KINDS}
        encoder, mood = (_session(self._folder / f"{name}.onnx") for name in ("model", "mood"))
        return _Loaded(unigram, encoder, mood, worth, prefix)


def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_mem_pattern = False  # lengths differ from run to run
    options.enable_cpu_mem_arena = False  # hands memory back after every run, at no cost that shows
    options.log_severity_level = 3
    # The graph is drawn as it should run: fusing additions into SkipLayerNormalization would slow it by a quarter.
    return onnxruntime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"], disabled_optimizers=["SkipLayerNormFusion"]
    )


def _batches(cut: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Group row numbers by equal length, shortest first, at most RUN_TOKENS tokens to a group."""
    rows: list[int] = []
    for row in sorted(range(len(cut)), key=lambda r: len(cut[r])):
        length = len(cut[row])
        if rows and (length != len(cut[rows[0]]) or length * (len(rows) + 1) > RUN_TOKENS):
            yield rows
            rows = []
        rows.append(row)
    if rows:
        yield rows


def _advice(folder: Path) -> str:
    return f"The embedding model in {folder} is missing or damaged. Reinstall omotenashi, or choose another embedder."
