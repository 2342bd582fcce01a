"""Brings a database to this version's tables through the packaged Alembic migrations."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

_SCRIPTS = Path(__file__).parent.parent / "migrations"


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the migrations on an open connection; the caller commits."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
