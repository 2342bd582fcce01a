"""Sound over a real socket: started, pieces, one ending; interrupted at once; never in the way of the text."""

import asyncio
import time
from pathlib import Path

from assistant.flows.speech import place_in
from assistant.voice.speak import MANNERS, Utterance
from tests.voice.house import Beeper, Talker, sound_of, speaking

LONG = "手数料は1,980円です。次の日に届きます。窓口は9:00からです。"


async def test_a_reply_is_said_sentence_by_sentence_with_its_mouth(tmp_path: Path) -> None:
    voice = Beeper()
    async with speaking(tmp_path, voice) as (server, _), server.connect() as socket:
        visitor = Talker(socket)
        await visitor.hello()
        message = await visitor.whole(LONG, "a")
        assert (await visitor.ask(message, "b"))["type"] == "ack"
        assert (await visitor.ending(message))["type"] == "speech.done"
        kinds = [frame["type"] for frame in visitor.speech()]
        assert kinds == ["speech.started", *["speech.chunk", "speech.visemes"] * 3, "speech.done"]
        chunks = [frame for frame in visitor.speech() if frame["type"] == "speech.chunk"]
        assert [chunk["seq"] for chunk in chunks] == [0, 1, 2]
        assert "".join(chunk["text"] for chunk in chunks) == f"echo: {LONG}"
        assert all(sound_of(chunk).startswith(b"RIFF") and chunk["mime"] == "audio/wav" for chunk in chunks)
        lines = [frame for frame in visitor.speech() if frame["type"] == "speech.visemes"]
        assert all(len(line["t"]) == len(line["d"]) == len(line["v"]) > 0 for line in lines)
        assert voice.said[1][0] == "次の日に届きます。" and "センキュウヒャクハチジュウエン" in voice.said[0][0]


async def test_a_running_reply_is_said_while_it_is_written(tmp_path: Path) -> None:
    async with speaking(tmp_path, Beeper(), pause_s=0.05) as (server, _), server.connect() as socket:
        visitor = Talker(socket)
        await visitor.hello()
        await visitor.say(LONG, "a")
        started = await visitor.wait("run.started")
        await visitor.ask(started["data"]["message"], "b")
        await visitor.wait("speech.chunk")
        assert not any(f["type"] == "run.completed" for f in visitor.frames), "it waited for the end"
        assert (await visitor.ending(started["data"]["message"]))["type"] == "speech.done"


async def test_typing_stops_the_voice_within_150_ms(tmp_path: Path) -> None:
    async with speaking(tmp_path, Beeper(takes_s=0.3)) as (server, _), server.connect() as socket:
        visitor = Talker(socket)
        await visitor.hello()
        message = await visitor.whole(LONG, "a")
        await visitor.ask(message, "b")
        await visitor.wait("speech.chunk")
        began = time.monotonic()
        await visitor.send({"type": "typing", "on": True})
        assert (await visitor.ending(message))["type"] == "speech.interrupted"
        assert time.monotonic() - began < 0.15
        await asyncio.sleep(0.5)
        await visitor.send({"type": "history.get", "txn": "z", "data": {}})
        await visitor.reply("z")
        assert [f["type"] for f in visitor.speech()][-1] == "speech.interrupted", "a sound came after the end"


async def test_a_new_message_stops_the_voice(tmp_path: Path) -> None:
    async with speaking(tmp_path, Beeper(takes_s=0.3)) as (server, _), server.connect() as socket:
        visitor = Talker(socket)
        await visitor.hello()
        message = await visitor.whole(LONG, "a")
        await visitor.ask(message, "b")
        await visitor.wait("speech.started")
        await visitor.say("もう一つ", "c")
        assert (await visitor.ending(message))["type"] == "speech.interrupted"


async def test_what_was_not_heard_to_the_end_is_kept_for_the_desk(tmp_path: Path) -> None:
    async with speaking(tmp_path, Beeper()) as (server, _), server.connect() as socket:
        visitor = Talker(socket)
        ready = await visitor.hello()
        message = await visitor.whole(LONG, "a")
        await visitor.ask(message, "b")
        await visitor.ending(message)
        for _ in range(2):  # a repeated report is noted once
            await visitor.send({"type": "speech.progress", "message": message, "played_ms": 900, "heard": 10})
        await visitor.wait("facts")
        facts = await server.parts.store.facts_after(ready["conversation"], 0)
        noted = [fact.data for fact in facts if fact.type == "speech.heard"]
        assert noted == [{"message": message, "heard": 10, "of": len(f"echo: {LONG}"), "played_ms": 900}]


async def test_what_was_heard_of_the_browsers_voice_is_kept_too(tmp_path: Path) -> None:
    async with speaking(tmp_path, None) as (server, _), server.connect() as socket:
        visitor = Talker(socket)
        ready = await visitor.hello()
        message = await visitor.whole(LONG, "a")
        await visitor.send({"type": "speech.progress", "message": message, "played_ms": 900, "heard": 7})
        await visitor.wait("facts")
        facts = await server.parts.store.facts_after(ready["conversation"], 0)
        assert [fact.data["heard"] for fact in facts if fact.type == "speech.heard"] == [7]


