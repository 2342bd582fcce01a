"""The brief: what somebody who takes over must know, drawn from the facts. It quotes; it invents nothing.

The same packet goes to our desk and, signed, to other help desks; its JSON Schema is published.
"""

import hashlib
import hmac
import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

VERSION = "1"


class Part(BaseModel):
    """A part of the packet."""

    model_config = ConfigDict(extra="forbid")


class Customer(Part):
    """Who it is; ``ref`` is the same in all of this customer's conversations."""

    ref: str
    name: str | None = None
    verified: bool = False
    consents: list[str] = Field(default_factory=list)


class EvidenceSpan(Part):
    """Words that a reason rests on: code points of a message."""

    message: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    quote: str


class ReasonGiven(Part):
    """Why a person was brought in."""

    code: str
    text: str
    by: Literal["customer", "policy", "model", "agent", "system"]
    rules: list[str] = Field(default_factory=list)
    evidence: list[EvidenceSpan] = Field(default_factory=list)


class MomentSeen(Part):
    """What kind of moment it is and how charged, message by message (0-1)."""

    kind: str
    intensity: float = Field(ge=0, le=1)
    trend: list[float] = Field(default_factory=list)
    model_version: str


class Quote(Part):
    """Somebody's words and where they stand."""

    quote: str
    message: str
    by: Literal["visitor", "assistant", "agent", "system"]
    at: str


class UrgentStep(Part):
    """An urgent step that the customer has been told already."""

    code: str
    quote: str
    message: str


class Summary(Part):
    """The matter in the customer's own words."""

    issue: Quote | None = None
    goal: Quote | None = None
    facts: list[Quote] = Field(default_factory=list)
    tried: list[Quote] = Field(default_factory=list)
    unresolved: list[Quote] = Field(default_factory=list)
    tone_advice: str = ""


class PageUsed(Part):
    """A page that the assistant answered from; ``score`` is the share of its answers that cite it."""

    page: str
    anchor: str
    title: str
    score: float = Field(ge=0, le=1)


class Redaction(Part):
    """Something that was masked: never what it was."""

    message: str
    kind: str


class Said(Part):
    """One of the last messages."""

    message: str
    by: Literal["visitor", "assistant", "agent", "system"]
    name: str | None = None
    at: str
    text: str


class Transcript(Part):
    """Where the whole conversation is, and its last messages."""

    ref: str
    last: list[Said] = Field(default_factory=list)


class Routing(Part):
    """Who should take it."""

    team: str | None = None
    skills: list[str] = Field(default_factory=list)
    language: str


class Place(Part):
    """The place in the line when the packet was made."""

    ticket: str | None = None
    position: int | None = None
    wait_s: list[int] | None = None


class Service(Part):
    """What was promised in time; ``class`` is the severity."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    first_response_due: str | None = None
    class_: str = Field(alias="class")


class Brief(Part):
    """The packet. Times are ISO 8601 in UTC."""

    version: Literal["1"] = "1"
    handoff: str | None = None
    conversation: str
    created_at: str
    locale: str
    channel: str
    customer: Customer
    reason: ReasonGiven
    moment: MomentSeen
    severity: Literal["p1", "p2", "p3", "p4"]
    urgent_steps_given: list[UrgentStep] = Field(default_factory=list)
    summary: Summary
    promises: list[Quote] = Field(default_factory=list)
    knowledge: list[PageUsed] = Field(default_factory=list)
    gaps: list[Quote] = Field(default_factory=list)
    collected: dict[str, str] = Field(default_factory=dict)
    transcript: Transcript
    redactions: list[Redaction] = Field(default_factory=list)
    routing: Routing
    line: Place
    sla: Service
    disclosed_ai_at: str
    signature: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Give the wire form."""
        return self.model_dump(by_alias=True)


def signed(brief: Brief, secret: str) -> Brief:
    """Give the packet with its signature: hex HMAC-SHA256 over its canonical JSON without ``signature``."""
    return brief.model_copy(update={"signature": signature(brief.as_json(), secret)})


def signature(packet: dict[str, Any], secret: str) -> str:
    """Compute a packet's signature, to be compared in constant time."""
    unsigned = {key: value for key, value in packet.items() if key != "signature"}
    text = json.dumps(unsigned, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
