"""The human side on SQLite and on PostgreSQL: one winner, one open ticket, sessions, deliveries."""

import asyncio
from pathlib import Path

from assistant.errors import OmotenashiError
from assistant.handoff import outbox
from assistant.transcript.store import Store
from tests.handoff.house import PASSWORD, room
from tests.transcript.conftest import postgres, store

__all__ = ["postgres", "store"]


async def test_a_talk_from_the_line_to_its_end(tmp_path: Path, store: Store) -> None:  # noqa: F811
    async with room(tmp_path, on=store) as here:
        agents = [await here.colleague(f"a{number}") for number in range(3)]
        for _ in range(5):
            conversation = await here.queue()
            ticket = here.side.line.of(conversation)
            assert ticket is not None
            tries = [here.do(agents[n % 3], "handoff.accept", conversation, ticket=ticket.id) for n in range(12)]
            results = await asyncio.gather(*tries, return_exceptions=True)
            assert sum(not isinstance(one, BaseException) for one in results) == 1
            assert all(isinstance(one, OmotenashiError) for one in results if isinstance(one, BaseException))
        holder = next(one for one in agents if one.id == here.side.line.of(conversation).agent)
        await here.do(holder, "note.add", conversation, text="メモ")
        await here.do(holder, "message.send", conversation, text="承りました")
        await here.do(holder, "handoff.release", conversation, to="line")
        await here.ask(conversation, "handoff.contact", choice="email", email="hanako@example.com")
        await here.ask(conversation, "handoff.leave")
        assert await here.driver(conversation) == "assistant"
        session, token = await here.side.accounts.sign_in("a0", PASSWORD, "here")
        assert (await here.side.accounts.session(token)).agent.id == session.agent.id
        again = await here.side.accounts.redeem(await here.side.accounts.socket_ticket(session))
        assert again.id == session.id
        assert await outbox.due(store, here.clock()) == []
    async with room(tmp_path, on=store) as here:
        assert len([one for one in here.side.line.all() if one.state == "held"]) == 4
