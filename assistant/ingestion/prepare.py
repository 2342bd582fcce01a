"""Passages, words and vectors for an index, taken from the index before wherever nothing changed."""

import asyncio
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.ingestion.passages import plain, split, trail
from assistant.knowledge import Page, Passage
from assistant.ports import Embedder
from assistant.retrieval.index import Embedded, Index
from assistant.retrieval.words import words

_BATCH = 16

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Parts:
    """What is embedded of a passage: its head (an FAQ row's question, a page's headings) and its body.

    The mean of the two vectors finds more than one vector of the whole: a paraphrase is near to either the question
    or the answer, seldom to both run together.
    """

    head: str
    body: str


def all_passages(pages: Sequence[Page], old: Index | None, breathe: Callable[[], None]) -> tuple[Passage, ...]:
    """Split every page; those of a page that is the same object as before are taken over."""
    before: dict[str, list[Passage]] = defaultdict(list)
    for passage in old.passages if old else ():
        before[passage.page].append(passage)
    passages: list[Passage] = []
    for page in pages:
        same = old is not None and old.page(page.id) is page
        passages.extend(before[page.id] if same else split(page))
        breathe()
    return tuple(passages)


def all_words(passages: Sequence[Passage], old: Index | None, show: Progress,
              breathe: Callable[[], None]) -> dict[str, Sequence[str]]:
    """Give each passage's words by its id; those of an unchanged passage come from the index before."""
    ready: dict[tuple[str, str, tuple[str, ...]], Mapping[str, int]] = {}
    if old is not None:
        for shelf in old.shelves.values():
            for number, counts in zip(shelf.numbers.tolist(), shelf.keywords.words_of(breathe), strict=True):
                passage = old.passages[number]
                ready[passage.digest, passage.language, passage.tags] = counts
    found: dict[str, Sequence[str]] = {}
    for number, passage in enumerate(passages, 1):
        known = ready.get((passage.digest, passage.language, passage.tags))
        found[passage.id] = list(Counter(known).elements()) if known is not None else words(counted_text(passage))
        breathe()
        if number % 64 == 0 or number == len(passages):
            show("words", number, len(passages))
    return found


def counted_text(passage: Passage) -> str:
    """Give what keyword search counts of a passage: its headings, tags and text."""
    return "\n".join((*passage.headings, " ".join(passage.tags), passage.text))


def parts_of(passage: Passage) -> Parts:
    """Give what is embedded of a passage."""
    head = passage.question or trail(passage.headings)
    return Parts(head, plain(passage.text) or head)


def digest(text: str) -> str:
    """Give a text's identity across ingests."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def fresh_texts(passages: Sequence[Passage], before: Embedded | None) -> dict[str, str]:
    """Give the texts that have no vector yet by their digest, each distinct text once."""
    old = set(before.digests) if before else set()
    texts = [text for parts in map(parts_of, passages) for text in (parts.head, parts.body)]
    return {key: text for text in texts if (key := digest(text)) not in old}


async def all_vectors(embedder: Embedder | None, passages: Sequence[Passage], fresh: Mapping[str, str],
                      before: Embedded | None, show: Progress, breathe: Callable[[], None]) -> Embedded | None:
    """Embed what is fresh and put it together with what was there.

    Without an embedder the vectors from before stay and fresh texts have none. Raises ModelUnavailable.
    """
    made = await _embed(embedder, fresh, show) if embedder is not None else {}
    return await asyncio.to_thread(_placed, passages, before, made, breathe)


def _placed(passages: Sequence[Passage], before: Embedded | None, made: Mapping[str, NDArray[np.float16]],
            breathe: Callable[[], None]) -> Embedded | None:
    """Give each passage the vectors of its head and body; a passage that lacks one has none."""
    known: dict[str, NDArray[np.float16]] = dict(made)
    if before is not None:
        known.update(zip(before.digests, before.rows, strict=True))
    numbers: dict[str, int] = {}
    parts: list[tuple[int, int, int]] = []
    for owner, passage in enumerate(passages):
        texts = parts_of(passage)
        head, body = digest(texts.head), digest(texts.body)
        if head in known and body in known:
            parts.append((owner, numbers.setdefault(head, len(numbers)), numbers.setdefault(body, len(numbers))))
        breathe()
    if not parts:
        return None
    return Embedded(tuple(numbers), np.asarray(parts, dtype=np.int32), np.stack([known[key] for key in numbers]))


async def _embed(embedder: Embedder, fresh: Mapping[str, str], show: Progress) -> dict[str, NDArray[np.float16]]:
    """Embed in small batches, neighbours in length together, so that a visitor's own embedding goes in between."""
    rows: dict[str, NDArray[np.float16]] = {}
    queue = sorted(fresh.items(), key=lambda item: len(item[1]))
    for start in range(0, len(queue), _BATCH):
        batch = queue[start:start + _BATCH]
        vectors = await embedder.embed([text for _, text in batch], "passage")
        rows.update((key, row) for (key, _), row in zip(batch, vectors.astype(np.float16), strict=True))
        show("embed", len(rows), len(queue))
        await asyncio.sleep(0)
    return rows
