"""Cuts Markdown into the units a reply is built of: sentences, whole lists and whole tables, in their order."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

UnitKind = Literal["sentence", "list", "table"]

_LIST = re.compile(r"\s*(?:[-*+]|\d+[.)]|[0-9０-９]+[.．、)])\s+")
_END = re.compile(r"(?<=[。！？!?])(?![」』）)\]*])|(?<=[。！？]\*\*)|(?<=[a-zA-Z)\]\"'”’%][.])\s+(?=[A-Z\"“(])")
_TOKEN = re.compile(r"[a-z0-9]+|[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u3005\u3006]+")
_STOP = frozenset(
    "the a an of to in on at for and or is are be was were do does did can could i you we my our your it its this that "
    "how what when where which who why with from as by if not no yes will would have has had there any me".split()
)


@dataclass(frozen=True, slots=True)
class Unit:
    """One quotable piece of Markdown; a list or a table is never cut, so that no step of a procedure is lost."""

    kind: UnitKind
    text: str
    paragraph: int


def split_sentences(text: str) -> list[str]:
    """Cut prose after 。！？ and after an English full stop before a capital; keeps every character but the spaces."""
    return [part.strip() for part in _END.split(text.replace("\n", " ")) if part.strip()]


def units(markdown: str) -> list[Unit]:
    """Give the units of a passage in order; headings are left out, since a citation already names them."""
    found: list[Unit] = []
    for number, block in enumerate(_blocks(markdown)):
        first = block[0].lstrip()
        if first.startswith("#"):
            continue
        if first.startswith("|"):
            found.append(Unit("table", "\n".join(block), number))
        elif _LIST.match(block[0]):
            found.append(Unit("list", "\n".join(block), number))
        else:
            found += [Unit("sentence", sentence, number) for sentence in split_sentences("\n".join(block))]
    return found


def quoted(pieces: Sequence[Unit], n: int, language: str) -> str:
    """Join units as one quotation in which every sentence, list item and table carries the citation ``[n]``."""
    text, previous = "", None
    for piece in pieces:
        text += joint(previous, piece, language) + cited(piece, n)
        previous = piece
    return text


def joint(previous: Unit | None, piece: Unit, language: str) -> str:
    """Give what stands between two quoted units."""
    if previous is None:
        return ""
    if previous.kind == piece.kind == "sentence" and previous.paragraph == piece.paragraph:
        return "" if language == "ja" else " "
    return "\n\n"


def cited(piece: Unit, n: int) -> str:
    """Give a unit's text with its citation."""
    if piece.kind == "sentence":
        return f"{piece.text} [{n}]"
    if piece.kind == "list":
        return "\n".join(f"{line} [{n}]" if line.strip() else line for line in piece.text.splitlines())
    return f"{piece.text}\n\n[{n}]"


def _blocks(markdown: str) -> list[list[str]]:
    blocks: list[list[str]] = []
    last = ""
    for line in markdown.splitlines():
        kind = _line_kind(line, last)
        if kind and kind == last and blocks:
            blocks[-1].append(line)
        elif kind:
            blocks.append([line])
        last = kind
    return blocks


def _line_kind(line: str, last: str) -> str:
    if not line.strip():
        return ""
    if line.lstrip().startswith("#"):
        return "heading" if last != "heading" else "heading "
    if line.lstrip().startswith("|"):
        return "table"
    if _LIST.match(line) or (last == "list" and line.startswith((" ", "\t"))):
        return "list"
    return "prose"


def terms(text: str) -> frozenset[str]:
    """Give what a text is about: English words but stop words, pairs of Japanese characters but all-kana ones."""
    folded = unicodedata.normalize("NFKC", text).lower()
    found: set[str] = set()
    for token in _TOKEN.findall(folded):
        if token[0].isascii():
            if token not in _STOP:
                found.add(token[:-1] if len(token) > 3 and token.endswith("s") else token)
        elif len(token) == 1:
            found.add(token)
        else:
            pairs = {token[i : i + 2] for i in range(len(token) - 1)}
            found |= {pair for pair in pairs if not all("\u3040" <= c <= "\u309f" for c in pair)}
    return frozenset(found)
