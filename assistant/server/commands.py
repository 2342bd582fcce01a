"""What a visitor may ask for, as one table: command type → what is done. Acks go out only after the commit."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.conversation import Actor, Driver, new_id
from assistant.errors import BadRequest, DriverConflict, NotAllowed, Unavailable, UnknownConversation
from assistant.events import Audience, Draft, Fact, draft
from assistant.facts import Empty, FeedbackGiven, MessageCreated
from assistant.server.frames import VISITOR_TEXT, check_text, message_text
from assistant.server.listener import ranges
from assistant.server.lobby import Lobby
from assistant.server.parts import Asked, Parts
from assistant.transcript.redaction import redact
from assistant.transcript.store import Appended

_MOST_HISTORY = 100
_MOST_CONTEXT = 10
_LONGEST_CONTEXT = 500
_COMMENT = 1_000


class Command(BaseModel):
    """A client's command; ``data`` may also stand flat beside ``type`` (passing frames do that)."""

    model_config = ConfigDict(extra="allow", frozen=True)

    type: str = Field(max_length=64)
    txn: str | None = Field(default=None, min_length=1, max_length=64)
    conversation: str | None = Field(default=None, max_length=64)
    data: dict[str, Any] = Field(default_factory=dict)

    @property
    def fields(self) -> dict[str, Any]:
        """Give the command's own fields."""
        return {**(self.model_extra or {}), **self.data}

    def needs_txn(self) -> str:
        """Give the txn that every command which changes state carries. Raises BadRequest."""
        if self.txn is None:
            raise BadRequest(f"{self.type} needs a txn")
        return self.txn


class Session(Protocol):
    """One visitor's open socket, as its commands see it."""

    parts: Parts
    lobby: Lobby
    visitor: str
    conversation: str
    locale: str

    def tell(self, frame: Mapping[str, object]) -> None:
        """Queue a frame for this socket."""


def read_command(frame: dict[str, Any]) -> Command:
    """Check a frame's envelope. Raises BadRequest."""
    try:
        return Command.model_validate(frame)
    except ValidationError as error:
        raise BadRequest("not a command") from error


async def send_message(session: Session, command: Command) -> None:
    """``message.send {text}``: masked, stored, acked, then handed to the flow."""
    txn = command.needs_txn()
    if session.lobby.draining:
        raise Unavailable("the server is going down")
    text = redact(message_text(command.fields.get("text"), VISITOR_TEXT)).text
    session.lobby.rates.message(session.visitor, txn)
    message = MessageCreated(message=new_id("m"), text=text)
    made = draft("message.created", message, Actor("visitor", session.visitor), txn)
    stored = await _say(session, made, text)
    await session.parts.hub.facts(session.conversation, stored.facts)
    _ack(session, command, stored)
    if not stored.dup:
        said = next(fact for fact in stored.facts if fact.type == "message.created")
        await session.parts.flows.take(session.conversation, said)


async def _say(session: Session, made: Draft, text: str) -> Appended:
    """Store a visitor's message; a closed conversation opens again for it."""
    store, payload = session.parts.store, ["message.send", text]
    still_open = frozenset(Driver) - {Driver.CLOSED}
    try:
        return await store.append(session.conversation, [made], principal=session.visitor, payload=payload,
                                  while_driver=still_open)
    except DriverConflict:
        again = draft("conversation.reopened", Empty(), Actor("visitor", session.visitor))
        return await store.append(session.conversation, [again, made], principal=session.visitor, payload=payload,
                                  while_driver=frozenset({Driver.CLOSED}), to=Driver.ASSISTANT)


async def cancel_run(session: Session, command: Command) -> None:
    """``run.cancel {run}``: ends the reply being made; what was shown stays."""
    command.needs_txn()
    run = command.fields.get("run")
    await session.parts.flows.cancel(session.conversation, run if isinstance(run, str) else None)
    session.tell({"type": "ack", "txn": command.txn, "dup": False})


async def typing(session: Session, command: Command) -> None:
    """``typing {on}``: agents see it, nothing is stored."""
    frame: dict[str, object] = {"type": "typing", "actor": "visitor", "on": bool(command.fields.get("on"))}
    await session.parts.hub.frame(session.conversation, frame, "agent")


async def seen(session: Session, command: Command) -> None:
    """``seen {seq}``: agents see how far the visitor has read, nothing is stored."""
    seq = _number(command, "seq", 0)
    await session.parts.hub.frame(session.conversation, {"type": "seen", "actor": "visitor", "seq": seq}, "agent")


