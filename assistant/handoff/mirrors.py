"""Under which names conversations are known in other help desks, kept in the database."""

from typing import Any

from sqlalchemy import insert, select, update

from assistant.handoff.tables import mirrors
from assistant.transcript.store import Store


async def find(store: Store, target: str, conversation: str) -> Any:
    """Give the row (contact, thread, seq) of a conversation, or None."""
    query = select(mirrors).where(mirrors.c.conversation == conversation, mirrors.c.target == target)
    return await store.read(lambda c: c.execute(query).first())


async def keep(store: Store, target: str, conversation: str, contact: str, thread: str, seq: int) -> None:
    """Store or change it."""
    mine = (mirrors.c.conversation == conversation, mirrors.c.target == target)

    def work(connection: Any) -> None:
        change = update(mirrors).where(*mine).values(contact=contact, thread=thread, seq=seq)
        if connection.execute(change).rowcount == 0:
            connection.execute(insert(mirrors).values(conversation=conversation, target=target, contact=contact,
                                                      thread=thread, seq=seq))

    await store.write(work)


async def conversation_of(store: Store, target: str, thread: str) -> str | None:
    """Give whose conversation a thread is."""
    query = select(mirrors.c.conversation).where(mirrors.c.target == target, mirrors.c.thread == thread)
    row = await store.read(lambda c: c.execute(query).first())
    return str(row.conversation) if row else None
