"""``desk``: the accounts of the people who answer. Passwords are made here or read from standard input."""

import argparse
import secrets
import sys
from typing import Any

from assistant.database import open_database
from assistant.errors import BadRequest
from assistant.handoff.accounts import ROLES, Accounts
from assistant.settings import Settings
from assistant.transcript.store import Store


def add_commands(commands: Any) -> None:
    """Add ``desk`` and its actions to the parser."""
    parser = commands.add_parser("desk", help="accounts of the people who answer")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    adding = actions.add_parser("add-agent", help="make an account")
    adding.add_argument("login", metavar="LOGIN")
    adding.add_argument("--name", required=True, help="what visitors see")
    adding.add_argument("--role", choices=ROLES, default="agent")
    adding.add_argument("--team", help="team that talks can be transferred to")
    adding.add_argument("--skill", action="append", default=[], help="skill of the policy's kinds; may be repeated")
    resetting = actions.add_parser("reset-password", help="give an account another password and unlock it")
    resetting.add_argument("login", metavar="LOGIN")
    for one in (adding, resetting):
        one.add_argument("--password-stdin", action="store_true",
                         help="read the password from standard input (else one is made and printed once)")
    disabling = actions.add_parser("disable", help="lock an account and sign it out everywhere")
    disabling.add_argument("login", metavar="LOGIN")
    listing = actions.add_parser("list", help="list the accounts")
    for one in (adding, resetting, disabling, listing):
        one.add_argument("--database", metavar="URL", help="SQLAlchemy address (default: SQLite in ./.omotenashi)")
        one.set_defaults(run=run_desk)


async def run_desk(options: argparse.Namespace, settings: Settings) -> int:
    """Run one action on the accounts."""
    store = Store(open_database(settings.database))
    try:
        await store.migrate()
        await _ACTIONS[options.action](Accounts(store), options)
    finally:
        await store.close()
    return 0


async def _add(accounts: Accounts, options: argparse.Namespace) -> None:
    password = _password(options)
    agent = await accounts.add(options.login, options.name, options.role, password, options.team, options.skill)
    print(f"{agent.login} ({agent.name}, {agent.role}) may sign in at /desk/")
    _tell(options, password)


async def _reset(accounts: Accounts, options: argparse.Namespace) -> None:
    password = _password(options)
    await accounts.set_password(options.login, password)
    print(f"{options.login} has a new password")
    _tell(options, password)


async def _disable(accounts: Accounts, options: argparse.Namespace) -> None:
    await accounts.disable(options.login)
    print(f"{options.login} is locked")


async def _list(accounts: Accounts, _options: argparse.Namespace) -> None:
    for agent in await accounts.all():
        print("\t".join((agent.login, agent.name, agent.role, agent.team or "-", "locked" if agent.disabled else "")))


_ACTIONS = {"add-agent": _add, "reset-password": _reset, "disable": _disable, "list": _list}


def _password(options: argparse.Namespace) -> str:
    if not options.password_stdin:
        return secrets.token_urlsafe(12)
    password = sys.stdin.readline().rstrip("\n")
    if not password:
        raise BadRequest("no password on standard input")
    return password


def _tell(options: argparse.Namespace, password: str) -> None:
    if not options.password_stdin:
        print(f"password: {password}")
