"""What helps an agent: the brief of a conversation, and what the pages say to the visitor's last message."""

from collections.abc import Mapping
from typing import Any

from assistant.conversation import new_id
from assistant.errors import ModelUnavailable, WriterUnavailable
from assistant.handoff.brief import Brief
from assistant.handoff.briefing import Source, build
from assistant.handoff.human_side import HumanSide
from assistant.handoff.tickets import WAITING
from assistant.knowledge import Evidence
from assistant.ports import Embedder, Tone, Turn, Vectors, Writer, WritingTask
from assistant.reply.compose import cite
from assistant.reply.sentences import split_sentences
from assistant.retrieval.query import contextual
from assistant.retrieval.retrieve import Retriever
from assistant.understanding.language import detect

_FACTS = 2_000
_REMEMBERED = 12
_ITEMS = 3


class Assist:
    """Reads, searches and quotes; it stores and sends nothing."""

    def __init__(self, side: HumanSide, retriever: Retriever, embedder: Embedder | None, quoting: Writer) -> None:
        self._side, self._retriever, self._embedder, self._quoting = side, retriever, embedder, quoting

    async def packet(self, conversation: str) -> Brief:
        """Build the brief as of now. Raises UnknownConversation."""
        side, store = self._side, self._side.store
        row = await store.conversation(conversation)
        ticket = side.line.of(conversation)
        place = None
        if ticket and ticket.state in WAITING:
            outlook = side.hand_over.outlook(ticket.rank)
            place = (outlook.ahead + 1, outlook.wait_s)
        source = Source(row, await store.facts_before(conversation, 2**53, _FACTS), await store.state(conversation),
                        ticket, place, side.now())
        return build(source, side.policy, side.phrases, row.locale)

    async def brief(self, conversation: str) -> Mapping[str, Any]:
        """Give the brief's wire form."""
        return (await self.packet(conversation)).as_json()

    async def suggest(self, conversation: str) -> Mapping[str, Any] | None:
        """Give up to three quoted answers with their citations for the visitor's last message; None without one."""
        turns = await self._side.store.history(conversation, _REMEMBERED)
        row = await self._side.store.conversation(conversation)
        place = next((n for n in range(len(turns) - 1, -1, -1) if turns[n].speaker == "visitor"), None)
        if place is None:
            return None
        question, earlier = turns[place].text, tuple(turns[:place])
        language = detect(question, row.locale)
        evidence = self._retriever.retrieve(question, await self._vector(question, earlier), language, history=earlier)
        items = [item for hit in range(min(_ITEMS, len(evidence.hits)))
                 if (item := await self._item(question, language, evidence, hit, earlier))]
        facts = await self._side.store.facts_before(conversation, 2**53, 200)
        message = next((fact.data["message"] for fact in reversed(facts)
                        if fact.type == "message.created" and fact.actor.kind == "visitor"), None)
        return {"message": message, "items": items}

    async def _item(self, question: str, language: str, evidence: Evidence, place: int,
                    earlier: tuple[Turn, ...]) -> Mapping[str, Any] | None:
        hit = evidence.hits[place]
        citation = cite(1, hit.passage)
        task = WritingTask(question=question, language=language, evidence=Evidence((hit,), evidence.strength),
                           citations=(citation,), tone=Tone(), persona="", history=earlier)
        try:
            text = "".join([piece async for piece in self._quoting.write(task)])
        except WriterUnavailable:
            return None
        if not split_sentences(text):
            return None
        top = evidence.hits[0].score or 1.0
        return {"id": new_id("sg"), "text": text.replace(" [1]", "").replace("[1]", ""),
                "citations": [{"n": 1, "page": citation.page, "anchor": citation.anchor, "title": citation.title,
                               "url": citation.url, "quote": citation.quote}],
                "strength": round(evidence.strength * max(0.0, min(1.0, hit.score / top)), 3)}

    async def _vector(self, question: str, earlier: tuple[Turn, ...]) -> Any:
        if self._embedder is None:
            return None
        try:
            vectors: Vectors = await self._embedder.embed([contextual(question, earlier)], "query")
        except ModelUnavailable:
            return None
        return vectors[0]
