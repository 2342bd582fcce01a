"""Who did what at the desk, kept for those who must answer for it. It holds ids and actions, never anybody's words."""

from typing import Any

from sqlalchemy import Connection, insert, select

from assistant.handoff.tables import audit
from assistant.transcript.store import Store

_MOST = 500


def note(connection: Connection, at: float, agent: str | None, action: str, target: str | None) -> None:
    """Write one line inside a transaction; ``at`` in Unix seconds."""
    connection.execute(insert(audit).values(at=at, agent=agent, action=action, target=target))


async def entries(store: Store, limit: int = _MOST) -> list[dict[str, Any]]:
    """Give the newest lines, newest first, at most 500."""
    query = select(audit).order_by(audit.c.id.desc()).limit(min(limit, _MOST))
    rows = await store.read(lambda c: c.execute(query).all())
    return [{"id": row.id, "at": row.at, "agent": row.agent, "action": row.action, "target": row.target}
            for row in rows]
