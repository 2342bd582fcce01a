"""Finds the words a company listed (``knowledge/moments/*.toml``) in a message, and says where; it weighs nothing.

A cue is ``A|B ~ C|D``: one of A or B, then, in the same sentence and not far behind, one of C or D. ``=A`` is a whole
message. What a sentence asks in general, or tells as settled, does not count for a framed cue.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from assistant.errors import KnowledgeError
from assistant.understanding.folding import Folded, fold, folded
from assistant.understanding.romaji import is_romaji, kana_parts
from assistant.understanding.toml_lines import read_toml, validated

GAP = {True: 18, False: 44}
"""How many letters may stand between two groups of a cue: in Japanese, in English."""
SENTENCE_END = ".!?。．！？\n"
_EDGE = re.compile(r"[a-z0-9*']")
_TRIM = " \t\n.!?。、,…・~〜ー\"'*"


def _cue(text: str) -> str:
    if not text.strip() or any(not part.strip(" |*=") for part in text.split(" ~ ")[:1]):
        raise ValueError("a cue may not be empty")
    return text


Cue = Annotated[str, AfterValidator(_cue)]


class CueTable(BaseModel):
    """One list of cues as it stands in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    kind: str | None = None
    urgent: str | None = None
    framed: bool = True
    cues: Annotated[list[Cue], Field(min_length=1)]
    unless: list[Cue] = []


class Frames(BaseModel):
    """Sentences in which a charged word is not about something that happened."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    hypothetical: list[Cue] = []
    routine: list[Cue] = []
    settled: list[Cue] = []


class MomentsFile(BaseModel):
    """One file of ``knowledge/moments``."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    frames: Frames = Frames()
    cues: dict[str, CueTable] = {}
    prototypes: dict[str, list[str]] = {}


@dataclass(frozen=True, slots=True)
class Found:
    """A cue that stands in the message; ``span`` in the original text. ``framed``: it only asks in general."""

    code: str
    span: tuple[int, int]
    kind: str | None = None
    urgent: str | None = None
    framed: bool = False


@dataclass(frozen=True, slots=True)
class _Pattern:
    groups: tuple[frozenset[str], ...]
    regex: re.Pattern[str]
    whole: frozenset[str]

    def may(self, words: set[str], whole: str) -> bool:
        """Tell quickly whether it can stand in a text that holds these of all listed words."""
        if whole and whole in self.whole:
            return True
        return bool(self.groups) and not any(group.isdisjoint(words) for group in self.groups)

    def find(self, text: str, whole: str) -> tuple[int, int] | None:
        """Give the first place in a folded sentence."""
        if whole and whole in self.whole:
            return 0, len(text)
        found = self.regex.search(text)
        return (found.start(), found.end()) if found else None


@dataclass(frozen=True, slots=True)
class _List:
    code: str
    kind: str | None
    urgent: str | None
    framed: bool
    cues: tuple[_Pattern, ...]
    unless: tuple[_Pattern, ...]

    def narrowed(self, words: set[str], whole: str) -> "_List | None":
        """Give the part of the list that can stand in a text with these words, or None."""
        cues = tuple(cue for cue in self.cues if cue.may(words, whole))
        if not cues:
            return None
        return replace(self, cues=cues, unless=tuple(cue for cue in self.unless if cue.may(words, whole)))


@dataclass(frozen=True, slots=True)
class Cues:
    """All lists of both languages, ready to search."""

    lists: tuple[_List, ...]
    frames: Mapping[str, tuple[_Pattern, ...]]
    prototypes: tuple[tuple[str, str], ...]
    words: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """Give every code, sorted."""
        return tuple(sorted({row.code for row in self.lists}))

    def search(self, text: str) -> tuple[list[Found], list[str]]:
        """Give what stands in ``text``, in reading order, and the names of the frames that some sentence has."""
        found: dict[tuple[str, bool], Found] = {}
        frames: list[str] = []
        for view in _views(text):
            parts = sentences(view.text)
            whole = view.text.strip(_TRIM) or view.text.strip()[:1] if len(parts) <= 1 else ""
            words = {word for word in self.words if word in view.text}
            rows = [narrow for row in self.lists if (narrow := row.narrowed(words, whole)) is not None]
            asking = {name: [row for row in all_of if row.may(words, "")] for name, all_of in self.frames.items()}
            for start, end in parts:
                sentence = view.text[start:end]
                framed = [name for name, some in asking.items() if any(row.find(sentence, "") for row in some)]
                frames.extend(name for name in framed if name not in frames)
                for row in rows:
                    hit = self._hit(row, sentence, whole, framed)
                    if hit is None or (row.code, hit[2]) in found:
                        continue
                    span = view.span(start + hit[0], max(start + hit[0] + 1, start + hit[1]))
                    found[(row.code, hit[2])] = Found(row.code, span, row.kind, row.urgent, hit[2])
        return sorted(found.values(), key=lambda one: (one.span, one.code)), frames

    @staticmethod
    def _hit(row: _List, sentence: str, whole: str, frames: Sequence[str]) -> tuple[int, int, bool] | None:
        for cue in row.cues:
            place = cue.find(sentence, whole)
            if place is not None and place[1] > place[0]:
                if any(other.find(sentence, whole) for other in row.unless):
                    return None
                return (*place, row.framed and bool(frames))
        return None


