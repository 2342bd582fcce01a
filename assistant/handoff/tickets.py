"""A ticket: one visitor's place in the line, then the talk with a person. Owns its values, row and wire form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from assistant.errors import DriverConflict
from assistant.handoff.tables import tickets

QUEUED, RINGING, HELD, DONE = "queued", "ringing", "held", "done"
WAITING = frozenset({QUEUED, RINGING})
OPEN = frozenset({QUEUED, RINGING, HELD})

Work = Callable[[Connection], object]


@dataclass(frozen=True, slots=True)
class Ticket:
    """Times are Unix seconds. ``agent`` rings (state ringing) or holds (held); ``target`` is who it was passed to.

    ``rank`` orders the line, smallest first. ``clock`` is the service clock that runs (first, next or None).
    """

    id: str
    conversation: str
    visitor: str
    state: str
    severity: str
    kind: str
    reason: str
    language: str
    entered_at: float
    rank: float
    skills: tuple[str, ...] = ()
    intensity: float = 0.0
    abuse: bool = False
    preview: str = ""
    name: str | None = None
    team: str | None = None
    agent: str | None = None
    target: str | None = None
    offered_at: float | None = None
    accepted_at: float | None = None
    answered_at: float | None = None
    ended_at: float | None = None
    outcome: str | None = None
    contact: Mapping[str, Any] | None = None
    joined: tuple[str, ...] = ()
    expected: Mapping[str, Any] | None = None
    clock: str | None = None
    clock_due: float | None = None
    clock_warn: float | None = None
    clock_state: str = "ok"

    @property
    def waits_here(self) -> bool:
        """Tell whether the visitor waits in the chat rather than for a mail or a call."""
        return not self.contact or self.contact.get("choice") == "wait"

    def sla(self, rests: bool = False) -> dict[str, object]:
        """Give the service clock as the desk shows it; it rests off hours."""
        state = "paused" if self.clock is None or (rests and self.clock_state == "ok") else self.clock_state
        return {"due": iso(self.clock_due) if self.clock else None, "state": state}

    def wire(self, position: int | None, rests: bool = False) -> dict[str, object]:
        """Give the TICKET of the desk's contract."""
        shown: dict[str, object] = {
            "ticket": self.id, "conversation": self.conversation, "severity": self.severity, "kind": self.kind,
            "reason": self.reason, "intensity": round(self.intensity, 3), "language": self.language,
            "entered_at": iso(self.entered_at), "rank": self.rank, "position": position, "state": self.state,
            "preview": self.preview, "abuse": self.abuse, "skills": list(self.skills),
            "sla": {"first_response_due": iso(self.clock_due) if self.clock == "first" else None,
                    "state": self.sla(rests)["state"]},
        }
        optional = (("agent", self.agent), ("name", self.name), ("team", self.team), ("target", self.target),
                    ("contact", dict(self.contact) if self.contact else None))
        return shown | {key: value for key, value in optional if value is not None}


_COLUMNS = tuple(field.name for field in fields(Ticket))
_LISTS = ("skills", "joined")


def ticket_of(row: Any) -> Ticket:
    """Read a row."""
    values = {name: getattr(row, name) for name in _COLUMNS}
    return Ticket(**values | {name: tuple(values[name] or ()) for name in _LISTS})


def adding(ticket: Ticket) -> Work:
    """Give the statement that stores a new ticket. It loses (DriverConflict) to an open one of the conversation."""
    values = {name: getattr(ticket, name) for name in _COLUMNS}
    values |= {name: list(values[name]) for name in _LISTS}

    def work(connection: Connection) -> None:
        mine = (tickets.c.conversation == ticket.conversation, tickets.c.state != DONE)
        if connection.execute(select(tickets.c.id).where(*mine)).first():
            raise DriverConflict(f"{ticket.conversation} has a ticket already")
        connection.execute(insert(tickets), values)

    return work


def changing(ticket: str, while_state: frozenset[str], holder: str | None = None, **values: Any) -> Work:
    """Give a compare-and-set: it loses (DriverConflict) unless the ticket is in such a state, and ``holder``'s."""
    stored = {name: list(value) if name in _LISTS else value for name, value in values.items()}
    where = [tickets.c.id == ticket, tickets.c.state.in_(while_state)]
    if holder is not None:
        where.append(tickets.c.agent == holder)

    def work(connection: Connection) -> None:
        if connection.execute(update(tickets).where(*where).values(**stored)).rowcount != 1:
            raise DriverConflict(f"{ticket} is not {'/'.join(sorted(while_state))} any more")

    return work


def iso(at: float | None) -> str | None:
    """Write Unix seconds as UTC."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds") if at is not None else None
