"""Who may sit at the desk: accounts with roles, sign-in, sessions and one-time tickets for the socket.

Passwords are kept as Argon2id hashes, cookies and tickets as SHA-256; it knows nothing of HTTP.
"""

import asyncio
import hashlib
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from assistant.conversation import new_id
from assistant.errors import BadRequest, RateLimited, Unauthorized
from assistant.handoff.audit import note
from assistant.handoff.tables import agents, desk_sessions, socket_tickets
from assistant.transcript.store import Store

ROLES = ("agent", "supervisor", "admin", "editor")
OUTSIDE = "x_"
"""How the ids of other desks' agents begin: they have no account and no seat here."""
PEOPLE = ("agent", "supervisor", "admin")
"""Roles that see conversations; an editor sees knowledge and insights only."""
IDLE_S, ABSOLUTE_S, TICKET_S = 1800.0, 43_200.0, 30.0
TRIES, WITHIN_S = 5, 300.0
SHORTEST = 10
_TOUCH_S = 20.0
_KEPT_KEYS = 20_000

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who may sign in at the desk; ``name`` is what visitors see."""

    id: str
    login: str
    name: str
    role: str
    team: str | None = None
    skills: tuple[str, ...] = ()
    presence: str = "available"
    disabled: bool = False

    def shown(self) -> dict[str, object]:
        """Give what colleagues may see."""
        return {"id": self.id, "login": self.login, "name": self.name, "role": self.role, "team": self.team,
                "skills": list(self.skills)}


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser; ``id`` is the hash of its cookie."""

    id: str
    agent: Agent
    csrf: str


