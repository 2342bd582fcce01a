"""Who a signed-in customer is, by the company's own signed statement; it signs nothing and stores nothing.

The site's backend makes a short-lived JWT (HS256, ``sub``, ``exp`` at most an hour ahead, optional ``name``) and the
page hands it over with ``Omotenashi.identify(ticket)``.
"""

import hashlib
import hmac
import time
from dataclasses import dataclass

import jwt

from assistant.errors import Unauthorized

LONGEST_S = 3600
_LEEWAY_S = 60


@dataclass(frozen=True, slots=True)
class Identified:
    """A customer as the company knows them; ``visitor`` is the same on each of their devices."""

    visitor: str
    ref: str
    name: str | None = None

    def as_state(self) -> dict[str, object]:
        """Give what the conversation remembers of it, for the brief."""
        return {"customer": {"ref": self.ref, "name": self.name, "verified": True}}


class Identities:
    """Reads tickets. Without a secret nobody can be identified, and a ticket is passed over."""

    def __init__(self, secret: str = "", key: str = "") -> None:
        self._secret = secret
        self._key = key.encode()

    def read(self, ticket: str | None) -> Identified | None:
        """Give who it is, None without a ticket or a secret. Raises Unauthorized for a forged or lapsed one."""
        if not ticket or not self._secret:
            return None
        try:
            claims = jwt.decode(ticket, self._secret, algorithms=["HS256"], leeway=_LEEWAY_S,
                                options={"require": ["sub", "exp"]})
        except jwt.InvalidTokenError as error:
            raise Unauthorized("not a valid ticket") from error
        if claims["exp"] > time.time() + LONGEST_S + _LEEWAY_S:
            raise Unauthorized("a ticket lives an hour at most")
        ref = str(claims["sub"])[:128]
        digest = hmac.new(self._key, ref.encode(), hashlib.sha256).hexdigest()[:32]
        name = claims.get("name")
        return Identified(f"u_{digest}", ref, str(name)[:80] if name else None)
