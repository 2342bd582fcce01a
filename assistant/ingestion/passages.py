"""Splits a page into passages under its headings, and names the anchors that citations open.

It owns sizes, anchors and what of a passage is embedded; it reads no files.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.knowledge import Page, Passage

LARGEST = 600
"""Most units in a piece: a Japanese character counts 1, a Latin one 0.35, so that it fits 512 tokens."""
_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$")
_GIVEN = re.compile(r"\s*\{#([^\s{}#]+)\}\s*$")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_TABLE_RULE = re.compile(r"^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$")
_SENTENCE = re.compile(r"(?<=[。！？!?])(?=[^」』）)])|(?<=[.])\s+")
_LINK = re.compile(r"!?\[([^\[\]\n]{0,300})\]\((?:[^()\s]|\([^()\s]{0,200}\)){0,2000}(?:\s+\"[^\"\n]{0,300}\")?\)")
_LONGEST_MARKED = 500  # characters of a heading or a table's rule; longer lines are text, and cost no time to tell
_MARKS = re.compile(r"[*_`~]{1,3}(?=\S)|(?<=\S)[*_`~]{1,3}")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a page: ``line`` from 1, ``level`` 1–6, its text without ``{#…}``, and its unique anchor."""

    line: int
    level: int
    text: str
    anchor: str


def headings(markdown: str) -> list[Heading]:
    """Find every ATX heading outside code fences; anchors are the given ``{#…}`` or a slug, made unique by ``-2``."""
    found: list[Heading] = []
    used: set[str] = set()
    for number, line in _outside_fences(markdown):
        match = _HEADING.match(line) if len(line) <= _LONGEST_MARKED else None
        if match:
            given = _GIVEN.search(match[2])
            text = plain(_GIVEN.sub("", match[2]))
            anchor = _unique(given[1] if given else slug(text), used)
            found.append(Heading(number, len(match[1]), text, anchor))
    return found


def slug(text: str) -> str:
    """Give a stable anchor: NFKC, lower case, letters of every script kept, the rest hyphens."""
    kept = "".join(ch if ch.isalnum() or ch in "ー々" else "-" for ch in unicodedata.normalize("NFKC", text).lower())
    return re.sub("-+", "-", kept).strip("-")[:80] or "section"


def plain(markdown: str) -> str:
    """Give Markdown without marks and link targets, as it is read and embedded."""
    lines = []
    for line in _LINK.sub(r"\1", markdown).split("\n"):
        if "|" in line and _is_rule(line):
            continue
        if line.lstrip().startswith("|"):
            line = " ".join(cell.strip() for cell in line.strip().strip("|").split("|"))
        lines.append(_MARKS.sub("", re.sub(r"^\s{0,3}(#{1,6}|>|[-*+])\s+", "", line)).strip())
    return "\n".join(line for line in lines if line)


def split(page: Page) -> tuple[Passage, ...]:
    """Cut a page at its headings, and long parts further at blocks, table rows and sentences."""
    row = "#" in page.id
    passages = []
    sections = [("", (page.title,), _after_title(page.markdown) or page.title)] if row else _sections(page)
    for anchor, steps, body in sections:
        for n, text in enumerate(pieces(body), 1):
            name = page.id + (f"#{anchor}" if anchor else "") + (f"~{n}" if n > 1 else "")
            embedded = embedded_text(steps, text)
            passages.append(Passage(
                name, page.id, anchor, page.language, page.title, steps, text,
                hashlib.sha256(embedded.encode("utf-8", "replace")).hexdigest(),
                page.title if row else None, page.url, page.tags, page.valid_until))
    return tuple(passages)


def embedded_text(steps: tuple[str, ...], text: str) -> str:
    """Give what a vector is made of: the headings that lead to a passage, then its plain text."""
    return trail(steps) + "\n" + plain(text)


def trail(steps: tuple[str, ...]) -> str:
    """Give headings as one line, a repeated one once."""
    return " / ".join(step for n, step in enumerate(steps) if n == 0 or step != steps[n - 1])


