"""How a reply sounds: the sentence that opens it and what may not be in it, from the customer's state."""

from assistant.phrases import Phrases
from assistant.ports import Tone

LEADS = {
    "complaint": "lead.complaint",
    "churn": "lead.churn",
    "life_event": "lead.life_event",
    "bereavement": "lead.bereavement",
    "money_at_stake": "lead.money_at_stake",
    "disruption": "lead.disruption",
    "privacy": "lead.privacy",
}
"""Kind of moment → the phrase that opens a charged reply."""


def lead(kind: str, intensity: float, tone: Tone, phrases: Phrases, language: str) -> str:
    """Give the opening sentence for a charged message; empty for a routine one, which deserves speed."""
    key = LEADS.get(kind)
    if key is None and tone.name == "concerned":
        key = "lead.nervous" if intensity < 0.5 else "lead.concerned"
    return phrases.say(key, language) if key else ""


def suited(text: str, tone: Tone) -> str:
    """Take exclamation marks out where the tone has none."""
    if tone.exclamation:
        return text
    return text.replace("！", "。").replace("。。", "。").replace("!", ".").replace("..", ".")
