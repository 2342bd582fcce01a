"""Coming back: no gap and no repeat from any point, a snapshot where numbers do not fit, replies that go on alone."""

import asyncio
from pathlib import Path

from assistant.conversation import SYSTEM, Actor
from assistant.events import draft
from assistant.facts import MessageCreated, NoteAdded
from assistant.server.parts import Limits
from tests.server.harness import Client, Running, make_parts, running


async def _talk(server: Running, messages: int) -> tuple[dict[str, str], list[dict[str, object]]]:
    async with server.connect() as socket:
        client = Client(socket)
        ready = await client.hello()
        for number in range(messages):
            await client.say(f"メッセージ{number}", f"t{number}")
            await client.wait("run.completed")
        keys = {"token": ready["token"], "conversation": ready["conversation"], "epoch": ready["epoch"]}
        return keys, client.facts


def _plain(facts: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{key: value for key, value in fact.items() if key != "_used"} for fact in facts]


async def test_resume_from_every_number_gives_exactly_the_rest(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path)) as server:
        keys, facts = await _talk(server, 3)
        whole = _plain(facts)
        head = whole[-1]["seq"]
        assert head == 13
        for last in range(14):
            async with server.connect() as socket:
                client = Client(socket)
                ready = await client.hello(**keys, last_seq=last)
                assert ready["resumed"] is True
                assert ready["head"] == head
                for _ in range(13 - last):
                    await client.read()
                assert _plain(client.facts) == whole[last:]


async def test_wrong_epoch_or_future_number_gives_everything_anew(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path)) as server:
        keys, facts = await _talk(server, 1)
        for changed in ({"epoch": "e_other", "last_seq": 2}, {"last_seq": 6}, {"last_seq": 2**40}, {"epoch": None}):
            async with server.connect() as socket:
                client = Client(socket)
                ready = await client.hello(**{**keys, **changed})
                assert ready["resumed"] is False
                for _ in range(5):
                    await client.read()
                assert _plain(client.facts) == _plain(facts)


async def test_more_than_fits_inline_is_paged(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path)) as server:
        keys, _ = await _talk(server, 0)
        store = server.parts.store
        many = [draft("message.created", MessageCreated(message=f"m{n}", text=f"{n}"), Actor("visitor"))
                for n in range(400)]
        await store.append(keys["conversation"], many)
        async with server.connect() as socket:
            client = Client(socket)
            ready = await client.hello(**keys, last_seq=1)
            assert (ready["resumed"], ready["more"], ready["head"]) == (True, True, 401)
            for _ in range(300):
                await client.read()
            seqs = [fact["seq"] for fact in client.facts]
            assert seqs == list(range(102, 402))
            while seqs[0] > 1:
                txn = f"h{seqs[0]}"
                await client.send({"type": "history.get", "txn": txn, "data": {"before_seq": seqs[0], "limit": 100}})
                page = await client.reply(txn)
                seqs = [fact["seq"] for fact in page["facts"]] + seqs
            assert page["more"] is False
            assert seqs == list(range(1, 402))


async def test_what_a_visitor_may_not_see_is_told_as_numbers(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path)) as server, server.connect() as socket:
        client = Client(socket)
        ready = await client.hello()
        conversation = ready["conversation"]
        note = draft("note.added", NoteAdded(note="n1", text="secret of the desk"), Actor("agent", "a1"))
        told = draft("message.created", MessageCreated(message="m1", text="hello"), SYSTEM)
        stored = await server.parts.store.append(conversation, [note, note, told, note])
        await server.parts.hub.facts(conversation, stored.facts)
        assert (await client.wait("facts"))["hidden"] == [[2, 3]]
        assert (await client.wait("message.created"))["seq"] == 4
        assert (await client.wait("facts"))["hidden"] == [[5, 5]]
        async with server.connect() as again:
            back = Client(again)
            ready = await back.hello(token=ready["token"], conversation=conversation)
            assert ready["hidden"] == [[2, 3], [5, 5]]
            await back.wait("message.created")
            assert [fact["seq"] for fact in back.facts] == [1, 4]
            await back.send({"type": "history.get", "txn": "h", "data": {"before_seq": 5}})
            page = await back.reply("h")
            assert [fact["seq"] for fact in page["facts"]] == [1, 4]
            assert page["hidden"] == [[2, 3]]
            assert "secret of the desk" not in str(back.frames)


async def test_two_tabs_see_the_same_and_a_latecomer_gets_the_reply_so_far(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path, pause_s=0.05)) as server, server.connect() as one, server.connect() as two:
        first, second = Client(one), Client(two)
        ready = await first.hello()
        keys = {"token": ready["token"], "conversation": ready["conversation"]}
        await second.hello(**keys)
        text = "長い返事をください。" * 8
        await first.say(text, "t1")
        await first.until(lambda f: f["type"] == "message.delta" and f["offset"] > 20)
        async with server.connect() as three:
            third = Client(three)
            await third.hello(**keys)
            snapshot = await third.wait("run.snapshot")
            assert snapshot["text"]
            assert f"echo: {text}".startswith(snapshot["text"])
            for client in (first, second, third):
                await client.wait("run.completed")
        assert _plain(first.facts) == _plain(second.facts) == _plain(third.facts)
        for client in (first, second, third):
            reply = next(f for f in client.facts if f["actor"]["kind"] == "assistant")
            assert client.text_of(reply["data"]["message"]) == reply["data"]["text"] == f"echo: {text}"


async def test_a_reply_is_finished_when_every_client_has_left(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path, pause_s=0.03)) as server:
        async with server.connect() as socket:
            client = Client(socket)
            ready = await client.hello()
            await client.say("続けてください" * 5, "t1")
            await client.wait("message.delta")
        await asyncio.sleep(0.8)
        async with server.connect() as socket:
            client = Client(socket)
            await client.hello(token=ready["token"], conversation=ready["conversation"])
            await client.wait("run.completed")
            assert [fact["seq"] for fact in client.facts] == [1, 2, 3, 4, 5]


async def test_a_client_that_comes_while_facts_fly_misses_none(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path, limits=Limits(connections=100))) as server:
        keys, _ = await _talk(server, 0)
        store, hub = server.parts.store, server.parts.hub

        async def write() -> None:
            for number in range(150):
                made = draft("message.created", MessageCreated(message=f"m{number}", text="x"), SYSTEM)
                stored = await store.append(keys["conversation"], [made])
                # As in the flows, the telling follows the commit at some later moment, in any order.
                late = asyncio.get_running_loop().create_task(hub.facts(keys["conversation"], stored.facts))
                if number % 3:
                    await late

        async def come_and_stay() -> list[int]:
            async with server.connect() as socket:
                client = Client(socket)
                await client.hello(**keys, last_seq=1)
                while not client.facts or client.facts[-1]["seq"] < 151:
                    await client.read()
                return [fact["seq"] for fact in client.facts]

        async def come_often() -> list[list[int]]:
            waiting = []
            for _ in range(12):
                waiting.append(asyncio.create_task(come_and_stay()))
                await asyncio.sleep(0.02)
            return list(await asyncio.gather(*waiting))

        _, seen = await asyncio.gather(write(), come_often())
        assert all(seqs == list(range(2, 152)) for seqs in seen)
