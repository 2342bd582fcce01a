"""The visitor's socket: who it is, what they missed, then commands in and facts out until it closes.

A run belongs to the server, not to a socket: nothing that a visitor asked for stops when this ends.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from assistant.conversation import Conversation, Driver
from assistant.errors import BadRequest, OmotenashiError, RateLimited, Unauthorized, UnknownCommand, UnknownConversation
from assistant.events import Audience, Fact
from assistant.phrases import LANGUAGES
from assistant.server.commands import (
    COMMANDS,
    FLOW_COMMANDS,
    ask_flow,
    authorize,
    context_of,
    read_command,
    split,
)
from assistant.server.frames import MAX_FRAME, VISITOR_TEXT, check_tree, encode, parse, speakable
from assistant.server.guard import Bucket, check, new_visitor
from assistant.server.identity import Identified
from assistant.server.listener import Listener
from assistant.server.lobby import Lobby
from assistant.server.parts import Parts
from assistant.server.socket import (
    BAD_REQUEST,
    RATE_LIMITED,
    UNAUTHORIZED,
    UNKNOWN_CONVERSATION,
    Hangup,
    error_frame,
    first_frame,
    hang_up,
    next_text,
    open_socket,
    plain,
    report,
)

_PATIENCE = 100
"""Refused frames in a row after which a socket is closed with 4129."""


class Hello(BaseModel):
    """The first frame. Unknown fields are ignored; ``new_conversation`` leaves the earlier one aside."""

    model_config = ConfigDict(extra="ignore")

    token: str | None = Field(default=None, max_length=1024)
    ticket: str | None = Field(default=None, max_length=4096)
    locale: str = Field(default="ja", max_length=35)
    conversation: str | None = Field(default=None, max_length=64)
    epoch: str | None = Field(default=None, max_length=64)
    last_seq: int | None = Field(default=None, ge=0, le=2**53)
    new_conversation: bool = False
    context: dict[str, Any] = Field(default_factory=dict)


class VisitorSession:
    """One open socket of one visitor in one conversation."""

    __slots__ = ("_bucket", "_refused", "_websocket", "conversation", "customer", "listener", "lobby", "locale",
                 "parts", "visitor")

    def __init__(self, websocket: WebSocket, send: Send, parts: Parts, lobby: Lobby, visitor: str,
                 locale: str) -> None:
        self.parts, self.lobby, self.visitor, self.locale = parts, lobby, visitor, locale
        self.conversation = ""
        self.customer: Identified | None = None
        # Frames go past Starlette's own bookkeeping: it is a tenth of what a streamed frame costs.
        self.listener = Listener(Audience.EVERYONE, plain(send), self._close)
        self._websocket = websocket
        self._bucket = Bucket(lobby.limits.frame_rate, lobby.limits.frame_burst, time.monotonic())
        self._refused = 0

    def tell(self, frame: Mapping[str, object]) -> None:
        """Queue a frame for this socket."""
        self.listener.push(encode(frame))

    async def become(self, customer: Identified, hello: Hello) -> None:
        """Be the customer whom the site vouches for; what they said before signing in stays theirs."""
        anonymous, self.visitor, self.customer = self.visitor, customer.visitor, customer
        if hello.conversation and anonymous != customer.visitor and anonymous.startswith("v_"):
            named = await self.parts.store.conversation(hello.conversation)
            if named.visitor == anonymous:
                await self.parts.store.adopt(named.id, customer.visitor)

    async def welcome(self, hello: Hello, address: str, fresh: bool) -> None:
        """Find the conversation, send what was missed, go live."""
        conversation = await self._conversation(hello, address, fresh)
        self.conversation = conversation.id
        if self.customer:
            await self.parts.store.append(conversation.id, [], state=self.customer.as_state())
        if hello.conversation and "locale" not in hello.model_fields_set:
            self.locale = conversation.locale
        self.parts.hub.join(conversation.id, self.listener)
        conversation = await self.parts.store.conversation(conversation.id)
        resumed = (hello.epoch == conversation.epoch and hello.last_seq is not None
                   and hello.last_seq <= conversation.head)
        facts, more = await self._backlog(conversation, hello.last_seq if resumed and hello.last_seq else 0)
        visible, hidden = split(facts)
        await self.listener.deliver(encode(self._ready(conversation, resumed, more, hidden)))
        for fact in visible:
            await self.listener.deliver(encode(fact.envelope()))
        last = facts[-1].seq if facts else conversation.head
        await self.parts.hub.release(conversation.id, self.listener, last, facts)
        if self.parts.flows.joined:
            for frame in await self.parts.flows.joined(conversation):
                self.tell(frame)

    async def serve(self) -> None:
        """Take commands until the socket is closed; who has been let go is only waited for."""
        while True:
            try:
                raw = await next_text(self._websocket)
            except OmotenashiError as error:
                self._refuse(error, None)
                continue
            self.listener.heard_at = time.monotonic()
            if not self.listener.gone:
                await self._command(raw)

    async def _command(self, raw: str) -> None:
        txn: str | None = None
        try:
            check(self._bucket.wait(self.listener.heard_at))
            frame = parse(raw)
            txn = speakable(frame.get("txn"))
            check_tree(frame, raw)
            command = read_command(frame)
            handler = COMMANDS.get(command.type) or (ask_flow if command.type in FLOW_COMMANDS else None)
            if handler is None:
                raise UnknownCommand(command.type)
            authorize(self, command)
            await handler(self, command)
            self._refused = 0
        except Exception as error:
            self._refuse(error, txn)

    def _refuse(self, error: Exception, txn: str | None) -> None:
        self._refused += 1
        self.tell(error_frame(error, self.parts.phrases, self.locale, txn))
        if self._refused > _PATIENCE:
            self.listener.drop(RATE_LIMITED)

    async def _conversation(self, hello: Hello, address: str, fresh: bool) -> Conversation:
        """Give the named conversation, the visitor's newest open one, or a new one."""
        store = self.parts.store
        if hello.conversation and not hello.new_conversation:
            named = await store.conversation(hello.conversation)
            if named.visitor != self.visitor:
                raise UnknownConversation("another visitor's")
            return named
        if fresh and not hello.new_conversation:
            latest = await store.latest_for(self.visitor)
            if latest and latest.driver is not Driver.CLOSED:
                return latest
        self.lobby.new_conversation(address)
        return await store.create_conversation(self.visitor, self.locale, context_of(hello.context))

    async def _backlog(self, conversation: Conversation, last: int) -> tuple[tuple[Fact, ...], bool]:
        """Give the facts after ``last``; when they are too many for one go, the newest, and True."""
        most = self.lobby.limits.inline_facts
        facts = await self.parts.store.facts_after(conversation.id, last, most + 1)
        if len(facts) <= most:
            return facts, False
        return await self.parts.store.facts_before(conversation.id, 2**53, most), True

    def _ready(self, conversation: Conversation, resumed: bool, more: bool,
               hidden: Sequence[Sequence[int]]) -> dict[str, object]:
        face = self.parts.faces.get(self.locale) or next(iter(self.parts.faces.values()))
        return {
            "type": "session.ready", "visitor": self.visitor, "conversation": conversation.id,
            "epoch": conversation.epoch, "head": conversation.head, "resumed": resumed, "more": more,
            "token": self.lobby.tokens.make(self.visitor), "locale": self.locale,
            "limits": {"text": VISITOR_TEXT, "frame": MAX_FRAME}, "disclosure": face.disclosure,
            "driver": conversation.driver.value,
            "persona": {"name": face.name, "role": face.role, "look": face.look}, "greeting": face.greeting,
            "quick_replies": list(face.quick_replies), "hidden": hidden,
        }

    def _close(self, code: int) -> None:
        self.lobby.see_off(hang_up(self._websocket, Hangup(code), self.parts.phrases, self.locale))


