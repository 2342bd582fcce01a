"""Who the assistant is: read from ``knowledge/persona.md``; it owns the sheet's syntax and gives plain values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from assistant.errors import KnowledgeError
from assistant.phrases import LANGUAGES

_HEADING = re.compile(r"(#{2,3})\s+(.+?)\s*$")
_FORBIDDEN = ("禁句", "forbidden", "never say", "words we do not use", "phrases we do not use")


@dataclass(frozen=True, slots=True)
class Persona:
    """The sheet's values; texts are by language. ``sheet`` is what a language model is told."""

    name: Mapping[str, str]
    company: Mapping[str, str]
    role: Mapping[str, str]
    look: str = "mio"
    voice: str = "auto"
    sheet: Mapping[str, str] = field(default_factory=dict)
    forbidden: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def fill(self, language: str) -> dict[str, str]:
        """Give the values that phrases may name."""
        return {"name": self.name[language], "company": self.company[language], "role": self.role[language]}


NEUTRAL = Persona(
    name={"ja": "アシスタント", "en": "the assistant"},
    company={"ja": "当サイト", "en": "this site"},
    role={"ja": "AIアシスタント", "en": "AI assistant"},
)
"""Used when a knowledge folder has no persona sheet."""


def load_persona(knowledge: Path) -> Persona:
    """Read the sheet; a missing one gives NEUTRAL. Raises KnowledgeError with file and line."""
    path = knowledge / "persona.md"
    if not path.is_file():
        return NEUTRAL
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise KnowledgeError(path, 0, f"cannot be read as UTF-8: {error}") from error
    head, body = _front_matter(path, text)
    sections = _sections(body)
    return Persona(
        name=_both(head, "name", NEUTRAL.name),
        company=_both(head, "company", NEUTRAL.company),
        role=_both(head, "role", NEUTRAL.role),
        look=head.get("look", NEUTRAL.look),
        voice=head.get("voice", NEUTRAL.voice),
        sheet={language: sections.get(language, "").strip() for language in LANGUAGES},
        forbidden={language: _forbidden(sections.get(language, "")) for language in LANGUAGES},
    )


def _front_matter(path: Path, text: str) -> tuple[dict[str, str], str]:
    lines = text.splitlines()
    if not lines or lines[0].strip() != "---":
        return {}, text
    head: dict[str, str] = {}
    for number, line in enumerate(lines[1:], 2):
        if line.strip() == "---":
            return head, "\n".join(lines[number:])
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, colon, value = line.partition(":")
        if not colon:
            raise KnowledgeError(path, number, "expected 'key: value'")
        head[key.strip().replace(".", "_")] = value.strip().strip("\"'")
    raise KnowledgeError(path, 1, "front matter is not closed by ---")


def _both(head: Mapping[str, str], key: str, default: Mapping[str, str]) -> dict[str, str]:
    return {language: head.get(f"{key}_{language}") or head.get(key) or default[language] for language in LANGUAGES}


def _sections(body: str) -> dict[str, str]:
    sections: dict[str, list[str]] = {}
    current: list[str] = []
    for line in body.splitlines():
        heading = _HEADING.match(line)
        if heading and len(heading[1]) == 2:
            title = heading[2].lower()
            key = "ja" if title in ("ja", "日本語") else "en" if title in ("en", "english") else title
            current = sections.setdefault(key, [])
        else:
            current.append(line)
    return {key: "\n".join(lines) for key, lines in sections.items()}


def _forbidden(section: str) -> tuple[str, ...]:
    inside, found = False, []
    for line in section.splitlines():
        heading = _HEADING.match(line)
        if heading:
            inside = any(word in heading[2].lower() for word in _FORBIDDEN)
        elif inside and line.lstrip().startswith(("-", "*")):
            phrase = re.split(r"\s*(?:（|\(|→|—)", line.lstrip("-* ").strip(), maxsplit=1)[0]
            found.append(phrase.strip("「」『』\"“”` "))
    return tuple(phrase for phrase in found if len(phrase) >= 2)
