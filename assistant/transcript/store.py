"""The durable transcript: numbered facts, who drives, and the runs that are being made; nothing is sent from here.

Every change is one transaction: numbers are given out in it, a repeated command is recognised in it, and the driver
is compared and set in it. What comes back is committed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, select

from assistant.conversation import SYSTEM, Conversation, Driver, move, new_id
from assistant.database import Database, conversations, facts, runs
from assistant.errors import DriverConflict, TxnConflict, UnknownConversation
from assistant.events import Draft, Fact, draft
from assistant.facts import ConversationStarted, DriverChanged
from assistant.ports import Turn
from assistant.transcript.migrate import upgrade
from assistant.transcript.rows import (
    conversation_of,
    fact_of,
    fact_row,
    keep_runs,
    payload_hash,
    storage_errors,
    turn_of,
)
from assistant.transcript.statements import (
    CHANGE_CONVERSATION,
    CHANGE_RUN,
    CONVERSATION,
    CONVERSATION_LOCKED,
    FACTS_AFTER,
    FACTS_BEFORE,
    FORGET,
    LATEST,
    MESSAGES,
    NEW_CONVERSATION,
    NEW_FACTS,
    REPEATED,
)

Extra = Callable[[Connection], object]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Appended:
    """What one append stored; with ``dup`` these are the facts that its first sending stored."""

    facts: tuple[Fact, ...]
    dup: bool
    conversation: Conversation


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run that a crash cut: ``partial`` is the text that had been kept."""

    run: str
    conversation: str
    message: str
    partial: str


