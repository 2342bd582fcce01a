"""Other systems on real sockets: a receiver of Standard Webhooks, and a Chatwoot that speaks its documented API."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from standardwebhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from assistant.server.running import listening_socket

WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CHATWOOT_SECRET, CHATWOOT_TOKEN = "inbox-secret", "bot-token"


@asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[str]:
    sock = listening_socket("127.0.0.1", 0)
    config = uvicorn.Config(app, access_log=False, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[sock]))
    try:
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


@dataclass
class Receiver:
    """Checks every event with the reference library; refuses the first ``refuse`` of them."""

    refuse: int = 0
    tries: int = 0
    ids: list[str] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    def app(self) -> Starlette:
        async def take(request: Request) -> Response:
            self.tries += 1
            body = await request.body()
            event = Webhook(WEBHOOK_SECRET).verify(body, dict(request.headers))
            if self.tries <= self.refuse:
                return Response(status_code=503)
            self.ids.append(request.headers["webhook-id"])
            self.events.append(event)
            return Response(status_code=204)

        return Starlette(routes=[Route("/hook", take, methods=["POST"])])


@dataclass
class Chatwoot:
    """Contacts, conversations and messages of one API inbox, as its developer documentation describes them."""

    contacts: dict[str, dict[str, Any]] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    threads: int = 0

    def app(self) -> Starlette:
        base = "/public/api/v1/inboxes/INBOX/contacts"
        return Starlette(routes=[
            Route(base, self.contact, methods=["POST"]),
            Route(base + "/{contact}/conversations", self.conversation, methods=["POST"]),
            Route(base + "/{contact}/conversations/{thread:int}/messages", self.message, methods=["POST"]),
            Route("/api/v1/accounts/7/conversations/{thread:int}/messages", self.note, methods=["POST"]),
        ])

    async def contact(self, request: Request) -> Response:
        body = await request.json()
        known = self.contacts.setdefault(body["identifier"], {
            "source_id": f"src-{len(self.contacts) + 1}", "id": len(self.contacts) + 1, "name": body.get("name")})
        return JSONResponse(known)

    async def conversation(self, request: Request) -> Response:
        assert request.path_params["contact"] in {one["source_id"] for one in self.contacts.values()}
        self.threads += 1
        return JSONResponse({"id": self.threads, "inbox_id": 1, "messages": [], "status": "open"})

    async def message(self, request: Request) -> Response:
        body = await request.json()
        self.messages.append({"thread": request.path_params["thread"], **body})
        return JSONResponse({"id": len(self.messages), "content": body["content"], "message_type": 0})

    async def note(self, request: Request) -> Response:
        if request.headers.get("api_access_token") != CHATWOOT_TOKEN:
            return JSONResponse({"error": "Invalid Access Token"}, 401)
        body = await request.json()
        self.notes.append({"thread": request.path_params["thread"], **body})
        return JSONResponse({"id": len(self.notes), **body})


def callback(event: dict[str, Any], secret: str = CHATWOOT_SECRET, at: float | None = None) -> tuple[bytes, Any]:
    """Give a webhook of Chatwoot: its raw body and its headers."""
    raw, stamp = json.dumps(event).encode(), str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + raw, hashlib.sha256).hexdigest()
    return raw, {"content-type": "application/json", "x-chatwoot-timestamp": stamp,
                 "x-chatwoot-signature": f"sha256={digest}", "x-chatwoot-delivery": "d-1"}


def agent_message(thread: int, number: int, text: str, **changes: Any) -> dict[str, Any]:
    return {"event": "message_created", "id": number, "content": text, "message_type": "outgoing", "private": False,
            "content_type": "text", "sender": {"id": 5, "name": "山田", "type": "user"},
            "conversation": {"id": thread, "status": "open", "channel": "Channel::Api"}, "inbox": {"id": 1},
            "account": {"id": 7, "name": "Aoba"}, **changes}
