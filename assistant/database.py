"""The database: its tables and how a connection is opened. Nobody else names a column type or a pragma.

The same tables serve PostgreSQL and SQLite (WAL, synchronous=FULL: an acknowledged message survives a power cut).
"""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Connection,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    event,
)
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import StaticPool

Result = TypeVar("Result")

metadata = MetaData()

conversations = Table(
    "conversations", metadata,
    Column("id", String(64), primary_key=True),
    Column("visitor", String(64), nullable=False, index=True),
    Column("locale", String(8), nullable=False),
    Column("driver", String(16), nullable=False),
    Column("version", Integer, nullable=False, default=0),
    Column("head", BigInteger, nullable=False, default=0),
    Column("epoch", String(32), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, index=True),
    Column("state", JSON, nullable=False, default=dict),
)
"""``head`` is the last seq given out; ``version`` counts driver changes; ``state`` is what the turn flow remembers."""

facts = Table(
    "facts", metadata,
    Column("conversation", String(64), ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("id", String(64), nullable=False, unique=True),
    Column("type", String(40), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", JSON, nullable=False),
    Column("principal", String(80), nullable=True),
    Column("txn", String(64), nullable=True),
    Column("payload_hash", String(64), nullable=True),
    Column("data", JSON, nullable=False),
    UniqueConstraint("conversation", "principal", "txn", name="uq_facts_txn"),
    Index("ix_facts_type_at", "type", "at"),
)
"""``principal`` + ``txn`` make a command idempotent; ``payload_hash`` tells a repeat from a conflict."""

runs = Table(
    "runs", metadata,
    Column("id", String(64), primary_key=True),
    Column("conversation", String(64), ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("message", String(64), nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("partial", Text, nullable=False, default=""),
    Column("started_at", DateTime(timezone=True), nullable=False),
)
"""A reply being made; ``state``: open, completed, failed, cancelled. One still open at start was cut by a crash."""


class Database:
    """Runs whole transactions, written as plain functions of a connection, without blocking the event loop.

    PostgreSQL runs them on its asynchronous driver. SQLite runs them on threads of this class, one hop for a whole
    transaction: one writer, who therefore never waits for another in this process, and two readers, whom WAL lets
    read beside it. (Statement by statement through aiosqlite one append cost 3.1 ms of processor time instead of 1.3.)
    """

    def __init__(self, url: URL) -> None:
        # An error's text would carry the statement's values: a visitor's words, on their way to a log.
        options: dict[str, Any] = {"hide_parameters": True, "json_serializer": _json}
        self.dialect = url.get_backend_name()
        if self.dialect == "sqlite":
            self._threads = _Threads(_sqlite(url, options), in_memory=url.database in (None, "", ":memory:"))
        else:
            self._server = create_async_engine(url, pool_pre_ping=True, **options)

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        """Run ``work`` in one transaction and commit it.

        A transaction that has begun is not abandoned: a cancellation that comes meanwhile arrives right after.
        """
        if self.dialect == "sqlite":
            return await _uncancelled(self._threads.write(work))
        return await _uncancelled(asyncio.ensure_future(self._on_server(work)))

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run ``work`` on a consistent view; it must not write."""
        if self.dialect == "sqlite":
            return await self._threads.read(work)
        return await self._on_server(work)

    async def close(self) -> None:
        """Give every connection back."""
        if self.dialect == "sqlite":
            await asyncio.to_thread(self._threads.close)
        else:
            await self._server.dispose()

    async def _on_server(self, work: Callable[[Connection], Result]) -> Result:
        async with self._server.begin() as connection:
            return await connection.run_sync(work)


class _Threads:
    """SQLite's engine with the threads that use it."""

    def __init__(self, engine: Engine, *, in_memory: bool) -> None:
        self._engine = engine
        self._reading = engine.execution_options(reading=True)
        self._writer = ThreadPoolExecutor(1, "database-writer")
        # A database in memory is one connection, hence one thread.
        self._readers = self._writer if in_memory else ThreadPoolExecutor(2, "database-reader")

    def write(self, work: Callable[[Connection], Result]) -> "asyncio.Future[Result]":
        return self._run(self._writer, self._engine, work)

    def read(self, work: Callable[[Connection], Result]) -> "asyncio.Future[Result]":
        return self._run(self._readers, self._reading, work)

    def close(self) -> None:
        self._writer.shutdown()
        self._readers.shutdown()
        self._engine.dispose()

    def _run(self, threads: Executor, engine: Engine, work: Callable[[Connection], Result]) -> "asyncio.Future[Result]":
        def transaction() -> Result:
            with engine.begin() as connection:
                return work(connection)

        return asyncio.get_running_loop().run_in_executor(threads, transaction)


def open_database(address: str) -> Database:
    """Open ``sqlite:///path`` (the folder is made; WAL, synchronous=FULL) or ``postgresql+asyncpg://…``."""
    return Database(make_url(address))


async def _uncancelled(transaction: "asyncio.Future[Result]") -> Result:
    try:
        return await asyncio.shield(transaction)
    except asyncio.CancelledError:
        if transaction.cancelled() or transaction.cancel():
            raise  # it had not begun
        result = await transaction
        task = asyncio.current_task()
        if task:
            task.uncancel()
            task.cancel()
        return result


def _sqlite(url: URL, options: dict[str, Any]) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    else:
        options = {**options, "poolclass": StaticPool}
    engine = create_engine(url.set(drivername="sqlite"), connect_args={"timeout": 5, "check_same_thread": False},
                           **options)

    @event.listens_for(engine, "connect")
    def pragmas(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy's documented recipe: we say BEGIN ourselves
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        # IMMEDIATE takes the write lock at once: two writers wait for each other instead of failing half-way.
        # Readers see one consistent snapshot in WAL and block nobody.
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
