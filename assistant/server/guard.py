"""Who may come in and how much: origins, signed visitor tokens, rates. It keeps counts in memory and stores nothing."""

import ipaddress
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from assistant.conversation import new_id
from assistant.errors import RateLimited, Unauthorized

_DAY_S = 86_400
_KEPT_KEYS = 20_000
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True, slots=True)
class Origins:
    """The exact-match allow-list. Empty ``allowed``: this server's own pages and loopback addresses only."""

    allowed: tuple[str, ...]
    public_url: str
    app_keys: tuple[str, ...]

    def admit(self, origin: str | None, host: str, app_key: str | None) -> bool:
        """Tell whether a socket may open: ``origin`` and ``host`` are the request's headers, as sent."""
        if origin is None:
            return app_key is not None and app_key in self.app_keys
        return origin in self.allowed or self.own(origin, host) or (not self.allowed and _is_loopback(origin))

    def ancestors(self) -> str:
        """Give the CSP source list of who may frame the widget."""
        others = self.allowed or ("http://localhost:*", "http://127.0.0.1:*")
        return " ".join(("'self'", *others))

    def own(self, origin: str, host: str) -> bool:
        """Tell whether a page of this server asks (the desk and its routes serve nobody else)."""
        if self.public_url:
            return origin == self.public_url.rstrip("/")
        return bool(host) and origin in (f"https://{host}", f"http://{host}")


def _is_loopback(origin: str) -> bool:
    scheme, _, rest = origin.partition("://")
    host = rest.rpartition(":")[0] if rest.rpartition(":")[2].isdigit() and not rest.endswith("]") else rest
    return scheme in ("http", "https") and host in _LOOPBACK


def is_local(address: str) -> bool:
    """Tell whether a client's address is this machine's own."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == ""


class Tokens:
    """Signed visitor tokens. One is fresh for ``fresh_s`` (at most an hour); after that it only serves, for
    ``keep_days``, to come back to the conversation it is shown with."""

    def __init__(self, secret: str, fresh_s: float, keep_days: int) -> None:
        self._serializer = URLSafeTimedSerializer(secret, salt="omotenashi.visitor.v1")
        self._fresh_s = min(fresh_s, 3600.0)
        self._keep_s = keep_days * _DAY_S

    def make(self, visitor: str) -> str:
        """Sign a visitor's id."""
        return str(self._serializer.dumps(visitor))

    def read(self, token: str) -> tuple[str, bool]:
        """Give the visitor's id and whether the token is fresh. Raises Unauthorized for a forged or lapsed one."""
        try:
            return str(self._serializer.loads(token, max_age=int(self._fresh_s))), True
        except SignatureExpired:
            pass
        except BadSignature as error:
            raise Unauthorized("forged token") from error
        try:
            return str(self._serializer.loads(token, max_age=self._keep_s)), False
        except BadSignature as error:
            raise Unauthorized("lapsed token") from error


def new_visitor() -> str:
    """Make an unguessable visitor id."""
    return new_id("v")


class Bucket:
    """A token bucket: ``rate`` a second, ``burst`` at once."""

    __slots__ = ("_at", "_burst", "_left", "_rate")

    def __init__(self, rate: float, burst: int, now: float) -> None:
        self._rate, self._burst = rate, burst
        self._left, self._at = float(burst), now

    def wait(self, now: float) -> float:
        """Take one and give 0, or take none and give the seconds until there is one."""
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left >= 1:
            self._left -= 1
            return 0.0
        return (1 - self._left) / self._rate


class Windows:
    """At most ``count`` events per key within ``seconds``; the oldest keys are forgotten beyond 20,000."""

    def __init__(self, count: int, seconds: float) -> None:
        self._count, self._seconds = count, seconds
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, key: str, now: float) -> float:
        """Count one and give 0, or count none and give the seconds until one is free."""
        seen = self._seen.setdefault(key, deque())
        self._seen.move_to_end(key)
        while seen and seen[0] <= now - self._seconds:
            seen.popleft()
        if len(seen) >= self._count:
            return seen[0] + self._seconds - now
        seen.append(now)
        while len(self._seen) > _KEPT_KEYS:
            self._seen.popitem(last=False)
        return 0.0


class MessageRates:
    """How many messages a visitor may send, over all sockets; the same txn again costs nothing."""

    def __init__(self, rate: float, burst: int, per_5_min: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._windows = Windows(per_5_min, 300.0)
        self._visitors: OrderedDict[str, tuple[Bucket, deque[str]]] = OrderedDict()

    def message(self, visitor: str, txn: str) -> None:
        """Count one message. Raises RateLimited with when to come back."""
        now = self._clock()
        bucket, recent = self._visitors.setdefault(
            visitor, (Bucket(self._rate, self._burst, now), deque(maxlen=32)))
        self._visitors.move_to_end(visitor)
        if txn in recent:
            return
        check(bucket.wait(now))
        check(self._windows.wait(visitor, now))
        recent.append(txn)
        while len(self._visitors) > _KEPT_KEYS:
            self._visitors.popitem(last=False)


def check(wait_s: float) -> None:
    """Raise RateLimited if there is something to wait for."""
    if wait_s > 0:
        raise RateLimited("too much at once", max(1, round(wait_s * 1000)))
