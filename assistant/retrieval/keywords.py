"""Keyword search: BM25 over numpy postings. It owns counting and scoring; the words come from ``words``."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

K1 = 1.2
B = 0.5
"""Usual BM25 constants; b below 0.75 because passages are of one size already."""


@dataclass(frozen=True, slots=True)
class Keywords:
    """An immutable BM25 index of n documents.

    ``starts[t]:starts[t + 1]`` is term t's stretch of ``documents`` and ``counts``; ``impacts`` holds the part of BM25
    that does not depend on the query, idf included.
    """

    terms: Mapping[str, int]
    starts: NDArray[np.int64]
    documents: NDArray[np.int32]
    counts: NDArray[np.uint16]
    impacts: NDArray[np.float32]
    idf: NDArray[np.float32]
    size: int

    @classmethod
    def build(cls, texts: Sequence[Sequence[str]], breathe: Callable[[], None]) -> "Keywords":
        """Count the words of each document; ``breathe`` is called now and then."""
        terms: dict[str, int] = {}
        found: list[int] = []
        documents: list[int] = []
        counts: list[int] = []
        for number, words in enumerate(texts):
            for word, count in Counter(words).items():
                found.append(terms.setdefault(word, len(terms)))
                documents.append(number)
                counts.append(min(count, 65_535))
            breathe()
        ids = np.asarray(found, dtype=np.int64)
        order = np.argsort(ids, kind="stable")
        starts = np.concatenate([[0], np.cumsum(np.bincount(ids, minlength=len(terms)))]).astype(np.int64)
        return cls.restore(terms, starts, np.asarray(documents, dtype=np.int32)[order],
                           np.asarray(counts, dtype=np.uint16)[order], len(texts))

    @classmethod
    def restore(cls, terms: Mapping[str, int], starts: NDArray[np.int64], documents: NDArray[np.int32],
                counts: NDArray[np.uint16], size: int) -> "Keywords":
        """Make a searchable index from its saved arrays."""
        lengths = np.bincount(documents, weights=counts, minlength=size)
        mean = max(float(lengths.mean()) if size else 1.0, 1.0)
        frequency = np.diff(starts)
        idf = np.log(1 + (size - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
        tf = counts.astype(np.float32)
        norm = (K1 * (1 - B + B * lengths / mean)).astype(np.float32)
        impacts = np.repeat(idf, frequency) * (tf * (K1 + 1) / (tf + norm[documents]))
        return cls(terms, starts, documents, counts, impacts.astype(np.float32), idf, size)

    def scores(self, weights: Mapping[str, float]) -> NDArray[np.float32]:
        """Give the BM25 score of every document for weighted query words."""
        total = np.zeros(self.size, dtype=np.float32)
        for word, weight in weights.items():
            term = self.terms.get(word)
            if term is not None:
                part = slice(self.starts[term], self.starts[term + 1])
                total[self.documents[part]] += self.impacts[part] * np.float32(weight)
        return total

    def ceiling(self, weights: Mapping[str, float]) -> float:
        """Give the score of an ideal document (all words, often). Unknown words count as the rarest ones."""
        rarest = float(np.log(1 + (self.size + 0.5) / 0.5))
        terms = ((self.terms.get(word), weight) for word, weight in weights.items())
        return sum(weight * (K1 + 1) * (rarest if term is None else float(self.idf[term])) for term, weight in terms)

    def words_of(self, breathe: Callable[[], None]) -> list[dict[str, int]]:
        """Give each document's words and counts back, so that an unchanged passage is not tokenised again."""
        names = list(self.terms)
        back: list[dict[str, int]] = [{} for _ in range(self.size)]
        for term, name in enumerate(names):
            part = slice(self.starts[term], self.starts[term + 1])
            for document, count in zip(self.documents[part].tolist(), self.counts[part].tolist(), strict=True):
                back[document][name] = count
            breathe()
        return back
