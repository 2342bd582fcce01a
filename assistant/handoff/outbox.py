"""Events on their way to other systems: stored in the transaction that made them true, sent later, never lost.

It owns the rows and the times of the next tries; the sending is an engine's.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, update

from assistant.conversation import new_id
from assistant.events import Draft
from assistant.handoff.tables import deliveries
from assistant.handoff.tickets import Ticket, iso
from assistant.ports import Delivery
from assistant.transcript.store import Store

OUTWARD = ("handoff.", "conversation.closed", "sla.")
RETRY_S = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Standard Webhooks' recommended times between tries; after the last one a delivery is dead and shown as such."""
PENDING, SENT, DEAD = "pending", "sent", "dead"


class Outbox:
    """``targets`` are the names of the systems that are told: ``webhook``, ``chatwoot``."""

    def __init__(self, targets: Sequence[str] = ()) -> None:
        self.targets = tuple(targets)

    def enqueue(self, connection: Connection, conversation: str, drafts: Sequence[Draft], ticket: Ticket | None,
                now: float) -> None:
        """Store what the other systems must hear of these facts, within the transaction that stores them."""
        for made in drafts:
            if self.targets and made.type.startswith(OUTWARD):
                self.add(connection, made.type, conversation, _payload(conversation, made, ticket), now, now)

    def add(self, connection: Connection, kind: str, conversation: str, data: Mapping[str, Any], now: float,
            at: float, targets: Sequence[str] | None = None) -> None:
        """Store one event for each target, due at ``at``."""
        body = {"type": kind, "timestamp": iso(now), "data": dict(data)}
        for target in self.targets if targets is None else targets:
            connection.execute(insert(deliveries).values(
                id=new_id("msg"), target=target, type=kind, conversation=conversation, body=body, state=PENDING,
                attempts=0, next_at=at, created_at=now))


async def due(store: Store, now: float, most: int = 20) -> list[Delivery]:
    """Give what should be sent now, oldest first."""
    query = (select(deliveries).where(deliveries.c.state == PENDING, deliveries.c.next_at <= now)
             .order_by(deliveries.c.next_at).limit(most))
    return [_delivery(row) for row in await store.read(lambda c: c.execute(query).all())]


async def sent(store: Store, delivery: Delivery) -> None:
    """Mark as delivered."""
    await _set(store, delivery.id, state=SENT, attempts=delivery.attempts + 1, error=None)


async def failed(store: Store, delivery: Delivery, error: str, now: float) -> bool:
    """Set the next try, up to a fifth later than planned; True when there is none left and it is dead."""
    if delivery.attempts >= len(RETRY_S):
        await _set(store, delivery.id, state=DEAD, attempts=delivery.attempts + 1, error=error[:80])
        return True
    wait = RETRY_S[delivery.attempts] * random.uniform(1.0, 1.2)
    await _set(store, delivery.id, attempts=delivery.attempts + 1, error=error[:80], next_at=now + wait)
    return False


async def dead_letters(store: Store, most: int = 200) -> list[dict[str, Any]]:
    """Give what could not be delivered (dead) or is being retried, newest first; without what was said."""
    query = (select(deliveries).where((deliveries.c.state == DEAD) | (deliveries.c.attempts > 0),
                                      deliveries.c.state != SENT)
             .order_by(deliveries.c.created_at.desc()).limit(most))
    return [{"id": row.id, "target": row.target, "type": row.type, "conversation": row.conversation,
             "state": row.state, "attempts": row.attempts, "error": row.error, "created_at": iso(row.created_at),
             "next_at": iso(row.next_at) if row.state == PENDING else None}
            for row in await store.read(lambda c: c.execute(query).all())]


async def retry(store: Store, delivery: str, now: float) -> bool:
    """Send a dead letter again from the beginning; False when there is none of that id."""
    change = (update(deliveries).where(deliveries.c.id == delivery, deliveries.c.state != SENT)
              .values(state=PENDING, attempts=0, next_at=now))
    return await store.write(lambda c: c.execute(change).rowcount == 1)


async def complete(store: Store, delivery: Delivery, body: Mapping[str, Any]) -> None:
    """Keep the body as it will be sent: a retry sends the same."""
    await _set(store, delivery.id, body=dict(body))


async def _set(store: Store, delivery: str, **values: Any) -> None:
    change = update(deliveries).where(deliveries.c.id == delivery).values(**values)
    await store.write(lambda c: c.execute(change))


def _payload(conversation: str, made: Draft, ticket: Ticket | None) -> dict[str, Any]:
    data: dict[str, Any] = {"conversation": conversation, **made.data}
    if ticket:
        data |= {"ticket": ticket.id, "severity": ticket.severity, "kind": ticket.kind, "reason_code": ticket.reason,
                 "language": ticket.language}
    return data


def _delivery(row: Any) -> Delivery:
    return Delivery(row.id, row.target, row.type, row.conversation, row.body, row.attempts, row.created_at)
