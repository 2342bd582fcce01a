"""Who may do what at the desk: the matrix is generated from the OpenAPI document, so that a new route cannot hide."""

import asyncio
import re
from pathlib import Path

import httpx
import pytest
import websockets

from assistant.errors import RateLimited, Unauthorized
from assistant.events import SUBPROTOCOL
from tests.handoff.house import PASSWORD, Clock, house, room

ROLES = ("agent", "supervisor", "admin", "editor")
OPEN = {("get", "/v1/config"), ("get", "/v1/schema.json"), ("get", "/healthz"), ("get", "/readyz"),
        ("get", "/v1/schema/brief.json"), ("post", "/v1/desk/sign-in")}
"""What anybody may ask. Everything else must name its roles or its signature in the OpenAPI document."""
WANTED = {
    "/v1/desk/sign-out": set(ROLES), "/v1/desk/me": set(ROLES),
    "/v1/desk/ticket": {"agent", "supervisor", "admin"}, "/v1/desk/snippets": {"agent", "supervisor", "admin"},
    "/v1/desk/conversations": {"agent", "supervisor", "admin"},
    "/v1/desk/conversations/{conversation}": {"agent", "supervisor", "admin"},
    "/v1/desk/conversations/{conversation}/brief": {"agent", "supervisor", "admin"},
    "/v1/desk/agents": {"supervisor", "admin"}, "/v1/desk/audit": {"supervisor", "admin"},
    "/v1/desk/webhooks": {"admin"}, "/v1/desk/webhooks/{delivery}/retry": {"admin"},
}


