"""Leans a reading towards the company's own prototype sentences when a message is very near to one of them."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assistant.understanding.emotion import Scores

NEAR = 0.85
"""Cosine from which a prototype begins to count (packaged model: unrelated messages lie near 0.67)."""

SAME = 0.945
"""Cosine from which it counts in full."""

MOST = 0.9
"""The largest share that a prototype may take in the reading."""


@dataclass(frozen=True, slots=True)
class Prototypes:
    """``kinds[i]`` is the kind of moment of the sentence whose vector is row ``i``."""

    kinds: tuple[str, ...]
    vectors: NDArray[np.float32]

    def lean(self, scores: Scores, vector: NDArray[np.float32]) -> Scores:
        """Mix the nearest prototype's kind into the probabilities; far from all of them nothing changes."""
        if vector.shape != self.vectors.shape[1:] or not np.isfinite(vector).all():
            return scores
        near = self.vectors @ vector
        best = int(np.argmax(near))
        share = MOST * float(np.clip((near[best] - NEAR) / (SAME - NEAR), 0.0, 1.0))
        if share <= 0.0:
            return scores
        name = self.kinds[best]
        kind = {key: p * (1.0 - share) + (share if key == name else 0.0) for key, p in scores.kind.items()}
        if name == "none":
            route = {key: p * (1.0 - share) + (share if key == "answer" else 0.0) for key, p in scores.route.items()}
            return replace(scores, kind=kind, route=route, strong=scores.strong * (1.0 - share))
        return replace(scores, kind=kind)
