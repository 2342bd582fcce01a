"""Runs document converters in a bounded child process: 512 MB, 60 s a file, no network, no secrets in its environment.

It owns starting, feeding, stopping; what the child does with a file is ``convert``'s.
"""

import contextlib
import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

SECONDS = 60.0
_FILES_PER_CHILD = 50  # then a fresh one, so that a converter's leaks stay small
_LARGEST_RESULT = 64 * 1024 * 1024
_PASSED = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class Converted:
    """A document as Markdown, or as sheets of cells for Excel, and what was noteworthy."""

    markdown: str = ""
    title: str = ""
    sheets: tuple[tuple[str, list[list[str]]], ...] = ()
    flags: tuple[str, ...] = ()


class Converter:
    """Converts one document at a time; start is lazy, ``close`` (or leaving the ``with``) ends the child."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._done = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def convert(self, suffix: str, data: bytes) -> Converted:
        """Convert a document given its suffix (``.pdf``). Raises ValueError with a reason fit for a report."""
        with self._lock:
            child = self._started()
            late = threading.Event()

            def stop() -> None:
                late.set()
                child.kill()

            timer = threading.Timer(self._seconds, stop)
            timer.start()
            try:
                answer = _ask(child, suffix, data)
            except (OSError, ValueError) as error:
                self._end()
                raise ValueError(f"took longer than {self._seconds:.0f} s" if late.is_set()
                                 else "needs more memory than a document may, or is broken") from error
            finally:
                timer.cancel()
            if "error" in answer:
                self._end()  # what a broken file left in memory must not fail the next one
        if "error" in answer:
            raise ValueError(answer["error"])
        return Converted(answer["markdown"], answer["title"],
                         tuple((name, rows) for name, rows in answer["sheets"]), tuple(answer["flags"]))

    def close(self) -> None:
        """End the child; a later ``convert`` starts another."""
        with self._lock:
            self._end()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._done >= _FILES_PER_CHILD:
            self._end()
        if self._child is None or self._child.poll() is not None:
            self._end()
            environment = {name: os.environ[name] for name in _PASSED if name in os.environ}
            environment |= {"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONUTF8": "1",
                            "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
            self._child = subprocess.Popen([sys.executable, "-m", "assistant.ingestion.convert"], env=environment,
                                           stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            self._done = 0
        self._done += 1
        return self._child

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            for pipe in (self._child.stdin, self._child.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):  # the child is gone: nothing is left to flush
                        pipe.close()
        self._child = None


def _ask(child: subprocess.Popen[bytes], suffix: str, data: bytes) -> dict[str, Any]:
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(json.dumps([suffix, len(data)]).encode() + b"\n" + data)
    child.stdin.flush()
    size = int(child.stdout.readline(20) or b"x")
    if not 0 < size <= _LARGEST_RESULT:
        raise ValueError("a result too large")
    text = child.stdout.read(size)
    if len(text) != size:
        raise ValueError("the child died while answering")
    answer: dict[str, Any] = json.loads(text)
    return answer
