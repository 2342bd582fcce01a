"""What agents do with a conversation: accept, write, note, pass on, give back, close. Each is one transaction.

Every method is one command of the desk's contract: it checks, commits, and gives the fields of the ``ack``.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert

from assistant.conversation import ASSISTANT, ASSISTANT_SPEAKS, IN_LINE, SYSTEM, Actor, Driver, new_id
from assistant.errors import BadRequest, Forbidden, NotAllowed, TextTooLong, Unavailable, UnknownConversation
from assistant.events import Draft, draft
from assistant.facts import AgentPresence, HandoffAccepted, HandoffEnded, HandoffRequested, MessageCreated, NoteAdded
from assistant.handoff.accounts import Agent
from assistant.handoff.edits import edit_distance
from assistant.handoff.human_side import HumanSide
from assistant.handoff.ledger import Step
from assistant.handoff.line import front, rank_of
from assistant.handoff.tables import suggestions
from assistant.handoff.tickets import DONE, HELD, QUEUED, WAITING, Ticket, Work
from assistant.transcript.redaction import redact
from assistant.transcript.store import Appended

LONGEST = 10_000
_NOTE = 4_000
_COMPARED = 1_000
_DRIVEN = frozenset({Driver.AGENT})
_HELD = frozenset({HELD})
_SENIOR = frozenset({"supervisor", "admin"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One command of an agent; ``txn`` has been checked, ``data`` has not."""

    agent: Agent
    txn: str
    conversation: str
    data: Mapping[str, Any]

    @property
    def actor(self) -> Actor:
        """Give the agent as the author of facts."""
        return Actor("agent", self.agent.id, self.agent.name)

    def text(self, name: str, most: int, *, needed: bool = True) -> str:
        """Give a text field, masked like every stored text. Raises BadRequest or TextTooLong."""
        value = self.data.get(name)
        if value is None and not needed:
            return ""
        if not isinstance(value, str) or (needed and not value.strip()):
            raise BadRequest(f"{name} must be a text")
        if len(value) > most:
            raise TextTooLong(f"{len(value)} code points")
        return redact(value).text


Answer = Callable[[Asked], Awaitable[Mapping[str, Any]]]


