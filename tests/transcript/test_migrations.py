"""The migrations make exactly the tables that the code names, on an empty database and step by step."""

import importlib
import pkgutil
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

import assistant
from assistant.database import metadata, open_database
from assistant.transcript.migrate import upgrade


def _every_table() -> None:
    for module in pkgutil.walk_packages(assistant.__path__, "assistant."):
        if module.name.endswith(".tables") and ".ingestion." not in module.name:
            importlib.import_module(module.name)


def _differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))


async def test_models_and_migrations_agree(tmp_path: Path) -> None:
    _every_table()
    database = open_database(f"sqlite:///{tmp_path}/t.sqlite3")
    await database.write(upgrade)
    assert await database.read(_differences) == []
    await database.close()


async def test_power_cuts_lose_nothing_that_was_committed(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/deep/er/t.sqlite3")
    for pragma, value in (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 5000)):
        found = await database.read(lambda c, name=pragma: c.execute(text(f"PRAGMA {name}")).scalar())  # type: ignore[misc]
        assert found == value, pragma
    await database.close()


@pytest.mark.parametrize("first", ["0001"])
async def test_an_older_database_is_brought_up(tmp_path: Path, first: str) -> None:
    _every_table()
    database = open_database(f"sqlite:///{tmp_path}/t.sqlite3")
    await database.write(lambda connection: upgrade(connection, first))
    await database.write(upgrade)
    assert await database.read(_differences) == []
    await database.close()
