"""A simulated day at the desk: Poisson arrivals of four severities, several talks at once, log-normal talk lengths.

The line under test gives every arrival its interval; the simulation then sees how long the wait really was.
"""

import heapq
import math
import random
from dataclasses import dataclass

from assistant.handoff.line import rank_of
from assistant.handoff.wait import Expected, Waits

SEVERITIES = (("p1", 0.1), ("p2", 0.2), ("p3", 0.4), ("p4", 0.3))


@dataclass(frozen=True)
class Wait:
    promised: tuple[int, int]
    seconds: float
    free: bool


def simulate(arrivals: int, *, slots: int, load: float, service_s: float, seed: int, spread: float = 0.8,
             ageing_s: float = 180.0, accept_s: float = 8.0, leaves: float = 0.05,
             waits: Waits | None = None) -> list[Wait]:
    """Run ``arrivals`` visitors through a line; ``load`` is the share of the desk's capacity that they need.

    ``leaves`` is the share of visitors who give up after a while. Service times have the coefficient of variation
    that ``spread`` (sigma of the logarithm) gives.
    """
    chance = random.Random(seed)
    waits = waits or Waits(0.8, 240.0, 30.0)
    mu = _mu(service_s, spread)
    now, free = 0.0, slots
    line: list[tuple[float, int]] = []
    entered: dict[int, tuple[float, Expected, tuple[int, int], float]] = {}
    ends: list[float] = []
    seen: list[Wait] = []

    def serve(at: float) -> None:
        nonlocal free
        while free and line:
            _, number = heapq.heappop(line)
            came, law, promised, patience = entered.pop(number)
            delay = chance.lognormvariate(_mu(accept_s, 0.5), 0.5)
            if at - came > patience:
                continue
            waited = at - came + delay
            seen.append(Wait(promised, waited, law.free))
            waits.waited(law, waited)
            length = chance.lognormvariate(mu, spread)
            waits.served(length)
            heapq.heappush(ends, at + delay + length)
            free -= 1

    for number in range(arrivals):
        now += chance.expovariate(slots * load / service_s)
        while ends and ends[0] <= now:
            at = heapq.heappop(ends)
            free += 1
            serve(at)
        severity = chance.choices([s for s, _ in SEVERITIES], [p for _, p in SEVERITIES])[0]
        rank = rank_of(now, severity, ageing_s)
        law = waits.expect(sum(r < rank for r, _ in line), slots, free)
        assert law is not None
        patience = chance.uniform(60, 1800) if chance.random() < leaves else float("inf")
        entered[number] = (now, law, waits.interval(law), patience)
        heapq.heappush(line, (rank, number))
        serve(now)
    return seen


def held(waits: list[Wait]) -> float:
    """Give the share of waits within their promised interval."""
    return sum(wait.promised[0] <= wait.seconds <= wait.promised[1] for wait in waits) / len(waits)


def _mu(mean: float, sigma: float) -> float:
    return math.log(mean) - sigma**2 / 2
