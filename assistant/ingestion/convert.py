"""The child process that opens Word, PDF, HTML and Excel files; started by ``child``, never imported by the server.

It owns the limits that it sets on itself and the four conversions (PDF in ``pdf``, HTML in ``webpage``).
"""

import contextlib
import datetime
import html
import io
import json
import re
import sys
import zipfile
from typing import Any, BinaryIO

import mammoth
import openpyxl
from markdownify import markdownify

from assistant.ingestion.decode import decode
from assistant.ingestion.hidden import strip_hidden
from assistant.ingestion.pdf import pdf_markdown
from assistant.ingestion.webpage import page_markdown

if sys.platform != "win32":
    import resource

MEMORY = 512 * 1024 * 1024
_MOST_UNPACKED = 200 * 1024 * 1024
_MOST_RATIO = 200
_MOST_PARTS = 5_000
_MOST_CELLS = 500_000
_DEEPEST = 10_000  # calls in each other; a page of old nests some hundred elements
_NETWORK = ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto", "subprocess.Popen", "os.system",
            "os.exec", "os.fork", "os.posix_spawn")
_STYLES = "\n".join(f"p[style-name='{name}'] => h1:fresh" for name in ("Title", "表題"))
_VANISH = re.compile(rb"<w:(?:vanish|webHidden)(?: w:val=\"(?:1|true|on)\")?\s*/>")
_HEADLESS = re.compile(r"^\|(?:[ \t]*\|)+[ \t]*\n(\|[ \t:|-]+\|)[ \t]*\n(\|.*\|)[ \t]*$", re.MULTILINE)
_BOLD_LINE = re.compile(r"^\*\*(.{1,40}?)\*\*$")

Result = dict[str, Any]


def main() -> None:
    """Answer requests on standard input until it ends: a JSON line ``[suffix, size]``, then that many bytes."""
    _limit()
    sys.setrecursionlimit(_DEEPEST)
    given, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # a library that prints must not break the protocol
    while line := given.readline():
        suffix, size = json.loads(line)
        text = json.dumps(_answer(suffix, given.read(size))).encode()
        answers.write(b"%d\n" % len(text) + text)
        answers.flush()


def _answer(suffix: str, data: bytes) -> Result:
    empty: Result = {"markdown": "", "title": "", "sheets": [], "flags": []}
    try:
        return empty | CONVERTERS[suffix](data)
    except MemoryError:
        return {"error": "needs more memory than a document may"}
    except Exception as error:  # whatever a parser throws at a broken file is one line in the report
        return {"error": f"cannot be read as {suffix[1:].upper()}: {str(error)[:200] or type(error).__name__}"}


def _limit() -> None:
    """Bound memory where the system can (not on Windows) and refuse network and other programs."""
    if sys.platform != "win32":
        with contextlib.suppress(ValueError, OSError):  # macOS takes no limit on address space
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    def refuse(event: str, _: object) -> None:
        if event in _NETWORK:
            raise PermissionError(f"{event} is not allowed while a document is read")

    sys.addaudithook(refuse)


def _checked_zip(data: bytes) -> BinaryIO:
    """Refuse archives that unpack to far more than a document holds."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > _MOST_PARTS or unpacked > _MOST_UNPACKED or unpacked > _MOST_RATIO * max(len(data), 10_000):
        raise ValueError("unpacks to far more than a document holds (zip bomb?)")
    return io.BytesIO(data)


def _docx(data: bytes) -> Result:
    result = mammoth.convert_to_html(_checked_zip(data), style_map=_STYLES,
                                     convert_image=mammoth.images.img_element(lambda image: {"src": ""}))
    markdown = _first_row_heads(markdownify(result.value, heading_style="ATX", strip=["img"]))
    lines = [f"## {bold[1]}" if (bold := _BOLD_LINE.match(line.strip())) and not bold[1].endswith("。") else line
             for line in markdown.split("\n")]
    hidden = _hidden_runs(data)
    flags = [f"{hidden} hidden runs in the Word file; check what they say"] if hidden else []
    return {"markdown": "\n".join(lines), "flags": flags}


def _hidden_runs(data: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return len(_VANISH.findall(archive.read("word/document.xml")))


def _first_row_heads(markdown: str) -> str:
    """Move a table's first row into the header that markdownify left empty."""
    return _HEADLESS.sub(r"\2\n\1", markdown)


def _html(data: bytes) -> Result:
    charset = re.search(rb"charset\s*=\s*[\"']?([\w-]+)", data[:2048])
    try:
        text, flags = data.decode(charset[1].decode("ascii") if charset else "utf-8"), []
    except (UnicodeDecodeError, LookupError):
        decoded = decode(data)
        text, flags = decoded.text, list(decoded.flags)
    text, hidden = strip_hidden(text)
    if hidden:
        flags.append(f"{hidden} hidden or active parts stripped")
    title = re.search(r"<title[^<>]*>([^<]{1,300})</title>", text, re.IGNORECASE)
    return {"markdown": page_markdown(text), "title": _text(title[1]) if title else "", "flags": flags}


def _text(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", "", markup)).split())


def _pdf(data: bytes) -> Result:
    markdown, flags = pdf_markdown(data)
    return {"markdown": markdown, "flags": flags}


def _xlsx(data: bytes) -> Result:
    book = openpyxl.load_workbook(_checked_zip(data), read_only=True, data_only=True)
    sheets: list[tuple[str, list[list[str]]]] = []
    flags: list[str] = []
    cells = 0
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            flags.append("a hidden sheet was left out")
            continue
        rows: list[list[str]] = []
        for row in sheet.iter_rows(values_only=True):
            cells += len(row)
            if cells > _MOST_CELLS:
                raise ValueError(f"holds more than {_MOST_CELLS} cells")
            texts = [_cell(value) for value in row]
            while texts and not texts[-1]:
                texts.pop()
            if texts:
                rows.append(texts)
        if len(rows) > 1 and len(rows[0]) == 1 and len(rows[1]) > 1:
            rows.pop(0)  # a merged caption above the header
        if rows:
            sheets.append((sheet.title, rows))
    return {"sheets": sheets, "flags": flags}


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ", "minutes")
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


CONVERTERS = {".docx": _docx, ".html": _html, ".htm": _html, ".pdf": _pdf, ".xlsx": _xlsx}
"""How each kind of document becomes Markdown or sheets."""

if __name__ == "__main__":
    main()
