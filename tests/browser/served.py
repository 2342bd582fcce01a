"""The product's own server in a process of its own, started as a site owner starts it."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.browser.cutting_proxy import free_port

ROOT = Path(__file__).resolve().parents[2]
OMOTENASHI = (sys.executable, "-m", "assistant")
START_S, STOP_S = 120, 40


def ingested(knowledge: Path, index: Path) -> Path:
    """Read the pages once, so that no server of a test is still busy with them; gives ``index``."""
    subprocess.run([*OMOTENASHI, "ingest", "--knowledge", str(knowledge), "--index", str(index)], cwd=ROOT, check=True,
                   capture_output=True)
    return index


@contextmanager
def served(folder: Path, knowledge: Path, index: Path, database: str) -> Iterator[int]:
    """Serve from here on; gives the port. The log is kept in ``folder``."""
    port, log = free_port(), folder / "log"
    command = [*OMOTENASHI, "serve", "--knowledge", str(knowledge), "--port", str(port), "--database", database,
               "--index", str(index)]
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env=dict(os.environ))
        try:
            _wait_ready(process, port, log)
            yield port
            process.terminate()
            process.wait(STOP_S)
        finally:
            process.kill()  # nothing, if it has ended; a server that hangs must not keep the test run waiting
            process.wait()


def _wait_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until the server says that it has read its pages."""
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
                if json.load(answer).get("index"):
                    return
        except OSError:
            pass
        time.sleep(0.3)
    raise AssertionError(f"the server did not start:\n{log.read_text()[-2000:]}")
