"""The line under load, and whether the promised waits hold: ``python -m tests.benchmarks.line [--quick]``.

Prints: the share of 10,000 simulated waits inside their 80 % interval on several kinds of days; 1,000 racing accepts;
the time of a claim and of an update with 5,000 tickets and 200 agents.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from assistant.conversation import new_id
from assistant.database import conversations, facts
from assistant.errors import OmotenashiError
from assistant.handoff.accounts import Agent
from assistant.handoff.line import SEVERITIES, rank_of
from assistant.handoff.tables import agents
from assistant.handoff.tickets import Ticket, adding
from assistant.server.frames import encode
from tests.handoff.house import Room, policy, room
from tests.handoff.queueing import held, simulate

DAYS = (("6 talks at once, load 0.90", 6, 0.90, 300), ("30 talks, load 0.95", 30, 0.95, 400),
        ("2 talks, load 0.85", 2, 0.85, 200), ("6 talks, load 0.70", 6, 0.70, 300),
        ("6 talks, load 1.00 all day", 6, 1.00, 300))


def back_test(arrivals: int) -> None:
    print(f"waits inside their 80 % interval, {arrivals:,} arrivals each (goal 76-84 %):")
    for name, slots, load, service_s in DAYS:
        waits = simulate(arrivals, slots=slots, load=load, service_s=service_s, seed=1)
        width = statistics.median(wait.promised[1] - wait.promised[0] for wait in waits)
        mean = statistics.mean(wait.seconds for wait in waits)
        print(f"  {name}: {held(waits):.1%} (mean wait {mean:.0f} s, median width {width:.0f} s)")


async def races(times: int, racers: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with room(Path(folder)) as here:
            people = [Agent(f"a_{n}", f"a{n}", f"担当{n}", "agent") for n in range(racers)]
            won, late = 0, 0
            for _ in range(times):
                name = await here.queue()
                ticket = here.side.line.of(name)
                assert ticket is not None
                tries = [here.do(one, "handoff.accept", name, ticket=ticket.id) for one in people]
                results = await asyncio.gather(*tries, return_exceptions=True)
                winners = [one for one in results if not isinstance(one, BaseException)]
                assert all(isinstance(one, OmotenashiError) for one in results if isinstance(one, BaseException))
                won += len(winners) == 1
                seen = await here.facts(name)
                accepted = next(fact.seq for fact in seen if fact.type == "handoff.accepted")
                late += sum(fact.seq > accepted and fact.actor.kind == "assistant" for fact in seen)
            print(f"races: {times} tickets, {racers} accepts each at once: {won} had exactly one winner, "
                  f"{late} assistant facts after an acceptance")


async def fill(here: Room, count: int, people: int) -> list[Agent]:
    now = here.clock()
    made = [Agent(f"a_{n:03}", f"a{n:03}", f"担当{n}", "agent", presence="away") for n in range(people)]
    line = [Ticket(new_id("t"), new_id("c"), f"v_{n}", "queued", SEVERITIES[n % 4], "complaint", "complaint", "ja",
                   now - count + n, rank_of(now - count + n, SEVERITIES[n % 4], 180.0), preview="カードが届きません",
                   clock="first", clock_due=now + 10**6, clock_warn=now + 10**6) for n in range(count)]

    def work(connection: Any) -> None:
        at = datetime.now(UTC)
        connection.execute(insert(conversations), [
            {"id": one.conversation, "visitor": one.visitor, "locale": "ja", "driver": "queued", "version": 1,
             "head": 1, "epoch": "e", "created_at": at, "state": {}} for one in line])
        connection.execute(insert(facts), [
            {"conversation": one.conversation, "seq": 1, "id": new_id("f"), "type": "conversation.started", "at": at,
             "actor": {"kind": "system"}, "data": {"locale": "ja"}} for one in line])
        for one in line:
            adding(one)(connection)
        connection.execute(insert(agents), [
            {"id": one.id, "login": one.login, "name": one.name, "role": "agent", "password": "-", "skills": [],
             "presence": "away", "disabled": False, "created_at": now} for one in made])

    await here.store.write(work)
    await here.shift.restore()
    return made


async def load(count: int, people: int, claims: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with room(Path(folder), with_policy=policy(capacity=100_000)) as here:
            made = await fill(here, count, people)
            arrived: dict[str, float] = {}
            sizes: list[int] = []

            def listen(agent: Agent) -> Callable[[Mapping[str, object]], None]:
                last: list[object] = [None]

                def tell(frame: Mapping[str, object]) -> None:
                    if frame["type"] == "line.updated" and frame is not last[0]:
                        last[0] = frame
                        sizes.append(len(encode(frame).text))
                        removed: Sequence[str] = frame["removed"]  # type: ignore[assignment]
                        for ticket in removed:
                            arrived[ticket] = time.perf_counter()
                return tell

            for agent in made:
                here.side.floor.sit(agent, listen(agent))
            await here.board.flush()
            await here.board.start()
            used = time.process_time()
            took, sent = await claim_many(here, made, claims)
            used = (time.process_time() - used) / claims * 1000
            await asyncio.sleep(1.0)
            waits = [arrived[ticket] - at for ticket, at in sent.items() if ticket in arrived]
            print(f"line: {count:,} tickets, {people} agents, {claims} claims one after the other: "
                  f"claim p50 {quantile(took, 0.5):.1f} ms, p95 {quantile(took, 0.95):.1f} ms (goal 20 ms), "
                  f"{used:.1f} ms of processor time each with all that follows; "
                  f"update at the last of {people} desks p95 {quantile(waits, 0.95) :.0f} ms (goal 200 ms); "
                  f"line.updated p95 {sorted(sizes)[int(len(sizes) * 0.95)]:,} bytes")


async def claim_many(here: Room, made: Sequence[Agent], claims: int) -> tuple[list[float], dict[str, float]]:
    took: list[float] = []
    sent: dict[str, float] = {}
    for number in range(claims):
        ticket = next(here.side.line.waiting(1))
        begin = time.perf_counter()
        await here.do(made[number % len(made)], "handoff.accept", ticket.conversation, ticket=ticket.id)
        took.append(time.perf_counter() - begin)
        sent[ticket.id] = time.perf_counter()
        await asyncio.sleep(0.02)
    return took, sent


def quantile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] * 1000


async def main(quick: bool) -> None:
    parts: list[Callable[[], Awaitable[None]]] = [
        lambda: races(20 if quick else 1000, 10), lambda: load(500 if quick else 5000, 20 if quick else 200,
                                                               50 if quick else 300)]
    back_test(1000 if quick else 10_000)
    for part in parts:
        await part()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    asyncio.run(main(parser.parse_args().quick))
