"""Who is let in: origins, app keys, visitor tokens, counts."""

import time
from pathlib import Path

import pytest
import websockets
from itsdangerous import URLSafeTimedSerializer

from assistant.errors import RateLimited, Unauthorized
from assistant.server.guard import MessageRates, Origins, Tokens, Windows
from assistant.server.parts import Limits
from tests.server.harness import SECRET, Client, make_parts, running

SHOP = "https://www.aoba-bank.example"


@pytest.mark.parametrize(("origin", "admitted"), [
    (SHOP, True),
    ("https://chat.example", True),
    ("https://evil.example", False),
    ("null", False),
    ("", False),
    ("http://www.aoba-bank.example", False),
    ("https://www.aoba-bank.example.evil.example", False),
    ("https://evil-www.aoba-bank.example", False),
    ("https://www.aoba-bank.example:8443", False),
    ("https://www.aoba-bank.example:443", False),
    ("HTTPS://WWW.AOBA-BANK.EXAMPLE", False),
    ("https://www.aoba-bank.example/", False),
    ("https://www.aoba-bank.example@evil.example", False),
    ("https://aoba-bank.example", False),
    ("http://localhost:8000", False),
    ("file://", False),
    (None, False),
])
def test_origins_match_exactly(origin: str | None, admitted: bool) -> None:
    origins = Origins((SHOP,), "https://chat.example/", ("key-1",))
    assert origins.admit(origin, "chat.example", None) is admitted


@pytest.mark.parametrize(("origin", "admitted"), [
    ("http://127.0.0.1:8000", True), ("https://127.0.0.1:8000", True), ("http://localhost:3000", True),
    ("http://localhost", True), ("http://[::1]:8000", True), ("http://127.0.0.1.evil.example", False),
    ("http://localhost.evil.example:80", False), ("http://evil.example", False), ("null", False),
    ("ftp://localhost", False),
])
def test_without_a_list_only_own_and_local_pages_come_in(origin: str, admitted: bool) -> None:
    assert Origins((), "", ()).admit(origin, "127.0.0.1:8000", None) is admitted


def test_no_origin_needs_an_app_key() -> None:
    origins = Origins((SHOP,), "", ("key-1", "key-2"))
    assert origins.admit(None, "chat.example", "key-2")
    assert not origins.admit(None, "chat.example", "key-3")
    assert not origins.admit("https://evil.example", "chat.example", "key-1")


async def test_a_strange_page_gets_no_socket(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path, origins=(SHOP,), app_keys=("app-key",))) as server:
        for origin in ("https://evil.example", "null", f"{SHOP}.evil.example", None):
            with pytest.raises(websockets.InvalidStatus) as refused:
                await server.connect(origin=origin)
            assert refused.value.response.status_code == 403
        async with server.connect(origin=SHOP) as socket:
            await Client(socket).hello()
        async with server.connect(origin=None, additional_headers={"X-App-Key": "app-key"}) as socket:
            await Client(socket).hello()


def test_token_is_fresh_for_an_hour_then_only_comes_back() -> None:
    tokens = Tokens(SECRET, 3600, 90)
    assert tokens.read(tokens.make("v_1")) == ("v_1", True)
    aged = _aged("v_1", 3700)
    assert tokens.read(aged) == ("v_1", False)
    for bad in (_aged("v_1", 91 * 86_400), tokens.make("v_1")[:-2], "", "v_1", Tokens("x" * 32, 3600, 90).make("v_1")):
        with pytest.raises(Unauthorized):
            tokens.read(bad)


def _aged(visitor: str, seconds: int) -> str:
    class Earlier(URLSafeTimedSerializer):
        class default_signer(URLSafeTimedSerializer.default_signer):  # type: ignore[name-defined,misc]
            def get_timestamp(self) -> int:
                return int(time.time()) - seconds

    return str(Earlier(SECRET, salt="omotenashi.visitor.v1").dumps(visitor))


async def test_a_stale_token_serves_only_with_its_own_conversation(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path)) as server:
        async with server.connect() as socket:
            ready = await Client(socket).hello()
        stale = _aged(ready["visitor"], 7200)
        async with server.connect() as socket:
            client = Client(socket)
            back = await client.hello(token=stale, conversation=ready["conversation"])
            assert back["visitor"] == ready["visitor"]
            assert Tokens(SECRET, 3600, 90).read(back["token"]) == (ready["visitor"], True)
        async with server.connect() as socket:
            client = Client(socket)
            await client.send({"type": "session.hello", "token": stale})
            assert await client.close_code() == 4001


async def test_nobody_reads_another_visitors_conversation(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path)) as server:
        async with server.connect() as socket:
            theirs = await Client(socket).hello()
        async with server.connect() as socket:
            mine = await Client(socket).hello()
        for conversation in (theirs["conversation"], "c_nothing", "' OR 1=1 --"):
            async with server.connect() as socket:
                client = Client(socket)
                await client.send({"type": "session.hello", "token": mine["token"], "conversation": conversation})
                assert await client.close_code() == 4004
                assert client.frames[0]["code"] == "unknown_conversation"


async def test_a_visitor_comes_back_to_the_latest_conversation_or_asks_for_a_new_one(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path)) as server:
        async with server.connect() as socket:
            first = await Client(socket).hello()
        async with server.connect() as socket:
            again = await Client(socket).hello(token=first["token"])
            assert again["conversation"] == first["conversation"]
        async with server.connect() as socket:
            fresh = await Client(socket).hello(token=first["token"], new_conversation=True)
            assert fresh["conversation"] != first["conversation"]
            assert fresh["visitor"] == first["visitor"]


async def test_an_address_opens_so_many_conversations_and_no_more(tmp_path: Path) -> None:
    limits = Limits(conversations_per_12_h=2, local_is_limited=True)
    async with running(make_parts(tmp_path, limits=limits)) as server:
        for _ in range(2):
            async with server.connect() as socket:
                ready = await Client(socket).hello()
        async with server.connect() as socket:
            client = Client(socket)
            await client.send({"type": "session.hello"})
            assert await client.close_code() == 4129
            assert client.frames[0]["code"] == "rate_limited"
        async with server.connect() as socket:
            await Client(socket).hello(token=ready["token"], conversation=ready["conversation"])


def test_message_rate_is_a_burst_then_a_trickle_within_a_window() -> None:
    now = [0.0]
    rates = MessageRates(1.0, 5, 8, lambda: now[0])
    for number in range(5):
        rates.message("v", f"t{number}")
    with pytest.raises(RateLimited) as refused:
        rates.message("v", "t5")
    assert refused.value.retry_after_ms == 1000
    rates.message("v", "t0")  # a repeat
    rates.message("other", "t0")
    now[0] = 3.0
    for number in range(5, 8):
        rates.message("v", f"t{number}")
    now[0] = 60.0
    with pytest.raises(RateLimited) as refused:
        rates.message("v", "t9")
    assert refused.value.retry_after_ms == 240_000
    now[0] = 301.0
    rates.message("v", "t9")


def test_window_forgets_the_oldest_keys() -> None:
    windows = Windows(1, 10.0)
    for number in range(20_050):
        assert windows.wait(f"k{number}", 0.0) == 0.0
    assert windows.wait("k20049", 1.0) == 9.0
    assert windows.wait("k0", 1.0) == 0.0
