"""A local HTTP server that speaks OpenAI's chat shape as scripted: fast, slow, cut off, broken, refusing or endless."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Script:
    """What the next replies are; ``mode``: stream hang cut no_finish error_500 rate_limit html endless slow."""

    text: str = ""
    mode: str = "stream"
    size: int = 3
    pause: float = 0.0
    requests: list[dict[str, object]] = field(default_factory=list)


@asynccontextmanager
async def scripted_model(script: Script) -> AsyncIterator[str]:
    """Serve on a free port; gives the base URL for an OpenAI client."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n")
                           if line.lower().startswith(b"content-length")), 0)
            script.requests.append(json.loads(await reader.readexactly(length) or b"{}"))
            await answer(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def answer(writer: asyncio.StreamWriter) -> None:
        if script.mode in ("error_500", "rate_limit"):
            status = "500 Internal Server Error" if script.mode == "error_500" else "429 Too Many Requests"
            body = b'{"error":{"message":"scripted"}}'
            writer.write(f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
                         "connection: close\r\n\r\n".encode() + body)
            await writer.drain()
            return
        if script.mode == "hang":
            await asyncio.sleep(60)
        kind = "text/html" if script.mode == "html" else "text/event-stream"
        writer.write(f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\n\r\n".encode())
        if script.mode == "html":
            writer.write(b"<html>gateway timeout</html>")
            await writer.drain()
            return
        text = script.text * (10_000 if script.mode == "endless" else 1)
        pieces = [text[i : i + script.size] for i in range(0, len(text), script.size)]
        for number, piece in enumerate(pieces):
            if script.mode == "cut" and number == len(pieces) // 2:
                writer.transport.abort()
                return
            writer.write(event({"content": piece}, None))
            await writer.drain()
            await asyncio.sleep(5 if script.mode == "slow" else script.pause)
        if script.mode != "no_finish":
            writer.write(event({}, "stop"))
        writer.write(b"data: [DONE]\n\n")
        await writer.drain()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"


def event(delta: dict[str, str], finish: str | None) -> bytes:
    """Give one server-sent event of a chat completion."""
    chunk = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "scripted",
             "choices": [{"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": finish}]}
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode()
