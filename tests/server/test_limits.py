"""Times and counts of one socket: hello, heartbeat, slow readers, too many tabs, pace of a reply."""

import asyncio
import json
import socket as sockets
import time
from collections.abc import Callable
from pathlib import Path

from assistant.conversation import SYSTEM
from assistant.events import SUBPROTOCOL, draft
from assistant.facts import MessageCreated
from assistant.server.parts import Limits
from tests.server.harness import Client, Running, make_parts, running


async def test_who_does_not_say_hello_is_closed(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path, limits=Limits(hello_s=0.2))) as server, server.connect() as socket:
        assert await Client(socket).close_code(2) == 4008


async def test_another_protocol_version_is_told_so(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path)) as server:
        for offered in (None, ["omotenashi.v2"], ["graphql-ws"]):
            async with server.connect(subprotocols=offered) as socket:
                client = Client(socket)
                assert await client.close_code(2) == 4006
                assert client.frames[0]["type"] == "error"
        async with server.connect(subprotocols=["omotenashi.v2", SUBPROTOCOL]) as socket:
            assert socket.subprotocol == SUBPROTOCOL


async def test_idle_clients_are_pinged_and_silent_ones_let_go(tmp_path: Path) -> None:
    limits = Limits(ping_after_s=0.3, pong_within_s=0.4, tick_s=0.05)
    async with running(make_parts(tmp_path, limits=limits)) as server:
        async with server.connect() as one, server.connect() as two:
            lively, silent = Client(one), Client(two)
            await lively.hello()
            await silent.hello()

            async def answer() -> None:
                while True:
                    if (await lively.read())["type"] == "ping":
                        await lively.send({"type": "pong"})

            answering = asyncio.create_task(answer())
            begun = time.monotonic()
            assert await silent.close_code(3) == 4200
            assert 0.6 < time.monotonic() - begun < 1.6
            await asyncio.sleep(0.5)
            assert not answering.done()
            answering.cancel()
        await asyncio.sleep(0.1)
        assert not server.parts.hub.listeners


async def test_the_sixth_tab_replaces_the_first(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path)) as server:
        tabs = [await server.connect() for _ in range(6)]
        ready = await Client(tabs[0]).hello()
        for tab in tabs[1:]:
            await Client(tab).hello(token=ready["token"], conversation=ready["conversation"])
        assert await Client(tabs[0]).close_code(2) == 4009
        last = Client(tabs[5])
        assert (await last.say("まだいます", "t"))["type"] == "ack"
        for tab in tabs:
            await tab.close()


async def _raw_client(server: Running, ready: dict[str, str]) -> sockets.socket:
    """A client that says hello and then never reads again."""
    raw = sockets.socket()
    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    raw.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(raw, ("127.0.0.1", server.port))
    await loop.sock_sendall(raw, (
        f"GET /v1/visitor HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nOrigin: {server.url}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n").encode())
    assert b" 101 " in await loop.sock_recv(raw, 2048)
    keys = {"token": ready["token"], "conversation": ready["conversation"]}
    hello = json.dumps({"type": "session.hello", **keys}).encode()
    await loop.sock_sendall(raw, b"\x81\xfe" + len(hello).to_bytes(2, "big") + b"\0\0\0\0" + hello)
    return raw


async def _until(true: Callable[[], bool], within_s: float) -> None:
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.02)


async def test_a_slow_reader_is_let_go_and_harms_nobody(tmp_path: Path) -> None:
    limits = Limits(send_s=1.0, tick_s=0.1)
    async with running(make_parts(tmp_path, limits=limits)) as server, server.connect() as socket:
        client = Client(socket)
        ready = await client.hello()
        raw = await _raw_client(server, ready)
        await _until(lambda: len(server.parts.hub.listeners) == 2, 5)
        begun = time.monotonic()
        text = "遅い読み手" * 1000
        for number in range(120):
            made = draft("message.created", MessageCreated(message=f"m{number}", text=text), SYSTEM)
            stored = await server.parts.store.append(ready["conversation"], [made])
            await server.parts.hub.facts(ready["conversation"], stored.facts)
            await client.until(lambda f, n=number: f.get("data", {}).get("message") == f"m{n}")  # type: ignore[misc]
        await _until(lambda: any(one.gone for one in server.parts.hub.listeners), 5)
        assert (await client.say("元気です", "t"))["type"] == "ack"
        # The operating system cuts what reads nothing for 15 s: the close frame itself is stuck behind the rest.
        await _until(lambda: len(server.parts.hub.listeners) == 1, 20 - (time.monotonic() - begun))
        raw.close()


async def test_deltas_are_merged_to_25_frames_a_second(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path)) as server, server.connect() as socket:
        client = Client(socket)
        ready = await client.hello()
        hub, text, said = server.parts.hub, "一二三四五六七八九十" * 40, 0

        async def tokens() -> None:
            nonlocal said
            begun = time.monotonic()
            while said < len(text):
                piece = text[said:said + 2]
                await hub.frame(ready["conversation"], {"type": "message.delta", "run": "r1", "message": "m1",
                                                        "offset": said, "text": piece})
                said += len(piece)
                await asyncio.sleep(max(0.0, begun + said / 2 * 0.005 - time.monotonic()))

        begun = time.monotonic()
        await asyncio.gather(tokens(), client.until(
            lambda f: f["type"] == "message.delta" and f["offset"] + len(f["text"]) == len(text)))
        took = time.monotonic() - begun
        deltas = [frame for frame in client.frames if frame["type"] == "message.delta"]
        assert client.text_of("m1") == text
        assert len(deltas) <= took * 25 + 2
        assert deltas[0]["offset"] == 0


async def test_repeated_and_overlapping_deltas_do_no_harm(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path)) as server, server.connect() as socket:
        client = Client(socket)
        ready = await client.hello()
        for offset, text in ((0, "こんに"), (0, "こんに"), (2, "にちは"), (1, "んにちは"), (5, "。")):
            await server.parts.hub.frame(ready["conversation"], {
                "type": "message.delta", "run": "r1", "message": "m1", "offset": offset, "text": text})
        await client.until(lambda f: f["type"] == "message.delta" and "。" in f["text"])
        assert client.text_of("m1") == "こんにちは。"
