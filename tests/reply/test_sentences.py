"""Cutting Markdown into quotable units."""

from hypothesis import given
from hypothesis import strategies as st

from assistant.reply.sentences import split_sentences, terms, units

PAGE = """## 手数料

再発行手数料は1,100円です。お届けまで約1週間かかります。

1. 電話で利用を止めます
2. 店舗で申し込みます

| 種類 | 手数料 |
|---|---|
| 普通 | 1,100円 |
"""


def test_a_procedure_and_a_table_stay_whole() -> None:
    found = units(PAGE)
    assert [unit.kind for unit in found] == ["sentence", "sentence", "list", "table"]
    assert found[2].text.count("\n") == 1
    assert found[3].text.startswith("| 種類")


def test_english_sentences_are_not_cut_at_numbers_or_decimals() -> None:
    assert split_sentences("The rate is 0.25% a year. It may change. See No. 3 below.") == [
        "The rate is 0.25% a year.", "It may change.", "See No. 3 below."]


def test_a_quoted_japanese_sentence_stays_together() -> None:
    assert split_sentences("「止めてください。」とお伝えください。次に進みます。") == [
        "「止めてください。」とお伝えください。", "次に進みます。"]


def test_terms_are_what_a_text_is_about() -> None:
    assert "手数" in terms("手数料はいくらですか") and "です" not in terms("手数料はいくらですか")
    assert terms("What is the fee?") == {"fee"}


@given(st.text(max_size=300))
def test_no_visible_character_of_prose_is_lost(text: str) -> None:
    joined = "".join("".join(split_sentences(text)).split())
    assert joined == "".join(text.split())
