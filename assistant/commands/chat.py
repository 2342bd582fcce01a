"""``chat``: a terminal client of the wire protocol, and the example for app developers. Owns no server code.

It shows the whole of what a client must do: hello with a token, facts in order, deltas by offset, acks, pings, resume.
"""

import argparse
import asyncio
import contextlib
import json
import sys
import uuid
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from assistant.errors import Unavailable
from assistant.settings import Settings

SUBPROTOCOL = Subprotocol("omotenashi.v1")


def add_commands(commands: Any) -> None:
    """Add ``chat`` to the parser."""
    parser = commands.add_parser("chat", help="talk to a running server in the terminal",
                                 description="A client of the wire protocol. Type a message and press Enter; "
                                             "/person asks for a person, /leave gives up the place, /quit ends.")
    parser.add_argument("--url", default="ws://127.0.0.1:8000/v1/visitor", help="the visitor socket's address")
    parser.add_argument("--lang", choices=("ja", "en"), default="ja", help="language of the conversation")
    parser.add_argument("--key", help="app key, when the server asks for one")
    parser.set_defaults(run=run_chat)


class Client:
    """One conversation as a client sees it; survives reconnects without losing or doubling a character."""

    def __init__(self, locale: str) -> None:
        self._locale = locale
        self._token: str | None = None
        self._conversation: str | None = None
        self._epoch: str | None = None
        self._seq = 0
        self._shown: dict[str, int] = {}
        self.unacked: dict[str, dict[str, Any]] = {}

    def hello(self) -> dict[str, Any]:
        """Give the first frame: with what we hold already, so that the server sends only what is missing."""
        frame: dict[str, Any] = {"type": "session.hello", "locale": self._locale,
                                 "client": {"name": "terminal", "version": "1", "platform": sys.platform}}
        if self._token:
            frame |= {"token": self._token, "conversation": self._conversation}
            frame |= {"epoch": self._epoch, "last_seq": self._seq}
        return frame

    def command(self, kind: str, data: dict[str, Any]) -> dict[str, Any]:
        """Make a command with its own txn; it stays in the outbox until it is acknowledged."""
        txn = str(uuid.uuid4())
        frame = {"type": kind, "txn": txn, "conversation": self._conversation, "data": data}
        self.unacked[txn] = frame
        return frame

    def receive(self, frame: dict[str, Any]) -> str:
        """Apply one frame and give what to print."""
        if "seq" in frame and "id" in frame:
            return self._fact(frame)
        handler = {"session.ready": self._ready, "message.delta": self._delta, "run.snapshot": self._delta,
                   "ack": self._ack, "error": self._error, "queue.updated": self._queue}.get(frame["type"])
        return handler(frame) if handler else ""

    def _ready(self, frame: dict[str, Any]) -> str:
        first = self._conversation is None
        self._token, self._conversation, self._epoch = frame["token"], frame["conversation"], frame["epoch"]
        if not frame.get("resumed"):
            self._seq, self._shown = 0, {}
        return f"[{frame.get('disclosure', '')}]\n{frame.get('greeting', '')}\n" if first else "[reconnected]\n"

    def _fact(self, fact: dict[str, Any]) -> str:
        if fact["seq"] <= self._seq:
            return ""
        self._seq = fact["seq"]
        data, actor = fact["data"], fact["actor"]
        if fact["type"] == "message.created" and actor["kind"] != "visitor":
            return self._message(data, actor)
        if fact["type"] == "run.failed":
            return f"\n{data['text']}\n"
        if fact["type"] == "agent.joined":
            return f"[{data['name']}]\n"
        return ""

    def _message(self, data: dict[str, Any], actor: dict[str, Any]) -> str:
        rest = data["text"][self._shown.pop(data["message"], 0) :]
        who = f"{actor['name']}: " if actor.get("name") else ""
        cited = "".join(f"  [{c['n']}] {c['title']}\n" for c in data.get("citations", []))
        return f"{who}{rest}\n{cited}"

    def _delta(self, frame: dict[str, Any]) -> str:
        shown = self._shown.get(frame["message"], 0)
        new = frame["text"][max(0, shown - frame["offset"]):]
        self._shown[frame["message"]] = max(shown, frame["offset"] + len(frame["text"]))
        return str(new)

    def _ack(self, frame: dict[str, Any]) -> str:
        self.unacked.pop(frame["txn"], None)
        return ""

    def _error(self, frame: dict[str, Any]) -> str:
        if not frame.get("retryable"):
            self.unacked.pop(frame.get("txn", ""), None)
        return f"[{frame['message']}]\n"

    def _queue(self, frame: dict[str, Any]) -> str:
        return f"[{frame['position']}]\n"


async def run_chat(options: argparse.Namespace, settings: Settings) -> int:
    """Run ``chat`` until /quit or the end of input."""
    client, lines = Client(options.lang), asyncio.Queue[str | None]()
    reader = asyncio.create_task(_read_lines(lines))
    headers = {"X-App-Key": options.key} if options.key else {"Origin": _origin(options.url)}
    attempt = 0
    try:
        while attempt < 6:
            try:
                async with connect(options.url, subprotocols=[SUBPROTOCOL], additional_headers=headers) as socket:
                    attempt = 0
                    if await _talk(socket, client, lines):
                        return 0
            except (OSError, ConnectionClosed):
                attempt += 1
                await asyncio.sleep(min(30, 2**attempt) / 2)
    finally:
        reader.cancel()
    raise Unavailable(f"no server answers at {options.url}; start one with: omotenashi serve")


async def _talk(socket: ClientConnection, client: Client, lines: "asyncio.Queue[str | None]") -> bool:
    """Speak over one socket; true when the person is done, ConnectionClosed when the line broke."""
    await socket.send(json.dumps(client.hello()))
    receiver = asyncio.create_task(_receive(socket, client))
    try:
        while True:
            getter = asyncio.create_task(lines.get())
            await asyncio.wait({getter, receiver}, return_when=asyncio.FIRST_COMPLETED)
            if receiver.done():
                getter.cancel()
                await receiver
            line = await getter
            if line is None or line.strip() == "/quit":
                await _settle(client)
                return True
            if line.strip():
                await socket.send(json.dumps(_command(client, line.strip())))
    finally:
        receiver.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionClosed):
            await receiver


def _command(client: Client, line: str) -> dict[str, Any]:
    if line == "/person":
        return client.command("handoff.request", {})
    if line == "/leave":
        return client.command("handoff.leave", {})
    return client.command("message.send", {"text": line})


async def _receive(socket: ClientConnection, client: Client) -> None:
    async for raw in socket:
        frame = json.loads(raw)
        if frame["type"] == "ping":
            await socket.send('{"type":"pong"}')
        if text := client.receive(frame):
            print(text, end="", flush=True)
        if frame["type"] == "session.ready":
            for unsent in list(client.unacked.values()):
                await socket.send(json.dumps(unsent))


async def _settle(client: Client) -> None:
    """Give what was asked last a moment to be answered before the end of input closes the line."""
    for _ in range(50):
        if not client.unacked:
            break
        await asyncio.sleep(0.1)
    await asyncio.sleep(1)


async def _read_lines(lines: "asyncio.Queue[str | None]") -> None:
    while line := await asyncio.to_thread(sys.stdin.readline):
        await lines.put(line)
    await lines.put(None)


def _origin(url: str) -> str:
    return url.replace("ws", "http", 1).split("/v1/")[0]
