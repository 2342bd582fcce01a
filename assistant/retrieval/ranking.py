"""Puts candidates in order and says how sure to be: score fusion and evidence strength.

It owns the arithmetic on scores. Its constants were fitted on data that is not the test (``tests/benchmarks/
retrieval.py --tune`` prints them again): they are few, and none belongs to one language or one company.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

POOL = 100
"""Candidates taken from each of the two searches."""
KEYWORD_WEIGHT = 12.0
"""Standard deviations of vector nearness that a perfect keyword match is worth. It is weighed by the square of the
share: a document that holds most of the question's words should win, one that holds a few of them says little."""
WITH_VECTORS = (-17.626, 22.938, 1.763, 0.064)
KEYWORDS_ONLY = (-2.529, 2.097, -1.101)
"""Logistic weights of ``signals``, the constant first."""
MOST_WORDS = 10.0
"""Weight of a question that counts as its length; tuning data has few longer ones."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Documents (n) with their scores.

    ``near`` is vector nearness in standard deviations above passages at large and ``cosine`` the same on the packaged
    model's scale (None when no vectors were searched); ``share`` is the part of the query's highest possible BM25 score
    that the document reaches (0–1). ``asked`` is what the question's words weigh together (1 each, a fragment less).
    ``japanese`` tells the shelf's language, since cosines of Japanese texts lie higher.
    """

    documents: NDArray[np.int32]
    near: NDArray[np.float32] | None
    cosine: NDArray[np.float32] | None
    share: NDArray[np.float32]
    asked: float
    japanese: bool


def fuse(candidates: Candidates) -> NDArray[np.float32]:
    """Give one score per candidate, higher is better."""
    if candidates.near is None:
        return candidates.share
    return candidates.near + np.float32(KEYWORD_WEIGHT) * candidates.share**2


def signals(candidates: Candidates, scores: NDArray[np.float32]) -> tuple[float, ...]:
    """Give what tells a right first hit from a wrong one.

    With vectors: cosine and share of the first. Without: how many of the question's words it holds, for half of two is
    more often met by chance than half of eight. Both end with the language.
    """
    best = int(np.argmax(scores))
    share, language = float(candidates.share[best]), float(candidates.japanese)
    if candidates.cosine is None:
        return share * min(candidates.asked, MOST_WORDS), language
    return float(candidates.cosine[best]), share, language


def strength(candidates: Candidates, scores: NDArray[np.float32]) -> float:
    """Give the calibrated probability (0–1) that the best candidate answers the question."""
    if not len(scores):
        return 0.0
    weights = KEYWORDS_ONLY if candidates.near is None else WITH_VECTORS
    signal = weights[0] + float(np.dot(weights[1:], signals(candidates, scores)))
    return float(1 / (1 + np.exp(-np.clip(signal, -30, 30))))
