"""What all sockets of this process share: keys, counts, who is connected, and the heartbeat that keeps them honest."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine

from assistant.server.frames import encode
from assistant.server.guard import MessageRates, Origins, Tokens, Windows, check, is_local
from assistant.server.hub import Hub
from assistant.server.identity import Identities
from assistant.server.listener import SLOW_READER, Listener
from assistant.server.parts import Limits
from assistant.server.socket import REPLACED

_PING = encode({"type": "ping"})
_DRAIN_BATCH = 100
_HALF_DAY_S = 43_200.0
_LOST = 4200


class Lobby:
    """Counts connections and messages, and ends sockets that do not answer or do not read."""

    def __init__(self, hub: Hub, limits: Limits, origins: Origins, tokens: Tokens,
                 identities: Identities | None = None) -> None:
        self.hub, self.limits, self.origins, self.tokens = hub, limits, origins, tokens
        self.identities = identities or Identities()
        self.draining = False
        self.rates = MessageRates(limits.message_rate, limits.message_burst, limits.messages_per_5_min)
        self._conversations = Windows(limits.conversations_per_12_h, _HALF_DAY_S)
        self._connected: dict[str, list[Listener]] = defaultdict(list)
        self._beat: asyncio.Task[None] | None = None
        self._leaving: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin the heartbeat."""
        self._beat = asyncio.create_task(self._beats(), name="heartbeat")

    async def stop(self) -> None:
        """End the heartbeat."""
        if self._beat:
            self._beat.cancel()
            await asyncio.gather(self._beat, return_exceptions=True)

    def enter(self, person: str, listener: Listener, most: int) -> None:
        """Count a socket of a person; beyond ``most`` their oldest one is closed with 4009."""
        sockets = self._connected[person]
        sockets.append(listener)
        while len(sockets) > most:
            sockets.pop(0).drop(REPLACED)

    def leave(self, person: str, listener: Listener) -> bool:
        """Forget a socket; tells whether it was the person's last."""
        sockets = self._connected.get(person, [])
        if listener in sockets:
            sockets.remove(listener)
        if not sockets:
            self._connected.pop(person, None)
        return not sockets

    def see_off(self, closing: Coroutine[object, object, None]) -> None:
        """Run a closing to its end; the loop itself would hold it weakly."""
        task = asyncio.create_task(closing)
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    def new_conversation(self, address: str) -> None:
        """Count a new conversation from this address. Raises RateLimited."""
        if self.limits.local_is_limited or not is_local(address):
            check(self._conversations.wait(address, time.monotonic()))

    async def drain(self, finish: Callable[[], object]) -> None:
        """Tell every client to come back elsewhere, at most 100 a 10 ms, spread so that they do not come at once."""
        self.draining = True
        finish()
        listeners = list(self.hub.listeners)
        spread_ms = max(1000, len(listeners) * 10)
        for number, listener in enumerate(listeners, 1):
            retry = 500 + spread_ms * number // len(listeners)
            listener.push(encode({"type": "drain", "retry_after_ms": retry}))
            if number % _DRAIN_BATCH == 0:
                await asyncio.sleep(0.01)

    async def _beats(self) -> None:
        while True:
            await asyncio.sleep(self.limits.tick_s)
            now = time.monotonic()
            for number, listener in enumerate(list(self.hub.listeners)):
                self._check(listener, now)
                if number % 500 == 499:
                    await asyncio.sleep(0)  # thousands of sockets must not hold up a running reply

    def _check(self, listener: Listener, now: float) -> None:
        limits = self.limits
        if listener.stuck_for(now) > limits.send_s:
            listener.drop(SLOW_READER)
        elif listener.pinged_at is not None:
            if listener.heard_at > listener.pinged_at:
                listener.pinged_at = None
            elif now - listener.pinged_at > limits.pong_within_s:
                listener.drop(_LOST)
        elif now - max(listener.sent_at, listener.heard_at) > limits.ping_after_s:
            listener.pinged_at = now
            listener.push(_PING)
