"""Decides what to do about a message: situation × intensity × progress × explicit wish. Pure: no clock, store or model.

``regrade`` may later move a decision only towards a person, so there is no way round in a circle.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

from assistant.decision.policy import Policy
from assistant.ports import Tone
from assistant.understanding.intent import CHAT
from assistant.understanding.reading import Reading, Reason

Route = Literal["answer", "clarify", "offer", "hand_off"]
LADDER: tuple[Route, ...] = ("answer", "clarify", "offer", "hand_off")
"""The routes, each nearer to a person than the one before."""

TONES: Mapping[str, Tone] = {
    "neutral": Tone("neutral", exclamation=True, humour=True),
    "warm": Tone("warm", exclamation=True, humour=True),
    "concerned": Tone("concerned", exclamation=False, humour=False),
    "grave": Tone("grave", exclamation=False, humour=False),
    "urgent": Tone("urgent", exclamation=False, humour=False),
}
SEVERITIES = ("p1", "p2", "p3", "p4")
SMALL_TALK = frozenset({"greeting", "thanks", "bye", "bot_question", "help", "weather", "name", "hobby", "joke"})
"""Intents that need no person and no question, whatever else is read."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What happened so far, oldest intensity first. ``kind`` and ``straws`` belong to the open matter."""

    misses: int = 0
    offers: int = 0
    wishes: int = 0
    intensities: tuple[float, ...] = ()
    last_route: str | None = None
    clarified: bool = False
    kind: str = "none"
    straws: tuple[str, ...] = ()
    offered_at: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Give the form in which a conversation's state keeps it."""
        return {"misses": self.misses, "offers": self.offers, "wishes": self.wishes,
                "intensities": list(self.intensities), "last_route": self.last_route, "clarified": self.clarified,
                "kind": self.kind, "straws": list(self.straws), "offered_at": self.offered_at}

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> "Progress":
        """Read that form again; what is missing has its first value."""
        data = data or {}
        route = data.get("last_route")
        return cls(int(data.get("misses", 0)), int(data.get("offers", 0)), int(data.get("wishes", 0)),
                   tuple(float(value) for value in data.get("intensities", ())), str(route) if route else None,
                   bool(data.get("clarified", False)), str(data.get("kind", "none")),
                   tuple(str(code) for code in data.get("straws", ())), float(data.get("offered_at", 0.0)))


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do. ``severity`` p1…p4, ``reason_code`` of the brief, ``mood`` the avatar's usual one among ``moods``."""

    route: Route
    urgent: str | None
    severity: str
    reason_code: str
    tone: Tone
    mood: str
    moods: tuple[str, ...]
    reasons: tuple[Reason, ...]


def decide(reading: Reading, progress: Progress, policy: Policy) -> Decision:
    """Give the route and everything that follows from the kind of moment."""
    kind = _kind(reading, progress, policy)
    table = policy.kind(kind)
    route, code, why = _route(reading, progress, policy, kind)
    urgent = reading.urgent if kind == reading.kind and reading.urgent in policy.urgent else None
    if urgent is None and table.urgent and route == "hand_off" and kind == reading.kind:
        urgent = table.urgent
    tone = _tone(table.tone, route, kind)
    severity = _severity(table.severity, route, reading, policy)
    return Decision(route, urgent if route == "hand_off" else None, severity, code, TONES[tone],
                    _mood(kind, route, policy), _moods(kind, route, policy), (*reading.reasons, *why))


def regrade(decision: Decision, strength: float, progress: Progress, policy: Policy) -> Decision:
    """Move a decision towards a person when the evidence found is too weak; ``strength`` 0–1. Never the other way."""
    if decision.route in ("offer", "hand_off") or strength >= policy.retrieval.abstain:
        return decision
    misses = progress.misses + 1
    if misses >= policy.progress.misses_hand_off:
        return _raised(decision, "hand_off", "repeated_failure", "progress.misses", f"{misses} misses", policy)
    if misses >= policy.progress.misses_offer and progress.offers == 0:
        return _raised(decision, "offer", "knowledge_gap", "progress.misses", f"{misses} misses", policy)
    if decision.route == "answer" and strength >= policy.retrieval.clarify and not progress.clarified:
        return _raised(decision, "clarify", "low_support", "evidence.weak", f"support {strength:.2f}", policy)
    return replace(decision, reason_code="knowledge_gap",
                   reasons=(*decision.reasons, Reason("evidence.none", f"support {strength:.2f}")))


