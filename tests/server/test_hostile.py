"""Bad input: a clear error in the visitor's language, nothing lost, and nothing of it in the log."""

import asyncio
import contextlib
import json
import logging
from pathlib import Path

import pytest
import websockets

from tests.server.harness import Client, make_parts, running

BAD_FRAMES: list[tuple[str | bytes, str]] = [
    ("", "bad_json"),
    ("{", "bad_json"),
    ("[1,2]", "bad_json"),
    ('"text"', "bad_json"),
    ("null", "bad_json"),
    ("{'type':'pong'}", "bad_json"),
    ('{"type":"message.send","txn":"a","txn":"b"}', "bad_json"),
    ('{"type":"seen","seq":NaN}', "bad_json"),
    ('{"type":"seen","seq":Infinity}', "bad_json"),
    ('{"type":"seen","seq":1e999}', "bad_json"),
    ('{"type":"seen","seq":' + "9" * 5000 + "}", "bad_json"),
    ('{"a":' * 30 + "1" + "}" * 30, "bad_json"),
    ("[" * 60_000, "bad_json"),
    ('{"a":' + "[" * 9_000 + "]" * 9_000 + "}", "bad_json"),
    (b"\x00\x01\x02", "bad_json"),
    ('{"type":"no.such.command","txn":"x"}', "unknown_command"),
    ('{"type":"agent.takeover","txn":"x"}', "unknown_command"),
    ('{"type":""}', "unknown_command"),
    ('{"txn":"x"}', "bad_request"),
    ('{"type":7}', "bad_request"),
    ('{"type":"message.send","data":{"text":"no txn"}}', "bad_request"),
    ('{"type":"message.send","txn":"","data":{"text":"x"}}', "bad_request"),
    ('{"type":"message.send","txn":' + json.dumps("t" * 65) + ',"data":{"text":"x"}}', "bad_request"),
    ('{"type":"message.send","txn":{"a":1},"data":{"text":"x"}}', "bad_request"),
    ('{"type":"message.send","txn":"t","data":[]}', "bad_request"),
    ('{"type":"message.send","txn":"t","data":{}}', "invalid_text"),
    ('{"type":"message.send","txn":"t","data":{"text":7}}', "invalid_text"),
    ('{"type":"message.send","txn":"t","data":{"text":"\\ud83d"}}', "invalid_text"),
    ('{"type":"message.send","txn":"t","data":{"text":"a\\u0000b"}}', "invalid_text"),
    ('{"type":"message.send","txn":"\\udfff","data":{"text":"x"}}', "invalid_text"),
    ('{"type":"message.send","txn":"t","data":{"text":""}}', "empty"),
    ('{"type":"message.send","txn":"t","data":{"text":" \\n\\u3000\\u200b\\u3164"}}', "empty"),
    ('{"type":"message.send","txn":"t","data":{"text":"' + "あ" * 4001 + '"}}', "too_long"),
    ('{"type":"message.send","txn":"t","conversation":"c_other","data":{"text":"x"}}', "unknown_conversation"),
    ('{"type":"history.get","txn":"t","data":{"before_seq":"1; DROP TABLE facts"}}', "bad_request"),
    ('{"type":"history.get","txn":"t","data":{"before_seq":-1}}', "bad_request"),
    ('{"type":"history.get","txn":"t","data":{"before_seq":99999999999999999999}}', "bad_request"),
    ('{"type":"handoff.request","txn":"t","data":{}}', "not_allowed"),
    ('{"type":"session.hello","txn":"t"}', "unknown_command"),
]


