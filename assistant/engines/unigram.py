"""Cuts text into the pieces of a unigram vocabulary, as SentencePiece does for XLM-R. Owns normalisation and the cut.

The `tokenizers` package gives the same numbers but holds 106 MB for this vocabulary; this holds 20.
"""

import re
import unicodedata
from array import array
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

START, END, UNKNOWN = 0, 2, 3  # <s>, </s>, <unk>
META = "\u2581"  # stands for a blank
LONGEST = 16  # characters of the longest piece
UNKNOWN_PENALTY = 10.0  # below the least likely piece (SentencePiece's kUnkPenalty)

# SentencePiece's "nmt" rules: control characters vanish, odd blanks become blanks; a full-width tilde survives NFKC.
_GONE = [*range(0x1, 0x9), 0xB, *range(0xE, 0x20), 0x7F, 0x8F, 0x9F]
_BLANK = [0x9, 0xA, 0xC, 0xD, 0x1680, *range(0x200B, 0x2010), 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD]
_TILDE, _STAND_IN = "\uff5e", "\ue000"
_NMT = {**dict.fromkeys(_GONE), **dict.fromkeys(_BLANK, " "), ord(_TILDE): _STAND_IN, 0: None}
_BLANKS = re.compile(" {2,}")
_SURROGATES = re.compile("[\ud800-\udfff]")


def normalise(text: str) -> str:
    """Give the text as the model saw text in training: NFKC, single blanks, none at the ends. Accepts any `str`."""
    text = _SURROGATES.sub(" ", text).translate(_NMT)
    text = unicodedata.normalize("NFKC", text).replace(_STAND_IN, _TILDE)
    return _BLANKS.sub(" ", text).strip()


class Unigram:
    """The vocabulary and the most likely cut of a text by it."""

    def __init__(self, path: Path) -> None:
        """Read `piece<TAB>score` lines; the line's number is the token's number. Raises OSError or ValueError."""
        self._scores = array("d")
        self._numbers: dict[str, int] = {}
        self._reach: dict[str, int] = {}
        with path.open(encoding="utf-8", newline="\n") as lines:
            for number, line in enumerate(lines):
                piece, _, score = line.rstrip("\n").rpartition("\t")
                self._scores.append(float(score))
                if number > UNKNOWN:
                    self._numbers[piece] = number
                    self._reach[piece[0]] = max(self._reach.get(piece[0], 1), len(piece))
        self._unknown = min(self._scores) - UNKNOWN_PENALTY

    def __len__(self) -> int:
        return len(self._scores)

    def likelihoods(self) -> NDArray[np.float64]:
        """Give how likely each piece is in the text the vocabulary was made from, 0..1; 1 for special tokens."""
        return np.exp(np.frombuffer(self._scores))

    def encode(self, text: str, limit: int) -> list[int]:
        """Give token numbers with <s> and </s>, at most `limit` (>= 2) of them; the end of a longer text is dropped."""
        room = limit - 2
        whole = normalise(text[: room * LONGEST * 2])[: room * LONGEST]
        return [START, *self._cut(META + whole.replace(" ", META))[:room], END]

    def _cut(self, text: str) -> list[int]:
        """Viterbi over all pieces that match at each place; an unknown character is a token of its own."""
        size, find, scores = len(text), self._numbers.get, self._scores
        best = [-1e300] * (size + 1)
        best[0] = 0.0
        came = [(0, UNKNOWN)] * (size + 1)
        for start in range(size):
            so_far = best[start]
            for end in range(start + 1, min(size, start + self._reach.get(text[start], 1)) + 1):
                number = find(text[start:end])
                if number is not None and so_far + scores[number] > best[end]:
                    best[end], came[end] = so_far + scores[number], (start, number)
            if so_far + self._unknown > best[start + 1]:
                best[start + 1], came[start + 1] = so_far + self._unknown, (start, UNKNOWN)
        return _walk_back(came)


def _walk_back(came: list[tuple[int, int]]) -> list[int]:
    """Follow the best way from the end; neighbouring unknown characters count as one token."""
    numbers: list[int] = []
    place = len(came) - 1
    while place:
        place, number = came[place]
        if number != UNKNOWN or not numbers or numbers[-1] != UNKNOWN:
            numbers.append(number)
    return numbers[::-1]
