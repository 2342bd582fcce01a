"""The same command again: stored once, acked alike, whoever sends it and however often."""

import asyncio
from pathlib import Path

from assistant.server.parts import Limits
from tests.server.harness import Client, make_parts, running


async def test_the_same_txn_a_hundred_times_at_once_is_one_row(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path)) as server:
        async with server.connect() as one, server.connect() as two:
            first, second = Client(one), Client(two)
            ready = await first.hello()
            await second.hello(token=ready["token"], conversation=ready["conversation"])
            message = {"type": "message.send", "txn": "same", "data": {"text": "百回"}}
            await asyncio.gather(*(client.send(message) for client in (first, second) for _ in range(50)))
            acks = []
            for client in (first, second):
                acks += [await client.reply("same") for _ in range(50)]
            assert {(ack["type"], ack["seq"]) for ack in acks} == {("ack", 2)}
            assert sum(not ack["dup"] for ack in acks) == 1
            await first.wait("run.completed")
        stored = await server.parts.store.facts_after(ready["conversation"], 0)
        assert [fact.type for fact in stored if fact.txn == "same"] == ["message.created"]
        assert sum(fact.type == "run.started" for fact in stored) == 1


async def test_a_txn_used_for_something_else_is_a_conflict(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path)) as server, server.connect() as socket:
        client = Client(socket)
        await client.hello()
        await client.say("ひとつめ", "t1")
        error = await client.say("ふたつめ", "t1")
        assert (error["type"], error["code"], error["retryable"]) == ("error", "txn_conflict", False)
        await client.send({"type": "feedback.give", "txn": "t1", "data": {"value": "up"}})
        assert (await client.reply("t1"))["code"] == "txn_conflict"


async def test_two_visitors_may_use_the_same_txn(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path)) as server, server.connect() as one, server.connect() as two:
        first, second = Client(one), Client(two)
        await first.hello()
        await second.hello()
        assert (await first.say("a", "t"))["dup"] is False
        assert (await second.say("b", "t"))["dup"] is False


async def test_feedback_is_kept_once_per_tap(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path)) as server, server.connect() as socket:
        client = Client(socket)
        await client.hello()
        tap = {"type": "feedback.give", "txn": "f1", "data": {"value": "up", "message": "m_1", "kind": "answer",
                                                               "comment": "番号は4111111111111111"}}
        await client.send(tap)
        assert (await client.reply("f1"))["dup"] is False
        await client.send(tap)
        assert (await client.reply("f1"))["dup"] is True
        given = await client.wait("feedback.given")
        assert given["data"] == {"kind": "answer", "value": "up", "message": "m_1",
                                 "comment": "番号は**** **** **** 1111"}
        await client.send({"type": "feedback.give", "txn": "f2", "data": {"value": 6}})
        assert (await client.reply("f2"))["code"] == "bad_request"


async def test_rates_spare_repeats_and_tell_when_to_come_back(tmp_path: Path) -> None:
    limits = Limits(message_rate=0.5, message_burst=3)
    async with running(make_parts(tmp_path, limits=limits)) as server, server.connect() as socket:
        client = Client(socket)
        await client.hello()
        for number in range(3):
            assert (await client.say("x", f"t{number}"))["type"] == "ack"
        assert (await client.say("x", "t0"))["dup"] is True
        error = await client.say("x", "t9")
        assert (error["code"], error["retryable"]) == ("rate_limited", True)
        assert 0 < error["retry_after_ms"] <= 2000
        assert error["message"] == "少し間をおいてからお送りください。"
        await asyncio.sleep(error["retry_after_ms"] / 1000 + 0.05)
        assert (await client.say("x", "t9"))["type"] == "ack"
