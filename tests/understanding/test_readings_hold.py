"""A reading never raises, and every span is a piece of its message, whatever the message is."""

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.decision.decide import Progress, advance, decide
from assistant.decision.policy import load_policy
from assistant.ports import Turn
from assistant.understanding.emotion import WIDTH
from assistant.understanding.understand import Understanding

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
READER = Understanding.load(KNOWLEDGE)
POLICY = load_policy(KNOWLEDGE, KNOWLEDGE)
HEARD = 384 + WIDTH

HOSTILE = [
    "", " ", "\0", "\ud800", "\udfff\ud800死にたい", "ｶﾞｽ臭い", "カ\u3099ス", "İİİ lost my card İ", "ﷺ" * 50, "👨‍👩‍👧‍👦" * 40,
    "\u202eCARD\u202c カード\u200bを\u200b落とした", "a" * 20000, "カードを落とした" * 3000, "!" * 5000, "か゛す",
    "<script>alert(1)</script>死にたい", "'; DROP TABLE visitors;--", "{{7*7}} ${jndi:ldap://x}", "𝓁𝑜𝓈𝓉 𝓂𝓎 𝒸𝒶𝓇𝒹",
    "ＬＯＳＴ　ＭＹ　ＣＡＲＤ", "カアドヲナクシマシタ", "½ﬁ①㍿", "\n\n\n", "。。。？！", "~ | = * ( [ \\ ^ $",
    "𠮷野家で財布を落とした", "Z̴̖̀a̷͚̓l̶̜͝ǵ̵̱o̶͎͝ card stolen",
]
ALPHABET = st.one_of(
    st.text(), st.text(alphabet=st.sampled_from("カード落とし死たい人話ｶﾞﾞﾟ゙ lostcardhuman.!?。ー〜İß\u200b\ud83d\ud800")),
    st.lists(st.sampled_from(["カードを", "落とした", "死にたい", "人と", "話したい", "lost", " my ", "card", "?", "。", "ﬁ", "İ",
                              "\u0301", "if ", "手数料", "kaado wo ", "nakushimashita"])).map("".join))


def holds(text: str, heard: np.ndarray | None) -> None:
    reading = READER.understand(text, heard)
    for reason in reading.reasons:
        if reason.span is not None:
            start, end = reason.span
            assert 0 <= start < end <= len(text)
            assert text[start:end] == reason.text
    assert 0.0 <= reading.intensity <= 1.0
    assert -1.0 <= reading.valence <= 1.0
    assert 0.0 <= reading.kind_p <= 1.0
    assert reading.language in ("ja", "en")
    decision = decide(reading, Progress(), POLICY)
    assert decision.mood in POLICY.kind(reading.kind).moods or decision.mood in POLICY.kind("none").moods
    assert Progress.from_json(advance(Progress(), reading, decision, True).as_json()) == advance(
        Progress(), reading, decision, True)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_messages_are_read(text: str) -> None:
    holds(text, None)


@settings(max_examples=300, deadline=None)
@given(ALPHABET)
def test_every_span_is_a_piece_of_its_message(text: str) -> None:
    holds(text, None)


@pytest.mark.parametrize("heard", [
    np.zeros(HEARD, np.float32), np.full(HEARD, np.nan, np.float32), np.full(HEARD, np.inf, np.float32),
    np.zeros(3, np.float32), np.zeros(384, np.float32), np.zeros((HEARD, 2), np.float32), np.full(HEARD, 1e30, np.float32),
])
def test_a_strange_row_does_no_harm(heard: np.ndarray) -> None:
    holds("カードを落としました", heard)
    holds("What time do you open?", heard)


@given(st.lists(st.tuples(st.sampled_from(["visitor", "assistant", "agent"]), st.text()), max_size=5), st.text())
@settings(max_examples=60, deadline=None)
def test_any_history_is_borne(history: list[tuple[str, str]], text: str) -> None:
    turns = [Turn(speaker, words) for speaker, words in history]  # type: ignore[arg-type]
    READER.understand(text, None, turns)


def test_a_message_is_read_in_a_few_milliseconds() -> None:
    heard = np.random.default_rng(1).normal(size=HEARD).astype(np.float32)
    heard /= np.linalg.norm(heard)
    texts = ["先日お願いした住所変更がまだ反映されていないようなのですが、いつ頃になりますでしょうか。",
             "I ordered a new card last week and it still has not arrived, what should I do now?"] * 20
    READER.understand(texts[0], heard)
    best = min(_once(texts, heard) for _ in range(5))
    assert best < 0.006, f"{best * 1000:.1f} ms a message"


def _once(texts: list[str], heard: np.ndarray) -> float:
    start = time.thread_time()  # of this thread alone: other work on the machine does not count
    for text in texts:
        READER.understand(text, heard)
    return (time.thread_time() - start) / len(texts)
