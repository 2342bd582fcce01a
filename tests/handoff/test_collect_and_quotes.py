"""What counts as an answer, a wish, an attempt, a promise: in doubt an answer is none and goes on to the assistant."""

import pytest

from assistant.handoff import collect
from assistant.handoff.contact import wished_window
from assistant.handoff.duty import Duty
from assistant.handoff.edits import edit_distance
from assistant.handoff.quotes import promises
from tests.handoff.house import SUNDAY_3, TUESDAY_10, policy


@pytest.mark.parametrize(("key", "text", "value"), [
    ("name", "田中花子です", "田中花子"), ("name", "山本と申します。", "山本"), ("name", "I'm John Smith", "John Smith"),
    ("name", "Hanako", "Hanako"), ("name", "言いたくない", ""), ("name", "カードが止まらない", None),
    ("name", "早くしてください", None), ("name", "手数料はいくらですか", None), ("name", "まだですか？", None),
    ("name", "My card is still being used by someone", None), ("name", "help", None),
    ("reference", "AB-12345です", "AB-12345です"), ("reference", "ありません", ""), ("reference", "急いでいます", None),
    ("tried", "アプリを入れ直しました", "アプリを入れ直しました"), ("tried", "no", ""), ("tried", "腹が立つ", None),
    ("tried", "I called twice", "I called twice"), ("tried", "どうなっていますか", None)])
def test_an_answer_is_taken_only_when_it_is_one(key: str, text: str, value: str | None) -> None:
    assert collect.answer(key, text) == value


@pytest.mark.parametrize(("text", "settled"), [
    ("解決しました", True), ("もう大丈夫です", True), ("that fixed it", True), ("解決していません", False),
    ("解決しましたか？", False), ("not solved", False), ("全然解決じゃない", False), ("カードが届きません", False)])
def test_settled_is_what_somebody_says_is_settled(text: str, settled: bool) -> None:
    assert collect.settled(text) is settled


@pytest.mark.parametrize("text", [
    "担当者におつなぎします。", "お答えします。", "ここまでの内容は担当者に伝わります。", "I'm bringing in a person.",
    "メールアドレスを確認してください。", "再発行しますか。", "I'll pass that on."])
def test_what_the_server_does_itself_is_no_promise(text: str) -> None:
    assert list(promises(text)) == []


def test_the_next_opening_skips_sunday_and_the_holiday() -> None:
    rules = policy()
    duty = Duty(rules.duty, rules.contact)
    assert duty.open(TUESDAY_10)
    assert not duty.open(SUNDAY_3)
    opens = duty.opens(SUNDAY_3)
    assert opens is not None
    assert duty.say(opens, "ja") == "11月24日(火) 9:00"  # Monday the 23rd is a holiday
    assert duty.say(opens, "en") == "Tue 24 Nov, 9:00"
    assert duty.after(SUNDAY_3, 60) == opens + 60
    evening = opens + 8 * 3600 + 3000  # 17:50
    assert duty.after(evening, 1200) == evening + 600 + 15 * 3600 + 600  # ten minutes today, ten tomorrow


def test_a_wish_for_a_window_gives_one_that_is_offered() -> None:
    offered = ["11月24日(火) 9:00〜12:00", "11月24日(火) 13:00〜17:00"]
    assert wished_window("午後（13〜15時）", offered) == offered[1]
    assert wished_window(offered[1], offered) == offered[1]
    assert wished_window("いつでも", offered) == offered[0]
    assert wished_window(None, offered) == offered[0]


def test_edit_distance_counts_changed_characters() -> None:
    assert edit_distance("停止しました", "停止いたしました") == 2
    assert edit_distance("", "abc") == 3
    assert edit_distance("same", "same") == 0
