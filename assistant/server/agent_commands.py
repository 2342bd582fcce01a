"""What an agent may ask for over the socket, as one table: command type → what is done. Acks follow the commit."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from assistant.errors import BadRequest
from assistant.flows.desk import Asked
from assistant.handoff.accounts import Agent
from assistant.handoff.audit import note
from assistant.server.commands import Command
from assistant.server.desk_parts import DeskParts
from assistant.server.frames import encode
from assistant.server.listener import Listener
from assistant.server.parts import Parts

_MOST_FACTS = 300
_MOST_HISTORY = 100
_PRESENCE = ("available", "away")
_SENIOR = frozenset({"supervisor", "admin"})


class Session(Protocol):
    """One agent's open socket, as its commands see it."""

    parts: Parts
    desk: DeskParts
    agent: Agent
    locale: str
    opened: set[str]
    listener: Listener

    def tell(self, frame: Mapping[str, object]) -> None:
        """Queue a frame for this socket."""


async def run_command(session: Session, command: Command) -> None:
    """Do one command of the table and ack it, if it has a txn."""
    fields = await COMMANDS[command.type](session, command)
    if command.txn is not None and fields is not None:
        session.tell({"type": "ack", "txn": command.txn, "dup": False, **fields})


async def open_conversation(session: Session, command: Command) -> Mapping[str, object] | None:
    """``conversation.open {last_seq?}``: from now on its facts; first what was missed, then the brief. Audited."""
    conversation, hub, store = _conversation(command), session.parts.hub, session.parts.store
    last_seq = command.fields.get("last_seq", 0)
    if not isinstance(last_seq, int) or isinstance(last_seq, bool) or last_seq < 0:
        raise BadRequest("last_seq must be a number")
    row = await store.conversation(conversation)
    await _audit(session, "conversation.open", conversation)
    if conversation in session.opened:
        hub.leave(conversation, session.listener)
    session.opened.add(conversation)
    hub.join(conversation, session.listener)
    row = await store.conversation(conversation)
    resumed = last_seq <= row.head
    facts = await store.facts_after(conversation, last_seq if resumed else 0, _MOST_FACTS + 1)
    more = len(facts) > _MOST_FACTS
    if more:
        facts = await store.facts_before(conversation, 2**53, _MOST_FACTS)
    await session.listener.deliver(encode({
        "type": "ack", "txn": command.txn, "dup": False, "conversation": conversation, "head": row.head,
        "driver": row.driver.value, "epoch": row.epoch, "resumed": resumed and not more, "more": more}))
    for fact in facts:
        await session.listener.deliver(encode(fact.envelope()))
    await hub.release(conversation, session.listener, facts[-1].seq if facts else row.head, facts)
    brief = await session.desk.brief(conversation)
    if brief:
        session.tell({"type": "brief", "conversation": conversation, "brief": brief})
    return None


async def leave_conversation(session: Session, command: Command) -> Mapping[str, object]:
    """``conversation.leave``: no more of its facts."""
    conversation = _conversation(command)
    session.opened.discard(conversation)
    session.parts.hub.leave(conversation, session.listener)
    return {}


async def history(session: Session, command: Command) -> None:
    """``history.get {before_seq, limit ≤ 100}``: a page of older facts."""
    before, limit = command.fields.get("before_seq", 2**53), command.fields.get("limit", _MOST_HISTORY)
    if not isinstance(before, int) or not isinstance(limit, int):
        raise BadRequest("before_seq and limit must be numbers")
    facts = await session.parts.store.facts_before(_conversation(command), before, min(_MOST_HISTORY, max(1, limit)))
    session.tell({"type": "history", "txn": command.txn, "facts": [fact.envelope() for fact in facts], "hidden": [],
                  "more": bool(facts) and facts[0].seq > 1})


async def ask_desk(session: Session, command: Command) -> Mapping[str, object]:
    """Hand a command to the desk's flow."""
    asked = Asked(session.agent, command.needs_txn(), command.conversation or "", command.fields)
    if not asked.conversation and command.type == "handoff.accept":
        ticket = session.desk.side.ticket(command.fields.get("ticket"))
        asked = Asked(session.agent, asked.txn, ticket.conversation, command.fields)
    return await session.desk.desk.answer(command.type, asked)


