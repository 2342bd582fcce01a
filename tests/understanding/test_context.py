"""What of a talk is read together with a message."""

from assistant.ports import Turn
from assistant.understanding.context import BETWEEN, LONGEST, in_context


def test_a_first_message_stands_alone() -> None:
    assert in_context("手数料は?", [Turn("assistant", "いらっしゃいませ")]) is None


def test_the_visitors_last_two_messages_are_read_with_it_oldest_first_and_cut_at_their_beginning() -> None:
    talk = [Turn("visitor", "one"), Turn("visitor", "two"), Turn("assistant", "yes"), Turn("visitor", "x" * LONGEST + "3")]
    assert in_context("four", talk) == BETWEEN.join(["two", "x" * (LONGEST - 1) + "3", "four"])


def test_what_was_said_before_a_person_wrote_is_theirs() -> None:
    talk = [Turn("visitor", "もう我慢できません"), Turn("agent", "お待たせしました")]
    assert in_context("振込手数料は?", talk) is None
    assert in_context("窓口は?", [*talk, Turn("visitor", "振込手数料は?")]) == BETWEEN.join(["振込手数料は?", "窓口は?"])
