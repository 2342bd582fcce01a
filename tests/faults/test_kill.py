"""``kill -9`` at twenty random points: no acknowledged message is lost or doubled, all transcripts are the same."""

import asyncio
import json
import os
import random
from pathlib import Path
from typing import Any

import pytest
import websockets

from assistant.database import open_database
from assistant.events import SUBPROTOCOL
from assistant.transcript.store import Store
from tests.faults.forked import Forked
from tests.faults.server import run
from tests.server.harness import free_port

ENDS = {"run.completed", "run.failed", "run.cancelled"}


class Tab:
    """One tab of a visitor that keeps its outbox and its facts through every loss of connection."""

    def __init__(self, port: int, keys: dict[str, Any]) -> None:
        self.port, self.keys = port, dict(keys)
        self.facts: list[dict[str, Any]] = []
        self.acked: dict[str, int] = {}
        self.outbox: dict[str, str] = {}
        self.deltas = 0
        self.changed = asyncio.Event()
        self.living = asyncio.create_task(self.live())

    @property
    def last(self) -> int:
        return self.facts[-1]["seq"] if self.facts else 0

    async def live(self) -> None:
        while True:
            try:
                async with websockets.connect(f"ws://127.0.0.1:{self.port}/v1/visitor", subprotocols=[SUBPROTOCOL],
                                              origin=f"http://127.0.0.1:{self.port}", compression=None) as socket:
                    await self._session(socket)
            except (OSError, websockets.WebSocketException):
                await asyncio.sleep(0.05)

    async def _session(self, socket: Any) -> None:
        await socket.send(json.dumps({"type": "session.hello", "locale": "ja", **self.keys, "last_seq": self.last}))
        ready = json.loads(await socket.recv())
        assert ready["type"] == "session.ready", ready
        assert ready["resumed"] or not self.facts
        self.keys = {name: ready[name] for name in ("token", "conversation", "epoch")}
        sending = asyncio.create_task(self._send(socket))
        try:
            while True:
                self._take(json.loads(await socket.recv()))
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    async def _send(self, socket: Any) -> None:
        """Send what is not acknowledged, one at a time, oldest first."""
        sent = ""
        while True:
            self.changed.clear()  # first, so that an ack which comes while we send is not slept through
            txn = next(iter(self.outbox), "")
            if txn and txn != sent:
                sent = txn
                await socket.send(json.dumps({"type": "message.send", "txn": txn, "data": {"text": self.outbox[txn]}}))
            await self.changed.wait()

    def _take(self, frame: dict[str, Any]) -> None:
        if "seq" in frame and "data" in frame:
            assert frame["seq"] == self.last + 1, "a gap or a repeat"
            self.facts.append(frame)
        elif frame["type"] == "ack":
            assert self.acked.setdefault(frame["txn"], frame["seq"]) == frame["seq"]
            self.outbox.pop(frame["txn"], None)
        elif frame["type"] == "message.delta":
            self.deltas += 1
        elif frame["type"] == "error":
            raise AssertionError(frame)
        self.changed.set()

    async def until(self, true: Any, within_s: float = 30) -> None:
        async with asyncio.timeout(within_s):
            while not true(self):
                if self.living.done():
                    self.living.result()  # a frame that should not have come
                await asyncio.sleep(0.005)

    async def leave(self) -> None:
        self.living.cancel()
        await asyncio.gather(self.living, return_exceptions=True)


@pytest.mark.timeout(300)
async def test_nothing_acknowledged_is_lost_or_doubled_over_twenty_kills(tmp_path: Path) -> None:
    seed = int(os.environ.get("FAULT_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
    print(f"FAULT_SEED={seed}")
    chance = random.Random(seed)
    server = Forked(run, free_port())
    await server.start(tmp_path, server.port, 0)
    writer = Tab(server.port, {})
    await writer.until(lambda tab: tab.last >= 1)
    reader = Tab(server.port, writer.keys)
    sent: dict[str, str] = {}
    for point in range(20):
        between_commit_and_ack = point % 2 == 0
        await server.kill()
        await server.start(tmp_path, server.port, 1 if between_commit_and_ack else 0)
        txn, text = f"txn-{point}", f"{point}番目のメッセージです。" * chance.randint(2, 6)
        sent[txn] = writer.outbox[txn] = text
        writer.changed.set()
        if between_commit_and_ack:
            await server.died()
        else:
            before, enough = writer.deltas, chance.randint(1, 6)
            await writer.until(lambda tab, goal=before + enough: tab.deltas >= goal)
            await asyncio.sleep(chance.random() * 0.03)
    await server.kill()
    await server.start(tmp_path, server.port, 0)
    await writer.until(lambda tab: not tab.outbox and _settled(tab.facts))
    await reader.until(lambda tab: tab.last == writer.last)
    await asyncio.sleep(0.3)
    await writer.leave()
    await reader.leave()
    await server.kill()
    assert set(writer.acked) == set(sent)
    assert writer.facts == reader.facts
    await _check_database(tmp_path, writer, sent)


def _settled(facts: list[dict[str, Any]]) -> bool:
    begun = [fact["data"]["run"] for fact in facts if fact["type"] == "run.started"]
    ended = [fact["data"]["run"] for fact in facts if fact["type"] in ENDS]
    return bool(begun) and sorted(begun) == sorted(ended) and facts[-1]["type"] in ENDS


async def _check_database(folder: Path, tab: Tab, sent: dict[str, str]) -> None:
    store = Store(open_database(f"sqlite:///{folder}/test.sqlite3"))
    stored = await store.facts_after(tab.keys["conversation"], 0, 10_000)
    assert [json.loads(json.dumps(fact.envelope())) for fact in stored] == tab.facts
    said = {fact.txn: fact.data["text"] for fact in stored if fact.txn}
    assert said == sent
    assert sum(1 for fact in stored if fact.txn) == len(sent), "a message is stored twice"
    assert await store.interrupted_runs() == []
    cut = [fact for fact in stored if fact.type == "run.failed"]
    assert cut, "no kill hit a running reply"
    assert all(fact.data["reason"] == "interrupted" and fact.data["offer"] == "person" for fact in cut)
    assert any(fact.data["partial"].startswith("echo:") for fact in cut), "no partial text was kept"
    await store.close()
