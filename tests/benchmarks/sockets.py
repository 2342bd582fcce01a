"""What a socket costs: ``python -m tests.benchmarks.sockets`` (about 3 minutes; ``--idle 1000`` for fewer sockets).

Within one run: processor time per streamed frame against a bare Starlette socket, lateness of 100 visitors at 50
tokens a second (also while the index is rebuilt), and memory per idle visitor. The client is another process.
"""

import argparse
import asyncio
import base64
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import psutil

from assistant.events import SUBPROTOCOL
from assistant.server.running import new_loop
from tests.server.harness import free_port

VISITORS, RATE, SHORT_S, LONG_S = 100, 50.0, 1.0, 6.0


class Peer(asyncio.Protocol):
    """A WebSocket client that does next to nothing, so that what is measured is the server."""

    def __init__(self, port: int, text: Callable[[str], None]) -> None:
        self._port, self._text = port, text
        self._buffer = b""
        self._open = False
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        key = base64.b64encode(os.urandom(16)).decode()
        self.transport.write((f"GET /v1/visitor HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nUpgrade: websocket\r\n"
                         f"Origin: http://127.0.0.1:{self._port}\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
                         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"
                         f"Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n").encode())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._open:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            assert b" 101 " in head, head
            self._open, self._buffer = True, rest
            self.opened.set_result(None)
        while len(self._buffer) >= 2:
            size, start = self._buffer[1], 2
            if size == 126:
                size, start = int.from_bytes(self._buffer[2:4], "big"), 4
            if len(self._buffer) < start + size:
                return
            body, self._buffer = self._buffer[start:start + size], self._buffer[start + size:]
            self._text(body.decode())

    def send(self, text: str) -> None:
        body = text.encode()
        size = bytes([0x80 | len(body)]) if len(body) < 126 else b"\xfe" + len(body).to_bytes(2, "big")
        self.transport.write(b"\x81" + size + b"\0\0\0\0" + body)


@dataclass
class Figures:
    """What one visitor saw; times in milliseconds."""

    frames: int = 0
    newest_ms: list[float] = field(default_factory=list)
    oldest_ms: list[float] = field(default_factory=list)
    done: bool = False

    def take(self, text: str) -> None:
        now = time.monotonic_ns() // 1000
        if '"message.delta"' in text:
            self.frames += 1
            tokens = json.loads(text)["text"].split(" とつぜん")[:-1]
            self.oldest_ms.append((now - int(tokens[0])) / 1000)
            self.newest_ms.append((now - int(tokens[-1])) / 1000)
        elif '"run.completed"' in text:
            self.done = True


