"""The one urgent step of a grave moment, quoted from the company's own page with its citation."""

from assistant.knowledge import Passage
from assistant.phrases import Phrases
from assistant.reply.compose import Reply, cite
from assistant.reply.sentences import quoted, units
from assistant.retrieval.index import Index

OPENINGS = {"safety": "urgent.danger", "crisis": "urgent.crisis", "bereavement": "lead.bereavement"}
"""Kind of moment → the sentence before the step; every other kind gets ``urgent.first``."""
LONGEST_STEP = 3
"""Units of the page that are quoted: the step itself, not the whole procedure."""


def urgent_step(index: Index, place: str, kind: str, phrases: Phrases, language: str) -> Reply:
    """Quote ``place`` (``page#anchor``); an empty Reply when the page is not there, since nothing may be made up."""
    passage = find(index, place)
    if passage is None:
        return Reply("")
    citation = cite(1, passage)
    opening = phrases.say(OPENINGS.get(kind, "urgent.first"), language)
    steps = quoted(units(passage.text)[:LONGEST_STEP], 1, language)
    return Reply(text=f"{opening}\n\n{steps}", citations=(citation,), answered=True)


def find(index: Index, place: str) -> Passage | None:
    """Give the passage at ``page#anchor``, the first piece under that heading."""
    page, _, anchor = place.partition("#")
    return next((p for p in index.passages if p.page == page and p.anchor == anchor), None)
