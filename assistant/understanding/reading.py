"""The values of a reading: what one message says about the writer's moment, and the reasons for it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was read or decided. ``span`` (code points) is where ``text`` stands in the message, if it does."""

    code: str
    text: str
    span: tuple[int, int] | None = None

    def as_json(self) -> dict[str, Any]:
        """Give the wire form; ``span`` is null where the reason rests on no words."""
        return {"code": self.code, "text": self.text, "span": list(self.span) if self.span else None}


@dataclass(frozen=True, slots=True)
class Reading:
    """What one message says. Probabilities and ``intensity`` are 0–1, ``valence`` −1…1.

    ``intensity`` is the share of sober readers who would call the message strongly charged. ``need`` is the probability
    that a person is needed now, ``care`` that the message is charged at all, ``unclear`` that one question must be
    asked first. ``urgent`` names the step of the policy that fits the situation. ``intent`` is small talk, if it is.
    """

    language: str
    valence: float
    intensity: float
    emotion: str
    emotion_p: float
    kind: str
    kind_p: float
    stage: str | None
    wants_person: bool
    abuse: bool
    vulnerable: bool
    reasons: tuple[Reason, ...]
    need: float = 0.0
    care: float = 0.0
    unclear: float = 0.0
    urgent: str | None = None
    intent: str | None = None
    repeats: int = 0

    def codes(self, prefix: str) -> tuple[str, ...]:
        """Give the codes of the reasons that begin so, each once, in order."""
        return tuple(dict.fromkeys(reason.code for reason in self.reasons if reason.code.startswith(prefix)))

    def as_json(self) -> dict[str, Any]:
        """Give the reading as ``assess`` prints it, without id, route and urgent step."""
        return {
            "language": self.language, "valence": round(self.valence, 3), "intensity": round(self.intensity, 3),
            "emotion": {"label": self.emotion, "p": round(self.emotion_p, 3)},
            "moment": {"kind": self.kind, "p": round(self.kind_p, 3)}, "stage": self.stage,
            "wants_person": self.wants_person, "abuse": self.abuse, "vulnerable": self.vulnerable,
            "reasons": [reason.as_json() for reason in self.reasons],
        }
