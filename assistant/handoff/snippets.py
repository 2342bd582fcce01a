"""The sentences that agents write often, from ``knowledge/snippets.toml``, checked; placeholders stay as they are."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.errors import KnowledgeError
from assistant.phrases import LANGUAGES


class _Text(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    text: str


class _Snippet(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str
    ja: _Text
    en: _Text


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    snippet: list[_Snippet] = []


def load_snippets(knowledge: Path, packaged: Path) -> list[dict[str, str]]:
    """Give ``{id, title, text, lang}`` of the company's file, else the packaged one. Raises KnowledgeError."""
    own = knowledge / "snippets.toml"
    path = own if own.is_file() else packaged / "snippets.toml"
    try:
        read = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise KnowledgeError(path, 0, str(error)) from error
    return [{"id": one.id, "lang": language, **getattr(one, language).model_dump()}
            for one in read.snippet for language in LANGUAGES]
