"""Chooses the pieces that Japanese and English text needs and writes them down; owns which scripts are kept."""

from pathlib import Path

import numpy as np

from assistant.engines.models.build_source import Source

SPECIAL = 4  # <s> <pad> </s> <unk> keep their numbers
META = "\u2581"  # the metaspace that stands for a blank

# Pieces made only of these are kept whole, so any text made only of these is cut exactly as by the full vocabulary.
KEPT = (
    (0x0000, 0x0100),  # ASCII, Latin-1
    (0x2000, 0x2C00),  # punctuation, currency, arrows, mathematics, box drawing, shapes, dingbats (and the metaspace)
    (0x3000, 0x3100),  # CJK punctuation, kana
    (0x31F0, 0x4DC0),  # kana extensions, enclosed and squared forms, kanji extension A
    (0x4E00, 0xA000),  # kanji
    (0xF900, 0xFB00),  # compatibility kanji
    (0xFE00, 0xFE70),  # variation selectors, vertical and small forms
    (0xFF00, 0x10000),  # full-width and half-width forms
    (0x1F000, 0x32000),  # emoji, rarer kanji
)
HANGUL = (0xAC00, 0xD7B0)


def choose(source: Source) -> list[int]:
    """Give the numbers of the kept pieces, ascending. Of other scripts the single characters stay, but for Hangul."""
    last = len(source.pieces) - 1  # <mask>
    return [i for i, piece in enumerate(source.pieces) if i < SPECIAL or (i != last and _kept(piece))]


def _kept(piece: str) -> bool:
    bare = piece.removeprefix(META) or piece
    if len(piece) == 1 and not HANGUL[0] <= ord(piece) < HANGUL[1]:
        return True
    return bool(bare) and all(any(low <= ord(c) < high for low, high in KEPT) for c in bare)


def write(source: Source, kept: list[int], path: Path) -> None:
    """Write one `piece<TAB>score` line per kept piece; the line's number is the token's number."""
    lines = (f"{source.pieces[i]}\t{np.float32(source.scores[i])!s}\n" for i in kept)
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
