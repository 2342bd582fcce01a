"""Finds evidence for a question: the entry of this package.

It owns the order of one search (language, validity, both searches, fusion, duplicates, strength); it embeds nothing
and waits for nothing, so it may run on the event loop.
"""

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from assistant.knowledge import Evidence, Hit
from assistant.ports import Turn
from assistant.retrieval.index import Index, Shelf
from assistant.retrieval.query import Query, Synonyms, read_query
from assistant.retrieval.ranking import POOL, Candidates, fuse, strength

ABSTAIN = 0.35
"""Default abstain point: below this strength nothing fits. ``policy.toml`` may say otherwise."""


class Retriever:
    """Searches one index at a time; ``swap`` exchanges it between two searches, never within one."""

    def __init__(self, index: Index | None, synonyms: Synonyms | None = None, abstain: float = ABSTAIN,
                 today: Callable[[], date] = date.today) -> None:
        self._index = index
        self._synonyms = synonyms or Synonyms()
        self._abstain = abstain
        self._today = today

    @property
    def index(self) -> Index | None:
        """The snapshot that the next search uses."""
        return self._index

    def swap(self, index: Index | None, synonyms: Synonyms | None = None) -> None:
        """Search another snapshot from now on; searches under way end on theirs."""
        if synonyms is not None:
            self._synonyms = synonyms
        self._index = index

    def retrieve(self, question: str, vector: NDArray[np.float32] | None, language: str, top: int = 8,
                 history: Sequence[Turn] = ()) -> Evidence:
        """Give up to ``top`` passages, best first, and how sure to be that the first answers.

        ``vector`` is the L2-normalised embedding of ``contextual(question, history)``, or None for keywords alone.
        The visitor's language comes first; others are looked at only when nothing there fits.
        """
        index = self._index
        if index is None or not index.shelves:
            return Evidence((), 0.0, "none")
        if vector is not None and len(vector) != index.dimension:
            vector = None
        query = read_query(question, history, self._synonyms)
        order = sorted(index.shelves, key=lambda name: name != language)
        best = Evidence((), 0.0, "keywords")
        for name in order:
            found = self._search(index, index.shelves[name], query, vector, top)
            if not best.hits or found.strength > max(best.strength, self._abstain):
                best = found
            if best.strength >= self._abstain:
                break
        return best

    def _search(self, index: Index, shelf: Shelf, query: Query, vector: NDArray[np.float32] | None,
                top: int) -> Evidence:
        candidates = self.candidates(shelf, query, vector, shelf is index.shelves.get("ja"))
        scores = fuse(candidates)
        hits: list[Hit] = []
        seen: set[tuple[str, ...]] = set()
        for place in np.argsort(-scores, kind="stable").tolist():
            passage = index.passages[shelf.numbers[candidates.documents[place]]]
            letters = "".join(ch for ch in passage.text.lower() if ch.isalnum())
            same = {(passage.page, passage.anchor), (letters,)}
            if seen.isdisjoint(same):  # one hit per heading, and the same words from two pages only once
                hits.append(Hit(passage, float(scores[place])))
                if len(hits) == top:
                    break
            seen |= same
        mode = "keywords" if candidates.near is None else "hybrid"
        return Evidence(tuple(hits), strength(candidates, scores), mode)

    def candidates(self, shelf: Shelf, query: Query, vector: NDArray[np.float32] | None,
                   japanese: bool) -> Candidates:
        """Search one shelf both ways; everything found has both scores."""
        valid = shelf.valid(self._today())
        keyword = shelf.keywords.scores(query.words) * valid
        pool = min(POOL, len(keyword))
        documents = np.argpartition(-keyword, pool - 1)[:pool].astype(np.int32)
        documents = documents[keyword[documents] > 0]
        near = cosine = None
        if shelf.vectors is not None and vector is not None:
            nearest = shelf.vectors.nearest(vector, 2 * POOL)
            documents = np.union1d(documents, nearest[valid[nearest]][:POOL]).astype(np.int32)
            near, cosine = shelf.vectors.nearness(vector, documents)
        ceiling = max(shelf.keywords.ceiling(query.asked), 1e-6)
        share = np.minimum(keyword[documents] / ceiling, 1.0).astype(np.float32)
        return Candidates(documents, near, cosine, share, sum(query.asked.values()), japanese)
