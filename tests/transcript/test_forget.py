"""What the company no longer keeps is gone with everything in it; what is alive stays."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.conversation import Actor
from assistant.database import open_database
from assistant.errors import UnknownConversation
from assistant.events import draft
from assistant.facts import MessageCreated
from assistant.transcript.store import Store


async def test_old_conversations_go_and_living_ones_stay(tmp_path: Path) -> None:
    store = Store(open_database(f"sqlite+aiosqlite:///{tmp_path}/db.sqlite3"))
    await store.migrate()
    old, living = await store.create_conversation("v_1", "ja", {}), await store.create_conversation("v_2", "ja", {})
    line = datetime.now(UTC) + timedelta(hours=1)
    assert await store.forget(datetime.now(UTC) - timedelta(days=1)) == 0
    await store.append(living.id, [draft("message.created", MessageCreated(message="m_1", text="まだいます"),
                                         Actor("visitor"))])
    assert await store.forget(line) == 2  # a day on, both are old
    for gone in (old, living):
        with pytest.raises(UnknownConversation):
            await store.conversation(gone.id)
    assert await store.facts_after(living.id, 0) == ()
    await store.close()
