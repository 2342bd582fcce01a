"""A message after what its writer said before it, as one text: the form in which the model was taught to read it."""

from collections.abc import Sequence

from assistant.ports import Turn

BETWEEN = " || "
EARLIER = 2
"""How many of the visitor's messages before the last one are read with it."""
LONGEST = 120
"""Of each of them so many code points are read, its end."""


def in_context(text: str, history: Sequence[Turn]) -> str | None:
    """Give ``text`` after the visitor's messages before it, oldest first, or None where it is the first."""
    before = [turn.text for turn in history if turn.speaker == "visitor"][-EARLIER:]
    return BETWEEN.join([*(one[-LONGEST:] for one in before), text]) if before else None
