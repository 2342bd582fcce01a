"""A local HTTP server that speaks OpenAI's embeddings as scripted: right, refusing, broken, slow or lying."""

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import numpy as np

DIMENSION = 64
STATUS = {"refuse": 401, "forbid": 403, "missing": 404, "limit": 429, "crash": 500}


@dataclass(slots=True)
class EmbeddingScript:
    """What the next answers are: right, shuffled, short, zero, html, hang, or a key of STATUS."""

    mode: str = "right"
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


def vector(text: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A vector of no special length that depends on the text alone."""
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")
    return np.random.default_rng(seed).normal(size=DIMENSION).astype("<f4")


@contextmanager
def scripted_embeddings(script: EmbeddingScript) -> Iterator[str]:
    """Serve on a free port of this machine; gives the base URL for an OpenAI client."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            script.requests.append(body)
            script.keys.append(self.headers.get("authorization", ""))
            status, answer = _answer(script, body)
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that has hung up is part of the script."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _answer(script: EmbeddingScript, body: dict[str, Any]) -> tuple[int, bytes]:
    texts = body["input"]
    if script.mode == "hang":
        time.sleep(1)
    if script.mode in STATUS or any(text == "" for text in texts):  # OpenAI refuses empty texts
        return STATUS.get(script.mode, 400), b'{"error":{"message":"scripted"}}'
    if script.mode == "html":
        return 200, b'"<html>a gateway speaks</html>"'
    rows = [{"object": "embedding", "index": i, "embedding": _coded(t, script, body)} for i, t in enumerate(texts)]
    rows = rows[::-1] if script.mode == "shuffled" else rows[:-1] if script.mode == "short" else rows
    return 200, json.dumps({"object": "list", "model": body["model"], "data": rows}).encode()


def _coded(text: str, script: EmbeddingScript, body: dict[str, Any]) -> str | list[float]:
    found = vector(text) * (0 if script.mode == "zero" else 1)
    if body.get("encoding_format") == "base64":
        return base64.b64encode(found.tobytes()).decode()
    return [float(number) for number in found]
