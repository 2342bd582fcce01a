"""Turns a message into numbers for the heads: cue hits, the look of the text, hashed pieces of words.

The order of the numbers is part of the trained arrays; changing anything here means training again (``VERSION``).
"""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from assistant.understanding.cues import Found, sentences
from assistant.understanding.folding import folded
from assistant.understanding.romaji import is_romaji, to_kana

VERSION = 1
BUCKETS = 1 << 13
CODES = ("hint.loss", "rule.danger", "rule.death", "rule.loss", "rule.scam", "rule.self_harm", "rule.privacy",
         "sign.abuse", "sign.anger", "sign.discrimination", "sign.fear", "sign.hardship", "sign.joy", "sign.leaving",
         "sign.legal", "sign.missed", "sign.sadness", "sign.stranded", "sign.unclear", "sign.vulnerable", "straw.again",
         "straw.promise", "straw.sarcasm", "straw.ultimatum", "straw.wait", "talk.bot_question",
         "talk.complaint_about_bot", "talk.thanks", "wish.person")
FRAMES = ("hypothetical", "routine", "settled")
SURFACE = ("letters", "sentences", "exclaims", "question", "shouts", "emoji", "japanese", "romaji", "dots", "digits")
DENSE = tuple([*CODES, *(f"{code}?" for code in CODES), *FRAMES, *SURFACE])
"""Names of the dense numbers, in order; ``code?`` is a cue that only asks in general."""

LONGEST = 2000
_WORD = re.compile(r"[a-z0-9']+")
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Features:
    """``dense`` in the order of DENSE; ``buckets`` and ``weights`` are the hashed pieces, L2-normalised."""

    dense: NDArray[np.float32]
    buckets: NDArray[np.int64]
    weights: NDArray[np.float32]


def features(text: str, found: Sequence[Found], frames: Sequence[str]) -> Features:
    """Give the numbers of one message; ``found`` and ``frames`` are what ``Cues.search`` gave for it."""
    names = {f"{one.code}?" if one.framed else one.code for one in found}
    dense = [1.0 if name in names else 0.0 for name in (*CODES, *(f"{code}?" for code in CODES))]
    dense += [1.0 if name in frames else 0.0 for name in FRAMES]
    buckets, weights = pieces(text)
    return Features(np.array(dense + surface(text), np.float32), buckets, weights)


def surface(text: str) -> list[float]:
    """Give the look of the text, each number between 0 and about 1."""
    shown = text[:LONGEST]
    letters = [letter for letter in shown if letter.isalpha()]
    upper = sum(letter.isupper() for letter in letters)
    count = len(sentences(shown))
    cjk = len(_CJK.findall(shown))
    return [
        min(1.0, len(text) / 400), min(1.0, count / 10),
        min(1.0, (shown.count("!") + shown.count("！")) / 3), 1.0 if re.search(r"[?？]|か[。\s]*$", shown) else 0.0,
        1.0 if len(letters) >= 5 and upper / len(letters) > 0.6 and not cjk else 0.0,
        min(1.0, len(_EMOJI.findall(shown)) / 3), 1.0 if cjk else 0.0, 1.0 if is_romaji(text) else 0.0,
        1.0 if "…" in shown or "..." in shown else 0.0, 1.0 if re.search(r"\d", shown) else 0.0,
    ]


def pieces(text: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Hash word pieces: runs of 1–4 letters of Japanese, words, pairs of words and word beginnings of English."""
    plain = folded(to_kana(text) if is_romaji(text) else text)[:LONGEST]
    names: list[str] = []
    for run in re.findall(r"[\u3040-\u30ff\u3400-\u9fff]+", plain):
        for size in (1, 2, 3, 4):
            names.extend(run[i:i + size] for i in range(len(run) - size + 1))
    words = _WORD.findall(plain)
    names.extend("w" + word for word in words)
    names.extend(f"b{one} {two}" for one, two in pairwise(words))
    names.extend("p" + word[:5] for word in words if len(word) > 5)
    if not names:
        return np.zeros(0, np.int64), np.zeros(0, np.float32)
    hashed = np.array([zlib.crc32(name.encode("utf-8", "replace")) % BUCKETS for name in names], np.int64)
    buckets, counts = np.unique(hashed, return_counts=True)
    weights = 1.0 + np.log(counts)
    return buckets, (weights / np.sqrt((weights * weights).sum())).astype(np.float32)
