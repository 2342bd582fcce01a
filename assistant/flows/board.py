"""What changes on everybody's screen: the line and the talks for agents, the place and the wait for visitors.

It collects changes and sends what is new a few times a second: never the whole line to everybody.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from assistant.errors import DriverConflict, OmotenashiError
from assistant.events import Fact
from assistant.handoff.human_side import HumanSide
from assistant.handoff.ledger import Step
from assistant.handoff.line import SEVERITIES, rank_of
from assistant.handoff.tickets import HELD, OPEN, RINGING, WAITING, Ticket, iso

log = logging.getLogger(__name__)

SHOWN = 300
"""Tickets from the top of the line that a desk sees; the others move up as these leave."""
_PLACES_S, _TEAM_S, _AGAIN_S = 0.5, 1.0, 15.0
_SHARE = 4
_CHUNK = 200
_LAST = 60


class Board:
    """``listening`` tells whether a visitor of a conversation is connected."""

    def __init__(self, side: HumanSide, listening: Callable[[str], bool], every_s: float = 0.1) -> None:
        self._side, self._listening, self._every_s = side, listening, every_s
        self._shown: set[str] = set()
        self._rings: dict[str, str] = {}
        self._holders: dict[str, str] = {}
        self._talks: dict[str, dict[str, Any]] = {}
        self._stale: set[str] = set()
        self._seen: dict[str, int] = {}
        self._places: dict[str, tuple[object, ...]] = {}
        self._places_at = self._team_at = self._again_at = 0.0
        self._moved = self._people = False
        self._task: asyncio.Task[None] | None = None
        self._work: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to send; an answer that was owed when the server stopped is owed still."""
        for ticket in self._side.line.all():
            if ticket.state == HELD and ticket.clock is None:
                facts = await self._side.store.facts_before(ticket.conversation, 2**53, _LAST)
                said = [fact for fact in facts if fact.type == "message.created"]
                if said and said[-1].actor.kind == "visitor":
                    await self._said(ticket.id, said[-1])
        self._task = asyncio.create_task(self._run(), name="board")

    async def stop(self) -> None:
        """End it."""
        for task in (self._task, *self._work):
            if task:
                task.cancel()
        await asyncio.gather(*(task for task in (self._task, *self._work) if task), return_exceptions=True)

    def line(self) -> list[dict[str, object]]:
        """Give the top of the line as a desk sees it."""
        return [self._wire(ticket, place) for place, ticket in enumerate(self._side.line.waiting(SHOWN), 1)]

    async def mine(self, agent: str) -> list[dict[str, Any]]:
        """Give an agent's talks."""
        return [await self._talk(ticket) for ticket in self._side.line.held_by(agent)]

    def people_changed(self) -> None:
        """Somebody came, went or changed their presence: the team and the waits are told anew."""
        self._people = self._moved = True

    def seen(self, conversation: str, seq: int) -> None:
        """The agent has read so far."""
        if seq > self._seen.get(conversation, 0):
            self._seen[conversation] = seq
            self._stale.add(conversation)

    def heard(self, conversation: str, facts: Sequence[Fact]) -> None:
        """See facts go by; what must be stored because of them is done right after."""
        ticket = self._side.line.of(conversation)
        if ticket is None:
            return
        for fact in facts:
            if fact.type == "message.created":
                self._stale.add(conversation)
                if fact.actor.kind == "visitor":
                    self._later(self._said(ticket.id, fact))
            elif fact.type == "moment.detected":
                self._later(self._felt(ticket.id, fact.data["reading"]))

    async def flush(self) -> None:
        """Send what is new."""
        changed, now = self._side.line.take_changes(), asyncio.get_running_loop().time()
        if changed:
            self._moved = self._people = True
            self._send_line(changed)
        await self._send_talks(changed)
        if self._people and now - self._team_at > _TEAM_S:
            self._people, self._team_at = False, now
            self._side.floor.tell_all({"type": "team.updated", "team": self._side.floor.team()})
        if (self._moved and now > self._places_at) or now > self._again_at:
            self._moved = False
            await self._send_places()
            done = asyncio.get_running_loop().time()
            # Thousands of places must not keep the server from everything else.
            self._places_at = done + max(_PLACES_S, _SHARE * (done - now))
            self._again_at = done + _AGAIN_S

    async def _run(self) -> None:
        while True:
            try:
                await self.flush()
            except OmotenashiError as error:
                log.warning("the board goes on after %s", type(error).__name__)
            except Exception:
                log.exception("the board goes on")
            await asyncio.sleep(self._every_s)

    def _send_line(self, changed: set[str]) -> None:
        line, floor = self._side.line, self._side.floor
        shown = {ticket.id: (place, ticket) for place, ticket in enumerate(line.waiting(SHOWN), 1)}
        fresh = [self._wire(ticket, place) for name, (place, ticket) in shown.items()
                 if name in changed or name not in self._shown]
        # Also what came and went between two flushes: a desk that opened meanwhile may show it.
        removed = sorted((self._shown | changed - set(self._holders)) - set(shown))
        self._shown = set(shown)
        if fresh or removed:
            floor.tell_all({"type": "line.updated", "tickets": fresh, "removed": removed, "waiting": len(line)})
        for name in changed:
            self._ringing_ended(name, line.get(name))

    def _ringing_ended(self, name: str, ticket: Ticket | None) -> None:
        was = self._rings.get(name)
        now = ticket.agent if ticket and ticket.state == RINGING else None
        if was and was != now:
            reason = "left" if ticket is None else "taken" if ticket.state == HELD else "timeout"
            self._side.floor.tell(was, {"type": "ringing.ended", "ticket": name, "reason": reason})
            self._rings.pop(name)
        if now:
            self._rings[name] = now

    async def _send_talks(self, changed: set[str]) -> None:
        line = self._side.line
        stale, self._stale = self._stale, set()
        agents: set[str] = set()
        for name in changed:
            ticket = line.get(name)
            holder = ticket.agent if ticket and ticket.state == HELD else None
            agents |= {agent for agent in (self._holders.pop(name, None), holder) if agent}
            if ticket and holder:
                self._holders[name] = holder
                self._talks.pop(ticket.conversation, None)
        for conversation in stale:
            self._talks.pop(conversation, None)
            talk = line.of(conversation)
            if talk and talk.state == HELD and talk.agent:
                agents.add(talk.agent)
        for agent in agents:
            self._side.floor.tell(agent, {"type": "mine.updated", "conversations": await self.mine(agent)})

    async def _talk(self, ticket: Ticket) -> dict[str, Any]:
        known = self._talks.get(ticket.conversation)
        if known is None:
            known = self._talks[ticket.conversation] = await self._read(ticket)
        return known

    async def _read(self, ticket: Ticket) -> dict[str, Any]:
        facts = await self._side.store.facts_before(ticket.conversation, 2**53, _LAST)
        said = [fact for fact in facts if fact.type == "message.created"]
        # Who has written has read what stands above.
        written = max((fact.seq for fact in said if fact.actor.id == ticket.agent), default=0)
        seen = max(self._seen.get(ticket.conversation, 0), written)
        last = said[-1] if said else None
        return {
            "conversation": ticket.conversation, "ticket": ticket.id, "driver": "agent", "visitor": ticket.visitor,
            "name": ticket.name, "language": ticket.language, "locale": ticket.language, "kind": ticket.kind,
            "severity": ticket.severity, "intensity": round(ticket.intensity, 3), "abuse": ticket.abuse,
            "agent": ticket.agent, "joined": list(ticket.joined),
            "unread": sum(fact.actor.kind == "visitor" and fact.seq > seen for fact in said),
            "last": {"text": str(last.data["text"])[:120], "at": last.at.isoformat(timespec="milliseconds"),
                     "from": last.actor.kind} if last else None,
            "sla": {"next_response_due": iso(ticket.clock_due) if ticket.clock else None,
                    "state": ticket.sla()["state"]},
        }

    async def _send_places(self) -> None:
        """Tell each visitor who is connected their place, when it or the wait has changed."""
        waiting = list(self._side.line.waiting())
        for number, ticket in enumerate(waiting):
            if number % _CHUNK == _CHUNK - 1:
                await asyncio.sleep(0)
            if not self._listening(ticket.conversation):
                self._places.pop(ticket.id, None)
                continue
            current = self._side.line.get(ticket.id)
            if current is None or current.state not in WAITING:
                continue
            frame = self._side.queue_frame(current)
            place = (frame["position"], str(frame["wait_s"]), frame["open"])
            if self._places.get(ticket.id) != place:
                self._places[ticket.id] = place
                await self._side.ledger.frame(ticket.conversation, frame, "visitor")
        for gone in set(self._places) - {ticket.id for ticket in waiting}:
            del self._places[gone]

    async def _said(self, name: str, fact: Fact) -> None:
        """A visitor wrote: the preview follows, and an agent who holds the talk owes an answer."""
        side, ticket = self._side, self._side.line.get(name)
        if ticket is None:
            return
        values: dict[str, Any] = {"preview": " ".join(str(fact.data["text"]).split())[:120]}
        if ticket.state == HELD and ticket.clock is None:
            now, seconds = side.now(), getattr(side.policy.sla.next_response_s, ticket.severity)
            due = side.hand_over.due(seconds, ticket.severity, now)
            values |= {"clock": "next", "clock_due": due, "clock_state": "ok",
                       "clock_warn": due - seconds * (1 - side.policy.sla.warn_at)}
        await self._keep(ticket, values)

    async def _felt(self, name: str, reading: Mapping[str, Any]) -> None:
        """A message was read: a ticket may become more pressing while it waits, never less."""
        side, ticket = self._side, self._side.line.get(name)
        if ticket is None:
            return
        kind, p = reading.get("moment", {}).get("kind", "none"), reading.get("moment", {}).get("p", 0.0)
        values: dict[str, Any] = {"intensity": float(reading.get("intensity", 0.0)),
                                  "abuse": ticket.abuse or bool(reading.get("abuse"))}
        severity = side.policy.kind(kind).severity
        if kind != "none" and p >= side.policy.thresholds.kind and (
                SEVERITIES.index(severity) < SEVERITIES.index(ticket.severity)):
            rank = rank_of(ticket.entered_at, severity, side.policy.line.ageing_s)
            values |= {"kind": kind, "severity": severity, "rank": min(ticket.rank, rank)}
        await self._keep(ticket, values)

    async def _keep(self, ticket: Ticket, values: Mapping[str, Any]) -> None:
        if all(getattr(ticket, key) == value for key, value in values.items()):
            return
        try:
            await self._side.ledger.change(ticket, Step(), while_state=OPEN, **values)
        except DriverConflict:
            return

    def _wire(self, ticket: Ticket, place: int) -> dict[str, object]:
        rests = not self._side.hand_over.duty.open(self._side.now())
        return ticket.wire(place, rests and ticket.severity not in self._side.policy.duty.always)

    def _later(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