class Desk:
    """The commands by name in ``commands``. Raises what the ledger raises, NotAllowed, Forbidden, BadRequest."""

    def __init__(self, side: HumanSide, unring: Callable[[Ticket, str], Awaitable[None]]) -> None:
        self._side, self._unring = side, unring
        self.commands: Mapping[str, Answer] = {
            "handoff.accept": self.accept, "handoff.decline": self.decline, "handoff.release": self.release,
            "handoff.transfer": self.transfer, "handoff.close": self.close, "message.send": self.send,
            "note.add": self.note, "agent.pull": self.pull, "supervisor.join": self.join,
        }

    async def answer(self, command: str, asked: Asked) -> Mapping[str, Any]:
        """Do a command of the table; one that was done before under this txn gives its first ack again."""
        try:
            return await self.commands[command](asked)
        except (NotAllowed, UnknownConversation):
            seq = await self._side.store.seq_of(asked.conversation, asked.agent.id, asked.txn)
            if seq is None:
                raise
            return {"seq": seq, "dup": True}

    async def accept(self, asked: Asked) -> Mapping[str, Any]:
        """``handoff.accept {ticket}``: exactly one of any number of agents gets it, and the assistant falls silent."""
        side, now = self._side, self._side.now()
        ticket = side.ticket(asked.data.get("ticket") or getattr(side.line.of(asked.conversation), "id", None))
        stored = await side.ledger.change(
            ticket, Step(self._arrival(asked, ticket), IN_LINE, Driver.AGENT, principal=asked.agent.id,
                         payload=["handoff.accept", ticket.id]),
            while_state=WAITING, then=lambda: side.stop_reply(ticket.conversation),
            state=HELD, agent=asked.agent.id, accepted_at=now, offered_at=None, target=None)
        if ticket.accepted_at is None and ticket.expected and ticket.waits_here and not stored.dup:
            side.waits.learn([(ticket.expected, now - ticket.entered_at, None)])
        return _ack(asked, stored) | {"conversation": ticket.conversation}

    async def decline(self, asked: Asked) -> Mapping[str, Any]:
        """``handoff.decline {ticket}``: not me; the line rings for the next one."""
        ticket = self._side.ticket(asked.data.get("ticket"))
        if ticket.agent != asked.agent.id:
            raise NotAllowed("it does not ring for you")
        await self._unring(ticket, asked.agent.id)
        return {"conversation": ticket.conversation}

    async def send(self, asked: Asked) -> Mapping[str, Any]:
        """``message.send {text, suggestion?:{id, original}}``: only who holds the talk or has joined it may write."""
        side = self._side
        ticket = self._mine(asked, joined=True)
        message = MessageCreated(message=new_id("m"), text=asked.text("text", LONGEST))
        made = draft("message.created", message, asked.actor, asked.txn)
        holder = ticket.agent == asked.agent.id
        stored = await side.ledger.change(
            ticket, Step([made], _DRIVEN, principal=asked.agent.id, payload=["message.send", asked.data.get("text")],
                         extra=_used(asked, message.text, side.now())),
            while_state=_HELD, holder=asked.agent.id if holder else None,
            answered_at=ticket.answered_at or side.now(), clock=None, clock_state="ok")
        return _ack(asked, stored)

    async def note(self, asked: Asked) -> Mapping[str, Any]:
        """``note.add {text}``: among agents only."""
        added = NoteAdded(note=new_id("n"), text=asked.text("text", _NOTE))
        stored = await self._side.ledger.say(asked.conversation, Step(
            [draft("note.added", added, asked.actor, asked.txn)], principal=asked.agent.id,
            payload=["note.add", asked.data.get("text")]))
        return _ack(asked, stored)

    async def release(self, asked: Asked) -> Mapping[str, Any]:
        """``handoff.release {to: "assistant"|"line", summary?}``."""
        to = asked.data.get("to")
        if to == "line":
            return await self._requeue(asked, self._mine(asked), "line", "handoff.requeued")
        if to != "assistant":
            raise BadRequest("to must be assistant or line")
        ticket, summary = self._mine(asked), asked.text("summary", _NOTE, needed=False)
        say, name = self._side.phrases.say, asked.agent.name
        text = say("handoff.back", ticket.language)
        if summary:
            joint = "" if ticket.language == "ja" else " "
            text += joint + say("handoff.back_summary", ticket.language, name=name)
        drafts = [
            *_noted(asked, summary), *_leaving(asked, ticket, "assistant"),
            draft("message.created", MessageCreated(message=new_id("m"), text=text), ASSISTANT),
        ]
        stored = await self._end(asked, ticket, drafts, Driver.ASSISTANT, "returned",
                                 {"human": {"agent": name, "summary": summary}})
        return _ack(asked, stored)

    async def transfer(self, asked: Asked) -> Mapping[str, Any]:
        """``handoff.transfer {agent?|team?, note?}``: to a person or a team, at the front of the line."""
        agent, team = asked.data.get("agent"), asked.data.get("team")
        if not isinstance(agent or team, str) or agent == asked.agent.id:
            raise BadRequest("name a colleague or a team")
        seat = self._side.floor.seat(agent) if isinstance(agent, str) else None
        if agent and not (seat and seat.available):
            raise Unavailable("that colleague does not take talks now")
        target = {"target": agent if agent else None, "team": team if team and not agent else None}
        return await self._requeue(asked, self._mine(asked), "agent" if agent else "team", "handoff.transferred",
                                   asked.text("note", _NOTE, needed=False), **target)

    async def close(self, asked: Asked) -> Mapping[str, Any]:
        """``handoff.close {outcome, note?, followup?:{text, days?}}``: the visitor is then asked how it went."""
        ticket, outcome = self._mine(asked), asked.text("outcome", 64)
        name = asked.agent.name
        text = self._side.phrases.say("handoff.finished", ticket.language, name=name)
        drafts = [
            *_noted(asked, asked.text("note", _NOTE, needed=False)),
            draft("agent.left", AgentPresence(name=name), asked.actor, asked.txn),
            draft("message.created", MessageCreated(message=new_id("m"), text=text), SYSTEM),
        ]
        stored = await self._end(asked, ticket, drafts, Driver.WRAP_UP, outcome,
                                 {"outcome": outcome, "closed_by": name}, self._followup(asked, ticket))
        return _ack(asked, stored)

    async def pull(self, asked: Asked) -> Mapping[str, Any]:
        """``agent.pull {conversation}``: take one that waits in no line, because a person sees a reason."""
        side, now = self._side, self._side.now()
        conversation = str(asked.data.get("conversation") or asked.conversation)
        if side.line.of(conversation):
            return await self.accept(asked)
        row = await side.store.conversation(conversation)
        kind = ((await side.store.state(conversation)).get("progress") or {}).get("kind", "none")
        ticket = Ticket(
            id=new_id("t"), conversation=conversation, visitor=row.visitor, state=HELD, severity="p3", kind=kind,
            reason="agent_pull", language=row.locale, entered_at=now, agent=asked.agent.id, accepted_at=now,
            rank=rank_of(now, "p3", side.policy.line.ageing_s))
        wanted = draft("handoff.requested", HandoffRequested(by="agent", reason="agent_pull"), SYSTEM)
        step = Step([wanted, *self._arrival(asked, ticket)], ASSISTANT_SPEAKS - IN_LINE - {Driver.WRAP_UP},
                    Driver.AGENT, principal=asked.agent.id, payload=["agent.pull", conversation])
        stored = await side.ledger.enter(ticket, step, then=lambda: side.stop_reply(conversation))
        return _ack(asked, stored) | {"conversation": conversation}

    async def join(self, asked: Asked) -> Mapping[str, Any]:
        """``supervisor.join {}``: come in beside the agent, announced by name."""
        if asked.agent.role not in _SENIOR:
            raise Forbidden("supervisors only")
        ticket = self._side.line.of(asked.conversation)
        if ticket is None or ticket.state != HELD:
            return await self.pull(asked)
        if asked.agent.id in (*ticket.joined, ticket.agent):
            return {}
        came = draft("agent.joined", AgentPresence(name=asked.agent.name), asked.actor, asked.txn)
        stored = await self._side.ledger.change(
            ticket, Step([came], _DRIVEN, principal=asked.agent.id, payload=["supervisor.join"]),
            while_state=_HELD, joined=(*ticket.joined, asked.agent.id))
        return _ack(asked, stored)

    def _mine(self, asked: Asked, *, joined: bool = False) -> Ticket:
        ticket = self._side.line.of(asked.conversation)
        if ticket is None or ticket.state != HELD:
            raise NotAllowed("nobody holds this conversation")
        if asked.agent.id != ticket.agent and not (joined and asked.agent.id in ticket.joined):
            raise NotAllowed("somebody else holds this conversation")
        return ticket

    def _arrival(self, asked: Asked, ticket: Ticket) -> list[Draft]:
        accepted = HandoffAccepted(ticket=ticket.id, agent=asked.agent.name)
        return [draft("handoff.accepted", accepted, asked.actor, asked.txn),
                draft("agent.joined", AgentPresence(name=asked.agent.name), asked.actor)]

    async def _requeue(self, asked: Asked, ticket: Ticket, to: str, phrase: str, note: str = "",
                       **values: Any) -> Mapping[str, Any]:
        side, now = self._side, self._side.now()
        text = side.phrases.say(phrase, ticket.language)
        drafts = [*_noted(asked, note), *_leaving(asked, ticket, to),
                  draft("message.created", MessageCreated(message=new_id("m"), text=text), SYSTEM)]
        seconds = getattr(side.policy.sla.next_response_s, ticket.severity)
        due = side.hand_over.due(seconds, ticket.severity, now)
        stored = await side.ledger.change(
            ticket, Step(drafts, _DRIVEN, Driver.QUEUED, principal=asked.agent.id,
                         payload=[to, values.get("target"), values.get("team")]),
            while_state=_HELD, holder=asked.agent.id, state=QUEUED, agent=None, rank=front(ticket.rank), joined=(),
            clock="next", clock_due=due, clock_warn=due - seconds * (1 - side.policy.sla.warn_at), clock_state="ok",
            **values)
        return _ack(asked, stored)

    async def _end(self, asked: Asked, ticket: Ticket, drafts: Sequence[Draft], to: Driver, outcome: str,
                   state: dict[str, Any], extra: Work | None = None) -> Appended:
        now = self._side.now()
        stored = await self._side.ledger.change(
            ticket, Step(drafts, _DRIVEN, to, state, asked.agent.id, [to.value, outcome], extra),
            while_state=_HELD, holder=asked.agent.id, state=DONE, ended_at=now, outcome=outcome, clock=None)
        if ticket.accepted_at is not None and not stored.dup:
            self._side.waits.served(now - ticket.accepted_at)
        return stored

    def _followup(self, asked: Asked, ticket: Ticket) -> Work | None:
        """Schedule a warm mail with what was agreed; another system writes it, this one says when and what."""
        wish = asked.data.get("followup")
        if not wish:
            return None
        side, fields = self._side, wish if isinstance(wish, dict) else {}
        days, text = fields.get("days", side.policy.contact.followup_days), fields.get("text", "")
        if not isinstance(days, int) or isinstance(days, bool) or not 0 < days <= 365 or not isinstance(text, str):
            raise BadRequest("followup is {days 1-365, text}")
        if not side.ledger.outbox.targets:
            raise NotAllowed("no system is set up that could write a follow-up")
        now = side.now()
        data = {"conversation": ticket.conversation, "ticket": ticket.id, "language": ticket.language,
                "name": ticket.name, "contact": dict(ticket.contact or {}), "text": redact(text[:_NOTE]).text}
        return lambda connection: side.ledger.outbox.add(
            connection, "conversation.followup", ticket.conversation, data, now, now + days * 86_400)


