"""The small port behind which a message is read: the packaged heads, or a language model with the rules above it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ModelUnavailable
from assistant.ports import Listener, Turn
from assistant.understanding.context import in_context
from assistant.understanding.reading import Reading
from assistant.understanding.understand import Understanding, settled


class Judge(Protocol):
    """Reads one message. Engines: ``heads`` (packaged) and ``chat`` (a language model)."""

    @property
    def name(self) -> str:
        """Give the engine's name."""

    async def read(self, text: str, heard: NDArray[np.float32] | None, history: Sequence[Turn] = (),
                   fallback: str = "ja") -> Reading:
        """Read ``text`` as ``Understanding.understand`` does; never raises, and never overrides a rule."""


@dataclass(frozen=True, slots=True)
class HeadsJudge:
    """The packaged judge: no key, no network; under 3 ms, and from the second message on one more run of the model."""

    understanding: Understanding
    listener: Listener | None = None
    name: str = "heads"

    async def read(self, text: str, heard: NDArray[np.float32] | None, history: Sequence[Turn] = (),
                   fallback: str = "ja") -> Reading:
        """Read with rules and heads; what no rule has settled is read once more with the visitor's messages before."""
        reading = self.understanding.understand(text, heard, history, fallback)
        together = in_context(text, history)
        if self.listener is None or together is None or heard is None or settled(reading):
            return reading
        try:
            return self.understanding.in_its_talk(reading, together, (await self.listener.listen([together]))[0])
        except ModelUnavailable:
            return reading
