"""``kill -9`` with talks in every state, ten times: no ticket, message, note or place is lost or doubled."""

import asyncio
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import websockets
from sqlalchemy import select

from assistant.database import open_database
from assistant.events import SUBPROTOCOL
from assistant.handoff.accounts import Accounts
from assistant.handoff.tables import tickets
from assistant.transcript.store import Store
from tests.faults.desk_server import run
from tests.faults.forked import Forked
from tests.handoff.house import PASSWORD, Colleague, ask, sign_in
from tests.server.harness import Client, free_port

STATES = ("assistant", "queued", "agent", "wrap_up", "left", "returned")


class Desk(Forked):
    """The server with its human side."""

    def __init__(self) -> None:
        super().__init__(run, free_port())
        self.began = time.time()
        self.url = f"http://127.0.0.1:{self.port}"

    async def visitor(self, **hello: Any) -> Client:
        client = Client(await websockets.connect(f"ws://127.0.0.1:{self.port}/v1/visitor", origin=self.url,
                                                 subprotocols=[SUBPROTOCOL], compression=None))
        await client.hello(**hello)
        return client


class Acked:
    """What the server has promised to have: counted by what was said or noted."""

    def __init__(self) -> None:
        self.texts: Counter[str] = Counter()

    async def say(self, client: Client, text: str) -> None:
        reply = await client.say(text, text)
        if reply["type"] == "ack":
            self.texts[text] += 1

    async def do(self, agent: Colleague, command: str, conversation: str, **data: Any) -> None:
        reply = await agent.do(command, conversation, **data)
        assert reply["type"] == "ack", reply
        if "text" in data:
            self.texts[data["text"]] += 1


async def bring(desk: Desk, agent: Colleague, state: str, name: str, acked: Acked) -> Client:
    """Bring a new conversation into a state, with words and notes on the way."""
    visitor = await desk.visitor()
    conversation = visitor.ready["conversation"]
    await acked.say(visitor, f"{name}: カードが届きません")
    if state == "assistant":
        return visitor
    await ask(visitor, "handoff.request", f"{name}-h")
    queued = await visitor.wait("handoff.queued")
    if state == "queued":
        return visitor
    if state == "left":
        await ask(visitor, "handoff.leave", f"{name}-l")
        return visitor
    await acked.do(agent, "handoff.accept", conversation, ticket=queued["data"]["ticket"])
    await acked.do(agent, "note.add", conversation, text=f"{name}: メモ")
    await acked.do(agent, "message.send", conversation, text=f"{name}: 担当です")
    if state == "wrap_up":
        await acked.do(agent, "handoff.close", conversation, outcome="resolved")
    elif state == "returned":
        await acked.do(agent, "handoff.release", conversation, to="assistant", summary=f"{name}: まとめ")
        acked.texts[f"{name}: まとめ"] += 1
    return visitor


WANTED = {"assistant": {"assistant"}, "queued": {"queued", "ringing"}, "agent": {"agent"}, "wrap_up": {"wrap_up"},
          "left": {"assistant"}, "returned": {"assistant"}}


@pytest.mark.timeout(300)
async def test_ten_kills_lose_nothing_in_any_state(tmp_path: Path) -> None:
    store = Store(open_database(f"sqlite+aiosqlite:///{tmp_path}/test.sqlite3"))
    await store.migrate()
    agent_id = (await Accounts(store).add("tanaka", "田中", "agent", PASSWORD)).id
    desk, acked, states = Desk(), Acked(), {}
    order: list[str] = []
    for number in range(10):
        await desk.start(tmp_path, desk.port, desk.began)
        agent = await sign_in(desk.url, "tanaka")
        await agent.do("presence.set", presence="away")
        for conversation, held in states.items():
            assert (await store.conversation(conversation)).driver.value in WANTED[held], held
        mine = {talk["conversation"] for talk in agent.ready["mine"]}
        assert mine == {conversation for conversation, held in states.items() if held == "agent"}
        line = [one["conversation"] for one in agent.ready["line"]]
        assert line == order
        visitors = []
        for state in STATES:
            visitor = await bring(desk, agent, state, f"{number}-{state}", acked)
            visitors.append(visitor)
            states[visitor.ready["conversation"]] = state
            order += [visitor.ready["conversation"]] if state == "queued" else []
        last = asyncio.create_task(acked.say(visitors[0], f"{number}: zuletzt"))
        await asyncio.sleep(0.003 * number)
        await desk.kill()
        await asyncio.gather(last, return_exceptions=True)
        for client in (*visitors, agent):
            await client.socket.close()
        await agent.http.aclose()
    await check(store, states, acked, agent_id)
    await store.close()


async def check(store: Store, states: dict[str, str], acked: Acked, agent: str) -> None:
    kept: Counter[str] = Counter()
    for conversation, state in states.items():
        facts = await store.facts_after(conversation, 0, 1000)
        assert [fact.seq for fact in facts] == list(range(1, len(facts) + 1))
        kept.update(str(fact.data["text"]) for fact in facts if fact.type in ("message.created", "note.added"))
        rows = await store.read(lambda c, one=conversation: c.execute(
            select(tickets).where(tickets.c.conversation == one)).all())
        open_ones = [row.state for row in rows if row.state != "done"]
        wanted = {"queued": ["queued"], "agent": ["held"]}.get(state, [])
        assert open_ones in (wanted, ["ringing"] if wanted == ["queued"] else wanted)
        assert all(row.agent == agent for row in rows if row.state == "held")
    for text, times in acked.texts.items():
        assert kept[text] == times == 1, text
