"""Makes one reply out of a decision and its evidence: opening, body with citations, closing; streamed as it is made.

It owns the order of a reply's parts and their citations; the words of the body are a writer's, the rest are phrases.
"""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from assistant.decision.decide import Decision
from assistant.errors import WriterUnavailable
from assistant.knowledge import Citation, Evidence, Hit, Passage
from assistant.phrases import Phrases
from assistant.ports import Turn, Writer, WritingTask
from assistant.reply.grounding import MARK, gate, source
from assistant.reply.persona import Persona
from assistant.reply.sentences import split_sentences, terms, units
from assistant.reply.tone import lead, suited
from assistant.understanding.reading import Reading

MOST_SOURCES = 5


@dataclass(frozen=True, slots=True)
class Request:
    """What one reply is about; ``abstain`` is the evidence strength below which nothing fits (0–1);
    ``waiting``: the visitor has a place in the line, so a person need not be offered."""

    question: str
    language: str
    reading: Reading
    decision: Decision
    evidence: Evidence
    history: tuple[Turn, ...] = ()
    waiting: bool = False
    abstain: float = 0.35
    unsure: float = 0.6


@dataclass(frozen=True, slots=True)
class Reply:
    """A finished reply; ``answered`` tells the progress whether evidence was given."""

    text: str
    citations: tuple[Citation, ...] = ()
    quick_replies: tuple[str, ...] = ()
    offer: bool = False
    answered: bool = False


@dataclass(slots=True)
class _Draft:
    text: str = ""
    citations: tuple[Citation, ...] = ()
    body: bool = False
    offer: bool = False
    answered: bool = False
    quick: list[str] = field(default_factory=list)


class Composition:
    """One reply being made: iterate it for the pieces, then read ``reply``."""

    def __init__(self, composer: "Composer", request: Request) -> None:
        self._composer = composer
        self._request = request
        self._draft = _Draft()

    async def __aiter__(self) -> AsyncIterator[str]:
        async for piece in self._composer.pieces(self._request, self._draft):
            if piece:
                self._draft.text += piece
                yield piece

    @property
    def reply(self) -> Reply:
        """Give what came of it; only the citations that the text uses are kept."""
        draft = self._draft
        used = {int(n) for n in MARK.findall(draft.text)}
        return Reply(
            text=draft.text.strip(),
            citations=tuple(citation for citation in draft.citations if citation.n in used),
            quick_replies=tuple(draft.quick),
            offer=draft.offer,
            answered=draft.answered,
        )


