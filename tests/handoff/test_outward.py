"""Events reach other systems: signed, retried, visible when dead, never into our own network; Chatwoot both ways."""

import asyncio
from pathlib import Path

import httpx
import pytest

from assistant.commands.outlets import StoredMirrors
from assistant.engines.chatwoot import ChatwootOutlet, Inbox
from assistant.engines.guarded import GuardedClient, is_public
from assistant.engines.webhook import WebhookOutlet
from assistant.errors import Unavailable
from assistant.handoff import outbox
from assistant.handoff.brief import Brief, signature
from tests.handoff.house import SECRET, SUNDAY_3, Clock, house, room
from tests.handoff.neighbours import (
    CHATWOOT_SECRET,
    CHATWOOT_TOKEN,
    WEBHOOK_SECRET,
    Chatwoot,
    Receiver,
    agent_message,
    callback,
    serving,
)


async def test_events_arrive_signed_with_a_brief_that_validates(tmp_path: Path) -> None:
    receiver, client = Receiver(), GuardedClient(private=True)
    async with serving(receiver.app()) as url, room(
            tmp_path, outlets=lambda _s: [WebhookOutlet(f"{url}/hook", WEBHOOK_SECRET, client)]) as here:
        agent, conversation = await here.colleague("tanaka"), await here.queue()
        await here.accept(agent, conversation)
        await here.do(agent, "handoff.close", conversation, outcome="resolved",
                      followup={"days": 3, "text": "その後いかがですか"})
        await here.shift.tick()
        here.clock.forward(601)
        await here.shift.tick()
        while await here.people.post.deliver():
            pass
        kinds = [event["type"] for event in receiver.events]
        assert kinds == ["handoff.requested", "handoff.queued", "handoff.accepted", "conversation.closed"]
        packet = receiver.events[1]["data"]["brief"]
        assert Brief.model_validate(packet).conversation == conversation
        assert packet["signature"] == signature(packet, SECRET)
        here.clock.forward(3 * 86_400)
        await here.people.post.deliver()
        assert receiver.events[-1]["type"] == "conversation.followup"
    await client.close()


async def test_a_refused_event_is_tried_again_with_the_same_id_and_a_dead_one_is_shown(tmp_path: Path) -> None:
    receiver, client = Receiver(refuse=4), GuardedClient(private=True)
    async with serving(receiver.app()) as url, room(
            tmp_path, outlets=lambda _s: [WebhookOutlet(f"{url}/hook", WEBHOOK_SECRET, client)]) as here:
        await here.queue()
        await here.people.post.deliver()
        assert receiver.events == []
        here.clock.forward(10)
        await here.people.post.deliver()
        assert await here.people.post.deliver() == 0  # not before its time
        here.clock.forward(400)
        await here.people.post.deliver()
        assert {event["type"] for event in receiver.events} == {"handoff.requested", "handoff.queued"}
        receiver.refuse = 10**6
        await here.queue()
        for _ in range(12):
            await here.people.post.deliver()
            here.clock.forward(110_000)
        dead = await outbox.dead_letters(here.store)
        assert {(row["state"], row["attempts"]) for row in dead} == {("dead", 10)}
        receiver.refuse = 0
        assert await outbox.retry(here.store, dead[0]["id"], here.clock())
        await here.people.post.deliver()
        assert dead[0]["id"] in receiver.ids
    await client.close()


async def test_events_survive_a_restart(tmp_path: Path) -> None:
    receiver, client, clock = Receiver(), GuardedClient(private=True), Clock()
    async with serving(receiver.app()) as url:
        def outlets(_store: object) -> list[WebhookOutlet]:
            return [WebhookOutlet(f"{url}/hook", WEBHOOK_SECRET, client)]

        async with room(tmp_path, outlets=outlets, clock=clock) as here:
            await here.queue()
        async with room(tmp_path, outlets=outlets, clock=clock) as here:
            await here.people.post.deliver()
        assert [event["type"] for event in receiver.events] == ["handoff.requested", "handoff.queued"]
    await client.close()


async def test_on_call_is_told_at_night_and_the_visitor_hears_so(tmp_path: Path) -> None:
    receiver, client = Receiver(), GuardedClient(private=True)
    async with serving(receiver.app()) as url, room(
            tmp_path, clock=Clock(SUNDAY_3),
            outlets=lambda _s: [WebhookOutlet(f"{url}/hook", WEBHOOK_SECRET, client)]) as here:
        conversation = await here.queue("fraud_or_loss", "p1")
        assert "当直の担当者にも知らせました" in (await here.facts(conversation))[-2].data["text"]
        await here.people.post.deliver()
        assert "oncall.needed" in [event["type"] for event in receiver.events]
    await client.close()