class VisitorDoor:
    """The endpoint ``/v1/visitor``."""

    def __init__(self, parts: Parts, lobby: Lobby) -> None:
        self._parts, self._lobby = parts, lobby

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket from handshake to close; nothing is raised."""
        websocket = WebSocket(scope, receive, send)
        headers = websocket.headers
        if self._lobby.draining or not self._lobby.origins.admit(
                headers.get("origin"), headers.get("host", ""), headers.get("x-app-key")):
            await websocket.close(1008)  # before accept: the handshake is answered with 403
            return
        try:
            if await open_socket(websocket, self._parts.phrases):
                await self._session(websocket, send)
        except (WebSocketDisconnect, OSError):
            pass  # it went while something was being sent
        except Exception as error:
            report(error)
            await hang_up(websocket, Hangup(1011), self._parts.phrases, "ja")

    async def _session(self, websocket: WebSocket, send: Send) -> None:
        locale = "ja"
        session: VisitorSession | None = None
        try:
            hello = _read_hello(await first_frame(websocket, self._lobby.limits.hello_s))
            locale = _language(hello.locale)
            before, fresh = self._identify(hello)
            customer = self._customer(hello)
            if before.startswith("u_") and not customer:  # signed out: a new talk, never the old one
                before, fresh, hello = new_visitor(), False, Hello(locale=hello.locale, context=hello.context)
            session = VisitorSession(websocket, send, self._parts, self._lobby, before, locale)
            if customer:
                await session.become(customer, hello)
                fresh = True
            self._lobby.enter(session.visitor, session.listener, self._lobby.limits.connections)
            await self._welcome(session, hello, websocket, fresh)
            await session.serve()
        except Hangup as hangup:
            await hang_up(websocket, hangup, self._parts.phrases, locale)
        finally:
            if session:
                session.listener.stop()
                self._parts.hub.gone(session.listener, [session.conversation])
                last = self._lobby.leave(session.visitor, session.listener)
                if last and self._parts.flows.left:
                    await self._parts.flows.left(session.conversation)

    async def _welcome(self, session: VisitorSession, hello: Hello, websocket: WebSocket, fresh: bool) -> None:
        try:
            await session.welcome(hello, websocket.client.host if websocket.client else "", fresh)
        except UnknownConversation as error:
            raise Hangup(UNKNOWN_CONVERSATION, error) from error
        except RateLimited as error:
            raise Hangup(RATE_LIMITED, error) from error
        except BadRequest as error:
            raise Hangup(BAD_REQUEST, error) from error
        except OmotenashiError as error:
            raise Hangup(1013, error) from error

    def _customer(self, hello: Hello) -> Identified | None:
        try:
            return self._lobby.identities.read(hello.ticket)
        except Unauthorized as error:
            raise Hangup(UNAUTHORIZED, error) from error

    def _identify(self, hello: Hello) -> tuple[str, bool]:
        """Give who this is. A token older than an hour serves only together with its own conversation's id."""
        if hello.token is None:
            if hello.conversation:
                raise Hangup(UNAUTHORIZED, Unauthorized("a conversation without a token"))
            return new_visitor(), False
        try:
            visitor, fresh = self._lobby.tokens.read(hello.token)
        except Unauthorized as error:
            raise Hangup(UNAUTHORIZED, error) from error
        if not fresh and not hello.conversation:
            raise Hangup(UNAUTHORIZED, Unauthorized("a stale token without its conversation"))
        return visitor, fresh


def _read_hello(frame: dict[str, object]) -> Hello:
    try:
        return Hello.model_validate(frame)
    except ValidationError as error:
        raise Hangup(BAD_REQUEST, BadRequest("not a hello")) from error


def _language(locale: str) -> str:
    short = locale.lower().partition("-")[0]
    return short if short in LANGUAGES else "en"
