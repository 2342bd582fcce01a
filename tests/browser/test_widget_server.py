"""The widget on the demo page against the product's own server: the whole way, with nothing scripted."""

import random
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from tests.browser.cutting_proxy import CuttingProxy
from tests.browser.served import ROOT, ingested, served
from tests.browser.widget_page import chromium, context_of, panel, say

pytestmark = pytest.mark.timeout(300)  # the first test of all also reads the bank's pages
QUESTIONS = {"ja": "振込手数料はいくらですか", "en": "How much does a transfer cost?"}
HOSTILE = ["<img src=x onerror=alert(1)>", "[a](javascript:alert(1))", "\u202eabc", "A" * 4000, "𠮷👩\u200d👩\u200d👧",
           "'; DROP TABLE facts; --"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as it:
        yield it


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The product, started as a site owner starts it."""
    folder = tmp_path_factory.mktemp("product")
    index = ingested(ROOT / "knowledge", folder / "index")
    with served(folder, ROOT / "knowledge", index, f"sqlite+aiosqlite:///{folder}/talks.sqlite3") as number:
        yield number


def open_demo(page: Page, origin: str, language: str) -> Frame:
    """Open the bank's home page and the panel on it."""
    page.goto(f"{origin}/demo/" + ("en.html" if language == "en" else ""))
    page.evaluate("Omotenashi.open()")
    return panel(page)


def answered(frame: Frame, count: int) -> None:
    """Wait for so many answers, whole."""
    expect(frame.locator(".message.assistant .foot time")).to_have_count(count, timeout=20_000)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_question_is_answered_with_a_citation_that_opens_the_page(browser: Browser, port: int, language: str) -> None:
    with context_of(browser) as (context, troubles):
        page = context.new_page()
        frame = open_demo(page, f"http://127.0.0.1:{port}", language)
        say(frame, QUESTIONS[language])
        expect(frame.locator("button.cite").first).to_be_visible(timeout=20_000)
        answered(frame, 1)
        said = frame.locator(".list").inner_text()
        frame.locator("button.cite").first.click()
        with context.expect_page() as opening:
            frame.get_by_role("dialog").get_by_role("link").click()
        opened = opening.value
        opened.wait_for_load_state()
        assert f"/v1/pages/{language}/" in opened.url
        anchor = opened.evaluate("decodeURIComponent(location.hash.slice(1))")
        assert opened.evaluate("(id) => !id || Boolean(document.getElementById(id))", anchor)
        expect(opened.locator("main")).not_to_be_empty()
        page.reload()
        page.evaluate("Omotenashi.open()")
        frame = panel(page)
        answered(frame, 1)
        assert frame.locator(".list").inner_text() == said
        assert troubles == []


def test_cuts_at_random_bytes_lose_and_double_nothing(browser: Browser, port: int) -> None:
    dice = random.Random(7)
    cuts = iter([dice.randrange(200, 6000) for _ in range(30)])
    with CuttingProxy(port, lambda: next(cuts, None)) as proxy, context_of(browser) as (context, troubles):
        page = context.new_page()
        frame = open_demo(page, proxy.origin, "ja")
        asked = ["カードの再発行にいくらかかりますか", "住宅ローンの金利を教えて", "窓口の営業時間は"]
        for count, text in enumerate(asked, 1):
            say(frame, text)
            expect(frame.locator(".message.visitor:not(.sending)")).to_have_count(count, timeout=30_000)
            answered(frame, count)
        for _ in cuts:
            pass
        shown = frame.locator(".list").inner_text()
        assert proxy.cuts >= 5
        page.reload()
        page.evaluate("Omotenashi.open()")
        frame = panel(page)
        answered(frame, len(asked))
        assert frame.locator(".list").inner_text() == shown
        assert frame.locator(".message.visitor .body").all_inner_texts() == asked
        assert troubles == []


def test_hostile_words_come_back_as_words(browser: Browser, port: int) -> None:
    with context_of(browser) as (context, troubles):
        page = context.new_page()
        alarms: list[str] = []
        page.on("dialog", lambda dialog: (alarms.append(dialog.message), dialog.dismiss()))
        frame = open_demo(page, f"http://127.0.0.1:{port}", "ja")
        for count, words in enumerate(HOSTILE, 1):
            say(frame, words)
            expect(frame.locator(".message.visitor:not(.sending)")).to_have_count(count, timeout=20_000)
        assert frame.locator(".message.visitor .body").all_text_contents() == HOSTILE
        assert alarms == []
        assert troubles == []


def test_a_wish_for_a_person_is_met_at_once(browser: Browser, port: int) -> None:
    with context_of(browser) as (context, troubles):
        page = context.new_page()
        frame = open_demo(page, f"http://127.0.0.1:{port}", "ja")
        frame.get_by_role("button", name="担当者と話す").click()
        expect(frame.locator(".queue")).to_be_visible(timeout=20_000)
        page.reload()
        page.evaluate("Omotenashi.open()")
        frame = panel(page)
        expect(frame.locator(".queue")).to_be_visible(timeout=20_000)
        frame.get_by_role("button", name="順番待ちをやめる").click()
        expect(frame.locator(".queue")).to_have_count(0)
        assert troubles == []
