"""Turns what is written in Japanese into what is said: numbers, sums, dates, times and Latin words become katakana.

Kanji and kana stay: the voice's dictionary reads them. Marks of writing (Markdown, sources) are gone before.
"""

import re
import unicodedata
from collections.abc import Callable

from assistant.voice.numbers_ja import BIG_WORDS, COUNTERS, cardinal, counted, day, days, month, number, one_by_one
from assistant.voice.words_ja import KANJI, MARKS, latin

_N = r"\d+(?:,\d{3})*(?:\.\d+)?"
_WHOLE = r"\d+(?:,\d{3})*"
_BIG_N = rf"(?:{_N}[万億兆千百])+(?:{_WHOLE})?"
_COUNTER = "|".join(sorted([*COUNTERS, "人", "つ"], key=len, reverse=True))
_DAY_NAMES = {"月": "ゲツヨウビ", "火": "カヨウビ", "水": "スイヨウビ", "木": "モクヨウビ", "金": "キンヨウビ",
              "土": "ドヨウビ", "日": "ニチヨウビ", "祝": "シュクジツ", "祝日": "シュクジツ"}
_CIRCLED = {chr(0x2460 + n): n + 1 for n in range(20)}
_SHORT_NUMBERS = {"110": "ヒャクトオ", "119": "ヒャクジュウキュウ", "118": "ヒャクジュウハチ"}
_CURRENCY = {"¥": "エン", "$": "ドル", "€": "ユーロ", "£": "ポンド"}

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def read_ja(text: str) -> str:
    """Give the spoken form of one sentence; never fails, and leaves no digit and no mark that a voice would spell."""
    for circled, value in _CIRCLED.items():
        text = text.replace(circled, f"{cardinal(value)}、")
    text = unicodedata.normalize("NFKC", text.replace("〜", "~").replace("～", "~").replace("㈱", "カブシキガイシャ"))
    text = "".join(c for c in text if unicodedata.category(c) not in ("So", "Cs", "Co", "Cn", "Cf", "Cc") or c in MARKS)
    for pattern, say in _RULES:
        text = pattern.sub(say, text)
    for mark, said in MARKS.items():
        text = text.replace(mark, said)
    for written, said in KANJI.items():
        text = text.replace(written, said)
    return _tidied(text)


def _tidied(text: str) -> str:
    text = text.replace(":", "、").replace(";", "、").replace(",", "、").replace('"', "").replace("'", "")
    text = re.sub(r"\)(?=[へにをはがのでともまか])", "", text)
    text = re.sub(r"\s*[()]\s*", "、", text)
    text = re.sub(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])", "", text)
    text = re.sub(r"、*([。!?])[、。]*", r"\1", text)
    return re.sub(r"、{2,}", "、", text).strip("、 \n").replace("!", "！").replace("?", "？")


def _phone(match: re.Match[str]) -> str:
    groups = re.findall(r"\d+", match[0])
    return ("プラス" if match[0].startswith("+") else "") + "、".join(one_by_one(group) for group in groups)


def _date(match: re.Match[str]) -> str:
    year, months, date = int(match[1]), int(match[2]), int(match[3])
    if not (1 <= months <= 12 and 1 <= date <= 31):
        return "、".join(cardinal(part) for part in (year, months, date))
    return counted(str(year), "年") + month(months) + day(date)


def _month_day(match: re.Match[str]) -> str:
    months, date = int(match[1]), int(match[2])
    if not (1 <= months <= 12 and 1 <= date <= 31):
        return f"{cardinal(months)}、{cardinal(date)}"
    return month(months) + day(date)


def _clock(match: re.Match[str]) -> str:
    hours, minutes = int(match[1]), int(match[2])
    return counted(str(hours), "時") + (counted(str(minutes), "分") if minutes else "")


def _big(match: re.Match[str]) -> str:
    said = ""
    for amount, unit in re.findall(rf"({_N})([万億兆千百]?)", match[1]):
        said += _unit(amount, unit)
    return said + (_after(match[2]) if match.lastindex and match[2] else "")


def _unit(amount: str, unit: str) -> str:
    if not unit:
        return number(amount)
    if "." not in amount:
        scale = {"万": 10**4, "億": 10**8, "兆": 10**12, "千": 10**3, "百": 100}[unit]
        return cardinal(int(amount.replace(",", "")) * scale)
    return number(amount) + BIG_WORDS[unit]


def _after(counter: str) -> str:
    return "ニン" if counter == "人" else COUNTERS.get(counter, counter)


def _fraction(match: re.Match[str]) -> str:
    return f"{number(match[1])}ブンノ{number(match[2])}"


def _weekdays(match: re.Match[str]) -> str:
    return "、" + "、".join(_DAY_NAMES[name] for name in re.split(r"[・、/]", match[1])) + "、"


def _plain(match: re.Match[str]) -> str:
    digits = match[0]
    return one_by_one(digits) if digits.startswith("0") and len(digits) > 1 and "." not in digits else number(digits)


