"""One transaction for what is said and what is done: facts, driver, ticket and the events for other systems.

The line learns of a change after its commit, then everybody who listens does.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from assistant.conversation import Driver
from assistant.events import Draft
from assistant.handoff.line import Line
from assistant.handoff.outbox import Outbox
from assistant.handoff.tickets import Ticket, Work, adding, changing
from assistant.ports import Broadcast
from assistant.transcript.store import Appended, Store

Then = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Step:
    """What is stored with a change: facts, who may drive now and next, and for a command its sender and payload."""

    drafts: Sequence[Draft] = ()
    while_driver: frozenset[Driver] | None = None
    to: Driver | None = None
    state: dict[str, Any] | None = None
    principal: str | None = None
    payload: object = None
    extra: Work | None = None


class Ledger:
    """Writes changes of the human side. Methods raise DriverConflict when somebody else was faster."""

    def __init__(self, store: Store, broadcast: Broadcast, line: Line, outbox: Outbox,
                 clock: Callable[[], float] = time.time) -> None:
        self.store, self.line, self.outbox, self.clock = store, line, outbox, clock
        self._broadcast = broadcast

    async def enter(self, ticket: Ticket, step: Step, then: Then | None = None) -> Appended:
        """Open a ticket; ``then`` is done before anybody is told."""
        stored = await self._append(ticket, step, adding(ticket))
        if not stored.dup:
            self.line.put(ticket)
            if then:
                await then()
        await self.tell(stored)
        return stored

    async def change(self, ticket: Ticket, step: Step, *, while_state: frozenset[str], holder: str | None = None,
                     then: Then | None = None, **values: Any) -> Appended:
        """Compare and set a ticket; ``holder`` must be its agent. ``then`` is done before anybody is told."""
        work = changing(ticket.id, while_state, holder, **values)
        stored = await self._append(replace(ticket, **values), step, work)
        if not stored.dup:
            self.line.change(ticket.id, **values)
            if then:
                await then()
        await self.tell(stored)
        return stored

    async def say(self, conversation: str, step: Step, ticket: Ticket | None = None) -> Appended:
        """Store facts that change no ticket; ``ticket`` is named to other systems."""
        stored = await self._append(ticket, step, None, conversation)
        await self.tell(stored)
        return stored

    async def tell(self, stored: Appended) -> None:
        """Send what was stored."""
        await self._broadcast.facts(stored.conversation.id, stored.facts)

    async def frame(self, conversation: str, frame: dict[str, object], audience: str = "all") -> None:
        """Send a passing frame."""
        await self._broadcast.frame(conversation, frame, audience)

    async def _append(self, ticket: Ticket | None, step: Step, work: Work | None,
                      conversation: str | None = None) -> Appended:
        about = conversation or (ticket.conversation if ticket else "")
        now = self.clock()

        def extra(connection: Connection) -> None:
            for one in (work, step.extra):
                if one:
                    one(connection)
            self.outbox.enqueue(connection, about, step.drafts, ticket, now)

        return await self.store.append(about, step.drafts, principal=step.principal, while_driver=step.while_driver,
                                       to=step.to, state=step.state, payload=step.payload, extra=extra)
