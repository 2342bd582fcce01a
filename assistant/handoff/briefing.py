"""Builds a brief out of a conversation's facts. Pure: the same facts give the same packet."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.conversation import Conversation
from assistant.decision.policy import Policy
from assistant.events import Fact
from assistant.handoff.brief import (
    Brief,
    Customer,
    EvidenceSpan,
    MomentSeen,
    PageUsed,
    Place,
    Quote,
    ReasonGiven,
    Redaction,
    Routing,
    Said,
    Service,
    Summary,
    Transcript,
    UrgentStep,
)
from assistant.handoff.quotes import attempts, hard_facts, promises, sentences, wishes
from assistant.handoff.tickets import Ticket, iso
from assistant.phrases import Phrases
from assistant.transcript.redaction import redact

_LAST, _MOST, _SPANS = 6, 8, 6
_QUOTE = 200
_MODEL = "omotenashi-moments-1"


@dataclass(frozen=True, slots=True)
class Source:
    """What a brief is drawn from; ``place`` is position and wait of the moment."""

    conversation: Conversation
    facts: Sequence[Fact]
    state: Mapping[str, Any]
    ticket: Ticket | None
    place: tuple[int, tuple[int, int] | None] | None
    created_at: float


def _customer(source: Source, collected: Mapping[str, str]) -> Customer:
    """Give who it is: as the company's site vouched for them, else the name they gave."""
    known = source.state.get("customer") or {}
    return Customer(ref=str(known.get("ref") or source.conversation.visitor),
                    name=known.get("name") or collected.get("name"), verified=bool(known.get("verified")))


def build(source: Source, policy: Policy, phrases: Phrases, language: str) -> Brief:
    """Make the packet; ``language`` is that of the advice, everything else is quoted as it was said."""
    said = [fact for fact in source.facts if fact.type == "message.created"]
    readings = _readings(source.facts)
    ticket, row = source.ticket, source.conversation
    kind = ticket.kind if ticket else _kind(readings)
    collected = _collected(source)
    trend = [round(float(reading.get("intensity", 0.0)), 3) for _, reading in readings]
    return Brief(
        handoff=ticket.id if ticket else None, conversation=row.id, created_at=str(iso(source.created_at)),
        locale=row.locale, channel=_channel(source.facts),
        customer=_customer(source, collected),
        reason=_reason(source.facts, said, readings, ticket),
        moment=MomentSeen(kind=kind, intensity=max(trend, default=0.0), trend=trend[-20:], model_version=_MODEL),
        severity=ticket.severity if ticket else policy.kind(kind).severity,  # type: ignore[arg-type]
        urgent_steps_given=[UrgentStep(code=str(f.data["urgent"]), quote=_clean(f.data["text"], 400),
                                       message=f.data["message"]) for f in said if f.data.get("urgent")],
        summary=_summary(said, readings, source.facts, policy.kind(kind).tone, phrases, language),
        promises=_quotes(said, promises, ("assistant", "agent", "system")),
        knowledge=_pages(said), gaps=_gaps(source.facts), collected=collected,
        transcript=Transcript(ref=f"/v1/desk/conversations/{row.id}", last=[_said(f) for f in said[-_LAST:]]),
        redactions=_redactions(said),
        routing=Routing(team=ticket.team if ticket else None, skills=list(policy.kind(kind).skills),
                        language=ticket.language if ticket else row.locale),
        line=Place(ticket=ticket.id if ticket else None, position=source.place[0] if source.place else None,
                   wait_s=list(source.place[1]) if source.place and source.place[1] else None),
        sla=Service.model_validate({"class": ticket.severity if ticket else policy.kind(kind).severity,
                                    "first_response_due": iso(ticket.clock_due)
                                    if ticket and ticket.clock == "first" else None}),
        disclosed_ai_at=row.created_at.isoformat(timespec="milliseconds"),
    )


def _summary(said: Sequence[Fact], readings: Sequence[tuple[str, Mapping[str, Any]]], facts: Sequence[Fact],
             tone: str, phrases: Phrases, language: str) -> Summary:
    theirs = [fact for fact in said if fact.actor.kind == "visitor"]
    abuse = any(reading.get("abuse") for _, reading in readings)
    vulnerable = any(reading.get("vulnerable") for _, reading in readings)
    advice = [phrases.say(f"brief.tone_{tone}", language)]
    advice += [phrases.say(f"brief.{name}", language) for name, there in
               (("abuse", abuse), ("vulnerable", vulnerable)) if there]
    asked = _quotes(theirs, wishes, ("visitor",))
    return Summary(
        issue=_issue(theirs, readings), goal=asked[-1] if asked else _last(theirs),
        facts=_quotes(theirs, hard_facts, ("visitor",)), tried=_quotes(theirs, attempts, ("visitor",)),
        unresolved=_unresolved(facts, theirs), tone_advice=" ".join(advice))


def _issue(theirs: Sequence[Fact], readings: Sequence[tuple[str, Mapping[str, Any]]]) -> Quote | None:
    """Give the first message of the most charged matter; without readings, the first that is more than a greeting."""
    strength = {message: (reading.get("moment", {}).get("kind", "none") != "none", reading.get("intensity", 0.0))
                for message, reading in readings}
    if not theirs:
        return None
    best = max(theirs, key=lambda fact: (strength.get(fact.data["message"], (False, 0.0)), len(fact.data["text"]) > 8))
    return _quote(best, str(best.data["text"]))


def _last(theirs: Sequence[Fact]) -> Quote | None:
    return _quote(theirs[-1], str(theirs[-1].data["text"])) if theirs else None


