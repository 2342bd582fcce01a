"""A visitor and agents on real sockets: from the request for a person to the end of the talk."""

import asyncio
from pathlib import Path

from tests.handoff.house import ask, house, policy, texts


async def test_a_visitor_reaches_a_person_and_sees_every_step(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        agent = await home.agent("tanaka")
        visitor = await home.visitor()
        conversation = visitor.ready["conversation"]
        await visitor.say("カードの届く日を知りたいです", "m1")
        await visitor.wait("run.completed")

        ack = await ask(visitor, "handoff.request", "h1")
        assert ack["type"] == "ack"
        await visitor.wait("handoff.queued")
        place = await visitor.wait("queue.updated")
        assert (place["position"], place["ahead"], place["open"]) == (1, 0, True)

        ringing = await agent.wait("ringing")
        assert ringing["ticket"]["conversation"] == conversation
        assert ringing["ticket"]["preview"] == "カードの届く日を知りたいです"
        accepted = await agent.do("handoff.accept", ticket=ringing["ticket"]["ticket"])
        assert accepted["type"] == "ack", accepted
        joined = await visitor.wait("agent.joined")
        assert joined["data"]["name"] == "担当 tanaka"
        mine = await agent.until(lambda f: f["type"] == "mine.updated" and bool(f["conversations"]))
        assert mine["conversations"][0]["conversation"] == conversation

        opened = await agent.do("conversation.open", conversation)
        assert opened["driver"] == "agent"
        brief = (await agent.wait("brief"))["brief"]
        assert brief["summary"]["goal"]["quote"] == "カードの届く日を知りたいです"
        assert (await agent.do("note.add", conversation, text="本人確認済み"))["type"] == "ack"
        assert (await agent.do("message.send", conversation, text="お待たせしました。"))["type"] == "ack"
        said = await visitor.until(lambda f: f["type"] == "message.created" and f["actor"]["kind"] == "agent")
        assert said["data"]["text"] == "お待たせしました。"
        await visitor.say("ありがとうございます", "m2")
        heard = await agent.until(lambda f: f["type"] == "message.created" and f["actor"]["kind"] == "visitor"
                                  and f["data"]["text"] == "ありがとうございます")
        assert heard["conversation"] == conversation
        await home.taken("ありがとうございます")

        closed = await agent.do("handoff.close", conversation, outcome="resolved", note="発送日をご案内")
        assert closed["type"] == "ack", closed
        left = await visitor.wait("agent.left")
        assert left["data"]["name"] == "担当 tanaka"
        drivers = [f["data"]["to"] for f in visitor.facts if f["type"] == "driver.changed"]
        assert drivers == ["queued", "ringing", "agent", "wrap_up"] or drivers == ["queued", "ringing", "agent"]
        assert (await ask(visitor, "feedback.give", "f1", kind="satisfaction", value=5))["type"] == "ack"
        assert "本人確認済み" not in str(visitor.frames)
        kinds = [kind for kind, _ in texts(visitor)]
        assert kinds == ["visitor", "assistant", "assistant", "agent", "visitor", "system"]


async def test_a_place_survives_a_reload_and_is_told_again(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        first, second = await home.visitor(), await home.visitor()
        for visitor in (first, second):
            await visitor.say("担当の方をお願いします", "m1")
            await ask(visitor, "handoff.request", "h1")
        place = await second.until(lambda f: f["type"] == "queue.updated" and f["position"] == 2)
        assert place["open"] is False  # nobody sits at the desk
        await second.socket.close()
        again = await home.visitor(token=second.ready["token"], conversation=second.ready["conversation"],
                                   epoch=second.ready["epoch"], last_seq=0)
        assert again.ready["driver"] == "queued"
        place = await again.wait("queue.updated")
        assert (place["position"], place["ahead"]) == (2, 1)
        await ask(first, "handoff.leave", "l1")
        moved = await again.until(lambda f: f["type"] == "queue.updated" and f["position"] == 1)
        assert moved["ahead"] == 0


async def test_two_agents_race_over_sockets_and_one_hears_that_it_is_taken(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        one, two = await home.agent("tanaka"), await home.agent("suzuki")
        visitor = await home.visitor()
        await visitor.say("担当の方をお願いします", "m1")
        await ask(visitor, "handoff.request", "h1")
        ticket = (await visitor.wait("handoff.queued"))["data"]["ticket"]
        replies = await asyncio.gather(one.do("handoff.accept", ticket=ticket), two.do("handoff.accept", ticket=ticket))
        assert sorted(reply["type"] for reply in replies) == ["ack", "error"]
        refused = next(reply for reply in replies if reply["type"] == "error")
        assert refused["code"] in ("not_allowed", "unknown_conversation")
        for agent in (one, two):
            await agent.until(lambda f: f["type"] == "line.updated" and ticket in f["removed"])
        joined = [fact for fact in visitor.facts if fact["type"] == "agent.joined"]
        assert len(joined) <= 1


async def test_a_dead_laptop_puts_the_visitor_at_the_front_and_the_next_one_gets_everything(tmp_path: Path) -> None:
    async with house(tmp_path, with_policy=policy(agent_gone_s=1)) as home:
        one, two = await home.agent("tanaka"), await home.agent("suzuki")
        await two.do("presence.set", presence="away")
        visitor = await home.visitor()
        conversation = visitor.ready["conversation"]
        await visitor.say("再発行の件です", "m1")
        await ask(visitor, "handoff.request", "h1")
        ticket = (await visitor.wait("handoff.queued"))["data"]["ticket"]
        await one.do("handoff.accept", ticket=ticket)
        await one.do("message.send", conversation, text="11月30日までにお送りいたします。")
        one.socket.transport.abort()
        await visitor.until(lambda f: f["type"] == "message.created" and "接続が切れました" in f["data"]["text"])
        alert = await two.wait("alert")
        assert (alert["kind"], alert["conversation"]) == ("agent_gone", conversation)
        await two.do("presence.set", presence="available")
        rung = await two.wait("ringing")
        await two.do("handoff.accept", ticket=rung["ticket"]["ticket"])
        await two.do("conversation.open", conversation)
        brief = (await two.wait("brief"))["brief"]
        assert brief["promises"][0]["quote"] == "11月30日までにお送りいたします。"
        joined = [fact["data"]["name"] for fact in two.facts if fact["type"] == "agent.joined"]
        assert joined == ["担当 tanaka", "担当 suzuki"]


async def test_a_supervisor_is_called_joins_and_is_announced(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        agent, boss = await home.agent("tanaka"), await home.agent("sato", "supervisor")
        await boss.do("presence.set", presence="away")
        visitor = await home.visitor()
        conversation = visitor.ready["conversation"]
        await visitor.say("責任者を出してください", "m1")
        await ask(visitor, "handoff.request", "h1")
        rung = await agent.wait("ringing")
        await agent.do("handoff.accept", ticket=rung["ticket"]["ticket"])
        assert (await agent.do("supervisor.call", conversation))["supervisors"] == 1
        assert (await boss.until(lambda f: f["type"] == "alert"))["agent"] == agent.me["id"]
        assert (await agent.do("supervisor.join", conversation))["code"] == "forbidden"
        assert (await boss.do("supervisor.join", conversation))["type"] == "ack"
        assert (await boss.do("message.send", conversation, text="責任者の佐藤です"))["type"] == "ack"
        names = [(await visitor.wait("agent.joined"))["data"]["name"] for _ in range(2)]
        assert names == ["担当 tanaka", "担当 sato"]


async def test_visitors_never_see_how_they_were_read_or_what_agents_note(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        agent, visitor = await home.agent("tanaka"), await home.visitor()
        conversation = visitor.ready["conversation"]
        await visitor.say("担当の方をお願いします", "m1")
        await ask(visitor, "handoff.request", "h1")
        rung = await agent.wait("ringing")
        await agent.do("handoff.accept", ticket=rung["ticket"]["ticket"])
        await agent.do("note.add", conversation, text="内緒のメモ")
        await agent.do("handoff.release", conversation, to="assistant", summary="内緒のまとめ")
        await visitor.wait("handoff.released")
        await agent.do("conversation.open", conversation)
        await agent.wait("brief")
        again = await home.visitor(token=visitor.ready["token"], conversation=conversation)
        await again.until(lambda f: f.get("type") == "handoff.released")
        for frames in (visitor.frames, again.frames):
            assert "内緒" not in str(frames)
            assert not {"handoff.requested", "moment.detected", "note.added"} & {frame["type"] for frame in frames}
        assert {"handoff.requested", "note.added"} <= {frame["type"] for frame in agent.frames}
