"""What is gently asked for while somebody waits: name, a reference, what was tried. Each at most once, never twice.

Pure: it sees what was said and what is known, and says what may be asked next and what an answer holds.
"""

import re
from collections.abc import Iterable, Mapping

KEYS = ("name", "reference", "tried")
PHRASES = {"name": "handoff.ask_who", "reference": "handoff.ask_reference", "tried": "handoff.ask_tried"}
LONGEST = {"name": 80, "reference": 80, "tried": 500}

_TRIED = re.compile(
    r"試し|ためし|やってみ|再起動|再読み込み|入れ直|既に|すでに|電話しました|問い合わせ(?:まし|た)|届を出し|"
    r"\b(?:i(?:'ve| have)?(?: already)? (?:tried|called|restarted|reset|reinstalled|e-?mailed|written|reported)"
    r"|already (?:tried|called|reported))\b", re.IGNORECASE)
_REFERENCE = re.compile(
    r"(?:受付|申込|申し込み|管理|注文|問い?合わ?せ|照会|整理)番号\S{0,4}?[A-Za-z0-9-]{4,}|"
    r"\b(?:reference|case|order|ticket|application) (?:number|no\.?|id)?\s?:?\s?#?[A-Z0-9-]*\d[A-Z0-9-]{2,}",
    re.IGNORECASE)
_NAME = re.compile(r"(?:私は|わたしは|名前は|氏名は)\s*([^\s、。,.!?]{1,20}?)(?:です|と申します|といいます)|"
                   r"([^\s、。,.!?]{1,20})と申します|\bmy name is ([A-Z][\w'-]+(?: [A-Z][\w'-]+)?)")
_ANSWER_TAIL = re.compile(r"(?:です|と申します|といいます|でございます)?[。.!]*$")
_ANSWER_HEAD = re.compile(r"^(?:私は|わたしは|名前は|it's|i'm|i am|my name is|this is)\s*", re.IGNORECASE)
_LIKE_A_NAME = re.compile(r"[一-龯々ヶぁ-んァ-ヴー・ 　]{1,14}|[A-Z][\w'’.-]*(?: [A-Z][\w'’.-]*){0,3}|[a-z]{2,15}")
_NO_NAME = re.compile(
    r"(?<=[一-龯ァ-ヴー])[がをはにへでと]|ない|ます|ました|した$|まだ|はやく|早く|急い|カード|口座|担当|お願い|"
    r"^(?:はい|うん|ええ|ok|yes|hello|hi|hey|thanks|please|hurry|help|wait|card)$", re.IGNORECASE)
_PAST = re.compile(r"(?:ました|した|だけ)[。!]*$|\b(?:tried|called|did|went|asked|sent|reset|checked)\b", re.IGNORECASE)
_SETTLED = re.compile(
    r"解決(?:しました|した|です)|自分でできました|もう大丈夫です|分かりました、(?:ありがとう|大丈夫)|"
    r"\b(?:solved|sorted it|it works now|never mind|all good now|that (?:solved|fixed) it)\b", re.IGNORECASE)
_UNSETTLED = re.compile(
    r"(?:解決|大丈夫)(?:して(?:い)?(?:ない|ません)|じゃない|ではない)|\bnot (?:solved|sorted)\b", re.IGNORECASE)
_QUESTION = re.compile(r"[?？]|(?:か|かな|でしょうか|ください|教えて|したい|下さい)[。!]*$|"
                       r"^(?:what|how|when|where|why|who|can|could|do|does|is|are|will|would)\b", re.IGNORECASE)
_REFUSAL = re.compile(r"^(?:いいえ|いや|ない|ありません|特にな|わかりません|分かりません|言いたくな|結構です|"
                      r"けっこうです|no\b|none\b|nothing\b|not really|i don't|skip)", re.IGNORECASE)


def settled(text: str) -> bool:
    """Tell whether somebody says that their matter is settled; a question or a complaint never does."""
    doubt = _QUESTION.search(text) or _UNSETTLED.search(text)
    return len(text) <= 60 and doubt is None and _SETTLED.search(text) is not None


def known(said: Iterable[str], collected: Mapping[str, str]) -> set[str]:
    """Give the keys that need not be asked: collected already, or told in what the visitor said."""
    have = {key for key in KEYS if collected.get(key)}
    for text in said:
        for key, pattern in (("tried", _TRIED), ("reference", _REFERENCE), ("name", _NAME)):
            if pattern.search(text):
                have.add(key)
    return have


def next_key(asked: Iterable[str], have: Iterable[str]) -> str | None:
    """Give what may be asked next."""
    done = {*asked, *have}
    return next((key for key in KEYS if key not in done), None)


def answer(key: str, text: str) -> str | None:
    """Give what an answer to a question for ``key`` holds: its value, "" for "no", None if it is no answer to it.

    In doubt it is none: then it is treated as any other message.
    """
    text = " ".join(text.split())
    if _REFUSAL.search(text) and len(text) <= 40:
        return ""
    if len(text) > LONGEST[key] or _QUESTION.search(text):
        return None
    if key == "name":
        value = _ANSWER_TAIL.sub("", _ANSWER_HEAD.sub("", text)).strip()
        return value if _LIKE_A_NAME.fullmatch(value) and not _NO_NAME.search(value) else None
    if key == "reference":
        return text if re.search(r"\d{3,}", text) and len(text) <= 60 else None
    return text if _TRIED.search(text) or _PAST.search(text) else None


def accepts(key: object, value: object) -> bool:
    """Tell whether a client may give this."""
    return key in KEYS and isinstance(value, str) and 0 < len(value.strip()) <= LONGEST[str(key)]
