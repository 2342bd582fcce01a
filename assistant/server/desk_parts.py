"""What the desk's socket and routes are made of, handed in once at start."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.flows.board import Board
from assistant.flows.desk import Desk
from assistant.handoff.human_side import HumanSide

Suggest = Callable[[str], Awaitable[Mapping[str, Any] | None]]
Packet = Callable[[str], Awaitable[Mapping[str, Any] | None]]


@dataclass(frozen=True, slots=True)
class DeskParts:
    """``suggest`` gives a conversation's suggestion frame, ``brief`` its brief; both None when there is nothing.

    Every ``check_s`` seconds a socket makes sure that its session still stands.
    """

    side: HumanSide
    desk: Desk
    board: Board
    suggest: Suggest
    brief: Packet
    snippets: Sequence[Mapping[str, str]] = field(default_factory=tuple)
    check_s: float = 15.0
