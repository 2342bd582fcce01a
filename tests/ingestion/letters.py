"""A small deterministic embedder for tests: hashed letter pairs, no model to load."""

import zlib
from collections.abc import Sequence

import numpy as np

from assistant.errors import ModelUnavailable
from assistant.ports import TextKind, Vectors


class Letters:
    """Near texts share letter pairs; ``asked`` keeps what was embedded, ``broken`` makes it fail."""

    def __init__(self, name: str = "letters-256", dimension: int = 256) -> None:
        self.name = name
        self.dimension = dimension
        self.asked: list[str] = []
        self.broken = False

    def warm_up(self) -> None:
        """Nothing to load."""

    async def embed(self, texts: Sequence[str], kind: TextKind) -> Vectors:
        """Give one row per text."""
        if self.broken:
            raise ModelUnavailable("told to fail")
        self.asked.extend(texts)
        rows = np.full((len(texts), self.dimension), 1e-6, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            lower = text.lower()
            for start in range(len(lower) - 1):
                row[zlib.crc32(lower[start : start + 2].encode("utf-8", "replace")) % self.dimension] += 1
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)
