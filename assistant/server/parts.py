"""Everything the server is made of, handed in once at start: the shapes only, nothing is built here."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from starlette.types import ASGIApp

from assistant.conversation import Conversation
from assistant.events import Fact
from assistant.knowledge import Page
from assistant.phrases import Phrases
from assistant.server.hub import Hub
from assistant.settings import Settings
from assistant.transcript.store import Store


@dataclass(frozen=True, slots=True)
class Asked:
    """One command of a visitor as a flow sees it; ``txn`` has been checked, ``data`` has not."""

    conversation: str
    visitor: str
    locale: str
    txn: str | None
    data: Mapping[str, Any]


Answer = Callable[[Asked], Awaitable[Mapping[str, Any] | None]]
"""A flow's command: commits, then gives fields for the ``ack`` (``seq``, ``dup``, …) or None."""


@dataclass(frozen=True, slots=True)
class Flows:
    """What happens after a message is stored. A command that is not in ``commands`` answers ``not_allowed``.

    ``take`` and ``cancel`` return at once (cancel: when the run has ended); ``drain`` waits for running turns, at
    most that many seconds. ``joined`` gives the passing frames a visitor needs on coming (back), such as
    ``queue.updated``. ``left`` is told when a visitor's last socket has gone.
    """

    take: Callable[[str, Fact], Awaitable[None]]
    cancel: Callable[[str, str | None], Awaitable[None]]
    drain: Callable[[float], Awaitable[None]]
    commands: Mapping[str, Answer] = field(default_factory=dict)
    joined: Callable[[Conversation], Awaitable[Sequence[dict[str, object]]]] | None = None
    left: Callable[[str], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True)
class Face:
    """Who the visitor talks to, in one language."""

    name: str
    role: str
    greeting: str
    disclosure: str
    quick_replies: tuple[str, ...] = ()
    look: str = "mio"


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in seconds and counts; the defaults are the protocol's."""

    hello_s: float = 10.0
    ping_after_s: float = 25.0
    pong_within_s: float = 8.0
    send_s: float = 5.0
    tick_s: float = 1.0
    token_s: float = 3600.0
    message_rate: float = 1.0
    message_burst: int = 5
    messages_per_5_min: int = 30
    frame_rate: float = 20.0
    frame_burst: int = 120
    connections: int = 5
    conversations_per_12_h: int = 6
    inline_facts: int = 300
    local_is_limited: bool = False


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one server. ``page`` finds a knowledge page by id; ``ready`` tells which parts work.

    ``voice`` tells who speaks a language: a server voice's name, ``browser`` or ``off``. ``doors`` makes further
    WebSocket endpoints by path, out of these parts and the lobby.
    """

    settings: Settings
    store: Store
    hub: Hub
    flows: Flows
    phrases: Phrases
    faces: Mapping[str, Face]
    company: Mapping[str, str] = field(default_factory=dict)
    page: Callable[[str], Page | None] = lambda _id: None
    ready: Callable[[], Mapping[str, bool]] = dict
    voice: Callable[[str], str] = lambda _language: "browser"
    limits: Limits = field(default_factory=Limits)
    routers: Sequence[APIRouter] = ()
    doors: Mapping[str, Callable[["Parts", Any], ASGIApp]] = field(default_factory=dict)
    start: Sequence[Callable[[], Awaitable[None]]] = ()
    stop: Sequence[Callable[[], Awaitable[None]]] = ()
