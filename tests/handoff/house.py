"""A real server with a human side for tests: real SQLite, real uvicorn, visitors and agents on real sockets.

The assistant is the harness's echo, so that tests see every word it could say.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import websockets

from assistant.commands.people import Needs, Outward, People, assemble_people
from assistant.conversation import Actor, new_id
from assistant.database import open_database
from assistant.decision.policy import Policy, load_policy
from assistant.engines.extract import ExtractWriter
from assistant.errors import DriverConflict, OmotenashiError
from assistant.events import SUBPROTOCOL, Fact, draft
from assistant.facts import MessageCreated
from assistant.flows.desk import Asked
from assistant.flows.run import Run
from assistant.handoff.accounts import Agent
from assistant.handoff.hand_over import HandoffRequest, Words
from assistant.ports import Outlet
from assistant.reply.compose import Reply
from assistant.retrieval.retrieve import Retriever
from assistant.server.desk_routes import desk_routes
from assistant.server.hooks import hook_routes
from assistant.server.hub import Hub
from assistant.server.parts import Asked as VisitorAsked
from assistant.server.parts import Face, Flows, Limits, Parts
from assistant.settings import load_settings, packaged
from assistant.transcript.store import Store
from tests.server.harness import SECRET, Client, EchoFlow, Running, phrases, running

PASSWORD = "correct horse battery"
TUESDAY_10 = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo")).timestamp()
SUNDAY_3 = datetime(2026, 11, 22, 3, 0, tzinfo=ZoneInfo("Asia/Tokyo")).timestamp()

Outlets = Callable[[Store], Sequence[Outlet]]


def _none(_store: Store) -> Sequence[Outlet]:
    return ()


class Clock:
    """Real time from a chosen moment on, which a test may move forward."""

    def __init__(self, start: float = TUESDAY_10) -> None:
        self._offset = start - time.time()

    def __call__(self) -> float:
        return time.time() + self._offset

    def forward(self, seconds: float) -> None:
        self._offset += seconds


def policy(**line: Any) -> Policy:
    """Give the demo bank's policy; keyword arguments change its ``[line]`` table."""
    folder = packaged("knowledge")
    real = load_policy(folder, folder)
    return real.model_copy(update={"line": real.line.model_copy(update=line)})


class Echo(EchoFlow):
    """The harness's echo as a real run: guarded like every reply of the assistant."""

    async def _turn(self, conversation: str, message: Fact) -> None:
        run = Run(self.store, self.hub, conversation)
        text = f"echo: {message.data['text']}"
        try:
            await run.start()
            for place in range(0, len(text), self.piece):
                await run.say(text[place:place + self.piece])
                await asyncio.sleep(self.pause_s)
            await run.complete(Reply(text), text)
        except asyncio.CancelledError:
            with contextlib.suppress(OmotenashiError):
                await asyncio.shield(run.cancel())
            raise
        except DriverConflict:
            with contextlib.suppress(OmotenashiError):
                await run.cancel()


class House:
    """The running server with its parts."""

    def __init__(self, server: Running, people: People, clock: Clock, echo: Echo) -> None:
        self.open: list[Client] = []
        self.server, self.people, self.clock, self.echo = server, people, clock, echo
        self.side, self.store = people.side, people.side.store

    @property
    def url(self) -> str:
        return self.server.url

    async def agent(self, login: str, role: str = "agent", **given: Any) -> "Colleague":
        """Make an account, sign in over HTTP and open the socket."""
        await self.side.accounts.add(login, f"担当 {login}", role, PASSWORD, **given)
        return await self.sign_in(login)

    async def sign_in(self, login: str) -> "Colleague":
        colleague = await sign_in(self.url, login)
        self.open.append(colleague)
        return colleague

    async def taken(self, text: str) -> None:
        """Wait until the assistant has had its turn on a message, which it gets only after everybody has seen it."""
        async with asyncio.timeout(30):
            while not any(fact.data["text"] == text for fact in self.echo.taken):
                await asyncio.sleep(0.005)
        await self.echo.drain(30)

    async def visitor(self, **hello: Any) -> Client:
        socket = await self.server.connect()
        client = Client(socket)
        self.open.append(client)
        await client.hello(**hello)
        return client


