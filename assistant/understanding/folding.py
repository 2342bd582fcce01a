"""Brings a message into the one spelling that cues are compared in, keeping the way back to the original letters.

NFKC, lower case, katakana as hiragana, long vowels spelled out, straight quotes. It knows no words.
"""

import unicodedata
from dataclasses import dataclass

_VOWELS = {vowel: row for vowel, row in zip(
    "あいうえお",
    ("あかさたなはまやらわがざだばぱぁゃゎ", "いきしちにひみりぎじぢびぴぃ", "うくすつぬふむゆるぐずづぶぷぅゅゔ",
     "えけせてねへめれげぜでべぺぇ", "おこそとのほもよろをごぞどぼぽぉょ"), strict=True)}
_LONG = {kana: vowel for vowel, row in _VOWELS.items() for kana in row}
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "´": "'", "`": "'", "‐": "-", "–": "-", "—": "-"})
_JOINING = ("\uff9e", "\uff9f")  # half-width voicing marks, which NFKC joins to the letter before them


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text; letter ``i`` of it comes from ``original[starts[i]:ends[i]]``."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the original span of a folded one that is not empty."""
        return self.starts[start], self.ends[end - 1]


def fold(text: str) -> Folded:
    """Fold ``text``; never raises, whatever it holds."""
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _clusters(text):
        for letter in _fold_cluster(text[start:end], letters[-1] if letters else ""):
            letters.append(letter)
            starts.append(start)
            ends.append(end)
    return Folded("".join(letters), tuple(starts), tuple(ends))


def folded(text: str) -> str:
    """Fold without the way back."""
    return fold(text).text


def _clusters(text: str) -> list[tuple[int, int]]:
    if text.isascii():
        return [(i, i + 1) for i in range(len(text))]
    found: list[tuple[int, int]] = []
    start = 0
    for i in range(1, len(text) + 1):
        if i < len(text) and (text[i] in _JOINING or unicodedata.combining(text[i])) and i - start < 8:
            continue
        found.append((start, i))
        start = i
    return found


def _fold_cluster(cluster: str, before: str) -> str:
    if len(cluster) == 1 and cluster < "\x80":
        return " " if cluster in "\t\r\x0b\x0c" else cluster.lower()
    text = unicodedata.normalize("NFKC", cluster).lower().translate(_QUOTES)
    out = ""
    for letter in text:
        previous = out[-1] if out else before
        if "ァ" <= letter <= "ヶ":
            letter = chr(ord(letter) - 0x60)
        elif letter in "ー〜~" and previous in _LONG:
            letter = _LONG[previous]
        out += letter
    return out
