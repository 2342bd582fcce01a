"""Reads given messages and conversations from JSON lines and says what would be decided.

The core of ``omotenashi assess`` and of ``omotenashi policy try``; it prints nothing and opens no file.
"""

import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.decision.decide import Decision, Progress, advance, decide
from assistant.decision.policy import Policy
from assistant.errors import BadJson
from assistant.ports import Listener, Turn
from assistant.understanding.context import in_context
from assistant.understanding.reading import Reading
from assistant.understanding.understand import Understanding

Vector = NDArray[np.float32]

WHATS = ("same", "newly", "earlier", "later", "no longer")
SPEAKERS = {"visitor": "visitor", "user": "visitor", "customer": "visitor", "assistant": "assistant",
            "bot": "assistant", "agent": "agent"}


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation to read; the last turn is the visitor's."""

    id: str | int
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One visitor's turn: its place among the turns (from 0), what was read and what is decided."""

    turn: int
    reading: Reading
    decision: Decision


@dataclass(frozen=True, slots=True)
class Change:
    """How a conversation fares under another policy; ``was`` and ``now`` are the turns of the hand-off, None = none."""

    id: str | int
    was: int | None
    now: int | None

    @property
    def what(self) -> str:
        """Say it in a word: same, earlier, later, no longer, newly."""
        if self.was == self.now:
            return "same"
        if self.was is None:
            return "newly"
        if self.now is None:
            return "no longer"
        return "earlier" if self.now < self.was else "later"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a changed policy does to a set of conversations."""

    changes: tuple[Change, ...]

    def counts(self) -> dict[str, int]:
        """Count the conversations by what happens to them."""
        return {what: sum(change.what == what for change in self.changes) for what in WHATS}

    def as_json(self) -> dict[str, Any]:
        """Give counts and the changed conversations."""
        changed = [{"id": change.id, "what": change.what, "was": change.was, "now": change.now}
                   for change in self.changes if change.what != "same"]
        return {"conversations": len(self.changes), "counts": self.counts(), "changed": changed}

    def text(self) -> str:
        """Give the same for people to read: one line a changed conversation, then the sums."""
        lines = [f"{change.id}: {change.what} (turn {_turn_name(change.was)} -> {_turn_name(change.now)})"
                 for change in self.changes if change.what != "same"]
        sums = ", ".join(f"{count} {what}" for what, count in self.counts().items())
        return "\n".join([*lines, f"{len(self.changes)} conversations: {sums}"])


def _turn_name(turn: int | None) -> str:
    return "none" if turn is None else str(turn)


def read_talks(lines: Iterable[str]) -> Iterator[Talk]:
    """Read ``{"id", "text", "history":[{"from","text"}]?}`` or ``{"id", "turns":[…]}`` per line, blank ones not.

    Raises BadJson naming the line.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            turns = [_turn(turn) for turn in row.get("turns", row.get("history") or [])]
            if "text" in row:
                turns.append(Turn("visitor", str(row["text"])))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadJson(f"line {number}: {error}") from error
        yield Talk(row.get("id", number), tuple(turns))


def steps(talk: Talk, understanding: Understanding, policy: Policy, heard: Mapping[str, Vector]) -> list[Step]:
    """Read and decide every visitor's turn in order; what is ``heard`` comes by text, missing ones are done without."""
    progress = Progress()
    done: list[Step] = []
    for at, turn in enumerate(talk.turns):
        if turn.speaker != "visitor":
            continue
        reading = understanding.understand(turn.text, heard.get(turn.text), talk.turns[:at])
        together = in_context(turn.text, talk.turns[:at])
        if together is not None:
            reading = understanding.in_its_talk(reading, together, heard.get(together))
        decision = decide(reading, progress, policy)
        progress = advance(progress, reading, decision, answered=True, remember=policy.progress.remember)
        done.append(Step(at, reading, decision))
    return done


async def assess_lines(lines: Iterable[str], understanding: Understanding, policy: Policy,
                       listener: Listener | None = None) -> AsyncIterator[dict[str, Any]]:
    """Give the printed reading of each line's last message, with route and urgent step, as the lines come.

    Raises BadJson for a line that is none, ModelUnavailable if the listener fails.
    """
    for talk in read_talks(lines):
        heard = await _listened(talk, listener)
        read = steps(talk, understanding, policy, heard)
        if read:
            last = read[-1]
            yield {"id": talk.id, **last.reading.as_json(), "route": last.decision.route,
                   "urgent": last.decision.urgent, "severity": last.decision.severity,
                   "reasons": [reason.as_json() for reason in last.decision.reasons]}


async def replay(lines: Iterable[str], understanding: Understanding, old: Policy, new: Policy,
                 listener: Listener | None = None) -> Comparison:
    """Say for every conversation at which turn a person would come in under either policy. Raises like assess_lines."""
    changes = []
    for talk in read_talks(lines):
        heard = await _listened(talk, listener)
        was, now = (handed_off(steps(talk, understanding, policy, heard)) for policy in (old, new))
        changes.append(Change(talk.id, was, now))
    return Comparison(tuple(changes))


def handed_off(read: Sequence[Step]) -> int | None:
    """Give the first turn that is handed off, or None."""
    return next((step.turn for step in read if step.decision.route == "hand_off"), None)


def to_hear(talk: Talk) -> list[str]:
    """Give the texts whose rows from a listener ``steps`` wants: each visitor's message, alone and in context."""
    said = [(at, turn.text) for at, turn in enumerate(talk.turns) if turn.speaker == "visitor"]
    together = (in_context(text, talk.turns[:at]) for at, text in said)
    return list(dict.fromkeys([*(text for _, text in said), *(text for text in together if text is not None)]))


async def _listened(talk: Talk, listener: Listener | None) -> dict[str, Vector]:
    texts = to_hear(talk)
    return dict(zip(texts, await listener.listen(texts), strict=True)) if listener and texts else {}


def _turn(given: dict[str, Any]) -> Turn:
    speaker = SPEAKERS[str(given["from"])]
    text = str(given["text"])
    if speaker == "visitor":
        return Turn("visitor", text)
    return Turn("assistant", text) if speaker == "assistant" else Turn("agent", text)
