"""Brings a person in: the words "I am bringing in a person" and the place in the line are one transaction.

What is said follows from who is there: people with room, people who are busy, nobody in opening hours, or closed.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from assistant.conversation import ASSISTANT, ASSISTANT_SPEAKS, SYSTEM, Driver, new_id
from assistant.decision.policy import Policy
from assistant.errors import DriverConflict
from assistant.events import Draft, draft
from assistant.facts import HandoffQueued, HandoffRequested, MessageCreated
from assistant.handoff.duty import Duty
from assistant.handoff.floor import Floor
from assistant.handoff.ledger import Ledger, Step
from assistant.handoff.line import Line, rank_of
from assistant.handoff.outbox import Outbox
from assistant.handoff.tickets import QUEUED, Ticket
from assistant.handoff.wait import Waits
from assistant.phrases import Phrases
from assistant.ports import Broadcast
from assistant.transcript.store import Appended, Store

_PREVIEW = 120
_ON_CALL = "webhook"


@dataclass(frozen=True, slots=True)
class HandoffRequest:
    """Why a person is needed; ``reason`` is a code of the brief, ``grave`` keeps the words quiet."""

    by: Literal["customer", "policy", "model", "agent", "system"]
    reason: str
    severity: str
    language: str
    reasons: tuple[str, ...] = ()
    kind: str = "none"
    grave: bool = False
    urgent_given: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """The message that says what happened: its id, what opens it, what is stored right behind it (a run's end)."""

    message: str
    after: Sequence[Draft] = ()
    opening: str = ""

    def around(self, text: str, language: str) -> str:
        """Give the text behind its opening (condolences, an apology), where there is one."""
        return f"{self.opening}{'' if language == 'ja' else ' '}{text}" if self.opening else text


@dataclass(frozen=True, slots=True)
class Outlook:
    """What awaits a newcomer: ``open`` (somebody is there), ``full``, ``nobody`` (in opening hours) or ``closed``."""

    state: Literal["open", "full", "nobody", "closed"]
    ahead: int
    wait_s: tuple[int, int] | None
    basis: str


class HandOver:
    """Moves a conversation into the line and says so, both or neither.

    ``elsewhere``: people of another help desk take talks as well, in the same opening hours.
    """

    def __init__(self, ledger: Ledger, phrases: Phrases, policy: Policy, floor: Floor, waits: Waits,
                 elsewhere: bool = False) -> None:
        self._ledger, self._phrases, self._policy, self._floor, self.waits = ledger, phrases, policy, floor, waits
        self._elsewhere = elsewhere
        self.duty = Duty(policy.duty, policy.contact)
        # Two newcomers at once must not both be told the same place.
        self._door = asyncio.Lock()

    @classmethod
    def alone(cls, store: Store, broadcast: Broadcast, phrases: Phrases, policy: Policy) -> "HandOver":
        """Make one with a line and a desk of its own, at which nobody sits."""
        line = Line()
        waits = Waits(policy.line.wait_quantile, policy.line.wait_default_s, policy.line.ringing_timeout_s)
        return cls(Ledger(store, broadcast, line, Outbox()), phrases, policy, Floor(line), waits)

    async def request(self, conversation: str, request: HandoffRequest, words: Words, before: Sequence[Draft] = (),
                      state: dict[str, object] | None = None, *, principal: str | None = None,
                      txn: str | None = None) -> Appended:
        """Take a place in the line; ``before`` is stored first, all in one transaction. Raises DriverConflict.

        ``principal`` and ``txn`` are those of a visitor's command.
        """
        async with self._door:
            ticket = await self._ticket(conversation, request)
            outlook = self.outlook(ticket.rank)
            oncall = outlook.state in ("closed", "nobody") and ticket.severity in self._policy.duty.always
            asked = HandoffRequested(by=request.by, reason=request.reason, reasons=list(request.reasons))
            queued = HandoffQueued(ticket=ticket.id, severity=ticket.severity, open=outlook.state in ("open", "full"))
            text = self._text(request, ticket, outlook, oncall and _ON_CALL in self._ledger.outbox.targets)
            return await self._ledger.enter(ticket, Step(
                drafts=[*before, draft("handoff.requested", asked, SYSTEM, txn),
                        draft("handoff.queued", queued, SYSTEM),
                        draft("message.created", MessageCreated(
                            message=words.message, text=words.around(text, request.language)), ASSISTANT),
                        *words.after],
                while_driver=ASSISTANT_SPEAKS, to=Driver.QUEUED, state=state, principal=principal, payload=["request"],
                extra=self._call_in(ticket) if oncall and _ON_CALL in self._ledger.outbox.targets else None))

    async def remind(self, conversation: str, language: str, words: Words, before: Sequence[Draft] = (),
                     state: dict[str, object] | None = None, *, principal: str | None = None,
                     txn: str | None = None) -> Appended:
        """Say that the place in the line is kept, to somebody who is waiting already."""
        text = words.around(self._phrases.say("handoff.already", language), language)
        said = MessageCreated(message=words.message, text=text)
        drafts = [*before, draft("message.created", said, ASSISTANT, txn), *words.after]
        return await self._ledger.say(conversation, Step(drafts=drafts, while_driver=ASSISTANT_SPEAKS, state=state,
                                                         principal=principal, payload=["remind"]))

    def outlook(self, rank: float) -> Outlook:
        """Tell what awaits somebody of that rank."""
        line, now = self._ledger.line, self._ledger.clock()
        ahead = line.ahead(rank)
        slots, free = self._floor.slots()
        law = self.waits.expect(ahead, slots, free)
        if law is None:
            if not self.duty.open(now):
                return Outlook("closed", ahead, None, "closed")
            return Outlook("open" if self._elsewhere else "nobody", ahead, None, "nobody")
        full = len(line) >= self._policy.line.capacity
        return Outlook("full" if full else "open", ahead, self.waits.interval(law), self.waits.basis)

    def due(self, seconds: float, severity: str, now: float) -> float:
        """Give when a service clock of so many seconds runs out: it rests off hours, but not where somebody is
        called in at any hour."""
        return now + seconds if severity in self._policy.duty.always else self.duty.after(now, seconds)

    async def _ticket(self, conversation: str, request: HandoffRequest) -> Ticket:
        store, now = self._ledger.store, self._ledger.clock()
        row = await store.conversation(conversation)
        if self._ledger.line.of(conversation):
            raise DriverConflict(f"{conversation} waits already")
        turns, state = await store.history(conversation, 8), await store.state(conversation)
        last = next((turn.text for turn in reversed(turns) if turn.speaker == "visitor"), "")
        rank = rank_of(now, request.severity, self._policy.line.ageing_s)
        slots, free = self._floor.slots()
        law = self.waits.expect(self._ledger.line.ahead(rank), slots, free)
        seconds = getattr(self._policy.sla.first_response_s, request.severity)
        due = self.due(seconds, request.severity, now)
        intensities = (state.get("progress") or {}).get("intensities") or [0.0]
        return Ticket(
            id=new_id("t"), conversation=conversation, visitor=row.visitor, state=QUEUED, severity=request.severity,
            kind=request.kind, reason=request.reason, language=request.language, entered_at=now, rank=rank,
            skills=tuple(self._policy.kind(request.kind).skills), intensity=float(intensities[-1]),
            preview=" ".join(last.split())[:_PREVIEW], name=(state.get("collected") or {}).get("name"),
            expected=law.as_json() if law else None, clock="first", clock_due=due,
            clock_warn=due - seconds * (1 - self._policy.sla.warn_at))

    def _text(self, request: HandoffRequest, ticket: Ticket, outlook: Outlook, called_in: bool) -> str:
        say, language = self._phrases.say, request.language
        if outlook.state in ("closed", "nobody"):
            return self._away(request, ticket, outlook, called_in)
        if outlook.state == "full" and ticket.severity not in self._policy.duty.always:
            return say("handoff.full", language)
        if request.grave:
            return say("handoff.queued_grave", language)
        if not outlook.ahead or not outlook.wait_s:
            return say("handoff.queued", language)
        low, high = outlook.wait_s
        return say("handoff.queued_ahead", language, ahead=outlook.ahead, low=max(1, low // 60),
                   high=max(1, -(-high // 60)))

    def _away(self, request: HandoffRequest, ticket: Ticket, outlook: Outlook, called_in: bool) -> str:
        say, language = self._phrases.say, request.language
        urgent = ticket.severity in self._policy.duty.always
        number = self._policy.duty.night_numbers.get(ticket.kind) if urgent else None
        opens = self.duty.opens(self._ledger.clock())
        parts = []
        if outlook.state == "nobody" or opens is None:
            parts.append(say("handoff.nobody", language))
            if number:
                parts.append(say("handoff.number", language, number=number))
        elif number:
            parts.append(say("handoff.closed_urgent", language, number=number))
        else:
            parts.append(say("handoff.closed", language, opens=self.duty.say(opens, language)))
        if called_in:
            parts.append(say("handoff.oncall", language))
        return ("" if language == "ja" else " ").join(parts)

    def _call_in(self, ticket: Ticket) -> "_CallIn":
        return _CallIn(self._ledger, ticket)


@dataclass(frozen=True, slots=True)
class _CallIn:
    """Tells the on-call webhook, within the transaction that says so."""

    ledger: Ledger
    ticket: Ticket

    def __call__(self, connection: Connection) -> None:
        ticket, now = self.ticket, self.ledger.clock()
        data = {"ticket": ticket.id, "conversation": ticket.conversation, "severity": ticket.severity,
                "kind": ticket.kind, "language": ticket.language}
        self.ledger.outbox.add(connection, "oncall.needed", ticket.conversation, data, now, now, (_ON_CALL,))
