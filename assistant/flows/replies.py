"""The assistant's replies as they grow: a watcher of what passes the hub, so that sound follows text unnoticed.

It sends and stores nothing.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from assistant.errors import BadRequest
from assistant.events import Fact
from assistant.transcript.store import Store

_LOOKED_THROUGH = 60
"""Facts back from the newest in which a reply is looked for."""
_ENDS = frozenset({"run.failed", "run.cancelled"})
_POSTURES = frozenset({"idle", "listening", "thinking", "speaking"})
"""Moods that say what the avatar does, not how things are."""
_REMEMBERED = 4_096


@dataclass(slots=True)
class Growing:
    """A reply: its text so far, whether that is all, whether it broke off, and how it should sound.

    ``grown`` is set whenever something changes.
    """

    conversation: str
    message: str
    text: str = ""
    whole: bool = False
    broken: bool = False
    mood: str | None = None
    urgent: bool = False
    grown: asyncio.Event = field(default_factory=asyncio.Event)

    def complete(self, fact: Fact) -> "Growing":
        """Take text, mood and urgency from the stored message."""
        self.text, self.whole = str(fact.data.get("text", "")), True
        self.mood, self.urgent = fact.data.get("mood") or self.mood, bool(fact.data.get("urgent"))
        self.grown.set()
        return self

    def break_off(self) -> None:
        """Say that no more of it will come."""
        self.broken = True
        self.grown.set()


class Replies:
    """Knows the replies being made, one for each conversation at most, and finds earlier ones in the transcript."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._growing: dict[str, Growing] = {}
        self._moods: OrderedDict[str, str] = OrderedDict()

    def saw_fact(self, conversation: str, fact: Fact) -> None:
        """Watch a committed fact: a reply begins, is whole, or breaks off."""
        if fact.type == "run.started":
            self._growing[conversation] = Growing(conversation, str(fact.data["message"]))
            return
        reply = self._growing.get(conversation)
        if reply is None:
            return
        if fact.type == "message.created" and fact.data["message"] == reply.message:
            reply.complete(fact)
        elif fact.type in _ENDS:
            reply.break_off()
        if reply.whole or reply.broken or fact.type == "run.completed":
            del self._growing[conversation]

    def saw_frame(self, conversation: str, frame: Mapping[str, object]) -> None:
        """Watch a passing frame: a running reply grows, or its mood is set."""
        reply = self._growing.get(conversation)
        if frame["type"] == "avatar.mood" and frame["mood"] not in _POSTURES:
            self._moods[conversation] = str(frame["mood"])
            self._moods.move_to_end(conversation)
            if len(self._moods) > _REMEMBERED:
                self._moods.popitem(last=False)
        if reply is None:
            return
        if frame["type"] == "avatar.mood":
            reply.mood = self._moods.get(conversation)
        elif (frame["type"] == "message.delta" and frame["message"] == reply.message
              and frame["offset"] == len(reply.text)):
            reply.text += str(frame["text"])
            reply.grown.set()

    async def find(self, conversation: str, message: str) -> Growing:
        """Give a reply that is being made or a recent one. Raises BadRequest."""
        reply = self._growing.get(conversation)
        if reply and reply.message == message:
            return reply
        for fact in reversed(await self._store.facts_before(conversation, 2**53, _LOOKED_THROUGH)):
            if (fact.type == "message.created" and fact.actor.kind == "assistant"
                    and fact.data.get("message") == message):
                return Growing(conversation, message, mood=self._moods.get(conversation)).complete(fact)
        raise BadRequest("no such reply")


def said_by_visitor(fact: Fact) -> bool:
    """Tell whether this is a visitor's message."""
    return fact.type == "message.created" and fact.actor.kind == "visitor"
