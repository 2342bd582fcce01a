"""Holds a writer to its sources: a claim without support or with a number that no source has does not go out.

It judges finished sentences; it writes nothing itself.
"""

import re
import unicodedata
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from assistant.reply.sentences import split_sentences, terms

MARK = re.compile(r"\[(\d{1,2})\]")
_NUMBER = re.compile(r"\d[\d,.:/\-]*\d|\d")
_SENTENCE_END = re.compile(
    r"[。！？!?](?:\s*\[\d{1,2}\])*(?=[^\s\[」』）)]|\s+[^\s\[])|[.](?:\s*\[\d{1,2}\])*\s+(?=[A-Z*\-0-9])"
)
CITED_SUPPORT = 0.30
"""Share of a cited sentence's terms that its sources must hold (tuned on the scripted replies of the tests)."""
UN_SENTENCE_END = re.compile(
    r"[。！？!?](?:\s*\[\d{1,2}\])*(?=[^\s\[」』）)]|\s+[^\s\[])|[.](?:\s*\[\d{1,2}\])*\s+(?=[A-Z*\-0-9])"
)
CITED_SUPPORT = 0.60
UNCITED_SUPPORT = 0.60
COURTESY_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Source:
    """A numbered source as the gate sees it: its terms and its numbers."""

    n: int
    terms: frozenset[str]
    numbers: frozenset[str]


def source(n: int, text: str) -> Source:
    """Prepare a source; ``text`` is everything the citation shows (title, headings, passage)."""
    return Source(n, terms(text), numbers(text))


def numbers(text: str) -> frozenset[str]:
    """Give every number in a text in one form: half-width, no thousands commas, no closing punctuation."""
    folded = unicodedata.normalize("NFKC", text)
    return frozenset(found.replace(",", "").strip(".:/-") for found in _NUMBER.findall(MARK.sub("", folded)))


def approve(sentence: str, sources: Sequence[Source], *, edge: bool) -> str | None:
    """Give the sentence as it may go out (a citation is added where one source clearly carries it), or None.

    ``edge`` is true for a reply's first and last sentence, where a short courtesy without any number is welcome.
    """
    cited = {int(n) for n in MARK.findall(sentence)}
    claimed = terms(MARK.sub("", sentence))
    held = numbers(sentence)
    by_number = {item.n: item for item in sources}
    if cited and cited <= set(by_number):
        known = frozenset().union(*(by_number[n].numbers for n in cited))
        about = frozenset().union(*(by_number[n].terms for n in cited))
        supported = not claimed or len(claimed & about) / len(claimed) >= CITED_SUPPORT
        return sentence if held <= known and supported else None
    if cited:
        return None
    best = max(sources, key=lambda item: len(claimed & item.terms), default=None)
    if best and claimed and held <= best.numbers and len(claimed & best.terms) / len(claimed) >= UNCITED_SUPPORT:
        return f"{sentence} [{best.n}]"
    if edge and not held and len(sentence) <= COURTESY_LENGTH:
        return sentence
    return None


async def gate(pieces: AsyncIterator[str], sources: Sequence[Source], forbidden: Sequence[str]) -> AsyncIterator[str]:
    """Pass a writer's stream on sentence by sentence, dropping what is not supported or is a forbidden phrase."""
    buffer, first = "", True
    async for piece in pieces:
        buffer += piece
        while cut := _cut(buffer):
            sentence, buffer = buffer[:cut], buffer[cut:]
            if passed := _judge(sentence, sources, forbidden, edge=first):
                yield passed
            first = False
    if buffer.strip() and (passed := _judge(buffer, sources, forbidden, edge=True)):
        yield passed


def _cut(buffer: str) -> int:
    """Find where the first whole sentence (with the citation marks behind it) or line ends; 0 if not there yet."""
    newline = buffer.find("\n")
    end = _SENTENCE_END.search(buffer)
    places = [place for place in (newline + 1 if newline >= 0 else 0, end.end() if end else 0) if place]
    return min(places, default=0)


def _judge(sentence: str, sources: Sequence[Source], forbidden: Sequence[str], *, edge: bool) -> str | None:
    body = sentence.strip()
    if not body:
        return sentence
    if any(phrase in body for phrase in forbidden):
        return None
    passed = approve(body, sources, edge=edge)
    if passed is None:
        return None
    tail = sentence[len(sentence.rstrip()) :]
    return passed + (tail or ("" if re.search(r"[。！？]$|[。！？]\s*\[\d+\]$", body) else " "))


def supported(text: str, sources: Sequence[Source]) -> bool:
    """Tell whether every sentence of a whole reply would pass; used by tests and by ``check``."""
    sentences = split_sentences(text)
    last = len(sentences) - 1
    return all(approve(s, sources, edge=i in (0, last)) is not None for i, s in enumerate(sentences))
