"""Tells Japanese from English, also when Japanese is written in Latin letters; it knows no third language."""

import re

from assistant.understanding.romaji import is_romaji

_KANA = re.compile(r"[\u3041-\u309f\u30a1-\u30fa\uff66-\uff9f]")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff々]")
_WORD = re.compile(r"[a-z']+")


def detect(text: str, fallback: str) -> str:
    """Give ``ja`` or ``en``; ``fallback`` decides where there are no letters of either, or one Chinese one."""
    kana, han = len(_KANA.findall(text)), len(_HAN.findall(text))
    fallback = fallback if fallback in ("ja", "en") else "en"
    if kana:
        latin = len(_WORD.findall(text.lower()))
        return "en" if latin > 6 * (kana + han) and kana < 4 else "ja"
    if han:
        return "ja" if han >= 2 or not _WORD.search(text.lower()) else fallback
    words = _WORD.findall(text.lower())
    if not words:
        return fallback
    return "ja" if is_romaji(text) else "en"
