"""A visitor's way through the socket: hello, message, streamed reply, facts in order."""

from pathlib import Path

from tests.server.harness import Client, make_parts, running


async def test_message_is_acked_stored_and_answered_in_order(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path)) as server, server.connect() as socket:
        client = Client(socket)
        ready = await client.hello()
        assert ready["resumed"] is False
        assert ready["disclosure"] == "AIアシスタントです。"
        ack = await client.say("カードをなくしました", "t1")
        assert ack == {"type": "ack", "txn": "t1", "seq": 2, "dup": False, "_used": True}
        await client.wait("run.completed")
        kinds = [fact["type"] for fact in client.facts]
        assert kinds == ["conversation.started", "message.created", "run.started", "message.created", "run.completed"]
        assert [fact["seq"] for fact in client.facts] == [1, 2, 3, 4, 5]
        reply = client.facts[3]["data"]
        assert client.text_of(reply["message"]) == reply["text"] == "echo: カードをなくしました"
        stored = await server.parts.store.facts_after(ready["conversation"], 0)
        assert [fact.id for fact in stored] == [fact["id"] for fact in client.facts]
