"""The command line ``omotenashi`` with all its commands. Owns arguments and exit codes."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from assistant.commands import chat, desk, knowledge, moments, serve
from assistant.errors import ConfigurationError, OmotenashiError
from assistant.server.running import new_loop
from assistant.settings import Settings, load_settings

EPILOG = """examples:
  omotenashi serve                             talk to the demo bank on http://127.0.0.1:8000
  omotenashi ingest --knowledge my/knowledge   read the pages and build the index
  omotenashi ask "カードをなくしました"          one answer with its citations, no server
  omotenashi check                             the content team's linter
Settings for deployment are environment variables OMOTENASHI_…; see the README."""


def build_parser() -> argparse.ArgumentParser:
    """Make the parser with every command and its help."""
    parser = argparse.ArgumentParser(prog="omotenashi", description="A digital human for a company's website.",
                                     epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (serve, knowledge, chat, moments, desk):
        module.add_commands(commands)
    return parser


def settings_from(options: argparse.Namespace) -> Settings:
    """Read the environment, with the command line's options above it."""
    names = ("knowledge", "index", "host", "port", "threads", "database")
    given = {name: getattr(options, name, None) for name in names}
    return load_settings(os.environ, **{k: Path(v) if k in ("knowledge", "index") and v else v
                                        for k, v in given.items()})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 found something wrong, 2 could not run, 130 interrupted."""
    options = build_parser().parse_args(arguments)
    try:
        with asyncio.Runner(loop_factory=new_loop if options.command == "serve" else None) as runner:
            return int(runner.run(options.run(options, settings_from(options))))
    except KeyboardInterrupt:
        return 130
    except ConfigurationError as error:
        print(f"omotenashi: {error}", file=sys.stderr)
        return 2
    except OmotenashiError as error:
        print(f"omotenashi: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        sys.stderr.close()
        return 0


if __name__ == "__main__":
    sys.exit(main())
