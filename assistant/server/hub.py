"""The in-process hub: carries committed facts and passing frames to every listener of a conversation.

It owns order (no gap, no repeat), the text so far of running replies, and their pace. It stores nothing; a missing
number is read from the transcript.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from assistant.events import Audience, Fact
from assistant.server.frames import Encoded, encode, quoted
from assistant.server.listener import Listener

FRAME_EVERY_S = 0.04
"""Deltas of one reply are merged so that no listener gets more than 25 of them a second."""
GRACE_S = 0.005
"""A token that comes this soon after its frame was due still goes with it."""
_RUN_ENDS = frozenset({"message.created", "run.completed", "run.failed", "run.cancelled"})

FactsAfter = Callable[[str, int], Awaitable[Sequence[Fact]]]


class _Run:
    """A reply being made: its text so far, of which ``sent`` code points have gone out.

    ``due`` is when the next frame may go. It moves in even steps, so that lateness does not add up.
    """

    __slots__ = ("due", "head", "length", "message", "parts", "sent", "timer", "unsent")

    def __init__(self, conversation: str, run: str, message: str) -> None:
        self.head = (f'{{"type":"message.delta","conversation":{quoted(conversation)},"run":{quoted(run)},'
                     f'"message":{quoted(message)},"offset":')
        self.message = message
        self.parts: list[str] = []
        self.unsent: list[str] = []
        self.length = self.sent = 0
        self.due = 0.0
        self.timer: asyncio.TimerHandle | None = None

    def add(self, offset: int, text: str) -> None:
        """Take a piece at an offset in code points; what is already there is left out."""
        fresh = text[max(0, self.length - offset):]
        if fresh:
            self.parts.append(fresh)
            self.unsent.append(fresh)
            self.length += len(fresh)

    def take(self) -> Encoded | None:
        """Give what has not gone out as one frame."""
        if not self.unsent:
            return None
        text = "".join(self.unsent)
        encoded = f'{self.head}{self.sent},"text":{quoted(text)}}}'
        self.sent += len(text)
        self.unsent.clear()
        return Encoded(encoded, len(encoded.encode(errors="replace")))


@dataclass(slots=True)
class _Channel:
    """One conversation while somebody listens or a reply is being made.

    ``cursor`` is the last fact handed to live listeners, ``known`` the highest number heard of. While ``cursor`` is
    None (nobody has read a backlog yet) facts are not handed on: ``release`` reads what came meanwhile.
    """

    listeners: set[Listener] = field(default_factory=set)
    runs: dict[str, _Run] = field(default_factory=dict)
    cursor: int | None = None
    known: int = 0


class Hub:
    """Implements ``ports.Broadcast`` in this process. ``facts_after`` reads the transcript when numbers are missing.

    ``watchers`` see every batch of committed facts as it passes, of all conversations; they return at once, and a
    repeated command shows them the same facts again. ``frame_watchers`` see every passing frame in the same way.
    """

    def __init__(self, facts_after: FactsAfter) -> None:
        self._facts_after = facts_after
        self._channels: dict[str, _Channel] = {}
        self.listeners: set[Listener] = set()
        self.watchers: list[Callable[[str, Sequence[Fact]], None]] = []
        self.frame_watchers: list[Callable[[str, dict[str, object]], None]] = []

    def join(self, conversation: str, listener: Listener) -> None:
        """Begin to hold facts for this listener; read the backlog next, then ``release``."""
        self.listeners.add(listener)
        listener.follow(conversation)
        self._channel(conversation).listeners.add(listener)

    async def release(self, conversation: str, listener: Listener, last: int, backlog: Sequence[Fact] = ()) -> None:
        """Go live after a backlog that ended at ``last``; replies being made are shown as far as they are."""
        channel = self._channels.get(conversation)
        if channel is None:
            return
        for fact in backlog:
            if fact.type in _RUN_ENDS and "run" in fact.data:
                self._end(channel, fact.data["run"])
        for run in list(channel.runs.values()):
            self._flush(conversation, run)
        listener.release(conversation, last)
        for run_id, run in channel.runs.items():
            snapshot = {"type": "run.snapshot", "conversation": conversation, "run": run_id, "message": run.message,
                        "offset": 0, "text": "".join(run.parts)}
            listener.push(encode(snapshot))
        if channel.cursor is None:
            channel.cursor = last
        await self._catch_up(conversation, channel)

    def leave(self, conversation: str, listener: Listener) -> None:
        """Send nothing more of this conversation to this listener."""
        listener.forget(conversation)
        channel = self._channels.get(conversation)
        if channel:
            channel.listeners.discard(listener)
            self._tidy(conversation, channel)

    def gone(self, listener: Listener, conversations: Sequence[str]) -> None:
        """Forget a listener whose socket has closed."""
        self.listeners.discard(listener)
        for conversation in conversations:
            self.leave(conversation, listener)

    def listening(self, conversation: str, audience: Audience) -> int:
        """Count who is listening, by audience."""
        channel = self._channels.get(conversation)
        return sum(one.audience is audience for one in channel.listeners) if channel else 0

    async def facts(self, conversation: str, facts: Sequence[object]) -> None:
        """Send committed facts to every listener who may see them, in order whatever order the callers come in."""
        batch = [fact for fact in facts if isinstance(fact, Fact)]
        if not batch:
            return
        for watch in self.watchers:
            watch(conversation, batch)
        channel = self._channel(conversation)
        channel.known = max(channel.known, batch[-1].seq)
        if not channel.listeners:
            channel.cursor = None  # the next listener reads its backlog from the transcript
        if channel.cursor is None or batch[0].seq <= channel.cursor + 1:
            self._deliver(conversation, channel, batch)
        else:
            await self._catch_up(conversation, channel)
        self._tidy(conversation, channel)

    async def frame(self, conversation: str, frame: dict[str, object], audience: str = "all") -> None:
        """Send a passing frame to ``all``, ``visitor`` or ``agent``; deltas are kept, merged and paced."""
        for watch in self.frame_watchers:
            watch(conversation, frame)
        if frame["type"] == "message.delta":
            self._delta(conversation, frame)
            return
        channel = self._channels.get(conversation)
        if channel:
            wanted = {"visitor": Audience.EVERYONE, "agent": Audience.AGENTS}.get(audience)
            self._send(conversation, channel, encode({"conversation": conversation, **frame}), wanted)

    def _deliver(self, conversation: str, channel: _Channel, batch: Sequence[Fact]) -> None:
        after = channel.cursor or 0
        fresh = [fact for fact in batch if fact.seq > after]
        for fact in fresh:
            if fact.type == "run.started":
                run_id, message = fact.data["run"], fact.data["message"]
                channel.runs.setdefault(run_id, _Run(conversation, run_id, message))
            elif fact.type in _RUN_ENDS and fact.data.get("run") in channel.runs:
                self._flush(conversation, channel.runs[fact.data["run"]])
                self._end(channel, fact.data["run"])
        if channel.cursor is not None and fresh:
            encoded = [(fact, encode(fact.envelope())) for fact in fresh]
            for listener in list(channel.listeners):
                listener.facts(conversation, encoded)
            channel.cursor = fresh[-1].seq

    async def _catch_up(self, conversation: str, channel: _Channel) -> None:
        while channel.cursor is not None and channel.known > channel.cursor:
            missing = await self._facts_after(conversation, channel.cursor)
            if not missing:
                return
            self._deliver(conversation, channel, missing)

    def _delta(self, conversation: str, frame: dict[str, object]) -> None:
        channel = self._channel(conversation)
        run_id, offset = str(frame["run"]), frame["offset"]
        run = channel.runs.get(run_id)
        if run is None:
            run = channel.runs[run_id] = _Run(conversation, run_id, str(frame["message"]))
        run.add(offset if isinstance(offset, int) else 0, str(frame["text"]))
        if not run.unsent:
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        if now >= run.due:
            self._flush(conversation, run, now)
        elif run.timer is None:
            run.timer = loop.call_at(run.due + GRACE_S, self._flush, conversation, run)

    def _flush(self, conversation: str, run: _Run, now: float | None = None) -> None:
        if run.timer is not None:
            run.timer.cancel()
            run.timer = None
        channel = self._channels.get(conversation)
        frame = run.take()
        if frame and channel:
            run.due = max(run.due + FRAME_EVERY_S, now or asyncio.get_running_loop().time())
            self._send(conversation, channel, frame, None)

    def _send(self, conversation: str, channel: _Channel, frame: Encoded, wanted: Audience | None) -> None:
        for listener in tuple(channel.listeners):
            # Who is still reading the backlog gets the state of things when that is done.
            if (wanted is None or listener.audience is wanted) and not listener.holding(conversation):
                listener.push(frame)

    def _channel(self, conversation: str) -> _Channel:
        channel = self._channels.get(conversation)
        if channel is None:
            channel = self._channels[conversation] = _Channel()
        return channel

    def _end(self, channel: _Channel, run_id: str) -> None:
        run = channel.runs.pop(run_id, None)
        if run and run.timer:
            run.timer.cancel()

    def _tidy(self, conversation: str, channel: _Channel) -> None:
        if not channel.listeners and not channel.runs:
            self._channels.pop(conversation, None)
