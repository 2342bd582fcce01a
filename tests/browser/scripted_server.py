"""A real server that speaks the wire contract from a script, so that the browser's side is tested alone.

It owns numbering, acks, resume, runs and the line as a client sees them; it understands nothing.
"""

import asyncio
import contextlib
import json
import random
import secrets
import threading
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from assistant.server.static import make_asset
from tests.browser.cutting_proxy import free_port
from tests.browser.scripted_talk import READY, Answer, Listener, Script, Talk, echo

WEB = Path(__file__).resolve().parents[2] / "web"
FRAME_CSP = ("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
             "media-src 'self' blob: data:")
HOST_CSP = "default-src 'none'; script-src {widget}; frame-src {widget}; style-src 'self'; img-src 'self' data:"


class ScriptedServer:
    """Serves web/ and the visitor socket on a port of its own, from a thread of its own."""

    def __init__(self, script: Script = echo, csp: bool = True) -> None:
        self.script = script
        self.csp = csp
        self.talks: dict[str, Talk] = {}
        self.visitors: dict[str, str] = {}
        self.hellos: list[dict[str, Any]] = []
        self.received: list[dict[str, Any]] = []
        self.requests: list[str] = []
        self.pages: dict[str, tuple[str, str]] = {}
        self.inline = 300
        self.repeat_chance = 0.0
        self.refuse: dict[str, Any] | None = None
        self.port = free_port()
        self._tasks: set[asyncio.Future[None]] = set()
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop
        self._server: uvicorn.Server

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "ScriptedServer":
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        assert self._ready.wait(15), "the scripted server did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run something in the server's loop from a test's thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    @property
    def talk(self) -> Talk:
        """The newest conversation."""
        return list(self.talks.values())[-1]

    def _serve(self) -> None:
        app = Starlette(routes=[
            WebSocketRoute("/v1/visitor", self._visitor),
            Route("/v1/pages/{page:path}", self._page),
            Route("/{path:path}", self._file),
        ])
        config = uvicorn.Config(app, host="127.0.0.1", port=self.port, log_level="error", lifespan="off",
                                ws="websockets-sansio", ws_per_message_deflate=False,
                                timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)

        async def main() -> None:
            self._loop = asyncio.get_running_loop()
            serving = asyncio.ensure_future(self._server.serve())
            while not self._server.started:
                await asyncio.sleep(0.01)
            self._ready.set()
            await serving

        asyncio.run(main())

    async def _page(self, request: Request) -> Response:
        return HTMLResponse(f"<h1>{request.path_params['page']}</h1>")

    async def _file(self, request: Request) -> Response:
        path = request.url.path
        self.requests.append(path)
        if path in self.pages:
            body, csp = self.pages[path]
            return HTMLResponse(body, headers={"Content-Security-Policy": csp} if csp else {})
        file = locate(path)
        if file is None:
            return Response("not found", 404)
        headers = {}
        if path == "/widget.js":
            headers["Access-Control-Allow-Origin"] = "*"
        if self.csp and path.startswith("/widget/"):
            headers["Content-Security-Policy"] = FRAME_CSP
        return make_asset(file.read_bytes(), file.suffix).respond(request, headers)  # exactly as the product serves it

    async def _visitor(self, socket: WebSocket) -> None:
        await socket.accept(subprotocol="omotenashi.v1")
        listener = Listener(socket)
        talk: Talk | None = None
        try:
            hello = json.loads(await socket.receive_text())
            self.hellos.append(hello)
            talk = self._greet(hello)
            await self._welcome(talk, listener, hello)
            while True:
                frame = json.loads(await socket.receive_text())
                self.received.append(frame)
                await self._command(talk, listener, frame)
        except (WebSocketDisconnect, RuntimeError, OSError):
            pass
        finally:
            if talk:
                talk.listeners.discard(listener)

    def _greet(self, hello: dict[str, Any]) -> Talk:
        token = hello.get("token") or "v_" + secrets.token_hex(8)
        known = self.talks.get(hello.get("conversation") or self.visitors.get(token, ""))
        if known and not hello.get("new_conversation"):
            known.locale = hello["locale"]
            self.visitors[token] = known.id
            return known
        talk = Talk("c_" + secrets.token_hex(8), hello["locale"])
        self.talks[talk.id] = talk
        self.visitors[token] = talk.id
        return talk

    async def _welcome(self, talk: Talk, listener: Listener, hello: dict[str, Any]) -> None:
        last = hello.get("last_seq", 0)
        resumed = hello.get("epoch") == talk.epoch and last <= talk.head
        missed = [f for f in talk.facts if f["seq"] > (last if resumed else 0)]
        more = len(missed) > self.inline
        token = next(t for t, c in self.visitors.items() if c == talk.id)
        async with listener.lock:
            talk.listeners.add(listener)
            frames = [{"type": "session.ready", "visitor": token, "conversation": talk.id, "epoch": talk.epoch,
                       "head": talk.head, "resumed": resumed, "more": more, "token": token, "locale": talk.locale,
                       "limits": {"text": 4000, "frame": 65536}, "disclosure": "AI", "driver": talk.driver,
                       "hidden": talk.hidden, **READY[talk.locale]}, *missed[-self.inline:]]
            running = talk.runs.values()
            frames += [{"type": "run.snapshot", "conversation": talk.id, **run, "offset": 0} for run in running]
            for frame in frames:
                await listener.socket.send_text(json.dumps(frame, ensure_ascii=False))

    async def fact(self, talk: Talk, kind: str, data: dict[str, Any], actor: dict[str, str],
                   txn: str | None = None) -> int:
        """Number, keep and send one fact."""
        talk.head += 1
        fact = {"v": 1, "type": kind, "conversation": talk.id, "seq": talk.head, "id": f"f_{talk.head}",
                "at": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()), "actor": actor, "data": data}
        if txn:
            fact["txn"] = txn
        if kind == "driver.changed":
            talk.driver = data["to"]
        talk.facts.append(fact)
        await self.frame(talk, fact)
        return talk.head

    async def secret(self, talk: Talk) -> None:
        """Spend a number on a fact the visitor may not see."""
        talk.head += 1
        talk.hidden.append([talk.head, talk.head])
        await self.frame(talk, {"type": "facts", "hidden": [[talk.head, talk.head]]})

    async def frame(self, talk: Talk, frame: dict[str, Any]) -> None:
        """Send to everybody who listens; sometimes twice, as a network might."""
        for _ in range(2 if random.random() < self.repeat_chance else 1):
            for listener in list(talk.listeners):
                await listener.send(frame)

    async def _command(self, talk: Talk, listener: Listener, frame: dict[str, Any]) -> None:
        kind, txn, data = frame["type"], frame.get("txn"), frame.get("data") or {}
        if txn is None:
            return
        if txn in talk.acks:
            await listener.send({**talk.acks[txn], "dup": True})
            return
        if self.refuse:
            await listener.send({"type": "error", "txn": txn, **self.refuse})
            return
        if kind == "history.get":
            before = [f for f in talk.facts if f["seq"] < data["before_seq"]]
            page = before[-data["limit"]:]
            more = len(before) > len(page)
            await listener.send({"type": "history", "txn": txn, "facts": page, "hidden": [], "more": more})
            return
        ack = {"type": "ack", "txn": txn, "dup": False}
        talk.acks[txn] = ack
        await getattr(self, "_" + kind.replace(".", "_"), self._nothing)(talk, data, txn)
        await listener.send({**ack, "seq": talk.head})

    async def _nothing(self, talk: Talk, data: dict[str, Any], txn: str) -> None:
        """A command without consequence here."""

    async def _message_send(self, talk: Talk, data: dict[str, Any], txn: str) -> None:
        message = {"message": "m_" + secrets.token_hex(6), "text": data["text"]}
        await self.fact(talk, "message.created", message, {"kind": "visitor"}, txn)
        await self.secret(talk)
        if talk.driver != "agent":
            task = asyncio.ensure_future(self.answer(talk, self.script(data["text"])))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run_cancel(self, talk: Talk, data: dict[str, Any], txn: str) -> None:
        run = talk.runs.pop(data["run"], None)
        if run:
            await self.fact(talk, "run.cancelled", {"run": run["run"], "message": run["message"], "kept": run["text"]},
                            {"kind": "visitor"})

    async def _feedback_give(self, talk: Talk, data: dict[str, Any], txn: str) -> None:
        kept = {k: str(v) for k, v in data.items() if k in ("kind", "value", "message", "comment")}
        await self.fact(talk, "feedback.given", kept, {"kind": "visitor"}, txn)

    async def _handoff_request(self, talk: Talk, data: dict[str, Any], txn: str) -> None:
        wish = {"by": "customer", "reason": "customer_request"}
        await self.fact(talk, "handoff.requested", wish, {"kind": "visitor"}, txn)
        await self.fact(talk, "handoff.queued", {"ticket": "t_1", "open": True}, {"kind": "system"})
        await self.fact(talk, "driver.changed", {"from": talk.driver, "to": "queued"}, {"kind": "system"})
        await self.place(talk, 3)

    async def place(self, talk: Talk, position: int, **more: Any) -> None:
        """Tell the place in the line."""
        wait = [position * 80, position * 140]
        await self.frame(talk, {"type": "queue.updated", "conversation": talk.id, "ticket": "t_1", "position": position,
                                "ahead": position - 1, "wait_s": wait, "basis": "recent", "open": True, **more})

    async def _handoff_leave(self, talk: Talk, data: dict[str, Any], txn: str) -> None:
        await self.fact(talk, "handoff.declined", {"ticket": "t_1"}, {"kind": "visitor"}, txn)
        await self.fact(talk, "driver.changed", {"from": talk.driver, "to": "assistant"}, {"kind": "system"})

    async def _handoff_contact(self, talk: Talk, data: dict[str, Any], txn: str) -> None:
        await self.fact(talk, "handoff.contact", {"ticket": "t_1", **data}, {"kind": "visitor"}, txn)

    async def agent_joins(self, talk: Talk, name: str) -> None:
        """An agent takes the conversation."""
        agent = {"kind": "agent", "id": "a_1", "name": name}
        await self.fact(talk, "handoff.accepted", {"ticket": "t_1", "agent": name}, agent)
        await self.fact(talk, "driver.changed", {"from": talk.driver, "to": "agent"}, {"kind": "system"})
        await self.fact(talk, "agent.joined", {"name": name}, agent)

    async def agent_says(self, talk: Talk, name: str, text: str) -> None:
        """An agent writes."""
        await self.fact(talk, "message.created", {"message": "m_" + secrets.token_hex(6), "text": text},
                        {"kind": "agent", "id": "a_1", "name": name})

    async def answer(self, talk: Talk, answer: Answer) -> None:
        """Make a reply as runs are made: started, deltas by code point, the whole message, completed."""
        run = {"run": "r_" + secrets.token_hex(6), "message": "m_" + secrets.token_hex(6), "text": ""}
        assistant = {"kind": "assistant"}
        await self.fact(talk, "run.started", {"run": run["run"], "message": run["message"]}, assistant)
        talk.runs[run["run"]] = run
        await self.frame(talk, {"type": "avatar.mood", "conversation": talk.id, "mood": "thinking"})
        points = list(answer.text)
        for at in range(0, len(points), answer.size):
            if run["run"] not in talk.runs:
                return
            piece = "".join(points[at:at + answer.size])
            run["text"] += piece
            await self.frame(talk, {"type": "message.delta", "conversation": talk.id, "run": run["run"],
                                    "message": run["message"], "offset": at, "text": piece})
            await asyncio.sleep(answer.pause_s)
        if talk.runs.pop(run["run"], None) is None:
            return
        ids = {"run": run["run"], "message": run["message"]}
        if answer.fail:
            await self.fact(talk, "run.failed", {**ids, "reason": "writer", "partial": run["text"], "offer": "person",
                            "text": "申し訳ありません。途中で回答を作れなくなりました。"}, assistant)
            return
        await self.fact(talk, "message.created", {**ids, "text": answer.text, "finish_reason": "stop", "citations": [],
                                                  **answer.extra}, assistant)
        await self.fact(talk, "run.completed", {"run": run["run"]}, assistant)
        await self.frame(talk, {"type": "avatar.mood", "conversation": talk.id, "mood": "idle"})

    async def drop_all(self, code: int = 1012) -> None:
        """Close every socket."""
        for talk in self.talks.values():
            for listener in list(talk.listeners):
                with contextlib.suppress(RuntimeError):
                    await listener.socket.close(code)


def locate(path: str) -> Path | None:
    """Map an URL path to a file of web/ as the product's server does."""
    if path == "/widget.js":
        path = "/widget/widget.js"
    file = (WEB / path.lstrip("/")).resolve()
    if file.is_dir():
        file /= "index.html"
    return file if file.is_file() and file.is_relative_to(WEB) else None
