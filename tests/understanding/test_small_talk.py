"""Small talk is answered in a sentence or two, within bounds, and no joke is made in a charged moment."""

import pytest

from assistant.decision.decide import Progress, decide
from assistant.phrases import load_phrases
from assistant.settings import packaged
from assistant.understanding.intent import CHAT
from tests.understanding.test_hard_cases import POLICY, read


@pytest.mark.parametrize(("text", "intent"), [
    ("いい天気ですね", "weather"), ("今日は暑いですね。", "weather"), ("what's the weather like?", "weather"),
    ("名前の由来は？", "name"), ("Why are you called Mio?", "name"), ("趣味は何ですか？", "hobby"), ("お元気ですか", "hobby"),
    ("How are you?", "hobby"), ("冗談を言って", "joke"), ("Tell me a joke", "joke"),
    ("冗談じゃない、金を返せ", None), ("雨で通帳が濡れました", None), ("名前を変えたい", None), ("I need to change my name", None),
])
def test_chat_is_recognised_and_business_is_not_taken_for_it(text: str, intent: str | None) -> None:
    assert read(text).intent == intent


@pytest.mark.parametrize("text", ["冗談を言って", "Tell me a joke"])
@pytest.mark.parametrize("kind", ["bereavement", "money_at_stake", "complaint", "crisis"])
def test_a_joke_asked_for_in_a_charged_moment_meets_a_tone_without_humour(text: str, kind: str) -> None:
    decision = decide(read(text), Progress(kind=kind, offers=1), POLICY)
    assert not decision.tone.humour and decision.mood not in ("happy",)


@pytest.mark.parametrize("text", ["冗談を言って", "Tell me a joke"])
def test_a_joke_asked_for_on_an_ordinary_day_is_answered(text: str) -> None:
    decision = decide(read(text), Progress(), POLICY)
    assert decision.route == "answer" and decision.tone.humour


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_kind_of_chat_has_its_words_and_a_calm_form_where_it_jokes(language: str) -> None:
    phrases = load_phrases(packaged("knowledge"), packaged("knowledge") / "phrases")
    for intent in CHAT:
        assert phrases.has(f"talk.{intent}")
    assert phrases.say("talk.joke_calm", language) != phrases.say("talk.joke", language)