async def test_every_bad_frame_gets_its_error_and_the_socket_lives(
        tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with running(make_parts(tmp_path)) as server, server.connect() as socket:
        client = Client(socket)
        await client.hello()
        for number, (frame, code) in enumerate(BAD_FRAMES):
            await client.send(frame)
            error = await client.until(lambda f: f["type"] == "error")
            assert error["code"] == code, f"{str(frame)[:80]} → {error}"
            assert error["message"] in _sentences(server.parts.phrases.tables["ja"])
            if number % 20 == 19:
                await asyncio.sleep(1.0)  # a flood is another test
        assert (await client.say("まだ話せます", "alive"))["type"] == "ack"
        assert [f["type"] for f in client.facts[:2]] == ["conversation.started", "message.created"]
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def _sentences(table: dict[str, str]) -> set[str]:
    return {text.replace("{limit}", "4000") for key, text in table.items() if key.startswith("error.")}


async def test_what_the_protocol_must_end_is_ended_without_a_traceback(
        tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with running(make_parts(tmp_path)) as server:
        async with server.connect() as socket:
            client = Client(socket)
            await client.hello()
            await socket.send("あ" * 30_000)
            assert await client.close_code() == 1009
        async with server.connect() as socket:
            client = Client(socket)
            await client.hello()
            await socket.send(b"\xff\xfe bad", text=True)
            assert await client.close_code() == 1007
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize(("first", "code"), [
    ("nonsense", 4000), (b"\x00", 4000), ('{"type":"pong"}', 4000), ('{"type":"session.hello","last_seq":-4}', 4000),
    ('{"type":"session.hello","token":"forged"}', 4001),
    ('{"type":"session.hello","conversation":"c_guess"}', 4001),
])
async def test_a_bad_hello_is_answered_and_closed(tmp_path: Path, first: str | bytes, code: int) -> None:
    async with running(make_parts(tmp_path)) as server, server.connect() as socket:
        await socket.send(first)
        assert json.loads(await socket.recv())["type"] == "error"
        assert await Client(socket).close_code() == code


async def test_naughty_but_valid_texts_are_kept_as_they_are(tmp_path: Path) -> None:
    texts = ["<script>alert(1)</script>", "'; DROP TABLE facts;--", "👨‍👩‍👧‍👦 𠮷野家 葛󠄀城", "\u202egnirts\u202c",
             "{{7*7}} ${jndi:ldap://x}", "ゼロ幅\u200bあり", "\ufeff先頭", "改行\nと\tタブ", "\x1b[31mred"]
    async with running(make_parts(tmp_path)) as server, server.connect() as socket:
        client = Client(socket)
        ready = await client.hello()
        for number, text in enumerate(texts):
            assert (await client.say(text, f"t{number}"))["type"] == "ack"
            await client.wait("run.completed")
            await asyncio.sleep(0.6)
        stored = await server.parts.store.history(ready["conversation"], 50)
        assert [turn.text for turn in stored if turn.speaker == "visitor"] == texts
        assert [f["data"]["text"] for f in client.facts if f["actor"]["kind"] == "visitor"] == texts


async def test_a_flood_is_refused_and_then_cut(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path)) as server, server.connect() as socket:
        client = Client(socket)
        await client.hello()
        with contextlib.suppress(websockets.ConnectionClosed):
            for _ in range(600):
                await client.send('{"type":"typing","on":true}')
        assert await client.close_code() == 4129


async def test_a_customers_words_never_reach_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    canary = "カナリア十二号"
    caplog.set_level(logging.DEBUG)
    async with running(make_parts(tmp_path)) as server, server.connect() as socket:
        client = Client(socket)
        ready = await client.hello(context={"order": canary})
        await client.say(canary, "t1")
        await client.wait("run.completed")
        await client.say(canary * 700, "t2")
        await client.send(f'{{"type":"message.send","txn":"t3","data":{{"text":"{canary}\\ud800"}}}}')
        await client.reply("t3")
        await server.parts.store.close()  # from here on nothing can be stored
        await client.send({"type": "message.send", "txn": "t4", "data": {"text": canary}})
        assert (await client.reply("t4"))["type"] == "error"
    for record in caplog.records:
        if record.name.startswith("websockets.client") or record.name == "tests":
            continue
        if not record.name.startswith(("assistant", "uvicorn.error", "sqlalchemy", "asyncio", "alembic")):
            continue
        if record.name == "uvicorn.error" and record.levelno == logging.DEBUG:
            continue  # the frame dump of a debugging session: never on outside one
        assert canary not in record.getMessage()
        assert canary not in str(record.exc_text)
        assert ready["token"] not in record.getMessage()
