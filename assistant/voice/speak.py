"""The voice's verb: a reply, while it is written, becomes utterances: what is shown, what is said, and how.

It makes no sound (engines do) and decides no tone (the customer's state does).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from assistant.ports import Manner
from assistant.voice.plain import Names, is_table, plain
from assistant.voice.reading_en import read_en
from assistant.voice.reading_ja import read_ja

LONGEST = 60
"""Code points said in one piece: about ten seconds of Japanese, so that the next piece is ready in time."""
FIRST = 30
"""The first piece is shorter: sound begins sooner."""

MANNERS: Mapping[str, Manner] = {
    "neutral": Manner(), "warm": Manner(),
    "concerned": Manner(speed=0.95, pause=1.2),
    "grave": Manner(speed=0.86, pause=1.6),
    "urgent": Manner(speed=0.95, pause=1.3),
}
"""Tone → speed and pauses: slower with longer rests in grief; in danger clear, so that a number can be written down."""

_READERS: Mapping[str, Callable[[str], str]] = {"ja": read_ja, "en": read_en}
_END = re.compile(
    r"[。！？!?]+[」』）)\]】*]*|"
    r"(?<=[\w)\]\"'”’%*])\.(?=[*)\"'”’]*\s+[A-Z\"“(*\[]|[*)\"'”’]*\s*$)[*)\"'”’]*"
)
_ITEM = re.compile(r"\s*\d{1,2}\.(?:\s|$)")
_JOINTS = ("、", "，", "; ", ", ", "：", "（")
_PAUSE_S = {"sentence": 0.35, "clause": 0.12}


@dataclass(frozen=True, slots=True)
class Utterance:
    """One piece: the caption, its spoken form, its place in the written text (code points), the rest after it (s)."""

    shown: str
    said: str
    start: int
    end: int
    pause: float


def manner(mood: str | None, urgent: bool) -> Manner:
    """Give speed and pauses for the avatar's mood; danger goes before everything."""
    if urgent:
        return MANNERS["urgent"]
    return MANNERS.get("warm" if mood == "happy" else mood or "", MANNERS["neutral"])


class Script:
    """Cuts one reply into utterances as it grows. Not to be shared between replies."""

    def __init__(self, language: str, names: Names) -> None:
        self._read = _READERS[language]
        self._names = names
        self._at = 0
        self._in_table = False
        self._first = True

    def more(self, text: str, whole: bool) -> list[Utterance]:
        """Give what has been finished since the last call; ``text`` is all that is written so far."""
        found: list[Utterance] = []
        for start, end in _finished(text, self._at, whole):
            found += self._utterances(text, start, end)
            self._at = end
        return found

    def _utterances(self, text: str, start: int, end: int) -> Iterator[Utterance]:
        piece = text[start:end]
        if is_table(piece):
            shown, self._in_table = "" if self._in_table else self._names.table, True
        else:
            shown = plain(piece, self._names)
            self._in_table = self._in_table and not piece.strip()
        for part, last in _clauses(shown, FIRST if self._first else LONGEST):
            said = self._read(part)
            if not any(c.isalnum() for c in said):
                continue
            self._first = False
            done = start + round((end - start) * last)
            yield Utterance(part, said, start, done, _PAUSE_S["sentence" if last == 1 else "clause"])


def _finished(text: str, at: int, whole: bool) -> Iterator[tuple[int, int]]:
    """Give the spans of finished sentences and lines after ``at``."""
    while at < len(text):
        newline = text.find("\n", at)
        line_end = len(text) if newline < 0 else newline + 1
        line = text[at:line_end]
        stop = None if is_table(line) else _stop(line)
        # A stop at the very end of a text that still grows may be half of "3.5" or of "。」".
        if stop and (whole or newline >= 0 or line[stop:].strip()):
            end = at + stop
        elif newline >= 0 or whole:
            end = line_end
        else:
            return
        yield at, end
        at = end


def _stop(line: str) -> int | None:
    """Give where the first sentence of a line ends; the number of a list's item is none."""
    numbered = _ITEM.match(line)
    stop = _END.search(line, numbered.end() if numbered else 0)
    return stop.end() if stop else None


def _clauses(shown: str, longest: int) -> Iterator[tuple[str, float]]:
    """Cut a long sentence at its joints; with each part goes how much of the whole has then been said."""
    at = 0
    while len(shown) - at > longest:
        window = shown[at + 6 : at + longest]
        cut = max(window.rfind(joint) + len(joint.rstrip("（")) for joint in _JOINTS if joint in window) \
            if any(joint in window for joint in _JOINTS) else 0
        if not cut or len(shown) - at - cut - 6 < 6:
            break
        at_next = at + 6 + cut
        yield shown[at:at_next].strip(), at_next / len(shown)
        at, longest = at_next, LONGEST
    if shown[at:].strip():
        yield shown[at:].strip(), 1.0