async def test_every_forbidden_pair_of_role_and_route_is_refused(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        visitor = await home.visitor()
        people = {}
        for role in ROLES:
            await home.side.accounts.add(role, role, role, PASSWORD)
            people[role] = httpx.AsyncClient(base_url=home.url, headers={"origin": home.url})
            answer = await people[role].post("/v1/desk/sign-in", json={"login": role, "password": PASSWORD})
            people[role].headers["x-csrf-token"] = answer.json()["csrf"]
        stranger = httpx.AsyncClient(base_url=home.url)
        document = (await stranger.get("/v1/openapi.json")).json()
        seen = set()
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                if (method, path) in OPEN or path.startswith("/v1/pages/") or "x-signed" in operation:
                    continue
                roles = set(operation.get("x-roles", ()))
                assert roles == WANTED.get(path), f"{method} {path} is open to {roles or 'everybody'}"
                seen.add(path)
                if path.endswith("sign-out"):
                    continue
                url = path.replace("{conversation}", visitor.ready["conversation"]).replace("{delivery}", "msg_x")
                url += "?state=mine" if path.endswith("/conversations") else ""
                assert (await stranger.request(method, url)).status_code == 401, path
                for role, client in people.items():
                    status = (await client.request(method, url)).status_code
                    expected = {200, 404} if role in roles else {403}
                    assert status in expected, (role, method, path, status)
                    if method != "get":
                        bare = {"x-csrf-token": ""}
                        assert (await client.request(method, url, headers=bare)).status_code == 403, path
                        evil = {"origin": "https://evil.example"}
                        assert (await client.request(method, url, headers=evil)).status_code == 403, path
        assert seen == set(WANTED)
        for client in (*people.values(), stranger):
            await client.aclose()


async def test_an_editor_gets_no_socket_and_a_ticket_works_once(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        agent = await home.agent("tanaka")
        ticket = (await agent.post("/v1/desk/ticket")).json()["ticket"]

        async def connect(ticket: str, origin: str = home.url) -> str:
            url = f"ws://127.0.0.1:{home.server.port}/v1/agent"
            async with websockets.connect(url, origin=origin, subprotocols=[SUBPROTOCOL]) as socket:  # type: ignore
                await socket.send(f'{{"type":"session.hello","ticket":"{ticket}"}}')
                return str(await socket.recv())

        assert '"session.ready"' in await connect(ticket)
        assert '"unauthorized"' in await connect(ticket)
        for origin in ("https://evil.example", "null", "http://localhost:1"):
            with pytest.raises(websockets.InvalidStatus):
                await connect(ticket, origin)
        late = (await agent.post("/v1/desk/ticket")).json()["ticket"]
        home.clock.forward(31)
        assert '"unauthorized"' in await connect(late)


async def test_sign_out_ends_the_session_and_the_cookie_is_closed_to_scripts(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        await home.side.accounts.add("tanaka", "田中", "agent", PASSWORD)
        async with httpx.AsyncClient(base_url=home.url) as http:
            answer = await http.post("/v1/desk/sign-in", json={"login": "tanaka", "password": PASSWORD})
            cookie = answer.headers["set-cookie"].lower()
            assert "httponly" in cookie
            assert "samesite=strict" in cookie
            assert (await http.get("/v1/desk/me")).json()["agent"]["login"] == "tanaka"
            headers = {"x-csrf-token": answer.json()["csrf"]}
            assert (await http.post("/v1/desk/sign-out", headers=headers)).status_code == 200
            http.cookies.set("omotenashi", re.search(r"omotenashi=([^;]+)", answer.headers["set-cookie"])[1])  # type: ignore
            assert (await http.get("/v1/desk/me")).status_code == 401
        async with httpx.AsyncClient(base_url=home.url, headers={"host": "chat.example"}) as http:
            answer = await http.post("/v1/desk/sign-in", json={"login": "tanaka", "password": PASSWORD})
            assert answer.headers["set-cookie"].startswith("__Host-omotenashi=")
            assert "secure" in answer.headers["set-cookie"].lower()


async def test_five_wrong_passwords_lock_the_door_for_five_minutes(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        accounts = here.side.accounts
        await accounts.add("tanaka", "田中", "agent", PASSWORD)
        for number in range(5):
            with pytest.raises(Unauthorized):
                await accounts.sign_in("tanaka", "wrong password", f"10.0.0.{number}")
        with pytest.raises(RateLimited):
            await accounts.sign_in("tanaka", PASSWORD, "10.0.0.9")
        here.clock.forward(301)
        assert (await accounts.sign_in("tanaka", PASSWORD, "10.0.0.9"))[0].agent.login == "tanaka"


async def test_sessions_end_when_idle_when_old_and_when_the_account_is_locked(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        accounts = here.side.accounts
        await accounts.add("tanaka", "田中", "agent", PASSWORD)
        _, idle = await accounts.sign_in("tanaka", PASSWORD, "a")
        here.clock.forward(1801)
        with pytest.raises(Unauthorized):
            await accounts.session(idle)
        _, old = await accounts.sign_in("tanaka", PASSWORD, "b")
        for _ in range(28):
            here.clock.forward(1500)
            await accounts.session(old)
        here.clock.forward(1500)
        with pytest.raises(Unauthorized):
            await accounts.session(old)
        _, locked = await accounts.sign_in("tanaka", PASSWORD, "c")
        await accounts.disable("tanaka")
        with pytest.raises(Unauthorized):
            await accounts.session(locked)
        stored = str(await here.store.read(lambda c: c.exec_driver_sql("select * from desk_sessions, agents").all()))
        assert locked not in stored
        assert PASSWORD not in stored


async def test_reading_a_conversation_is_written_down(tmp_path: Path) -> None:
    async with house(tmp_path, clock=Clock()) as home:
        visitor = await home.visitor()
        conversation = visitor.ready["conversation"]
        boss = await home.agent("sato", "supervisor")
        await boss.http.get(f"/v1/desk/conversations/{conversation}")
        await boss.do("conversation.open", conversation)
        await boss.do("veil.open", conversation, message="m_1")
        lines = (await boss.http.get("/v1/desk/audit")).json()["audit"]
        actions = {(line["action"], line["target"]) for line in lines}
        assert {("conversation.read", conversation), ("conversation.open", conversation)} <= actions
        assert ("veil.open", "m_1") in actions


async def test_a_locked_account_loses_its_open_socket(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        agent = await home.agent("tanaka")
        await home.side.accounts.disable("tanaka")
        async with asyncio.timeout(10):
            await agent.socket.wait_closed()
        assert agent.socket.close_code == 4001
