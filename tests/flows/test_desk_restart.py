"""A stop in the middle of anything: the next start goes on where it was, clocks and rings included."""

from pathlib import Path

from assistant.handoff.line import front
from tests.handoff.house import Clock, Room, room


async def tick(here: Room) -> None:
    await here.shift.tick()
    await here.board.flush()


async def test_a_ring_is_taken_up_again_or_passed_on(tmp_path: Path) -> None:
    clock = Clock()
    async with room(tmp_path, clock=clock) as here:
        agent = await here.colleague("tanaka")
        conversation = await here.queue()
        await tick(here)
        assert await here.driver(conversation) == "ringing"
    async with room(tmp_path, clock=clock) as here:
        await tick(here)
        assert await here.driver(conversation) == "queued"
        here.sit(agent)
        clock.forward(130)
        await tick(here)
        assert await here.driver(conversation) == "ringing"


async def test_a_talk_waits_a_minute_for_its_agent_then_goes_to_the_front(tmp_path: Path) -> None:
    clock = Clock()
    async with room(tmp_path, clock=clock) as here:
        agent = await here.colleague("tanaka")
        earlier, conversation = await here.queue("fraud_or_loss", "p1"), await here.queue()
        await here.accept(agent, conversation)
    async with room(tmp_path, clock=clock) as here:
        clock.forward(50)
        await tick(here)
        assert await here.driver(conversation) == "agent"
        clock.forward(20)
        await tick(here)
        assert [one.conversation for one in here.side.line.waiting()] == [conversation, earlier]
        rank = here.side.line.of(conversation).rank
    async with room(tmp_path, clock=clock) as here:
        assert here.side.line.of(conversation).rank == rank == front(rank)


async def test_an_owed_answer_and_a_finished_talk_are_remembered(tmp_path: Path) -> None:
    clock = Clock()
    async with room(tmp_path, clock=clock) as here:
        agent = await here.colleague("tanaka")
        owed, finished = await here.queue(), await here.queue()
        for conversation in (owed, finished):
            await here.accept(agent, conversation)
            await here.do(agent, "message.send", conversation, text="承りました")
        await here.do(agent, "handoff.close", finished, outcome="resolved")
        row = await here.store.conversation(owed)
        assert row.driver == "agent"
        here.hub.watchers.clear()  # the stop comes before the clock has begun
        await here.say(owed, "まだですか")
        await here.board.stop()
    async with room(tmp_path, clock=clock) as here:
        here.sit(agent)
        await here.board.start()
        assert here.side.line.of(owed).clock == "next"
        clock.forward(601)
        await here.shift.tick()
        assert await here.driver(finished) == "closed"
        assert "sla.breached" in await here.kinds(owed)


async def test_waits_are_learnt_from_before_the_stop(tmp_path: Path) -> None:
    clock = Clock()
    async with room(tmp_path, clock=clock) as here:
        agent = await here.colleague("tanaka")
        for _ in range(25):
            conversation = await here.queue()
            clock.forward(20)
            await here.accept(agent, conversation)
            clock.forward(100)
            await here.do(agent, "handoff.close", conversation, outcome="resolved")
    async with room(tmp_path, clock=clock) as here:
        assert here.side.waits.basis == "recent"
        assert 95 <= here.side.waits.service_s <= 110
