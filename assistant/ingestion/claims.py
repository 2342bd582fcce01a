"""Finds the figures that pages state, so that two pages compare: money, percentages, dates, telephone numbers."""

import math
import re
import unicodedata
from collections.abc import Iterator

_UNITS = {"億": 100_000_000, "万": 10_000, "千": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_MONEY = re.compile(r"(?:¥|\bjpy\s?)\s*([\d,]+(?:\.\d+)?)(?:\s*(million|billion))?"
                    r"|((?:[\d,]+(?:\.\d+)?[億万千]*)+)円|([\d,]+(?:\.\d+)?)(?:\s*(million|billion))?\s*yen\b")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*(?:%|パーセント|percent\b|per cent\b)")
_PHONE = re.compile(r"(?<![\d-])\+?\d{1,4}-\d{1,4}-\d{3,4}(?![\d-])")
_DATE_JA = re.compile(r"(?<!\d)(\d{4})年(\d{1,2})月(\d{1,2})日(?:\([^)]*\))?(?![\d(]*\s*[~〜-])")
_MONTHS = {name: n for n, name in enumerate(
    "january february march april may june july august september october november december".split(), 1)}
_MONTH = "|".join(_MONTHS)
_DATE_EN = re.compile(rf"(?<![-–] )(?<![-–])(?<!to )\b(\d{{1,2}})\s+({_MONTH})\s+(\d{{4}})\b"
                      rf"|\b({_MONTH})\s+(\d{{1,2}}),?\s+(\d{{4}})\b")
_PART = re.compile(r"([\d,]+(?:\.\d+)?)([億万千]*)")


def figures(text: str) -> frozenset[str]:
    """Give every figure in a form that both languages share: ``yen 500000``, ``percent 14.5``, ``date 2026-12-10``."""
    text = unicodedata.normalize("NFKC", text).lower().replace("−", "-")
    percents = (f"percent {float(found[1]):g}" for found in _PERCENT.finditer(text))
    telephones = (f"telephone {found[0]}" for found in _PHONE.finditer(text))
    return frozenset((*_money(text), *_dates(text), *percents, *telephones))


def masked(sentence: str) -> str:
    """Give a sentence with every number as ``0``: two sentences alike but for their numbers look the same."""
    text = unicodedata.normalize("NFKC", sentence).lower()
    return re.sub(r"\d[\d,.:/-]*", "0", "".join(text.split()))


def numbers(sentence: str) -> tuple[str, ...]:
    """Give a sentence's numbers in order."""
    text = unicodedata.normalize("NFKC", sentence)
    return tuple(found.rstrip(".,:/-") for found in re.findall(r"\d[\d,.:/-]*", text))


def _money(text: str) -> Iterator[str]:
    for found in _MONEY.finditer(text):
        amount = 0.0
        if found[3]:
            for number, units in _PART.findall(found[3]):
                amount += _value(number) * math.prod(_UNITS[unit] for unit in units)
        else:
            amount = _value(found[1] or found[4]) * _UNITS.get(found[2] or found[5] or "", 1)
        if amount:
            yield f"yen {amount:.0f}"


def _dates(text: str) -> Iterator[str]:
    for year, month, day in _DATE_JA.findall(text):
        yield f"date {int(year):04}-{int(month):02}-{int(day):02}"
    for found in _DATE_EN.finditer(text):
        day, month, year = (found[1], found[2], found[3]) if found[1] else (found[5], found[4], found[6])
        yield f"date {int(year):04}-{_MONTHS[month]:02}-{int(day):02}"


def _value(number: str) -> float:
    try:
        return float(number.replace(",", ""))
    except ValueError:
        return 0.0
