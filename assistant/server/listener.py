"""One open socket as the hub sees it: a bounded queue of frames to send, and the place in each conversation it follows.

It knows nothing of what frames mean, and it never waits for its reader: who cannot keep up is let go.
"""

import asyncio
import time
import types
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.events import Audience, Fact
from assistant.server.frames import Encoded, encode

MAX_FRAMES = 256
MAX_BYTES = 1_048_576
SLOW_READER = 4108

Sending = Coroutine[Any, None, None]
Send = Callable[[str], Sending]


@dataclass(slots=True)
class _Place:
    """How far a listener is in one conversation; ``held`` collects facts while its backlog is being read."""

    last: int = 0
    holding: bool = True
    held: list[tuple[Fact, Encoded]] = field(default_factory=list)


class Listener:
    """A bounded outbound queue with one sender that runs only while there is something to send.

    ``leave(code)`` is called once, from the event loop, when this listener must go: 4108 for a slow reader.
    """

    __slots__ = ("_bytes", "_leave", "_places", "_queue", "_send", "_sender", "_sending_since", "audience", "gone",
                 "heard_at", "pinged_at", "sent_at")

    def __init__(self, audience: Audience, send: Send, leave: Callable[[int], None]) -> None:
        self.audience = audience
        self.gone = False
        self.sent_at = self.heard_at = time.monotonic()
        self.pinged_at: float | None = None
        self._send = send
        self._leave = leave
        self._queue: deque[Encoded] | None = None
        self._bytes = 0
        self._sender: asyncio.Task[None] | None = None
        self._sending_since: float | None = None
        self._places: dict[str, _Place] = {}

    def push(self, frame: Encoded) -> None:
        """Queue a frame; a queue of more than 256 frames or 1 MiB ends this listener."""
        if self.gone:
            return
        if self._sender is None:
            self._begin(frame)
            return
        self._queue = self._queue or deque()
        self._queue.append(frame)
        self._bytes += frame.size
        if len(self._queue) > MAX_FRAMES or self._bytes > MAX_BYTES:
            self.drop(SLOW_READER)

    def _begin(self, frame: Encoded) -> None:
        """Send at once; only when the reader is not ready does a task take over, which costs more than the frame."""
        sending = self._send(frame.text)
        try:
            waiting = sending.send(None)
        except StopIteration:
            self.sent_at = time.monotonic()
        except Exception:  # whatever a dead socket raises: its reader ends the session
            self.gone = True
        else:
            self._sender = asyncio.create_task(self._run(_rest(sending, waiting)))

    async def deliver(self, frame: Encoded) -> None:
        """Send a frame at the reader's own pace: a backlog may be longer than the queue."""
        self._sending_since = time.monotonic()
        try:
            await self._send(frame.text)
        finally:
            self._sending_since = None
        self.sent_at = time.monotonic()

    def drop(self, code: int) -> None:
        """Let this listener go; a second call does nothing."""
        if not self.gone:
            self.gone = True
            self._queue = None
            self._leave(code)

    def stop(self) -> None:
        """Forget everything queued and end the sender: the socket is closed or about to be."""
        self.gone = True
        self._queue = None
        if self._sender is not None:
            self._sender.cancel()

    def stuck_for(self, now: float) -> float:
        """Give the seconds that the frame being sent has been waiting for its reader."""
        return now - self._sending_since if self._sending_since is not None else 0.0

    def follow(self, conversation: str) -> None:
        """Hold facts of this conversation until ``release``."""
        self._places[conversation] = _Place()

    def forget(self, conversation: str) -> None:
        """Take no more facts of this conversation."""
        self._places.pop(conversation, None)

    def holding(self, conversation: str) -> bool:
        """Tell whether this conversation's backlog is still being read."""
        place = self._places.get(conversation)
        return place is None or place.holding

    def release(self, conversation: str, last: int) -> None:
        """Go live after a backlog that ended at ``last``: what was held and is newer follows, in order."""
        place = self._places[conversation]
        place.last, place.holding = last, False
        held, place.held = place.held, []
        self.facts(conversation, held)

    def facts(self, conversation: str, batch: Sequence[tuple[Fact, Encoded]]) -> None:
        """Queue facts in order; numbers this audience may not see are told as a range before the next visible one."""
        place = self._places.get(conversation)
        if place is None:
            return
        if place.holding:
            place.held.extend(batch)
            return
        hidden: list[int] = []
        for fact, encoded in batch:
            if fact.seq <= place.last:
                continue
            place.last = fact.seq
            if fact.visible_to(self.audience):
                self._tell_hidden(hidden)
                self.push(encoded)
            else:
                hidden.append(fact.seq)
        self._tell_hidden(hidden)

    def _tell_hidden(self, hidden: list[int]) -> None:
        if hidden:
            self.push(encode({"type": "facts", "hidden": ranges(hidden)}))
            hidden.clear()

    async def _run(self, begun: Awaitable[None]) -> None:
        try:
            self._sending_since = time.monotonic()
            await begun
            while self._queue:
                frame = self._queue.popleft()
                self._bytes -= frame.size
                self._sending_since = time.monotonic()
                await self._send(frame.text)
            self.sent_at = time.monotonic()
        except Exception:  # as above
            self.gone = True
        finally:
            # An idle listener keeps no queue: thousands of them wait at night.
            self._sender = self._sending_since = self._queue = None
            self._bytes = 0


@types.coroutine
def _rest(sending: Sending, waiting: Any) -> Generator[Any, None, None]:
    """Finish in a task a send that was begun outside one and had to wait."""
    try:
        yield waiting
    except BaseException:
        sending.close()
        raise
    yield from sending


def ranges(seqs: Sequence[int]) -> list[list[int]]:
    """Give ascending numbers as inclusive ranges: 5, 6, 9 → [[5, 6], [9, 9]]."""
    found: list[list[int]] = []
    for seq in seqs:
        if found and found[-1][1] == seq - 1:
            found[-1][1] = seq
        else:
            found.append([seq, seq])
    return found
