"""What is known of a message before anything is decided: one run, one reading, what was said and done before."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Any, cast

from assistant.conversation import ASSISTANT, Conversation
from assistant.decision.decide import Decision, Progress
from assistant.errors import ModelUnavailable
from assistant.events import Draft, Fact, draft
from assistant.facts import MomentDetected
from assistant.ports import Embedder, Listener, Turn, Vectors
from assistant.retrieval.query import contextual
from assistant.transcript.store import Store
from assistant.understanding.judge import Judge
from assistant.understanding.reading import Reading

log = logging.getLogger(__name__)

REMEMBERED = 12
"""Messages of the conversation that a turn looks at."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One message, read. ``searched`` is the (384,) vector for retrieval, None where no model is there."""

    question: str
    message: str
    language: str
    history: tuple[Turn, ...]
    searched: Vectors | None
    reading: Reading
    progress: Progress

    def moment(self, decision: Decision | None) -> Draft:
        """Give the fact that tells agents, never the visitor, what was read and decided."""
        reading = self.reading.as_json()
        if decision:
            reading |= {"route": decision.route, "urgent": decision.urgent, "severity": decision.severity}
        return draft("moment.detected", MomentDetected(message=self.message, reading=reading), ASSISTANT)


class Hearing:
    """Listens to messages and reads them. ``judge`` may be exchanged when the company's prototypes are embedded."""

    def __init__(self, store: Store, listener: Listener | None, embedder: Embedder | None, judge: Judge) -> None:
        self._store = store
        self._listener = listener
        self._embedder = embedder
        self._one_run = cast(object, embedder) is listener  # the packaged model gives both
        self.judge = judge

    async def hear(self, row: Conversation, question: str, message: Fact, language: str) -> Heard:
        """Run the model once and read the message.

        Once more for a follow-up that leaves its topic unsaid, and once where the judge reads it in its talk.
        """
        history, state, heard = await asyncio.gather(
            self._store.history(row.id, REMEMBERED), self._store.state(row.id), self._listen(question)
        )
        earlier = _agreed(state) + tuple(history[: -1 if history and history[-1].speaker == "visitor" else None])
        search = contextual(question, earlier)
        if self._embedder is None:
            searched = None
        elif self._one_run and search == question:
            searched = None if heard is None else heard[:self._embedder.dimension]
        else:
            searched = await self._embed(search, self._embedder)
        reading = await self.judge.read(question, heard, earlier, row.locale)
        progress = Progress.from_json(state.get("progress"))
        return Heard(question, message.data["message"], language, earlier, searched, reading, progress)

    async def _listen(self, text: str) -> Vectors | None:
        if self._listener is None:
            return None
        try:
            heard: Vectors = (await self._listener.listen([text]))[0]
            return heard
        except ModelUnavailable:
            log.warning("the packaged model cannot be had: rules and words alone are read this turn")
            return None

    async def _embed(self, text: str, embedder: Embedder) -> Vectors | None:
        try:
            vector: Vectors = (await embedder.embed([text], "query"))[0]
            return vector
        except ModelUnavailable:
            log.warning("no embedding: keywords serve this turn")
            return None


def _agreed(state: dict[str, Any]) -> tuple[Turn, ...]:
    """Give what a person settled with the visitor before handing back: the assistant must know it."""
    summary = (state.get("human") or {}).get("summary")
    return (Turn("agent", str(summary)),) if summary else ()
