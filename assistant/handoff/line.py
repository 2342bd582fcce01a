"""The line: every open ticket of this server in the order in which people will be helped.

It mirrors the database, which alone decides who gets a ticket: a change comes in here after its commit. Whoever wants
to know what changed collects it with ``take_changes``.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from assistant.handoff.tickets import HELD, OPEN, RINGING, WAITING, Ticket

SEVERITIES = ("p1", "p2", "p3", "p4")
_FRONT = 1e9
"""Earlier than any arrival: who lost their agent goes before everybody, among themselves in their old order."""


def rank_of(entered_at: float, severity: str, ageing_s: float) -> float:
    """Give the place in the order: each severity is worth ``ageing_s`` of waiting, so that nobody starves.

    As everybody ages alike, the order between two tickets never changes while they wait.
    """
    return entered_at + SEVERITIES.index(severity) * ageing_s


def front(rank: float) -> float:
    """Give the rank before everybody who was not moved to the front."""
    return rank if rank < _FRONT / 2 else rank - _FRONT * 4


class Line:
    """Open tickets by id, by conversation and by agent; the waiting ones in order."""

    def __init__(self) -> None:
        self._tickets: dict[str, Ticket] = {}
        self._by_conversation: dict[str, str] = {}
        self._held: dict[str, set[str]] = defaultdict(set)
        self._order: list[tuple[float, str]] = []
        self._elsewhere: list[tuple[float, str]] = []
        self._ringing: set[str] = set()
        self._changed: set[str] = set()

    def __len__(self) -> int:
        return len(self._order)

    def get(self, ticket: str) -> Ticket | None:
        """Give an open ticket."""
        return self._tickets.get(ticket)

    def of(self, conversation: str) -> Ticket | None:
        """Give a conversation's open ticket."""
        return self._tickets.get(self._by_conversation.get(conversation, ""))

    def held_by(self, agent: str) -> list[Ticket]:
        """Give what an agent holds, oldest first."""
        return sorted((self._tickets[t] for t in self._held.get(agent, ())), key=lambda t: t.entered_at)

    def load(self, agent: str) -> int:
        """Count what an agent holds."""
        return len(self._held.get(agent, ()))

    def all(self) -> list[Ticket]:
        """Give every open ticket."""
        return list(self._tickets.values())

    def ringing(self) -> list[Ticket]:
        """Give the tickets that ring for somebody."""
        return [self._tickets[ticket] for ticket in self._ringing]

    def waiting(self, most: int | None = None) -> Iterator[Ticket]:
        """Give the waiting tickets in order, at most so many; do not change the line meanwhile."""
        return (self._tickets[ticket] for _, ticket in self._order[:most])

    def ahead(self, rank: float) -> int:
        """Count who waits here before this rank; who waits for a mail or a call is in nobody's way."""
        return bisect_left(self._order, (rank, "")) - bisect_left(self._elsewhere, (rank, ""))

    def position(self, ticket: Ticket) -> int | None:
        """Give the place from 1; None for a ticket that is not waiting."""
        return bisect_left(self._order, (ticket.rank, ticket.id)) + 1 if ticket.state in WAITING else None

    def put(self, ticket: Ticket) -> None:
        """Take in a ticket as it stands now."""
        self._drop(self._tickets.get(ticket.id))
        self._changed.add(ticket.id)
        if ticket.state in OPEN:
            self._tickets[ticket.id] = ticket
            self._by_conversation[ticket.conversation] = ticket.id
        if ticket.state in WAITING:
            insort(self._order, (ticket.rank, ticket.id))
            if not ticket.waits_here:
                insort(self._elsewhere, (ticket.rank, ticket.id))
            if ticket.state == RINGING:
                self._ringing.add(ticket.id)
        elif ticket.state == HELD and ticket.agent:
            self._held[ticket.agent].add(ticket.id)

    def change(self, ticket: str, **values: Any) -> Ticket | None:
        """Lay committed values over a ticket."""
        known = self._tickets.get(ticket)
        if known is None:
            return None
        changed = replace(known, **values)
        self.put(changed)
        return changed

    def take_changes(self) -> set[str]:
        """Give the ids of tickets that changed since the last call."""
        changed, self._changed = self._changed, set()
        return changed

    def _drop(self, ticket: Ticket | None) -> None:
        if ticket is None:
            return
        del self._tickets[ticket.id]
        self._ringing.discard(ticket.id)
        if self._by_conversation.get(ticket.conversation) == ticket.id:
            del self._by_conversation[ticket.conversation]
        if ticket.state in WAITING:
            del self._order[bisect_left(self._order, (ticket.rank, ticket.id))]
            if not ticket.waits_here:
                del self._elsewhere[bisect_left(self._elsewhere, (ticket.rank, ticket.id))]
        elif ticket.agent and ticket.id in self._held.get(ticket.agent, ()):
            self._held[ticket.agent].discard(ticket.id)