def advance(progress: Progress, reading: Reading, decision: Decision, answered: bool, remember: int = 6) -> Progress:
    """Give the progress after a turn; ``answered``: the assistant had something to say that was supported."""
    missed = _missed(reading)
    open_matter = decision.route in ("offer", "hand_off") or any(
        reason.code == "progress.offered" for reason in decision.reasons)
    kind = reading.kind if reading.kind != "none" else progress.kind if open_matter else "none"
    return Progress(
        misses=progress.misses + max(missed, int(not answered)), offers=progress.offers + (decision.route == "offer"),
        wishes=progress.wishes + reading.wants_person,
        intensities=(*progress.intensities, reading.intensity)[-remember:], last_route=decision.route,
        clarified=decision.route == "clarify", kind=kind if open_matter else "none",
        straws=_straws(progress, reading) if open_matter or missed else (),
        offered_at=max(progress.offered_at, reading.intensity) if decision.route == "offer" else progress.offered_at)


def allowed_mood(kind: str, mood: str, policy: Policy) -> str:
    """Give ``mood`` if the policy allows it for this kind of moment, else the kind's usual one."""
    moods = policy.kind(kind).moods
    return mood if mood in moods else moods[0]


def _route(reading: Reading, progress: Progress, policy: Policy, kind: str) -> tuple[Route, str, list[Reason]]:
    reason = policy.kind(kind).reason
    if reading.wants_person:
        return "hand_off", "customer_request", []
    if reading.codes("rule."):
        return "hand_off", reason, []
    tired = _tired(reading, progress, policy)
    if tired is not None and tired[0] == "hand_off":
        return tired
    wanted, why = _wanted(reading, progress, policy, kind)
    if reading.intent in SMALL_TALK and wanted != "hand_off":
        wanted = "answer"
    if tired is not None and LADDER.index(tired[0]) > LADDER.index(wanted):
        return tired
    if wanted == "clarify" and progress.clarified:
        wanted = "offer" if progress.offers == 0 and progress.misses else "answer"
    if wanted == "offer" and progress.offers and not _worse(reading, progress, policy):
        wanted = "answer"
        why.append(Reason("progress.offered", "a person was offered before"))
    routes = policy.kind(kind).routes
    if wanted not in routes:
        wanted = "offer" if wanted == "hand_off" and "offer" in routes and not progress.offers else "answer"
    return wanted, reason if wanted in ("offer", "hand_off") else "policy_required", why


def _wanted(reading: Reading, progress: Progress, policy: Policy, kind: str) -> tuple[Route, list[Reason]]:
    limits = policy.thresholds
    burning = progress.last_route in ("offer", "hand_off")
    if kind in policy.last_straw.kinds:
        signs = set(_straws(progress, reading)) if reading.codes("straw.") or burning else set()
        if reading.intensity >= policy.last_straw.very_strong:
            signs.add("intensity")
        if len(signs) >= policy.last_straw.signs and reading.care >= limits.offer_stay:
            return "hand_off", [Reason("straw.last", ", ".join(sorted(signs)))]
    enter = policy.kind(kind).enter or limits.hand_off_enter
    if reading.need >= (min(enter, limits.hand_off_stay) if burning else enter):
        return "hand_off", []
    if _chased(reading, progress, policy):
        return "hand_off", [Reason("loop.chase", "asks again how an open, heated matter stands")]
    if _rising(progress, reading, policy) and reading.care >= limits.offer_stay:
        step: Route = "hand_off" if burning else "offer"
        return step, [Reason("trend.rising", f"intensity rose by {policy.progress.rising_by:.1f} or more")]
    if reading.unclear >= limits.clarify and not burning:
        return "clarify", []
    if reading.care >= (limits.offer_stay if burning else limits.offer_enter):
        return "offer", []
    return ("clarify" if reading.unclear >= limits.clarify else "answer"), []


