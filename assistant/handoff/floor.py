"""Who is at the desk right now, through which sockets, and how many talks each of them holds. It stores nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from assistant.handoff.accounts import Agent
from assistant.handoff.line import Line

TALKS = 3
"""Talks that one person holds at once before the line stops ringing for them; they may take more themselves."""

Tell = Callable[[Mapping[str, object]], None]


@dataclass(slots=True)
class Seat:
    """One agent while signed in at a socket; ``gone_at`` (Unix seconds) since the last socket was lost."""

    agent: Agent
    presence: str
    sockets: list[Tell] = field(default_factory=list)
    gone_at: float | None = None
    rung_at: float = 0.0

    @property
    def available(self) -> bool:
        """Tell whether talks may be offered to this agent."""
        return bool(self.sockets) and self.presence == "available"


class Floor:
    """The seats by agent."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._seats: dict[str, Seat] = {}

    def sit(self, agent: Agent, tell: Tell) -> Seat:
        """Add a socket of an agent; who comes back within their time has never left."""
        seat = self._seats.setdefault(agent.id, Seat(agent, agent.presence))
        seat.agent, seat.gone_at = agent, None
        seat.sockets.append(tell)
        return seat

    def rise(self, agent: str, tell: Tell, now: float) -> bool:
        """Remove a socket; tells whether it was the last."""
        seat = self._seats.get(agent)
        if seat is None or tell not in seat.sockets:
            return False
        seat.sockets.remove(tell)
        if not seat.sockets:
            seat.gone_at = now
        return not seat.sockets

    def expect(self, agent: Agent, now: float) -> None:
        """Keep a seat for somebody who held talks when the server stopped."""
        self._seats.setdefault(agent.id, Seat(agent, agent.presence, gone_at=now))

    def clear(self, agent: str) -> None:
        """Forget a seat that nobody came back to."""
        self._seats.pop(agent, None)

    def seat(self, agent: str) -> Seat | None:
        """Give an agent's seat."""
        return self._seats.get(agent)

    def gone_since(self, before: float) -> list[Seat]:
        """Give the seats that have been empty since before that time."""
        return [seat for seat in self._seats.values() if seat.gone_at is not None and seat.gone_at <= before]

    def available(self) -> list[Seat]:
        """Give everybody who may be offered a talk."""
        return [seat for seat in self._seats.values() if seat.available and seat.agent.role != "editor"]

    def slots(self) -> tuple[int, int]:
        """Give how many talks can be held at once, and how many more right now."""
        seats = self.available()
        return (TALKS * len(seats), sum(max(0, TALKS - self._line.load(seat.agent.id)) for seat in seats))

    def tell(self, agent: str, frame: Mapping[str, object]) -> None:
        """Send a frame to every socket of an agent."""
        seat = self._seats.get(agent)
        for tell in list(seat.sockets) if seat else ():
            tell(frame)

    def tell_all(self, frame: Mapping[str, object], roles: frozenset[str] | None = None) -> None:
        """Send one frame to everybody, or to those of some roles."""
        for seat in list(self._seats.values()):
            if roles is None or seat.agent.role in roles:
                for tell in list(seat.sockets):
                    tell(frame)

    def team(self) -> list[dict[str, object]]:
        """Give who is here, whether they take talks, and how many they hold."""
        return [{"id": seat.agent.id, "name": seat.agent.name, "role": seat.agent.role, "team": seat.agent.team,
                 "presence": seat.presence if seat.sockets else "gone", "load": self._line.load(seat.agent.id)}
                for seat in self._seats.values()]
