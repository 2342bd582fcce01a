"""A message after what its writer said before it, as one text: the form in which the model was taught to read it."""

from collections.abc import Sequence

from assistant.ports import Turn

BETWEEN = " || "
EARLIER = 2
"""How many of the visitor's messages before the last one are read with it."""
LONGEST = 120
"""Of each of them so many code points are read, its end."""


def in_context(text: str, history: Sequence[Turn]) -> str | None:
    """Give ``text`` after the visitor's messages before it, oldest first, or None where it is the first.

    What was said before a person wrote is that person's: the reading begins anew after them.
    """
    before: list[str] = []
    for turn in reversed(history):
        if turn.speaker == "agent" or len(before) == EARLIER:
            break
        if turn.speaker == "visitor":
            before.insert(0, turn.text[-LONGEST:])
    return BETWEEN.join([*before, text]) if before else None
