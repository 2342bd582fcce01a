"""One reply being made: it starts, streams and ends in exactly one way. It belongs to the server, not to a socket."""

import time
from collections.abc import Sequence

from assistant.conversation import ASSISTANT, ASSISTANT_SPEAKS, SYSTEM, Driver, new_id
from assistant.events import Draft, draft
from assistant.facts import MessageCreated, RunCancelled, RunEnded, RunFailed, RunStarted
from assistant.ports import Broadcast
from assistant.reply.compose import Reply, citation_data
from assistant.transcript.store import Store

KEEP_EVERY_S = 1.0
"""How often the partial text of a running reply is stored, so that a crash loses at most this much of it."""


class Run:
    """A run of one conversation; ``message`` is the id its reply will have. Not to be shared between tasks."""

    def __init__(self, store: Store, broadcast: Broadcast, conversation: str) -> None:
        self.id = new_id("r")
        self.message = new_id("m")
        self.text = ""
        self._store = store
        self._broadcast = broadcast
        self._conversation = conversation
        self._kept_at = time.monotonic()

    async def start(self) -> None:
        """Store and tell that a reply is being made. Raises DriverConflict when an agent holds the conversation."""
        await self._append([draft("run.started", RunStarted(run=self.id, message=self.message), ASSISTANT)])

    async def say(self, piece: str) -> None:
        """Stream one more piece; ``offset`` counts code points, so that a repeat does no harm."""
        if not piece:
            return
        frame: dict[str, object] = {
            "type": "message.delta", "conversation": self._conversation, "run": self.id, "message": self.message,
            "offset": len(self.text), "text": piece,
        }
        self.text += piece
        await self._broadcast.frame(self._conversation, frame)
        if time.monotonic() - self._kept_at > KEEP_EVERY_S:
            self._kept_at = time.monotonic()
            await self._store.keep_partial(self.id, self.text)

    async def complete(self, reply: Reply, html: str, *, before: Sequence[Draft] = (), mood: str | None = None,
                       state: dict[str, object] | None = None, to: Driver | None = None) -> None:
        """Store the whole reply and the run's end in one transaction. Raises DriverConflict if an agent took over."""
        await self._append([*before, *self.ending(reply, html, mood=mood)], state=state, to=to)

    def ending(self, reply: Reply, html: str, *, mood: str | None = None, urgent: str | None = None) -> list[Draft]:
        """Give the drafts that end the run, for whoever stores them together with something else."""
        message = MessageCreated.model_validate({
            "message": self.message, "text": reply.text, "html": html, "run": self.id, "finish_reason": "stop",
            "citations": citation_data(reply.citations), "quick_replies": list(reply.quick_replies),
            "offer": "person" if reply.offer else None, "mood": mood, "urgent": urgent,
        })
        return [draft("message.created", message, ASSISTANT), *self.finished()]

    def finished(self) -> list[Draft]:
        """Give the draft that ends the run when its message is stored by another part (the handoff's words)."""
        return [draft("run.completed", RunEnded(run=self.id), ASSISTANT)]

    async def fail(self, reason: str, text: str, *, before: Sequence[Draft] = ()) -> None:
        """End honestly: what had been shown is kept and marked, a person is offered."""
        failed = RunFailed(run=self.id, message=self.message, reason=reason, text=text, partial=self.text)
        await self._append([*before, draft("run.failed", failed, SYSTEM)], guarded=False)

    async def cancel(self) -> None:
        """End because the visitor stopped it or a person took over; what had been shown is kept."""
        cancelled = RunCancelled(run=self.id, message=self.message, kept=self.text)
        await self._append([draft("run.cancelled", cancelled, SYSTEM)], guarded=False)

    async def _append(self, drafts: Sequence[Draft], *, guarded: bool = True,
                      state: dict[str, object] | None = None, to: Driver | None = None) -> None:
        stored = await self._store.append(
            self._conversation, drafts, while_driver=ASSISTANT_SPEAKS if guarded else None, state=state, to=to
        )
        await self._broadcast.facts(self._conversation, stored.facts)