def load_cues(knowledge: Path, packaged: Path | None = None) -> Cues:
    """Read ``moments/ja.toml`` and ``en.toml`` of both folders; a company's lists are added to the packaged ones.

    Raises KnowledgeError with file and line.
    """
    folders = [packaged] if packaged else []
    if not packaged or knowledge.resolve() != packaged.resolve():
        folders.append(knowledge)
    files: list[MomentsFile] = []
    for folder in folders:
        for language in ("ja", "en"):
            path = folder / "moments" / f"{language}.toml"
            if path.is_file():
                files.append(validated(MomentsFile, read_toml(path), path))
    if not files:
        raise KnowledgeError(knowledge / "moments", 0, "there is no ja.toml and no en.toml")
    rows = [_List(code, table.kind, table.urgent, table.framed, tuple(map(compiled, table.cues)),
                  tuple(map(compiled, table.unless))) for file in files for code, table in file.cues.items()]
    frames: dict[str, tuple[_Pattern, ...]] = {}
    for file in files:
        for name in ("hypothetical", "routine", "settled"):
            frames[name] = frames.get(name, ()) + tuple(map(compiled, getattr(file.frames, name)))
    prototypes = tuple((kind, text) for file in files for kind, texts in file.prototypes.items() for text in texts)
    patterns = [cue for row in rows for cue in (*row.cues, *row.unless)]
    patterns += [cue for some in frames.values() for cue in some]
    words = sorted({word for cue in patterns for group in cue.groups for word in group})
    return Cues(tuple(rows), frames, prototypes, tuple(words))


def compiled(cue: str) -> _Pattern:
    """Turn one line of a list into something that can be searched."""
    whole: set[str] = set()
    groups: list[frozenset[str]] = []
    sources: list[str] = []
    japanese = any(ord(letter) > 0x2fff for letter in cue)
    for part in cue.split(" ~ "):
        words = [folded(word).strip() for word in part.split("|")]
        whole |= {word[1:].strip(_TRIM) or word[1:] for word in words if word.startswith("=")}
        kept = [word for word in words if word and not word.startswith("=")]
        if kept:
            groups.append(frozenset(word.strip("*") for word in kept))
            sources.append("(?:" + "|".join(map(_source, sorted(kept, key=len, reverse=True))) + ")")
    gap = f"[^{re.escape(SENTENCE_END)}]{{0,{GAP[japanese]}}}?"
    return _Pattern(tuple(groups), re.compile(gap.join(sources) or r"(?!)"), frozenset(whole))


def sentences(text: str) -> list[tuple[int, int]]:
    """Give the spans of the sentences of a text; at least one unless it is empty."""
    spans: list[tuple[int, int]] = []
    start = 0
    for i, letter in enumerate(text):
        if letter in SENTENCE_END and not (letter == "." and text[i + 1:i + 2].isalnum()):
            if text[start:i].strip():
                spans.append((start, i + 1))
            elif spans:
                spans[-1] = (spans[-1][0], i + 1)
            start = i + 1 if text[start:i].strip() or spans else start
    if text[start:].strip():
        spans.append((start, len(text)))
    return spans


def _source(word: str) -> str:
    left = r"(?<![a-z0-9])" if _EDGE.match(word[0]) and word[0] not in "*'" else ""
    right = "" if word.endswith("*") or not _EDGE.match(word[-1]) else r"(?![a-z0-9])"
    return left + re.escape(word.strip("*")).replace(r"\ ", r"\s+") + right


def _views(text: str) -> list[Folded]:
    views = [fold(text)]
    if is_romaji(text):
        parts = [(kana, start, end) for kana, start, end in kana_parts(text)]
        letters = [(letter, start, end) for kana, start, end in parts for letter in kana]
        kept = [(letter, start, end) for letter, start, end in letters if letter != " "]
        if kept:
            joined = "".join(letter for letter, _, _ in kept)
            views.append(Folded(joined, tuple(s for _, s, _ in kept), tuple(e for _, _, e in kept)))
    return views
