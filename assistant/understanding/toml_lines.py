"""Reads a TOML file of the knowledge folder and tells on which line a key stands; it validates nothing itself."""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from assistant.errors import KnowledgeError

Model = TypeVar("Model", bound=BaseModel)


def read_toml(path: Path) -> dict[str, Any]:
    """Give the tree. Raises KnowledgeError with the line where the syntax breaks."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        raise KnowledgeError(path, int(found[1]) if found else 0, f"not valid TOML: {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise KnowledgeError(path, 0, str(error)) from error


def validated(model: type[Model], tree: dict[str, Any], path: Path) -> Model:
    """Check ``tree`` against ``model``. Raises KnowledgeError naming the first wrong key and its line."""
    try:
        return model.model_validate(tree)
    except ValidationError as error:
        first = error.errors()[0]
        where = [str(part) for part in first["loc"] if part != "[key]"]
        raise KnowledgeError(path, line_of(path, where), f"{'.'.join(where)}: {first['msg']}") from error


def line_of(path: Path, keys: Sequence[str]) -> int:
    """Give the line (from 1; 0 = not found) of the deepest of ``keys`` that stands in the file."""
    best, table = 0, []  # type: int, list[str]
    depth = -1
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        text = line.strip()
        header = re.match(r"\[+\s*([^\]]+?)\s*\]+\s*(?:#.*)?$", text)
        if header and "=" not in text.split("#")[0]:
            table = [part.strip(' "') for part in re.findall(r'"[^"]*"|[^.]+', header[1])]
            here = table
        else:
            name = re.match(r'"?([\w-]+)"?\s*=', text)
            here = [*table, name[1]] if name else []
        if here and len(here) > depth and list(keys[:len(here)]) == here:
            best, depth = number, len(here)
    return best
