"""Reads a visitor's question for search: synonyms of the content team, and what a follow-up leaves unsaid.

It owns words and weights; it finds nothing.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import KnowledgeError
from assistant.ports import Turn
from assistant.retrieval.words import FRAGMENT, normalise, words

LONGEST = 2_000
"""Characters of a question that are searched; more is noise and costs time."""
_SYNONYM_WEIGHT = 0.5
_CARRIED_WEIGHT = 0.5
_FOLLOW_UP = re.compile(
    r"^(and|also|what about|how about|then|so|but|or)\b|\b(it|that|this|those|these|them|there|one|ones)\b"
    r"|^(では|じゃあ|それ|その|そこ|この|これ|あと|また|ちなみに|なら|でも)|^.{1,14}(は|だと|なら|の場合は?|でも)[?。]*$")


@dataclass(frozen=True, slots=True)
class Synonyms:
    """Groups of phrases that mean the same to this company's customers, normalised."""

    groups: tuple[tuple[str, ...], ...] = ()

    def others(self, question: str) -> list[str]:
        """Give the phrases that mean the same as something the question says."""
        found: list[str] = []
        for group in self.groups:
            if any(_says(question, phrase) for phrase in group):
                found.extend(phrase for phrase in group if not _says(question, phrase))
        return found


@dataclass(frozen=True, slots=True)
class Query:
    """A question ready for search: ``words`` with weights (1 = said by the visitor just now).

    ``asked`` is the part of ``words`` that an answer is measured against; synonyms help to find and ask for nothing.
    """

    text: str
    words: Mapping[str, float]
    asked: Mapping[str, float]


def load_synonyms(path: Path) -> Synonyms:
    """Read ``synonyms.toml`` (``groups = [["口座", "預金口座"], …]``). A missing file means none.

    Raises KnowledgeError naming the file when it is not such a table.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Synonyms()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise KnowledgeError(path, 0, str(error)) from error
    groups = table.get("groups", [])
    for group in groups if isinstance(groups, list) else [groups]:
        if not isinstance(group, list) or len(group) < 2 or not all(isinstance(text, str) and text for text in group):
            raise KnowledgeError(path, 0, f"a group is a list of two or more phrases, not {group!r}")
    return Synonyms(tuple(tuple(normalise(text) for text in group) for group in groups))


def contextual(question: str, history: Sequence[Turn]) -> str:
    """Give the question as it would stand alone: "and on Sundays?" gains the visitor's last full question.

    This is the text to embed for retrieval; it equals ``question`` when nothing is left unsaid.
    """
    earlier = _carried(question, history)
    return f"{earlier} {question}" if earlier else question


def read_query(question: str, history: Sequence[Turn], synonyms: Synonyms) -> Query:
    """Weigh the words of a question: said now 1, carried over and synonyms ½."""
    text = normalise(question[:LONGEST])
    earlier = _carried(question, history)
    asked = _weighed(text, 1.0)
    for word, weight in _weighed(earlier, _CARRIED_WEIGHT).items():
        asked.setdefault(word, weight)
    weights = dict(asked)
    for other in synonyms.others(f"{earlier} {text}"):
        for word, weight in _weighed(other, _SYNONYM_WEIGHT).items():
            weights.setdefault(word, weight)
    return Query(text, weights, asked)


def _weighed(text: str, weight: float) -> dict[str, float]:
    return {word: weight * (FRAGMENT if word.startswith("~") else 1.0) for word in words(text)}


def _carried(question: str, history: Sequence[Turn]) -> str:
    """Give what the visitor asked before, when ``question`` leans on it, else an empty text."""
    text = normalise(question[:LONGEST])
    short = len(text) <= (20 if not text.isascii() else 40)
    if not (short and _FOLLOW_UP.search(text)):
        return ""
    for turn in reversed(history):
        if turn.speaker == "visitor":
            before = normalise(turn.text[:LONGEST])
            if before != text and not (len(before) <= 20 and _FOLLOW_UP.search(before)):
                return before[:300]
    return ""


def _says(question: str, phrase: str) -> bool:
    if phrase.isascii():
        return re.search(rf"\b{re.escape(phrase)}\b", question) is not None
    return phrase in question
