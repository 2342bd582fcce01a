"""Stands between a browser and a server and ends connections after a given number of bytes, in mid-frame if need be."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Callable


def free_port() -> int:
    """Find a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class CuttingProxy:
    """Passes bytes on to a port and ends the connection, without a word, after as many as `cut` says."""

    def __init__(self, to_port: int, cut: Callable[[], int | None]) -> None:
        self.to_port, self.cut, self.port, self.cuts = to_port, cut, free_port(), 0
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "CuttingProxy":
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._ready.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(5)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._pass, "127.0.0.1", self.port)
        self._ready.set()
        await self._stop.wait()
        server.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.to_port)
        head = await reader.read(65536)
        far_writer.write(head)
        left = self.cut() if b"pgrade: websocket" in head else None

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter, limit: int | None) -> None:
            async for data in chunks(source):
                sink.write(data if limit is None else data[:limit])
                await sink.drain()
                if limit is not None and (limit := limit - len(data)) <= 0:
                    self.cuts += 1
                    break

        ways = (pump(far_reader, writer, left), pump(reader, far_writer, None))
        both = [asyncio.ensure_future(way) for way in ways]
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        await self._end(both, (writer, far_writer), left is not None)

    async def _end(self, pumps: list[asyncio.Future[None]], ends: tuple[asyncio.StreamWriter, ...], cut: bool) -> None:
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        for end in ends:
            end.transport.abort() if cut else end.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await end.wait_closed()


async def chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Give what arrives until the end."""
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(4096):
            yield data
