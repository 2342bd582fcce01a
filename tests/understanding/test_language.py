"""Japanese or English, also in Latin letters, mixed, or with no letters at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.understanding.folding import fold
from assistant.understanding.language import detect
from assistant.understanding.romaji import to_kana


@pytest.mark.parametrize(("text", "language"), [
    ("営業時間は?", "ja"), ("カード紛失", "ja"), ("ありがとう", "ja"), ("What time do you open?", "en"), ("agent", "en"),
    ("kaado wo nakushimashita", "ja"), ("chichi ga nakunarimashita", "ja"), ("shinitai", "ja"),
    ("netbankingのpassword resetはどこ?", "ja"), ("I need to go to Kyoto", "en"), ("banana", "en"), ("no", "en"),
    ("Is there a person here?", "en"), ("有人", "ja"), ("手続", "ja"),
])
def test_the_language_is_told(text: str, language: str) -> None:
    assert detect(text, "en") == language


@pytest.mark.parametrize("text", ["", "?", "😡😡", "12345", "..."])
def test_without_letters_the_fallback_decides(text: str) -> None:
    assert detect(text, "ja") == "ja"
    assert detect(text, "en") == "en"


def test_romaji_becomes_kana() -> None:
    assert to_kana("kippu wo nakushita, zannen") == "きっぷ を なくした, ざんねん"
    assert to_kana("street") == "street"


@given(st.text())
def test_folding_keeps_the_way_back(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True))


def test_folding_makes_spellings_one() -> None:
    assert fold("ｶｰﾄﾞ").text == fold("カード").text == fold("かーど").text == fold("かあど").text
    assert fold("ＬＯＳＴ").text == "lost"