def pieces(body: str) -> list[str]:
    """Cut a section's body into pieces of at most ``LARGEST`` units (one unbroken run may be longer)."""
    parts: list[str] = []
    for block in _blocks(body):
        parts.extend(_cut(block) if units(block) > LARGEST else [block])
    joined: list[str] = []
    for part in parts:
        if joined and units(joined[-1]) + units(part) <= LARGEST:
            joined[-1] += "\n\n" + part
        else:
            joined.append(part)
    return joined


def units(text: str) -> float:
    """Measure a text's length in Japanese characters; Latin ones count 0.35."""
    narrow = sum(ch.isascii() for ch in text)
    return len(text) - 0.65 * narrow


def _sections(page: Page) -> Iterator[tuple[str, tuple[str, ...], str]]:
    lines = page.markdown.split("\n")
    found = headings(page.markdown)
    starts = [0, *(heading.line for heading in found)]
    ends = [*(heading.line - 1 for heading in found), len(lines)]
    above: list[Heading] = []
    for place, (start, end) in enumerate(zip(starts, ends, strict=True)):
        heading = found[place - 1] if place else None
        if heading is not None:
            above = [*(step for step in above if step.level < heading.level), heading]
        body = "\n".join(lines[start:end]).strip()
        if body:
            steps = [step.text for step in above]
            if not steps or steps[0] != page.title:
                steps.insert(0, page.title)
            yield heading.anchor if heading else "", tuple(steps), body


def _blocks(body: str) -> Iterator[str]:
    """Give paragraphs, lists, tables and fences whole; a table keeps the line that introduces it out."""
    block: list[str] = []
    fenced: str | None = None
    for line in body.split("\n"):
        mark = _FENCE.match(line)
        if fenced is None and mark:
            fenced = mark[1][:3]
        elif fenced is not None and mark and mark[1].startswith(fenced):
            fenced = None
        if not line.strip() and fenced is None:
            if block:
                yield "\n".join(block)
            block = []
        else:
            block.append(line.rstrip())
    if block:
        yield "\n".join(block)


def _cut(block: str) -> list[str]:
    lines = block.split("\n")
    header: list[str] = []
    if len(lines) > 2 and "|" in lines[0] and _is_rule(lines[1]):
        header, lines = lines[:2], lines[2:]
        return _gather(lines, "\n", "\n".join(header) + "\n")
    if len(lines) > 1:
        return [cut for part in _gather(lines, "\n", "") for cut in (_cut(part) if "\n" not in part else [part])]
    sentences = [part for part in _SENTENCE.split(block) if part]
    if len(sentences) > 1:
        return _gather(sentences, "" if not block.isascii() else " ", "")
    return [block[start:start + 1500] for start in range(0, len(block), 1500)]


def _gather(parts: list[str], joint: str, before: str) -> list[str]:
    """Join parts up to the largest size, each piece beginning with ``before`` (a table's header rows)."""
    gathered: list[list[str]] = [[]]
    size = units(before)
    for part in parts:
        if gathered[-1] and size + units(part) > LARGEST:
            gathered.append([])
            size = units(before)
        gathered[-1].append(part)
        size += units(part)
    return [before + joint.join(group) for group in gathered]


def _is_rule(line: str) -> bool:
    return len(line) <= _LONGEST_MARKED and _TABLE_RULE.match(line) is not None


def _outside_fences(markdown: str) -> Iterator[tuple[int, str]]:
    fence: str | None = None
    for number, line in enumerate(markdown.split("\n"), 1):
        mark = _FENCE.match(line)
        if fence is None and mark:
            fence = mark[1]
        elif fence is not None:
            if mark and mark[1].startswith(fence):
                fence = None
        else:
            yield number, line


def _after_title(markdown: str) -> str:
    first, _, rest = markdown.partition("\n")
    return (rest if first.startswith("# ") else markdown).strip()


def _unique(anchor: str, used: set[str]) -> str:
    name = anchor
    number = 2
    while name in used:
        name = f"{anchor}-{number}"
        number += 1
    used.add(name)
    return name