class Composer:
    """Joins phrases and a writer; ``quoting`` is the writer that needs nothing and takes over when another fails."""

    def __init__(self, phrases: Phrases, persona: Persona, writer: Writer, quoting: Writer) -> None:
        self._phrases = phrases
        self._persona = persona
        self._writer = writer
        self._quoting = quoting

    def compose(self, request: Request) -> Composition:
        """Start one reply."""
        return Composition(self, request)

    async def pieces(self, request: Request, draft: _Draft) -> AsyncIterator[str]:
        """Stream a reply's parts in order, noting in ``draft`` what only the end of it knows."""
        decision, language = request.decision, request.language
        if small_talk := self._small_talk(request):
            draft.answered = True
            draft.offer = request.reading.intent == "complaint_about_bot" and not request.waiting
            yield small_talk
            return
        opening = lead(request.reading.kind, request.reading.intensity, decision.tone, self._phrases, language)
        if opening:
            yield suited(opening, decision.tone) + "\n\n"
        if decision.route == "clarify":
            yield self._clarify(request, draft)
            return
        async for piece in self._body(request, draft):
            yield piece
        if not draft.body:
            draft.offer = True
            missed = any(reason.code == "loop.missed" for reason in request.reading.reasons)
            yield self._say("reply.missed" if missed else "reply.unknown", language)
            yield ("" if language == "ja" else " ") + self._say("reply.unknown_offer", language)
        elif decision.route in ("offer", "hand_off") and not request.waiting:
            draft.offer = True
            yield "\n\n" + self._say("reply.offer", language)
        if draft.offer:
            draft.quick = [self._say("session.person", language)]

    def _say(self, key: str, language: str) -> str:
        return self._phrases.say(key, language, **self._persona.fill(language))

    def _small_talk(self, request: Request) -> str:
        delighted = request.reading.kind == "delight" and not re.search(r"[?？]|か[。\s]*$", request.question)
        if not (request.reading.intent or delighted) or request.decision.route not in ("answer", "clarify"):
            return ""
        calm = request.waiting or not request.decision.tone.exclamation or request.reading.valence < -0.2
        keys = [f"talk.{request.reading.intent}_calm"] if calm else []
        if delighted:
            keys = ["talk.delight"]
        for key in (*keys, f"talk.{request.reading.intent}"):
            if self._phrases.has(key):
                return self._say(key, request.language)
        return ""

    def _clarify(self, request: Request, draft: _Draft) -> str:
        titles: list[str] = []
        for hit in request.evidence.hits if terms(request.question) else ():
            name = hit.passage.question or hit.passage.headings[-1] if hit.passage.headings else hit.passage.title
            if name not in titles:
                titles.append(name)
        draft.quick = titles[:3]
        text = self._say("reply.clarify", request.language)
        return f"{text}\n\n{self._say('reply.clarify_choices', request.language)}" if titles else text

    async def _body(self, request: Request, draft: _Draft) -> AsyncIterator[str]:
        evidence = request.evidence
        if not evidence.hits or evidence.strength < request.abstain:
            return
        hits = evidence.hits[:MOST_SOURCES]
        draft.citations = tuple(cite(n, hit.passage) for n, hit in enumerate(hits, 1))
        task = WritingTask(
            question=request.question, language=request.language, citations=draft.citations, tone=request.decision.tone,
            evidence=Evidence(hits, evidence.strength, evidence.mode), history=request.history,
            persona=self._persona.sheet.get(request.language, ""),
        )
        if evidence.strength < request.unsure:
            yield self._say("reply.unsure", request.language) + "\n\n"
        async for piece in self._written(task):
            draft.body = draft.answered = True
            yield suited(piece, request.decision.tone)

    async def _written(self, task: WritingTask) -> AsyncIterator[str]:
        """Stream the writer through the gate; if it fails before its first word, quote instead and say so."""
        begun = False
        try:
            async for piece in self._gated(self._writer, task):
                begun = True
                yield piece
        except WriterUnavailable:
            if begun:
                raise
            yield self._say("reply.degraded", task.language) + "\n\n"
            async for piece in self._gated(self._quoting, task):
                yield piece

    def _gated(self, writer: Writer, task: WritingTask) -> AsyncIterator[str]:
        if writer is self._quoting:  # its sentences are the sources' own
            return writer.write(task)
        hits = task.evidence.hits
        sources = [source(c.n, shown(hit)) for c, hit in zip(task.citations, hits, strict=True)]
        return gate(writer.write(task), sources, self._persona.forbidden.get(task.language, ()))


def shown(hit: Hit) -> str:
    """Give everything of a passage that a citation shows and a claim may rest on."""
    passage = hit.passage
    return "\n".join((passage.title, *passage.headings, passage.question or "", passage.text))


def cite(n: int, passage: Passage) -> Citation:
    """Number a passage; the quote is its first sentence or list item, verbatim, at most 160 characters."""
    pieces = units(passage.text)
    text = pieces[0].text if pieces else passage.text.strip()
    first = (split_sentences(text) or [text])[0]
    if pieces and pieces[0].kind != "sentence":
        first = re.sub(r"^\s*(?:[-*+]|\d+[.)])\s+", "", text.splitlines()[0]).strip("| ")
    return Citation(
        n=n, page=passage.page, anchor=passage.anchor, title=title_of(passage), url=address(passage), quote=first[:160]
    )


def title_of(passage: Passage) -> str:
    """Name a passage for people: the page's title and the heading below it, or an FAQ row's question."""
    if passage.question:
        return passage.question
    own = passage.headings[-1] if passage.headings else ""
    return passage.title if not own or own == passage.title else f"{passage.title} › {own}"


def address(passage: Passage) -> str:
    """Give where a citation opens: the page's own address if it has one, else this server's copy, at the heading."""
    base = passage.url or f"/v1/pages/{quote(passage.page, safe='/')}"
    anchor = quote(passage.anchor) if passage.anchor else ""
    return f"{base}#{anchor}" if anchor and "#" not in base else base


def plain(text: str) -> str:
    """Take citation marks and Markdown signs out, for speech and for logs of length."""
    without = MARK.sub("", text)
    return re.sub(r"[*_`#>|]+", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", without)).strip()


def citation_data(citations: tuple[Citation, ...]) -> list[Mapping[str, object]]:
    """Give citations as the wire has them."""
    return [{"n": c.n, "page": c.page, "anchor": c.anchor, "title": c.title, "url": c.url, "quote": c.quote}
            for c in citations]
