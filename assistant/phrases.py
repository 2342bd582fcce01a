"""Every sentence the server itself says, read from ``knowledge/phrases/{ja,en}.toml`` and checked for twins.

It owns look-up and placeholders; it decides nothing about when a sentence is said.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import KnowledgeError

LANGUAGES = ("ja", "en")


@dataclass(frozen=True, slots=True)
class Phrases:
    """Flat tables of sentences by language; keys are dotted (``error.too_long``)."""

    tables: Mapping[str, Mapping[str, str]]

    def say(self, key: str, language: str, **values: object) -> str:
        """Give the sentence in that language (English if unknown), placeholders filled. Raises KeyError."""
        table = self.tables.get(language) or self.tables["en"]
        text = table[key]
        return text.format(**values) if values else text

    def has(self, key: str) -> bool:
        """Tell whether every language has this key."""
        return all(key in table for table in self.tables.values())


def load_phrases(knowledge: Path, packaged: Path) -> Phrases:
    """Read the company's phrases over the packaged ones, so that a company writes only what it wants otherwise.

    Raises KnowledgeError naming the file and what is wrong (syntax, a key without a twin, an unknown key).
    """
    tables = {language: _flatten(packaged / f"{language}.toml") for language in LANGUAGES}
    for language in LANGUAGES:
        own = knowledge / "phrases" / f"{language}.toml"
        if own.is_file():
            for key, text in _flatten(own).items():
                if key not in tables[language]:
                    raise KnowledgeError(own, _line_of(own, key), f"unknown phrase {key!r}")
                tables[language][key] = text
    missing = set(tables["ja"]) ^ set(tables["en"])
    if missing:
        raise KnowledgeError(packaged, 0, f"phrases without a twin in the other language: {sorted(missing)}")
    return Phrases(tables)


def _flatten(path: Path) -> dict[str, str]:
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise KnowledgeError(path, 0, str(error)) from error
    flat: dict[str, str] = {}

    def walk(prefix: str, node: Mapping[str, object]) -> None:
        for key, value in node.items():
            name = f"{prefix}{key}"
            if isinstance(value, Mapping):
                walk(f"{name}.", value)
            elif isinstance(value, str):
                flat[name] = value
            else:
                raise KnowledgeError(path, _line_of(path, name), f"{name} must be text")

    walk("", tree)
    return flat


def _line_of(path: Path, key: str) -> int:
    leaf = key.rsplit(".", 1)[-1]
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.split("=", 1)[0].strip().strip('"') == leaf:
            return number
    return 0