@pytest.mark.parametrize("address", [
    "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.5.5", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "::1", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "255.255.255.255"])
def test_private_addresses_are_refused_in_every_notation(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x", "http://localhost/x", "http://2130706433/", "http://[::1]/",
                                 "file:///etc/passwd", "http://user@example.com/", "ftp://example.com/"])
async def test_webhooks_never_reach_our_own_network(url: str) -> None:
    client = GuardedClient()
    with pytest.raises(Unavailable):
        await client.post(url, b"{}", {})
    await client.close()


async def test_chatwoot_gets_the_talk_and_its_agents_answer_comes_back(tmp_path: Path) -> None:
    chatwoot, client = Chatwoot(), GuardedClient(private=True)
    async with serving(chatwoot.app()) as url:
        inbox = Inbox(url, "INBOX", 7, CHATWOOT_TOKEN)
        async with house(tmp_path, outlets=lambda store: [ChatwootOutlet(inbox, client, StoredMirrors(store))],
                         chatwoot_secret=CHATWOOT_SECRET) as home, httpx.AsyncClient(base_url=home.server.url) as http:
            visitor = await home.visitor()
            await visitor.say("カードが届きません", "m1")
            await visitor.wait("run.completed")
            await visitor.send({"type": "handoff.request", "txn": "h1", "data": {}})
            queued = await visitor.until(lambda f: f["type"] == "message.created" and "順番" in f["data"]["text"])
            assert queued["data"]["text"].startswith("担当者におつなぎします")
            await _until(lambda: len(chatwoot.notes) >= 3)
            assert [message["content"] for message in chatwoot.messages] == ["カードが届きません"]
            assert any("customer_request" in note["content"] and note["private"] for note in chatwoot.notes)

            raw, headers = callback(agent_message(1, 11, "お調べします"))
            for _ in range(2):  # a webhook may come twice
                answer = await http.post("/v1/hooks/chatwoot", content=raw, headers=headers)
                assert answer.json() == {"ok": True, "ours": True}
            said = await visitor.until(lambda f: f["type"] == "message.created" and f["actor"]["kind"] == "agent")
            assert (said["data"]["text"], said["actor"]["name"]) == ("お調べします", "山田")
            assert sum(f.get("data", {}).get("text") == "お調べします" for f in visitor.facts) == 1
            await visitor.say("ありがとうございます", "m2")
            await _until(lambda: chatwoot.messages[-1]["content"] == "ありがとうございます")
            assert not any("お調べします" in str(one) for one in chatwoot.messages + chatwoot.notes)

            raw, headers = callback({"event": "conversation_status_changed", "id": 1, "status": "resolved"})
            await http.post("/v1/hooks/chatwoot", content=raw, headers=headers)
            await visitor.until(lambda f: f["type"] == "driver.changed" and f["data"]["to"] == "wrap_up")
    await client.close()


async def test_forged_old_and_foreign_callbacks_change_nothing(tmp_path: Path) -> None:
    async with house(tmp_path, chatwoot_secret=CHATWOOT_SECRET) as home, \
            httpx.AsyncClient(base_url=home.server.url) as http:
        event = agent_message(1, 11, "なりすまし")
        for raw, headers in (callback(event, "wrong"), callback(event, at=1_700_000_000.0), (b"{}", {})):
            assert (await http.post("/v1/hooks/chatwoot", content=raw, headers=headers)).status_code == 401
        raw, headers = callback(event)
        assert (await http.post("/v1/hooks/chatwoot", content=raw + b" ", headers=headers)).status_code == 401
        assert (await http.post("/v1/hooks/chatwoot", content=raw, headers=headers)).json()["ours"] is False
        for change in ({"message_type": "incoming"}, {"private": True}, {"sender": {"id": 1, "type": "agent_bot"}}):
            raw, headers = callback(agent_message(1, 12, "x", **change))
            assert (await http.post("/v1/hooks/chatwoot", content=raw, headers=headers)).json()["ours"] is False


async def _until(true: object, within_s: float = 10.0) -> None:
    async with asyncio.timeout(within_s):
        while not true():  # type: ignore[operator]
            await asyncio.sleep(0.05)
