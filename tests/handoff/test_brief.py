"""A brief answers an agent's ten questions without the transcript, holds no card number, and invents nothing."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.conversation import Conversation, Driver
from assistant.handoff.brief import Brief, signature, signed
from assistant.handoff.briefing import Source, build
from assistant.handoff.quotes import attempts, hard_facts, promises, sentences, wishes
from tests.handoff.house import policy
from tests.handoff.scripts import SCRIPTS, START, Script, facts_of, words
from tests.server.harness import phrases


def packet(script: Script) -> Brief:
    row = Conversation(f"c_{script.name}", "v_1", script.language, Driver.QUEUED, 1, 99, "e_1", START)
    state = {"collected": {"name": "田中" if script.language == "ja" else "Tanaka"}}
    return build(Source(row, facts_of(script), state, None, (2, (60, 180)), START.timestamp()), policy(), phrases(),
                 script.language)


def answers(brief: dict[str, Any]) -> dict[str, Any]:
    """The ten questions, answered from the packet alone."""
    summary = brief["summary"]
    return {
        "who is it?": brief["customer"]["name"] or brief["customer"]["ref"],
        "why me, why now?": (brief["reason"]["code"], brief["reason"]["by"]),
        "what is it about?": summary["issue"]["quote"],
        "what do they want?": summary["goal"]["quote"],
        "what did they already try?": words(summary["tried"]),
        "what was promised, by whom?": words(brief["promises"]),
        "what was answered, from which page?": [page["page"] for page in brief["knowledge"]],
        "what is still open?": words(summary["unresolved"]),
        "how do they feel, how do I speak?": (brief["moment"]["intensity"], summary["tone_advice"]),
        "which urgent step do they know?": [step["code"] for step in brief["urgent_steps_given"]],
    }


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_ten_questions_are_answered_without_the_transcript(script: Script) -> None:
    whole = packet(script).as_json()
    assert Brief.model_validate(whole).as_json() == whole
    told = answers({**whole, "transcript": None})
    assert told["who is it?"] in ("田中", "Tanaka")
    assert told["why me, why now?"] == (script.reason, "policy")
    assert told["what is it about?"] in script.lines[0][1] or told["what is it about?"]
    assert script.goal in told["what do they want?"]
    assert (script.tried in told["what did they already try?"]) and bool(script.tried) == bool(
        told["what did they already try?"])
    assert (script.promised in told["what was promised, by whom?"]) and bool(script.promised) == bool(
        told["what was promised, by whom?"])
    assert bool(told["what was answered, from which page?"]) == any("[1]" in text for _, text in script.lines)
    assert script.gap in told["what is still open?"]
    assert told["how do they feel, how do I speak?"][0] == 0.7
    assert told["how do they feel, how do I speak?"][1]
    assert told["which urgent step do they know?"] == ([script.urgent] if script.urgent else [])


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_no_card_number_leaves_the_house_and_every_quote_was_said(script: Script) -> None:
    whole = packet(script).as_json()
    text = json.dumps(whole, ensure_ascii=False)
    assert "4242 4242 4242 4242" not in text
    assert "4111-1111-1111-1111" not in text
    said = " ".join(line for _, line in script.lines)
    quotes = [*whole["promises"], *whole["gaps"], *whole["summary"]["tried"], *whole["summary"]["facts"]]
    for quote in quotes:
        assert "****" in quote["quote"] or quote["quote"] in said.replace("[1]", ""), quote
    if any(number in said for number in ("4242", "4111")):
        assert [one["kind"] for one in whole["redactions"]] == ["card"]


def test_a_signature_fails_after_any_change() -> None:
    brief = signed(packet(SCRIPTS[0]), "secret")
    whole = brief.as_json()
    assert whole["signature"] == signature(whole, "secret")
    assert whole["signature"] != signature({**whole, "severity": "p4"}, "secret")
    assert whole["signature"] != signature(whole, "other")


def test_an_empty_conversation_has_a_brief_too() -> None:
    row = Conversation("c_1", "v_1", "en", Driver.ASSISTANT, 0, 1, "e_1", datetime.now(UTC))
    whole = build(Source(row, [], {}, None, None, 1.8e9), policy(), phrases(), "en")
    assert whole.summary.issue is None


@given(st.text(max_size=300))
def test_quoted_sentences_are_parts_of_any_text(text: str) -> None:
    for choose in (sentences, wishes, attempts, promises, hard_facts):
        for sentence in choose(text):
            assert sentence.strip()
