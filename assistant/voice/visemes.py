"""Owns what the mouth does and when: shapes ``sil a i u e o N FF cl`` in seconds, from a voice's
own durations or from kana.

It makes no sound and knows no engine; durations of morae were measured by ``tests/benchmarks/voice_timing.py``.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

SHAPES = ("sil", "a", "i", "u", "e", "o", "N", "FF", "cl")

_VOWELS: Mapping[str, str] = {
    **dict.fromkeys("aɑɐæʌ", "a"), **dict.fromkeys("iɪI", "i"), **dict.fromkeys("uɯɨʊw", "u"),
    **dict.fromkeys("eɛəɜɚᵊA", "e"), **dict.fromkeys("oɔɒO", "o"),
    "W": "a", "Y": "o", "β": "u", "j": "i", "ᵝ": "u",
}
_LIPS: Mapping[str, str] = {**dict.fromkeys("pbm", "cl"), **dict.fromkeys("fvɸ", "FF")}
_PAUSES = frozenset(";:,.!?—…\"()“”«»")
_NO_LETTERS = frozenset("ʲʰˈˌ↓→↗↘̃")

_KANA_ROWS: Mapping[str, str] = {
    "a": "アカサタナハマヤラワガザダバパァャヮ", "i": "イキシチニヒミリヰギジヂビピィ",
    "u": "ウクスツヌフムユルグズヅブプゥュヴ",
    "e": "エケセテネヘメレヱゲゼデベペェ", "o": "オコソトノホモヨロヲゴゾドボポォョ",
}
_VOWEL_OF: Mapping[str, str] = {kana: vowel for vowel, row in _KANA_ROWS.items() for kana in row}
_SMALL = frozenset("ァィゥェォャュョヮ")
_LIP_KANA = frozenset("マミムメモバビブベボパピプペポ")
_TONGUE = frozenset("ナニヌネノ")
_HISSES = frozenset("サスセソ")
_SOFT_I = frozenset("キギビピミリ")
_SOFT_ALWAYS = frozenset("シジチニヒ")
_STOPS = "。．.!?！？\n"
_COMMAS = "、,;:…"
_RESTS = _STOPS + _COMMAS


@dataclass(frozen=True, slots=True)
class Timeline:
    """Starts, durations (seconds from the start of one piece of sound) and shapes; the three are equally long."""

    t: tuple[float, ...]
    d: tuple[float, ...]
    v: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """Give where the last shape ends."""
        return self.t[-1] + self.d[-1] if self.t else 0.0

    def shifted(self, seconds: float, length: float) -> "Timeline":
        """Start later (earlier if negative) and keep within 0 and ``length``."""
        spans = [(max(0.0, t + seconds), min(length, t + d + seconds), v)
                 for t, d, v in zip(self.t, self.d, self.v, strict=True)]
        return timeline_of((start, end - start, shape) for start, end, shape in spans if end - start > 0.0005)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of one shape; ``length`` in seconds at ordinary speed, ``mora``: a mora's core begins here."""

    length: float
    shape: str
    mora: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds that parts of speech take at ordinary speed; only their proportions matter once the length is known."""

    vowel: float = 0.057
    vowel_word_end: float = 0.038
    vowel_lingers: float = 0.107
    vowel_rest: float = 0.131
    vowel_last: float = 0.055
    onset: float = 0.064
    onset_lips: float = 0.069
    hiss: float = 0.083
    glide: float = 0.017
    nasal: float = 0.073
    doubled: float = 0.037
    drawn: float = 0.077
    word_end: float = 0.45
    word: float = 0.036
    comma: float = 0.424
    stop: float = 0.45

    def core(self, following: str) -> float:
        """Give a vowel's length: short at a word's end, longer before ン ー ッ, another vowel or a rest."""
        if not following:
            return self.vowel_last
        if following in _RESTS:
            return self.vowel_rest
        if following == " ":
            return self.vowel_word_end
        return self.vowel_lingers if following in "ンーッアイウエオ" else self.vowel


PACE = Pace()


def timeline_of(spans: Iterable[tuple[float, float, str]]) -> Timeline:
    """Join (start, duration, shape) in order; neighbours of one shape become one."""
    joined: list[tuple[float, float, str]] = []
    for start, duration, shape in spans:
        if joined and joined[-1][2] == shape and abs(joined[-1][0] + joined[-1][1] - start) < 1e-6:
            joined[-1] = (joined[-1][0], joined[-1][1] + duration, shape)
        else:
            joined.append((start, duration, shape))
    return Timeline(tuple(round(s, 4) for s, _, _ in joined), tuple(round(d, 4) for _, d, _ in joined),
                    tuple(v for _, _, v in joined))


def from_phonemes(phonemes: Sequence[str], seconds: Sequence[float]) -> Timeline:
    """Give the shapes of phonemes (IPA, one character each) that last so many seconds each.

    A consonant said behind the lips takes the shape of the vowel it leads to, as mouths do.
    """
    spans: list[tuple[float, float, str]] = []
    at, ahead = 0.0, [shape_of(phoneme) for phoneme in phonemes]
    for n, (shape, length) in enumerate(zip(ahead, seconds, strict=True)):
        if shape == "keep":
            shape = spans[-1][2] if spans else "sil"
        elif shape == "lead":
            coming = next((later for later in ahead[n + 1 : n + 4] if later not in ("lead", "keep")), "N")
            # Between two equal vowels the tongue touches, or the mouth would stand still.
            shape = coming if coming in "aiueo" and not (spans and spans[-1][2] == coming) else "N"
        spans.append((at, length, shape))
        at += length
    return timeline_of(span for span in spans if span[1] > 0)


def shape_of(phoneme: str) -> str:
    """Give the shape of one phoneme; ``lead``: that of what follows; ``keep``: that of what was before."""
    if phoneme in _PAUSES:
        return "sil"
    if phoneme == "ː" or phoneme in _NO_LETTERS or unicodedata.combining(phoneme):
        return "keep"
    if phoneme in "ɴŋnɲʔ":
        return "N"
    return _LIPS.get(phoneme) or _VOWELS.get(phoneme) or "lead"


def from_kana(reading: str, seconds: float, rests: Sequence[tuple[float, float]] = (), pace: Pace = PACE) -> Timeline:
    """Spread a reading in kana over ``seconds`` of sound, by the usual proportions of morae and pauses.

    ``rests`` are the (start, end) of silences heard in the sound, in order; as many as the reading has commas, or they
    are not used: then each stretch between them is spread by itself, so that no error is carried across.
    """
    spans: list[tuple[float, float, str]] = []
    for parts, start, end in stretches(reading, seconds, rests, pace):
        at, whole = start, sum(part.length for part in parts)
        for part in parts:
            share = part.length / whole * (end - start)
            spans.append((at, share, part.shape))
            at += share
    return timeline_of(spans)


def stretches(reading: str, seconds: float, rests: Sequence[tuple[float, float]],
              pace: Pace = PACE) -> list[tuple[list[Part], float, float]]:
    """Give the parts between rests, and the rests, each with start and end in seconds."""
    if seconds <= 0:
        return []
    parts = parts_of(reading, pace)
    breaks = [n for n, part in enumerate(parts) if part.shape == "sil"]
    if not parts:
        return [([Part(seconds, "sil")], 0.0, seconds)]
    if len(breaks) != len(rests) or not breaks:
        return [(parts, 0.0, seconds)]
    found: list[tuple[list[Part], float, float]] = []
    first, at = 0, 0.0
    for n, (start, end) in zip(breaks, rests, strict=True):
        found += [(parts[first:n], at, start), ([parts[n]], start, end)]
        first, at = n + 1, end
    found.append((parts[first:], at, seconds))
    return [(some, start, end) for some, start, end in found if some and end > start]


def _katakana(text: str) -> str:
    return "".join(chr(ord(c) + 0x60) if "ぁ" <= c <= "ゖ" else c for c in unicodedata.normalize("NFKC", text))


def parts_of(reading: str, pace: Pace = PACE) -> list[Part]:
    """Cut a reading in kana into what the mouth does one after the other."""
    kana = _katakana(reading)
    parts: list[Part] = []
    for n, mora in enumerate(kana):
        following = kana[n + 1] if n + 1 < len(kana) else ""
        vowel = _VOWEL_OF.get(mora)
        before = parts[-1].shape if parts else ""
        if vowel and not (mora in _SMALL and n and kana[n - 1] in _VOWEL_OF):
            glide = following in _SMALL and following != ""
            ahead = kana[n + 2 : n + 3] if glide else following
            core = Part(pace.core(ahead), _VOWEL_OF[following] if glide else vowel, True)
            parts += [*_onset(mora, core.shape, glide, pace, before), core]
        elif mora == "ン":
            parts.append(Part(pace.nasal * (pace.word_end if following == " " else 1), "N", True))
        elif mora == "ッ":
            parts.append(Part(pace.doubled, "cl" if following and following in _LIP_KANA else "N", True))
        elif mora in "ー~" and parts:
            parts.append(Part(pace.drawn * (pace.word_end if following == " " else 1), before, True))
        elif mora == " " and parts and before != "sil" and following and following not in _RESTS:
            parts.append(Part(pace.word, before))
        elif mora in _STOPS:
            parts.append(Part(pace.stop, "sil"))
        elif mora in _COMMAS:
            parts.append(Part(pace.comma, "sil"))
    return parts


def _onset(mora: str, shape: str, glide: bool, pace: Pace, before: str) -> list[Part]:
    if mora in "アイウエオ" and not glide:
        return []
    slide = pace.glide if mora in _SOFT_I or (glide and mora not in _SOFT_ALWAYS) else 0.0
    if mora in _LIP_KANA:
        return [Part(pace.onset_lips + slide, "cl")]
    if mora in "フヴ":
        return [Part(pace.onset_lips + slide, "FF")]
    behind = "u" if mora == "ワ" else "N" if before == shape or mora in _TONGUE else shape
    return [Part((pace.hiss if mora in _HISSES else pace.onset) + slide, behind)]
