"""Owns how numbers are said in Japanese: cardinals, single digits, decimals, and counters with their sound changes.

Readings follow NHK's usage for announcements; everything is katakana, so that no dictionary can read it otherwise.
"""

from collections.abc import Mapping

DIGITS = ("ゼロ", "イチ", "ニ", "サン", "ヨン", "ゴ", "ロク", "ナナ", "ハチ", "キュウ")
SLOW_DIGITS = ("ゼロ", "イチ", "ニー", "サン", "ヨン", "ゴー", "ロク", "ナナ", "ハチ", "キュウ")
"""Digits said one by one: two and five are drawn out, as people do on the telephone."""
_THOUSANDS = {1: "セン", 3: "サンゼン", 8: "ハッセン"}
_HUNDREDS = {1: "ヒャク", 3: "サンビャク", 6: "ロッピャク", 8: "ハッピャク"}
_BIG = ("", "マン", "オク", "チョウ", "ケイ")
BIG_WORDS: Mapping[str, str] = {"万": "マン", "億": "オク", "兆": "チョウ", "千": "セン", "百": "ヒャク"}

_FOUR_YO = {"年", "時", "円", "人", "年間", "時間", "年前", "年後", "年目", "年生", "時半", "時間半"}
_SOFT = {"カ", "キ", "ク", "ケ", "コ"}
_TIGHT = {"サ", "シ", "ス", "セ", "ソ", "タ", "チ", "ツ", "テ", "ト"}
_P = str.maketrans("ハヒフヘホ", "パピプペポ")
_B = str.maketrans("ハヒフヘホ", "バビブベボ")

COUNTERS: Mapping[str, str] = {
    "円": "エン", "年": "ネン", "年間": "ネンカン", "年前": "ネンマエ", "年後": "ネンゴ", "年目": "ネンメ", "時": "ジ",
    "時間": "ジカン", "時半": "ジハン", "分": "フン", "分間": "フンカン", "秒": "ビョウ", "秒間": "ビョウカン",
    "か月": "カゲツ", "ヶ月": "カゲツ", "カ月": "カゲツ", "ヵ月": "カゲツ", "箇月": "カゲツ", "週間": "シュウカン",
    "日間": "ニチカン", "営業日": "エイギョウビ", "回": "カイ", "回目": "カイメ", "件": "ケン", "個": "コ", "枚": "マイ",
    "本": "ホン", "通": "ツウ", "冊": "サツ", "歳": "サイ", "才": "サイ", "階": "カイ", "番": "バン", "号": "ゴウ",
    "番目": "バンメ", "点": "テン", "社": "シャ", "台": "ダイ", "名": "メイ", "名様": "メイサマ", "か所": "カショ",
    "ヶ所": "カショ", "カ所": "カショ", "箇所": "カショ", "丁目": "チョウメ", "番地": "バンチ", "種類": "シュルイ",
    "度": "ド", "倍": "バイ", "割": "ワリ", "桁": "ケタ", "行": "ギョウ", "文字": "モジ", "ページ": "ページ",
    "ドル": "ドル", "ユーロ": "ユーロ", "ポンド": "ポンド", "ポイント": "ポイント", "パーセント": "パーセント",
    "ステップ": "ステップ", "条": "ジョウ", "項": "コウ", "世帯": "セタイ", "店舗": "テンポ",
    "世代": "セダイ", "親等": "シントウ", "口座": "コウザ",
}
"""Counter as written → how it begins when nothing changes."""

_WHOLE: Mapping[str, Mapping[int, str]] = {
    "人": {1: "ヒトリ", 2: "フタリ"},
    "つ": dict(enumerate("ヒトツ フタツ ミッツ ヨッツ イツツ ムッツ ナナツ ヤッツ ココノツ".split(), 1)),
    "歳": {20: "ハタチ"}, "才": {20: "ハタチ"}, "桁": {1: "ヒトケタ", 2: "フタケタ"},
}
"""Numbers with a word of their own."""
_LAST_FOUR_SEVEN_NINE: Mapping[str, Mapping[int, str]] = {
    "月": {4: "シ", 7: "シチ", 9: "ク"}, "時": {7: "シチ", 9: "ク"}, "時間": {7: "シチ", 9: "ク"},
    "時半": {7: "シチ", 9: "ク"},
}
_B_AFTER_THREE = {"本": "ボン", "階": "ガイ"}
_DAYS = "ツイタチ フツカ ミッカ ヨッカ イツカ ムイカ ナノカ ヨウカ ココノカ トオカ".split()