async def test_a_reply_heard_whole_leaves_no_note(tmp_path: Path) -> None:
    async with speaking(tmp_path, None) as (server, _), server.connect() as socket:
        visitor = Talker(socket)
        ready = await visitor.hello()
        message = await visitor.whole(LONG, "a")
        await visitor.send({"type": "speech.progress", "message": message, "played_ms": 9000, "heard": 10_000})
        await visitor.send({"type": "history.get", "txn": "z", "data": {}})
        await visitor.reply("z")
        facts = await server.parts.store.facts_after(ready["conversation"], 0)
        assert not [fact for fact in facts if fact.type == "speech.heard"]


async def test_when_every_place_is_taken_the_browser_may_speak(tmp_path: Path) -> None:
    async with speaking(tmp_path, Beeper(takes_s=0.5), places=1) as (server, _):
        async with server.connect() as first, server.connect() as second:
            one, two = Talker(first), Talker(second)
            await one.hello()
            await two.hello()
            await one.ask(await one.whole(LONG, "a"), "b")
            refused = await two.ask(await two.whole(LONG, "a"), "b")
            assert (refused["type"], refused["code"], refused["retryable"]) == ("error", "unavailable", True)


async def test_a_language_without_a_voice_is_refused(tmp_path: Path) -> None:
    async with speaking(tmp_path, Beeper()) as (server, _), server.connect() as socket:
        visitor = Talker(socket)
        await visitor.hello(locale="en")
        refused = await visitor.ask(await visitor.whole("the fee is 5 dollars", "a"), "b")
        assert (refused["type"], refused["code"]) == ("error", "not_allowed")


async def test_a_voice_that_breaks_ends_the_speech_and_nothing_else(tmp_path: Path) -> None:
    async with speaking(tmp_path, Beeper()) as (server, _), server.connect() as socket:
        visitor = Talker(socket)
        await visitor.hello()
        broken = await visitor.whole("これは平気です。これは壊れます。", "a")
        await visitor.ask(broken, "b")
        assert (await visitor.ending(broken))["type"] == "speech.interrupted"
        message = await visitor.whole(LONG, "c")
        await visitor.ask(message, "d")
        assert (await visitor.ending(message))["type"] == "speech.done"


async def test_two_replies_are_said_one_after_the_other(tmp_path: Path) -> None:
    voice = Beeper()
    async with speaking(tmp_path, voice) as (server, _), server.connect() as socket:
        visitor = Talker(socket)
        await visitor.hello()
        first = await visitor.whole(LONG, "a")
        second = await visitor.whole("短い話です。", "b")
        await visitor.ask(first, "c")
        await visitor.ask(second, "d")
        await visitor.ask(second, "e")  # asked twice, said once
        await visitor.ending(second)
        starts = [f["message"] for f in visitor.speech() if f["type"] == "speech.started"]
        assert starts == [first, second]
        sounding = sum((len(sound_of(f)) - 58) / 8000 for f in visitor.speech()
                       if f["type"] == "speech.chunk" and f["message"] == first)
        assert voice.at[3] - voice.at[0] > sounding - 0.05, "the second began while the first was still heard"


async def test_hostile_requests_are_refused(tmp_path: Path) -> None:
    async with speaking(tmp_path, Beeper()) as (server, _), server.connect() as socket:
        visitor = Talker(socket)
        await visitor.hello()
        message = await visitor.whole(LONG, "a")
        for n, data in enumerate([{}, {"message": 5}, {"message": "m_nothing"}, {"message": ["x"]}]):
            await visitor.send({"type": "speech.request", "txn": f"r{n}", "data": data})
            assert (await visitor.reply(f"r{n}"))["code"] == "bad_request"
        for n, heard in enumerate([-1, True, "5", 2**40, None]):
            await visitor.send({"type": "speech.progress", "txn": f"p{n}",
                                "data": {"message": message, "heard": heard, "played_ms": 5}})
            assert (await visitor.reply(f"p{n}"))["code"] == "bad_request"


async def test_grief_is_heard_in_the_manner(tmp_path: Path) -> None:
    voice = Beeper()
    async with speaking(tmp_path, voice) as (server, _), server.connect() as socket:
        visitor = Talker(socket)
        ready = await visitor.hello()
        for mood in ("grave", "thinking"):
            await server.parts.hub.frame(ready["conversation"], {"type": "avatar.mood", "mood": mood})
        message = await visitor.whole(LONG, "a")  # stored without a mood of its own, as the line's words are
        await visitor.ask(message, "b")
        await visitor.ending(message)
    assert {how for _, how in voice.said} == {MANNERS["grave"]}


def test_a_place_in_the_captions_is_found_in_the_written_text() -> None:
    said = [Utterance("1,980円です。", "", 0, 20, 0.3), Utterance("次。", "", 20, 30, 0.3)]
    assert place_in(said, 0, 40) == 0
    assert place_in(said, 9, 40) == 20 and place_in(said, 11, 40) == 40
    assert place_in(None, 9, 40) == 9 and place_in(None, 99, 40) == 40
