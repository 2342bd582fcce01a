"""What is masked before it is stored, and what must stay readable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.transcript.redaction import redact, redact_for_model

CARD = "**** **** **** 1111"


@pytest.mark.parametrize("written", [
    "4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111",
    "4111−1111−1111−1111",
    "４１１１　１１１１　１１１１　１１１１", "４１１１ー１１１１ー１１１１ー１１１１", "4111.1111.1111.1111",
    "4111 - 1111 - 1111 - 1111",
    "4111\u200b1111\u200b1111\u200b1111", "41111111 11111111",
])
def test_card_number_is_masked_however_it_is_written(written: str) -> None:
    found = redact(f"カード番号は{written}です。止めてください")
    assert found.text == f"カード番号は{CARD}です。止めてください"
    assert found.kinds == ("card",)


def test_american_express_and_neighbouring_numbers() -> None:
    assert redact("378282246310005").text == "**** **** **** 0005"
    assert redact("3782 822463 10005 12/28").text == "**** **** **** 0005 12/28"
    assert redact("11/21 4111 1111 1111 1111 3000円").text == f"11/21 {CARD} 3000円"


@pytest.mark.parametrize("text", [
    "4111 1111 1111 1112", "振込番号 1234567890123456", "2026-11-21 10:30 に 150,000円", "0120-000-119 に電話しました",
    "口座番号は1234567です", "03-1234-5678 と 090-1234-5678", "PINを忘れました",
    "パスワードは忘れました", "暗証番号を3回間違えた",
    "注文 1234 5678 9012 はどこですか",
])
def test_other_numbers_stay(text: str) -> None:
    assert redact(text).text == text


@pytest.mark.parametrize(("text", "masked"), [
    ("暗証番号は1234です", "暗証番号は****です"),
    ("暗証番号：１２３４", "暗証番号：****"),
    ("my PIN is 9876, help", "my PIN is ****, help"),
    ("CVV 123", "CVV ****"),
    ("認証コードは 123-456 です", "認証コードは **** です"),
    ("パスワードはAoba2026!です", "パスワードは****です"),
    ("password: hunter22", "password: ****"),
])
def test_secret_numbers_are_masked_where_they_are_named(text: str, masked: str) -> None:
    assert redact(text).text == masked
    assert redact(text).kinds == ("secret",)


def test_my_number_is_masked_by_its_check_digit() -> None:
    assert redact("マイナンバーは1234 5678 9018です").text == "マイナンバーは************です"
    assert redact("123456789018").kinds == ("my_number",)
    assert redact("123456789010").kinds == ()


def test_a_model_outside_sees_no_contact_data() -> None:
    text = "taro@example.jp、090-1234-5678、口座番号 1234567、代表は0120-000-100"
    assert redact(text).text == text
    found = redact_for_model(text)
    assert found.text == "***@***、***-****-****、口座番号 ****567、代表は0120-000-100"
    assert found.kinds == ("email", "account", "phone")


@given(st.text(max_size=300))
def test_any_text_is_taken_and_masking_twice_changes_nothing(text: str) -> None:
    once = redact(text).text
    assert redact(once).text == once


@pytest.mark.timeout(5)
def test_hostile_length_costs_no_time() -> None:
    redact("1 " * 2000)
    redact("暗証番号" * 1000)
    redact_for_model("a." * 1000 + "@" + "1-" * 1000)
