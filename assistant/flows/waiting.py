"""What a visitor asks of the human side: a person, out of the line, a mail or a call instead, and how it went.

While somebody waits it asks, gently and at most once each, for what an agent would have to ask.
"""

import asyncio
import contextlib
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from assistant.conversation import ASSISTANT, IN_LINE, SYSTEM, Actor, Conversation, Driver, new_id
from assistant.decision.decide import TONES
from assistant.errors import BadRequest, DriverConflict, NotAllowed, OmotenashiError, RateLimited
from assistant.events import Draft, Fact, draft
from assistant.facts import AgentPresence, Collected, Empty, HandoffEnded, MessageCreated
from assistant.handoff import collect
from assistant.handoff.contact import read_choice
from assistant.handoff.hand_over import HandoffRequest, Words
from assistant.handoff.human_side import HumanSide
from assistant.handoff.ledger import Step
from assistant.handoff.tickets import DONE, HELD, OPEN, WAITING, Ticket
from assistant.transcript.redaction import redact
from assistant.transcript.store import Appended

_OFTEN, _WITHIN_S = 5, 60.0
_KEPT = 10_000
ASK_AFTER_S = 4.0
"""Somebody may accept at once: then nothing is asked."""


class Asked(Protocol):
    """One command of a visitor; ``txn`` has been checked, ``data`` has not."""

    conversation: str
    visitor: str
    locale: str
    txn: str | None
    data: Mapping[str, Any]


Command = Callable[[Any], Awaitable[Mapping[str, Any]]]