def _big_alone(match: re.Match[str]) -> str:
    return "".join(_unit(amount, unit) for amount, unit in re.findall(rf"({_N})([万億兆千百]?)", match[0]))


def _counter(match: re.Match[str]) -> str:
    if match[2] == "つ":
        return number(match[1]) + "ツ"
    return counted(match[1], match[2])


_DASH = r"[-‐‑−ー]"
_RULES: tuple[Rule, ...] = (
    (re.compile(r"(?<=[ぁ-ヿ一-龯)])[ \u3000]+(?=[\dぁ-ヿ一-龯])"), lambda m: "、"),
    (re.compile(r"\bNo\.\s?(?=\d)"), lambda m: "ナンバー"),
    (re.compile(r"〒?\s*(?<!\d)(\d{3})-(\d{4})(?![\d-])"),
     lambda m: f"ユウビンバンゴウ、{one_by_one(m[1])}ノ{one_by_one(m[2])}、"),
    (re.compile(rf"\+\d{{1,3}}(?:[-\s]?\(?\d+\)?)+|(?:\(0\d{{1,4}}\)|(?<!\d)0\d{{1,4}}){_DASH}?\d{{1,4}}{_DASH}\d{{3,4}}(?!\d)|"
                r"(?<![\d.,])0\d{9,10}(?!\d)"), _phone),
    (re.compile(r"(?<!\d)(110|119|118)(?=番)"), lambda m: _SHORT_NUMBERS[m[1]]),
    (re.compile(r"#\s?(\d{3,4})(?!\d)"), lambda m: "シャープ" + one_by_one(m[1])),
    (re.compile(r"(?<!\d)(171|188|189)(?=番|へ|に電話)"), lambda m: one_by_one(m[1])),
    (re.compile(r"(?<!\d)(\d{4})年\s?(\d{1,2})月\s?(\d{1,2})日"), _date),
    (re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?![\d-])"), _date),
    (re.compile(r"(?<!\d)(\d{1,2})月\s?(\d{1,2})日"), _month_day),
    (re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})(?![\d/])(?=\s?[(（~から]|まで|より|に|の|は)"), _month_day),
    (re.compile(r"(?<!\d)(1[0-2]|[1-9])月(?!曜)"), lambda m: month(int(m[1]))),
    (re.compile(r"(?<=:\d\d)\s?[-–]\s?(?=\d{1,2}:\d\d)"), lambda m: "~"),
    (re.compile(r"(?<!\d)([01]?\d|2[0-4]):([0-5]\d)(?!\d)"), _clock),
    (re.compile(r"(?<!\d)(\d{1,2})時\s?(\d{1,2})分(?!間)"), _clock),
    (re.compile(r"(?<=[(、])((?:[月火水木金土日]|祝日?)(?:[・、/](?:[月火水木金土日]|祝日?))*)(?=[)])"), _weekdays),
    (re.compile(r"(?<![一-龯])([月火水木金土日])~([月火水木金土日])(?![曜一-龯])"),
     lambda m: f"{_DAY_NAMES[m[1]]}カラ{_DAY_NAMES[m[2]]}"),
    (re.compile(r"(\d+)分の(\d+)"), _fraction),
    (re.compile(rf"[¥$€£]\s?({_BIG_N}|{_N})"),
     lambda m: (re.sub(_BIG_N, _big_alone, m[1]) if re.fullmatch(_BIG_N, m[1]) else number(m[1])) + _CURRENCY[m[0][0]]),
    (re.compile(rf"({_BIG_N})({_COUNTER})?"), _big),
    (re.compile(rf"({_N})\s?%"), lambda m: number(m[1]) + "パーセント"),
    (re.compile(r"(?<![\d.])(\d{1,3})日(?=間|以内|後|前|目|分|ほど|程度)"), lambda m: days(int(m[1]))),
    (re.compile(r"(?<![\d.])([1-9]|[12]\d|3[01])日(?![本常程])"), lambda m: days(int(m[1]))),
    (re.compile(rf"({_WHOLE})日(?![本常程])"), lambda m: number(m[1]) + "ニチ"),
    (re.compile(r"(?<![\d.])(\d)つ"), lambda m: counted(m[1], "つ") if m[1] != "0" else "ゼロ"),
    (re.compile(rf"({_N})\s?({_COUNTER})"), _counter),
    (re.compile(rf"(?<=\d)\s?{_DASH}\s?(?=\d)"), lambda m: "ノ"),
    (re.compile(r"\s?~\s?(?=\S)|(?<=[ァ-ヶー円年月日時分枚人%])~"), lambda m: "カラ"),
    (re.compile(r"第(\d+)"), lambda m: "ダイ" + cardinal(int(m[1]))),
    (re.compile(r"[A-Za-z]+(?:[-&'’][A-Za-z]+)*"), lambda m: latin(m[0].replace("’", "'").replace("'", ""))),
    (re.compile(_N), _plain),
    (re.compile(r"\d"), lambda m: cardinal(int(m[0]))),
)
