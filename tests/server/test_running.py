"""An orderly end: clients are told, replies finish, sockets close with 1012. What a crash left is settled at start."""

import asyncio
import time
from pathlib import Path

import httpx

from assistant.conversation import ASSISTANT, Actor
from assistant.events import draft
from assistant.facts import MessageCreated, RunStarted
from tests.server.harness import Client, make_parts, running


async def test_a_stop_lets_the_reply_finish_and_says_when_to_come_back(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path, pause_s=0.05)) as server, server.connect() as socket:
        client = Client(socket)
        await client.hello()
        await client.say("止まる前に最後まで" * 4, "t1")
        await client.wait("message.delta")
        begun = time.monotonic()
        stopping = asyncio.create_task(server.server.shutdown(sockets=[]))
        drain = await client.wait("drain")
        assert 500 <= drain["retry_after_ms"] <= 2000
        late = await client.say("あとで", "t2")
        assert (late["code"], late["retryable"]) == ("unavailable", True)
        await client.wait("run.completed")
        assert await client.close_code() == 1012
        await stopping
        assert time.monotonic() - begun < 30
    again = make_parts(tmp_path)
    async with running(again) as server, server.connect() as socket:
        back = Client(socket)
        await back.hello(token=client.ready["token"], conversation=client.ready["conversation"])
        await back.wait("run.completed")
        assert [fact["type"] for fact in back.facts][1:] == [
            "message.created", "run.started", "message.created", "run.completed"]


async def test_runs_that_a_crash_cut_get_an_honest_end_at_start(tmp_path: Path) -> None:
    parts = make_parts(tmp_path)
    await parts.store.migrate()
    made = await parts.store.create_conversation("v_1", "en", {})
    await parts.store.append(made.id, [draft("run.started", RunStarted(run="r1", message="m1"), ASSISTANT)])
    await parts.store.keep_partial("r1", "The fee is")
    await parts.store.close()
    async with running(make_parts(tmp_path)) as server:
        fact = (await server.parts.store.facts_after(made.id, 2))[0]
        assert fact.type == "run.failed"
        assert fact.data["reason"] == "interrupted"
        assert fact.data["partial"] == "The fee is"
        assert fact.data["offer"] == "person"
        assert fact.data["text"].startswith("I'm sorry, our server restarted")


async def test_a_message_that_was_stored_but_not_begun_is_answered_at_start(tmp_path: Path) -> None:
    parts = make_parts(tmp_path)
    await parts.store.migrate()
    made = await parts.store.create_conversation("v_1", "ja", {})
    message = MessageCreated(message="m1", text="返事がまだです")
    said = draft("message.created", message, Actor("visitor", "v_1"), "t")
    await parts.store.append(made.id, [said], principal="v_1")
    await parts.store.close()
    async with running(make_parts(tmp_path)) as server:
        for _ in range(100):
            facts = await server.parts.store.facts_after(made.id, 2)
            if facts and facts[-1].type == "run.completed":
                break
            await asyncio.sleep(0.02)
        assert facts[-2].data["text"] == "echo: 返事がまだです"


async def test_health_tells_what_works(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path)) as server, httpx.AsyncClient(base_url=server.url) as http:
        assert (await http.get("/healthz")).json() == {"ok": True}
        ready = await http.get("/readyz")
        assert (ready.status_code, ready.json()["ok"]) == (200, True)
        server.server._lobby.draining = True
        assert (await http.get("/readyz")).status_code == 503
        server.server._lobby.draining = False
