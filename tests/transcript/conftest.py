"""Real databases for the transcript: a SQLite file, and PostgreSQL where one can be had."""

import os
import secrets
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from assistant.database import open_database
from assistant.transcript.store import Store


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a PostgreSQL server: ``DATABASE_URL``, or one started here from its binaries."""
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgres"):
        yield str(make_url(given).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False))
        return
    if shutil.which("initdb") is None or shutil.which("pg_ctl") is None:
        pytest.skip("no PostgreSQL: set DATABASE_URL or install its server (initdb, pg_ctl)")
    yield from _started(Path("/tmp") / f"omotenashi-pg-{secrets.token_hex(4)}")


def _started(folder: Path) -> Iterator[str]:
    # PostgreSQL refuses to run as root; its own files and socket live in one short-named folder.
    folder.mkdir(mode=0o700)
    user = []
    if os.getuid() == 0:
        shutil.chown(folder, "nobody")
        user = ["setpriv", "--reuid=nobody", "--clear-groups"]
    run = {"cwd": folder, "check": True, "stdout": subprocess.DEVNULL, "env": {**os.environ, "LC_ALL": "C.UTF-8"}}
    try:
        subprocess.run([*user, "initdb", "-D", "data", "-U", "omo", "-A", "trust", "-E", "UTF8", "--no-sync"], **run)
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        subprocess.run([*user, "pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start"], **run)
        try:
            yield f"postgresql+asyncpg://omo@/postgres?host={folder}"
        finally:
            subprocess.run([*user, "pg_ctl", "-D", "data", "-m", "immediate", "stop"], **run)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Give a store on an empty database of each kind."""
    if request.param == "sqlite":
        store = Store(open_database(f"sqlite:///{tmp_path}/t.sqlite3"))
    else:
        address = make_url(request.getfixturevalue("postgres"))
        name = f"t{secrets.token_hex(6)}"
        admin = create_async_engine(address, isolation_level="AUTOCOMMIT")
        async with admin.connect() as connection:
            await connection.execute(text(f"CREATE DATABASE {name}"))
        await admin.dispose()
        store = Store(open_database(address.set(database=name).render_as_string(hide_password=False)))
    await store.migrate()
    yield store
    await store.close()
