"""The durable transcript on real SQLite and PostgreSQL: numbers, idempotency, the driver, runs."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, insert

from assistant.conversation import ASSISTANT, ASSISTANT_SPEAKS, SYSTEM, Actor, Driver
from assistant.database import runs
from assistant.errors import DriverConflict, NotAllowed, TxnConflict, UnknownConversation
from assistant.events import Draft, draft
from assistant.facts import MessageCreated, RunCancelled, RunEnded, RunFailed, RunStarted
from assistant.transcript.store import Store

VISITOR = Actor("visitor", "v_1")


def said(text: str, txn: str | None = None, actor: Actor = VISITOR) -> Draft:
    return draft("message.created", MessageCreated(message=f"m_{text}", text=text), actor, txn)


async def test_facts_come_back_as_they_were_stored(store: Store) -> None:
    made = await store.create_conversation("v_1", "ja", {"order": "A-1"})
    stored = await store.append(made.id, [said("𠮷野家 😀 \n'quote'", "t1"), said("次")], principal="v_1")
    facts = await store.facts_after(made.id, 0)
    assert [fact.seq for fact in facts] == [1, 2, 3]
    assert facts[0].type == "conversation.started"
    assert facts[0].data["context"] == {"order": "A-1"}
    assert facts[1:] == stored.facts
    assert stored.conversation.head == 3
    assert await store.conversation(made.id) == stored.conversation
    assert abs(facts[2].at - datetime.now(UTC)) < timedelta(seconds=10)
    assert await store.facts_after(made.id, 1, 1) == facts[1:2]
    assert await store.facts_before(made.id, 3, 1) == facts[1:2]
    assert [turn.text for turn in await store.history(made.id, 1)] == ["次"]
    assert await store.state(made.id) == {"context": {"order": "A-1"}}


async def test_unknown_conversations_are_said_to_be_unknown(store: Store) -> None:
    with pytest.raises(UnknownConversation):
        await store.conversation("c_none")
    with pytest.raises(UnknownConversation):
        await store.append("c_none", [said("x")])
    with pytest.raises(UnknownConversation):
        await store.state("c_none")
    assert await store.latest_for("v_none") is None
    assert await store.facts_after("c_none", 0) == ()


async def test_numbers_have_no_gap_and_no_twin_under_many_writers(store: Store) -> None:
    made = await store.create_conversation("v_1", "ja", {})
    await asyncio.gather(*(store.append(made.id, [said(f"{n}a"), said(f"{n}b")]) for n in range(60)))
    facts = await store.facts_after(made.id, 0)
    assert [fact.seq for fact in facts] == list(range(1, 122))
    pairs = [fact.data["text"] for fact in facts[1:]]
    assert all(first[:-1] == second[:-1] for first, second in zip(pairs[::2], pairs[1::2], strict=True))
    assert (await store.conversation(made.id)).head == 121


async def test_the_same_command_a_hundred_times_at_once_is_stored_once(store: Store) -> None:
    made = await store.create_conversation("v_1", "ja", {})
    tries = [store.append(made.id, [said("x", "t1")], principal="v_1") for _ in range(100)]
    results = await asyncio.gather(*tries)
    assert sum(not result.dup for result in results) == 1
    assert {result.facts[0].id for result in results} == {results[0].facts[0].id}
    assert (await store.conversation(made.id)).head == 2


async def test_a_txn_belongs_to_one_command_of_one_principal(store: Store) -> None:
    made = await store.create_conversation("v_1", "ja", {})
    await store.append(made.id, [said("x", "t1")], principal="v_1")
    with pytest.raises(TxnConflict):
        await store.append(made.id, [said("y", "t1")], principal="v_1")
    assert not (await store.append(made.id, [said("y", "t1")], principal="a_1")).dup
    first = await store.append(made.id, [said("random-id-1", "t2")], principal="v_1", payload={"text": "z"})
    again = await store.append(made.id, [said("random-id-2", "t2")], principal="v_1", payload={"text": "z"})
    assert again.dup
    assert again.facts == first.facts
    with pytest.raises(TxnConflict):
        await store.append(made.id, [said("random-id-1", "t2")], principal="v_1", payload={"text": "other"})


async def test_a_repeat_is_recognised_after_the_driver_has_moved(store: Store) -> None:
    made = await store.create_conversation("v_1", "ja", {})
    only = frozenset({Driver.ASSISTANT})
    first = await store.append(made.id, [said("x", "t1")], principal="v_1", while_driver=only, to=Driver.QUEUED)
    assert [fact.type for fact in first.facts] == ["message.created", "driver.changed"]
    assert first.facts[1].data == {"from": "assistant", "to": "queued"}
    again = await store.append(made.id, [said("x", "t1")], principal="v_1", while_driver=only, to=Driver.QUEUED)
    assert again.dup
    assert again.conversation.driver is Driver.QUEUED


async def test_of_many_racing_claims_one_wins(store: Store) -> None:
    made = await store.create_conversation("v_1", "ja", {})
    queued = (await store.append(made.id, [], to=Driver.QUEUED)).conversation
    claims = [store.append(made.id, [said(f"claim {n}")], while_driver=frozenset({Driver.QUEUED}),
                           version=queued.version, to=Driver.AGENT) for n in range(30)]
    results = await asyncio.gather(*claims, return_exceptions=True)
    assert sum(not isinstance(result, BaseException) for result in results) == 1
    assert all(isinstance(result, DriverConflict) for result in results if isinstance(result, BaseException))
    after = await store.conversation(made.id)
    assert (after.driver, after.version, after.head) == (Driver.AGENT, 2, 4)
    with pytest.raises(DriverConflict):
        await store.append(made.id, [said("assistant again", actor=ASSISTANT)], while_driver=ASSISTANT_SPEAKS)


async def test_a_move_that_the_table_forbids_stores_nothing(store: Store) -> None:
    made = await store.create_conversation("v_1", "ja", {})
    with pytest.raises(NotAllowed):
        await store.append(made.id, [said("x")], to=Driver.WRAP_UP)
    assert (await store.conversation(made.id)).head == 1


async def test_state_is_laid_over_and_none_removes(store: Store) -> None:
    made = await store.create_conversation("v_1", "ja", {})
    await store.append(made.id, [], state={"a": 1, "b": {"c": "か"}})
    await store.append(made.id, [], state={"a": None, "d": [1, 2]})
    assert await store.state(made.id) == {"b": {"c": "か"}, "d": [1, 2]}


async def test_extra_work_is_in_the_same_transaction(store: Store) -> None:
    made = await store.create_conversation("v_1", "ja", {})

    def broken(connection: Connection) -> None:
        connection.execute(insert(runs), {"id": "r_extra", "conversation": made.id, "message": "m", "state": "open",
                                          "partial": "", "started_at": datetime.now(UTC)})
        raise NotAllowed("no")

    with pytest.raises(NotAllowed):
        await store.append(made.id, [said("x")], extra=broken)
    assert (await store.conversation(made.id)).head == 1
    assert await store.interrupted_runs() == []


async def test_a_run_is_open_until_it_ends_and_ends_once(store: Store) -> None:
    made = await store.create_conversation("v_1", "ja", {})
    await store.append(made.id, [draft("run.started", RunStarted(run="r1", message="m1"), ASSISTANT)])
    await store.keep_partial("r1", "途中まで")
    assert [(one.run, one.partial) for one in await store.interrupted_runs()] == [("r1", "途中まで")]
    await store.append(made.id, [said("whole", actor=ASSISTANT), draft("run.completed", RunEnded(run="r1"), ASSISTANT)])
    assert await store.interrupted_runs() == []
    for ending in (draft("run.cancelled", RunCancelled(run="r1", message="m1"), SYSTEM),
                   draft("run.completed", RunEnded(run="r1"), ASSISTANT)):
        with pytest.raises(NotAllowed):
            await store.append(made.id, [ending])
    assert (await store.conversation(made.id)).head == 4


async def test_a_run_that_could_not_start_may_still_be_told_to_have_failed(store: Store) -> None:
    made = await store.create_conversation("v_1", "ja", {})
    failed = RunFailed(run="r9", message="m9", reason="internal", text="sorry")
    await store.append(made.id, [draft("run.failed", failed, SYSTEM)])
    assert (await store.conversation(made.id)).head == 2


async def test_messages_that_nobody_began_to_answer_are_found(store: Store) -> None:
    waiting = await store.create_conversation("v_1", "ja", {})
    await store.append(waiting.id, [said("待っています", "t1")], principal="v_1")
    answered = await store.create_conversation("v_2", "ja", {})
    await store.append(answered.id, [said("x"), said("y", actor=ASSISTANT)])
    with_agent = await store.create_conversation("v_3", "ja", {})
    await store.append(with_agent.id, [said("z")])
    await store.append(with_agent.id, [], to=Driver.AGENT)
    assert [fact.data["text"] for fact in await store.unanswered()] == ["待っています"]


async def test_a_cancelled_caller_finds_its_transaction_whole(store: Store) -> None:
    made = await store.create_conversation("v_1", "ja", {})
    for number in range(30):
        task = asyncio.create_task(store.append(made.id, [said(f"{number}a"), said(f"{number}b")]))
        await asyncio.sleep(0.0005 * (number % 8))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    facts = await store.facts_after(made.id, 0)
    assert [fact.seq for fact in facts] == list(range(1, len(facts) + 1))
    assert len(facts) % 2 == 1


async def test_migrating_again_changes_nothing(store: Store) -> None:
    made = await store.create_conversation("v_1", "ja", {})
    await store.migrate()
    assert (await store.conversation(made.id)).head == 1
