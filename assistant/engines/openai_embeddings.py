"""Embeds through any OpenAI-compatible endpoint; owns requests, their sizes, and the translation of their errors."""

import asyncio
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import openai

from assistant.errors import ModelUnavailable
from assistant.ports import TextKind, Vectors

REQUEST_TEXTS = 96
REQUEST_CHARACTERS = 60_000  # endpoints bound the tokens of one request
CONNECTIONS: dict[TextKind, int] = {"query": 8, "passage": 2}  # requests at once
LONGEST = 6_000  # characters of one text; endpoints refuse more than about 8,000 tokens
_UNSENDABLE = re.compile("[\ud800-\udfff\0]")


class OpenAIEmbedder:
    """Asks `model` at `base_url` (empty: OpenAI's own) with `key`; waits `timeout_s` seconds
    for an answer, and asks `retries` times more.

    `prefixes` {"query": ..., "passage": ...} are put before texts, for servers that host E5-like models.
    `dimension` is 0 until the endpoint has answered once.
    """

    def __init__(
        self,
        model: str,
        *,
        base_url: str = "",
        key: str = "",
        prefixes: Mapping[TextKind, str] | None = None,
        timeout_s: float = 10.0,
        retries: int = 2,
    ) -> None:
        self.name = f"openai:{model}@{base_url}" if base_url else f"openai:{model}"
        self.dimension = 0
        self._model, self._prefixes = model, prefixes or {}
        self._options: dict[str, Any] = {"timeout": timeout_s, "max_retries": retries}
        if base_url:
            self._options["base_url"] = base_url
        self._options["api_key"] = key or ("none" if base_url else None)  # local servers ask for no key
        # The blocking client on workers of its own, not the asynchronous one: that one is tied to one event loop, and
        # here answers of megabytes are decoded off the loop.
        self._workers = {kind: ThreadPoolExecutor(n, f"embed-{kind}") for kind, n in CONNECTIONS.items()}
        self._loading = threading.Lock()
        self._client: openai.OpenAI | None = None

    def warm_up(self) -> None:
        """Embed one word to learn that the endpoint answers, and its dimension. Raises ModelUnavailable."""
        self._connect()
        if not self.dimension:
            self._ask(["hello"])

    async def embed(self, texts: Sequence[str], kind: TextKind) -> Vectors:
        """Give (len(texts), dimension) float32, rows of length 1. Any `str` will do. Raises ModelUnavailable."""
        run = partial(asyncio.get_running_loop().run_in_executor, self._workers[kind])
        await run(self.warm_up)
        prefix = self._prefixes.get(kind, "")
        cleaned = [prefix + _UNSENDABLE.sub(" ", text[:LONGEST]) for text in texts]
        parts = [await run(self._ask, some) for some in _requests(cleaned)]
        return np.concatenate(parts) if parts else np.empty((0, self.dimension), np.float32)

    def _connect(self) -> openai.OpenAI:
        with self._loading:
            try:
                self._client = self._client or openai.OpenAI(**self._options)
            except openai.OpenAIError as problem:
                raise self._translated(problem) from problem
            return self._client

    def _ask(self, texts: list[str]) -> Vectors:
        try:
            answer = self._connect().embeddings.create(model=self._model, input=texts)
        except openai.OpenAIError as problem:
            raise self._translated(problem) from problem
        except (ValueError, TypeError, AttributeError) as problem:  # the client does not check what it decodes
            raise self._nonsense() from problem
        return self._rows(answer, len(texts))

    def _rows(self, answer: Any, count: int) -> Vectors:
        """Check an answer and give its vectors in the order asked. Raises ModelUnavailable."""
        try:
            found = sorted(answer.data, key=lambda row: row.index)
            rows = np.array([row.embedding for row in found], np.float32)
            lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        except (TypeError, ValueError, AttributeError) as problem:
            raise self._nonsense() from problem
        wanted = (count, self.dimension or rows.shape[-1])
        if rows.shape != wanted or not np.all(np.isfinite(lengths)) or not np.all(lengths > 0):
            raise ModelUnavailable(f"the endpoint of {self._model!r} gave {rows.shape} vectors, not {wanted}")
        self.dimension = wanted[1]
        return np.asarray(rows / lengths, np.float32)

    def _nonsense(self) -> ModelUnavailable:
        return ModelUnavailable(f"the endpoint of {self._model!r} answered with something else than vectors")

    def _translated(self, problem: openai.OpenAIError) -> ModelUnavailable:
        advice: dict[type[openai.OpenAIError], str] = {
            openai.AuthenticationError: "it refused the key; set the embedding key",
            openai.PermissionDeniedError: "the key may not use this model",
            openai.NotFoundError: "it knows no such model or path; check model and base URL",
            openai.BadRequestError: "it found the request wrong; check that the model makes embeddings",
            openai.RateLimitError: "it has had too many requests or the quota is used up; try later",
            openai.APITimeoutError: "it did not answer in time",
            openai.APIConnectionError: "it cannot be reached; check the base URL and the network",
        }
        why = next((text for kind, text in advice.items() if isinstance(problem, kind)), "it failed; try later")
        if not isinstance(problem, openai.APIError):  # raised before anything is sent
            why = "no key is set; set the embedding key"
        return ModelUnavailable(f"embedding endpoint of {self._model!r}: {why}")


def _requests(texts: Sequence[str]) -> Iterator[list[str]]:
    """Cut into requests of bounded size; an empty text is sent as a blank, which endpoints accept."""
    some: list[str] = []
    size = 0
    for text in texts:
        text = text if text.strip() else " "
        if some and (len(some) == REQUEST_TEXTS or size + len(text) > REQUEST_CHARACTERS):
            yield some
            some, size = [], 0
        some.append(text)
        size += len(text)
    if some:
        yield some
