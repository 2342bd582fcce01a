"""``assess`` and ``policy try``: what is read from messages, and what another policy would have done."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from assistant.commands.company import load_company
from assistant.commands.knowledge import add_folders
from assistant.decision.policy import load_policy
from assistant.decision.replay import assess_lines, replay
from assistant.errors import BadRequest
from assistant.settings import Settings, packaged


def add_commands(commands: Any) -> None:
    """Add this module's commands to the parser."""
    parser = commands.add_parser("assess", help="read how charged messages are",
                                 description='Reads JSON lines {"id","text","history":[{"from","text"}]?} from '
                                             "standard input and prints one reading per line: language, valence, "
                                             "intensity, emotion, moment, route, urgent step and "
                                             "the reasons with their spans.")
    add_folders(parser)
    parser.set_defaults(run=run_assess)
    parser = commands.add_parser("policy", help="try a changed policy on past conversations")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    attempt = actions.add_parser("try", help="replay conversations under another policy",
                                 description="Prints who would have been handed off, earlier, later or no longer.")
    attempt.add_argument("file", help='JSON lines {"id","turns":[{"from","text"}…]}')
    attempt.add_argument("--policy", metavar="FILE", help="the changed policy.toml (default: the folder's own)")
    attempt.add_argument("--json", action="store_true", help="print the comparison as JSON")
    add_folders(attempt)
    attempt.set_defaults(run=run_policy_try)


async def run_assess(options: argparse.Namespace, settings: Settings) -> int:
    """Run ``assess`` on standard input, in order, line by line."""
    company = load_company(settings)
    async for reading in assess_lines(sys.stdin, company.understanding, company.policy, company.listener):
        print(json.dumps(reading, ensure_ascii=False), flush=True)
    return 0


async def run_policy_try(options: argparse.Namespace, settings: Settings) -> int:
    """Run ``policy try``: the folder's policy against the one in --policy."""
    company = load_company(settings)
    changed = company.policy
    if options.policy:
        path = Path(options.policy)
        if not path.is_file() or path.name != "policy.toml":
            raise BadRequest(f"{path}: name a changed policy policy.toml, in a folder of its own")
        changed = load_policy(path.parent, packaged("knowledge"))
    with Path(options.file).open(encoding="utf-8-sig") as lines:
        result = await replay(lines, company.understanding, company.policy, changed, company.listener)
    print(json.dumps(result.as_json(), ensure_ascii=False) if options.json else result.text())
    return 0
