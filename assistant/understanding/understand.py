"""Reads one message: language, how charged it is, what moment it is, and why. It decides nothing and never raises.

Trained heads on the packaged model's one run over the message give probabilities; the company's cue lists give spans
and the rules that are never overridden. Without that run the heads that read words alone stand in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.ports import Listener, Turn
from assistant.understanding.cues import Cues, Found, load_cues
from assistant.understanding.emotion import HEADS, WIDTH, Heads, Scores, load_heads
from assistant.understanding.features import features, pieces
from assistant.understanding.intent import intent_of
from assistant.understanding.language import detect
from assistant.understanding.prototypes import Prototypes
from assistant.understanding.reading import Reading, Reason

RULES = ("rule.self_harm", "rule.danger", "rule.scam", "rule.loss", "rule.death", "rule.privacy")
"""Rules in the order in which they name the moment when more than one fires."""

YIELDING = ("rule.loss", "rule.death", "rule.privacy")
DOUBT, BRIEF = 0.2, 200
"""Words for a loss, a death or a leak also stand in questions about other things ("where are pickpockets about?"):
below this probability of a hand-off they are taken for that, in messages of so many characters: what stands in one
sentence of a long one may be missed as a whole. Danger, self-harm, fraud and a wish never yield."""

RULE_CARE = 0.97
"""What a fired rule makes of ``need`` and ``care``: it is never overridden by a head."""

RULE_INTENSITY = {"rule.self_harm": 0.9, "rule.danger": 0.85, "rule.scam": 0.75, "rule.loss": 0.7, "rule.death": 0.75,
                  "rule.privacy": 0.75}
WISH, AGAINST = 0.4, 0.8
"""From this probability on a message is a wish for a person: met needlessly is better than missed. AGAINST the words of
a refusal it takes more ("I don't want another bot")."""
DECLINED = 0.35
PRESSING = ("fraud_or_loss", "safety", "crisis")
SURE = 0.95
"""Who says that no person is needed gets none on the heads' word alone: ``need`` is at most DECLINED, save these kinds
or where the heads are SURE: who would rather ring nobody but has a death to tell of is not left alone. It lies below
the policy's hand_off_stay, so that a refused offer is not taken for a need."""
CONTEXT, RIM = 0.7, 1e-4
"""What the reading together with earlier messages counts for beside that of the message alone; no odds beyond RIM."""
HEED = {"en": 0.5}
"""Log odds by which ``need`` is raised in a language. On messages written to tune on, English had as many misses as
Japanese (12 in 100) and half its false alarms: the scales are held level, since a miss is worse."""
TELLING = 0.15
"""By so much the messages before must move ``need`` to be named as a reason."""
FLAG = 0.5
SAME = 0.5
"""Two messages whose word pieces agree this much (cosine) ask the same."""

STAGES = {"delight": "third", "none": None}


