"""The default writer: answers by quoting and joining the right sentences, each with its citation; invents nothing."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from assistant.knowledge import Citation
from assistant.ports import WritingTask
from assistant.reply.sentences import Unit, cited, joint, terms, units

LONGEST = {"ja": 420, "en": 900}
"""Characters that one quoted passage may take; beyond it the units that fit the question best are kept."""
SCANT = {"ja": 70, "en": 160}
"""Below so many characters a passage alone leaves the visitor asking."""
NEARLY = 0.75
"""Share of the best score that a further passage needs."""
TABLE_ROWS = 6


class ExtractWriter:
    """Quotes the best passage and, where a second one adds something, points to it."""

    name = "extract"

    async def write(self, task: WritingTask) -> AsyncIterator[str]:
        """Stream the quoted units of the first passage, then where to read on."""
        wanted = terms(task.question)
        said: set[str] = set()
        for place, n in enough(task):
            passage = task.evidence.hits[place].passage
            previous: Unit | None = None
            if said:
                yield "\n\n"
            chosen = pick(units(inert_links(passage.text)), wanted, LONGEST.get(task.language, 900))
            if chosen and chosen[0].kind != "sentence":  # a list or a table says by its heading what it is
                yield f"**{passage.question or (passage.headings or (passage.title,))[-1]}** [{n}]\n\n"
            for unit in chosen:
                shown = replace(unit, text=_rows(unit.text, wanted)) if unit.kind == "table" else unit
                yield joint(previous, unit, task.language) + cited(shown, n)
                previous = unit
                await asyncio.sleep(0)  # everyone else's frames get their turn
            said.add(passage.id)
        if related := _related(task, said):
            label, comma = ("関連：", "、") if task.language == "ja" else ("Related: ", ", ")
            yield f"\n\n{label}" + comma.join(f"{c.title} [{c.n}]" for c in related)


def pick(pieces: Sequence[Unit], wanted: frozenset[str], longest: int) -> list[Unit]:
    """Choose units that fit the question, in the passage's order; all of them when they fit into ``longest``."""
    if sum(len(piece.text) for piece in pieces) <= longest:
        return list(pieces)
    order = sorted(range(len(pieces)), key=lambda i: (-_fit(pieces[i], wanted), i))
    kept: set[int] = set()
    room = longest
    for i in order:
        size = min(len(pieces[i].text), longest)
        if kept and (size > room or not _fit(pieces[i], wanted)):
            continue
        kept.add(i)
        room -= size
        if pieces[i].kind != "sentence" and i and pieces[i - 1].kind == "sentence":
            kept.add(i - 1)  # the sentence that introduces a list or a table
    return [pieces[i] for i in sorted(kept)]


def _fit(unit: Unit, wanted: frozenset[str]) -> float:
    held = terms(unit.text)
    return len(held & wanted) / (4 + len(held)) ** 0.5 if held else 0.0


def _rows(table: str, wanted: frozenset[str]) -> str:
    """Keep a table's header and, of a long one, the rows that the question names."""
    lines = table.splitlines()
    body_at = 2 if len(lines) > 1 and re.fullmatch(r"[\s|:\-]+", lines[1]) else 1
    head, body = lines[:body_at], lines[body_at:]
    if len(body) <= TABLE_ROWS:
        return table
    best = sorted(range(len(body)), key=lambda i: (-len(terms(body[i]) & wanted), i))[:TABLE_ROWS]
    return "\n".join(head + [body[i] for i in sorted(best)])


def enough(task: WritingTask) -> list[tuple[int, int]]:
    """Choose the passages to quote, as (place among the hits, citation number): one, or two where the first is scant.

    A page's opening sentence or a one-line FAQ row is scant; the next passage must score nearly as well.
    """
    hits = task.evidence.hits
    chosen = [(0, task.citations[0].n)]
    if len(hits) > 1 and len(hits[0].passage.text) < SCANT.get(task.language, 160):
        same_page = [i for i in range(1, len(hits)) if hits[i].passage.page == hits[0].passage.page]
        second = same_page[0] if same_page else 1
        if hits[second].score >= NEARLY * hits[0].score and len(hits[second].passage.text) < LONGEST["ja"]:
            chosen.append((second, task.citations[second].n))
    return chosen


def inert_links(markdown: str) -> str:
    """Keep the words of links inside the knowledge folder: a reply has no place for them to lead to."""
    return re.sub(r"\[([^\]]+)\]\((?!https?:|mailto:|tel:)[^)]*\)", r"\1", markdown)


def _related(task: WritingTask, said: set[str]) -> list[Citation]:
    """Name up to two other passages that score nearly as well, one per page."""
    top = task.evidence.hits[0].score
    seen = {hit.passage.page for hit in task.evidence.hits if hit.passage.id in said}
    found = []
    for hit, citation in zip(task.evidence.hits, task.citations, strict=False):
        if hit.passage.page not in seen and hit.score >= NEARLY * top:
            seen.add(hit.passage.page)
            found.append(citation)
    return found[:2]
