"""Owns how Latin letters, words and marks are said in Japanese: a table, and a spelling out for what is not in it."""

import re
from collections.abc import Mapping

LETTERS: Mapping[str, str] = dict(zip(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "エー ビー シー ディー イー エフ ジー エイチ アイ ジェー ケー エル エム エヌ オー ピー キュー アール エス ティー "
    "ユー ブイ ダブリュー エックス ワイ ゼット".split(), strict=True,
))

WORDS: Mapping[str, str] = {
    # money and banking
    "nisa": "ニーサ", "ideco": "イデコ", "jpy": "エン", "usd": "ベイドル", "eur": "ユーロ", "pay-easy": "ペイジー",
    "payeasy": "ペイジー", "paypay": "ペイペイ", "swift": "スウィフト", "visa": "ビザ", "mastercard": "マスターカード",
    "mufg": "エムユーエフジー", "suica": "スイカ", "pasmo": "パスモ", "id": "アイディー", "quicpay": "クイックペイ",
    "cotra": "コトラ", "el-qr": "エルキューアール", "eltax": "エルタックス", "j-debit": "ジェイデビット",
    "debit": "デビット", "credit": "クレジット", "card": "カード", "bank": "バンク", "pin": "ピン", "aoba": "アオバ",
    "mio": "ミオ", "web-fb": "ウェブエフビー", "etax": "イータックス", "e-tax": "イータックス",
    # devices and the net
    "iphone": "アイフォーン", "ipad": "アイパッド", "ios": "アイオーエス", "android": "アンドロイド", "wi-fi": "ワイファイ",
    "wifi": "ワイファイ", "bluetooth": "ブルートゥース", "web": "ウェブ", "website": "ウェブサイト", "app": "アプリ",
    "store": "ストア", "google": "グーグル", "play": "プレイ", "apple": "アップル", "pay": "ペイ", "amazon": "アマゾン",
    "line": "ライン", "facebook": "フェイスブック", "instagram": "インスタグラム", "twitter": "ツイッター", "x": "エックス",
    "youtube": "ユーチューブ", "zoom": "ズーム", "chrome": "クローム", "safari": "サファリ", "edge": "エッジ",
    "windows": "ウィンドウズ", "mac": "マック", "microsoft": "マイクロソフト", "excel": "エクセル", "word": "ワード",
    "chatgpt": "チャットジーピーティー", "mail": "メール", "e-mail": "イーメール", "email": "イーメール", "ok": "オーケー",
    "face": "フェイス", "touch": "タッチ", "login": "ログイン", "password": "パスワード", "update": "アップデート",
    "online": "オンライン", "new": "ニュー", "no": "ナンバー", "q&a": "キューアンドエー", "q": "キュー", "a": "エー",
    "faq": "エフエーキュー", "tel": "電話", "fax": "ファックス", "url": "ユーアールエル", "sim": "シム", "esim": "イーシム",
    "nfc": "エヌエフシー", "vs": "バーサス", "hello": "ハロー", "thank": "サンク", "you": "ユー", "free": "フリー",
    "dial": "ダイヤル", "mypage": "マイページ", "my": "マイ", "number": "ナンバー", "dx": "ディーエックス",
    "covid": "コビッド", "jcb": "ジェーシービー", "docomo": "ドコモ", "softbank": "ソフトバンク", "au": "エーユー",
    "rakuten": "ラクテン", "qr": "キューアール", "and": "アンド", "or": "オア", "to": "トゥ",
    # units
    "km": "キロメートル", "kg": "キログラム", "cm": "センチメートル", "mm": "ミリメートル", "m": "メートル", "g": "グラム",
    "kb": "キロバイト", "mb": "メガバイト", "gb": "ギガバイト", "am": "午前", "pm": "午後",
}
"""Lower-case spelling → kana. What is written in capitals and is not here is said letter by letter."""

