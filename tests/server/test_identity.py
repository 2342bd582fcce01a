"""Customers whom the site vouches for: one talk on all their devices, nobody else's, and gone when they sign out."""

import time
from pathlib import Path

import jwt
import pytest

from assistant.errors import Unauthorized
from assistant.server.identity import Identities
from tests.server.harness import Client, make_parts, running

KEY = "k" * 40


def ticket(sub: str = "customer-7", *, key: str = KEY, ahead: float = 600, **more: object) -> str:
    return jwt.encode({"sub": sub, "exp": time.time() + ahead, "name": "佐藤", **more}, key, algorithm="HS256")


async def test_a_second_device_finds_the_same_conversation(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path, identity_secret=KEY)) as server:
        async with server.connect() as one:
            first = await Client(one).hello(ticket=ticket())
        async with server.connect() as other:
            second = await Client(other).hello(ticket=ticket())
        assert first["visitor"] == second["visitor"]
        assert first["conversation"] == second["conversation"]
        state = await server.parts.store.state(first["conversation"])
        assert state["customer"] == {"ref": "customer-7", "name": "佐藤", "verified": True}


async def test_what_was_said_before_signing_in_stays_theirs(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path, identity_secret=KEY)) as server:
        async with server.connect() as one:
            ready = await Client(one).hello()
        async with server.connect() as one:
            again = await Client(one).hello(token=ready["token"], conversation=ready["conversation"], ticket=ticket())
        assert again["conversation"] == ready["conversation"]
        assert again["visitor"] != ready["visitor"]


async def test_signing_out_starts_a_new_conversation(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path, identity_secret=KEY)) as server:
        async with server.connect() as one:
            ready = await Client(one).hello(ticket=ticket())
        async with server.connect() as one:
            after = await Client(one).hello(token=ready["token"], conversation=ready["conversation"])
        assert after["conversation"] != ready["conversation"]


async def test_another_customers_conversation_cannot_be_named(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path, identity_secret=KEY)) as server:
        async with server.connect() as one:
            ready = await Client(one).hello(ticket=ticket())
        async with server.connect() as thief:
            client = Client(thief)
            await client.send({"type": "session.hello", "token": ready["token"], "conversation": ready["conversation"],
                               "ticket": ticket("customer-8")})
            assert await client.close_code() == 4004


@pytest.mark.parametrize("bad", [
    ticket(key="x" * 40), ticket(ahead=-3600), ticket(ahead=86_400), "not.a.jwt",
    jwt.encode({"sub": "a", "exp": time.time() + 60}, None, algorithm="none"), jwt.encode({"sub": "a"}, KEY, "HS256"),
])
def test_a_forged_lapsed_or_endless_ticket_is_refused(bad: str) -> None:
    with pytest.raises(Unauthorized):
        Identities(KEY, "signing").read(bad)


def test_without_a_secret_a_ticket_is_passed_over() -> None:
    assert Identities().read(ticket()) is None