def _unresolved(facts: Sequence[Fact], theirs: Sequence[Fact]) -> list[Quote]:
    """Give what nobody has answered: the gaps, and what was said last if only the line has answered it."""
    open_ones = _gaps(facts)
    last = _last(theirs)
    if last and last.message not in {quote.message for quote in open_ones}:
        after = [fact for fact in facts if fact.type == "message.created" and fact.seq > theirs[-1].seq]
        if not any(fact.actor.kind == "agent" or fact.data.get("citations") for fact in after):
            open_ones.append(last)
    return open_ones[-_MOST:]


def _gaps(facts: Sequence[Fact]) -> list[Quote]:
    """Give the questions that the pages had no answer to, or whose reply failed."""
    found: list[Quote] = []
    question: Fact | None = None
    for fact in facts:
        if fact.type == "message.created" and fact.actor.kind == "visitor":
            question = fact
        elif question and (fact.type == "run.failed" or _abstained(fact)):
            found.append(_quote(question, str(question.data["text"])))
            question = None
    return found[-_MOST:]


def _abstained(fact: Fact) -> bool:
    return (fact.type == "message.created" and fact.actor.kind == "assistant" and not fact.data.get("citations")
            and fact.data.get("offer") == "person")


def _reason(facts: Sequence[Fact], said: Sequence[Fact], readings: Sequence[tuple[str, Mapping[str, Any]]],
            ticket: Ticket | None) -> ReasonGiven:
    asked = next((fact for fact in reversed(facts) if fact.type == "handoff.requested"), None)
    evidence = list({(one.message, one.start, one.end): one for one in _evidence(said, readings)}.values())[-_SPANS:]
    text = evidence[-1].quote if evidence else ""
    if asked is None:
        return ReasonGiven(code=ticket.reason if ticket else "agent_pull", text=text, by="system", evidence=evidence)
    return ReasonGiven(code=asked.data["reason"], text=text, by=asked.data["by"], evidence=evidence,
                       rules=list(asked.data.get("reasons", [])))


def _evidence(said: Sequence[Fact], readings: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[EvidenceSpan]:
    texts = {fact.data["message"]: str(fact.data["text"]) for fact in said}
    for message, reading in readings:
        for reason in reading.get("reasons", ()):
            span, text = reason.get("span"), texts.get(message, "")
            if span and 0 <= span[0] < span[1] <= len(text):
                yield EvidenceSpan(message=message, start=span[0], end=span[1], quote=_clean(text[span[0]:span[1]]))


def _readings(facts: Iterable[Fact]) -> list[tuple[str, Mapping[str, Any]]]:
    return [(fact.data["message"], fact.data["reading"]) for fact in facts if fact.type == "moment.detected"]


def _kind(readings: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    kinds = [str(reading.get("moment", {}).get("kind", "none")) for _, reading in readings]
    return next((kind for kind in reversed(kinds) if kind != "none"), "none")


def _quotes(said: Sequence[Fact], choose: Callable[[str], Iterator[str]], by: tuple[str, ...]) -> list[Quote]:
    found: dict[str, Quote] = {}
    for fact in said:
        if fact.actor.kind in by:
            for sentence in choose(str(fact.data["text"])):
                found.setdefault(sentence, _quote(fact, sentence))
    return list(found.values())[-_MOST:]


def _quote(fact: Fact, text: str) -> Quote:
    return Quote(quote=_clean(text), message=fact.data["message"], by=fact.actor.kind,
                 at=fact.at.isoformat(timespec="milliseconds"))


def _said(fact: Fact) -> Said:
    return Said(message=fact.data["message"], by=fact.actor.kind, name=fact.actor.name,
                at=fact.at.isoformat(timespec="milliseconds"), text=_clean(fact.data["text"], 1_000))


def _pages(said: Sequence[Fact]) -> list[PageUsed]:
    cited = [fact for fact in said if fact.data.get("citations")]
    counts: Counter[tuple[str, str]] = Counter()
    titles: dict[tuple[str, str], str] = {}
    for fact in cited:
        for one in fact.data["citations"]:
            place = (one["page"], one["anchor"])
            titles[place] = one["title"]
            counts[place] += 1
    return [PageUsed(page=page, anchor=anchor, title=titles[page, anchor], score=round(min(1.0, n / len(cited)), 2))
            for (page, anchor), n in counts.most_common(_MOST)]


def _collected(source: Source) -> dict[str, str]:
    given = {fact.data["key"]: fact.data["value"] for fact in source.facts if fact.type == "collect.given"}
    return {key: _clean(value, 500) for key, value in {**(source.state.get("collected") or {}), **given}.items()}


def _redactions(said: Sequence[Fact]) -> list[Redaction]:
    found = []
    for fact in said:
        text = str(fact.data["text"])
        kinds = list(redact(text).kinds) or (["masked"] if "****" in text else [])
        found += [Redaction(message=fact.data["message"], kind=kind) for kind in kinds]
    return found


def _channel(facts: Sequence[Fact]) -> str:
    return next((str(f.data.get("channel", "web")) for f in facts if f.type == "conversation.started"), "web")


def _clean(text: object, most: int = _QUOTE) -> str:
    """Mask once more (a page or an agent may have written a number) and cut at a sentence where there is one."""
    masked = redact(str(text)).text
    if len(masked) <= most:
        return masked
    kept = ""
    for sentence in sentences(masked):
        if len(kept) + len(sentence) > most:
            break
        kept += sentence
    return kept or masked[:most]
