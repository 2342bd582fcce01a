"""Vector search: FAISS, flat while that is quick, HNSW above. It owns neighbours, not what they mean."""

from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

FLAT_UP_TO = 20_000
"""Vectors searched one by one; above, a graph keeps a search below a millisecond."""
_LINKS = 32
_BUILD_EFFORT = 80
_SEARCH_EFFORT = 160
_SAMPLE = 256
APART, BESIDE = 0.70, 0.85
"""Usual cosine of any two passages and of neighbours, for the packaged model."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """One vector (d) for each of some documents, whose numbers are in ``owners`` (n, ascending).

    A document's vector is the mean of the unit vectors of its parts, so that its inner product with a query is the
    mean of their cosines. ``sample`` (≤ 256, d) tells how near *anything* is to a query, so that scores of different
    topics compare. ``scale`` is how near to each other any two passages and neighbouring ones are: it carries another
    model's cosines to the scale of the packaged one (None for that one itself).
    """

    searcher: faiss.Index
    owners: NDArray[np.int32]
    sample: NDArray[np.float32]
    scale: tuple[float, float] | None

    @classmethod
    def build(cls, rows: NDArray[np.float32], owners: NDArray[np.int32], familiar: bool,
              saved: Path | None = None) -> "Vectors":
        """Index ``rows``, or take the ``saved`` graph; takes seconds above 20,000 vectors, so call it in a thread."""
        rows = np.ascontiguousarray(rows, dtype=np.float32)
        if saved is not None and saved.is_file():
            searcher = faiss.read_index(str(saved))
        elif len(rows) > FLAT_UP_TO:
            searcher = faiss.IndexHNSWFlat(rows.shape[1], _LINKS, faiss.METRIC_INNER_PRODUCT)
            searcher.hnsw.efConstruction = _BUILD_EFFORT
            searcher.hnsw.efSearch = _SEARCH_EFFORT
            searcher.add(rows)
        else:
            searcher = faiss.IndexFlatIP(rows.shape[1])
            searcher.add(rows)
        picked = np.random.default_rng(7).choice(len(rows), min(_SAMPLE, len(rows)), replace=False)
        sample = rows[picked].copy()
        return cls(searcher, owners, sample, None if familiar else _scale(sample))

    @property
    def graph(self) -> bool:
        """Tell whether this is a graph, which is worth saving."""
        return len(self.owners) > FLAT_UP_TO

    def save(self, path: Path) -> None:
        """Write the graph; a flat index is made again from its vectors instead."""
        faiss.write_index(self.searcher, str(path))

    def nearest(self, vector: NDArray[np.float32], top: int) -> NDArray[np.int32]:
        """Give up to ``top`` documents nearest to ``vector``, best first."""
        _, rows = self.searcher.search(vector.reshape(1, -1), min(top, len(self.owners)))
        return np.asarray(self.owners[rows[0][rows[0] >= 0]], dtype=np.int32)

    def nearness(self, vector: NDArray[np.float32],
                 documents: NDArray[np.int32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Give each document's nearness in standard deviations above that of passages at large, and its cosine.

        A document without a vector is as near as any.
        """
        at_large = self.sample @ vector
        mean, deviation = float(at_large.mean()), max(float(at_large.std()), 1e-3)
        cosine = np.full(len(documents), mean, dtype=np.float32)
        rows = np.searchsorted(self.owners, documents)
        has = np.flatnonzero(self.owners[np.minimum(rows, len(self.owners) - 1)] == documents)
        if len(has):
            cosine[has] = self.searcher.reconstruct_batch(rows[has].astype(np.int64)) @ vector
        if self.scale is not None:
            apart, beside = self.scale
            return (cosine - mean) / deviation, APART + (BESIDE - APART) * (cosine - apart) / (beside - apart)
        return (cosine - mean) / deviation, cosine


def _scale(sample: NDArray[np.float32]) -> tuple[float, float]:
    if len(sample) < 3:
        return 0.0, 1.0
    between = sample @ sample.T
    np.fill_diagonal(between, np.nan)
    apart, beside = float(np.nanmean(between)), float(np.nanmax(between, axis=1).mean())
    return apart, max(beside, apart + 1e-3)
