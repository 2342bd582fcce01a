"""Notices that a knowledge folder changed and that it has come to rest, by notification and by looking now and then."""

import asyncio
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from watchfiles import awatch

_SETTLE_S = 0.25
_LONGEST_SETTLE_S = 2.0
_LOOK_S = 3.0  # network shares and some containers send no notifications

Signature = tuple[tuple[str, int, int, int], ...]


class Changes:
    """Waits for changes below ``folder``, which may come and go, until ``stop`` is set."""

    def __init__(self, folder: Path, stop: asyncio.Event) -> None:
        self._folder = folder
        self._stop = stop
        self._noticed = asyncio.Event()
        self._listener: asyncio.Task[None] | None = None
        self._seen: Signature | None = None
        self._beside: Signature = ()
        self.beside_pages = False
        """Whether something other than a page changed (synonyms, persona) since the last ``settled``."""

    async def __aenter__(self) -> Self:
        self._listener = asyncio.create_task(self._listen(), name="knowledge-changes")
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None,
                        trace: TracebackType | None) -> None:
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)

    async def settled(self) -> bool:
        """Wait until two looks find the same (2 s at most); False when it is time to stop."""
        last, waited = await asyncio.to_thread(signature, self._folder), 0.0
        while waited < _LONGEST_SETTLE_S and not self._stop.is_set():
            await asyncio.sleep(_SETTLE_S)
            waited += _SETTLE_S
            now = await asyncio.to_thread(signature, self._folder)
            if now == last:
                break
            last = now
        self._seen = last
        beside = tuple(row for row in last if not row[0].startswith("pages" + os.sep))
        self.beside_pages, self._beside = beside != self._beside, beside
        return not self._stop.is_set()

    async def next(self, at_most_s: float | None) -> None:
        """Return at the next change, when it is time to stop, or after ``at_most_s``."""
        loop = asyncio.get_running_loop()
        until = loop.time() + at_most_s if at_most_s else None
        while not self._stop.is_set():
            left = min(_LOOK_S, until - loop.time()) if until else _LOOK_S
            await self._either(left)
            self._noticed.clear()
            if await asyncio.to_thread(signature, self._folder) != self._seen or (until and loop.time() >= until):
                return

    async def _either(self, seconds: float) -> None:
        waiting = [asyncio.ensure_future(self._noticed.wait()), asyncio.ensure_future(self._stop.wait())]
        try:
            await asyncio.wait(waiting, timeout=max(seconds, 0.0), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()

    async def _listen(self) -> None:
        while not self._stop.is_set():
            if await asyncio.to_thread(self._folder.is_dir):
                try:
                    async for _ in awatch(self._folder, watch_filter=None, debounce=100, step=50,
                                          stop_event=self._stop, ignore_permission_denied=True):
                        self._noticed.set()
                except (OSError, RuntimeError):
                    pass  # the folder went away, or there are no notifications to be had: looking goes on
            await asyncio.sleep(1.0)


def signature(folder: Path) -> Signature:
    """Give name, size, time and number of every file below ``folder``, without following links."""
    found: list[tuple[str, int, int, int]] = []
    for directory, _, files in os.walk(folder):
        for file in files:
            path = os.path.join(directory, file)
            try:
                about = os.lstat(path)
            except OSError:
                continue  # deleted between listing and looking
            found.append((os.path.relpath(path, folder), about.st_size, about.st_mtime_ns, about.st_ino))
    return tuple(sorted(found))
