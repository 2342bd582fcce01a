"""Decisions: what is never overridden, when a person is offered, how a conversation heats up, and which faces are allowed."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.decision.decide import LADDER, Decision, Progress, advance, allowed_mood, decide, regrade
from assistant.decision.policy import REASONS, load_policy
from assistant.understanding.emotion import KINDS
from assistant.understanding.reading import Reading, Reason

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
POLICY = load_policy(KNOWLEDGE, KNOWLEDGE)
CALM = Reading("ja", 0.0, 0.05, "neutral", 0.9, "none", 0.95, None, False, False, False, ())
SMILES = {"happy", "warm", "speaking", "idle", "calm", "listening"}
GRAVE = ("bereavement", "crisis", "safety", "fraud_or_loss")


def complaint(need: float = 0.2, care: float = 0.9, intensity: float = 0.6, *codes: str) -> Reading:
    return replace(CALM, kind="complaint", kind_p=0.9, need=need, care=care, intensity=intensity, valence=-0.6,
                   reasons=tuple(Reason(code, "") for code in codes))


def test_routine_is_answered() -> None:
    decision = decide(CALM, Progress(), POLICY)
    assert (decision.route, decision.tone.name, decision.urgent) == ("answer", "neutral", None)


def test_a_wish_for_a_person_is_met_whatever_else_is_read() -> None:
    decision = decide(replace(CALM, wants_person=True), Progress(offers=3, wishes=2), POLICY)
    assert (decision.route, decision.reason_code) == ("hand_off", "customer_request")


@pytest.mark.parametrize("rule", ["rule.self_harm", "rule.danger", "rule.loss", "rule.scam", "rule.death"])
def test_a_rule_is_never_overridden(rule: str) -> None:
    reading = replace(CALM, kind="safety", kind_p=0.9, need=0.0, care=0.0, reasons=(Reason(rule, ""),))
    assert decide(reading, Progress(), POLICY).route == "hand_off"


def test_a_person_is_offered_once_and_again_only_when_it_gets_worse() -> None:
    first = decide(complaint(), Progress(), POLICY)
    assert first.route == "offer"
    after = advance(Progress(), complaint(), first, answered=True)
    assert decide(complaint(), after, POLICY).route == "answer"
    assert decide(complaint(intensity=0.8), after, POLICY).route == "offer"


def test_a_question_is_never_asked_twice_in_a_row() -> None:
    unclear = replace(CALM, unclear=0.9)
    first = decide(unclear, Progress(), POLICY)
    assert first.route == "clarify"
    assert decide(unclear, advance(Progress(), unclear, first, answered=True), POLICY).route != "clarify"


def test_two_misses_offer_and_three_bring_a_person() -> None:
    missed = replace(CALM, reasons=(Reason("sign.missed", ""), Reason("loop.missed", "")))
    progress, routes = Progress(), []
    for _ in range(3):
        decision = decide(missed, progress, POLICY)
        routes.append(decision.route)
        progress = advance(progress, missed, decision, answered=True)
    assert routes[1:] == ["offer", "hand_off"]


def test_two_signs_of_a_last_straw_bring_a_person() -> None:
    assert decide(complaint(0.2, 0.9, 0.6, "straw.again"), Progress(), POLICY).route == "offer"
    assert decide(complaint(0.2, 0.9, 0.6, "straw.again", "straw.promise"), Progress(), POLICY).route == "hand_off"


def test_the_same_words_weigh_more_in_a_burning_conversation() -> None:
    and_now = replace(CALM, reasons=(Reason("sign.chase", ""),))
    burning = Progress(offers=1, intensities=(0.6, 0.6), last_route="offer", kind="complaint", straws=("straw.promise",))
    assert decide(and_now, Progress(), POLICY).route == "answer"
    assert decide(and_now, burning, POLICY).route == "hand_off"


def test_a_mood_of_before_does_not_stick() -> None:
    burnt = Progress(offers=1, intensities=(0.7, 0.8), last_route="offer", kind="complaint", straws=("straw.again",))
    assert decide(CALM, burnt, POLICY).route == "answer"


def test_a_rising_trend_is_one_step_towards_a_person() -> None:
    rising = complaint(0.1, 0.45, 0.6)
    assert decide(rising, Progress(intensities=(0.1, 0.3)), POLICY).route == "offer"
    assert decide(rising, Progress(intensities=(0.6, 0.3)), POLICY).route == "answer"


def test_weak_evidence_moves_towards_a_person_only() -> None:
    answer = decide(CALM, Progress(), POLICY)
    assert regrade(answer, 0.9, Progress(), POLICY).route == "answer"
    assert regrade(answer, 0.35, Progress(), POLICY).route == "clarify"
    assert regrade(answer, 0.35, Progress(clarified=True), POLICY).route == "answer"
    assert regrade(answer, 0.1, Progress(misses=1), POLICY).route == "offer"
    assert regrade(answer, 0.1, Progress(misses=2), POLICY).route == "hand_off"


readings = st.builds(
    lambda kind, p, need, care, unclear, intensity, wish, codes, urgent: replace(
        CALM, kind=kind, kind_p=p, need=need, care=care, unclear=unclear, intensity=intensity, wants_person=wish,
        reasons=tuple(Reason(code, "") for code in codes), urgent=urgent),
    st.sampled_from(KINDS), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1),
    st.booleans(), st.lists(st.sampled_from(["straw.again", "straw.wait", "loop.missed", "rule.danger", "sign.chase"])),
    st.sampled_from([None, "freeze_card", "stop_transfer", "emergency", "crisis_line", "nonsense"]))
progresses = st.builds(
    Progress, st.integers(0, 5), st.integers(0, 3), st.integers(0, 3), st.lists(st.floats(0, 1), max_size=6).map(tuple),
    st.sampled_from([None, *LADDER]), st.booleans(), st.sampled_from(KINDS), st.just(("straw.wait",)), st.floats(0, 1))


@given(readings, progresses, st.floats(0, 1))
def test_regrading_never_leads_away_from_a_person(reading: Reading, progress: Progress, strength: float) -> None:
    before = decide(reading, progress, POLICY)
    after = regrade(before, strength, progress, POLICY)
    assert LADDER.index(after.route) >= LADDER.index(before.route)
    assert not (progress.clarified and after.route == "clarify")


@given(readings, progresses)
def test_what_is_decided_fits_the_policy(reading: Reading, progress: Progress) -> None:
    decision: Decision = decide(reading, progress, POLICY)
    assert decision.reason_code in REASONS
    assert decision.mood in decision.moods
    assert decision.severity in ("p1", "p2", "p3", "p4")
    assert decision.urgent is None or (decision.route == "hand_off" and decision.urgent in POLICY.urgent)
    if reading.wants_person or reading.codes("rule."):
        assert decision.route == "hand_off"
    if reading.kind in GRAVE and reading.kind_p >= POLICY.thresholds.kind:
        assert not set(decision.moods) & SMILES
        assert decision.tone.name in ("grave", "urgent", "concerned") or decision.route == "answer"


@given(st.sampled_from([*KINDS, "unheard-of"]), st.text())
def test_a_forbidden_mood_never_comes_out(kind: str, mood: str) -> None:
    assert allowed_mood(kind, mood, POLICY) in POLICY.kind(kind).moods


@pytest.mark.parametrize("kind", GRAVE)
@pytest.mark.parametrize("mood", sorted(SMILES))
def test_no_smile_in_grave_moments(kind: str, mood: str) -> None:
    assert allowed_mood(kind, mood, POLICY) not in SMILES


@given(progresses)
def test_progress_survives_being_stored(progress: Progress) -> None:
    assert Progress.from_json(progress.as_json()) == progress


def test_progress_can_be_read_from_nothing() -> None:
    assert Progress.from_json(None) == Progress.from_json({}) == Progress()
