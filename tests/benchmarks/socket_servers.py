"""The two servers that ``sockets.py`` compares: ours with a scripted writer, and a bare Starlette socket."""

import asyncio
import dataclasses
import itertools
import json
import sys
import time
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from assistant.conversation import ASSISTANT, new_id
from assistant.engines.registry import make_embedder
from assistant.events import Fact, draft
from assistant.facts import MessageCreated, RunEnded, RunStarted
from assistant.ingestion.ingest import ingest
from assistant.server.app import build_app
from assistant.server.hub import Hub
from assistant.server.parts import Flows
from assistant.server.running import listening_socket, new_loop, serve
from assistant.settings import load_settings, packaged
from assistant.transcript.store import Store
from tests.server.harness import make_parts


def token() -> str:
    """Give one token of a reply: when it was due, in microseconds of the clock that all processes share."""
    return f"{time.monotonic_ns() // 1000:016d} とつぜん"


class PacedFlow:
    """Answers ``seconds rate`` with ``rate`` tokens a second for so long, as a language model would."""

    def __init__(self, store: Store, hub: Hub) -> None:
        self.store, self.hub = store, hub
        self.tasks: set[asyncio.Task[None]] = set()

    async def take(self, conversation: str, message: Fact) -> None:
        task = asyncio.create_task(self._turn(conversation, *map(float, message.data["text"].split())))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def cancel(self, _conversation: str, _run: str | None) -> None:
        return

    async def drain(self, _within_s: float) -> None:
        return

    async def _turn(self, conversation: str, seconds: float, rate: float) -> None:
        run, reply, offset, text = new_id("r"), new_id("m"), 0, ""
        started = await self.store.append(conversation, [draft("run.started", RunStarted(run=run, message=reply),
                                                               ASSISTANT)])
        await self.hub.facts(conversation, started.facts)
        begun = asyncio.get_running_loop().time()
        for number in range(int(seconds * rate)):
            await asyncio.sleep(max(0.0, begun + number / rate - asyncio.get_running_loop().time()))
            piece = token()
            await self.hub.frame(conversation, {"type": "message.delta", "conversation": conversation, "run": run,
                                                "message": reply, "offset": offset, "text": piece})
            offset += len(piece)
            text = piece
        ended = await self.store.append(conversation, [
            draft("message.created", MessageCreated(message=reply, text=text, run=run, finish_reason="stop"),
                  ASSISTANT), draft("run.completed", RunEnded(run=run), ASSISTANT)])
        await self.hub.facts(conversation, ended.facts)


async def ours(folder: Path, port: int, rebuild: bool) -> None:
    """Run the real server on a real SQLite file; with ``rebuild`` it makes an index all the while."""
    made = make_parts(folder, port=port)
    flow = PacedFlow(made.store, made.hub)
    parts = dataclasses.replace(made, flows=Flows(take=flow.take, cancel=flow.cancel, drain=flow.drain))
    rebuilding = asyncio.create_task(rebuild_forever(folder / "index")) if rebuild else None
    await serve(build_app(parts), parts.settings)
    if rebuilding:
        rebuilding.cancel()


async def bare(port: int) -> None:
    """Run the floor: accept, then send each paced token as one JSON frame of the same shape."""

    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            while True:
                seconds, rate = map(float, (await websocket.receive_text()).split())
                begun, offset = asyncio.get_running_loop().time(), 0
                for number in range(int(seconds * rate)):
                    await asyncio.sleep(max(0.0, begun + number / rate - asyncio.get_running_loop().time()))
                    text = token()
                    await websocket.send_text(json.dumps({
                        "type": "message.delta", "conversation": "c_1234567890123456789012",
                        "run": "r_1234567890123456789012", "message": "m_1234567890123456789012",
                        "offset": offset, "text": text}, ensure_ascii=False, separators=(",", ":")))
                    offset += len(text)
                await websocket.send_text('{"type":"run.completed"}')
        except WebSocketDisconnect:
            return

    app = Starlette(routes=[WebSocketRoute("/v1/visitor", endpoint)])
    config = uvicorn.Config(app, ws_per_message_deflate=False, access_log=False, log_level="warning")
    await uvicorn.Server(config).serve(sockets=[listening_socket("127.0.0.1", port)])


async def rebuild_forever(index: Path) -> None:
    """Build the shipped company's whole index again and again in this process, as a live server does on a change."""
    embedder = make_embedder(load_settings({}))
    await asyncio.to_thread(embedder.warm_up)
    for number in itertools.count():
        report = await ingest(packaged("knowledge"), index / str(number), embedder, gentle=True)
        print(f"rebuilt: {report.passages} passages in {report.seconds:.1f} s", flush=True)


def main() -> None:
    """Run ``ours|rebuild|bare FOLDER PORT``."""
    kind, folder, port = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(bare(port) if kind == "bare" else ours(folder, port, kind == "rebuild"))


if __name__ == "__main__":
    main()
