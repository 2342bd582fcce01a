"""Of a web page the content is read, whatever shape the page has, and nothing beside it."""

import pytest

from assistant.ingestion.child import Converter
from assistant.ingestion.webpage import page_markdown

HOURS = "窓口は平日の午前九時から午後三時まで開いています。土曜日、日曜日、祝日と年末年始はお休みです。"
SHAPES = {
    "article": f"""<header><nav><a href="/a">商品</a></nav></header><article><header><h1>窓口</h1></header><p>{HOURS}</p>
        </article><aside><p>懸賞に当たります。</p></aside><footer>（C）銀行<a href="/p">個人情報</a></footer>""",
    "divisions": f"""<div id="wrapper"><div id="header"><div class="logo"><a href="/">銀行</a></div><div class="gnav"><ul>
        <li><a href="/a">商品</a></li></ul></div></div><div id="contents"><div><h1>窓口</h1></div><div><div>{HOURS}</div>
        </div></div><div id="sideMenu"><ul><li><a href="/x">懸賞</a></li></ul></div><div class="footerArea">個人情報</div></div>""",
    "names nothing": f"""<div><div><a href="/1">商品</a> | <a href="/2">懸賞</a> | <a href="/3">採用</a></div><div><h1>窓口</h1>
        <div>{HOURS}</div></div><div><a href="/5">個人情報</a><br><a href="/6">規約</a><br><a href="/7">商品</a></div></div>""",
    "table layout": f"""<table width=800><tr><td colspan=2><img src=l.gif alt=銀行></td></tr><tr><td><table>
        <tr><td><a href=a.html>商品</a><tr><td><a href=b.html>懸賞</a><tr><td><a href=c.html>規約</a></table></td>
        <td><h1>窓口</h1><p>{HOURS}</table>""",
    "breadcrumbs and cookies": f"""<div id="cookie-banner" role="dialog"><p>クッキーを使います。</p><button>同意</button></div>
        <h1 class="logo"><a href="/">銀行</a></h1><ol class="breadcrumb"><li><a href="/">商品</a></li><li>窓口</li></ol>
        <div role="main"><h1>窓口</h1><p>{HOURS}</p><p class="pagetop"><a href="#top">先頭へ</a></p>
        <div class="sns-share"><a href="https://x.com/">商品をシェア</a></div></div>""",
    "one form around all": f"""<form action="x.aspx"><input type="hidden" value="懸賞"><div id="menu"><a href="/a">商品</a></div>
        <div class="page has-footer no-sidebar"><h1>窓口</h1><p>{HOURS}</p></div><input type="submit" value="商品">
        <select><option>商品</option></select></form><noscript>有効にしてください。</noscript>""",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_menus_banners_and_footers_are_left_out(shape: str) -> None:
    assert page_markdown(f"<html><head><title>題</title></head><body>{SHAPES[shape]}</body></html>") == f"# 窓口\n\n{HOURS}"


@pytest.mark.parametrize(
    ("page", "markdown"),
    [
        ("<ul><li>一<ol><li>甲<li>乙</ol><li>二</ul>", "- 一\n  1. 甲\n  2. 乙\n- 二"),
        ("<dl><dt>組戻し<dd>資金を返してもらう手続き<dt>休眠預金<dd>十年使われない預金</dl>",
         "**組戻し**\n\n資金を返してもらう手続き\n\n**休眠預金**\n\n十年使われない預金"),
        ("<h1>質問</h1><details><summary>いくら</summary><p>無料です</details>"
         '<h2 id="when"><button>いつ</button></h2><p>今日</p><button>印刷</button>',
         "# 質問\n\n## いくら\n\n無料です\n\n## いつ {#when}\n\n今日"),
        ("<p><ruby>速<rp>(</rp><rt>すみ</rt><rp>)</rp></ruby>やかに\n  お届けください", "速やかにお届けください"),
        ("<table><caption>個人</caption><tr><th>方法<th>額<th>料金<tr><td rowspan=2>窓口<td>〜3万<td>1|2円<tr><td>3万〜<td>3円"
         "<tr><td>アプリ<td colspan=2>無料</table>",
         "個人\n\n| 方法 | 額 | 料金 |\n| --- | --- | --- |\n| 窓口 | 〜3万 | 1\\|2円 |\n| 窓口 | 3万〜 | 3円 |\n| アプリ | 無料 | 無料 |"),
        ("<p><a href='/fee'>表</a> <a href='javascript:alert(1)'>甲</a> <a href='#x'>乙</a> <img src=x alt=丙>",
         "[表](/fee) 甲 乙"),
        ("<h1><a href='/'><img alt='銀行'></a></h1><h2><img alt='手続き'></h2><p>本文", "## 手続き\n\n本文"),
        ("<h1>上の題</h1><main><p><s>千円</s>五百円<aside>備考</aside></main>", "# 上の題\n\n~~千円~~五百円\n\n備考"),
        ("<hr><p>title: x</p><hr><p>snake_case 1*2", "title: x\n\nsnake_case 1*2"),
        ("<p>&lt;template&gt; 1 &lt; 2", "&lt;template> 1 < 2"),
        ("<pre>a\n  b|c</pre>", "```\na\n  b|c\n```"),
        ("<main></main><p>本文", "本文"),
        ("", ""),
    ],
)
def test_what_a_page_says_becomes_markdown(page: str, markdown: str) -> None:
    assert page_markdown(page) == markdown


def test_a_list_of_links_is_content_where_the_page_says_so() -> None:
    links = '<ul><li><a href="/a">住所変更</a><li><a href="/b">氏名変更</a><li><a href="/c">紛失</a></ul>'
    assert page_markdown(f"<nav>{links}</nav><main><h1>手続き</h1>{links}</main>").count("住所変更") == 1


@pytest.mark.parametrize("page", ["<div>" * 1_000 + "本文", "<b>" * 500 + "本文", "<table><tr><td>" * 200 + "本文"])
def test_deep_pages_are_read(page: str) -> None:
    with Converter() as converter:
        assert "本文" in converter.convert(".html", page.encode()).markdown
