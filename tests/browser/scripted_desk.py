"""A real server that speaks the desk's contract from a script: REST and socket for one agent, no product behind it.

It owns accounts of one, numbering, acks and the line as a desk sees them; it understands nothing.
"""

import asyncio
import contextlib
import json
import secrets
import threading
import time
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from assistant.server.guard import Origins
from assistant.server.routes import policies
from assistant.server.static import Asset, make_asset
from tests.browser.cutting_proxy import free_port
from tests.browser.desk_story import COMPANY, SNIPPETS
from tests.browser.scripted_server import locate

PASSWORD = "correct horse"
AGENT = {"id": "a_me", "login": "hanako", "name": "佐藤 花子", "role": "agent"}


def iso(seconds_ago: float = 0) -> str:
    """A moment before now."""
    return (datetime.now(UTC) - timedelta(seconds=seconds_ago)).isoformat(timespec="milliseconds")


class ScriptedDesk:
    """Serves web/desk and the agent's socket on a port of its own, from a thread of its own."""

    def __init__(self, role: str = "agent") -> None:
        self.agent = {**AGENT, "role": role}
        self.tickets: dict[str, dict[str, Any]] = {}
        self.mine: dict[str, dict[str, Any]] = {}
        self.facts: dict[str, list[dict[str, Any]]] = {}
        self.briefs: dict[str, dict[str, Any]] = {}
        self.earlier: list[dict[str, Any]] = []
        self.team: list[dict[str, Any]] = [{**self.agent, "presence": "available", "load": 0, "team": None}]
        self.received: list[dict[str, Any]] = []
        self.posts: list[tuple[str, Any]] = []
        self.refuse: dict[str, dict[str, Any]] = {}
        self.signed_in = False
        self.port = free_port()
        self._assets: dict[Path, Asset] = {}
        self._acks: dict[str, dict[str, Any]] = {}
        self._sockets: dict[WebSocket, set[str]] = {}
        self._ready = threading.Event()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "ScriptedDesk":
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        assert self._ready.wait(15), "the scripted desk did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run something in the server's loop from a test's thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def _serve(self) -> None:
        app = Starlette(routes=[WebSocketRoute("/v1/agent", self._agent), Route("/v1/config", self._config),
                                Route("/v1/desk/{path:path}", self._rest, methods=["GET", "POST"]),
                                Route("/{path:path}", self._file)])
        config = uvicorn.Config(app, host="127.0.0.1", port=self.port, log_level="error", lifespan="off",
                                ws="websockets-sansio", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)

        async def main() -> None:
            self._loop = asyncio.get_running_loop()
            serving = asyncio.ensure_future(self._server.serve())
            while not self._server.started:  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0.01)
            self._ready.set()
            await serving

        asyncio.run(main())

    async def _config(self, _: Request) -> Response:
        return JSONResponse({"company": COMPANY, "persona": {"name": "みお"}})

    async def _file(self, request: Request) -> Response:
        file = locate(request.url.path)
        if file is None:
            return Response("not found", 404)
        folder = request.url.path.split("/")[1]
        csp = policies(Origins((), "", ())).get(folder, "")
        if file not in self._assets:  # made once, as the product does at its start
            self._assets[file] = make_asset(file.read_bytes(), file.suffix)
        return self._assets[file].respond(request, {"content-security-policy": csp})

    async def _rest(self, request: Request) -> Response:
        path = request.path_params["path"]
        if request.method == "POST":
            body = await request.json()
            self.posts.append((path, body))
            if path == "sign-in":
                self.signed_in = body == {"login": self.agent["login"], "password": PASSWORD}
                if not self.signed_in:
                    return JSONResponse({"error": {"code": "unauthorized", "message": "no"}}, 401)
                return JSONResponse({"agent": self.agent, "csrf": "csrf-1"})
            if request.headers.get("x-csrf-token") != "csrf-1":
                return JSONResponse({"error": {"code": "forbidden", "message": "no CSRF token"}}, 403)
        if not self.signed_in:
            return JSONResponse({"error": {"code": "unauthorized", "message": "no"}}, 401)
        if path == "sign-out":
            self.signed_in = False
        name = path.removeprefix("conversations/")
        if name.endswith("/brief"):
            return JSONResponse(self.briefs[name.removesuffix("/brief")])
        if name != path:
            return JSONResponse({"conversation": {}, "facts": self.facts.get(name, []), "brief": self.briefs.get(name),
                                 "customer": {"ref": "v_1", "conversations": []}})
        answers: dict[str, Any] = {
            "me": {"agent": self.agent, "csrf": "csrf-1", "locale": "ja"}, "ticket": {"ticket": secrets.token_hex(8)},
            "snippets": {"snippets": SNIPPETS}, "conversations": {"conversations": self.earlier}}
        return JSONResponse(answers.get(path, {}))

    async def _agent(self, socket: WebSocket) -> None:
        await socket.accept(subprotocol="omotenashi.v1")
        try:
            hello = json.loads(await socket.receive_text())
            self.received.append(hello)
            self._sockets[socket] = set()
            await self._send(socket, {
                "type": "session.ready", "agent": self.agent, "presence": "available", "limits": {"text": 10_000},
                "line": list(self.tickets.values()), "waiting": len(self.tickets), "mine": list(self.mine.values()),
                "duty": {"open": True, "opens": None}, "team": self.team})
            while True:
                frame = json.loads(await socket.receive_text())
                self.received.append(frame)
                if frame.get("txn"):
                    await self._command(socket, frame)
        except (WebSocketDisconnect, RuntimeError, OSError):
            pass
        finally:
            self._sockets.pop(socket, None)

    async def _send(self, socket: WebSocket, frame: dict[str, Any]) -> None:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect, OSError):
            await socket.send_text(json.dumps(frame, ensure_ascii=False))

    async def tell(self, frame: dict[str, Any]) -> None:
        """Send to every socket."""
        for socket in list(self._sockets):
            await self._send(socket, frame)

    async def drop(self, code: int = 1012) -> None:
        """Close every socket."""
        for socket in list(self._sockets):
            with contextlib.suppress(RuntimeError):
                await socket.close(code)

    async def fact(self, conversation: str, kind: str, data: dict[str, Any], actor: dict[str, str],
                   txn: str | None = None) -> int:
        """Number, keep and send one fact."""
        facts = self.facts.setdefault(conversation, [])
        fact = {"v": 1, "type": kind, "conversation": conversation, "seq": len(facts) + 1,
                "id": f"f_{conversation}_{len(facts) + 1}", "at": iso(), "actor": actor, "data": data}
        facts.append({**fact, "txn": txn} if txn else fact)
        for socket, opened in list(self._sockets.items()):
            if conversation in opened:
                await self._send(socket, facts[-1])
        return len(facts)

    async def says(self, conversation: str, text: str, kind: str = "visitor", **reading: Any) -> str:
        """Somebody writes; with a reading, if given."""
        message = "m_" + secrets.token_hex(5)
        await self.fact(conversation, "message.created", {"message": message, "text": text}, {"kind": kind})
        if reading:
            await self.fact(conversation, "moment.detected", {"message": message, "reading": reading},
                            {"kind": "system"})
        return message

    async def ring(self, ticket: str, seconds: int = 30) -> None:
        """Offer a ticket to the agent."""
        await self.tell({"type": "ringing", "ticket": {**self.tickets[ticket], "state": "ringing"},
                         "expires_in_s": seconds})

    async def _command(self, socket: WebSocket, frame: dict[str, Any]) -> None:
        kind, txn = frame["type"], frame["txn"]
        if txn in self._acks:
            return await self._send(socket, {**self._acks[txn], "dup": True})
        if kind in self.refuse:
            return await self._send(socket, {"type": "error", "txn": txn, **self.refuse[kind]})
        ack = {"type": "ack", "txn": txn, "dup": False, "conversation": frame.get("conversation")}
        if kind == "conversation.open":
            return await self._open(socket, frame, ack)
        self._acks[txn] = ack
        await getattr(self, "_" + kind.replace(".", "_"), self._nothing)(frame)
        await self._send(socket, ack)

    async def _nothing(self, frame: dict[str, Any]) -> None:
        """A command without consequence here."""

    async def _open(self, socket: WebSocket, frame: dict[str, Any], ack: dict[str, Any]) -> None:
        conversation = frame["conversation"]
        self._sockets[socket].add(conversation)
        await self._send(socket, {**ack, "resumed": True, "more": False})
        for fact in self.facts.get(conversation, [])[frame["data"].get("last_seq", 0):]:
            await self._send(socket, fact)
        if conversation in self.briefs:
            brief = self.briefs[conversation]
            await self._send(socket, {"type": "brief", "conversation": conversation, "brief": brief})

    async def _handoff_accept(self, frame: dict[str, Any]) -> None:
        ticket = self.tickets.pop(frame["data"]["ticket"])
        conversation, me = ticket["conversation"], {"kind": "agent", "id": "a_me", "name": self.agent["name"]}
        await self.fact(conversation, "driver.changed", {"from": "queued", "to": "agent"}, me)
        await self.fact(conversation, "agent.joined", {"name": self.agent["name"]}, me)
        self.mine[conversation] = {**ticket, "visitor": "v_1", "driver": "agent", "unread": 0,
                                   "last": {"text": ticket["preview"], "at": iso(), "from": "visitor"},
                                   "sla": {"next_response_due": iso(-60), "state": "ok"}}
        await self.tell({"type": "line.updated", "tickets": [], "removed": [ticket["ticket"]],
                         "waiting": len(self.tickets)})
        await self.tell({"type": "ringing.ended", "ticket": ticket["ticket"], "reason": "taken"})
        await self.tell({"type": "mine.updated", "conversations": list(self.mine.values())})

    async def _message_send(self, frame: dict[str, Any]) -> None:
        await self.fact(frame["conversation"], "message.created", {"message": f"m_{time.monotonic_ns()}",
                        "text": frame["data"]["text"]}, {"kind": "agent", "id": "a_me", "name": self.agent["name"]},
                        frame["txn"])

    async def _note_add(self, frame: dict[str, Any]) -> None:
        await self.fact(frame["conversation"], "note.added", {"note": f"n_{time.monotonic_ns()}",
                        "text": frame["data"]["text"]}, {"kind": "agent", "id": "a_me", "name": self.agent["name"]},
                        frame["txn"])

    async def _handoff_close(self, frame: dict[str, Any]) -> None:
        self.mine.pop(frame["conversation"], None)
        await self.fact(frame["conversation"], "driver.changed", {"from": "agent", "to": "wrap_up"}, {"kind": "system"})
        await self.tell({"type": "mine.updated", "conversations": list(self.mine.values())})

    async def _suggestion_request(self, frame: dict[str, Any]) -> None:
        items = [{"id": "s_1", "text": "カードの再発行は1,100円です。[1]", "strength": 0.82, "citations": [
            {"n": 1, "page": "ja/cards/replacement", "anchor": "fee", "title": "再発行手数料",
             "url": "/v1/pages/ja/cards/replacement", "quote": "再発行手数料は1,100円（税込）です。"}]}]
        await self.tell({"type": "suggestion", "conversation": frame["conversation"], "message": "m_1", "items": items})