def _tired(reading: Reading, progress: Progress, policy: Policy) -> tuple[Route, str, list[Reason]] | None:
    limits = policy.progress
    misses = progress.misses + _missed(reading)
    if misses >= limits.misses_hand_off and misses > progress.misses:
        return "hand_off", "repeated_failure", [Reason("progress.misses", f"{misses} misses")]
    if reading.repeats + 1 >= limits.repeats_hand_off:
        return "hand_off", "repeated_failure", [Reason("progress.repeats", f"asked {reading.repeats + 1} times")]
    if misses >= limits.misses_offer and misses > progress.misses:
        return "offer", "repeated_failure", [Reason("progress.misses", f"{misses} misses")]
    return None


def _missed(reading: Reading) -> int:
    """Count a miss that the visitor names; one that is said to be a repetition counts twice."""
    if "loop.missed" not in reading.codes("loop."):
        return 0
    return 2 if "straw.again" in reading.codes("straw.") else 1


def _rising(progress: Progress, reading: Reading, policy: Policy) -> bool:
    turns = policy.progress.rising_turns
    last = (*progress.intensities, reading.intensity)[-turns:]
    if len(last) < turns or last[-1] < policy.thresholds.strong:
        return False
    return all(one < two for one, two in pairwise(last)) and last[-1] - last[0] >= policy.progress.rising_by


def _chased(reading: Reading, progress: Progress, policy: Policy) -> bool:
    """Tell whether a harmless-looking "and?" comes after broken promises: what burns around it decides."""
    if "sign.chase" not in reading.codes("sign.") or progress.kind == "none" or not progress.straws:
        return False
    heat = progress.intensities[-policy.progress.rising_turns:]
    return progress.offers > 0 and max(heat, default=0.0) >= policy.thresholds.strong and len(heat) >= 2


def _worse(reading: Reading, progress: Progress, policy: Policy) -> bool:
    return reading.intensity >= progress.offered_at + policy.thresholds.worse


def _straws(progress: Progress, reading: Reading) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*progress.straws, *reading.codes("straw."))))


def _kind(reading: Reading, progress: Progress, policy: Policy) -> str:
    if reading.kind != "none" and reading.kind_p >= policy.thresholds.kind:
        return reading.kind
    # Chat does not lift what weighs on somebody: no joke is made in a grave moment.
    return progress.kind if reading.intent in (None, "yes", "no", *CHAT) else "none"


def _severity(severity: str, route: Route, reading: Reading, policy: Policy) -> str:
    if route != "hand_off" or reading.intensity < policy.last_straw.very_strong:
        return severity
    return SEVERITIES[max(0, SEVERITIES.index(severity) - 1)]


def _tone(tone: str, route: Route, kind: str) -> str:
    if tone == "urgent" and route != "hand_off":
        return "neutral" if route == "answer" else "concerned"
    return "concerned" if tone == "neutral" and kind == "none" and route == "offer" else tone


def _moods(kind: str, route: Route, policy: Policy) -> tuple[str, ...]:
    moods = tuple(policy.kind(kind).moods)
    if kind == "none" and route in ("offer", "hand_off"):
        return tuple(mood for mood in moods if mood not in ("happy", "warm")) or moods
    return moods


def _mood(kind: str, route: Route, policy: Policy) -> str:
    return _moods(kind, route, policy)[0]


def _raised(decision: Decision, route: Route, code: str, reason: str, text: str, policy: Policy) -> Decision:
    if LADDER.index(route) <= LADDER.index(decision.route):
        return decision
    return replace(decision, route=route, reason_code=code, reasons=(*decision.reasons, Reason(reason, text)))
