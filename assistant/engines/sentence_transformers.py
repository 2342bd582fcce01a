"""Embeds with any sentence-transformers model, by name or folder; owns prefixes, prompts and its workers.

Needs the extra `sentence-transformers`, which brings torch.
"""

import asyncio
import hashlib
import re
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import ModelUnavailable
from assistant.ports import TextKind, Vectors

BATCH = 16  # texts in one run: a waiting query gets its turn after it
LONGEST = 20_000  # characters; no such model reads further
E5 = {"query": "query: ", "passage": "passage: "}
PROMPTS = {"query": ("query",), "passage": ("passage", "document")}  # names that models give their own prefixes
_SURROGATES = re.compile("[\ud800-\udfff]")


class SentenceTransformersEmbedder:
    """Wraps one model. `prefixes` {"query": ..., "passage": ...} wins over the model's own prompts; without either, a
    model with "e5" in its name gets E5's. `local` forbids downloads; `threads` bounds torch in the whole process.

    `dimension` is 0 until the model is loaded.
    """

    def __init__(
        self, model: str, *, prefixes: Mapping[TextKind, str] | None = None, threads: int = 1, local: bool = False
    ) -> None:
        self.name = f"sentence-transformers:{model}{_fingerprint(Path(model))}"
        self.dimension = 0
        self._model_name, self._prefixes, self._threads, self._local = model, prefixes, max(1, threads), local
        self._workers = {kind: ThreadPoolExecutor(1, f"embed-{kind}") for kind in ("query", "passage")}
        self._loading = threading.Lock()
        self._model: Any = None

    def warm_up(self) -> None:
        """Import torch and load the model (seconds); idempotent. Raises ModelUnavailable with what to do."""
        with self._loading:
            if self._model is not None:
                return
            try:
                torch = import_module("torch")
                from sentence_transformers import SentenceTransformer
            except ImportError as problem:
                advice = "pip install 'omotenashi[sentence-transformers]', or choose the packaged embedder"
                raise ModelUnavailable(f"sentence-transformers is not installed: {advice}") from problem
            torch.set_num_threads(self._threads)
            try:
                model = SentenceTransformer(self._model_name, device="cpu", local_files_only=self._local)
                probe = model.encode(["a"], show_progress_bar=False)
            except Exception as problem:  # a hub, a file system and torch each have their own errors
                advice = "give the name of a model that can be downloaded, or a folder that holds one"
                raise ModelUnavailable(f"cannot load {self._model_name!r}: {advice}") from problem
            self._prefixes = self._prefixes or _own_prefixes(model.prompts, self._model_name)
            self.dimension = int(probe.shape[1])
            self._model = model

    async def embed(self, texts: Sequence[str], kind: TextKind) -> Vectors:
        """Give (len(texts), dimension) float32, rows of length 1. Any `str` will do. Raises ModelUnavailable."""
        run = partial(asyncio.get_running_loop().run_in_executor, self._workers[kind])
        await run(self.warm_up)
        vectors = np.empty((len(texts), self.dimension), np.float32)
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            vectors[rows] = await run(self._run, [texts[row] for row in rows], kind)
        return vectors

    def _run(self, texts: list[str], kind: TextKind) -> Vectors:
        prefix = (self._prefixes or {}).get(kind, "")
        cleaned = [prefix + _SURROGATES.sub(" ", text[:LONGEST]) for text in texts]
        found = self._model.encode(
            cleaned, prompt="", batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(found, np.float32)


def _own_prefixes(prompts: Mapping[str, str] | None, name: str) -> dict[TextKind, str]:
    prompts = prompts or {}
    query = next((prompts[n] for n in PROMPTS["query"] if prompts.get(n)), "")
    passage = next((prompts[n] for n in PROMPTS["passage"] if prompts.get(n)), "")
    if not query and not passage and re.search(r"\be5\b", name.lower().replace("_", "-")):
        query, passage = E5["query"], E5["passage"]
    return {"query": query, "passage": passage}


def _fingerprint(folder: Path) -> str:
    """Tell apart two models that are put in the same folder one after the other."""
    if not folder.is_dir():
        return ""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    seen = "\n".join(f"{path.relative_to(folder)} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files)
    return "@" + hashlib.sha256(seen.encode()).hexdigest()[:8]
