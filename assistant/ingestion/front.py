"""Reads a page's front matter: the few ``key: value`` lines between ``---`` marks, told apart by line when wrong."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

_LINE = re.compile(r"^([a-z_]+)\s*:\s*(.*?)\s*$")
_ITEM = re.compile(r"^\s*-\s+(.*?)\s*$")


@dataclass(frozen=True, slots=True)
class Front:
    """What the front matter says, the page's Markdown after it, its first line (from 1), and complaints by line."""

    values: dict[str, Any]
    body: str
    first_line: int
    complaints: list[tuple[int, str]] = field(default_factory=list)


def _text(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _tags(value: str) -> tuple[str, ...]:
    inner = value[1:-1] if value.startswith("[") and value.endswith("]") else value
    return tuple(_text(tag.strip()) for tag in re.split("[,、]", inner) if tag.strip())


def _date(value: str) -> date:
    return date.fromisoformat(_text(value).replace("/", "-"))


FIELDS: dict[str, Callable[[str], Any]] = {
    "title": _text, "tags": _tags, "audience": _text, "valid_from": _date, "valid_until": _date, "reviewed": _date,
    "owner": _text, "url": _text,
}
"""Every key that front matter may hold."""


def read_front(text: str) -> Front:
    """Split front matter from the page. Nothing is raised: a wrong line is a complaint and the rest is used."""
    lines = text.split("\n")
    if lines[0].strip() != "---":
        return Front({}, text, 1)
    try:
        end = next(n for n, line in enumerate(lines[1:], 1) if line.strip() in ("---", "..."))
    except StopIteration:
        return Front({}, text, 1, [(1, "front matter begins with --- but does not end with ---")])
    values: dict[str, Any] = {}
    complaints: list[tuple[int, str]] = []
    key = ""
    for number, line in enumerate(lines[1:end], 2):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        item = _ITEM.match(line)
        if item and key == "tags":
            values[key] = (*values.get(key, ()), _text(item[1]))
            continue
        match = _LINE.match(line)
        key = match[1] if match else ""
        wrong = _take(values, match[1], match[2]) if match else "not a key: value line"
        if wrong:
            complaints.append((number, wrong))
    return Front(values, "\n".join(lines[end + 1:]), end + 2, complaints)


def _take(values: dict[str, Any], key: str, text: str) -> str:
    """Put a value in its place; give what is wrong with it, or an empty text."""
    if key not in FIELDS:
        return f"unknown key {key!r}; known: {', '.join(FIELDS)}"
    if key in values:
        return f"{key!r} is given twice"
    try:
        values[key] = FIELDS[key](text)
    except ValueError:
        return f"{key}: {text!r} is no date (use 2027-03-31)"
    return ""
