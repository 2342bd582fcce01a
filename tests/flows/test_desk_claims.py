"""Claims never collide: of many who accept at once exactly one wins, and the assistant is silent from then on."""

import asyncio
from pathlib import Path

import pytest

from assistant.errors import DriverConflict, NotAllowed, OmotenashiError
from tests.handoff.house import Clock, room


async def test_of_a_hundred_racing_accepts_exactly_one_wins_each_of_ten_times(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        agents = [await here.side.accounts.add(f"a{n}", f"担当{n}", "agent", "correct horse") for n in range(10)]
        for _ in range(10):
            conversation = await here.queue()
            ticket = here.side.line.of(conversation)
            assert ticket is not None
            tries = [here.do(agents[n % 10], "handoff.accept", conversation, ticket=ticket.id) for n in range(100)]
            results = await asyncio.gather(*tries, return_exceptions=True)
            won = [one for one in results if not isinstance(one, BaseException)]
            assert len(won) == 1
            assert all(isinstance(one, OmotenashiError) for one in results if isinstance(one, BaseException))
            assert (await here.kinds(conversation)).count("handoff.accepted") == 1
            held = here.side.line.of(conversation)
            assert held is not None
            assert held.state == "held"


async def test_two_servers_on_one_database_cannot_both_claim(tmp_path: Path) -> None:
    async with room(tmp_path) as one, room(tmp_path) as other:
        first = await one.side.accounts.add("a", "甲", "agent", "correct horse")
        second = await other.side.accounts.add("b", "乙", "agent", "correct horse")
        for _ in range(20):
            conversation = await one.queue()
            ticket = one.side.line.of(conversation)
            assert ticket is not None
            other.side.line.put(ticket)
            results = await asyncio.gather(
                one.do(first, "handoff.accept", conversation, ticket=ticket.id),
                other.do(second, "handoff.accept", conversation, ticket=ticket.id), return_exceptions=True)
            assert sum(isinstance(result, DriverConflict) for result in results) == 1
            assert (await one.kinds(conversation)).count("handoff.accepted") == 1


async def test_no_word_of_the_assistant_follows_an_acceptance_in_mid_sentence(tmp_path: Path) -> None:
    async with room(tmp_path, pause_s=0.002) as here:
        agent = await here.colleague("tanaka")
        for number in range(25):
            conversation = await here.queue()
            said = await here.say(conversation, "手数料はいくらですか。" * 6)
            await here.waiting.take(conversation, said)
            await asyncio.sleep(0.004 * (number % 7))
            await here.accept(agent, conversation)
            more = await here.say(conversation, "まだいますか")
            await here.waiting.take(conversation, more)
            await asyncio.sleep(0.01)
            facts = await here.facts(conversation)
            accepted = next(fact.seq for fact in facts if fact.type == "handoff.accepted")
            late = [fact for fact in facts if fact.seq > accepted and fact.actor.kind == "assistant"]
            assert not late, [fact.type for fact in late]
            await here.do(agent, "handoff.close", conversation, outcome="resolved")


async def test_a_repeated_accept_gives_its_first_ack_again(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        agent = await here.colleague("tanaka")
        conversation = await here.queue()
        ticket = here.side.line.of(conversation)
        assert ticket is not None
        first = await here.do(agent, "handoff.accept", conversation, txn="t1", ticket=ticket.id)
        again = await here.do(agent, "handoff.accept", conversation, txn="t1", ticket=ticket.id)
        assert (again["seq"], again["dup"]) == (first["seq"], True)


async def test_only_who_holds_a_talk_may_write_in_it(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        holder, other = await here.colleague("tanaka"), await here.colleague("suzuki")
        boss = await here.colleague("sato", "supervisor")
        conversation = await here.queue()
        with pytest.raises(NotAllowed):
            await here.do(holder, "message.send", conversation, text="まだです")
        await here.accept(holder, conversation)
        for command, data in (("message.send", {"text": "横から"}), ("handoff.close", {"outcome": "x"}),
                              ("handoff.release", {"to": "line"}), ("handoff.transfer", {"team": "loans"})):
            with pytest.raises(NotAllowed):
                await here.do(other, command, conversation, **data)
        await here.do(boss, "supervisor.join", conversation)
        await here.do(boss, "message.send", conversation, text="責任者の佐藤です")
        names = [fact.data["name"] for fact in await here.facts(conversation) if fact.type == "agent.joined"]
        assert names == ["担当 tanaka", "担当 sato"]


async def test_a_pull_takes_what_waits_in_no_line(tmp_path: Path) -> None:
    async with room(tmp_path, clock=Clock()) as here:
        agent = await here.colleague("tanaka")
        conversation = await here.talk()
        await here.do(agent, "agent.pull", conversation)
        assert await here.driver(conversation) == "agent"
        asked = next(fact for fact in await here.facts(conversation) if fact.type == "handoff.requested")
        assert (asked.data["by"], asked.data["reason"]) == ("agent", "agent_pull")


async def test_leaving_and_accepting_at_once_have_one_outcome(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        agent = await here.colleague("tanaka")
        for number in range(20):
            conversation = await here.queue()
            both = [here.ask(conversation, "handoff.leave"), here.accept(agent, conversation)]
            results = await asyncio.gather(*(both if number % 2 else both[::-1]), return_exceptions=True)
            assert any(not isinstance(one, BaseException) for one in results)
            driver, ticket = await here.driver(conversation), here.side.line.of(conversation)
            kinds = await here.kinds(conversation)
            if driver == "agent":
                assert ticket is not None
                assert ticket.state == "held"
                assert "handoff.declined" not in kinds
                await here.do(agent, "handoff.close", conversation, outcome="resolved")
            else:
                assert driver == "assistant"
                assert ticket is None
                assert sum(kind in kinds for kind in ("handoff.accepted", "handoff.declined")) >= 1
