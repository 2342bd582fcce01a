"""A reply's Markdown as safe HTML, for clients that want no renderer of their own; citations become links."""

import html
from collections.abc import Sequence
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from mdit_py_cjk_friendly import cjk_friendly

from assistant.knowledge import Citation
from assistant.reply.grounding import MARK

TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "a", "sup", "code",
        "blockquote", "h3", "h4"}
SCHEMES = {"http", "https", "mailto", "tel"}


@lru_cache(maxsize=1)
def _renderer() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table").use(cjk_friendly)


def to_html(text: str, citations: Sequence[Citation]) -> str:
    """Render; everything but a few tags and http(s)/mailto/tel links is dropped by nh3 as the last gate."""
    links = {c.n: _link(c) for c in citations}
    rendered = _renderer().render(text)
    linked = MARK.sub(lambda mark: links.get(int(mark[1]), mark[0]), rendered)
    return nh3.clean(linked, tags=TAGS, attributes={"a": {"href", "title"}}, url_schemes=SCHEMES,
                     link_rel="noopener noreferrer nofollow")


def _link(citation: Citation) -> str:
    return f'<sup><a href="{html.escape(citation.url)}" title="{html.escape(citation.title)}">{citation.n}</a></sup>'
