"""The replaceable parts: what an engine must offer. Owns the shapes only; every port has two or more real engines."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.knowledge import Citation, Evidence

TextKind = Literal["query", "passage"]
Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Turns texts into vectors. Engines: packaged ONNX model, sentence-transformers, OpenAI-compatible endpoint."""

    name: str
    """Identity of model and version; an index made by another name is rebuilt."""
    dimension: int

    def warm_up(self) -> None:
        """Load the model; idempotent. Raises ModelUnavailable with what to do."""

    async def embed(self, texts: Sequence[str], kind: TextKind) -> Vectors:
        """Give an (n, dimension) array of L2-normalised rows; never blocks the event loop.

        Raises ModelUnavailable. Hostile text (lone surrogates, NUL, megabytes) is embedded as best it can be.
        """


class Listener(Protocol):
    """Takes in messages for the trained heads. Engine: the packaged model, whatever embedder finds the evidence."""

    async def listen(self, texts: Sequence[str]) -> Vectors:
        """Give one row a message, (n, 384 + 34): its "query" embedding by the packaged model, then its mood.

        The mood is log-odds in the order of ``understanding.emotion.COLUMNS``. Any ``str`` will do.
        Raises ModelUnavailable.
        """


@dataclass(frozen=True, slots=True)
class Tone:
    """How a reply should sound, derived from the customer's state (``decision``), never from the assistant's."""

    name: str = "neutral"  # neutral | warm | concerned | grave | urgent
    exclamation: bool = True
    humour: bool = True


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier message as a writer or a reader of moods sees it."""

    speaker: Literal["visitor", "assistant", "agent"]
    text: str


@dataclass(frozen=True, slots=True)
class WritingTask:
    """Everything a writer may use for one reply; sources are numbered from 1 in the order of ``citations``."""

    question: str
    language: str
    evidence: Evidence
    citations: tuple[Citation, ...]
    tone: Tone
    persona: str
    history: tuple[Turn, ...] = ()


class Writer(Protocol):
    """Puts evidence into words. Engines: ``extract`` (quotes, never invents) and ``chat`` (a language model)."""

    name: str

    def write(self, task: WritingTask) -> AsyncIterator[str]:
        """Stream the reply as pieces of Markdown with ``[n]`` after each claim. Raises WriterUnavailable."""


class Broadcast(Protocol):
    """Carries what happened to whoever listens. Implementations: the in-process hub, the same hub fed by Redis."""

    async def facts(self, conversation: str, facts: Sequence["object"]) -> None:
        """Send committed facts, in order, to every listener who may see them."""

    async def frame(self, conversation: str, frame: dict[str, object], audience: str = "all") -> None:
        """Send a passing frame; ``audience`` is ``all``, ``visitor`` or ``agent``."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for another system; ``body`` is ``{type, timestamp, data}``, ``created_at`` in Unix seconds."""

    id: str
    target: str
    type: str
    conversation: str | None
    body: Mapping[str, Any]
    attempts: int
    created_at: float


class Outlet(Protocol):
    """Takes events to another system. Engines: ``webhook`` (Standard Webhooks) and ``chatwoot`` (its API channel)."""

    name: str

    async def send(self, delivery: Delivery) -> None:
        """Deliver one event; the same id may come again and must do no harm. Raises Unavailable to be tried later."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How something is said: ``speed`` 1 is ordinary, smaller is slower; ``pause`` stretches the rests."""

    speed: float = 1.0
    pause: float = 1.0


@dataclass(frozen=True, slots=True)
class Sound:
    """One piece of speech: a whole file of type ``mime`` that lasts ``seconds``, and the mouth's shapes over it.

    ``t`` (starts) and ``d`` (durations) are seconds from the beginning of the sound; ``v`` are shapes
    (``sil a i u e o N FF cl``).
    """

    data: bytes
    mime: str
    seconds: float
    t: tuple[float, ...]
    d: tuple[float, ...]
    v: tuple[str, ...]


class Voice(Protocol):
    """Makes sound of text. Engines: ``kokoro`` (natural, durations exact) and ``mei`` (light, durations estimated)."""

    name: str
    languages: frozenset[str]

    def warm_up(self) -> None:
        """Load the model; idempotent. Raises ModelUnavailable with what to do."""

    async def say(self, text: str, language: str, manner: Manner, pause: float) -> Sound:
        """Speak one utterance that ``voice`` prepared, with ``pause`` s of rest after it; never blocks the event loop.

        Raises ModelUnavailable.
        """
