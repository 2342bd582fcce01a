"""A knowledge page as a visitor opens it from a citation: safe HTML, headings as anchors, the cited part marked.

It renders what was ingested; it reads no files and answers for no language of its own.
"""

import base64
import hashlib
import html
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import nh3
from fastapi import APIRouter
from markdown_it import MarkdownIt
from mdit_py_cjk_friendly import cjk_friendly
from starlette.responses import HTMLResponse, Response

from assistant.ingestion.passages import headings
from assistant.knowledge import Page
from assistant.phrases import LANGUAGES, Phrases
from assistant.server.guard import Origins

Find = Callable[[str], Page | None]

_TAGS = {"section", "h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "strong", "em", "del", "code", "pre",
         "blockquote", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "a", "dl", "dt", "dd"}
_ATTRIBUTES = {"section": {"id"}, "a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto", "tel"}
_INTERNAL = frozenset({"agent", "agents", "internal", "staff"})
_STYLESHEET = Path(__file__).with_name("page.css")


@dataclass(frozen=True, slots=True)
class PageView:
    """Turns pages into documents; ``style`` is the one stylesheet that its policy allows, by hash."""

    phrases: Phrases
    style: str
    markdown: MarkdownIt

    @property
    def style_source(self) -> str:
        """Give the CSP source of the stylesheet."""
        return f"'sha256-{base64.b64encode(hashlib.sha256(self.style.encode()).digest()).decode()}'"

    def render(self, page: Page) -> str:
        """Give the whole document. nh3 is the last gate: what is not in its lists is dropped, whatever wrote it."""
        body = _faq(page, self.markdown) if "#" in page.id else "".join(_sections(page, self.markdown))
        clean = nh3.clean(body, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES,
                          link_rel="noopener noreferrer nofollow")
        return self._document(page.language, page.title, clean + _footer(page, self.phrases))

    def missing(self, language: str) -> str:
        """Give the document for a page that is not there."""
        title = self.phrases.say("page.missing", language)
        return self._document(language, title, f"<h1>{html.escape(title)}</h1>")

    def _document(self, language: str, title: str, body: str) -> str:
        return (f'<!doctype html><html lang="{html.escape(language)}"><head><meta charset="utf-8">'
                '<meta name="viewport" content="width=device-width,initial-scale=1">'
                '<meta name="robots" content="noindex">'
                f"<title>{html.escape(title)}</title><style>{self.style}</style></head>"
                f"<body><main>{body}</main></body></html>")


def page_view(phrases: Phrases) -> PageView:
    """Make the view: tables and strikethrough on, raw HTML and images off."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).use(cjk_friendly)
    return PageView(phrases, _STYLESHEET.read_text(encoding="utf-8"), markdown.disable("image"))


def page_routes(find: Find, phrases: Phrases, origins: Origins) -> APIRouter:
    """Serve ``/v1/pages/{page}?lang=``; a ``#`` of a table row's id comes as ``%23``."""
    router = APIRouter()
    view = page_view(phrases)
    headers = {
        "content-security-policy": f"default-src 'none'; style-src {view.style_source}; img-src 'self' data:; "
                                   f"base-uri 'none'; form-action 'none'; frame-ancestors {origins.ancestors()}",
        "x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "cache-control": "no-cache",
    }

    @router.get("/v1/pages/{page:path}", response_class=HTMLResponse)
    async def knowledge_page(page: str, lang: str = "") -> Response:
        found = _find(find, page, lang)
        if found is None:
            language = lang if lang in LANGUAGES else _language_of(page)
            return HTMLResponse(view.missing(language), 404, headers=headers)
        return HTMLResponse(view.render(found), headers=headers)

    return router


def _sections(page: Page, markdown: MarkdownIt) -> Iterator[str]:
    """Give every heading with what follows it as one section that carries the anchor."""
    lines = page.markdown.split("\n")
    found = headings(page.markdown)
    if not found or found[0].level != 1:
        yield f"<h1>{html.escape(page.title)}</h1>"
    ends = [*(heading.line - 1 for heading in found), len(lines)]
    yield markdown.render("\n".join(lines[:ends[0]]))
    for heading, end in zip(found, ends[1:], strict=True):
        text = markdown.render("\n".join(lines[heading.line:end]))
        title = f"<h{heading.level}>{html.escape(heading.text)}</h{heading.level}>"
        yield f'<section id="{html.escape(heading.anchor)}">{title}{text}</section>'


def _faq(page: Page, markdown: MarkdownIt) -> str:
    first, _, rest = page.markdown.partition("\n")
    answer = rest if first.startswith("# ") else page.markdown
    return f"<dl><dt>{html.escape(page.title)}</dt><dd>{markdown.render(answer)}</dd></dl>"


def _footer(page: Page, phrases: Phrases) -> str:
    say = partial(phrases.say, language=page.language)
    parts = []
    if page.reviewed:
        parts.append(html.escape(say("page.reviewed", date=page.reviewed.isoformat())))
    if page.url and page.url.startswith(("https://", "http://")):
        link = html.escape(page.url)
        parts.append(f'<a href="{link}" rel="noopener noreferrer">{html.escape(say("page.official"))}</a>')
    return f"<footer>{' · '.join(parts)}</footer>" if parts else ""


def _find(find: Find, page: str, lang: str) -> Page | None:
    """Look the page up, in the asked language first; pages for agents are nobody else's."""
    names = [page]
    first, _, rest = page.partition("/")
    if lang in LANGUAGES and first in LANGUAGES and first != lang:
        names.insert(0, f"{lang}/{rest}")
    for name in names:
        for candidate in (name, f"{name}.md"):
            found = find(candidate)
            if found is not None and (found.audience or "").lower() not in _INTERNAL:
                return found
    return None


def _language_of(page: str) -> str:
    first = page.partition("/")[0]
    return first if first in LANGUAGES else "ja"