async def give_feedback(session: Session, command: Command) -> None:
    """``feedback.give``: one tap on an answer, on the effort, on the satisfaction."""
    fields = command.fields
    value, comment = fields.get("value"), fields.get("comment")
    if value not in ("up", "down", 1, 2, 3, 4, 5) or isinstance(value, bool):
        raise BadRequest("value must be up, down or 1 to 5")
    try:
        given = FeedbackGiven(kind=fields.get("kind", "answer"), value=str(value), message=fields.get("message"),
                              comment=redact(message_text(comment, _COMMENT)).text if comment else None)
    except ValidationError as error:
        raise BadRequest("not a feedback") from error
    made = draft("feedback.given", given, Actor("visitor", session.visitor), command.needs_txn())
    stored = await session.parts.store.append(session.conversation, [made], principal=session.visitor)
    await session.parts.hub.facts(session.conversation, stored.facts)
    _ack(session, command, stored)


async def get_history(session: Session, command: Command) -> None:
    """``history.get {before_seq, limit ≤ 100}``: a page of older facts."""
    before = _number(command, "before_seq", 2**53)
    limit = min(_MOST_HISTORY, max(1, _number(command, "limit", _MOST_HISTORY)))
    facts = await session.parts.store.facts_before(session.conversation, before, limit)
    visible, hidden = split(facts)
    session.tell({"type": "history", "txn": command.txn, "facts": [fact.envelope() for fact in visible],
                  "hidden": hidden, "more": bool(facts) and facts[0].seq > 1})


async def set_context(session: Session, command: Command) -> None:
    """``session.context {…}``: what the host page passes on purpose (page, cart, order)."""
    await session.parts.store.append(session.conversation, [], state={"context": context_of(command.fields)})
    session.tell({"type": "ack", "txn": command.txn, "dup": False})


async def pong(session: Session, command: Command) -> None:
    """``pong``: that it came is all there is to it."""


Handler = Callable[[Session, Command], Awaitable[None]]

COMMANDS: Mapping[str, Handler] = {
    "message.send": send_message,
    "run.cancel": cancel_run,
    "typing": typing,
    "seen": seen,
    "feedback.give": give_feedback,
    "history.get": get_history,
    "session.context": set_context,
    "pong": pong,
}
"""What this module does itself. ``FLOW_COMMANDS`` are answered by the flows, when they are there."""

FLOW_COMMANDS = frozenset({"handoff.request", "handoff.leave", "handoff.contact", "collect.give", "speech.progress",
                           "speech.request"})
_UNACKED = frozenset({"speech.progress"})


async def ask_flow(session: Session, command: Command) -> None:
    """Hand a command to its flow and ack with what it answers. Raises NotAllowed when no flow takes it."""
    answer = session.parts.flows.commands.get(command.type)
    if answer is None:
        raise NotAllowed(f"nobody answers {command.type} here")
    txn = command.txn if command.type in _UNACKED else command.needs_txn()
    asked = Asked(session.conversation, session.visitor, session.locale, txn, command.fields)
    fields = await answer(asked)
    if txn is not None:
        session.tell({"type": "ack", "txn": txn, "dup": False, **(fields or {})})


def authorize(session: Session, command: Command) -> None:
    """Let a command touch this session's conversation only. Raises UnknownConversation."""
    if command.conversation not in (None, session.conversation):
        raise UnknownConversation("not this session's conversation")


def split(facts: tuple[Fact, ...]) -> tuple[list[Fact], list[list[int]]]:
    """Part facts into those a visitor may see and the ranges of numbers that count as seen."""
    from_agents = [fact.seq for fact in facts if not fact.visible_to(Audience.EVERYONE)]
    return [fact for fact in facts if fact.visible_to(Audience.EVERYONE)], ranges(from_agents)


def context_of(fields: Mapping[str, Any]) -> dict[str, str]:
    """Keep the short texts of a host page's context: at most 10 of 500 code points. Raises InvalidText."""
    kept = {str(key)[:64]: str(value)[:_LONGEST_CONTEXT] for key, value in list(fields.items())[:_MOST_CONTEXT]
            if isinstance(value, str | int | float) and not isinstance(value, bool)}
    for text in kept.values():
        check_text(text)
    return {key: redact(text).text for key, text in kept.items()}


def _number(command: Command, name: str, otherwise: int) -> int:
    value = command.fields.get(name, otherwise)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 2**53:
        raise BadRequest(f"{name} must be a number")
    return value


def _ack(session: Session, command: Command, stored: Appended) -> None:
    own = [fact for fact in stored.facts if fact.txn == command.txn]
    session.tell({"type": "ack", "txn": command.txn, "seq": own[-1].seq, "dup": stored.dup})
