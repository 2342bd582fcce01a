"""The writer that asks a language model through LangChain; any OpenAI-compatible endpoint or installed provider.

Vendor errors are translated here, once. A stream that ends without a finish reason counts as broken, never as done.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from assistant.errors import WriterUnavailable
from assistant.ports import Turn, WritingTask
from assistant.reply.prompt import system_prompt, user_prompt
from assistant.transcript.redaction import redact_for_model

LONGEST_REPLY = 32_000
"""Characters after which an endless reply is cut."""


class ChatWriter:
    """Streams one reply. ``first_token_s`` and ``total_s`` (seconds) bound the wait."""

    name = "chat"

    def __init__(
        self, model: str, *, base_url: str, key: str, max_tokens: int, first_token_s: float, total_s: float
    ) -> None:
        self._model = model
        self._options: dict[str, Any] = {"max_tokens": max_tokens, "timeout": total_s, "max_retries": 1}
        if base_url:
            self._options["base_url"] = base_url
        if key:
            self._options["api_key"] = key
        self._first_token_s = first_token_s
        self._total_s = total_s
        self._chat: Any = None

    def warm_up(self) -> None:
        """Import LangChain's model and make the client (2 s); idempotent. Raises WriterUnavailable with what to do."""
        if self._chat is not None:
            return
        from langchain.chat_models import init_chat_model

        try:
            self._chat = init_chat_model(self._model, **self._options)
        except Exception as error:  # each provider raises its own
            raise WriterUnavailable(f"language model {self._model!r} cannot be set up: {error}") from error

    async def write(self, task: WritingTask) -> AsyncIterator[str]:
        """Stream the model's words. Raises WriterUnavailable if it is down, late, cut off or endless."""
        await asyncio.to_thread(self.warm_up)
        messages = [("system", system_prompt(task)), ("human", user_prompt(masked(task)))]
        finished, length = False, 0
        stream = self._chat.astream(messages)
        deadline = asyncio.get_running_loop().time() + self._total_s
        wait = self._first_token_s
        try:
            while True:
                left = deadline - asyncio.get_running_loop().time()
                try:
                    chunk = await asyncio.wait_for(anext(stream), min(wait, max(left, 0.01)))
                except StopAsyncIteration:
                    break
                finished = finished or bool((chunk.response_metadata or {}).get("finish_reason"))
                wait = max(self._first_token_s, 5.0)
                text = str(chunk.text)
                length += len(text)
                if length > LONGEST_REPLY:
                    raise WriterUnavailable("the language model's reply has no end")
                if text:
                    yield text
        except WriterUnavailable:
            raise
        except TimeoutError as error:
            raise WriterUnavailable("the language model did not answer in time") from error
        except Exception as error:  # openai, httpx and every other provider's own errors
            raise WriterUnavailable(f"the language model failed: {type(error).__name__}") from error
        finally:
            await stream.aclose()
        if not finished:
            raise WriterUnavailable("the language model's stream was cut off")


def masked(task: WritingTask) -> WritingTask:
    """Mask what identifies a person in everything the customer said: the model has no need of it."""
    history = tuple(Turn(turn.speaker, redact_for_model(turn.text).text) for turn in task.history)
    return replace(task, question=redact_for_model(task.question).text, history=history)
