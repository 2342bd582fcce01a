"""Every judge keeps the same promises: it never raises, spans hold, and no rule is overridden."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from assistant.engines.chat_judge import ChatJudge
from assistant.understanding.judge import HeadsJudge, Judge
from assistant.understanding.understand import Understanding
from tests.scripted_model import Script, scripted_model

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
READER = Understanding.load(KNOWLEDGE)
CALM = json.dumps({"kind": "none", "route": "answer", "intensity": 0.0, "valence": 0.0, "emotion": "neutral"})
HOT = json.dumps({"kind": "complaint", "route": "hand_off", "intensity": 0.9, "valence": -0.8, "emotion": "anger",
                  "quote": "ご立派"})
MODES = [("stream", CALM), ("stream", HOT), ("stream", "I would rather not say"), ("stream", '{"kind": "party"}'),
         ("error_500", ""), ("html", ""), ("cut", CALM)]


@asynccontextmanager
async def chat(mode: str, text: str) -> AsyncIterator[Judge]:
    async with scripted_model(Script(text=text, mode=mode)) as base:
        yield ChatJudge(READER, "openai:scripted", base_url=base, key="k")


@asynccontextmanager
async def heads() -> AsyncIterator[Judge]:
    yield HeadsJudge(READER)


JUDGES: list[Callable[[], object]] = [heads, *(lambda m=mode, t=text: chat(m, t) for mode, text in MODES)]


@pytest.mark.parametrize("make", JUDGES, ids=["heads", *(f"chat-{mode}-{i}" for i, (mode, _) in enumerate(MODES))])
async def test_the_promises_of_a_judge(make: Callable[[], object]) -> None:
    async with make() as judge:  # type: ignore[attr-defined]
        for text in ("カードを落としました", "死にたい", "I want to talk to a human", "", "\ud800", "何時までですか"):
            reading = await judge.read(text, None)
            for reason in reading.reasons:
                assert reason.span is None or text[reason.span[0]:reason.span[1]] == reason.text
        assert (await judge.read("カードを落としました", None)).codes("rule.") == ("rule.loss",)
        assert (await judge.read("カードを落としました", None)).kind == "fraud_or_loss"
        assert (await judge.read("死にたい", None)).need > 0.9
        assert (await judge.read("人と話したい", None)).wants_person


async def test_a_language_model_corrects_what_no_rule_has_settled() -> None:
    async with chat("stream", HOT) as judge:
        reading = await judge.read("いやはや、ご立派なことで。", None)
    assert (reading.kind, reading.emotion) == ("complaint", "anger")
    assert reading.need == pytest.approx(0.9)
    assert [reason.span for reason in reading.reasons if reason.code == "judge.chat"] == [(5, 8)]
