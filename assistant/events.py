"""The wire's vocabulary: every fact with its data and audience, and the schema that is generated from them.

Facts are durable and numbered per conversation; frames pass and are never replayed. Sending is the server's business.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from assistant.conversation import Actor
from assistant.facts import (
    AgentPresence,
    Collected,
    ConversationClosed,
    ConversationStarted,
    Data,
    DriverChanged,
    Empty,
    FeedbackGiven,
    HandoffAccepted,
    HandoffContact,
    HandoffEnded,
    HandoffOffered,
    HandoffQueued,
    HandoffRequested,
    MessageCreated,
    MessageRef,
    MomentDetected,
    NoteAdded,
    RunCancelled,
    RunEnded,
    RunFailed,
    RunStarted,
    SlaEvent,
    SpeechHeard,
)

PROTOCOL_VERSION = 1
SUBPROTOCOL = "omotenashi.v1"


class Audience(Enum):
    """Who may see a fact. Numbering is shared; what a client may not see reaches it as a range of hidden seqs."""

    EVERYONE = "all"
    AGENTS = "agent"


@dataclass(frozen=True, slots=True)
class FactKind:
    """One row of the table of facts."""

    data: type[Data]
    audience: Audience = Audience.EVERYONE


FACTS: dict[str, FactKind] = {
    "conversation.started": FactKind(ConversationStarted),
    "conversation.closed": FactKind(ConversationClosed),
    "conversation.reopened": FactKind(Empty),
    "message.created": FactKind(MessageCreated),
    "message.redacted": FactKind(MessageRef),
    "run.started": FactKind(RunStarted),
    "run.completed": FactKind(RunEnded),
    "run.failed": FactKind(RunFailed),
    "run.cancelled": FactKind(RunCancelled),
    "moment.detected": FactKind(MomentDetected, Audience.AGENTS),
    "handoff.offered": FactKind(HandoffOffered),
    "handoff.requested": FactKind(HandoffRequested, Audience.AGENTS),
    "handoff.queued": FactKind(HandoffQueued),
    "handoff.accepted": FactKind(HandoffAccepted),
    "handoff.declined": FactKind(HandoffEnded),
    "handoff.released": FactKind(HandoffEnded),
    "handoff.expired": FactKind(HandoffEnded),
    "handoff.contact": FactKind(HandoffContact),
    "collect.given": FactKind(Collected),
    "driver.changed": FactKind(DriverChanged),
    "agent.joined": FactKind(AgentPresence),
    "agent.left": FactKind(AgentPresence),
    "note.added": FactKind(NoteAdded, Audience.AGENTS),
    "feedback.given": FactKind(FeedbackGiven),
    "speech.heard": FactKind(SpeechHeard, Audience.AGENTS),
    "sla.warning": FactKind(SlaEvent, Audience.AGENTS),
    "sla.breached": FactKind(SlaEvent, Audience.AGENTS),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A fact that is about to be stored: the store gives it seq, id and time."""

    type: str
    data: dict[str, Any]
    actor: Actor
    txn: str | None = None


def draft(type_: str, data: Data, actor: Actor, txn: str | None = None) -> Draft:
    """Make a draft; raises KeyError for an unknown type and TypeError if the data are another fact's."""
    if not isinstance(data, FACTS[type_].data):
        raise TypeError(f"{type_} takes {FACTS[type_].data.__name__}, not {type(data).__name__}")
    return Draft(type_, data.model_dump(by_alias=True, exclude_none=True), actor, txn)


@dataclass(frozen=True, slots=True)
class Fact:
    """A stored fact; ``seq`` is gapless per conversation from 1, ``at`` is UTC."""

    conversation: str
    seq: int
    id: str
    type: str
    at: datetime
    actor: Actor
    data: dict[str, Any] = field(default_factory=dict)
    txn: str | None = None

    def visible_to(self, audience: Audience) -> bool:
        """Tell whether a listener of this audience may see it; agents see everything."""
        return audience is Audience.AGENTS or FACTS[self.type].audience is Audience.EVERYONE

    def envelope(self) -> dict[str, Any]:
        """Give the JSON object that goes over the wire."""
        actor = {k: v for k, v in (("kind", self.actor.kind), ("id", self.actor.id), ("name", self.actor.name)) if v}
        frame = {"v": PROTOCOL_VERSION, "type": self.type, "conversation": self.conversation, "seq": self.seq,
                 "id": self.id, "at": self.at.isoformat(timespec="milliseconds"), "actor": actor, "data": self.data}
        if self.txn is not None:
            frame["txn"] = self.txn
        return frame


def schema() -> dict[str, Any]:
    """Give the JSON Schema of every fact's data, as published at ``/v1/schema.json``."""
    facts = {name: {"audience": kind.audience.value, "data": kind.data.model_json_schema(by_alias=True)}
             for name, kind in FACTS.items()}
    return {"protocol": SUBPROTOCOL, "version": PROTOCOL_VERSION, "facts": facts}