def _ack(asked: Asked, stored: Appended) -> dict[str, Any]:
    own = [fact for fact in stored.facts if fact.txn == asked.txn]
    return {"seq": own[-1].seq if own else stored.conversation.head, "dup": stored.dup}


def _noted(asked: Asked, text: str) -> list[Draft]:
    return [draft("note.added", NoteAdded(note=new_id("n"), text=text), asked.actor)] if text else []


def _leaving(asked: Asked, ticket: Ticket, to: str) -> list[Draft]:
    released = HandoffEnded(ticket=ticket.id, to=to)
    return [draft("handoff.released", released, asked.actor, asked.txn),
            draft("agent.left", AgentPresence(name=asked.agent.name), asked.actor)]


def _used(asked: Asked, text: str, now: float) -> Work | None:
    """Keep by how much a suggestion was changed before it was sent."""
    used = asked.data.get("suggestion")
    if not isinstance(used, dict) or not isinstance(used.get("original"), str):
        return None
    original = used["original"][:LONGEST]
    values = {"id": new_id("s"), "conversation": asked.conversation, "agent": asked.agent.id, "at": now,
              "distance": edit_distance(original[:_COMPARED], text[:_COMPARED]), "length": len(original)}
    return lambda connection: connection.execute(insert(suggestions), values)
