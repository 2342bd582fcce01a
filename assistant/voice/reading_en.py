"""Turns what is written in English into what is said: sums, dates, times, telephone numbers and abbreviations.

Plain words stay as they are: the voice's dictionary reads them.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping

_ONES = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
         "seventeen eighteen nineteen").split()
_TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()
_BIG = ("", "thousand", "million", "billion", "trillion")
_ORDINAL = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
            "twelve": "twelfth"}
_MONTHS = ("January February March April May June July August September October November December").split()
_MONTH = "|".join(f"{name}|{name[:3]}\\.?" for name in _MONTHS)
_MONEY = {"¥": "yen", "$": "dollars", "€": "euros", "£": "pounds"}

WORDS: Mapping[str, str] = {
    "e.g.": "for example,", "i.e.": "that is,", "etc.": "and so on", "approx.": "approximately", "vs.": "versus",
    "NISA": "neesa", "iDeCo": "ee-deh-koh", "JPY": "yen", "USD": "U S dollars", "Wi-Fi": "why-fye", "Q&A": "Q and A",
    "PIN": "pin", "SWIFT": "swift", "SIM": "sim", "eSIM": "e-sim", "Mr.": "mister", "Mrs.": "missis", "Dr.": "doctor",
    "Mio": "mee-oh", "Aoba": "ah-oh-bah", "OK": "okay", "Pay-easy": "pay easy",
}
"""As written → as said."""
_SPELLED = re.compile(r"\b[A-Z]{2,5}s?\b")
_WORDS = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in sorted(WORDS, key=len, reverse=True)))
_N = r"\d+(?:,\d{3})*(?:\.\d+)?"
Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def read_en(text: str) -> str:
    """Give the spoken form of one sentence; never fails and leaves no digit."""
    text = unicodedata.normalize("NFKC", text).replace("’", "'")
    text = "".join(c for c in text if unicodedata.category(c) not in ("So", "Cs", "Co", "Cn", "Cf", "Cc"))
    text = _WORDS.sub(lambda m: WORDS[m[0]], text)
    for pattern, say in _RULES:
        text = pattern.sub(say, text)
    text = re.sub(r"\s*[›»→|/]\s*", ", ", text)
    text = re.sub(r"[*_`\\^~<>{}\[\]#※«‹]+", " ", text)
    text = re.sub(r"\s*[()]\s*", ", ", text)
    text = re.sub(r"\s+([,.!?;:])", r"\1", re.sub(r"\s+", " ", text))
    return re.sub(r"[,;]\s*(?=[,.!?])", "", text).strip(" ,")


def cardinal(number: int) -> str:
    """Say a whole number below 10^15."""
    if number == 0:
        return "zero"
    said: list[str] = []
    for unit in _BIG:
        number, group = divmod(number, 1000)
        if group:
            said.insert(0, f"{_below_thousand(group)} {unit}".strip())
    return " ".join(said)


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    words = [f"{_ONES[hundreds]} hundred"] if hundreds else []
    if rest >= 20:
        words.append(_TENS[rest // 10] + (f"-{_ONES[rest % 10]}" if rest % 10 else ""))
    elif rest:
        words.append(_ONES[rest])
    return " ".join(words)


def ordinal(number: int) -> str:
    """Say a place in a row: 21 → twenty-first."""
    head, joint, last = re.match(r"(.*?)([- ]?)([a-z]+)$", cardinal(number)).groups()  # type: ignore[union-attr]
    last = _ORDINAL.get(last) or (last[:-1] + "ieth" if last.endswith("y") else last + "th")
    return f"{head}{joint}{last}"


def number(written: str) -> str:
    """Say a number with commas and a decimal point."""
    whole, _, fraction = written.replace(",", "").partition(".")
    said = cardinal(int(whole)) if len(whole) <= 15 else digits(whole)
    return f"{said} point {digits(fraction)}" if fraction else said


def digits(text: str) -> str:
    """Say each digit by itself."""
    return " ".join(_ONES[int(c)] for c in text if c.isdecimal())


def year(value: int) -> str:
    """Say a year: 2026 → twenty twenty-six."""
    high, low = divmod(value, 100)
    if not 1100 <= value <= 2099 or 2000 <= value <= 2009:
        return cardinal(value)
    return f"{cardinal(high)} {'hundred' if low == 0 else f'oh {_ONES[low]}' if low < 10 else cardinal(low)}"


def _phone(match: re.Match[str]) -> str:
    plus = "plus " if match[0].startswith("+") else ""
    return plus + ", ".join(digits(group) for group in re.findall(r"\d+", match[0]))


def _iso(match: re.Match[str]) -> str:
    months, date = int(match[2]), int(match[3])
    if not (1 <= months <= 12 and 1 <= date <= 31):
        return ", ".join(cardinal(int(part)) for part in match.groups())
    return f"{_MONTHS[months - 1]} {ordinal(date)}, {year(int(match[1]))}"


def _month(name: str) -> str:
    return next(full for full in _MONTHS if full.startswith(name[:3]))


def _clock(match: re.Match[str]) -> str:
    hours, minutes = int(match[1]), int(match[2])
    half = (match[3] or "").replace(".", "").replace(" ", "").lower() or ("a m" if hours < 12 else "p m")
    half = {"am": "a m", "pm": "p m"}.get(half, half)
    past = f" {'oh ' if minutes < 10 else ''}{cardinal(minutes)}" if minutes else ""
    return f"{cardinal(hours % 12 or 12)}{past} {half}"


def _sum(match: re.Match[str]) -> str:
    big = f" {match[3]}" if match[3] else ""
    if match[1] == "$" and "." in match[2] and not big:
        whole, cents = match[2].split(".")
        return f"{number(whole)} dollars {cardinal(int(cents))}"
    return f"{number(match[2])}{big} {_MONEY[match[1]]}"


def _short(text: str) -> str:
    plural = text.endswith("s")
    return " ".join(text.removesuffix("s")) + ("'s" if plural else "")


_RULES: tuple[Rule, ...] = (
    (re.compile(r"\+\d{1,3}(?:[- ]\(?\d+\)?)+|\(?\b0\d{1,4}\)?[- ]\d{1,4}-\d{3,4}\b|\b0\d{9,10}\b"), _phone),
    (re.compile(r"\b24/7\b"), lambda m: "twenty-four seven"),
    (re.compile(r"\b(\d{4})[-/](\d{1,2})[-/](\d{1,2})\b"), _iso),
    (re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)? ({_MONTH}),? (\d{{4}})\b"),
     lambda m: f"{_month(m[2])} {ordinal(int(m[1]))}, {year(int(m[3]))}"),
    (re.compile(rf"\b({_MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})\b"),
     lambda m: f"{_month(m[1])} {ordinal(int(m[2]))}, {year(int(m[3]))}"),
    (re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)? ({_MONTH})\b"), lambda m: f"{_month(m[2])} {ordinal(int(m[1]))}"),
    (re.compile(rf"\b({_MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?\b(?!\d|,\d)"),
     lambda m: f"{_month(m[1])} {ordinal(int(m[2]))}"),
    (re.compile(r"\b([01]?\d|2[0-4]):([0-5]\d)(\s?[ap]\.?m\b\.?)?", re.I), _clock),
    (re.compile(r"\b(\d{1,2})\s?([ap])\.?m\b\.?", re.I), lambda m: f"{cardinal(int(m[1]))} {m[2].lower()} m"),
    (re.compile(rf"([¥$€£])\s?({_N})(?:\s(thousand|million|billion))?"), _sum),
    (re.compile(rf"({_N})\s?%"), lambda m: f"{number(m[1])} percent"),
    (re.compile(r"\bNo\.\s?(?=\d)"), lambda m: "number "),
    (re.compile(r"\b(\d+)(?:st|nd|rd|th)\b"), lambda m: ordinal(int(m[1]))),
    (re.compile(r"#(\d+)\b"), lambda m: f"hash {digits(m[1])}"),
    (re.compile(r"\b(\d+)/(\d+)\b"), lambda m: "half" if m[0] == "1/2" else f"{number(m[1])} over {number(m[2])}"),
    (re.compile(rf"({_N})\s?(?:–|—|-|~)\s?(?={_N})"), lambda m: f"{m[1]} to "),
    (re.compile(r"(?<=[a-z])\s?–\s?(?=[a-z])"), lambda m: " to "),
    (re.compile(r"\b(\d+)\s?h\b"), lambda m: f"{cardinal(int(m[1]))} hours"),
    (re.compile(r"\b(?:in|since|until|by|from|of) (?:1[1-9]|20)\d\d\b(?!,)"),
     lambda m: f"{m[0][:-4]}{year(int(m[0][-4:]))}"),
    (re.compile(r"(?<![\d,.])0\d+\b"), lambda m: digits(m[0])),
    (re.compile(_N), lambda m: number(m[0])),
    (re.compile(r"\d"), lambda m: _ONES[int(m[0])]),
    (_SPELLED, lambda m: _short(m[0])),
    (re.compile(r"\s?&\s?"), lambda m: " and "),
    (re.compile(r"@"), lambda m: " at "),
    (re.compile(r"\s?\+\s?"), lambda m: " plus "),
    (re.compile(r"\s?=\s?"), lambda m: " equals "),
)
