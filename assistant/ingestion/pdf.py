"""Turns a PDF with a text layer into Markdown by size, weight and place of its characters; scans are only reported."""

import io
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pdfplumber

from assistant.ingestion.tables import markdown_table

_MOST_PAGES = 500
_CJK = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
_BULLET = re.compile(r"^[\u2022\u30fb\u25cf\u25cb\u25a0\u25aa\u2013-]\s*(?=\S)")


@dataclass(frozen=True, slots=True)
class Line:
    """A line in content-stream order (which keeps columns apart); ``top`` is 0–1 of the page's height."""

    text: str
    size: float
    bold: bool
    top: float
    page: int


def pdf_markdown(data: bytes) -> tuple[str, list[str]]:
    """Give the document as Markdown and what was noteworthy. Raises ValueError when there is no text layer."""
    lines: list[Line] = []
    hidden = 0
    with pdfplumber.open(io.BytesIO(data)) as document:
        count = len(document.pages)
        for number, page in enumerate(document.pages[:_MOST_PAGES]):
            found, unseen = _page_lines(page, number)
            lines.extend(found)
            hidden += unseen
            page.close()
    if not lines:
        raise ValueError("no text layer (a scan?); run text recognition first")
    flags = [f"{hidden} hidden characters stripped"] if hidden else []
    if count > _MOST_PAGES:
        flags.append(f"only the first {_MOST_PAGES} of {count} pages were read")
    return _markdown(_without_running(lines, count)), flags


def _page_lines(page: Any, number: int) -> tuple[list[Line], int]:
    tables = page.find_tables()
    boxes = [table.bbox for table in tables]
    lines: list[Line] = []
    current: list[Any] = []
    hidden = 0
    placed: set[int] = set()
    for char in page.chars:
        if _unseen(char, page):
            hidden += 1
            continue
        inside = next((n for n, box in enumerate(boxes) if _within(char, box)), None)
        if inside is not None:
            if inside not in placed:
                placed.add(inside)
                _flush(lines, current, page, number)
                rows = [[" ".join((cell or "").split()) for cell in row] for row in tables[inside].extract()]
                lines.append(Line(markdown_table(rows), 0.0, False, boxes[inside][1] / page.height, number))
            continue
        if current and (abs(char["bottom"] - current[-1]["bottom"]) > current[-1]["size"] * 0.5
                        or char["x0"] < current[-1]["x0"] - char["size"]):
            _flush(lines, current, page, number)
        current.append(char)
    _flush(lines, current, page, number)
    return lines, hidden


def _flush(lines: list[Line], chars: list[Any], page: Any, number: int) -> None:
    if not chars:
        return
    text = ""
    for place, char in enumerate(chars):
        gap = char["x0"] - chars[place - 1]["x1"] if place else 0.0
        if gap > char["size"] * 0.25 and not text.endswith(" ") and char["text"] != " ":
            text += " "
        text += char["text"]
    size = Counter(round(char["size"], 1) for char in chars).most_common(1)[0][0]
    bold = all("bold" in char["fontname"].lower() or "heavy" in char["fontname"].lower() for char in chars)
    if text.strip():
        lines.append(Line(text.strip(), size, bold, chars[0]["top"] / page.height, number))
    chars.clear()


def _unseen(char: Any, page: Any) -> bool:
    """Tell whether a reader cannot see a character: outside the page, tiny, or white on (presumably) white."""
    outside = char["x1"] < 0 or char["x0"] > page.width or char["bottom"] < 0 or char["top"] > page.height
    colour = char.get("non_stroking_color")
    white = isinstance(colour, tuple) and (colour in ((1,), (1, 1, 1), (1.0,), (0, 0, 0, 0)))
    return bool(outside or char["size"] < 2 or (white and not page.rects and not page.images))


def _within(char: Any, box: tuple[float, float, float, float]) -> bool:
    x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


def _without_running(lines: list[Line], pages: int) -> list[Line]:
    """Drop headers and footers: lines at the edge whose wording (numbers aside) repeats on most pages."""
    def wording(line: Line) -> str:
        return re.sub(r"\d+", "0", line.text)

    edge = [line for line in lines if line.size and (line.top < 0.08 or line.top > 0.93)]
    often = {text for text, count in Counter(wording(line) for line in edge).items()
             if pages > 1 and count >= 0.6 * pages}
    numbers = re.compile(r"^[-\s]*\d+(\s*/\s*\d+)?[-\s]*$")
    return [line for line in lines if not (line in edge and (wording(line) in often or numbers.match(line.text)))]


def _markdown(lines: list[Line]) -> str:
    sizes: Counter[float] = Counter()
    for line in lines:
        if line.size:
            sizes[line.size] += len(line.text)
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    larger = sorted((size for size in sizes if size > body * 1.1), reverse=True)
    level = {size: min(n, 3) for n, size in enumerate(larger, 1)}
    blocks: list[str] = []
    joining = False
    for line in lines:
        if not line.size:
            blocks.append(line.text)
            joining = False
        elif line.size in level and len(line.text) < 120:
            blocks.append(f"{'#' * level[line.size]} {line.text}")
            joining = False
        elif line.bold and len(line.text) <= 40 and not line.text.endswith(("。", ".")):
            blocks.append(f"{'#' * min(len(larger) + 1, 4)} {line.text}")
            joining = False
        elif _BULLET.match(line.text):
            blocks.append("- " + _BULLET.sub("", line.text))
            joining = True
        elif joining and not blocks[-1].endswith(("。", ".", "！", "？", "!", "?")):
            cjk = _CJK.match(line.text) or _CJK.match(blocks[-1][-1])
            blocks[-1] += line.text if cjk else f" {line.text}"
        else:
            blocks.append(line.text)
            joining = True
    return "\n\n".join(blocks)