@dataclass(frozen=True, slots=True)
class Understanding:
    """Everything a reading needs, loaded once. ``heads`` is None where none are installed: rules alone read then."""

    heads: Heads | None
    cues: Cues
    prototypes: Prototypes | None = None

    @classmethod
    def load(cls, knowledge: Path, packaged: Path | None = None, heads: Path = HEADS) -> "Understanding":
        """Read heads and cue lists. Raises KnowledgeError with file and line for a wrong list."""
        return cls(load_heads(heads) if heads.is_file() else None, load_cues(knowledge, packaged))

    async def with_prototypes(self, listener: Listener) -> "Understanding":
        """Give the same with the company's prototype sentences embedded. Raises ModelUnavailable."""
        if not self.cues.prototypes:
            return self
        heard = await listener.listen([text for _, text in self.cues.prototypes])
        kinds = tuple(kind for kind, _ in self.cues.prototypes)
        return replace(self, prototypes=Prototypes(kinds, heard[:, :heard.shape[1] - WIDTH]))

    def understand(self, text: str, heard: NDArray[np.float32] | None, history: Sequence[Turn] = (),
                   fallback: str = "ja") -> Reading:
        """Read ``text``; ``heard`` is its row from a listener, ``history`` the turns before it, oldest first."""
        found, frames = self.cues.search(text)
        scores = self._scores(text, heard, found, frames)
        doubted = YIELDING if heard is not None and len(text) <= BRIEF and scores.route["hand_off"] < DOUBT else ()
        said = _meant([one for one in found if not one.framed and one.code not in doubted])
        rules = [code for code in RULES if any(one.code == code for one in said)]
        kind, kind_p = _kind(scores, said, rules)
        refusing = any(one.code == "wish.declined" for one in said)
        wish = scores.wish >= (AGAINST if refusing else WISH) or any(one.code == "wish.person" for one in said)
        declined = refusing and not wish and not rules
        urgent = _urgent(scores, said, kind)
        emotion, emotion_p = max(scores.emotion.items(), key=lambda pair: pair[1])
        language = _language(text, history, fallback)
        need = max(_heeded(scores.route["hand_off"], language), RULE_CARE if rules else 0.0)
        if declined and kind not in PRESSING and need < SURE:
            need = min(need, DECLINED)
        reading = Reading(
            language=language, valence=scores.valence,
            intensity=max([scores.strong, *(RULE_INTENSITY[code] for code in rules)]),
            emotion=emotion, emotion_p=emotion_p, kind=kind, kind_p=kind_p,
            stage=STAGES.get(kind, "second"), wants_person=wish,
            abuse=scores.abuse >= FLAG and kind not in ("crisis", "bereavement"),
            vulnerable=scores.vulnerable >= FLAG or kind == "crisis", reasons=(), need=need,
            care=max(need, scores.route["offer"] + (0.0 if declined else scores.route["hand_off"])),
            unclear=scores.route["clarify"],
            urgent=urgent, intent=intent_of(text, found), repeats=_repeats(text, history))
        return replace(reading, reasons=_reasons(text, reading, said))

    def in_its_talk(self, reading: Reading, together: str, heard: NDArray[np.float32] | None) -> Reading:
        """Weigh the reading of a message alone with that of the message after what its writer said before.

        ``together`` is what ``in_context`` gave and ``heard`` its row from a listener. "And a gas explosion?" is no
        alarm in a talk about what a policy covers, and "so where is it?" is none but after two broken promises. What a
        rule or a wish says stays.
        """
        if heard is None or settled(reading):
            return reading
        found, frames = self.cues.search(together)
        scores = self._scores(together, heard, found, frames)
        need = _between(reading.need, scores.route["hand_off"])
        care = _between(reading.care, min(1.0, scores.route["hand_off"] + scores.route["offer"]))
        kind, kind_p = max(scores.kind.items(), key=lambda pair: pair[1])
        if reading.codes("wish.declined") and reading.need <= DECLINED and kind not in PRESSING:
            need = min(need, DECLINED)
        seen = replace(reading, need=need, care=max(need, care), kind=kind, kind_p=kind_p,
                       stage=STAGES.get(kind, "second"), intensity=_between(reading.intensity, scores.strong),
                       unclear=_between(reading.unclear, scores.route["clarify"]))
        if kind != reading.kind:
            said = _meant([one for one in found if not one.framed])
            others = tuple(reason for reason in reading.reasons if reason.code != f"moment.{reading.kind}")
            named = () if kind == "none" else (Reason(f"moment.{kind}", f"{kind} {kind_p:.2f}"),)
            seen = replace(seen, urgent=_urgent(scores, said, kind), reasons=(*named, *others))
        if abs(need - reading.need) < TELLING:
            return seen
        code = "context.calmer" if need < reading.need else "context.graver"
        why = Reason(code, f"{reading.need:.2f} alone, {need:.2f} after the messages before")
        return replace(seen, reasons=(*seen.reasons, why))

    def _scores(self, text: str, heard: NDArray[np.float32] | None, found: Sequence[Found],
                frames: Sequence[str]) -> Scores:
        if self.heads is None:
            return _by_rules(found)
        scores = self.heads.scores(features(text, found, frames), heard)
        if self.prototypes is None or heard is None:
            return scores
        return self.prototypes.lean(scores, heard[:-WIDTH])


def settled(reading: Reading) -> bool:
    """Tell whether a rule or a wish has spoken, so that what was said before changes nothing."""
    return reading.wants_person or bool(reading.codes("rule."))


def _between(alone: float, together: float) -> float:
    """Give a probability between two, CONTEXT of the way from the first, in log odds."""
    return _probability((1.0 - CONTEXT) * _odds(alone) + CONTEXT * _odds(together))


def _heeded(p: float, language: str) -> float:
    return _probability(_odds(p) + HEED[language]) if language in HEED else p


def _odds(p: float) -> float:
    inside = min(max(p, RIM), 1.0 - RIM)
    return float(np.log(inside / (1.0 - inside)))


def _probability(odds: float) -> float:
    return float(1.0 / (1.0 + np.exp(-odds)))


def _meant(said: Sequence[Found]) -> list[Found]:
    """Leave out wishes for a person that are part of a refusal ("please don't call me")."""
    refused = [one.span for one in said if one.code == "wish.declined"]
    return [one for one in said if one.code != "wish.person" or
            not any(start <= one.span[0] < end for start, end in refused)]


def _kind(scores: Scores, said: Sequence[Found], rules: Sequence[str]) -> tuple[str, float]:
    if rules:
        kinds = [next(one.kind for one in said if one.code == code) or "none" for code in rules]
        kind = max(kinds, key=lambda name: (scores.kind.get(name, 0.0) > 0.25, -kinds.index(name)))
        return kind, max(scores.kind.get(kind, 0.0), 0.9)
    return max(scores.kind.items(), key=lambda pair: pair[1])