class Colleague(Client):
    """An agent's side of the protocol."""

    def __init__(self, url: str, http: httpx.AsyncClient, signed_in: dict[str, Any]) -> None:
        super().__init__(None)
        self.url, self.http, self.me, self.csrf = url, http, signed_in["agent"], signed_in["csrf"]
        self._txn = 0

    async def connect(self) -> dict[str, Any]:
        ticket = (await self.post("/v1/desk/ticket")).json()["ticket"]
        self.socket = await websockets.connect(
            f"{self.url.replace('http', 'ws', 1)}/v1/agent", origin=self.url,
            subprotocols=[SUBPROTOCOL], compression=None, max_size=None)
        await self.send({"type": "session.hello", "ticket": ticket, "locale": "ja"})
        self.ready = await self.wait("session.ready")
        return self.ready

    async def post(self, path: str, body: Any = None) -> httpx.Response:
        return await self.http.post(path, json=body, headers={"x-csrf-token": self.csrf})

    async def do(self, command: str, conversation: str | None = None, txn: str | None = None,
                 **data: Any) -> dict[str, Any]:
        self._txn += 1
        txn = txn or f"{self.me['id']}-{self._txn}"
        frame = {"type": command, "txn": txn, "data": data}
        await self.send(frame | ({"conversation": conversation} if conversation else {}))
        return await self.reply(txn)

    async def leave(self) -> None:
        """Close the laptop."""
        if self.socket:
            await self.socket.close()
        await self.http.aclose()


