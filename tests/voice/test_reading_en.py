"""What is written in an English reply and how it is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.voice.reading_en import read_en

ROWS = [row.split(" | ") for row in """
Please call 0120-000-119 (24 hours). | Please call zero one two zero, zero zero zero, one one nine, twenty-four hours.
From abroad: +81-3-0000-0119 | From abroad: plus eight one, three, zero zero zero zero, zero one one nine
The fee is ¥1,980. | The fee is one thousand nine hundred eighty yen.
1,000,000 yen | one million yen
¥320 million | three hundred twenty million yen
$3.50 | three dollars fifty
2026-11-21 | November twenty-first, twenty twenty-six
21 November 2026 | November twenty-first, twenty twenty-six
Nov 21, 2026 | November twenty-first, twenty twenty-six
by 1 April | by April first
in 2026 | in twenty twenty-six
9:00–15:00 on weekdays | nine a m to three p m on weekdays
9:05 a.m. | nine oh five a m
open until 7 pm | open until seven p m
0.25% | zero point two five percent
3–5 business days | three to five business days
the 22nd and the 3rd | the twenty-second and the third
No. 5 | number five
24/7 | twenty-four seven
#9110 | hash nine one one zero
ATMs and NISA via Wi-Fi | A T M's and neesa via why-fye
iDeCo & NISA | ee-deh-koh and neesa
e.g. your PIN | for example, your pin
AI and ID | A I and I D
Dr. Sato | doctor Sato
""".strip().splitlines()]


@pytest.mark.parametrize(("written", "said"), ROWS, ids=[row[0] for row in ROWS])
def test_an_english_text_is_said(written: str, said: str) -> None:
    assert read_en(written) == said


@given(st.text(max_size=80))
def test_any_text_is_read_without_an_error_and_without_digits(text: str) -> None:
    assert not any("0" <= c <= "9" for c in read_en(text))
