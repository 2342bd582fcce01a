"""The values that knowledge is made of on its way from a file to a citation; it owns no reading and no search."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the knowledge folder.

    ``id`` is the path below ``pages/`` (``ja/cards/lost-card.md``), or ``path#row`` for a row of an FAQ table.
    ``markdown`` is the whole page as Markdown, NFKC where its source needs it. ``url`` is where a citation opens
    when the company shows the page elsewhere.
    """

    id: str
    language: str
    title: str
    markdown: str
    tags: tuple[str, ...] = ()
    audience: str | None = None
    url: str | None = None
    owner: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    reviewed: date | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a page small enough to embed and to quote.

    ``id`` is ``page#anchor`` plus ``~n`` for the second and later pieces under one heading; ``headings`` goes from the
    page's title down to the piece's own heading; ``text`` is Markdown with table header rows kept; ``digest`` is the
    hex SHA-256 of what is embedded, so that an unchanged passage is never embedded again. ``question`` is set for
    FAQ rows.
    """

    id: str
    page: str
    anchor: str
    language: str
    title: str
    headings: tuple[str, ...]
    text: str
    digest: str
    question: str | None = None
    url: str | None = None
    tags: tuple[str, ...] = ()
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that retrieval found, with its fused score (higher is better; comparable within one query only)."""

    passage: Passage
    score: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What retrieval found for one question.

    ``strength`` is the calibrated probability (0–1) that the first hit answers the question; below the abstain point
    of the policy nothing fits. ``mode`` says how it was searched.
    """

    hits: tuple[Hit, ...]
    strength: float
    mode: str = "hybrid"  # hybrid | keywords (no vectors yet) | none (no index)


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered reference in a reply; ``quote`` is a verbatim part of the passage, ``url`` opens it at its heading."""

    n: int
    page: str
    anchor: str
    title: str
    url: str
    quote: str
