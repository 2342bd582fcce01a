"""What the company decided about moments of truth (``knowledge/policy.toml``), checked; it decides nothing itself."""

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from assistant.understanding.toml_lines import read_toml, validated

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Seconds = Annotated[int, Field(ge=1, le=604_800)]
Count = Annotated[int, Field(ge=1, le=1000)]
RouteName = Literal["answer", "clarify", "offer", "hand_off"]
Severity = Literal["p1", "p2", "p3", "p4"]
ToneName = Literal["neutral", "warm", "concerned", "grave", "urgent"]
Mood = Literal["calm", "idle", "listening", "thinking", "speaking", "warm", "happy", "concerned", "grave"]
REASONS = ("customer_request", "fraud_or_loss", "safety", "crisis", "bereavement", "disruption", "money_at_stake",
           "privacy", "complaint", "legal_or_media", "churn", "life_event", "repeated_failure", "knowledge_gap",
           "low_support", "assistant_failed", "policy_required", "abuse", "agent_pull")
"""Every reason code that a brief may carry."""


def _span(text: str) -> str:
    found = re.fullmatch(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)", text)
    if not found or text[:5] >= text[6:] or text[6:] > "24:00":
        raise ValueError("write hours as 09:00-18:00, the earlier first, 24:00 at the latest")
    return text


def _page(text: str) -> str:
    if not re.fullmatch(r"[^#\s]+\.\w+#[\w-]+", text):
        raise ValueError("write a page and its heading as ja/cards/lost-card.md#freeze")
    return text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("not a time zone such as Asia/Tokyo") from error
    return text


def _reason(text: str) -> str:
    if text not in REASONS:
        raise ValueError(f"not a reason code; one of {', '.join(REASONS)}")
    return text


Span = Annotated[str, AfterValidator(_span)]
Page = Annotated[str, AfterValidator(_page)]


class Table(BaseModel):
    """A table of the file: frozen, and no key that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Thresholds(Table):
    """Probabilities at which a route is entered and left; see the comments in the file."""

    hand_off_enter: Share
    hand_off_stay: Share
    offer_enter: Share
    offer_stay: Share
    clarify: Share
    strong: Share
    worse: Share
    kind: Share

    @model_validator(mode="after")
    def _hysteresis(self) -> "Thresholds":
        if self.hand_off_stay > self.hand_off_enter or self.offer_stay > self.offer_enter:
            raise ValueError("a …_stay threshold may not be above its …_enter threshold")
        return self


class Limits(Table):
    """How much failing, repeating and rising is borne."""

    misses_offer: Count
    misses_hand_off: Count
    repeats_hand_off: Count
    rising_turns: Count
    rising_by: Share
    remember: Count


class LastStraw(Table):
    """When a complaint is the last straw."""

    signs: Count
    very_strong: Share
    kinds: list[str]


class Retrieval(Table):
    """When evidence is too weak to answer from."""

    abstain: Share
    clarify: Share
    clarify_max: Count


class Kind(Table):
    """What follows from one kind of moment."""

    enter: Share | None = None
    severity: Severity
    urgent: str | None = None
    routes: Annotated[list[RouteName], Field(min_length=1)]
    tone: ToneName
    moods: Annotated[list[Mood], Field(min_length=1)]
    reason: Annotated[str, AfterValidator(_reason)]
    skills: list[str]


class Urgent(Table):
    """One urgent step: where it is written, by language, and its number."""

    ja: Page
    en: Page
    number: Annotated[str, Field(min_length=3)]

    def page(self, language: str) -> str:
        """Give ``path#anchor`` in that language; English for any other."""
        return self.ja if language == "ja" else self.en


class Line(Table):
    """How the line of waiting visitors works."""

    capacity: Annotated[int, Field(ge=1, le=100_000)]
    ringing_timeout_s: Seconds
    agent_gone_s: Seconds
    ageing_s: Seconds
    wait_quantile: Share
    wait_default_s: Seconds


class Duty(Table):
    """When people are there."""

    time_zone: Annotated[str, AfterValidator(_zone)]
    mon: list[Span]
    tue: list[Span]
    wed: list[Span]
    thu: list[Span]
    fri: list[Span]
    sat: list[Span]
    sun: list[Span]
    holidays: list[date]
    always: list[Severity]
    night_numbers: dict[str, str]

    def hours(self, weekday: int) -> list[str]:
        """Give the opening hours of a weekday (0 = Monday) as ``09:00-18:00``."""
        return (self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun)[weekday]


class BySeverity(Table):
    """A number of seconds for each severity."""

    p1: Seconds
    p2: Seconds
    p3: Seconds
    p4: Seconds


class Sla(Table):
    """What customers are promised."""

    first_response_s: BySeverity
    next_response_s: BySeverity
    warn_at: Share


class Contact(Table):
    """What is offered instead of the line."""

    callback_windows: list[Span]
    callback_lead_min: Annotated[int, Field(ge=0, le=10_080)]
    email_reply_h: Count
    followup_days: Count


class Policy(Table):
    """The whole file."""

    thresholds: Thresholds
    progress: Limits
    last_straw: LastStraw
    retrieval: Retrieval
    kinds: dict[str, Kind]
    urgent: dict[str, Urgent]
    line: Line
    duty: Duty
    sla: Sla
    contact: Contact

    @model_validator(mode="after")
    def _closed(self) -> "Policy":
        if "none" not in self.kinds:
            raise ValueError("kinds: the kind 'none' is missing")
        for name, kind in self.kinds.items():
            if kind.urgent is not None and kind.urgent not in self.urgent:
                raise ValueError(f"kinds.{name}: no [urgent.{kind.urgent}]")
        return self

    def kind(self, name: str) -> Kind:
        """Give a kind's table; an unknown kind is treated as ``none``."""
        return self.kinds.get(name) or self.kinds["none"]


def load_policy(knowledge: Path, packaged: Path) -> Policy:
    """Read the company's ``policy.toml`` if it has one, else the packaged one (``packaged`` is that folder).

    A company's file is laid over the packaged one table by table, so that it holds only what differs.
    Raises KnowledgeError with file, line and what is wrong.
    """
    base, own = packaged / "policy.toml", knowledge / "policy.toml"
    tree = read_toml(base)
    if own.is_file() and own.resolve() != base.resolve():
        _overlay(tree, read_toml(own))
        return validated(Policy, tree, own)
    return validated(Policy, tree, base)


def _overlay(tree: dict[str, object], own: dict[str, object]) -> None:
    for key, value in own.items():
        mine = tree.get(key)
        if isinstance(mine, dict) and isinstance(value, dict):
            _overlay(mine, value)
        else:
            tree[key] = value
