"""Forgets what is older than the company keeps: conversations with everything in them, once at start and then daily."""

import asyncio
import contextlib
import logging
from datetime import UTC, datetime, timedelta

from assistant.errors import OmotenashiError
from assistant.transcript.store import Store

log = logging.getLogger(__name__)

EVERY_S = 86_400.0


class Retention:
    """A daily task; ``keep_days`` counts from the last thing that happened in a conversation."""

    def __init__(self, store: Store, keep_days: int, every_s: float = EVERY_S) -> None:
        self._store = store
        self._keep = timedelta(days=keep_days)
        self._every_s = every_s
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin in the background."""
        self._task = asyncio.create_task(self._run(), name="retention")

    async def stop(self) -> None:
        """End the task."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            try:
                if gone := await self._store.forget(datetime.now(UTC) - self._keep):
                    log.info("forgot %d conversations", gone)
            except OmotenashiError as error:
                log.warning("nothing could be forgotten now: %s", type(error).__name__)
            await asyncio.sleep(self._every_s)
