#!/usr/bin/env bash
# The whole test command: brings what the tests need into .venv-test, then lint, types and tests.
# Usage: bash tests/run.sh [pytest arguments]
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "Python 3.11 or newer is needed; name it with PYTHON=/path/to/python" >&2
  exit 1
fi

if [ ! -x .venv-test/bin/python ]; then
  "$python" -m venv .venv-test
fi
.venv-test/bin/python -m pip install --quiet --upgrade pip
.venv-test/bin/python -m pip install --quiet --editable '.[test]'

# Browser tests drive a real Chromium; Debian's is used when there is none yet and we may install it.
if ! command -v chromium >/dev/null && ! command -v google-chrome >/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk >/dev/null
  else
    echo "No chromium found: the browser tests will be skipped. Install it (Debian: apt-get install chromium)." >&2
  fi
fi

.venv-test/bin/ruff check .
.venv-test/bin/mypy

# A test that hangs must end as a failure. (Not at a terminal, where one can press ^C.)
guard=()
if [ ! -t 0 ] && command -v timeout >/dev/null; then guard=(timeout --kill-after=60 75m); fi
exec ${guard[@]+"${guard[@]}"} .venv-test/bin/python -m pytest "$@"