class Accounts:
    """The accounts in the database. Methods raise Unauthorized, RateLimited or BadRequest."""

    def __init__(self, store: Store, clock: Clock = time.time) -> None:
        self._store, self._clock = store, clock
        self._hasher = PasswordHasher()
        self._tries: OrderedDict[str, deque[float]] = OrderedDict()
        # An unknown login costs as much time as a wrong password.
        self._nobody = self._hasher.hash(secrets.token_urlsafe(16))

    async def add(self, login: str, name: str, role: str, password: str, team: str | None = None,
                  skills: Sequence[str] = ()) -> Agent:
        """Make an account. Raises BadRequest for a taken login, an unknown role or a short password."""
        if role not in ROLES:
            raise BadRequest(f"role must be one of {', '.join(ROLES)}")
        if not login or len(login) > 64 or login != login.strip() or not name.strip() or len(name) > 80:
            raise BadRequest("a login has 1 to 64 characters, a name 1 to 80")
        made = Agent(new_id("a"), login, name, role, team, tuple(skills))
        row = {"id": made.id, "login": login, "name": name, "role": role, "password": await self._hash(password),
               "team": team, "skills": list(skills), "presence": "available", "disabled": False,
               "created_at": self._clock()}
        try:
            await self._store.write(lambda c: c.execute(insert(agents), row))
        except IntegrityError as error:
            raise BadRequest(f"the login {login} is taken") from error
        return made

    async def all(self) -> list[Agent]:
        """Give every account, by login."""
        rows = await self._store.read(lambda c: c.execute(select(agents).order_by(agents.c.login)).all())
        return [_agent(row) for row in rows]

    async def disable(self, login: str) -> None:
        """Lock an account and end its sessions."""
        await self._change(login, {"disabled": True})

    async def set_password(self, login: str, password: str) -> None:
        """Give an account another password, unlock it and end its sessions."""
        await self._change(login, {"password": await self._hash(password), "disabled": False})

    async def set_presence(self, agent: str, presence: str) -> None:
        """Keep whether an agent takes talks, over a restart."""
        change = update(agents).where(agents.c.id == agent).values(presence=presence)
        await self._store.write(lambda c: c.execute(change))

    async def sign_in(self, login: str, password: str, address: str) -> tuple[Session, str]:
        """Check a password and open a session; the second value is the cookie's. Five tries per five minutes."""
        for key in (f"@{address}", login):
            self._count(key)
        row = await self._store.read(lambda c: c.execute(select(agents).where(agents.c.login == login)).first())
        good = await asyncio.to_thread(self._verify, row.password if row else self._nobody, password)
        if not good or row is None or row.disabled:
            await self._store.write(lambda c: note(c, self._clock(), None, "sign_in.refused", None))
            raise Unauthorized("wrong login or password")
        self._tries.pop(login, None)
        if seen := self._tries.get(f"@{address}"):
            seen.pop()  # colleagues behind one address must not lock each other out by signing in
        token, now = secrets.token_urlsafe(32), self._clock()
        session = Session(_digest(token), _agent(row), secrets.token_urlsafe(24))

        def work(connection: Connection) -> None:
            connection.execute(insert(desk_sessions).values(id=session.id, agent=session.agent.id, csrf=session.csrf,
                                                            created_at=now, seen_at=now))
            note(connection, now, session.agent.id, "sign_in", None)

        await self._store.write(work)
        return session, token

    async def session(self, token: str) -> Session:
        """Give a cookie's session. Raises Unauthorized when it ran out (30 min idle, 12 h in all) or was ended."""
        return await self._session(_digest(token))

    async def alive(self, session: str, *, active: bool) -> bool:
        """Tell whether a session still stands; with ``active`` its idle time begins anew."""
        try:
            await self._session(session, touch=active)
        except Unauthorized:
            return False
        return True

    async def sign_out(self, session: Session) -> None:
        """End a session."""
        def work(connection: Connection) -> None:
            connection.execute(delete(desk_sessions).where(desk_sessions.c.id == session.id))
            note(connection, self._clock(), session.agent.id, "sign_out", None)

        await self._store.write(work)

    async def socket_ticket(self, session: Session) -> str:
        """Give a ticket that opens one socket within 30 s."""
        ticket, now = secrets.token_urlsafe(32), self._clock()

        def work(connection: Connection) -> None:
            connection.execute(delete(socket_tickets).where(socket_tickets.c.expires_at < now))
            connection.execute(insert(socket_tickets).values(id=_digest(ticket), session=session.id,
                                                             expires_at=now + TICKET_S))

        await self._store.write(work)
        return ticket

    async def redeem(self, ticket: str) -> Session:
        """Take a ticket, which is then gone. Raises Unauthorized."""
        def work(connection: Connection) -> Any:
            mine = socket_tickets.c.id == _digest(ticket)
            row = connection.execute(select(socket_tickets).where(mine)).first()
            if row is None or connection.execute(delete(socket_tickets).where(mine)).rowcount != 1:
                return None
            return row

        row = await self._store.write(work)
        if row is None or row.expires_at < self._clock():
            raise Unauthorized("no such ticket")
        return await self._session(str(row.session))

    async def _session(self, digest: str, *, touch: bool = True) -> Session:
        query = (select(desk_sessions.c.csrf, desk_sessions.c.created_at, desk_sessions.c.seen_at, agents)
                 .join(agents, agents.c.id == desk_sessions.c.agent).where(desk_sessions.c.id == digest))
        row, now = await self._store.read(lambda c: c.execute(query).first()), self._clock()
        # The account's own created_at comes later in the row under the same name: index the session's by place.
        if row is None or row.disabled or now - row[1] > ABSOLUTE_S or now - row.seen_at > IDLE_S:
            raise Unauthorized("no session")
        if touch and now - row.seen_at > _TOUCH_S:
            seen = update(desk_sessions).where(desk_sessions.c.id == digest).values(seen_at=now)
            await self._store.write(lambda c: c.execute(seen))
        return Session(digest, _agent(row), row.csrf)

    async def _change(self, login: str, values: dict[str, object]) -> None:
        def work(connection: Connection) -> bool:
            row = connection.execute(select(agents.c.id).where(agents.c.login == login)).first()
            if row is None:
                return False
            connection.execute(update(agents).where(agents.c.id == row.id).values(**values))
            connection.execute(delete(desk_sessions).where(desk_sessions.c.agent == row.id))
            return True

        if not await self._store.write(work):
            raise BadRequest(f"there is no account {login}")

    def _count(self, key: str) -> None:
        now = self._clock()
        seen = self._tries.setdefault(key, deque())
        self._tries.move_to_end(key)
        while seen and seen[0] <= now - WITHIN_S:
            seen.popleft()
        if len(seen) >= TRIES:
            raise RateLimited("too many tries", max(1, round((seen[0] + WITHIN_S - now) * 1000)))
        seen.append(now)
        while len(self._tries) > _KEPT_KEYS:
            self._tries.popitem(last=False)

    async def _hash(self, password: str) -> str:
        if len(password) < SHORTEST:
            raise BadRequest(f"a password has {SHORTEST} characters or more")
        return await asyncio.to_thread(self._hasher.hash, password)

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False


def _agent(row: Any) -> Agent:
    return Agent(row.id, row.login, row.name, row.role, row.team, tuple(row.skills), row.presence, row.disabled)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
