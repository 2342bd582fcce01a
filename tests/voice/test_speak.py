"""A reply becomes utterances while it is written: marks of writing are never said, and no word is lost."""

import pytest

from assistant.voice.plain import Names
from assistant.voice.speak import FIRST, LONGEST, MANNERS, Script, manner

JA = Names("画面のリンク", "画面のメールアドレス", "表は、画面をご覧ください。")
EN = Names("the link on the screen", "the e-mail address on the screen", "Please see the table on the screen.")

REPLY = """## 振込手数料
振込手数料は**1,980円**です。 [1]詳しくは https://www.aoba-bank.example/fees をご覧ください。 [2][3]

| 種類 | 金額 |
|---|---|
| 他行 | 330円 |

- 窓口は9:00〜15:00です [3]
1. [書類](https://www.aoba-bank.example/x)を用意します。
2. 「開設」を押す。
---
お問い合わせは info@aoba-bank.example へ。
"""


def said(text: str, language: str = "ja") -> list[str]:
    return [one.said for one in Script(language, JA if language == "ja" else EN).more(text, True)]


def test_markdown_sources_tables_and_addresses_are_not_read_out() -> None:
    assert said(REPLY) == [
        "振込手数料", "振込手数料はセンキュウヒャクハチジュウエンです。", "詳しくは画面のリンクをご覧ください。",
        "表は、画面をご覧ください。", "マドグチはクジカラジュウゴジです", "イチ、書類を用意します。", "ニ、「開設」を押す。",
        "お問い合わせは画面のメールアドレスへ。",
    ]


def test_english_marks_are_not_read_out_either() -> None:
    text = "The fee is **¥1,980** [1]. See https://www.aoba-bank.example/fees.\n1. Bring your card.\n2. Sign in 2026."
    assert said(text, "en") == [
        "The fee is one thousand nine hundred eighty yen.", "See the link on the screen.", "one, Bring your card.",
        "two, Sign in twenty twenty-six.",
    ]


@pytest.mark.parametrize("text", [REPLY, REPLY.replace("\n", " "), "手数料は3.5％です。次は「はい。」と言う。", "a.b. C. D"])
def test_it_makes_no_difference_in_which_pieces_a_text_arrives(text: str) -> None:
    script, found = Script("ja", JA), []
    for n in range(1, len(text) + 1):
        found += script.more(text[:n], n == len(text))
    assert found == Script("ja", JA).more(text, True)


def test_a_sentence_is_given_as_soon_as_the_next_begins() -> None:
    script = Script("ja", JA)
    assert script.more("手数料は無料です。", False) == []
    assert [one.said for one in script.more("手数料は無料です。次", False)] == ["手数料は無料です。"]


def test_places_in_the_written_text_never_go_back_and_end_at_its_end() -> None:
    ends = [one.end for one in Script("ja", JA).more(REPLY, True)]
    assert ends == sorted(ends) and ends[-1] <= len(REPLY)


def test_long_sentences_are_cut_at_their_joints() -> None:
    text = "、".join(["本人確認書類とお届け印をご用意ください"] * 12) + "。"
    found = Script("ja", JA).more(text, True)
    assert len(found[0].shown) <= FIRST and all(len(one.shown) <= LONGEST for one in found)
    assert "".join(one.shown for one in found) == text


def test_nothing_to_say_says_nothing() -> None:
    assert said("[1]\n\n---\n***\n") == []


def test_grief_is_slower_with_longer_rests_and_danger_is_clear() -> None:
    assert manner("grave", False).speed < manner("concerned", False).speed < 1
    assert manner("grave", False).pause > manner("warm", False).pause
    assert manner("warm", True) == MANNERS["urgent"]
    assert manner("happy", False) == MANNERS["warm"] and manner(None, False) == MANNERS["neutral"]
