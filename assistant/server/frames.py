"""Frames as they cross the socket: incoming ones are checked before anything looks at them, outgoing encoded once."""

import json
import math
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assistant.errors import BadJson, EmptyText, InvalidText, TextTooLong

MAX_FRAME = 65_536
"""Bytes of one incoming frame; a longer one ends the connection with 1009."""
VISITOR_TEXT = 4_000
AGENT_TEXT = 10_000
"""Longest message in Unicode code points."""
MAX_DEPTH = 20

_INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Encoded:
    """One outgoing frame, encoded once for all listeners; ``size`` is in bytes."""

    text: str
    size: int


def encode(frame: object) -> Encoded:
    """Encode a frame; a lone surrogate, which no socket can carry, becomes U+FFFD."""
    text = _encode(frame)
    try:
        return Encoded(text, len(text.encode()))
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return Encoded(text, len(text.encode()))


def quoted(text: str) -> str:
    """Give the JSON string literal of a text."""
    return _encode(text)


def parse(raw: str) -> dict[str, Any]:
    """Read one incoming frame; ``check_tree`` comes next, when it is known whom to answer.

    Raises BadJson for anything but one JSON object (also: a key twice, NaN, infinite or endless numbers).
    """
    if len(raw) > MAX_FRAME:
        raise BadJson("the frame is longer than 64 KiB")
    try:
        frame = _decoder.decode(raw)
    except (ValueError, RecursionError) as error:
        raise BadJson("the frame is not one JSON object") from error
    if not isinstance(frame, dict):
        raise BadJson("the frame is not one JSON object")
    return frame


def check_tree(frame: dict[str, Any], raw: str) -> None:
    """Raise BadJson beyond 20 levels, InvalidText for lone surrogates and NUL: no database and no screen holds them."""
    # Both can only come in through \u: JSON forbids raw control characters, UTF-8 forbids surrogates.
    escapes = "\\u" in raw
    level: list[object] = [frame]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in _children(node)]
        if escapes:
            for text in level:
                if isinstance(text, str):
                    check_text(text)
        if not level:
            return
    raise BadJson("more than 20 levels deep")


def speakable(txn: object) -> str | None:
    """Give a txn that an answer may carry, or None."""
    if not isinstance(txn, str) or len(txn) > 64 or any("\ud800" <= c <= "\udfff" for c in txn):
        return None
    return txn


def message_text(value: object, limit: int) -> str:
    """Check the text of a message. Raises InvalidText, EmptyText or TextTooLong (``limit`` in code points)."""
    if not isinstance(value, str):
        raise InvalidText("text must be a string")
    if len(value) > limit:
        raise TextTooLong(f"{len(value)} code points")
    check_text(value)
    if all(unicodedata.category(c) in _INVISIBLE or c in _BLANK_LETTERS for c in value):
        raise EmptyText("no visible character")
    return value


def check_text(text: str) -> None:
    """Raise InvalidText for NUL and lone surrogates."""
    if "\0" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise InvalidText("NUL or a lone surrogate")


def _children(node: object) -> Iterator[object]:
    if isinstance(node, dict):
        yield from node
        yield from node.values()
    elif isinstance(node, list):
        yield from node


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice")
    return made


def _constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("number out of range")
    return value


_decoder = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant, parse_float=_float)