async def sign_in(url: str, login: str) -> Colleague:
    """Sign in over HTTP and open the socket."""
    http = httpx.AsyncClient(base_url=url, headers={"origin": url})
    answer = await http.post("/v1/desk/sign-in", json={"login": login, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    colleague = Colleague(url, http, answer.json())
    await colleague.connect()
    return colleague


async def ask(visitor: Client, command: str, txn: str, **data: Any) -> dict[str, Any]:
    """Send a visitor's command and give the reply."""
    await visitor.send({"type": command, "txn": txn, "data": data})
    return await visitor.reply(txn)


def assemble(folder: Path, clock: Clock, *, with_policy: Policy | None = None, pause_s: float = 0.0,
             outlets: Outlets = _none, **given: Any) -> tuple[Parts, People, Echo]:
    """Put a server's parts together around the echo."""
    settings = load_settings({}, database=f"sqlite+aiosqlite:///{folder}/test.sqlite3", secret=SECRET, **given)
    store = Store(open_database(settings.database))
    hub = Hub(store.facts_after)
    echo = Echo(store, hub, pause_s)
    knowledge = packaged("knowledge")
    people = assemble_people(
        Needs(knowledge, knowledge, phrases(), with_policy or policy(), Retriever(None), None, ExtractWriter()),
        store, hub, lambda conversation: echo.cancel(conversation, None), Outward(outlets(store), SECRET), clock, 0.3)
    waiting = people.waiting(echo.take, 60.0)
    parts = Parts(
        settings=settings, store=store, hub=hub, phrases=phrases(),
        flows=Flows(take=waiting.take, cancel=echo.cancel, drain=echo.drain, commands=waiting.commands,
                    joined=waiting.joined, left=waiting.left),
        faces={"ja": Face("みお", "案内係", "こんにちは。", "AIアシスタントです。"),
               "en": Face("Mio", "guide", "Hello.", "I am an AI assistant.")},
        company={"ja": "あおば銀行", "en": "Aoba Bank"}, limits=Limits(message_rate=100.0, message_burst=100),
        start=people.start, stop=(waiting.stop, *people.stop),
        routers=(desk_routes(settings, people.desk), hook_routes(settings, people.post)),
        doors={"/v1/agent": people.door})
    return parts, people, echo


@asynccontextmanager
async def house(folder: Path, *, clock: Clock | None = None, **given: Any) -> AsyncIterator[House]:
    """Run a server; ``given`` goes to ``assemble``."""
    clock = clock or Clock()
    parts, people, echo = assemble(folder, clock, **given)
    async with running(parts) as server:
        home = House(server, people, clock, echo)
        try:
            yield home
        finally:
            for client in home.open:
                await client.leave() if isinstance(client, Colleague) else await client.socket.close()


def texts(client: Client) -> list[tuple[str, str]]:
    """Give who said what, as this client saw it."""
    return [(fact["actor"]["kind"], fact["data"]["text"]) for fact in client.facts if fact["type"] == "message.created"]


def shown(frame: Any) -> str:
    return json.dumps(frame, ensure_ascii=False)


class Room:
    """The human side without a server: its clock and its clockwork move when the test says so."""

    def __init__(self, store: Store, hub: Hub, people: People, clock: Clock, echo: Echo) -> None:
        self.store, self.hub, self.people, self.clock, self.echo = store, hub, people, clock, echo
        self.side, self.desk, self.shift, self.board = people.side, people.desk.desk, people.shift, people.board
        self.waiting = people.waiting(echo.take, 60.0)
        self.told: dict[str, list[dict[str, Any]]] = {}

    async def talk(self, text: str = "カードが届きません", locale: str = "ja") -> str:
        """Open a conversation with one message of its visitor."""
        made = await self.store.create_conversation("v_test", locale, {})
        await self.say(made.id, text)
        return made.id

    async def say(self, conversation: str, text: str) -> Fact:
        """Store a visitor's message as the socket does, without a turn."""
        row = await self.store.conversation(conversation)
        said = draft("message.created", MessageCreated(message=new_id("m"), text=text), Actor("visitor", row.visitor))
        stored = await self.store.append(conversation, [said])
        await self.hub.facts(conversation, stored.facts)
        return stored.facts[0]

    async def queue(self, kind: str = "complaint", severity: str = "p3", text: str = "カードが届きません",
                    conversation: str | None = None, language: str = "ja") -> str:
        """Put a conversation into the line."""
        name = conversation or await self.talk(text, language)
        request = HandoffRequest(by="policy", reason="complaint", severity=severity, language=language, kind=kind)
        await self.side.hand_over.request(name, request, Words(new_id("m")))
        return name

    async def colleague(self, login: str, role: str = "agent", **given: Any) -> Agent:
        """Make an account and sit it at the desk."""
        agent = await self.side.accounts.add(login, f"担当 {login}", role, PASSWORD, **given)
        self.sit(agent)
        return agent

    def sit(self, agent: Agent) -> Callable[[Any], None]:
        frames = self.told.setdefault(agent.id, [])
        self.side.floor.sit(agent, frames.append)  # type: ignore[arg-type]
        return frames.append

    async def do(self, who: Agent, command: str, conversation: str, /, txn: str | None = None, **data: Any) -> Any:
        return await self.desk.answer(command, Asked(who, txn or new_id("x"), conversation, data))

    async def accept(self, agent: Agent, conversation: str) -> Any:
        ticket = self.side.line.of(conversation)
        return await self.do(agent, "handoff.accept", conversation, ticket=ticket.id if ticket else "")

    async def ask(self, conversation: str, command: str, txn: str = "", **data: Any) -> Any:
        row = await self.store.conversation(conversation)
        asked = VisitorAsked(conversation, row.visitor, row.locale, txn or new_id("x"), data)
        return await self.waiting.commands[command](asked)

    async def facts(self, conversation: str) -> list[Fact]:
        return list(await self.store.facts_before(conversation, 2**53, 1000))

    async def kinds(self, conversation: str) -> list[str]:
        return [fact.type for fact in await self.facts(conversation)]

    async def driver(self, conversation: str) -> str:
        return (await self.store.conversation(conversation)).driver.value


@asynccontextmanager
async def room(folder: Path, *, clock: Clock | None = None, with_policy: Policy | None = None,
               outlets: Outlets = _none, pause_s: float = 0.0, on: Store | None = None) -> AsyncIterator[Room]:
    clock = clock or Clock()
    store = on or Store(open_database(f"sqlite+aiosqlite:///{folder}/test.sqlite3"))
    await store.migrate()
    hub = Hub(store.facts_after)
    echo = Echo(store, hub, pause_s)
    knowledge = packaged("knowledge")
    people = assemble_people(
        Needs(knowledge, knowledge, phrases(), with_policy or policy(), Retriever(None), None, ExtractWriter()),
        store, hub, lambda conversation: echo.cancel(conversation, None),
        Outward(outlets(store), SECRET), clock)
    await people.shift.restore()
    here = Room(store, hub, people, clock, echo)
    try:
        yield here
    finally:
        await here.waiting.stop()
        await people.board.stop()
        await echo.drain(5)
        if on is None:
            await store.close()
