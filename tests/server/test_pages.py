"""Knowledge pages over HTTP: anchors, safety, languages, table rows."""

import json
import re
from datetime import date
from pathlib import Path

import httpx
import pytest

from assistant.knowledge import Page
from assistant.server.pages import page_view
from tests.server.harness import make_parts, phrases, running

LOST = Page("ja/cards/lost.md", "ja", "カードをなくしたとき", """# カードをなくしたとき

まず**「利用停止」**をしてください。

## 今すぐ止める {#freeze}

電話 [0120-000-119](tel:0120000119)

| 窓口 | 時間 |
|---|---|
| 紛失 | 24時間 |

## Web で止める

```
# 見出しではない
```
""", reviewed=date(2026, 10, 15), url="https://www.aoba-bank.example/lost")
TWIN = Page("en/cards/lost.md", "en", "Lost card", "# Lost card\n\nCall us.\n")
ROW = Page("ja/faq.csv#12", "ja", "手数料は？", "# 手数料は？\n\n**無料**です。")
SECRET = Page("ja/agents.md", "ja", "内部", "# 内部\n\n社外秘", audience="agent")
PAGES = {page.id: page for page in (LOST, TWIN, ROW, SECRET)}

ACTIVE = re.compile(
    r"<\s*(?:script|img|svg|iframe|object|embed|video|audio|style|link|meta|form|input|base|math)"
    r"|<[^>]*\son\w+\s*=|<[^>]*(?:href|src)\s*=\s*[\"']?\s*(?:javascript|data|vbscript):", re.IGNORECASE)

HOSTILE = """# <script>alert(1)</script> {#x" onmouseover="alert(1)}

<img src=x onerror=alert(1)> <a href="javascript:alert(1)">x</a>

[a](javascript:alert(1)) [b](data:text/html;base64,PHNjcmlwdD4=) [c](https://ok.example "t")
![i](https://evil.example/pixel.png)

<svg/onload=alert(1)><iframe src=//evil.example></iframe>
"""


async def test_page_opens_at_its_headings_in_both_languages(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path, page=PAGES.get)) as server, httpx.AsyncClient(base_url=server.url) as http:
        page = await http.get("/v1/pages/ja/cards/lost.md")
        assert page.status_code == 200
        assert '<html lang="ja">' in page.text
        assert '<section id="freeze"><h2>今すぐ止める</h2>' in page.text
        assert '<section id="web-で止める">' in page.text
        assert "<strong>「利用停止」</strong>" in page.text
        assert "<td>24時間</td>" in page.text
        assert 'href="tel:0120000119"' in page.text
        assert "最終確認日：2026-10-15" in page.text
        assert page.text.count("<h1>") == 1
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert page.headers["x-content-type-options"] == "nosniff"
        twin = await http.get("/v1/pages/ja/cards/lost.md", params={"lang": "en"})
        assert '<html lang="en">' in twin.text


async def test_table_row_is_shown_as_question_and_answer(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path, page=PAGES.get)) as server, httpx.AsyncClient(base_url=server.url) as http:
        page = await http.get("/v1/pages/ja/faq.csv%2312")
        assert "<dl><dt>手数料は？</dt><dd><p><strong>無料</strong>です。</p>" in page.text


async def test_unknown_and_internal_pages_look_the_same(tmp_path: Path) -> None:
    async with running(make_parts(tmp_path, page=PAGES.get)) as server, httpx.AsyncClient(base_url=server.url) as http:
        names = ("ja/none.md", "ja/agents.md", "..%2f..%2fetc%2fpasswd")
        answers = [await http.get(f"/v1/pages/{name}") for name in names]
        assert [answer.status_code for answer in answers] == [404, 404, 404]
        assert all("このページは見つかりません。" in answer.text for answer in answers)


def test_nothing_in_a_page_can_run_or_fetch() -> None:
    shown = page_view(phrases()).render(Page("ja/x.md", "ja", "<script>alert(1)</script>", HOSTILE))
    body = shown.partition("<main>")[2]
    assert not ACTIVE.search(body)
    assert 'href="https://ok.example"' in body
    assert 'rel="noopener noreferrer nofollow"' in body


def test_known_attack_strings_leave_no_active_markup() -> None:
    path = Path(__file__).parents[2].parent / "shared" / "data" / "hostile" / "xss_payloads.txt"
    if not path.is_file():
        pytest.skip("the corpus of attack strings is not here")
    view = page_view(phrases())
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    for start in range(0, len(lines), 200):
        text = "\n\n".join(lines[start:start + 200])
        body = view.render(Page("ja/x.md", "ja", "t", text)).partition("<main>")[2]
        assert not ACTIVE.search(body), json.dumps(ACTIVE.search(body)[0])  # type: ignore[index]
