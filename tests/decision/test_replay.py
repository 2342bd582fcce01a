"""``assess`` and ``policy try``: one reading a line, and what another policy would have done."""

import json
from pathlib import Path

import pytest

from assistant.decision.policy import load_policy
from assistant.decision.replay import assess_lines, replay
from assistant.engines.e5_small import E5Small
from assistant.errors import BadJson
from assistant.understanding.understand import Understanding

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
READER = Understanding.load(KNOWLEDGE)
POLICY = load_policy(KNOWLEDGE, KNOWLEDGE)


async def test_every_line_gets_its_reading() -> None:
    lines = ['{"id": 7, "text": "カードを落としました"}', "", '{"id": "b", "text": "What are your hours?", "history": []}']
    readings = [one async for one in assess_lines(lines, READER, POLICY, E5Small())]
    assert [one["id"] for one in readings] == [7, "b"]
    first, second = readings
    assert (first["route"], first["urgent"], first["moment"]["kind"]) == ("hand_off", "freeze_card", "fraud_or_loss")
    assert second["route"] == "answer"
    assert set(first) >= {"language", "valence", "intensity", "emotion", "moment", "stage", "wants_person", "abuse",
                          "vulnerable", "route", "urgent", "reasons"}
    spans = [reason["span"] for reason in first["reasons"] if reason["span"]]
    assert spans
    json.dumps(readings)


async def test_history_counts() -> None:
    asked = {"from": "visitor", "text": "給食費の引き落とし口座の変更はいつ反映されますか"}
    line = json.dumps({"id": 1, "text": "給食費の引き落とし口座の変更は、いつ反映されますか?", "history": [
        asked, {"from": "assistant", "text": "方法はこちらです。"}, asked, {"from": "assistant", "text": "こちらです。"}]})
    reading = await anext(assess_lines([line], READER, POLICY))
    assert reading["route"] == "hand_off"


@pytest.mark.parametrize(("before", "route"), [
    (("You promised delivery on Monday and it did not come", "It's Wednesday and again nothing, you said tomorrow"),
     "hand_off"),
    (("How do I track my parcel?",), "answer"),
])
async def test_the_same_words_are_judged_by_what_burns_around_them(before: tuple[str, ...], route: str) -> None:
    history = [turn for text in before for turn in ({"from": "visitor", "text": text}, {"from": "assistant", "text": "…"})]
    line = json.dumps({"id": 1, "text": "so where is it now", "history": history})
    found = [one async for one in assess_lines([line], READER, POLICY, E5Small())]
    assert found[0]["route"] == route


@pytest.mark.parametrize(("before", "text"), [
    ("The statement you posted has a typo'd address and came two weeks late.",
     "No need for a colleague, just tell me how to get a copy."),
    ("コールセンターで20分待って切れたんだけど。なんなの", "担当者は不要です、引っ越しの手続きだけ教えて"),
])
async def test_who_refuses_the_offered_person_gets_none(before: str, text: str) -> None:
    line = json.dumps({"id": 1, "text": text, "history": [
        {"from": "visitor", "text": before}, {"from": "assistant", "text": "担当者におつなぎしましょうか / Shall I call a colleague?"}]})
    found = [one async for one in assess_lines([line], READER, POLICY, E5Small())]
    assert found[0]["route"] != "hand_off"


@pytest.mark.parametrize("line", ["{", "[]", '{"id":1,"history":[{"from":"ghost","text":"x"}]}', "null"])
async def test_a_broken_line_is_named(line: str) -> None:
    with pytest.raises(BadJson, match="line 2"):
        _ = [one async for one in assess_lines(['{"id":1,"text":"hi"}', line], READER, POLICY)]


async def test_another_policy_is_compared() -> None:
    lines = [json.dumps({"id": "a", "turns": [
        {"from": "visitor", "text": "三日前の返事がまだ来ません"}, {"from": "assistant", "text": "申し訳ございません。"},
        {"from": "visitor", "text": "人と話したいです"}]})]
    eager = POLICY.model_copy(update={"thresholds": POLICY.thresholds.model_copy(
        update={"hand_off_enter": 0.01, "hand_off_stay": 0.01})})
    same = await replay(lines, READER, POLICY, POLICY)
    changed = await replay(lines, READER, POLICY, eager)
    assert same.counts()["same"] == 1
    assert changed.as_json()["changed"] == [{"id": "a", "what": "earlier", "was": 2, "now": 0}]
    assert "a: earlier (turn 2 -> 0)" in changed.text()
