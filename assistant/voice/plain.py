"""Takes a reply's written marks away: what nobody reads aloud (Markdown, sources, addresses) is left out or named.

It does not read numbers or words; that is ``reading``.
"""

import re
from dataclasses import dataclass

_CITATION = re.compile(r"\s*\[\d{1,3}\]|[⁰¹²³⁴-⁹]+")
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_LINE_MARK = re.compile(r"^\s*(?:#{1,6}\s+|>\s?|[-*+•・]\s+(?:\[[ xX]\]\s+)?)")
_NUMBERED = re.compile(r"^\s*(\d{1,2})[.)．、]\s+")
_RULE = re.compile(r"^\s*(?:[-*_=]\s?){3,}$|^\s*```.*$")
_EMPHASIS = re.compile(r"\*{1,3}|_{2,3}|~~|`+|(?<!\w)_(?=\S)|(?<=\S)_(?!\w)")
_URL = re.compile(r" ?(?:https?://|www\.)[^\s<>「」（）()、。\]]*[^\s<>「」（）()、。\].,!?！？] ?", re.I)
_EMAIL = re.compile(r" ?[\w.+-]+@[\w-]+(?:\.[\w-]+)+ ?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Names:
    """What is said in place of things that only make sense on the screen; the company's phrases, by language."""

    link: str
    email: str
    table: str


def plain(line: str, names: Names) -> str:
    """Give one line of Markdown as it is said; empty when nothing of it is."""
    if _RULE.match(line):
        return ""
    line = _NUMBERED.sub(r"\1, " if names.link.isascii() else r"\1、", _LINE_MARK.sub("", line))
    line = _LINK.sub(r"\1", _IMAGE.sub("", line))
    line = _TAG.sub(" ", _CITATION.sub("", line))
    line = _URL.sub(_named(names.link), _EMAIL.sub(_named(names.email), line))
    return re.sub(r" (?=[.,!?])", "", re.sub(r"  +", " ", _EMPHASIS.sub("", line))).strip()


def _named(name: str) -> str:
    return f" {name} " if name.isascii() else name


def is_table(line: str) -> bool:
    """Tell whether a line belongs to a Markdown table, which is looked at and not listened to."""
    return line.lstrip().startswith("|")
