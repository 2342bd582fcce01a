"""Which sentences of a conversation matter to who takes over: wishes, attempts, promises, hard facts. Patterns only."""

import re
from collections.abc import Iterator

_SENTENCE = re.compile(r"[^。！？!?\n]+(?:[。！？!?]+|(?=\n)|$)")
_ENGLISH_END = re.compile(r"(?<=[a-z0-9)\"'])\.\s+(?=[A-Z])")
_CITED = re.compile(r"\s*\[\d+\]")

_WISH = re.compile(
    r"たい|ほしい|欲しい|ください|下さい|お願い|もらえ|いただけ|してくれ|したら(?:よい|いい)|"
    r"\b(?:i (?:want|need|would like|'d like)|i'd like|please|can you|could you|help me|"
    r"how (?:do|can) i|what (?:do|should) i)\b", re.IGNORECASE)
_TRIED = re.compile(
    r"試し|ためし|やってみ|再起動|再読み込み|入れ直|すでに|既に|もう(?:電話|連絡|申請|届)|電話し(?:まし|た|ても)|電話したのに|"
    r"問い合わせ(?:まし|た)|連絡し(?:まし|た|たのに)|届(?:を出し|けまし)|行きました|行ったのに|申し込みました|送りました|待っています|"
    r"(?:回|度)目|\b(?:i(?:'ve| have)?(?: already| just)? (?:tried|called|phoned|restarted|reset|reinstalled|e-?mailed|"
    r"written|wrote|reported|contacted|visited|went|waited|sent|applied|asked)|already (?:tried|called|reported)|"
    r"(?:second|third|fourth) time)\b", re.IGNORECASE)
_PROMISE = re.compile(
    r"(?:ご連絡|お電話|ご返信|ご返答|お返事|メール|お送り|ご郵送|お届け|ご返金|返金|お手配|手配|ご用意|ご対応|対応|お調べ|確認|"
    r"お約束|再発行|お振込み?|振り込み|お支払い|停止|取り消し)\S{0,12}?"
    r"(?:いたします|致します|します|差し上げます|さしあげます|させていただきます)|"
    r"折り返し\S{0,14}(?:ます|ください)?|までに\S{0,24}(?:ます|予定です)|必ず\S{0,24}ます|"
    r"\b(?:we|i)(?: will|'ll| shall| promise| guarantee)\b(?! (?:see|be able))|"
    r"\bwill be (?:sent|refunded|credited|delivered|called|e-?mailed|reissued|blocked)\b|"
    r"\bby (?:monday|tuesday|wednesday|thursday|friday|tomorrow|tonight|the end of)\b", re.IGNORECASE)
_NO_PROMISE = re.compile(
    r"おつなぎ|お答え|ご案内し|伝わります|引き継|ご説明|お待ち|ください。?$|でしょうか|ますか|[?？]$|"
    r"\bi(?:'ll| will) (?:bring|go on|pass|connect|stay|keep answering)\b", re.IGNORECASE)
_HARD = re.compile(
    r"[0-9０-９]{2,}|[0-9０-９][年月日時分円万回]|昨日|今日|本日|今朝|先週|先月|一昨日|おととい|"
    r"\b(?:yesterday|today|this morning|last (?:week|night|month)|"
    r"on (?:mon|tues|wednes|thurs|fri|satur|sun)day)\b|[¥$€£]\s?\d", re.IGNORECASE)


def sentences(text: str) -> list[str]:
    """Cut a text into its sentences, citation marks left out; each is a verbatim part of the text without them."""
    plain = _CITED.sub("", text)
    found: list[str] = []
    for match in _SENTENCE.finditer(plain):
        found += [part.strip().strip(" 　-*|#>").strip() for part in _ENGLISH_END.split(match[0])]
    return [part for part in found if part]


def wishes(text: str) -> Iterator[str]:
    """Give the sentences that say what somebody wants."""
    return (one for one in sentences(text) if _WISH.search(one))


def attempts(text: str) -> Iterator[str]:
    """Give the sentences that say what was tried or done already."""
    return (one for one in sentences(text) if _TRIED.search(one))


def promises(text: str) -> Iterator[str]:
    """Give the sentences by which the company binds itself."""
    return (one for one in sentences(text) if _PROMISE.search(one) and not _NO_PROMISE.search(one))


def hard_facts(text: str) -> Iterator[str]:
    """Give the sentences with times, amounts or numbers."""
    return (one for one in sentences(text) if _HARD.search(one))
