"""The rules of ``omotenashi check`` that look at pages alone; golden questions and reach are ``lint``'s."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import PurePosixPath
from typing import Any, Literal
from urllib.parse import unquote

from assistant.ingestion.claims import figures, masked, numbers
from assistant.ingestion.passages import headings, plain
from assistant.knowledge import Page, Passage
from assistant.phrases import LANGUAGES

SOON = timedelta(days=30)
STALE = timedelta(days=365)
_LINK = re.compile(r"(?<!!)\[[^\[\]\n]{0,300}\]\(\s{0,3}<?([^)\s>]{1,2000})>?[^)\n]{0,300}\)")
_SENTENCE = re.compile(r"[^。\n|]+[。|\n]?")

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something for the content team: ``line`` from 1, or 0 for the whole file."""

    file: str
    line: int
    rule: str
    message: str
    level: Level = "warning"

    def text(self) -> str:
        """Give ``file:line: rule: message``."""
        return f"{self.file}:{self.line}: {self.rule}: {self.message}"

    def as_json(self) -> dict[str, Any]:
        """Give the finding as JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Book:
    """All pages with what rules need: ``line_of(page, text)`` finds a text's line in the page's file."""

    pages: Mapping[str, Page]
    passages: Sequence[Passage]
    line_of: Callable[[str, str], int]
    today: date


def file_of(page_id: str) -> str:
    """Give the file of a page or of a row."""
    return page_id.partition("#")[0]


def dates(book: Book) -> Iterator[Finding]:
    """Pages that have run out, will within 30 days, or were not reviewed for a year."""
    for page in book.pages.values():
        file = file_of(page.id)
        if page.valid_until and page.valid_until < book.today:
            yield Finding(file, book.line_of(page.id, "valid_until"), "expired",
                          f"{page.id} ran out on {page.valid_until} and is not shown", "error")
        elif page.valid_until and page.valid_until - book.today <= SOON:
            yield Finding(file, book.line_of(page.id, "valid_until"), "expires-soon",
                          f"{page.id} runs out on {page.valid_until}")
        if page.reviewed and book.today - page.reviewed > STALE:
            yield Finding(file, book.line_of(page.id, "reviewed"), "stale", f"last reviewed on {page.reviewed}")
        if page.valid_from and page.valid_until and page.valid_from > page.valid_until:
            line = book.line_of(page.id, "valid_from")
            yield Finding(file, line, "dates", "valid_from is after valid_until", "error")


def links(book: Book) -> Iterator[Finding]:
    """Links to pages or headings of this folder that are not there."""
    anchors = {page.id: {heading.anchor for heading in headings(page.markdown)} for page in book.pages.values()}
    files = {file_of(name) for name in book.pages}
    for page in book.pages.values():
        for target in _LINK.findall(page.markdown):
            if re.match(r"[a-z][a-z0-9+.-]*:|//|/", target, re.IGNORECASE):
                continue
            path, _, anchor = unquote(target).partition("#")
            to = _resolve(file_of(page.id), path) if path else page.id
            line = book.line_of(page.id, target)
            if to is None or (to not in files and to not in book.pages):
                yield Finding(file_of(page.id), line, "link", f"{target}: there is no such page", "error")
            elif anchor and anchor not in anchors.get(to, set()) and f"{to}#{anchor}" not in book.pages:
                yield Finding(file_of(page.id), line, "anchor", f"{target}: {to} has no heading #{anchor}", "error")


def twins(book: Book) -> Iterator[Finding]:
    """Pages without a twin in the other language, and twins that state different figures under the same anchor."""
    if not all(any(name.startswith(f"{language}/") for name in book.pages) for language in LANGUAGES):
        return
    said: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
    for passage in book.passages:
        table = said[passage.page]
        table[passage.anchor] = table.get(passage.anchor, frozenset()) | figures(passage.text)
    for name in book.pages:
        language, _, rest = name.partition("/")
        if language not in LANGUAGES:
            continue
        other = LANGUAGES[1 - LANGUAGES.index(language)]
        if f"{other}/{rest}" not in book.pages:
            yield Finding(file_of(name), 0, "no-twin", f"{name} has no twin {other}/{rest}")
        elif language == LANGUAGES[0]:
            yield from _against_twin(book, name, f"{other}/{rest}", said)


def _against_twin(book: Book, name: str, twin: str,
                  said: Mapping[str, Mapping[str, frozenset[str]]]) -> Iterator[Finding]:
    for anchor in [anchor for anchor in said.get(name, {}) if anchor in said.get(twin, {})]:
        here, there = said[name][anchor], said[twin][anchor]
        for kind in ("yen", "percent", "telephone", "date"):
            left = {figure for figure in here - there if figure.startswith(kind)}
            right = {figure for figure in there - here if figure.startswith(kind)}
            if left and right:
                yield Finding(file_of(name), book.line_of(name, f"#{anchor}") if anchor else 0, "contradiction",
                              f"#{anchor} says {', '.join(sorted(left))}, its twin {twin} {', '.join(sorted(right))}")


def contradictions(book: Book) -> Iterator[Finding]:
    """Sentences and table rows of two pages in one language that are alike but for their numbers."""
    said: dict[tuple[str, str], tuple[str, tuple[str, ...], str]] = {}
    for passage in book.passages:
        for sentence in _SENTENCE.findall(plain(passage.text)):
            found = numbers(sentence)
            key = (passage.language, masked(sentence))
            if not found or len(key[1]) < 14:
                continue
            first = said.setdefault(key, (passage.page, found, sentence.strip()))
            if first[1] != found and file_of(first[0]) != file_of(passage.page):
                yield Finding(file_of(passage.page), book.line_of(passage.page, sentence.strip()), "contradiction",
                              f"“{sentence.strip()[:60]}”, but {first[0]} says “{first[2][:60]}”")


def duplicates(book: Book) -> Iterator[Finding]:
    """Passages and FAQ questions that say the same twice."""
    texts: dict[tuple[str, str], Passage] = {}
    for passage in book.passages:
        body = "".join(plain(passage.text).split())
        for key in (body if len(body) >= 40 else "", "".join((passage.question or "").split())):
            if not key:
                continue
            first = texts.setdefault((passage.language, key), passage)
            if first.id != passage.id and not (first.page == passage.page and first.anchor == passage.anchor):
                yield Finding(file_of(passage.page), book.line_of(passage.page, plain(passage.text)[:20]), "duplicate",
                              f"{passage.id} says the same as {first.id}")
                break


def forbidden(book: Book, phrases: Mapping[str, tuple[str, ...]]) -> Iterator[Finding]:
    """Pages that hold words which the persona never says (禁句)."""
    for passage in book.passages:
        for phrase in phrases.get(passage.language, ()):
            if phrase.lower() in passage.text.lower():
                yield Finding(file_of(passage.page), book.line_of(passage.page, phrase), "forbidden",
                              f"“{phrase}” is among the words that the persona never says")


def _resolve(file: str, target: str) -> str | None:
    parts = list(PurePosixPath(file).parent.parts)
    for step in PurePosixPath(target).parts:
        if step == "..":
            if not parts:
                return None
            parts.pop()
        elif step != ".":
            parts.append(step)
    return "/".join(parts)
