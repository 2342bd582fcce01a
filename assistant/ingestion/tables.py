"""Makes pages from FAQ tables: one page per row with ``question`` and ``answer``, or one page for any other table."""

import csv
import hashlib
import html
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assistant.ingestion.decode import clean
from assistant.knowledge import Page
from assistant.retrieval.words import normalise, script_language

_COLUMNS = {
    "question": ("question", "質問", "ご質問", "問い", "質問文", "q"),
    "answer": ("answer", "回答", "答え", "ご回答", "回答文", "a"),
    "id": ("id", "番号", "no", "no."),
    "tags": ("tags", "タグ", "カテゴリ", "カテゴリー", "category"),
    "url": ("url", "リンク"),
    "valid_until": ("valid_until", "有効期限", "掲載終了日"),
}
_HTML = re.compile(r"</?(?:p|br|a|div|ul|ol|li|table|tr|td|b|strong|span|font|img)\b[^<>]*>", re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr)\b[^<>]*>", re.IGNORECASE)
_MOST_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class Table:
    """The pages of a table and what was noteworthy."""

    pages: tuple[Page, ...]
    flags: tuple[str, ...]


def read_csv(text: str) -> list[list[str]]:
    """Read rows; the delimiter (comma, tab, semicolon) is the one that the first line holds most of."""
    first = text.lstrip("\n").partition("\n")[0]
    delimiter = max(",\t;", key=lambda mark: (first.count(mark), mark == ","))
    return [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False) if any(row)]


def table_pages(path: str, title: str, language: str | None, rows: Sequence[Sequence[str]]) -> Table:
    """Give one page per FAQ row (``path#id``), or the whole table as one page when it is no FAQ."""
    if not rows:
        return Table((), ("empty table",))
    columns = _columns(rows[0])
    if "answer" not in columns or "question" not in columns:
        text = markdown_table(rows)
        return Table((Page(path, language or script_language(text), title, f"# {title}\n\n{text}"),), ())
    pages: dict[str, Page] = {}
    flags: list[str] = []
    for number, row in enumerate(rows[1:_MOST_ROWS + 1], 2):
        cells = {name: row[place].strip() for name, place in columns.items() if place < len(row)}
        question, answer = cells.get("question", ""), cells.get("answer", "")
        if not question and not answer:
            continue
        name = _row_id(cells.get("id") or "", question or answer)
        if f"{path}#{name}" in pages:
            flags.append(f"row {number}: id {name!r} is not unique")
            name = next(f"{name}-{n}" for n in range(2, len(rows) + 3) if f"{path}#{name}-{n}" not in pages)
        page = _row_page(f"{path}#{name}", language, question, answer, cells)
        if isinstance(page, str):
            flags.append(f"row {number}: {page}")
        else:
            pages[page.id] = page
    if len(rows) > _MOST_ROWS + 1:
        flags.append(f"only the first {_MOST_ROWS} rows were read")
    return Table(tuple(pages.values()), tuple(flags))


def markdown_table(rows: Sequence[Sequence[str]]) -> str:
    """Write rows as a Markdown table whose first row is the header."""
    width = max(len(row) for row in rows)
    lines = ["| " + " | ".join([*(_cell(cell) for cell in row), *[""] * (width - len(row))]) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * width, *lines[1:]])


def _columns(header: Sequence[str]) -> dict[str, int]:
    names = [normalise(cell) for cell in header]
    return {column: names.index(alias) for column, aliases in _COLUMNS.items()
            for alias in aliases if alias in names}


def _row_id(given: str, question: str) -> str:
    name = re.sub(r"[\s#/?%]+", "-", clean(given).text).strip("-")[:80]
    return name or "q-" + hashlib.sha256(normalise(question).encode()).hexdigest()[:8]


def _row_page(page_id: str, language: str | None, question: str, answer: str, cells: dict[str, str]) -> Page | str:
    """Give the row's page, or what is wrong with the row."""
    question, answer = " ".join(_untagged(question).split()), _untagged(answer)
    title = question or answer.partition("\n")[0][:60]
    valid_until = None
    if cells.get("valid_until"):
        try:
            valid_until = date.fromisoformat(cells["valid_until"].replace("/", "-")[:10])
        except ValueError:
            return f"valid_until {cells['valid_until']!r} is no date (use 2027-03-31)"
    tags = tuple(tag for tag in re.split(r"[,、;|\s]+", cells.get("tags", "")) if tag)
    return Page(page_id, language or script_language(f"{question} {answer}"), title, f"# {title}\n\n{answer}",
                tags=tags, url=cells.get("url") or None, valid_until=valid_until)


def _untagged(text: str) -> str:
    """Take the HTML out of a cell that was exported from a web editor; ``a < b`` stays."""
    if not _HTML.search(text):
        return text
    text = html.unescape(_HTML.sub("", _BREAK.sub("\n", text)))
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t\u00a0]+", " ", text)).strip()


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
