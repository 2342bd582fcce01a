"""Turns a web page into Markdown of its main content: menus, banners, footers and forms are left out.

It owns what of a page is content; the HTML standard's parsing is nh3's, the tree BeautifulSoup's, the Markdown
markdownify's.
"""

import re
from collections.abc import Iterable
from copy import copy

import nh3
from bs4 import BeautifulSoup, Tag
from markdownify import MarkdownConverter

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_TAGS = {*_HEADINGS, *"""main article section div p br ul ol li dl dt dd table caption thead tbody tfoot tr th td pre
    code blockquote a b strong em i s del img ruby rt rp rtc details summary header footer nav aside form button figure
    figcaption address center dialog""".split()}
_UNREAD = set("""script style noscript template iframe object svg math canvas audio video select textarea datalist title
    head""".split())
_ATTRIBUTES = {"*": {"id", "class", "role", "aria-hidden"}, "a": {"href"}, "img": {"alt"},
               "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
_SCHEMES = {"http", "https", "mailto", "tel"}
_ASIDE_TAGS = frozenset("nav footer dialog form rt rp rtc".split())
_ASIDE_ROLES = frozenset("""navigation banner contentinfo search complementary dialog alertdialog menu menubar toolbar
    """.split())
_NAMED = r"(?:^|[-_])(?:{})s?(?:$|[-_])"
_ASIDE_NAMES = re.compile(_NAMED.format("cookie|consent|bread-?crumb|topic-?path|pankuzu|page-?top|skip|sns|ad|footer"
                                        "|sidebar|copyright"), re.IGNORECASE)
_MENU_NAMES = re.compile(_NAMED.format("nav|navi|gnav|menu|header|side|banner|bnr|share"), re.IGNORECASE)
_OF_THE_PAGE = re.compile(r"^(?:no|has|with|is|not)[-_]", re.IGNORECASE)  # has-footer is no footer
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_HOME = re.compile(r"(?:https?://[^/]+)?/?(?:(?:ja|en|index\.\w+)/?)?")
_MENU_SHARE = 0.6  # of a part's letters in links, from which on it is a menu
_FEW_LINKS = 3
_MOST_SPAN = 50
_CJK = "\u3000-\u30ff\u3400-\u9fff\uff00-\uffef"
_BROKEN_LINE = re.compile(rf"(?<=[{_CJK}])[ \t]*\n\s*(?=[{_CJK}])")
_LIKE_A_TAG = re.compile(r"<(?=[a-zA-Z/!?])")


def page_markdown(page: str) -> str:
    """Give the main content as Markdown; an ``id`` of a heading becomes its ``{#anchor}``."""
    whole = BeautifulSoup(nh3.clean(page, tags=_TAGS, clean_content_tags=_UNREAD, attributes=_ATTRIBUTES,
                                    url_schemes=_SCHEMES, link_rel=None), "html.parser")
    _leave_out(whole)
    mains = [tag for tag in whole.find_all(["main", "div", "section"])
             if tag.name == "main" or tag.get("role") == "main"]
    main = max(mains, key=_letters, default=None)
    if main is not None and _letters(main):
        title = whole.find("h1") if main.find("h1") is None else None  # some pages put it above <main>
        parts = [part.extract() for part in (title, main) if part is not None]
        whole.clear()
        whole.extend(parts)
    else:
        _leave_out_menus(whole)
    _readable(whole)
    converter = MarkdownConverter(heading_style="ATX", bullets="-", autolinks=False, escape_underscores=False,
                                  escape_asterisks=False, table_infer_header=True, strip=["img"])
    return re.sub(r"\n{3,}", "\n\n", converter.convert_soup(whole)).strip()


def _leave_out(whole: Tag) -> None:
    """Take out what is no content wherever it stands, unless it holds most of the page (a form around everything)."""
    half = _letters(whole) / 2
    for tag in list(whole.find_all(True)):
        if tag.decomposed or tag.name in ("main", "article", "table", "tbody", "tr") or not _aside(tag):
            continue
        if _letters(tag) <= half:
            tag.decompose()
    for tag in whole.find_all("header"):
        if tag.find_parent(["main", "article"]) is None:  # of the page: all but its title is chrome
            titles = [heading.extract() for heading in tag.find_all(_HEADINGS)]
            tag.replace_with(*titles)
    for heading in whole.find_all(_HEADINGS):
        for image in heading.find_all("img"):  # a heading set as a picture
            image.replace_with(str(image.get("alt") or ""))
        link = heading.find("a")
        logo = link is not None and _HOME.fullmatch(str(link.get("href"))) and _letters(link) == _letters(heading)
        if logo or not _letters(heading):
            heading.decompose()


def _aside(tag: Tag) -> bool:
    """Tell whether a part is beside the content by what it is, by its role or by its name."""
    if tag.name in _HEADINGS:
        return False
    if tag.name in _ASIDE_TAGS or tag.get("role") in _ASIDE_ROLES or tag.get("aria-hidden") == "true":
        return True
    if tag.name == "aside":  # inside an article it is a remark
        return _is_menu(tag) or tag.find_parent(["main", "article"]) is None
    if tag.name == "button":  # in an accordion it holds the question
        return tag.find_parent([*_HEADINGS, "dt", "summary"]) is None
    names = [_HUMP.sub("-", name) for name in (*(tag.get("class") or ()), str(tag.get("id") or ""))
             if not _OF_THE_PAGE.match(name)]
    return any(map(_ASIDE_NAMES.search, names)) or (any(map(_MENU_NAMES.search, names)) and _is_menu(tag))


def _leave_out_menus(whole: Tag) -> None:
    """Take out parts that are mostly links, where nothing tells which part is the content."""
    half = _letters(whole) / 2
    for tag in whole.find_all(["ul", "ol", "table", "p", "div", "center"]):
        if tag.decomposed or len(tag.find_all("a")) < _FEW_LINKS:
            continue
        if tag.find(_HEADINGS) is None and _is_menu(tag) and _letters(tag) <= half:
            tag.decompose()


def _is_menu(tag: Tag) -> bool:
    return sum(_letters(link) for link in tag.find_all("a")) >= _MENU_SHARE * _letters(tag)


def _letters(tag: Tag | None) -> int:
    return sum(ch.isalnum() for ch in tag.get_text()) if tag is not None else 0


def _readable(content: BeautifulSoup) -> None:
    """Bring parts that Markdown lacks into ones that it has."""
    for table in content.find_all("table"):
        _table(table)
    for heading in content.find_all(_HEADINGS):
        if re.fullmatch(r"[\w-]{1,80}", name := str(heading.get("id") or "")):
            heading.append(f" {{#{name}}}")
    level = 1
    for tag in content.find_all([*_HEADINGS, "summary", "dt", "dd"]):
        if tag.name in _HEADINGS:
            level = int(tag.name[1])
        elif tag.name == "summary":
            tag.name = "div" if tag.find(_HEADINGS) else f"h{min(level + 1, 6)}"
        elif tag.name == "dt":
            tag.wrap(content.new_tag("p"))
            tag.name = "strong"
        else:
            tag.name = "div" if tag.find(["p", "ul", "ol", "div", "table"]) else "p"
    for link in content.find_all("a"):
        if not str(link.get("href") or "").strip("#") or str(link["href"]).startswith("#"):
            link.unwrap()
    for text in content.find_all(string=re.compile(r"[\n<|]")):
        if text.find_parent("pre") is None:
            told = _LIKE_A_TAG.sub("&lt;", _BROKEN_LINE.sub("", text))
            text.replace_with(told.replace("|", r"\|") if text.find_parent("table") else told)


def _table(table: Tag) -> None:
    """Write out cells that span several places; take apart a table that only arranges the page."""
    if table.decomposed:
        return
    rows = [row for row in table.find_all("tr") if row.find_parent("table") is table]
    wide = max((len(row.find_all(["td", "th"], recursive=False)) for row in rows), default=0)
    if wide < 2 or table.get("role") == "presentation" or table.find(["table", *_HEADINGS]):
        for tag in (table, *table.find_all(["caption", "thead", "tbody", "tfoot", "tr", "td", "th"])):
            if tag is table or tag.find_parent("table") is None:
                tag.name = "div"
        return
    if table.caption is not None:
        caption = table.caption.extract()
        caption.name = "p"
        table.insert_before(caption)
    if table.find(["td", "th"], rowspan=True) or table.find(["td", "th"], colspan=True):
        _write_out(rows)


def _write_out(rows: Iterable[Tag]) -> None:
    below: dict[int, tuple[int, Tag]] = {}
    for row in rows:
        cells = list(row.find_all(["td", "th"], recursive=False))
        row.clear()
        column = 0
        while cells or column in below:
            if column in below:
                left, cell = below.pop(column)
                copies, rest = [cell], left - 1
            else:
                cell = cells.pop(0)
                copies = [cell] * _span(cell, "colspan")
                rest = _span(cell, "rowspan") - 1
            for one in copies:
                row.append(copy(one))
                if rest:
                    below[column] = (rest, one)
                column += 1


def _span(cell: Tag, name: str) -> int:
    value = str(cell.attrs.pop(name, "1"))
    return min(max(int(value), 1), _MOST_SPAN) if value.isascii() and value.isdigit() else 1

