"""A conversation's identity and the one question that must never be unclear: who may speak now.

Owns ids, actors and the driver's table of legal moves; it stores nothing and sends nothing.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from assistant.errors import NotAllowed

ActorKind = Literal["visitor", "assistant", "agent", "system"]


class Driver(StrEnum):
    """Who holds the conversation. In OFFERED, QUEUED and RINGING the assistant still helps."""

    ASSISTANT = "assistant"
    OFFERED = "offered"
    QUEUED = "queued"
    RINGING = "ringing"
    AGENT = "agent"
    WRAP_UP = "wrap_up"
    CLOSED = "closed"


MOVES: dict[Driver, frozenset[Driver]] = {
    Driver.ASSISTANT: frozenset({Driver.OFFERED, Driver.QUEUED, Driver.AGENT, Driver.CLOSED}),
    Driver.OFFERED: frozenset({Driver.ASSISTANT, Driver.QUEUED, Driver.AGENT, Driver.CLOSED}),
    Driver.QUEUED: frozenset({Driver.ASSISTANT, Driver.RINGING, Driver.AGENT, Driver.CLOSED}),
    Driver.RINGING: frozenset({Driver.QUEUED, Driver.AGENT, Driver.ASSISTANT, Driver.CLOSED}),
    Driver.AGENT: frozenset({Driver.QUEUED, Driver.WRAP_UP, Driver.ASSISTANT, Driver.CLOSED}),
    Driver.WRAP_UP: frozenset({Driver.ASSISTANT, Driver.QUEUED, Driver.CLOSED}),
    Driver.CLOSED: frozenset({Driver.ASSISTANT}),
}
"""Every legal move (protocol promise 4). A supervisor may join (assistant → agent) and a closed talk may reopen."""

ASSISTANT_SPEAKS = frozenset({Driver.ASSISTANT, Driver.OFFERED, Driver.QUEUED, Driver.RINGING, Driver.WRAP_UP})
"""Drivers under which the assistant may write. Never under AGENT or CLOSED."""

IN_LINE = frozenset({Driver.QUEUED, Driver.RINGING})


def move(current: Driver, to: Driver) -> Driver:
    """Give ``to`` if the table allows it, else raise NotAllowed."""
    if to not in MOVES[current]:
        raise NotAllowed(f"driver may not move from {current} to {to}")
    return to


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something. ``name`` is only set where it may be shown (agents)."""

    kind: ActorKind
    id: str | None = None
    name: str | None = None


ASSISTANT = Actor("assistant")
SYSTEM = Actor("system")


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation's row: ``head`` is its last fact's seq, ``version`` counts driver changes (compare-and-set)."""

    id: str
    visitor: str
    locale: str
    driver: Driver
    version: int
    head: int
    epoch: str
    created_at: datetime


def new_id(prefix: str) -> str:
    """Make an unguessable id such as ``c_…`` (128 random bits)."""
    return f"{prefix}_{secrets.token_urlsafe(16)}"