async def typing(session: Session, command: Command) -> None:
    """``typing {on}``: the visitor sees it while this agent holds the talk."""
    ticket = session.desk.side.line.of(_conversation(command))
    if ticket and session.agent.id in (ticket.agent, *ticket.joined):
        await session.parts.hub.frame(ticket.conversation, {
            "type": "typing", "actor": "agent", "name": session.agent.name, "on": bool(command.fields.get("on"))})


async def seen(session: Session, command: Command) -> None:
    """``seen {seq}``: nothing up to here is unread, and the visitor may know."""
    seq, conversation = command.fields.get("seq"), _conversation(command)
    if not isinstance(seq, int) or isinstance(seq, bool):
        raise BadRequest("seq must be a number")
    ticket = session.desk.side.line.of(conversation)
    if ticket and ticket.agent == session.agent.id:
        session.desk.board.seen(conversation, seq)
        await session.parts.hub.frame(conversation, {"type": "seen", "actor": "agent", "seq": seq}, "visitor")


async def presence(session: Session, command: Command) -> Mapping[str, object]:
    """``presence.set {presence: "available"|"away"}``."""
    wanted = command.fields.get("presence")
    if wanted not in _PRESENCE:
        raise BadRequest("presence is available or away")
    seat = session.desk.side.floor.seat(session.agent.id)
    if seat:
        seat.presence = str(wanted)
    await session.desk.side.accounts.set_presence(session.agent.id, str(wanted))
    session.desk.board.people_changed()
    return {"presence": wanted}


async def call_supervisor(session: Session, command: Command) -> Mapping[str, object]:
    """``supervisor.call``: every supervisor at the desk hears it; the ack says how many."""
    conversation, floor = _conversation(command), session.desk.side.floor
    await _audit(session, "supervisor.call", conversation)
    floor.tell_all({"type": "alert", "kind": "supervisor_call", "conversation": conversation,
                    "agent": session.agent.id, "name": session.agent.name}, _SENIOR)
    here = sum(one["role"] in _SENIOR and one["presence"] != "gone" for one in floor.team())
    return {"supervisors": here}


async def open_veil(session: Session, command: Command) -> Mapping[str, object]:
    """``veil.open {message}``: somebody looked at veiled words; that is written down."""
    message = command.fields.get("message")
    if not isinstance(message, str) or len(message) > 64:
        raise BadRequest("message must be an id")
    await _audit(session, "veil.open", message)
    return {"message": message}


async def suggest(session: Session, command: Command) -> Mapping[str, object]:
    """``suggestion.request``: what the pages say to the visitor's last message; never sent by itself."""
    conversation = _conversation(command)
    await session.parts.store.conversation(conversation)
    frame = await session.desk.suggest(conversation)
    if frame:
        session.tell({"type": "suggestion", "conversation": conversation, **frame})
    return {"found": bool(frame and frame.get("items"))}


Handler = Callable[[Session, Command], Awaitable[Mapping[str, object] | None]]

COMMANDS: Mapping[str, Handler] = {
    "conversation.open": open_conversation, "conversation.leave": leave_conversation, "history.get": history,
    "handoff.accept": ask_desk, "handoff.decline": ask_desk, "handoff.release": ask_desk,
    "handoff.transfer": ask_desk, "handoff.close": ask_desk, "message.send": ask_desk, "note.add": ask_desk,
    "agent.pull": ask_desk, "supervisor.join": ask_desk, "supervisor.call": call_supervisor, "veil.open": open_veil,
    "suggestion.request": suggest, "presence.set": presence, "typing": typing, "seen": seen,
}


def _conversation(command: Command) -> str:
    conversation = command.conversation or command.fields.get("conversation")
    if not isinstance(conversation, str):
        raise BadRequest("a conversation is needed")
    return conversation


async def _audit(session: Session, action: str, target: str) -> None:
    now, agent = session.desk.side.now(), session.agent.id
    await session.parts.store.write(lambda connection: note(connection, now, agent, action, target))
