"""Finds the files of the pages folder and reads each into pages. It owns which files count and by which reader.

Word, PDF, HTML and Excel are opened in a bounded child process (``child``); splitting is ``passages``'.
"""

import csv
import os
import stat
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.errors import KnowledgeError
from assistant.ingestion.child import Converter
from assistant.ingestion.decode import NotText, clean, decode
from assistant.ingestion.front import read_front
from assistant.ingestion.hidden import strip_hidden
from assistant.ingestion.passages import headings
from assistant.ingestion.tables import read_csv, table_pages
from assistant.knowledge import Page
from assistant.phrases import LANGUAGES
from assistant.retrieval.words import script_language

LARGEST_FILE = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Source:
    """A file that may become pages; ``name`` is its path below the pages folder (NFC, ``/``)."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Read:
    """What a file gave: its pages, and what was noteworthy as (line, message); line 0 is the whole file."""

    pages: tuple[Page, ...]
    flags: tuple[tuple[int, str], ...] = ()


def find(folder: Path) -> Iterator[Source | tuple[str, str]]:
    """Walk the pages folder in name order; a file that does not count comes as (name, reason).

    Links are never followed, so nothing outside the folder is read; dot files and editors' leftovers are passed over.
    """
    for directory, folders, files in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not _passed_over(name))
        for linked in [name for name in folders if (Path(directory) / name).is_symlink()]:
            yield _name(folder, Path(directory) / linked), "a link; links are not followed"
            folders.remove(linked)
        for file in sorted(files):
            path = Path(directory) / file
            if _passed_over(file):
                continue
            name = _name(folder, path)
            reason = _unfit(path, name)
            if reason:
                yield name, reason
            else:
                yield Source(path, name)


def read(source: Source, data: bytes, converter: Converter) -> Read:
    """Read one file's bytes. Raises KnowledgeError with the reason when it cannot be used."""
    reader = READERS[source.path.suffix.lower()]
    try:
        found = reader(source, data, converter)
    except NotText as error:
        raise KnowledgeError(source.path, 0, str(error)) from error
    except (OSError, ValueError, RecursionError, csv.Error) as error:
        raise KnowledgeError(source.path, 0, f"cannot be read: {error}") from error
    if not found.pages:
        raise KnowledgeError(source.path, 0, "; ".join(message for _, message in found.flags) or "holds no text")
    return found


def content(path: Path) -> bytes:
    """Read a regular file's bytes without following a link that was put in its place meanwhile."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError("not a regular file")
        data = file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise OSError(f"larger than {LARGEST_FILE // 1024 // 1024} MB")
    return data


def language_of(name: str, text: str) -> str:
    """Give a page's language: by its folder (``ja/…``), else by script."""
    return _by_folder(name) or script_language(text[:5_000])


def markdown_page(name: str, text: str, fallback: str = "") -> Read:
    """Make a page of Markdown with optional front matter; hidden and active HTML is taken out and reported."""
    front = read_front(text)
    body, hidden = strip_hidden(front.body)
    flags = list(front.complaints)
    if hidden:
        flags.append((0, f"{hidden} hidden or active parts stripped"))
    body = body.strip("\n")
    if not body.strip():
        return Read((), tuple(flags))
    top = next(iter(headings(body)), None)
    title = front.values.get("title") or (top.text if top and top.text else "") or fallback or Path(name).stem
    values = {key: value for key, value in front.values.items() if key != "title" and value}
    return Read((Page(name, language_of(name, f"{title}\n{body}"), title, body, **values),), tuple(flags))


def _markdown(source: Source, data: bytes, _: Converter) -> Read:
    decoded = decode(data)
    found = markdown_page(source.name, decoded.text)
    return replace(found, flags=(*((0, flag) for flag in decoded.flags), *found.flags))


def _csv(source: Source, data: bytes, _: Converter) -> Read:
    decoded = decode(data)
    table = table_pages(source.name, source.path.stem, _by_folder(source.name), read_csv(decoded.text))
    return Read(table.pages, tuple((0, flag) for flag in (*decoded.flags, *table.flags)))


def _converted(source: Source, data: bytes, converter: Converter) -> Read:
    """Let the child turn a document into Markdown, then read that like any page."""
    result = converter.convert(source.path.suffix.lower(), data)
    cleaned = clean(result.markdown)
    found = markdown_page(source.name, cleaned.text, result.title)
    return replace(found, flags=(*((0, flag) for flag in (*result.flags, *cleaned.flags)), *found.flags))


def _excel(source: Source, data: bytes, converter: Converter) -> Read:
    result = converter.convert(source.path.suffix.lower(), data)
    pages: list[Page] = []
    flags = list(result.flags)
    for sheet, rows in result.sheets:
        cleaned = [[clean(cell).text for cell in row] for row in rows]
        title = sheet if len(result.sheets) > 1 else source.path.stem
        table = table_pages(source.name, title, _by_folder(source.name), cleaned)
        pages.extend(table.pages)
        flags.extend(table.flags)
    return Read(_distinct(pages), tuple((0, flag) for flag in flags))


READERS: dict[str, Callable[[Source, bytes, Converter], Read]] = {
    ".md": _markdown, ".markdown": _markdown, ".txt": _markdown, ".csv": _csv, ".tsv": _csv,
    ".html": _converted, ".htm": _converted, ".docx": _converted, ".pdf": _converted, ".xlsx": _excel,
}
"""How each kind of file is read."""


def _distinct(pages: list[Page]) -> tuple[Page, ...]:
    """Join whole-sheet pages of one workbook into one page; rows of several sheets get ids that do not clash."""
    whole = [page for page in pages if "#" not in page.id]
    rows: dict[str, Page] = {}
    for page in pages:
        if "#" in page.id:
            number, page_id = 2, page.id
            while page_id in rows:
                page_id, number = f"{page.id}-{number}", number + 1
            rows[page_id] = replace(page, id=page_id)
    if whole:
        body = "\n\n".join(page.markdown.replace("# ", "## ", 1) for page in whole)
        title = whole[0].title if len(whole) == 1 else Path(whole[0].id).stem
        markdown = f"# {title}\n\n{body}" if len(whole) > 1 else whole[0].markdown
        whole = [replace(whole[0], title=title, markdown=markdown)]
    return (*whole, *rows.values())


def _by_folder(name: str) -> str | None:
    first = name.partition("/")[0]
    return first if first in LANGUAGES and "/" in name else None


def _name(folder: Path, path: Path) -> str:
    return unicodedata.normalize("NFC", path.relative_to(folder).as_posix())


def _passed_over(name: str) -> bool:
    return name.startswith((".", "~$")) or name.endswith(("~", ".swp", ".tmp", ".part", ".crdownload"))


def _unfit(path: Path, name: str) -> str:
    """Give why a file cannot be a page, or an empty text."""
    try:
        about = path.lstat()
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if stat.S_ISLNK(about.st_mode):
        return "a link; links are not followed"
    if not stat.S_ISREG(about.st_mode):
        return "not a regular file"
    if path.suffix.lower() not in READERS:
        return f"files of type {path.suffix or '(none)'} are not read"
    if about.st_size > LARGEST_FILE:
        return f"larger than {LARGEST_FILE // 1024 // 1024} MB"
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return "its name is not valid text; rename it"
    if "#" in name or not all(ch.isprintable() for ch in name):
        return "its name holds # or unprintable characters; rename it"
    return ""
