"""A server in a process of its own, to be killed and started again on the same port and files."""

import asyncio
import multiprocessing
import signal
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Any


class Forked:
    """Starts ``run(*given)`` again and again, forked from a process that has imported ``run``'s module once."""

    def __init__(self, run: Callable[..., None], port: int) -> None:
        self.port = port
        self._run = run
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([run.__module__])
        self._process: BaseProcess | None = None

    async def start(self, *given: Any) -> None:
        """Start it and return once it listens."""
        # Daemonic: a test that fails half-way must not leave a server for which the whole test run then waits.
        self._process = self._context.Process(target=self._run, args=given, daemon=True)
        self._process.start()
        async with asyncio.timeout(60):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                except OSError:
                    await asyncio.sleep(0.05)
                else:
                    writer.close()
                    await writer.wait_closed()
                    return

    async def kill(self) -> None:
        """Kill it as ``kill -9`` does, if it is not dead already."""
        assert self._process
        self._process.kill()
        await self.died()

    async def died(self) -> None:
        """Wait until it has been killed, by us or by itself."""
        assert self._process
        await asyncio.to_thread(self._process.join)
        assert self._process.exitcode == -signal.SIGKILL