MARKS: Mapping[str, str] = {
    "&": "アンド", "@": "アットマーク", "#": "シャープ", "+": "プラス", "=": "イコール", "×": "カケル", "÷": "ワル",
    "℃": "ド", "°": "ド", "㎡": "ヘイホウメートル", "〒": "ユウビンバンゴウ、", "℡": "電話", "%": "パーセント",
    "$": "ドル", "€": "ユーロ", "£": "ポンド", "¥": "エン", "<": "ショウナリ", ">": "ダイナリ", "±": "プラスマイナス",
    "→": "、", "⇒": "、", "←": "、", "↓": "、", "↑": "、", "※": "", "★": "", "☆": "", "●": "", "○": "", "■": "",
    "□": "", "◆": "", "◇": "", "▼": "", "▲": "", "*": "", "_": "", "`": "", "|": "、", "\\": "", "/": "、", "~": "",
    "^": "", "›": "、", "»": "、", "«": "", "‹": "", "≒": "ヤク", "≦": "イカ", "≧": "イジョウ", "…": "、", "‥": "、", "—": "、", "–": "、", "―": "、",
    "[": "、", "]": "、", "【": "", "】": "、", "《": "", "》": "", "〈": "", "〉": "", "{": "", "}": "",
}
"""Marks that are left once dates, sums and the like have been read."""

KANJI: Mapping[str, str] = {
    "組戻し": "クミモドシ", "組戻": "クミモドシ", "他行": "タコウ", "当行": "トウコウ", "行員": "コウイン",
    "お客さま": "おきゃくさま", "何卒": "なにとぞ", "繰上返済": "クリアゲ返済", "借換え": "カリカエ", "借換": "カリカエ",
    "振替": "フリカエ", "口座振替": "口座フリカエ", "入出金": "ニュウシュッキン", "解約": "カイヤク", "他店": "タテン",
    "窓口": "マドグチ", "仕送り": "シオクリ", "為替": "カワセ", "外為": "ガイタメ", "届出印": "トドケデイン",
    "忌引": "キビキ", "喪主": "モシュ", "訃報": "フホウ", "除籍": "ジョセキ", "戸籍謄本": "コセキトウホン",
    "約款": "ヤッカン", "元利均等": "ガンリキントウ", "元金": "ガンキン", "元本": "ガンポン", "利息": "リソク",
    "みお": "ミオ", "あおば": "アオバ",
}
"""Words of the trade that a general dictionary reads wrongly or cuts badly."""

_ROWS: Mapping[str, str] = {
    "": "アイウエオ", "k": "カキクケコ", "s": "サシスセソ", "t": "タチツテト", "n": "ナニヌネノ", "h": "ハヒフヘホ",
    "m": "マミムメモ", "r": "ラリルレロ", "g": "ガギグゲゴ", "z": "ザジズゼゾ", "d": "ダヂヅデド", "b": "バビブベボ",
    "p": "パピプペポ", "y": "ヤイユエヨ", "w": "ワイウエヲ",
}
_SYLLABLE = re.compile(r"([kstnhmrgzdbpyw]?)([aiueo])|(n)")


def latin(word: str) -> str:
    """Say one Latin word: by the table, letter by letter if it is short or all capitals, else as it is spelled."""
    known = WORDS.get(word.lower())
    if known and not (len(word) == 1 and word.isupper()):
        return known
    if "-" in word:
        return "".join(latin(part) for part in word.split("-") if part)
    if word.isupper() or len(word) <= 3:
        return "".join(LETTERS.get(letter, "") for letter in word.upper())
    if re.fullmatch(r"(?:[kstnhmrgzdbpyw]?[aiueo]|n)+", word.lower()):
        return _romaji(word.lower())
    return "".join(LETTERS.get(letter, "") for letter in word.upper()) if len(word) <= 5 else word


def _romaji(word: str) -> str:
    said = ""
    for consonant, vowel, n in _SYLLABLE.findall(word):
        said += "ン" if n else _ROWS[consonant]["aiueo".index(vowel)]
    return said
