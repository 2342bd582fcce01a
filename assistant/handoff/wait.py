"""How long somebody will wait, as an interval that keeps its word: it holds the policy's share of all waits.

A gamma law around (places ahead + 1) × service time ÷ talks at once gives the shape; where recent waits fell within
that law moves the bounds, so that overtaking, abandoning and slow days are learnt instead of assumed.
"""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

REMEMBERED = 400
ENOUGH = 20
"""So many waits or service times must have been seen before they count."""
_NORMAL = NormalDist()
_TINY = 1e-4


@dataclass(frozen=True, slots=True)
class Expected:
    """The law of one wait: ``mean`` in seconds, ``shape`` of the gamma law; ``free`` when somebody has room now."""

    mean: float
    shape: float
    free: bool

    def as_json(self) -> dict[str, object]:
        """Give the form that a ticket keeps."""
        return {"mean": round(self.mean, 1), "shape": round(self.shape, 2), "free": self.free}

    def at(self, share: float) -> float:
        """Give the wait in seconds that this share of waits stays below (Wilson and Hilferty's approximation)."""
        z = _NORMAL.inv_cdf(min(1 - _TINY, max(_TINY, share)))
        ninth = 1 / (9 * self.shape)
        return self.mean * float(max(0.0, 1 - ninth + z * ninth**0.5)) ** 3

    def share(self, wait: float) -> float:
        """Give the share of waits that are shorter than this one; the inverse of ``at``."""
        ninth = 1 / (9 * self.shape)
        z = ((max(0.0, wait) / self.mean) ** (1 / 3) - 1 + ninth) / ninth**0.5
        return min(1 - _TINY, max(_TINY, _NORMAL.cdf(z)))


class _Window:
    """The last values, kept in order as well, so that quantiles cost a look-up."""

    def __init__(self) -> None:
        self._queue: deque[float] = deque()
        self.sorted: list[float] = []

    def add(self, value: float) -> None:
        self._queue.append(value)
        insort(self.sorted, value)
        if len(self._queue) > REMEMBERED:
            old = self._queue.popleft()
            del self.sorted[bisect_left(self.sorted, old)]

    def quantile(self, share: float) -> float:
        # The n + 1 rule of split-conformal prediction: exact cover for exchangeable waits.
        place = share * (len(self.sorted) + 1) - 1
        low = min(len(self.sorted) - 1, max(0, int(place)))
        high = min(len(self.sorted) - 1, low + 1)
        return self.sorted[low] + (self.sorted[high] - self.sorted[low]) * min(1.0, max(0.0, place - low))


class Waits:
    """Learns from every wait and every talk; gives intervals. ``share`` of waits shall fall inside (0.8)."""

    def __init__(self, share: float, default_service_s: float, accept_s: float) -> None:
        self._tail = (1 - share) / 2
        self._default = default_service_s
        self._accept = accept_s / 3
        self._services: deque[float] = deque(maxlen=REMEMBERED)
        self._total = 0.0
        self._places = {free: _Window() for free in (True, False)}

    @property
    def service_s(self) -> float:
        """The time one talk takes lately, in seconds."""
        return self._total / len(self._services) if len(self._services) >= ENOUGH else self._default

    @property
    def basis(self) -> str:
        """Say what the numbers rest on: ``recent`` waits, or a ``default`` until enough were seen."""
        return "recent" if len(self._services) >= ENOUGH else "default"

    def expect(self, ahead: int, slots: int, free: int) -> Expected | None:
        """Give the law for somebody with so many ahead; ``slots`` talks can be held at once, ``free`` more now.

        None when nobody is there: then there is nothing honest to say.
        """
        if slots <= 0:
            return None
        if free > ahead:
            return Expected(self._accept, 1.5, True)
        return Expected((ahead - max(0, free) + 1) * self.service_s / slots, ahead - max(0, free) + 1.0, False)

    def interval(self, expected: Expected) -> tuple[int, int]:
        """Give the bounds in whole seconds."""
        seen = self._places[expected.free]
        low, high = self._tail, 1 - self._tail
        if len(seen.sorted) >= ENOUGH:
            low, high = seen.quantile(low), seen.quantile(high)
        return int(expected.at(low)), max(1, round(expected.at(high)))

    def waited(self, expected: Expected, seconds: float) -> None:
        """Learn how long a wait really was."""
        self._places[expected.free].add(expected.share(seconds))

    def served(self, seconds: float) -> None:
        """Learn how long a talk took."""
        if len(self._services) == REMEMBERED:
            self._total -= self._services[0]
        self._services.append(seconds)
        self._total += seconds

    def learn(self, talks: Iterable[tuple[Mapping[str, Any] | None, float, float | None]]) -> None:
        """Learn from earlier tickets, oldest first: what was expected, the wait, the talk (None: still going on)."""
        for expected, wait, talk in talks:
            if expected:
                law = Expected(float(str(expected["mean"])), float(str(expected["shape"])), bool(expected["free"]))
                self.waited(law, wait)
            if talk is not None:
                self.served(talk)