class Store:
    """The transcript of every conversation, in SQLite or PostgreSQL.

    Methods raise StorageFull or StorageUnavailable when the database does not take or give something now, and
    UnknownConversation for an id that is not there.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def migrate(self) -> None:
        """Bring the tables to this version (Alembic)."""
        await self.write(upgrade)

    async def close(self) -> None:
        """Give every connection back."""
        await self._database.close()

    async def ping(self) -> None:
        """Ask the database for a sign of life."""
        await self.read(lambda connection: connection.execute(select(1)))

    async def create_conversation(self, visitor: str, locale: str, context: dict[str, str]) -> Conversation:
        """Open a conversation; its first fact is ``conversation.started``."""
        now = _now()
        made = Conversation(new_id("c"), visitor, locale, Driver.ASSISTANT, 0, 1, new_id("e"), now)
        started = draft("conversation.started", ConversationStarted(locale=locale, context=context), SYSTEM)
        row = {"id": made.id, "visitor": visitor, "locale": locale, "driver": made.driver.value, "version": 0,
               "head": 1, "epoch": made.epoch, "created_at": now, "state": {"context": context} if context else {}}

        def create(connection: Connection) -> None:
            connection.execute(NEW_CONVERSATION, row)
            connection.execute(NEW_FACTS, fact_row(_fact(made.id, 1, started, now)))

        await self.write(create)
        return made

    async def conversation(self, conversation_id: str) -> Conversation:
        """Give the conversation as it stands."""
        wanted = {"conversation": conversation_id}
        return conversation_of(await self.read(lambda c: c.execute(CONVERSATION, wanted).first()), conversation_id)

    async def latest_for(self, visitor: str) -> Conversation | None:
        """Give the visitor's newest conversation, if there is one."""
        row = await self.read(lambda c: c.execute(LATEST, {"visitor": visitor}).first())
        return conversation_of(row, visitor) if row else None

    async def forget(self, before: datetime) -> int:
        """Delete conversations in which nothing happened since ``before``, with all that hangs on them; how many."""
        return int(await self.write(lambda c: c.execute(FORGET, {"before": before}).rowcount))

    async def adopt(self, conversation_id: str, visitor: str) -> None:
        """Give an anonymous conversation to the customer whom its visitor turned out to be."""
        change = {"conversation": conversation_id, "visitor": visitor}
        await self.write(lambda c: c.execute(CHANGE_CONVERSATION, change))

    async def append(
        self, conversation_id: str, drafts: Sequence[Draft], *, principal: str | None = None,
        while_driver: frozenset[Driver] | None = None, version: int | None = None, to: Driver | None = None,
        state: dict[str, Any] | None = None, payload: object = None, extra: Extra | None = None,
    ) -> Appended:
        """Store facts, and what goes with them, in one transaction.

        A draft with ``txn`` is stored once per ``principal``: the same command again gives the first facts back,
        another one under that txn raises TxnConflict. ``payload`` is what the client sent, where the data hold ids
        made here. DriverConflict is raised unless the driver is in ``while_driver`` and its version is ``version``.
        ``to`` moves the driver (NotAllowed if the table forbids it) and adds ``driver.changed``. ``state`` is laid
        over the conversation's state (a None value removes its key). ``run.*`` facts keep the table of runs: a run
        ends once, a second ending raises NotAllowed. ``extra`` runs inside the transaction.
        """
        digest = payload_hash(drafts, payload)

        def work(connection: Connection) -> Appended:
            row = connection.execute(CONVERSATION_LOCKED, {"conversation": conversation_id}).first()
            current = conversation_of(row, conversation_id)
            earlier = _repeated(connection, current.id, drafts, principal, digest)
            if earlier:
                return Appended(earlier, True, current)
            _check_driver(current, while_driver, version)
            stored = _numbered(current, [*drafts, *_driver_fact(current, to)])
            changed = replace(_moved(current, to), head=current.head + len(stored))
            if stored:
                connection.execute(NEW_FACTS, [fact_row(fact, principal, digest) for fact in stored])
            keep_runs(connection, stored)
            values: dict[str, Any] = {"head": changed.head}
            if to is not None:
                values |= {"driver": changed.driver.value, "version": changed.version}
            if state is not None:
                values["state"] = _merged(row.state if row else {}, state)
            connection.execute(CHANGE_CONVERSATION, {"conversation": current.id, **values})
            if extra:
                extra(connection)
            return Appended(tuple(stored), False, changed)

        return await self.write(work)

    async def facts_after(self, conversation_id: str, seq: int, limit: int = 301) -> tuple[Fact, ...]:
        """Give up to ``limit`` facts with a greater seq, in order."""
        return await self._facts(FACTS_AFTER, conversation=conversation_id, seq=seq, most=limit)

    async def facts_before(self, conversation_id: str, before_seq: int, limit: int) -> tuple[Fact, ...]:
        """Give the ``limit`` newest facts with a smaller seq, in order."""
        found = await self._facts(FACTS_BEFORE, conversation=conversation_id, seq=before_seq, most=limit)
        return found[::-1]

    async def history(self, conversation_id: str, limit: int) -> list[Turn]:
        """Give the last ``limit`` messages, oldest first."""
        found = await self._facts(MESSAGES, conversation=conversation_id, most=limit)
        return [turn_of(fact) for fact in reversed(found)]

    async def seq_of(self, conversation_id: str, principal: str, txn: str) -> int | None:
        """Give the number of the fact that a command stored under this txn, if it did."""
        query = (select(facts.c.seq).where(facts.c.conversation == conversation_id, facts.c.principal == principal,
                                           facts.c.txn == txn).order_by(facts.c.seq.desc()))
        row = await self.read(lambda c: c.execute(query).first())
        return row.seq if row else None

    async def state(self, conversation_id: str) -> dict[str, Any]:
        """Give what the turn flow remembers of this conversation."""
        query = select(conversations.c.state).where(conversations.c.id == conversation_id)
        row = await self.read(lambda c: c.execute(query).first())
        if row is None:
            raise UnknownConversation(conversation_id)
        return dict(row.state)

    async def keep_partial(self, run: str, text: str) -> None:
        """Keep the text so far of an open run, so that a crash loses no more than what came since."""
        await self.write(lambda c: c.execute(CHANGE_RUN, {"run": run, "partial": text}))

    async def interrupted_runs(self) -> list[OpenRun]:
        """Give the runs that are open; at start these were cut by a crash."""
        query = select(runs).where(runs.c.state == "open").order_by(runs.c.started_at)
        rows = await self.read(lambda c: c.execute(query).all())
        return [OpenRun(row.id, row.conversation, row.message, row.partial) for row in rows]

    async def unanswered(self) -> list[Fact]:
        """Give the visitors' messages that end a conversation with no run begun for them, oldest first."""
        query = (select(facts).join(conversations, conversations.c.id == facts.c.conversation)
                 .where(facts.c.seq == conversations.c.head, facts.c.type == "message.created",
                        conversations.c.driver.not_in([Driver.AGENT.value, Driver.CLOSED.value]))
                 .order_by(facts.c.at))
        return [fact for fact in await self._facts(query) if fact.actor.kind == "visitor"]

    async def _facts(self, query: Select[Any], **values: object) -> tuple[Fact, ...]:
        rows = await self.read(lambda c: c.execute(query, values).all())
        return tuple(fact_of(row) for row in rows)

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        """Run ``work`` in one transaction of its own and commit it."""
        with storage_errors():
            return await self._database.write(work)

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run ``work``, which must not write, on a consistent view."""
        with storage_errors():
            return await self._database.read(work)


def _now() -> datetime:
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def _fact(conversation: str, seq: int, made: Draft, at: datetime) -> Fact:
    return Fact(conversation, seq, new_id("f"), made.type, at, made.actor, made.data, made.txn)


def _numbered(current: Conversation, drafts: Sequence[Draft]) -> list[Fact]:
    at = _now()
    return [_fact(current.id, seq, made, at) for seq, made in enumerate(drafts, current.head + 1)]


def _check_driver(current: Conversation, while_driver: frozenset[Driver] | None, version: int | None) -> None:
    if while_driver is not None and current.driver not in while_driver:
        raise DriverConflict(f"{current.id} is driven by {current.driver}")
    if version is not None and current.version != version:
        raise DriverConflict(f"{current.id} is at version {current.version}, not {version}")


def _moved(current: Conversation, to: Driver | None) -> Conversation:
    if to is None:
        return current
    return replace(current, driver=move(current.driver, to), version=current.version + 1)


def _driver_fact(current: Conversation, to: Driver | None) -> list[Draft]:
    if to is None:
        return []
    changed = DriverChanged.model_validate({"from": current.driver.value, "to": to.value})
    return [draft("driver.changed", changed, SYSTEM)]


def _merged(before: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in {**before, **change}.items() if value is not None}


def _repeated(connection: Connection, conversation: str, drafts: Sequence[Draft], principal: str | None,
              digest: str) -> tuple[Fact, ...]:
    txns = [made.txn for made in drafts if made.txn is not None]
    if not txns or principal is None:
        return ()
    wanted = {"conversation": conversation, "principal": principal, "txns": txns}
    rows = connection.execute(REPEATED, wanted).all()
    if any(row.payload_hash != digest for row in rows):
        raise TxnConflict("this txn was used for something else")
    return tuple(fact_of(row) for row in rows)
