"""What an agent does with a talk: pass on, give back, close; what happens when somebody vanishes; waiting visitors."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select

from assistant.conversation import ASSISTANT
from assistant.errors import BadRequest, NotAllowed, RateLimited, Unavailable
from assistant.events import draft
from assistant.facts import MomentDetected
from assistant.handoff.tables import suggestions
from tests.handoff.house import SUNDAY_3, Clock, policy, room


async def test_a_talk_goes_back_to_the_assistant_with_what_was_agreed(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        agent, conversation = await here.colleague("tanaka"), await here.queue()
        await here.accept(agent, conversation)
        await here.do(agent, "handoff.release", conversation, to="assistant", summary="明日までに再送と約束")
        assert await here.driver(conversation) == "assistant"
        state = await here.store.state(conversation)
        assert state["human"] == {"agent": "担当 tanaka", "summary": "明日までに再送と約束"}
        facts = await here.facts(conversation)
        last = [fact for fact in facts if fact.type == "message.created"][-1]
        assert last.data["text"].startswith("ここからは、わたし（AIアシスタント）が引き継ぎます。")
        seen_by_visitor = [fact for fact in facts if fact.type != "note.added"]
        assert "再送" not in str([fact.data for fact in seen_by_visitor])
        assert here.side.line.of(conversation) is None


async def test_a_transfer_rings_for_that_person_first_and_then_for_anybody(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        first, second = await here.colleague("tanaka"), await here.colleague("suzuki", skills=["inheritance"])
        third, conversation = await here.colleague("ito"), await here.queue()
        await here.accept(first, conversation)
        with pytest.raises(Unavailable):
            await here.do(first, "handoff.transfer", conversation, agent="a_nobody")
        await here.do(first, "handoff.transfer", conversation, agent=third.id, note="相続の件です")
        ticket = here.side.line.of(conversation)
        assert ticket is not None
        assert (ticket.state, ticket.target, await here.driver(conversation)) == ("queued", third.id, "queued")
        await here.shift.tick()
        rung = [frame for frame in here.told[third.id] if frame["type"] == "ringing"]
        assert len(rung) == 1
        here.clock.forward(31)
        await here.shift.tick()
        await here.shift.tick()
        assert any(frame["type"] == "ringing" for frame in here.told[second.id] + here.told[first.id])


async def test_a_ring_that_nobody_answers_goes_to_the_next_one(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        one, two = await here.colleague("tanaka"), await here.colleague("suzuki")
        conversation = await here.queue()
        await here.shift.tick()
        first = one if here.told[one.id] else two
        assert await here.driver(conversation) == "ringing"
        here.clock.forward(31)
        await here.shift.tick()
        other = two if first is one else one
        assert [frame["type"] for frame in here.told[other.id]] == ["ringing"]
        with pytest.raises(NotAllowed):
            await here.do(first, "handoff.decline", conversation, ticket=here.side.line.of(conversation).id)


async def test_a_vanished_agent_leaves_the_visitor_at_the_front_and_told(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        agent = await here.side.accounts.add("tanaka", "田中", "agent", "correct horse")
        tell = here.sit(agent)
        earlier = await here.queue("fraud_or_loss", "p1")
        conversation = await here.queue()
        await here.accept(agent, conversation)
        here.side.floor.rise(agent.id, tell, here.clock())
        here.clock.forward(59)
        await here.shift.tick()
        assert await here.driver(conversation) == "agent"
        here.clock.forward(2)
        await here.shift.tick()
        assert await here.driver(conversation) == "queued"
        assert [ticket.conversation for ticket in here.side.line.waiting()] == [conversation, earlier]
        facts = await here.facts(conversation)
        assert any("接続が切れました" in str(fact.data.get("text")) and fact.actor.kind == "system" for fact in facts)
        assert "handoff.expired" in [fact.type for fact in facts]


async def test_who_comes_back_in_time_has_lost_nothing(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        agent = await here.side.accounts.add("tanaka", "田中", "agent", "correct horse")
        tell = here.sit(agent)
        conversation = await here.queue()
        await here.accept(agent, conversation)
        here.side.floor.rise(agent.id, tell, here.clock())
        here.clock.forward(40)
        here.sit(agent)
        here.clock.forward(40)
        await here.shift.tick()
        assert await here.driver(conversation) == "agent"


async def test_a_closed_talk_ends_after_a_while_and_opens_again_when_somebody_writes(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        agent, conversation = await here.colleague("tanaka"), await here.queue()
        await here.accept(agent, conversation)
        await here.do(agent, "handoff.close", conversation, outcome="resolved", note="解決")
        assert await here.driver(conversation) == "wrap_up"
        await here.shift.tick()
        here.clock.forward(601)
        await here.shift.tick()
        assert await here.driver(conversation) == "closed"
        closed = (await here.facts(conversation))[-2]
        assert closed.data == {"by": "担当 tanaka", "outcome": "resolved"}
        await here.ask(conversation, "handoff.request")
        assert await here.driver(conversation) == "queued"


async def test_leaving_the_line_is_one_step_and_a_new_wish_is_met_again(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        await here.colleague("tanaka")
        conversation = await here.talk()
        await here.ask(conversation, "handoff.request", "t1")
        again = await here.ask(conversation, "handoff.request", "t1")
        assert again["dup"] is True
        await here.ask(conversation, "handoff.leave")
        assert await here.driver(conversation) == "assistant"
        assert here.side.line.of(conversation) is None
        for _ in range(3):
            await here.ask(conversation, "handoff.request")
        assert (await here.kinds(conversation)).count("handoff.queued") == 2
        await here.ask(conversation, "handoff.request")
        with pytest.raises(RateLimited):
            await here.ask(conversation, "handoff.request")


async def test_a_promised_window_is_one_of_the_policys(tmp_path: Path) -> None:
    async with room(tmp_path, clock=Clock(SUNDAY_3)) as here:
        conversation = await here.queue()
        frame = here.side.queue_frame(here.side.line.of(conversation))
        assert frame["open"] is False
        assert frame["windows"][0] == "11月24日(火) 9:00〜12:00"
        for bad in ({"choice": "email", "email": "not an address"}, {"choice": "callback", "phone": "12"},
                    {"choice": "fax"}):
            with pytest.raises(BadRequest):
                await here.ask(conversation, "handoff.contact", **bad)
        await here.ask(conversation, "handoff.contact", choice="callback", phone="03-0000-0000",
                       window="午後（13〜15時）")
        ticket = here.side.line.of(conversation)
        assert ticket.contact["window"] == "11月24日(火) 13:00〜17:00"
        last = (await here.facts(conversation))[-1]
        assert ticket.contact["window"] in last.data["text"]


async def test_nobody_is_rung_for_who_waits_for_a_call(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        conversation = await here.queue()
        await here.ask(conversation, "handoff.contact", choice="email", email="hanako@example.com")
        agent = await here.colleague("tanaka")
        await here.shift.tick()
        assert not here.told[agent.id]
        await here.accept(agent, conversation)
        assert await here.driver(conversation) == "agent"


async def test_what_is_known_is_never_asked(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        await here.colleague("tanaka")
        conversation = await here.talk("田中花子と申します。受付番号AB-12345の件で、すでに電話しました。")
        await here.ask(conversation, "handoff.request")
        before = len(await here.facts(conversation))
        await here.waiting.ask(conversation)
        assert len(await here.facts(conversation)) == before


async def test_each_thing_is_asked_once_and_answers_are_kept(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        await here.colleague("tanaka")
        conversation = await here.talk("カードが届きません")
        await here.ask(conversation, "handoff.request")
        await here.waiting.ask(conversation)
        for text in ("田中花子です", "わかりません", "アプリを入れ直しました"):
            await here.waiting.take(conversation, await here.say(conversation, text))
        said = [fact.data["text"] for fact in await here.facts(conversation)
                if fact.type == "message.created" and fact.actor.kind == "assistant"]
        for phrase in ("お名前を教えて", "わかる番号を教えて", "試されたこと"):
            assert sum(phrase in text for text in said) == 1, said
        collected = (await here.store.state(conversation))["collected"]
        assert collected == {"name": "田中花子", "tried": "アプリを入れ直しました"}
        assert here.side.line.of(conversation).name == "田中花子"
        await here.waiting.take(conversation, await here.say(conversation, "手数料はいくらですか"))
        await here.echo.drain(5)
        said = [fact.data["text"] for fact in await here.facts(conversation) if fact.actor.kind == "assistant"
                and fact.type == "message.created"]
        assert said[-1] == "echo: 手数料はいくらですか"


async def test_clocks_warn_and_run_out_by_themselves_and_rest_at_night(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        boss = await here.colleague("sato", "supervisor")
        here.side.floor.seat(boss.id).presence = "away"
        conversation = await here.queue("bereavement", "p2")
        here.clock.forward(136)
        await here.shift.tick()
        here.clock.forward(45)
        await here.shift.tick()
        await here.shift.tick()
        kinds = await here.kinds(conversation)
        assert (kinds.count("sla.warning"), kinds.count("sla.breached")) == (1, 1)
        assert [f["kind"] for f in here.told[boss.id] if f["type"] == "alert"] == ["sla.warning", "sla.breached"]
    async with room(tmp_path / "night", clock=Clock(SUNDAY_3)) as here:
        conversation = await here.queue("bereavement", "p2")
        here.clock.forward(3600)
        await here.shift.tick()
        assert "sla.breached" not in await here.kinds(conversation)


async def test_the_words_fit_who_is_there(tmp_path: Path) -> None:
    async with room(tmp_path, clock=Clock(SUNDAY_3)) as here:
        lost, slow = await here.queue("fraud_or_loss", "p1"), await here.queue("complaint", "p3")
        said = [(await here.facts(one))[-2].data["text"] for one in (lost, slow)]
        assert "0120-000-119" in said[0]
        assert "当直" not in said[0]  # no on-call webhook is set up: nobody was told, so nobody is said to be
        assert "おつなぎします" not in said[0] + said[1]
        assert "11月24日(火) 9:00" in said[1]
    async with room(tmp_path / "day") as here:
        conversation = await here.queue()
        assert "対応できる担当者がおりません" in (await here.facts(conversation))[-2].data["text"]
        urgent = (await here.facts(await here.queue("fraud_or_loss", "p1")))[-2].data["text"]
        assert "0120-000-119" in urgent
        assert "時間外" not in urgent
        await here.colleague("tanaka")
        conversation = await here.queue()
        text = (await here.facts(conversation))[-2].data["text"]
        assert text.startswith("担当者におつなぎします。順番をお取りしました（お待ちの方：2人")


async def test_a_used_suggestion_keeps_its_edit_distance(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        agent, conversation = await here.colleague("tanaka"), await here.queue()
        await here.accept(agent, conversation)
        await here.do(agent, "message.send", conversation, text="停止いたしました",
                      suggestion={"id": "s1", "original": "停止しました"})
        rows = await here.store.read(lambda c: c.execute(select(suggestions)).all())
        assert [(row.agent, row.distance, row.length) for row in rows] == [(agent.id, 2, 6)]
        assert "停止しました" not in str([fact.data for fact in await here.facts(conversation)])


async def test_a_full_line_offers_other_ways_but_never_to_who_is_in_danger(tmp_path: Path) -> None:
    async with room(tmp_path, with_policy=policy(capacity=1)) as here:
        await here.colleague("tanaka")
        for kind, severity, words in (("complaint", "p3", "おつなぎします"), ("complaint", "p3", "大変混み合っています"),
                                      ("fraud_or_loss", "p1", "おつなぎします")):
            conversation = await here.queue(kind, severity)
            assert words in (await here.facts(conversation))[-2].data["text"]


async def test_a_more_pressing_message_moves_a_ticket_up_and_never_down(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        earlier, conversation = await here.queue("complaint", "p3"), await here.queue("complaint", "p3")
        for kind in ("fraud_or_loss", "none"):
            reading = {"intensity": 0.9, "abuse": kind == "none", "moment": {"kind": kind, "p": 0.95}}
            moment = draft("moment.detected", MomentDetected(message="m_1", reading=reading), ASSISTANT)
            await here.hub.facts(conversation, (await here.store.append(conversation, [moment])).facts)
            await asyncio.sleep(0.1)
        assert [one.conversation for one in here.side.line.waiting()] == [conversation, earlier]
        ticket = here.side.line.of(conversation)
        assert (ticket.severity, ticket.kind, ticket.abuse) == ("p1", "fraud_or_loss", True)
