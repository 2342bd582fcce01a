"""What is recorded on behalf of nobody: at start, the runs that a crash left open get an honest end."""

import logging

from assistant.conversation import SYSTEM
from assistant.events import draft
from assistant.facts import RunFailed
from assistant.phrases import Phrases
from assistant.transcript.store import Store

log = logging.getLogger(__name__)


async def close_interrupted(store: Store, phrases: Phrases) -> int:
    """End every open run as ``run.failed {reason: "interrupted"}`` with its partial text kept; give their number."""
    open_runs = await store.interrupted_runs()
    for run in open_runs:
        conversation = await store.conversation(run.conversation)
        text = phrases.say("run.interrupted", conversation.locale)
        failed = RunFailed(run=run.run, message=run.message, reason="interrupted", text=text, partial=run.partial)
        await store.append(run.conversation, [draft("run.failed", failed, SYSTEM)])
    if open_runs:
        log.warning("%d replies were cut by the last stop and marked as interrupted", len(open_runs))
    return len(open_runs)
