"""A server process to be killed. After so many commits it kills itself before it can acknowledge the last one."""

import asyncio
import dataclasses
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant.events import Draft
from assistant.server.app import build_app
from assistant.server.hub import Hub
from assistant.server.parts import Flows
from assistant.server.running import serve
from assistant.transcript.store import Appended, Store
from tests.server.harness import EchoFlow, make_parts


class DyingStore(Store):
    """Kills the process right after a commit."""

    commits_left = 0

    async def append(self, conversation_id: str, drafts: Sequence[Draft], **options: Any) -> Appended:
        stored = await super().append(conversation_id, drafts, **options)
        if any(made.txn for made in drafts):
            self.commits_left -= 1
            if self.commits_left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return stored


def run(folder: Path, port: int, commits: int) -> None:
    """Serve until killed; ``commits`` visitors' messages may be committed (0: any number)."""
    asyncio.run(_serve(folder, port, commits))


async def _serve(folder: Path, port: int, commits: int) -> None:
    parts = make_parts(folder, port=port)
    store = DyingStore(parts.store._database)
    store.commits_left = commits
    hub = Hub(store.facts_after)
    flow = EchoFlow(store, hub, pause_s=0.004, piece=3)
    flows = Flows(take=flow.take, cancel=flow.cancel, drain=flow.drain)
    parts = dataclasses.replace(parts, store=store, hub=hub, flows=flows)
    await serve(build_app(parts), parts.settings)
