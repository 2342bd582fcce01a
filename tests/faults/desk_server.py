"""A server with the human side in a process of its own, for tests that kill it."""

import asyncio
import time
from pathlib import Path

from assistant.server.app import build_app
from assistant.server.running import listening_socket, serve
from tests.handoff.house import TUESDAY_10, Clock, assemble


def run(folder: Path, port: int, began: float) -> None:
    """Serve until killed; ``began`` is the real time at which the test's Tuesday morning began."""
    parts, _people, _echo = assemble(folder, Clock(TUESDAY_10 + time.time() - began), pause_s=0.01)
    asyncio.run(serve(build_app(parts), parts.settings, [listening_socket("127.0.0.1", port)]))
