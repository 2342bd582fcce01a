"""How transcript values look as database rows, and what the database's own errors mean to everybody else."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from assistant.conversation import Actor, Conversation, Driver
from assistant.errors import NotAllowed, StorageFull, StorageUnavailable, UnknownConversation
from assistant.events import Draft, Fact
from assistant.ports import Turn
from assistant.transcript.statements import CHANGE_RUN, KNOWN_RUN, NEW_RUN

_ENDS = {"run.completed": "completed", "run.failed": "failed", "run.cancelled": "cancelled"}
_FULL = ("disk is full", "no space left", "53100")


def conversation_of(row: Any, asked: str) -> Conversation:
    """Read a conversations row; raises UnknownConversation for None."""
    if row is None:
        raise UnknownConversation(asked)
    return Conversation(row.id, row.visitor, row.locale, Driver(row.driver), row.version, row.head, row.epoch,
                        _aware(row.created_at))


def fact_of(row: Any) -> Fact:
    """Read a facts row."""
    return Fact(row.conversation, row.seq, row.id, row.type, _aware(row.at), Actor(**row.actor), row.data, row.txn)


def fact_row(fact: Fact, principal: str | None = None, digest: str | None = None) -> dict[str, Any]:
    """Give a fact's columns; ``digest`` is kept only beside a txn."""
    actor = {key: value for key, value in
             (("kind", fact.actor.kind), ("id", fact.actor.id), ("name", fact.actor.name)) if value}
    return {"conversation": fact.conversation, "seq": fact.seq, "id": fact.id, "type": fact.type, "at": fact.at,
            "actor": actor, "principal": principal if fact.txn else None, "txn": fact.txn,
            "payload_hash": digest if fact.txn else None, "data": fact.data}


def turn_of(fact: Fact) -> Turn:
    """Read a ``message.created`` as an earlier turn; the system's words count as the assistant's."""
    speaker = fact.actor.kind if fact.actor.kind != "system" else "assistant"
    return Turn(speaker, str(fact.data.get("text", "")))


def payload_hash(drafts: Sequence[Draft], payload: object) -> str:
    """Give the hex SHA-256 that tells a repeated command from another one under the same txn."""
    meant = payload if payload is not None else [(made.type, made.data) for made in drafts if made.txn]
    text = json.dumps(meant, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def keep_runs(connection: Connection, stored: Sequence[Fact]) -> None:
    """Keep the table of runs in step with these facts. Raises NotAllowed for a run that has ended already.

    A run that starts and ends in one transaction was never open and needs no row; one that could not even be started
    may still be told to have failed.
    """
    started = {fact.data["run"]: fact for fact in stored if fact.type == "run.started"}
    ended = {fact.data["run"]: _ENDS[fact.type] for fact in stored if fact.type in _ENDS}
    for run, fact in started.items():
        if run not in ended:
            connection.execute(NEW_RUN, {
                "id": run, "conversation": fact.conversation, "message": fact.data["message"], "state": "open",
                "partial": "", "started_at": fact.at})
    for run, state in ended.items():
        if run not in started:
            changed = connection.execute(CHANGE_RUN, {"run": run, "state": state, "partial": ""}).rowcount
            if changed == 0 and connection.execute(KNOWN_RUN, {"run": run}).first():
                raise NotAllowed(f"{run} has ended already")


@contextmanager
def storage_errors() -> Iterator[None]:
    """Translate the database's errors once: full, or not available now."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout, OSError) as error:
        raise _translated(error) from error
    except DBAPIError as error:
        if error.connection_invalidated or _is_full(error):
            raise _translated(error) from error
        raise


def _translated(error: Exception) -> StorageUnavailable:
    # The cause's text may quote what was to be stored; only its kind is told.
    kind = type(getattr(error, "orig", None) or error).__name__
    return StorageFull(kind) if _is_full(error) else StorageUnavailable(kind)


def _is_full(error: Exception) -> bool:
    orig = getattr(error, "orig", None) or error
    text = f"{getattr(orig, 'sqlstate', '')} {orig}".lower()
    return any(sign in text for sign in _FULL)


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)