@contextmanager
def server(kind: str, folder: Path) -> Iterator[tuple[int, psutil.Process]]:
    """Start one of the two servers as a process of its own."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen([sys.executable, "-m", "tests.benchmarks.socket_servers", kind, str(folder), str(port)],
                               cwd=Path(__file__).parents[2])
    try:
        seen = psutil.Process(process.pid)
        for _ in range(600):
            if any(c.laddr.port == port and c.status == psutil.CONN_LISTEN for c in seen.net_connections()):
                break
            time.sleep(0.1)
        time.sleep(1.0)
        yield port, seen
    finally:
        process.kill()
        process.wait()


async def connect(port: int, text: Callable[[str], None]) -> Peer:
    """Open one connection."""
    _, peer = await asyncio.get_running_loop().create_connection(lambda: Peer(port, text), "127.0.0.1", port)
    await peer.opened
    return peer


async def measured(kind: str, port: int, process: psutil.Process, rate: float) -> dict[str, float]:
    """Stream short and long replies: what they differ by is the frames, what they share is the message itself."""
    short = await stream(kind, port, process, rate, SHORT_S)
    long = await stream(kind, port, process, rate, LONG_S)
    frames, cpu = long["frames"] - short["frames"], long["cpu"] - short["cpu"]
    tokens = VISITORS * (LONG_S - SHORT_S) * rate
    return {**long, "us_per_frame": cpu / frames * 1e6, "us_per_token": cpu / tokens * 1e6,
            "message_ms": (short["cpu"] - cpu / frames * short["frames"]) / VISITORS * 1e3}


async def stream(kind: str, port: int, process: psutil.Process, rate: float, seconds: float) -> dict[str, float]:
    """Let 100 visitors ask at once, and watch; times in milliseconds."""
    seen = [Figures() for _ in range(VISITORS)]
    peers = [await connect(port, one.take) for one in seen]
    if kind != "bare":
        for peer in peers:
            peer.send(json.dumps({"type": "session.hello", "locale": "ja"}))
    await asyncio.sleep(1.5)
    before, begun = _cpu(process), time.monotonic()
    for number, peer in enumerate(peers):
        text = f"{seconds} {rate}"
        ours = {"type": "message.send", "txn": f"t{number}", "data": {"text": text}}
        peer.send(text if kind == "bare" else json.dumps(ours))
    while not all(one.done for one in seen):  # noqa: ASYNC110 - a poll is all a measurement needs
        await asyncio.sleep(0.05)
    took, cpu = time.monotonic() - begun, _cpu(process) - before
    for peer in peers:
        peer.transport.close()
    newest = sorted(ms for one in seen for ms in one.newest_ms)
    oldest = sorted(ms for one in seen for ms in one.oldest_ms)
    return {"frames": float(len(newest)), "cpu": cpu, "core": cpu / took, "p50_ms": statistics.median(newest),
            "p99_ms": newest[int(len(newest) * 0.99)], "oldest_p99_ms": oldest[int(len(oldest) * 0.99)]}


async def idle(port: int, process: psutil.Process, count: int) -> float:
    """Give the kilobytes by which the server grows with each visitor who says hello and waits."""
    ready = 0

    def note(text: str) -> None:
        nonlocal ready
        ready += '"session.ready"' in text

    warm = [await connect(port, note) for _ in range(50)]
    for peer in warm:
        peer.send(json.dumps({"type": "session.hello", "locale": "ja"}))
    await asyncio.sleep(2)
    before, start = process.memory_info().rss, ready
    peers = []
    for number in range(count):
        peers.append(await connect(port, note))
        peers[-1].send(json.dumps({"type": "session.hello", "locale": "ja", "client": {"name": "widget"}}))
        if number % 100 == 99:
            while ready - start < number - 400:
                await asyncio.sleep(0.01)
    while ready - start < count:
        await asyncio.sleep(0.05)
    await asyncio.sleep(2)
    grown = (process.memory_info().rss - before) / count / 1024
    for peer in peers + warm:
        peer.transport.abort()
    return grown


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def show(name: str, found: dict[str, float]) -> None:
    """Print one row."""
    print(f"{name:<34}{found['us_per_frame']:>9.1f}{found['us_per_token']:>9.1f}{found['core']:>7.2f}"
          f"{found['p50_ms']:>8.1f}{found['p99_ms']:>8.1f}{found['oldest_p99_ms']:>10.1f}{found['message_ms']:>11.1f}",
          flush=True)


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--idle", type=int, default=5000, help="idle visitors (default 5000)")
    parser.add_argument("--repeat", type=int, default=3, help="rounds of floor and ours (default 3)")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"load average at start {load:.1f}; {VISITORS} visitors, {RATE:.0f} tokens/s each, for {LONG_S:.0f} s")
    print(f"{'':<34}{'µs/frame':>9}{'µs/token':>9}{'cores':>7}{'p50 ms':>8}{'p99 ms':>8}{'whole p99':>10}{'message ms':>11}")
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(options.repeat):
            with server("bare", Path(folder)) as (port, process):
                floor50 = await measured("bare", port, process, RATE)
                floor25 = await measured("bare", port, process, RATE / 2)
            with server("ours", Path(folder)) as (port, process):
                found = await measured("ours", port, process, RATE)
            show("bare Starlette, 50 frames/s", floor50)
            show("bare Starlette, 25 frames/s", floor25)
            show("Omotenashi, 25 frames/s (merged)", found)
            ratios.append((found["us_per_frame"] / floor25["us_per_frame"],
                           found["us_per_token"] / floor50["us_per_token"]))
        per_frame, per_token = (statistics.median(column) for column in zip(*ratios, strict=True))
        print(f"processor time against the floor: {per_frame:.2f}x per frame, {per_token:.2f}x per token")
        with server("rebuild", Path(folder) / "rebuild") as (port, process):
            await asyncio.sleep(2)
            show("… while the index is rebuilt", await measured("rebuild", port, process, RATE))
        with server("ours", Path(folder) / "idle") as (port, process):
            print(f"memory per idle visitor ({options.idle}): {await idle(port, process, options.idle):.1f} kB")


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(main())
