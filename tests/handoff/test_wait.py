"""The promised wait keeps its word: an interval for 80 % of waits holds about 80 % of them, on quiet and busy days."""

import pytest

from assistant.handoff.line import Line, front, rank_of
from assistant.handoff.tickets import Ticket
from assistant.handoff.wait import Expected, Waits
from tests.handoff.queueing import held, simulate


@pytest.mark.parametrize(("slots", "load", "service_s"), [(6, 0.9, 300), (30, 0.95, 400), (2, 0.85, 200)])
def test_the_interval_holds_what_it_promises(slots: int, load: float, service_s: float) -> None:
    share = held(simulate(4_000, slots=slots, load=load, service_s=service_s, seed=7))
    assert 0.76 <= share <= 0.84, share


def test_nobody_there_gives_no_number() -> None:
    assert Waits(0.8, 240, 30).expect(3, 0, 0) is None


def test_the_law_and_its_inverse_agree() -> None:
    law = Expected(300.0, 4.0, False)
    for share in (0.1, 0.5, 0.9):
        assert abs(law.share(law.at(share)) - share) < 0.01


def test_more_people_ahead_never_mean_a_shorter_wait() -> None:
    waits = Waits(0.8, 240, 30)
    uppers = [waits.interval(law)[1] for ahead in range(30) if (law := waits.expect(ahead, 6, 0))]
    assert uppers == sorted(uppers)


def ticket(name: str, entered_at: float, severity: str) -> Ticket:
    return Ticket(name, f"c_{name}", "v", "queued", severity, "none", "complaint", "ja", entered_at,
                  rank_of(entered_at, severity, 180))


def test_each_severity_is_worth_three_minutes_so_that_nobody_starves() -> None:
    line, start = Line(), 1.8e9
    for one in (ticket("old", start, "p4"), ticket("new", start + 60, "p1"), ticket("late", start + 600, "p1")):
        line.put(one)
    assert [one.id for one in line.waiting()] == ["new", "old", "late"]


def test_who_lost_their_agent_goes_before_everybody_in_their_old_order() -> None:
    line, start = Line(), 1.8e9
    for name, at in (("a", 0), ("b", 1), ("c", 2)):
        line.put(ticket(name, start + at, "p3"))
    for name in ("c", "b"):
        line.change(name, rank=front(line.get(name).rank))  # type: ignore[union-attr]
    assert [one.id for one in line.waiting()] == ["b", "c", "a"]
    line.put(ticket("urgent", start + 3, "p1"))
    assert [one.id for one in line.waiting()][:2] == ["b", "c"]


def test_who_waits_for_a_call_is_ahead_of_nobody() -> None:
    line, start = Line(), 1.8e9
    for name, at in (("a", 0), ("b", 1), ("c", 2)):
        line.put(ticket(name, start + at, "p3"))
    line.change("a", contact={"choice": "callback"})
    assert line.ahead(line.get("c").rank) == 1  # type: ignore[union-attr]
    line.change("a", contact={"choice": "wait"})
    assert line.ahead(line.get("c").rank) == 2  # type: ignore[union-attr]
    line.change("a", contact={"choice": "email"})
    line.change("a", state="done")
    assert line.ahead(line.get("c").rank) == 1  # type: ignore[union-attr]
