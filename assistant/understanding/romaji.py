"""Japanese written in Latin letters: tells it from English and writes it as hiragana; it knows no kanji."""

import re

_WORD = re.compile(r"[a-z']+")

_SMALL = (
    "a i u e o ka ki ku ke ko sa shi si su se so ta chi ti tsu tu te to na ni nu ne no ha hi fu hu he ho ma mi "
    "mu me mo ya yu yo ra ri ru re ro wa wo n ga gi gu ge go za ji zi zu ze zo da di du de do ba bi bu be bo pa "
    "pi pu pe po kya kyu kyo sha shu sho sya syu syo cha chu cho tya tyu tyo nya nyu nyo hya hyu hyo mya myu myo "
    "rya ryu ryo gya gyu gyo ja ju jo zya zyu zyo jya jyu jyo bya byu byo pya pyu pyo fa fi fe fo ti di va vi vu "
    "ve vo "
).split()
_BIG = (
    "あ い う え お か き く け こ さ し し す せ そ た ち ち つ つ て と な に ぬ ね の は ひ ふ ふ へ "
    "ほ ま み む め も や ゆ よ ら り る れ ろ わ を ん が ぎ ぐ げ ご ざ じ じ ず ぜ ぞ だ ぢ づ で ど "
    "ば び ぶ べ ぼ ぱ ぴ ぷ ぺ ぽ きゃ きゅ きょ しゃ しゅ しょ しゃ しゅ しょ ちゃ ちゅ ちょ ちゃ ちゅ "
    "ちょ にゃ にゅ にょ ひゃ ひゅ ひょ みゃ みゅ みょ りゃ りゅ りょ ぎゃ ぎゅ ぎょ じゃ じゅ じょ じゃ "
    "じゅ じょ じゃ じゅ じょ びゃ びゅ びょ ぴゃ ぴゅ ぴょ ふぁ ふぃ ふぇ ふぉ てぃ でぃ ゔぁ ゔぃ ゔ "
    "ゔぇ ゔぉ "
).split()
_SYLLABLES = dict(zip(_SMALL, _BIG, strict=True))
_ROMAJI_WORDS = frozenset((
    "ano arigato arigatou arimasu ashita boku chichi dekimasu dekimasuka denwa desu desuka doko dou ga ginkou "
    "gozaimasu haha hanashitai hito ikura ima imasu itsu kaado kara kedo kinou kita kodomo komatte komattemasu "
    "kono kouza kudasai kyou mada made masen mashita masu masuka mo mou musuko musume nai nakunarimashita "
    "nakushimashita nakushita nan nani ne ni no nusumareta okane onegai onegaishimasu ore otto shitai sono "
    "sumimasen tantousha te tsuma tte wa watashi wo yo "
).split())
_SURE_ENGLISH = frozenset((
    "about an and are at be been but can can't could don't for from had has have he her his how i'm in is it my "
    "not of on our please she that the there they this was were what when where who why will with would you your "
).split())


def is_romaji(text: str) -> bool:
    """Tell whether this is Japanese in Latin letters: nearly every word is made of Japanese syllables."""
    words = [word for word in _WORD.findall(text.lower()) if word != "'"]
    if not words or any(ord(letter) > 0x2fff for letter in text):
        return False
    fits = [word for word in words if _kana_of(word) is not None]
    known = sum(word in _ROMAJI_WORDS for word in words)
    english = sum(word in _SURE_ENGLISH for word in words)
    letters = sum(len(word) for word in fits) / max(1, sum(map(len, words)))
    if len(words) <= 2:
        telling = any(len(word) >= 4 and word in _ROMAJI_WORDS and word != "made" for word in words)
        return english == 0 and letters == 1 and (telling or max(map(len, words)) >= 7)
    return letters >= 0.6 and known >= max(1, english) and known >= len(words) * 0.12 and english <= len(words) * 0.15


def to_kana(text: str) -> str:
    """Write romaji words as hiragana; words that are no Japanese syllables stay as they are. Same order of words."""
    return _WORD.sub(lambda found: _kana_of(found[0]) or found[0], text.lower())


def kana_parts(text: str) -> list[tuple[str, int, int]]:
    """Give the pieces of ``to_kana(text)``, each with the span of ``text`` that it stands for."""
    parts: list[tuple[str, int, int]] = []
    at = 0
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = text
    for found in _WORD.finditer(lowered):
        parts.extend((text[i], i, i + 1) for i in range(at, found.start()))
        pieces = _syllables(found[0])
        if pieces is None:
            parts.extend((text[i], i, i + 1) for i in range(found.start(), found.end()))
        else:
            parts.extend((kana, found.start() + start, found.start() + end) for kana, start, end in pieces)
        at = found.end()
    parts.extend((text[i], i, i + 1) for i in range(at, len(text)))
    return parts


def _kana_of(word: str) -> str | None:
    pieces = _syllables(word)
    return None if pieces is None else "".join(kana for kana, _, _ in pieces)


def _syllables(word: str) -> list[tuple[str, int, int]] | None:
    found: list[tuple[str, int, int]] = []
    i = 0
    while i < len(word):
        if word[i] == "n" and (i + 1 == len(word) or word[i + 1] not in "aiueoy"):
            step = 2 if word[i + 1:i + 2] == "n" and word[i + 2:i + 3] not in tuple("aiueoy") else 1
            found.append(("ん", i, i + step))
            i += step
            continue
        if i + 1 < len(word) and word[i] == word[i + 1] and word[i] in "kstpgdbzcjh":
            found.append(("っ", i, i + 1))
            i += 1
            continue
        if word[i] == "t" and word[i + 1:i + 3] == "ch":
            found.append(("っ", i, i + 1))
            i += 1
            continue
        for size in (3, 2, 1):
            kana = _SYLLABLES.get(word[i:i + size])
            if kana is not None:
                found.append((kana, i, i + size))
                i += size
                break
        else:
            return None
    return found
