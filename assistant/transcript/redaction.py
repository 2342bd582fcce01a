"""Masks what must not be kept before a visitor's text is stored or read by any model: card numbers, secret numbers,
My Number. For a model outside the house e-mail addresses, phone and account numbers go too."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_SEPARATORS = r"[\s\-‐-―−－ー_./・\u200b-\u200d\u2060\ufeff]"
_RUN = re.compile(rf"\d(?:{_SEPARATORS}{{0,3}}\d)+")
_GROUP = re.compile(r"\d+")
_CARD_GROUPS = frozenset({(4, 6, 5), (4, 6, 4), (8, 8), (6, 13), (6, 10)})
_MY_NUMBER_GROUPS = frozenset({(12,), (4, 4, 4)})
_MY_NUMBER_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)

_SECRET_NAMES = (r"(?:暗証番号|暗証|パスコード|セキュリティ[ーー]?コード|認証コード|確認コード|ワンタイムパスワード|"
                 r"\bPIN(?:[ -]?(?:code|number))?\b|\bpass ?code\b|\bsecurity code\b|\bCVV2?\b|\bCVC2?\b|\bOTP\b|"
                 r"\bone[- ]time (?:code|password)\b|\bverification code\b)")
_SECRET_NUMBER = re.compile(rf"({_SECRET_NAMES}[^\d\n]{{0,16}}?)(?<!\d)(\d(?:[ \-－・]?\d){{2,7}})(?!\d)",
                            re.IGNORECASE)
_PASSWORD = re.compile(r"((?:パスワード|\bpassword\b|\bpasswd\b)\s*(?:は|が|:|：|=|is)\s*[「\"']?)"
                       r"((?=[!-~]*\d)[!-~]{4,64})", re.IGNORECASE)

_EMAIL = re.compile(r"[\w.+%-]+[@＠][\w-]+(?:[.．][\w-]+)+")
_PHONE = re.compile(r"(?<![\d\-－])(?:\+?81[- ]?|[0０])(?!120|１２０|800|570)"
                    r"\d{1,4}[-－ー ()]{0,2}\d{1,4}[-－ー ()]{0,2}\d{3,4}(?!\d)")
_ACCOUNT = re.compile(r"((?:口座番号|普通預金|普通|当座|貯蓄|account (?:number|no\.?))[^\d\n]{0,8})"
                      r"(\d[\d\- ]{5,9}\d)(?!\d)", re.IGNORECASE)


_Wanted = Callable[[str, tuple[int, ...]], bool]


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text that may be kept, and the kinds of what was masked in it, in the order they were looked for."""

    text: str
    kinds: tuple[str, ...] = ()


def redact(text: str) -> Redacted:
    """Mask card numbers (by Luhn), secret numbers and passwords that are named as such, and My Number (by its check
    digit). Full-width digits and the usual separators are understood; what is left reads as before."""
    if not any(character.isdecimal() for character in text):
        return Redacted(text)
    return _masked(text, _STORED)


def redact_for_model(text: str) -> Redacted:
    """Mask, beyond ``redact``, e-mail addresses, phone numbers (not toll-free ones) and account numbers."""
    return _masked(text, {**_STORED, **_SENT_OUT})


def _masked(text: str, masks: dict[str, Callable[[str], str]]) -> Redacted:
    kinds = []
    for kind, mask in masks.items():
        changed = mask(text)
        if changed != text:
            kinds.append(kind)
            text = changed
    return Redacted(text, tuple(kinds))


def _mask_cards(text: str) -> str:
    return _mask_groups(text, _is_card, lambda digits: f"**** **** **** {digits[-4:]}")


def _mask_my_number(text: str) -> str:
    # About one in eleven of all 12-digit numbers would pass: it counts only where it stands alone.
    return _mask_groups(text, _is_my_number, lambda _digits: "************", alone=True)


def _mask_secrets(text: str) -> str:
    text = _SECRET_NUMBER.sub(lambda found: found[1] + "****", text)
    return _PASSWORD.sub(lambda found: found[1] + "****", text)


def _mask_account(text: str) -> str:
    return _ACCOUNT.sub(lambda found: found[1] + "****" + found[2][-3:], text)


_STORED: dict[str, Callable[[str], str]] = {"card": _mask_cards, "my_number": _mask_my_number, "secret": _mask_secrets}
_SENT_OUT: dict[str, Callable[[str], str]] = {
    "email": lambda text: _EMAIL.sub("***@***", text),
    "account": _mask_account,
    "phone": lambda text: _PHONE.sub("***-****-****", text),
}


def _mask_groups(text: str, wanted: _Wanted, mask: Callable[[str], str], *, alone: bool = False) -> str:
    """Replace every stretch of neighbouring digit groups that is wanted; the longest one at each place."""
    made, done = [], 0
    for start, end, digits in _stretches(text, wanted, alone):
        if start >= done:
            made += [text[done:start], mask(digits)]
            done = end
    return "".join((*made, text[done:]))


def _stretches(text: str, wanted: _Wanted, alone: bool) -> Iterator[tuple[int, int, str]]:
    for run in _RUN.finditer(text):
        groups = [(run.start() + g.start(), run.start() + g.end()) for g in _GROUP.finditer(run[0])]
        for first in range(len(groups)):
            for last in range(min(len(groups), first + 8), first, -1):
                chosen = groups[first:last]
                if alone and len(chosen) != len(groups):
                    continue
                digits = "".join(str(int(character)) for start, end in chosen for character in text[start:end])
                if len(digits) <= 19 and wanted(digits, tuple(end - start for start, end in chosen)):
                    yield chosen[0][0], chosen[-1][1], digits
                    break


def _is_card(digits: str, sizes: tuple[int, ...]) -> bool:
    if not 13 <= len(digits) <= 19 or digits[0] not in "23456":
        return False
    fours = len(sizes) > 1 and all(size == 4 for size in sizes[:-1]) and sizes[-1] <= 4
    return (len(sizes) == 1 or fours or sizes in _CARD_GROUPS) and _luhn(digits)


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(map(int, reversed(digits))):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def _is_my_number(digits: str, sizes: tuple[int, ...]) -> bool:
    """Check digit of the Individual Number: Ordinance No. 85 of 2014, article 5."""
    if sizes not in _MY_NUMBER_GROUPS:
        return False
    rest = sum(int(digit) * weight for digit, weight in zip(digits, _MY_NUMBER_WEIGHTS, strict=False)) % 11
    return int(digits[-1]) == (0 if rest <= 1 else 11 - rest)
