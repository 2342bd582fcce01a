"""The agents' socket: a one-time ticket in, the line, the talks and the facts of opened conversations out.

It owns who is connected and what they have open; what a command does is in ``agent_commands`` and the flows.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from assistant.errors import BadRequest, Forbidden, OmotenashiError, Unauthorized, UnknownCommand
from assistant.events import Audience
from assistant.handoff.accounts import PEOPLE
from assistant.handoff.accounts import Session as SignedIn
from assistant.phrases import LANGUAGES
from assistant.server.agent_commands import COMMANDS, run_command
from assistant.server.commands import read_command
from assistant.server.desk_parts import DeskParts
from assistant.server.frames import AGENT_TEXT, Encoded, check_tree, encode, parse, speakable
from assistant.server.guard import Bucket, check
from assistant.server.listener import Listener
from assistant.server.lobby import Lobby
from assistant.server.parts import Parts
from assistant.server.socket import (
    BAD_REQUEST,
    FORBIDDEN,
    UNAUTHORIZED,
    Hangup,
    error_frame,
    first_frame,
    hang_up,
    next_text,
    open_socket,
    report,
)

_SOCKETS = 10
_FRAMES_A_SECOND, _FRAMES_AT_ONCE = 20.0, 120


class Hello(BaseModel):
    """The first frame of an agent; unknown fields are ignored."""

    model_config = ConfigDict(extra="ignore")

    ticket: str = Field(max_length=128)
    locale: str = Field(default="ja", max_length=35)


@dataclass(slots=True)
class _Encoder:
    """Encodes a frame that goes to many sockets one after the other only once."""

    frame: Mapping[str, object] | None = None
    encoded: Encoded | None = None

    def encode(self, frame: Mapping[str, object]) -> Encoded:
        if self.encoded is None or self.frame is not frame:
            self.frame, self.encoded = frame, encode(frame)
        return self.encoded


class AgentSession:
    """One open socket of one agent."""

    def __init__(self, websocket: WebSocket, parts: Parts, desk: DeskParts, lobby: Lobby, signed_in: SignedIn,
                 locale: str, encoder: _Encoder) -> None:
        self.parts, self.desk, self.lobby, self.locale = parts, desk, lobby, locale
        self.agent = signed_in.agent
        self.opened: set[str] = set()
        self.listener = Listener(Audience.AGENTS, websocket.send_text, self._close)
        self._signed_in, self._websocket, self._encoder = signed_in, websocket, encoder
        self._bucket = Bucket(_FRAMES_A_SECOND, _FRAMES_AT_ONCE, time.monotonic())
        self._active = False
        self._checks: asyncio.Task[None] | None = None

    def tell(self, frame: Mapping[str, object]) -> None:
        """Queue a frame for this socket."""
        self.listener.push(self._encoder.encode(frame))

    async def welcome(self) -> None:
        """Sit down at the desk and show it."""
        side, board = self.desk.side, self.desk.board
        seat = side.floor.sit(self.agent, self.tell)
        board.people_changed()
        now = side.now()
        opens = side.hand_over.duty.opens(now)
        is_open = side.hand_over.duty.open(now)
        await self.listener.deliver(encode({
            "type": "session.ready", "agent": self.agent.shown(), "presence": seat.presence,
            "limits": {"text": AGENT_TEXT}, "line": board.line(), "waiting": len(side.line),
            "mine": await board.mine(self.agent.id), "team": side.floor.team(),
            "duty": {"open": is_open,
                     "opens": None if is_open or opens is None else side.hand_over.duty.say(opens, self.locale)},
        }))

    async def serve(self) -> None:
        """Take commands until the socket is closed."""
        self._checks = asyncio.create_task(self._check(), name="session check")
        while True:
            try:
                raw = await next_text(self._websocket)
            except OmotenashiError as error:
                self.tell(error_frame(error, self.parts.phrases, self.locale, None))
                continue
            self.listener.heard_at = time.monotonic()
            if not self.listener.gone:
                await self._command(raw)

    async def leave(self) -> None:
        """Get up from the desk: the talks wait a while for a comeback."""
        self.listener.stop()
        if self._checks:
            self._checks.cancel()
        self.parts.hub.gone(self.listener, list(self.opened))
        self.lobby.leave(self.agent.id, self.listener)
        side = self.desk.side
        side.floor.rise(self.agent.id, self.tell, side.now())
        self.desk.board.people_changed()

    async def _command(self, raw: str) -> None:
        txn: str | None = None
        try:
            check(self._bucket.wait(self.listener.heard_at))
            frame = parse(raw)
            txn = speakable(frame.get("txn"))
            check_tree(frame, raw)
            command = read_command(frame)
            if command.type == "pong":
                return
            if command.type not in COMMANDS:
                raise UnknownCommand(command.type)
            self._active = True
            await run_command(self, command)
        except Exception as error:
            self.tell(error_frame(error, self.parts.phrases, self.locale, txn))

    async def _check(self) -> None:
        """A socket outlives no session: sign-out, a lock or half an hour without a command end it."""
        while not self.listener.gone:
            await asyncio.sleep(self.desk.check_s)
            active, self._active = self._active, False
            if not await self.desk.side.accounts.alive(self._signed_in.id, active=active):
                self.listener.drop(UNAUTHORIZED)

    def _close(self, code: int) -> None:
        self.lobby.see_off(hang_up(self._websocket, Hangup(code), self.parts.phrases, self.locale))


class AgentDoor:
    """The endpoint ``/v1/agent``."""

    def __init__(self, parts: Parts, desk: DeskParts, lobby: Lobby) -> None:
        self._parts, self._desk, self._lobby = parts, desk, lobby
        self._encoder = _Encoder()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket from handshake to close; nothing is raised."""
        websocket = WebSocket(scope, receive, send)
        origin, host = websocket.headers.get("origin"), websocket.headers.get("host", "")
        if self._lobby.draining or origin is None or not self._lobby.origins.own(origin, host):
            await websocket.close(1008)  # before accept: the handshake is answered with 403
            return
        try:
            if await open_socket(websocket, self._parts.phrases):
                await self._session(websocket)
        except WebSocketDisconnect:
            pass
        except Exception as error:
            report(error)
            await hang_up(websocket, Hangup(1011), self._parts.phrases, "ja")

    async def _session(self, websocket: WebSocket) -> None:
        session: AgentSession | None = None
        locale = "ja"
        try:
            hello = _read_hello(await first_frame(websocket, self._lobby.limits.hello_s))
            locale = hello.locale.lower().partition("-")[0]
            locale = locale if locale in LANGUAGES else "en"
            signed_in = await self._redeem(hello.ticket)
            session = AgentSession(websocket, self._parts, self._desk, self._lobby, signed_in, locale, self._encoder)
            self._lobby.enter(session.agent.id, session.listener, _SOCKETS)
            self._parts.hub.listeners.add(session.listener)
            await session.welcome()
            await session.serve()
        except Hangup as hangup:
            await hang_up(websocket, hangup, self._parts.phrases, locale)
        finally:
            if session:
                await session.leave()

    async def _redeem(self, ticket: str) -> SignedIn:
        try:
            signed_in = await self._desk.side.accounts.redeem(ticket)
        except Unauthorized as error:
            raise Hangup(UNAUTHORIZED, error) from error
        except OmotenashiError as error:
            raise Hangup(1013, error) from error
        if signed_in.agent.role not in PEOPLE:
            raise Hangup(FORBIDDEN, Forbidden("no conversations for this role"))
        return signed_in


def _read_hello(frame: dict[str, Any]) -> Hello:
    try:
        return Hello.model_validate(frame)
    except ValidationError as error:
        raise Hangup(BAD_REQUEST, BadRequest("not a hello")) from error
