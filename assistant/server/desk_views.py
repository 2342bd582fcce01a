"""What the desk's lists and look-ups show of conversations, read from the transcript and the tickets."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from assistant.database import conversations
from assistant.handoff.accounts import Agent
from assistant.handoff.line import Line
from assistant.handoff.tables import tickets
from assistant.handoff.tickets import DONE, HELD, Ticket, iso, ticket_of
from assistant.transcript.store import Store

_MOST = 50
_MOST_FACTS = 2_000


async def customer_list(store: Store, customer: str) -> list[dict[str, Any]]:
    """Give a customer's conversations, newest first, at most 50."""
    query = (select(conversations.c.id).where(conversations.c.visitor == customer)
             .order_by(conversations.c.created_at.desc()).limit(_MOST))
    return await _rows(store, [row.id for row in await store.read(lambda c: c.execute(query).all())])


async def mine_list(store: Store, line: Line, agent: str) -> list[dict[str, Any]]:
    """Give what an agent holds."""
    return await _rows(store, [ticket.conversation for ticket in line.held_by(agent)])


async def open_list(store: Store, line: Line) -> list[dict[str, Any]]:
    """Give the talks that people hold right now, the longest first, at most 50."""
    held = sorted((ticket for ticket in line.all() if ticket.state == HELD),
                  key=lambda ticket: ticket.accepted_at or ticket.entered_at)
    return await _rows(store, [ticket.conversation for ticket in held[:_MOST]])


async def closed_list(store: Store, agent: Agent) -> list[dict[str, Any]]:
    """Give finished talks, newest first: an agent's own, for seniors everybody's."""
    query = select(tickets.c.conversation).where(tickets.c.state == DONE, tickets.c.accepted_at.is_not(None))
    if agent.role == "agent":
        query = query.where(tickets.c.agent == agent.id)
    query = query.order_by(tickets.c.ended_at.desc()).limit(_MOST)
    found = [row.conversation for row in await store.read(lambda c: c.execute(query).all())]
    return await _rows(store, list(dict.fromkeys(found)))


async def one_conversation(store: Store, conversation: str) -> dict[str, Any]:
    """Give a conversation with its facts (the newest 2,000) and who the customer is. Raises UnknownConversation."""
    row = await store.conversation(conversation)
    facts = await store.facts_before(conversation, 2**53, _MOST_FACTS)
    state = await store.state(conversation)
    return {
        "conversation": (await _rows(store, [conversation]))[0], "facts": [fact.envelope() for fact in facts],
        "customer": {"ref": row.visitor, "name": (state.get("collected") or {}).get("name"),
                     "conversations": await customer_list(store, row.visitor)},
    }


async def _rows(store: Store, wanted: Sequence[str]) -> list[dict[str, Any]]:
    return [await _row(store, name) for name in wanted]


async def _row(store: Store, name: str) -> dict[str, Any]:
    row = await store.conversation(name)
    ticket = await _ticket(store, name)
    last = next((fact for fact in reversed(await store.facts_before(name, 2**53, 30))
                 if fact.type == "message.created"), None)
    shown: dict[str, Any] = {
        "conversation": row.id, "visitor": row.visitor, "driver": row.driver.value, "locale": row.locale,
        "created_at": row.created_at.isoformat(timespec="milliseconds"),
        "updated_at": (last.at if last else row.created_at).isoformat(timespec="milliseconds"),
        "last": {"text": str(last.data["text"])[:120], "at": last.at.isoformat(timespec="milliseconds"),
                 "from": last.actor.kind} if last else None,
        "kind": ticket.kind if ticket else "none", "severity": ticket.severity if ticket else "p4",
    }
    if ticket:
        shown |= {"ticket": ticket.id, "agent": ticket.agent, "outcome": ticket.outcome, "name": ticket.name,
                  "ended_at": iso(ticket.ended_at)}
    return {key: value for key, value in shown.items() if value is not None or key == "last"}


async def _ticket(store: Store, conversation: str) -> Ticket | None:
    query = (select(tickets).where(tickets.c.conversation == conversation)
             .order_by(tickets.c.entered_at.desc()).limit(1))
    row = await store.read(lambda c: c.execute(query).first())
    return ticket_of(row) if row else None
