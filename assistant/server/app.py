"""The application: sockets, routes and life span, wired from the parts it is given."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from sqlalchemy.engine import make_url
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.server.guard import Origins, Tokens
from assistant.server.identity import Identities
from assistant.server.lobby import Lobby
from assistant.server.pages import page_routes
from assistant.server.parts import Parts
from assistant.server.routes import api_routes, web_routes
from assistant.server.visitor import VisitorDoor
from assistant.settings import Settings, packaged
from assistant.transcript.record import close_interrupted

_TITLE = "Omotenashi"


class Application(FastAPI):
    """FastAPI for HTTP; ``doors`` are the WebSocket endpoints by path.

    A socket goes straight to its door: the layers around routes cost each of thousands of idle sockets memory.
    """

    doors: dict[str, ASGIApp]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Dispatch one connection."""
        door = self.doors.get(scope["path"]) if scope["type"] == "websocket" else None
        await (door or super().__call__)(scope, receive, send)


def build_app(parts: Parts) -> Application:
    """Make the application; its life span migrates the database, settles what a crash left and starts the heartbeat.

    ``app.state.parts`` and ``app.state.lobby`` are there for the routers in ``parts.routers``.
    """
    settings = parts.settings
    origins = Origins(tuple(settings.origins), settings.public_url, tuple(settings.app_keys))
    secret = signing_secret(settings)
    tokens = Tokens(secret, parts.limits.token_s, settings.keep_days)
    lobby = Lobby(parts.hub, parts.limits, origins, tokens, Identities(settings.identity_secret, secret))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await parts.store.migrate()
        await close_interrupted(parts.store, parts.phrases)
        for begin in parts.start:
            await begin()
        lobby.start()
        for left in await parts.store.unanswered():
            await parts.flows.take(left.conversation, left)
        yield
        await lobby.stop()
        for end in parts.stop:
            await end()
        await parts.store.close()

    app = Application(title=_TITLE, lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url="/v1/openapi.json")
    app.state.parts, app.state.lobby = parts, lobby
    others = {path: make(parts, lobby) for path, make in parts.doors.items()}
    app.doors = {"/v1/visitor": VisitorDoor(parts, lobby), **others}
    pages = page_routes(parts.page, parts.phrases, origins)
    for router in (api_routes(parts, lobby), pages, *parts.routers, web_routes(packaged("web"), origins)):
        app.include_router(router)
    return app


def signing_secret(settings: Settings) -> str:
    """Give the secret that signs tokens: the setting, or one made once and kept beside the SQLite database."""
    if settings.secret:
        return str(settings.secret)
    url = make_url(settings.database)
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return secrets.token_urlsafe(32)
    path = Path(url.database).with_name("secret")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32), encoding="ascii")
    return path.read_text(encoding="ascii").strip()
