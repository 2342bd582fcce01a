"""Writes the generated parts of the README (settings, CSS variables): ``python -m tests.readme``."""

import re
from collections.abc import Sequence
from pathlib import Path

from assistant.settings import PREFIX, SETTINGS, Setting

ROOT = Path(__file__).parent.parent
THEMES = ("web/widget/theme.css", "web/widget/face/looks.js")
_VARIABLE = re.compile(r"""^\s*"?(--omo-[\w-]+)"?:\s*"?([^;"\n]+)"?[;,]\s*(?:/\*|//)\s*(.+?)\s*(?:\*/)?$""", re.M)


def settings_table(settings: Sequence[Setting]) -> str:
    """Give the settings as a Markdown table."""
    rows = [f"| `{PREFIX}{row.name.upper()}` | {_shown(row)} | {row.help} |" for row in settings]
    return "\n".join(["| setting | default | meaning |", "|---|---|---|", *rows])


def _shown(row: Setting) -> str:
    value = ", ".join(row.default) if isinstance(row.default, tuple) else str(row.default)
    return f"`{value}`" if value else "–"


def variables_table(sheets: Sequence[str]) -> str:
    """Give the documented CSS custom properties: each is followed by a comment on its line."""
    rows = []
    for sheet in sheets:
        path = ROOT / sheet
        if path.is_file():
            found = _VARIABLE.findall(path.read_text("utf-8"))
            rows += [f"| `{name}` | `{value}` | {meaning} |" for name, value, meaning in found]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *dict.fromkeys(rows)])


def main() -> None:
    """Put the tables behind their marks."""
    path = ROOT / "README.md"
    text = path.read_text(encoding="utf-8")
    for mark, table in (("settings", settings_table(SETTINGS)), ("css variables", variables_table(THEMES))):
        text = re.sub(rf"(<!-- {mark} -->\n)(?:\|.*\n)*", lambda m, t=table: f"{m[1]}{t}\n", text)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
