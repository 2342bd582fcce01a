"""What each fact says: one pydantic model per kind of data, strict about what is stored.

The table of facts, their audience and their envelope are in ``events``.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Data(BaseModel):
    """Base of all fact data: additive changes are allowed, unknown fields are kept out of storage."""

    model_config = ConfigDict(extra="forbid")


class CitationData(Data):
    """A numbered reference; ``url`` opens the page at ``anchor``."""

    n: int = Field(ge=1)
    page: str
    anchor: str
    title: str
    url: str
    quote: str


class ConversationStarted(Data):
    """A visitor's first contact; ``context`` holds only what the host page passed on purpose."""

    locale: str
    channel: str = "web"
    context: dict[str, str] = Field(default_factory=dict)


class ConversationClosed(Data):
    """The conversation ended."""

    by: str
    outcome: str | None = None


class Empty(Data):
    """Nothing beyond the envelope."""


class MessageCreated(Data):
    """One whole message of anybody. ``html`` and ``citations`` come with the assistant's."""

    message: str
    text: str
    html: str | None = None
    citations: list[CitationData] = Field(default_factory=list)
    finish_reason: str | None = None
    run: str | None = None
    quick_replies: list[str] = Field(default_factory=list)
    offer: Literal["person"] | None = None
    urgent: str | None = None
    mood: str | None = None


class MessageRef(Data):
    """Points at a message (redaction)."""

    message: str


class RunStarted(Data):
    """The assistant began to make a reply."""

    run: str
    message: str


class RunEnded(Data):
    """The run's reply is whole."""

    run: str


class RunFailed(Data):
    """No whole reply came of it: ``text`` says so honestly, ``partial`` keeps what had been shown."""

    run: str
    message: str
    reason: str
    text: str
    partial: str = ""
    offer: Literal["person"] | None = "person"


class RunCancelled(Data):
    """The visitor stopped it; ``kept`` is what had been shown."""

    run: str
    message: str
    kept: str = ""


class MomentDetected(Data):
    """How charged a visitor's message is and why; never shown to the visitor."""

    message: str
    reading: dict[str, Any]


class HandoffOffered(Data):
    """A person was offered once, with the reason codes."""

    reasons: list[str] = Field(default_factory=list)


class HandoffRequested(Data):
    """Somebody or something asked for a person."""

    by: Literal["customer", "policy", "model", "agent", "system"]
    reason: str
    reasons: list[str] = Field(default_factory=list)


class HandoffQueued(Data):
    """The conversation has a place in the line."""

    ticket: str
    severity: str = "p3"
    open: bool = True


class HandoffAccepted(Data):
    """An agent took it; from here no assistant text until ``handoff.released``."""

    ticket: str
    agent: str


class HandoffEnded(Data):
    """The ticket left the line or the agent (declined, released, expired)."""

    ticket: str | None = None
    reason: str | None = None
    to: str | None = None
    summary: str | None = None


class HandoffContact(Data):
    """What the visitor chose instead of waiting."""

    ticket: str | None = None
    choice: Literal["wait", "email", "callback"]
    email: str | None = None
    phone: str | None = None
    window: str | None = None


class Collected(Data):
    """A fact the visitor gave while waiting, so that nobody asks again."""

    key: str
    value: str


class DriverChanged(Data):
    """Who may speak changed."""

    from_: str = Field(alias="from")
    to: str
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class AgentPresence(Data):
    """An agent came or went, by the name the visitor sees."""

    name: str


class NoteAdded(Data):
    """A private note among agents."""

    note: str
    text: str


class FeedbackGiven(Data):
    """One tap: of an answer, of the effort, of the satisfaction."""

    kind: Literal["answer", "effort", "satisfaction"]
    value: str
    message: str | None = None
    comment: str | None = None


class SpeechHeard(Data):
    """How much of a reply that was read aloud was heard before it was cut short; places in its text, code points."""

    message: str
    heard: int = Field(ge=0)
    of: int = Field(ge=0)
    played_ms: int = Field(ge=0)


class SlaEvent(Data):
    """A service clock reached 75 % (warning) or its limit (breached)."""

    ticket: str
    clock: str
    due: str