def cardinal(number: int) -> str:
    """Say a whole number below 10^20: 3600 → サンゼンロッピャク."""
    if number == 0:
        return DIGITS[0]
    said, rank = "", 0
    while number and rank < len(_BIG):
        number, group = divmod(number, 10_000)
        if group:
            said = _joined(_below_ten_thousand(group, rank > 0), _BIG[rank]) + said
        rank += 1
    return said


def _below_ten_thousand(number: int, big: bool) -> str:
    thousands, rest = divmod(number, 1_000)
    hundreds, rest = divmod(rest, 100)
    tens, ones = divmod(rest, 10)
    said = ""
    if thousands:
        said += "イッセン" if thousands == 1 and big and number == 1_000 else (
            _THOUSANDS.get(thousands) or DIGITS[thousands] + "セン")
    if hundreds:
        said += _HUNDREDS.get(hundreds) or DIGITS[hundreds] + "ヒャク"
    if tens:
        said += ("" if tens == 1 else DIGITS[tens]) + "ジュウ"
    return said + (DIGITS[ones] if ones else "")


def _joined(number: str, unit: str) -> str:
    return (_shortened(number, ("イチ", "ハチ", "ジュウ")) if unit in ("チョウ", "ケイ") else number) + unit


def one_by_one(digits: str) -> str:
    """Say each digit by itself: 0120 → ゼロイチニーゼロ; other characters are left out."""
    return "".join(SLOW_DIGITS[int(digit)] for digit in digits if digit.isdecimal())


def number(written: str) -> str:
    """Say a number with thousands commas and a decimal point: 1,234.5 → センニヒャクサンジュウヨンテンゴ."""
    whole, _, fraction = written.replace(",", "").partition(".")
    if not fraction:
        return cardinal(int(whole)) if len(whole) <= 16 else one_by_one(whole)
    begin = "レイ" if int(whole) == 0 else _shortened(cardinal(int(whole)), ("イチ", "ハチ", "ジュウ"))
    return f"{begin}テン" + (one_by_one(fraction) if len(fraction) > 1 else DIGITS[int(fraction)])


def counted(written: str, counter: str) -> str:
    """Say a number with its counter: 3本 → サンボン, 10分 → ジュップン, 4人 → ヨニン. Raises KeyError if unknown."""
    if "." in written:
        return number(written) + ("ニン" if counter == "人" else COUNTERS[counter])
    value = int(written.replace(",", ""))
    own = _WHOLE.get(counter, {}).get(value)
    if own:
        return own
    said, unit = cardinal(value), "ニン" if counter == "人" else COUNTERS[counter]
    ones = value % 10
    if ones == 4 and counter in _FOUR_YO:
        return said.removesuffix("ヨン") + "ヨ" + unit
    special = _LAST_FOUR_SEVEN_NINE.get(counter, {}).get(ones)
    if special:
        return said.removesuffix(DIGITS[ones]) + special + unit
    return _changed(said, value, counter, unit)


def _changed(said: str, value: int, counter: str, unit: str) -> str:
    """Join number and counter with the doubling and voicing that their sounds ask for."""
    ones = value % 10
    voiced = _B_AFTER_THREE.get(counter)
    if ones == 3 and voiced:
        return said + voiced
    first = unit[0]
    if first in "ハヒフヘホ":
        if counter in ("分", "分間") and ones in (3, 4):
            return said + unit[0].translate(_P) + unit[1:]
        short = _shortened(said, ("イチ", "ロク", "ハチ", "ジュウ", "ャク"))
        return short + unit[0].translate(_P) + unit[1:] if short != said else said + unit
    if first in _SOFT and counter not in ("口座", "桁"):
        return _shortened(said, ("イチ", "ロク", "ハチ", "ジュウ", "ャク")) + unit
    if first in _TIGHT and unit not in ("シントウ",):
        return _shortened(said, ("イチ", "ハチ", "ジュウ")) + unit
    return said + unit


def _shortened(said: str, endings: tuple[str, ...]) -> str:
    for ending in endings:
        if said.endswith(ending):
            return said[:-1] + "ッ"
    return said


def month(value: int) -> str:
    """Say a month of the year, 1 to 12."""
    special = _LAST_FOUR_SEVEN_NINE["月"].get(value)
    return (special or cardinal(value)) + "ガツ"


def day(value: int) -> str:
    """Say a day of the month, 1 to 31."""
    if value <= 10:
        return _DAYS[value - 1]
    if value == 20:
        return "ハツカ"
    if value in (14, 24):
        return cardinal(value - 4) + "ヨッカ"
    return cardinal(value).replace("キュウ", "ク") + "ニチ" if value in (19, 29) else cardinal(value) + "ニチ"


def days(value: int) -> str:
    """Say a number of days: like the day of the month, but one day is イチニチ."""
    return "イチニチ" if value == 1 else day(value) if value <= 31 else cardinal(value) + "ニチ"
