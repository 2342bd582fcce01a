"""A real server for tests: real SQLite file, real uvicorn on a real port, and a small flow that streams back."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
import websockets

from assistant.conversation import ASSISTANT, SYSTEM, new_id
from assistant.database import open_database
from assistant.errors import OmotenashiError
from assistant.events import SUBPROTOCOL, Fact, draft
from assistant.facts import MessageCreated, RunCancelled, RunEnded, RunStarted
from assistant.phrases import Phrases, load_phrases
from assistant.server.app import build_app
from assistant.server.frames import MAX_FRAME
from assistant.server.hub import Hub
from assistant.server.parts import Face, Flows, Limits, Parts
from assistant.server.running import Server, listening_socket
from assistant.settings import Settings, load_settings, packaged
from assistant.transcript.store import Store

SECRET = "s" * 32


def phrases() -> Phrases:
    folder = packaged("knowledge") / "phrases"
    return load_phrases(Path("/nonexistent"), folder)


class EchoFlow:
    """Streams the visitor's text back, ``piece`` code points at a time, pausing ``pause_s`` after each."""

    def __init__(self, store: Store, hub: Hub, pause_s: float = 0.0, piece: int = 5) -> None:
        self.store, self.hub, self.pause_s, self.piece = store, hub, pause_s, piece
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.taken: list[Fact] = []

    async def take(self, conversation: str, message: Fact) -> None:
        self.taken.append(message)
        task = asyncio.create_task(self._turn(conversation, message))
        self.tasks[conversation] = task

    async def cancel(self, conversation: str, _run: str | None) -> None:
        task = self.tasks.get(conversation)
        if task:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def drain(self, within_s: float) -> None:
        tasks = [task for task in self.tasks.values() if not task.done()]
        if tasks:
            await asyncio.wait(tasks, timeout=within_s)

    async def _turn(self, conversation: str, message: Fact) -> None:
        run, reply, said = new_id("r"), new_id("m"), ""
        text = f"echo: {message.data['text']}"
        try:
            await self._store(conversation, "run.started", RunStarted(run=run, message=reply))
            while said != text:
                piece = text[len(said):len(said) + self.piece]
                await self.hub.frame(conversation, {"type": "message.delta", "conversation": conversation, "run": run,
                                                    "message": reply, "offset": len(said), "text": piece})
                said += piece
                await self.store.keep_partial(run, said) if self.pause_s else None
                await asyncio.sleep(self.pause_s)
            ended = await self.store.append(conversation, [
                draft("message.created", MessageCreated(message=reply, text=text, run=run, finish_reason="stop"),
                      ASSISTANT),
                draft("run.completed", RunEnded(run=run), ASSISTANT)])
            await self.hub.facts(conversation, ended.facts)
        except asyncio.CancelledError:
            await self._store(conversation, "run.cancelled", RunCancelled(run=run, message=reply, kept=said))
        except OmotenashiError:
            return

    async def _store(self, conversation: str, kind: str, data: Any) -> None:
        stored = await self.store.append(conversation, [draft(kind, data, SYSTEM)])
        await self.hub.facts(conversation, stored.facts)


def make_parts(folder: Path, *, pause_s: float = 0.0, limits: Limits | None = None,
               flows: Callable[[EchoFlow], Flows] | None = None, page: Any = None, **given: Any) -> Parts:
    settings = load_settings({}, database=f"sqlite+aiosqlite:///{folder}/test.sqlite3", secret=SECRET, **given)
    store = Store(open_database(settings.database))
    hub = Hub(store.facts_after)
    echo = EchoFlow(store, hub, pause_s)
    plain = Flows(take=echo.take, cancel=echo.cancel, drain=echo.drain)
    faces = {"ja": Face("みお", "案内係", "こんにちは。", "AIアシスタントです。", ("紛失",)),
             "en": Face("Mio", "guide", "Hello.", "I am an AI assistant.", ("Lost card",))}
    return Parts(settings=settings, store=store, hub=hub, flows=flows(echo) if flows else plain, phrases=phrases(),
                 faces=faces, company={"ja": "あおば銀行", "en": "Aoba Bank"}, limits=limits or Limits(),
                 page=page or (lambda _id: None))


class Running:
    """A server under test."""

    def __init__(self, parts: Parts, port: int, server: Server) -> None:
        self.parts, self.port, self.server = parts, port, server
        self.settings: Settings = parts.settings

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self, **options: Any) -> Any:
        given = {"origin": self.url, "subprotocols": [SUBPROTOCOL], "compression": None, **options}
        return websockets.connect(f"ws://127.0.0.1:{self.port}/v1/visitor", **given)


@asynccontextmanager
async def running(parts: Parts) -> AsyncIterator[Running]:
    sock = listening_socket("127.0.0.1", 0)
    port = sock.getsockname()[1]
    app = build_app(parts)
    config = uvicorn.Config(app, ws="websockets-sansio", ws_max_size=MAX_FRAME, ws_per_message_deflate=False,
                            ws_ping_interval=None, timeout_graceful_shutdown=2, access_log=False, log_level="warning")
    server = Server(config, app)
    server.config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[sock])
    main = asyncio.create_task(server.main_loop())
    try:
        yield Running(parts, port, server)
    finally:
        server.should_exit = True
        await main
        await server.shutdown(sockets=[sock])


class Client:
    """A visitor's side of the protocol: keeps what came, waits for what should come."""

    def __init__(self, socket_: Any) -> None:
        self.socket = socket_
        self.ready: dict[str, Any] = {}
        self.frames: list[dict[str, Any]] = []

    async def hello(self, **fields: Any) -> dict[str, Any]:
        await self.send({"type": "session.hello", "locale": "ja", "client": {"name": "test", "version": "1"}, **fields})
        self.ready = await self.wait("session.ready")
        return self.ready

    async def send(self, frame: Any) -> None:
        await self.socket.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))

    async def say(self, text: str, txn: str) -> dict[str, Any]:
        await self.send({"type": "message.send", "txn": txn, "data": {"text": text}})
        return await self.reply(txn)

    async def reply(self, txn: str) -> dict[str, Any]:
        return await self.until(lambda f: f.get("txn") == txn and f["type"] in ("ack", "error", "history"))

    async def wait(self, kind: str) -> dict[str, Any]:
        return await self.until(lambda f: f["type"] == kind)

    async def until(self, wanted: Callable[[dict[str, Any]], bool], within_s: float = 10.0) -> dict[str, Any]:
        """Give the next frame (also one that came earlier and was not waited for) that is wanted."""
        async with asyncio.timeout(within_s):
            for frame in self.frames:
                if not frame.get("_used") and wanted(frame):
                    frame["_used"] = True
                    return frame
            while True:
                frame = await self.read()
                if wanted(frame):
                    frame["_used"] = True
                    return frame

    async def read(self) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(await self.socket.recv())
        self.frames.append(frame)
        return frame

    async def close_code(self, within_s: float = 10.0) -> int:
        """Read on until the server closes; give its code (1006 when it just went)."""
        async with asyncio.timeout(within_s):
            try:
                while True:
                    await self.read()
            except websockets.ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else 1006

    @property
    def facts(self) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if "seq" in frame and "data" in frame]

    def text_of(self, message: str) -> str:
        """Join a reply's deltas by offset as a client would."""
        text = ""
        for frame in self.frames:
            if frame.get("message") == message and frame["type"] in ("message.delta", "run.snapshot"):
                if frame["type"] == "run.snapshot":
                    text = frame["text"]
                else:
                    assert frame["offset"] <= len(text), "a hole between deltas"
                    text += frame["text"][len(text) - frame["offset"]:]
        return text


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