def _urgent(scores: Scores, said: Sequence[Found], kind: str) -> str | None:
    fits = {"fraud_or_loss": ("freeze_card", "stop_transfer"), "safety": ("emergency",), "crisis": ("crisis_line",)}
    allowed = fits.get(kind, ())
    listed = [one.urgent for one in said if one.urgent in allowed]
    if "stop_transfer" in listed and scores.urgent["freeze_card"] < 0.8:
        return "stop_transfer"
    best = max(allowed, key=lambda name: scores.urgent[name] + (0.3 if name in listed else 0.0), default=None)
    if best is None or (best not in listed and scores.urgent[best] < 0.3):
        return None
    return best


def _language(text: str, history: Sequence[Turn], fallback: str) -> str:
    for turn in reversed(history):
        if turn.speaker == "visitor":
            fallback = detect(turn.text, fallback)
            break
    return detect(text, fallback)


def _repeats(text: str, history: Sequence[Turn]) -> int:
    """Count earlier visitor messages that ask the same in nearly the same words."""
    buckets, weights = pieces(text)
    if len(buckets) < 10:
        return 0
    mine = dict(zip(buckets.tolist(), weights.tolist(), strict=True))
    count = 0
    for turn in history[-12:]:
        if turn.speaker == "visitor":
            theirs = zip(*(part.tolist() for part in pieces(turn.text)), strict=True)
            count += sum(mine.get(bucket, 0.0) * weight for bucket, weight in theirs) >= SAME
    return count


def _reasons(text: str, reading: Reading, said: Sequence[Found]) -> tuple[Reason, ...]:
    reasons: list[Reason] = []
    if reading.kind != "none":
        spots = [one.span for one in said if one.kind == reading.kind]
        span = spots[0] if spots else None
        words = text[span[0]:span[1]] if span else f"{reading.kind} {reading.kind_p:.2f}"
        reasons.append(Reason(f"moment.{reading.kind}", words, span))
    reasons.extend(Reason(one.code, text[one.span[0]:one.span[1]], one.span) for one in said
                   if not one.code.startswith("talk."))
    if reading.wants_person and not any(reason.code == "wish.person" for reason in reasons):
        reasons.append(Reason("wish.person", "wish for a person, read from the whole message"))
    if reading.emotion != "neutral" and reading.emotion_p >= FLAG:
        spots = [one.span for one in said if one.code == f"sign.{reading.emotion}"]
        span = spots[0] if spots else None
        words = text[span[0]:span[1]] if span else f"{reading.emotion} {reading.emotion_p:.2f}"
        reasons.append(Reason(f"emotion.{reading.emotion}", words, span))
    if any(one.code == "sign.missed" for one in said):
        reasons.append(Reason("loop.missed", "says that the answer missed the question"))
    if reading.repeats:
        reasons.append(Reason("loop.repeat", f"asked {reading.repeats + 1} times"))
    return tuple(reasons)


def _by_rules(found: Sequence[Found]) -> Scores:
    """Stand in where no heads are installed: fixed numbers for listed words."""
    codes = {one.code for one in found if not one.framed}
    kinds = [one.kind for one in found if one.kind and not one.framed]
    signs = len([code for code in codes if code.startswith("straw.")])
    angry = bool(codes & {"sign.anger", "sign.abuse"})
    charged = bool(kinds) or signs > 0 or angry or bool(codes & {"sign.hardship", "sign.stranded", "sign.sadness"})
    glad = "sign.joy" in codes and not charged
    kind = kinds[0] if kinds else "delight" if glad else "complaint" if charged else "none"
    strong = 0.75 if kinds or signs > 1 else 0.5 if charged or glad else 0.05
    route = {"answer": 0.05 if charged else 0.9, "clarify": 0.9 if "sign.unclear" in codes else 0.0,
             "offer": 0.5 if charged else 0.05, "hand_off": 0.8 if kinds or signs > 1 else 0.1 if charged else 0.02}
    emotion = "joy" if glad else "anger" if angry or signs else "fear" if kinds or "sign.fear" in codes else "neutral"
    moods = {name: 0.7 if name == emotion else 0.05 for name in ("anger", "disgust", "fear", "joy", "sadness",
                                                                  "surprise", "neutral")}
    urgent = {name: 0.0 for name in ("none", "freeze_card", "stop_transfer", "emergency", "crisis_line")}
    return Scores({kind: 0.6}, route, moods, urgent, wish=0.0, abuse=0.8 if "sign.abuse" in codes else 0.0,
                  vulnerable=0.6 if "sign.vulnerable" in codes else 0.0, strong=strong,
                  valence=0.6 if glad else -0.6 if charged else 0.0)