class Waiting:
    """The visitor's commands by name in ``commands``; ``take`` stands before the turn flow's."""

    def __init__(self, side: HumanSide, take: Callable[[str, Fact], Awaitable[None]],
                 ask_after_s: float = ASK_AFTER_S) -> None:
        self._side, self._take, self._ask_after_s = side, take, ask_after_s
        self._asking: set[asyncio.Task[None]] = set()
        self._wishes: OrderedDict[str, deque[float]] = OrderedDict()
        self.commands: Mapping[str, Command] = {
            "handoff.request": self._once(self.request), "handoff.leave": self._once(self.leave),
            "handoff.contact": self._once(self.contact), "collect.give": self._once(self.give),
        }

    def _once(self, command: Callable[[Asked], Awaitable[Appended]]) -> Command:
        """A command that was done under its txn is not done again, whatever has happened since."""
        async def answer(asked: Asked) -> Mapping[str, Any]:
            seq = await self._side.store.seq_of(asked.conversation, asked.visitor, str(asked.txn))
            if seq is not None:
                return {"seq": seq, "dup": True}
            stored = await command(asked)
            return {"seq": stored.facts[-1].seq if stored.facts else stored.conversation.head}

        return answer

    async def request(self, asked: Asked) -> Appended:
        """``handoff.request {reason?}``: a person, at once and never argued with, whatever the state."""
        self._count(asked.conversation)
        row = await self._side.store.conversation(asked.conversation)
        if row.driver is Driver.CLOSED:
            again = draft("conversation.reopened", Empty(), Actor("visitor", asked.visitor))
            await self._side.ledger.say(row.id, Step([again], frozenset({Driver.CLOSED}), Driver.ASSISTANT))
        elif row.driver is Driver.AGENT:
            return await self._side.ledger.say(row.id, Step([self._taken(asked, row)], principal=asked.visitor))
        words = Words(new_id("m"))
        if row.driver in IN_LINE:
            return await self._side.hand_over.remind(row.id, asked.locale, words, principal=asked.visitor,
                                                     txn=asked.txn)
        request = await self._wish(asked)
        try:
            stored = await self._side.hand_over.request(row.id, request, words, principal=asked.visitor,
                                                        txn=asked.txn)
        except DriverConflict:  # the turn flow took a place for them in the same moment
            return await self._side.hand_over.remind(row.id, asked.locale, words, principal=asked.visitor,
                                                     txn=asked.txn)
        return stored

    async def leave(self, asked: Asked) -> Appended:
        """``handoff.leave``: out of the line, or back from a person to the assistant."""
        side, ticket = self._side, self._ticket(asked)
        say = side.phrases.say
        if ticket.state == HELD:
            name = await self._holder(ticket)
            drafts = [draft("handoff.released", HandoffEnded(ticket=ticket.id, to="assistant", reason="customer"),
                            Actor("visitor", asked.visitor), asked.txn),
                      draft("agent.left", AgentPresence(name=name), SYSTEM),
                      _said(say("handoff.back", ticket.language))]
            drivers, outcome = frozenset({Driver.AGENT}), "left_talk"
        else:
            drafts = [draft("handoff.declined", HandoffEnded(ticket=ticket.id, reason="left"),
                            Actor("visitor", asked.visitor), asked.txn),
                      _said(say("handoff.left", ticket.language))]
            drivers, outcome = IN_LINE, "left"
        return await side.ledger.change(
            ticket, Step(drafts, drivers, Driver.ASSISTANT, {"asking": None}, asked.visitor, ["handoff.leave"]),
            while_state=frozenset({ticket.state}), state=DONE, ended_at=side.now(), outcome=outcome, clock=None)

    async def contact(self, asked: Asked) -> Appended:
        """``handoff.contact {choice, email?, phone?, window?}``: what is promised is what the policy holds."""
        side, ticket = self._side, self._ticket(asked, WAITING)
        data, window = read_choice(asked.data, ticket, side.hand_over.duty, side.now())
        phrase = side.phrases.say(f"handoff.contact_{data.choice}", ticket.language,
                                  **({"window": window} if window else {}))
        drafts = [draft("handoff.contact", data, Actor("visitor", asked.visitor), asked.txn), _said(phrase)]
        kept = data.model_dump(exclude_none=True)
        return await side.ledger.change(ticket, Step(drafts, IN_LINE, principal=asked.visitor, payload=kept),
                                        while_state=WAITING, contact=kept)

    async def give(self, asked: Asked) -> Appended:
        """``collect.give {key, value}``: what an agent would have to ask."""
        key, value = asked.data.get("key"), asked.data.get("value")
        if not collect.accepts(key, value):
            raise BadRequest("key must be name, reference or tried, value a short text")
        return await self._keep(asked.conversation, asked.visitor, str(key), str(value).strip(), asked.txn)

    async def take(self, conversation: str, message: Fact) -> None:
        """Take a visitor's message: an answer to what was asked while waiting, or else the turn flow's."""
        row = await self._side.store.conversation(conversation)
        if row.driver is Driver.WRAP_UP:
            await self._resume(row)
        elif row.driver in IN_LINE and (await self._answered(row, message) or await self._solved(row, message)):
            return
        await self._take(conversation, message)

    def heard(self, conversation: str, facts: Sequence[Fact]) -> None:
        """See facts go by: who has just got a place is asked a little later, unless every second counts."""
        for fact in facts:
            if fact.type == "handoff.queued" and fact.data.get("severity") != "p1":
                task = asyncio.create_task(self._ask_later(conversation))
                self._asking.add(task)
                task.add_done_callback(self._asking.discard)

    async def stop(self) -> None:
        """Ask nothing more."""
        for task in list(self._asking):
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)

    async def _ask_later(self, conversation: str) -> None:
        await asyncio.sleep(self._ask_after_s)
        with contextlib.suppress(OmotenashiError):  # meanwhile somebody accepted, or they left: nothing to ask
            await self.ask(conversation)

    async def joined(self, conversation: Conversation) -> list[dict[str, object]]:
        """Give the frames that somebody who comes back needs: their place."""
        ticket = self._side.line.of(conversation.id)
        if ticket is None:
            return []
        await self._presence(conversation.id, True)
        return [self._side.queue_frame(ticket)] if ticket.state in WAITING else []

    async def left(self, conversation: str) -> None:
        """Tell who looks on that the visitor has gone; the place and the talk stay."""
        if self._side.line.of(conversation):
            await self._presence(conversation, False)

    async def _presence(self, conversation: str, here: bool) -> None:
        frame: dict[str, object] = {"type": "presence", "actor": "visitor", "on": here}
        await self._side.ledger.frame(conversation, frame, "agent")

    async def ask(self, conversation: str) -> None:
        """Ask for the next thing worth knowing, if there is one; one question at a time."""
        store, ticket = self._side.store, self._side.line.of(conversation)
        if ticket is None or ticket.state not in WAITING:
            return
        state, turns = await store.state(conversation), await store.history(conversation, 30)
        have = collect.known([turn.text for turn in turns if turn.speaker == "visitor"],
                             state.get("collected") or {})
        asked = list(state.get("asked") or ())
        key = collect.next_key(asked, have)
        if key is None or state.get("asking"):
            return
        text = self._side.phrases.say(collect.PHRASES[key], ticket.language)
        await self._side.ledger.say(conversation, Step(
            [_said(text)], IN_LINE, state={"asking": key, "asked": [*asked, key]}))

    async def _answered(self, row: Conversation, message: Fact) -> bool:
        state = await self._side.store.state(row.id)
        key = state.get("asking")
        if not key:
            return False
        value = collect.answer(key, str(message.data.get("text", "")))
        if value is None:
            await self._side.store.append(row.id, [], state={"asking": None})
            return False
        await self._keep(row.id, row.visitor, key, value, None)
        await self.ask(row.id)
        return True

    async def _solved(self, row: Conversation, message: Fact) -> bool:
        """Somebody in the line says that it is settled: ask before the place is given up, never give it up for them."""
        if not collect.settled(str(message.data.get("text", ""))):
            return False
        ticket = self._side.line.of(row.id)
        language = ticket.language if ticket else row.locale
        await self._side.ledger.say(row.id, Step([_said(self._side.phrases.say("handoff.solved", language))], IN_LINE))
        return True

    async def _keep(self, conversation: str, visitor: str, key: str, value: str, txn: str | None) -> Appended:
        """Store an answer with a word of thanks; a "no" is stored as nothing, but thanked for as well."""
        side, ticket = self._side, self._side.line.of(conversation)
        state = await side.store.state(conversation)
        value = redact(value).text
        collected = {**(state.get("collected") or {}), **({key: value} if value else {})}
        drafts: list[Draft] = []
        if value:
            given = Collected(key=key, value=value)
            drafts.append(draft("collect.given", given, Actor("visitor", visitor), txn))
        language = ticket.language if ticket else "ja"
        if ticket and ticket.state in WAITING:
            grave = TONES[side.policy.kind(ticket.kind).tone].name in ("grave", "urgent")
            phrase = "handoff.thanks_collected_grave" if grave else "handoff.thanks_collected"
            drafts.append(_said(side.phrases.say(phrase, language)))
        step = Step(drafts, state={"collected": collected, "asking": None}, principal=visitor, payload=[key, value])
        if ticket and key == "name" and value:
            return await side.ledger.change(ticket, step, while_state=OPEN, name=value[:80])
        return await side.ledger.say(conversation, step)

    async def _wish(self, asked: Asked) -> HandoffRequest:
        policy, state = self._side.policy, await self._side.store.state(asked.conversation)
        kind = str((state.get("progress") or {}).get("kind", "none"))
        table = policy.kind(kind)
        severity = table.severity if kind != "none" else "p3"
        return HandoffRequest(by="customer", reason="customer_request", severity=severity, language=asked.locale,
                              kind=kind, reasons=("customer.button",), grave=table.tone in ("grave", "urgent"))

    async def _resume(self, row: Conversation) -> None:
        """Somebody writes after the talk was closed: it goes on."""
        try:
            await self._side.ledger.say(row.id, Step((), frozenset({Driver.WRAP_UP}), Driver.ASSISTANT))
        except DriverConflict:
            return

    async def _holder(self, ticket: Ticket) -> str:
        return next((a.name for a in await self._side.accounts.all() if a.id == ticket.agent), "")

    def _taken(self, asked: Asked, row: Conversation) -> Draft:
        text = self._side.phrases.say("handoff.with_person", asked.locale)
        return draft("message.created", MessageCreated(message=new_id("m"), text=text), SYSTEM, asked.txn)

    def _ticket(self, asked: Asked, states: frozenset[str] = OPEN) -> Ticket:
        ticket = self._side.line.of(asked.conversation)
        if ticket is None or ticket.state not in states:
            raise NotAllowed("no place in the line")
        return ticket

    def _count(self, conversation: str) -> None:
        now = self._side.now()
        seen = self._wishes.setdefault(conversation, deque())
        while seen and seen[0] <= now - _WITHIN_S:
            seen.popleft()
        if len(seen) >= _OFTEN:
            raise RateLimited("asked often", max(1, round((seen[0] + _WITHIN_S - now) * 1000)))
        seen.append(now)
        while len(self._wishes) > _KEPT:
            self._wishes.popitem(last=False)


def _said(text: str) -> Draft:
    return draft("message.created", MessageCreated(message=new_id("m"), text=text), ASSISTANT)
