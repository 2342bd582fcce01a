"""The disk is full, or somebody holds the database: nothing unsaved is acknowledged, and it heals by itself."""

import asyncio
import contextlib
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from assistant.conversation import Actor
from assistant.database import open_database
from assistant.errors import StorageFull, StorageUnavailable
from assistant.events import draft
from assistant.facts import MessageCreated
from assistant.transcript.store import Store
from tests.server.harness import Client, make_parts, running


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip("may not mount a small disk here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


async def test_a_full_disk_is_told_and_loses_nothing(small_disk: Path) -> None:
    async with running(make_parts(small_disk)) as server, server.connect() as socket:
        client = Client(socket)
        ready = await client.hello()
        assert (await client.say("まだ入ります", "t0"))["type"] == "ack"
        await client.wait("run.completed")
        ballast = small_disk / "ballast"
        with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"x" * 4096)
        error = await client.say("入りません" * 700, "t1")
        assert (error["code"], error["retryable"]) == ("storage_full", True)
        assert "お手元の文章" in error["message"]
        await client.send({"type": "history.get", "txn": "h", "data": {}})
        assert len((await client.reply("h"))["facts"]) == 5
        ballast.unlink()
        await asyncio.sleep(1)
        ack = await client.say("入りません" * 700, "t1")
        assert (ack["type"], ack["dup"], ack["seq"]) == ("ack", False, 6)
        await client.until(lambda f: f["type"] == "run.completed" and f["seq"] > 6)
        facts = await server.parts.store.facts_after(ready["conversation"], 0)
        assert [fact.seq for fact in facts] == list(range(1, len(facts) + 1))
        with sqlite3.connect(small_disk / "test.sqlite3") as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()


async def test_a_held_database_is_unavailable_and_then_well_again(tmp_path: Path) -> None:
    store = Store(open_database(f"sqlite:///{tmp_path}/t.sqlite3"))
    await store.migrate()
    made = await store.create_conversation("v_1", "ja", {})
    message = draft("message.created", MessageCreated(message="m1", text="x"), Actor("visitor"), "t1")
    other = sqlite3.connect(tmp_path / "t.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(store.append(made.id, [message], principal="v"))
    await asyncio.sleep(0.1)
    assert len(await store.facts_after(made.id, 0)) == 1, "readers are not held up"
    with pytest.raises(StorageUnavailable):
        await waiting
    other.execute("COMMIT")
    other.close()
    assert not (await store.append(made.id, [message], principal="v")).dup
    await store.close()


async def test_the_databases_own_words_do_not_leak(tmp_path: Path) -> None:
    store = Store(open_database(f"sqlite:///{tmp_path}/t.sqlite3"))
    await store.migrate()
    made = await store.create_conversation("v_1", "ja", {})
    await store.write(lambda connection: connection.execute(text("PRAGMA max_page_count = 60")))
    message = draft("message.created", MessageCreated(message="m1", text="秘密の言葉" * 80_000), Actor("visitor"))
    with pytest.raises(StorageFull) as full:
        await store.append(made.id, [message])
    told: BaseException | None = full.value
    while told is not None:
        assert "秘密の言葉" not in str(told)
        told = told.__cause__
    await store.close()
