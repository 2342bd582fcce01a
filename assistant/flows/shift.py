"""What time does to the human side: it rings, gives up on who has gone, watches the service clocks, closes talks.

Everything it needs is in the database: after a stop it goes on where it was.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from itertools import islice

from sqlalchemy import select

from assistant.conversation import SYSTEM, Driver, new_id
from assistant.database import conversations
from assistant.errors import DriverConflict, OmotenashiError
from assistant.events import Draft, Fact, draft
from assistant.facts import AgentPresence, ConversationClosed, HandoffEnded, MessageCreated, SlaEvent
from assistant.handoff.accounts import OUTSIDE, Agent
from assistant.handoff.floor import TALKS, Seat
from assistant.handoff.human_side import HumanSide
from assistant.handoff.ledger import Step
from assistant.handoff.line import front
from assistant.handoff.tables import tickets
from assistant.handoff.tickets import DONE, HELD, OPEN, QUEUED, RINGING, Ticket, iso, ticket_of

log = logging.getLogger(__name__)

WRAP_UP_S, LAST_WORD_S = 600.0, 60.0
"""A finished talk is closed after so long, or so long after the visitor has said how it went."""
_TRIED_S = 120.0
_LOOKED_AT = 50
_LEARNT = 400


class Shift:
    """The clockwork; ``tick`` does everything that is due, once. Times in seconds."""

    def __init__(self, side: HumanSide, every_s: float = 0.25) -> None:
        self._side, self._every_s = side, every_s
        self._tried: dict[str, dict[str, float]] = defaultdict(dict)
        self._closing: dict[str, float] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take up the line as the database has it, then begin."""
        await self.restore()
        self._task = asyncio.create_task(self._run(), name="shift")

    async def stop(self) -> None:
        """End the clockwork."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def restore(self) -> None:
        """Read the line, what was learnt about waits, who held talks, and the talks to be closed."""
        store, side, now = self._side.store, self._side, self._side.now()
        for row in await store.read(lambda c: c.execute(select(tickets).where(tickets.c.state != DONE)).all()):
            side.line.put(ticket_of(row))
        done = (select(tickets).where(tickets.c.state == DONE, tickets.c.accepted_at.is_not(None))
                .order_by(tickets.c.ended_at.desc()).limit(_LEARNT))
        side.waits.learn((row.expected, row.accepted_at - row.entered_at, row.ended_at - row.accepted_at)
                         for row in reversed(await store.read(lambda c: c.execute(done).all())))
        people = {agent.id: agent for agent in await side.accounts.all()}
        for ticket in side.line.all():
            if ticket.agent and ticket.state in (HELD, RINGING) and not ticket.agent.startswith(OUTSIDE):
                side.floor.expect(people.get(ticket.agent) or Agent(ticket.agent, "", "", "agent"), now)
        ended = select(conversations.c.id).where(conversations.c.driver == Driver.WRAP_UP.value)
        self._closing = {row.id: now + WRAP_UP_S for row in await store.read(lambda c: c.execute(ended).all())}

    def heard(self, conversation: str, facts: Sequence[Fact]) -> None:
        """See facts go by: talks that end, and what visitors say about them."""
        now = self._side.now()
        for fact in facts:
            if fact.type == "driver.changed":
                if fact.data["to"] == Driver.WRAP_UP.value:
                    self._closing[conversation] = now + WRAP_UP_S
                else:
                    self._closing.pop(conversation, None)
            elif fact.data.get("kind") == "satisfaction" and conversation in self._closing:
                self._closing[conversation] = min(self._closing[conversation], now + LAST_WORD_S)

    async def tick(self) -> None:
        """Do what is due."""
        now = self._side.now()
        await self._give_up(now)
        await self._end_rings(now)
        await self._ring(now)
        await self._clocks(now)
        await self._close(now)

    async def _run(self) -> None:
        while True:
            try:
                await self.tick()
            except OmotenashiError as error:
                log.warning("the shift goes on after %s", type(error).__name__)
            except Exception:
                log.exception("the shift goes on")
            await asyncio.sleep(self._every_s)

    async def _give_up(self, now: float) -> None:
        """Bring back to the front whoever was left alone by an agent that has gone."""
        side = self._side
        for seat in side.floor.gone_since(now - side.policy.line.agent_gone_s):
            for ticket in side.line.held_by(seat.agent.id):
                await self._lost(ticket, seat.agent)
            if not side.line.load(seat.agent.id):
                side.floor.clear(seat.agent.id)

    async def _lost(self, ticket: Ticket, agent: Agent) -> None:
        side, now = self._side, self._side.now()
        text = side.phrases.say("handoff.lost", ticket.language)
        drafts = [draft("handoff.expired", HandoffEnded(ticket=ticket.id, reason="agent_gone"), SYSTEM),
                  draft("agent.left", AgentPresence(name=agent.name), SYSTEM),
                  draft("message.created", MessageCreated(message=new_id("m"), text=text), SYSTEM)]
        seconds = getattr(side.policy.sla.next_response_s, ticket.severity)
        due = side.hand_over.due(seconds, ticket.severity, now)
        try:
            await side.ledger.change(
                ticket, Step(drafts, frozenset({Driver.AGENT}), Driver.QUEUED), while_state=frozenset({HELD}),
                holder=agent.id, state=QUEUED, agent=None, rank=front(ticket.rank), joined=(), clock="next",
                clock_due=due, clock_warn=due - seconds * (1 - side.policy.sla.warn_at), clock_state="ok")
        except DriverConflict:
            return
        side.floor.tell_all({"type": "alert", "kind": "agent_gone", "conversation": ticket.conversation,
                             "agent": agent.id, "name": agent.name})

    async def _end_rings(self, now: float) -> None:
        side = self._side
        for ticket in side.line.ringing():
            if ticket.agent is None:
                continue
            seat = side.floor.seat(ticket.agent)
            late = now - (ticket.offered_at or 0) >= side.policy.line.ringing_timeout_s
            if late or seat is None or not seat.available:
                await self.unring(ticket, ticket.agent)

    async def unring(self, ticket: Ticket, agent: str) -> None:
        """Stop ringing for this agent; the ticket stands where it stood and rings for the next one."""
        self._tried[ticket.id][agent] = self._side.now()
        try:
            await self._side.ledger.change(
                ticket, Step(while_driver=frozenset({Driver.RINGING}), to=Driver.QUEUED),
                while_state=frozenset({RINGING}), holder=agent, state=QUEUED, agent=None, offered_at=None, target=None)
        except DriverConflict:
            return

    async def _ring(self, now: float) -> None:
        side = self._side
        ringing = {ticket.agent for ticket in side.line.ringing()}
        free = [seat for seat in side.floor.available()
                if side.line.load(seat.agent.id) < TALKS and seat.agent.id not in ringing]
        here = (one for one in side.line.waiting() if one.state == QUEUED and one.waits_here)
        for ticket in list(islice(here, _LOOKED_AT)) if free else ():
            seat = self._next(ticket, free, now)
            if seat is None:
                continue
            free.remove(seat)
            seat.rung_at = now
            await self._offer(ticket, seat, now)
            if not free:
                return

    def _next(self, ticket: Ticket, free: list[Seat], now: float) -> Seat | None:
        """Choose who is asked: the one it was passed to; else by skills, then load, then who was asked longest ago."""
        tried = {agent for agent, at in self._tried.get(ticket.id, {}).items() if now - at < _TRIED_S}
        fit = [seat for seat in free if seat.agent.id not in tried
               and (ticket.target is None or seat.agent.id == ticket.target)
               and (ticket.team is None or seat.agent.team == ticket.team)]
        wanted = {*ticket.skills, ticket.language}
        return min(fit, default=None, key=lambda seat: (
            -len(wanted & set(seat.agent.skills)), self._side.line.load(seat.agent.id), seat.rung_at))

    async def _offer(self, ticket: Ticket, seat: Seat, now: float) -> None:
        side = self._side
        try:
            await side.ledger.change(
                ticket, Step(while_driver=frozenset({Driver.QUEUED}), to=Driver.RINGING),
                while_state=frozenset({QUEUED}), state=RINGING, agent=seat.agent.id, offered_at=now)
        except DriverConflict:
            return
        current = side.line.get(ticket.id)
        if current and current.state == RINGING:
            side.floor.tell(seat.agent.id, {"type": "ringing", "ticket": current.wire(side.line.position(current)),
                                            "expires_in_s": side.policy.line.ringing_timeout_s})

    async def _clocks(self, now: float) -> None:
        """Say in time that an answer is due, and when it is too late: no answer of anybody is needed for that."""
        for ticket in self._side.line.all():
            if ticket.clock is None or ticket.clock_due is None or not ticket.waits_here:
                continue
            if now >= ticket.clock_due and ticket.clock_state != "breached":
                await self._ran_out(ticket, "breached")
            elif ticket.clock_state == "ok" and now >= (ticket.clock_warn or ticket.clock_due):
                await self._ran_out(ticket, "warning")

    async def _ran_out(self, ticket: Ticket, state: str) -> None:
        side = self._side
        kind = f"sla.{state}"
        event = SlaEvent(ticket=ticket.id, clock=str(ticket.clock), due=str(iso(ticket.clock_due)))
        try:
            await side.ledger.change(ticket, Step([draft(kind, event, SYSTEM)]), while_state=OPEN, clock_state=state)
        except DriverConflict:
            return
        frame = {"type": "alert", "kind": kind, "conversation": ticket.conversation, "agent": ticket.agent}
        if ticket.agent:
            side.floor.tell(ticket.agent, frame)
        side.floor.tell_all(frame, frozenset({"supervisor", "admin"}))

    async def _close(self, now: float) -> None:
        for conversation in [one for one, at in self._closing.items() if at <= now]:
            self._closing.pop(conversation, None)
            state = await self._side.store.state(conversation)
            closed: list[Draft] = [draft("conversation.closed", ConversationClosed(
                by=str(state.get("closed_by") or "system"), outcome=state.get("outcome")), SYSTEM)]
            try:
                await self._side.ledger.say(conversation, Step(closed, frozenset({Driver.WRAP_UP}), Driver.CLOSED))
            except DriverConflict:
                continue
