"""``omotenashi desk``: accounts are made, listed, locked and given another password from the command line."""

import asyncio
from pathlib import Path

import pytest

from assistant.__main__ import main
from assistant.database import open_database
from assistant.errors import Unauthorized
from assistant.handoff.accounts import Accounts
from assistant.transcript.store import Store


def desk(folder: Path, *arguments: str) -> int:
    return main(["desk", *arguments, "--database", f"sqlite+aiosqlite:///{folder}/desk.sqlite3"])


def signs_in(folder: Path, login: str, password: str) -> bool:
    async def attempt() -> bool:
        store = Store(open_database(f"sqlite+aiosqlite:///{folder}/desk.sqlite3"))
        try:
            return bool(await Accounts(store).sign_in(login, password, "here"))
        except Unauthorized:
            return False
        finally:
            await store.close()

    return asyncio.run(attempt())


def test_an_account_lives_through_its_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk(tmp_path, "add-agent", "tanaka", "--name", "田中", "--role", "supervisor", "--team", "loans") == 0
    password = capsys.readouterr().out.split("password: ")[1].strip()
    assert signs_in(tmp_path, "tanaka", password)
    assert desk(tmp_path, "list") == 0
    assert "tanaka\t田中\tsupervisor\tloans" in capsys.readouterr().out
    assert desk(tmp_path, "disable", "tanaka") == 0
    assert not signs_in(tmp_path, "tanaka", password)
    capsys.readouterr()
    assert desk(tmp_path, "reset-password", "tanaka") == 0
    assert signs_in(tmp_path, "tanaka", capsys.readouterr().out.split("password: ")[1].strip())
    assert not signs_in(tmp_path, "tanaka", password)


def test_a_taken_login_and_an_unknown_one_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk(tmp_path, "add-agent", "tanaka", "--name", "田中") == 0
    assert desk(tmp_path, "add-agent", "tanaka", "--name", "田中") == 2
    assert desk(tmp_path, "disable", "nobody") == 2
    assert "nobody" in capsys.readouterr().err
