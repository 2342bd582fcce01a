"""Recognises small talk (greetings, thanks, yes, "are you a bot?", the weather), so that a reply can be natural."""

from collections.abc import Sequence

from assistant.understanding.cues import Cues, Found

CHAT = ("weather", "name", "hobby", "joke")
"""Small talk that asks for nothing."""
INTENTS = ("greeting", "thanks", "bye", "bot_question", "help", "yes", "no", "complaint_about_bot", *CHAT)
LONGEST = 60
"""Small talk is short: a longer message has a topic of its own, in letters."""


def intent(cues: Cues, text: str) -> str | None:
    """Give the small talk that the whole message is, or None."""
    return intent_of(text, cues.search(text)[0])


def intent_of(text: str, found: Sequence[Found]) -> str | None:
    """The same for a message that was searched already."""
    if len(text) > LONGEST:
        return None
    codes = {one.code for one in found}
    return next((name for name in INTENTS if f"talk.{name}" in codes), None)
