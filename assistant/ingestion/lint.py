"""``omotenashi check``: everything a content team should know before a page goes live, file by file.

It owns which rules run and in what order, golden questions and reach; rules on pages alone are in ``rules``.
"""

import contextlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from assistant.errors import KnowledgeError, OmotenashiError
from assistant.ingestion.decode import NotText, decode
from assistant.ingestion.ingest import Report
from assistant.ingestion.passages import headings
from assistant.ingestion.rules import (
    Book,
    Finding,
    contradictions,
    dates,
    duplicates,
    file_of,
    forbidden,
    links,
    twins,
)
from assistant.knowledge import Evidence
from assistant.ports import Embedder
from assistant.reply.persona import load_persona
from assistant.retrieval.index import Index
from assistant.retrieval.query import load_synonyms
from assistant.retrieval.retrieve import Retriever
from assistant.retrieval.words import script_language

_LOOKED_AT = 8  # passages among which a golden question's page must be
_REACH = 10  # passages among which a heading must find itself
_FLAG = re.compile(r"line (\d+): (.*)", re.DOTALL)


async def lint(knowledge: Path, retriever: Retriever, embedder: Embedder | None, report: Report,
               today: date | None = None) -> list[Finding]:
    """Run every rule over the retriever's index; findings come by file and line.

    Without an embedder (or when it fails) golden questions are tried by keywords alone.
    """
    index = retriever.index
    findings = list(_from_report(report))
    findings += _own_files(knowledge, index)
    if index is not None:
        book = Book(index.pages, index.passages, _Lines(knowledge / "pages"), today or date.today())
        for rule in (dates, links, twins, contradictions, duplicates):
            findings += rule(book)
        try:
            findings += forbidden(book, load_persona(knowledge).forbidden)
        except KnowledgeError as error:
            findings.append(_of(error, knowledge))
        findings += await _golden(knowledge, retriever, embedder)
        findings += await _unreached(index, retriever, embedder, book)
    return sorted(set(findings), key=lambda finding: (finding.file, finding.line, finding.rule, finding.message))


class _Lines:
    """Finds lines in the files of the pages folder, each file read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, list[str]] = {}

    def __call__(self, page_id: str, text: str) -> int:
        file, _, row = page_id.partition("#")
        if file not in self._files:
            try:
                self._files[file] = decode((self._folder / file).read_bytes()).text.split("\n")
            except (OSError, NotText):
                self._files[file] = []
        for needle in ((row,) if row else (text, text[:12])):
            for number, line in enumerate(self._files[file], 1):
                if needle and needle in line:
                    return number
        return 0


def _from_report(report: Report) -> Iterator[Finding]:
    for file, reason in report.skipped:
        yield Finding(file, 0, "unreadable", reason, "error")
    for file, reason in report.flagged:
        match = _FLAG.match(reason)
        if match:
            yield Finding(file, int(match[1]), "front-matter", match[2], "error")
        else:
            yield Finding(file, 0, "note", reason)


def _own_files(knowledge: Path, index: Index | None) -> Iterator[Finding]:
    """Synonyms that cannot be read, and urgent steps of the policy whose page is not there."""
    try:
        load_synonyms(knowledge / "synonyms.toml")
    except KnowledgeError as error:
        yield _of(error, knowledge)
    try:
        policy = _table(knowledge / "policy.toml")
    except KnowledgeError as error:
        yield _of(error, knowledge)
        return
    for name, step in policy.get("urgent", {}).items():
        for language, place in step.items() if isinstance(step, dict) else ():
            if language in ("ja", "en") and index is not None and not _exists(index, str(place)):
                yield Finding("policy.toml", 0, "anchor", f"urgent.{name}: there is no {place}", "error")


async def _golden(knowledge: Path, retriever: Retriever, embedder: Embedder | None) -> list[Finding]:
    path = knowledge / "questions.toml"
    try:
        rows = [row for row in _table(path).get("question", []) if isinstance(row, dict) and row.get("ask")]
    except KnowledgeError as error:
        return [_of(error, knowledge)]
    lines = path.read_text(encoding="utf-8").split("\n") if rows else []
    findings = []
    for row in rows:
        ask, cites = str(row["ask"]), row.get("cites", [])
        line = next((n for n, text in enumerate(lines, 1) if ask in text), 0)
        index = retriever.index
        for place in cites:
            if index is not None and not _exists(index, place):
                findings.append(Finding("questions.toml", line, "anchor", f"there is no {place}", "error"))
        if cites:
            evidence = await _search(retriever, embedder, ask, str(row.get("lang") or script_language(ask)), _LOOKED_AT)
            found = [hit.passage for hit in evidence.hits]
            if not ({f"{p.page}#{p.anchor}" for p in found} | {p.page for p in found}) & set(cites):
                findings.append(Finding("questions.toml", line, "golden", f"“{ask[:60]}” does not find {cites[0]}"))
    return findings


async def _unreached(index: Index, retriever: Retriever, embedder: Embedder | None, book: Book) -> list[Finding]:
    """Headings that do not find their own passage: too much like others, or saying nothing about it."""
    findings = []
    today = date.today()
    for passage in index.passages:
        page = index.pages[passage.page]
        if "~" in passage.id[len(passage.page):] or (page.valid_until and page.valid_until < today) \
                or (page.valid_from and page.valid_from > today):
            continue
        asked = passage.question or " ".join(passage.headings[-2:])
        evidence = await _search(retriever, embedder, asked, passage.language, _REACH)
        if not any((h.passage.page, h.passage.anchor) == (passage.page, passage.anchor) for h in evidence.hits):
            line = book.line_of(passage.page, passage.headings[-1])
            findings.append(Finding(file_of(passage.page), line, "unreached",
                                    f"asking “{asked[:60]}” does not find {passage.id}"))
    return findings


async def _search(retriever: Retriever, embedder: Embedder | None, text: str, language: str, top: int) -> Evidence:
    vector = None
    if embedder is not None:
        with contextlib.suppress(OmotenashiError):  # keywords alone still tell most of it
            vector = (await embedder.embed([text], "query"))[0]
    return retriever.retrieve(text, vector, language, top)


def _exists(index: Index, place: str) -> bool:
    if place in index.pages:
        return True
    page_id, _, anchor = place.partition("#")
    page = index.page(page_id)
    return page is not None and any(heading.anchor == anchor for heading in headings(page.markdown))


def _table(path: Path) -> Mapping[str, Any]:
    """Read a TOML file; a missing one is empty. Raises KnowledgeError with the line that is wrong."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        line = re.search(r"line (\d+)", str(error))
        raise KnowledgeError(path, int(line[1]) if line else 0, str(error)) from error


def _of(error: KnowledgeError, knowledge: Path) -> Finding:
    name = error.path.relative_to(knowledge).as_posix() if error.path.is_relative_to(knowledge) else str(error.path)
    return Finding(name, error.line, "syntax", str(error).partition(": ")[2], "error")
