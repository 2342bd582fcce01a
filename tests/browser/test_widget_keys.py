"""The widget by keyboard, with an input method and for a screen reader."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from tests.browser.scripted_server import ScriptedServer
from tests.browser.scripted_talk import Answer
from tests.browser.widget_page import chromium, context_of, host_page, opened, panel, say, wait_until


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as it:
        yield it


def focused(frame: Frame) -> str:
    active = "document.activeElement"
    return str(frame.evaluate(f"{active}?.getAttribute('aria-label') || {active}?.textContent"))


def test_enter_that_chooses_a_word_does_not_send(browser: Browser) -> None:
    with ScriptedServer() as server, opened(browser, server) as (page, frame):
        box = frame.locator(".composer textarea")
        box.focus()
        ime = page.context.new_cdp_session(page)
        ime.send("Input.imeSetComposition", {"text": "ふりこみ", "selectionStart": 4, "selectionEnd": 4})
        enter = "(b, more) => b.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, ...more}))"
        box.evaluate(enter, {"isComposing": True})
        box.evaluate(enter, {})
        ime.send("Input.insertText", {"text": "振込"})
        expect(box).to_have_value("振込")
        # Safari: the composition has ended, only the key code still says "process key"
        box.evaluate(enter, {"keyCode": 229})
        page.wait_for_timeout(200)
        expect(box).to_have_value("振込")
        assert not any(f["type"] == "message.send" for f in server.received)
        page.keyboard.press("Shift+Enter")
        expect(box).to_have_value("振込\n")
        page.keyboard.press("Enter")
        expect(frame.locator(".message.visitor")).to_contain_text("振込")


def test_the_whole_way_by_keyboard(browser: Browser) -> None:
    citation = {"n": 1, "page": "p", "anchor": "a", "title": "頁", "url": "/v1/pages/p", "quote": "引用"}
    script = Answer("こちらです。[1]", {"citations": [citation]})
    with ScriptedServer(lambda _: script) as server:
        host_page(server, attributes="")
        with context_of(browser) as (context, troubles):
            page = context.new_page()
            page.goto(server.origin + "/host")
            page.keyboard.press("Tab")
            page.keyboard.press("Enter")
            frame = panel(page)
            expect(frame.locator(".composer textarea")).to_be_focused()
            page.keyboard.type("どこですか")
            page.keyboard.press("Enter")
            expect(frame.locator("button.cite")).to_be_visible()
            reach(page, frame, "出典1：頁")
            page.keyboard.press("Enter")
            expect(frame.get_by_role("dialog")).to_be_visible()
            page.keyboard.press("Escape")
            expect(frame.get_by_role("dialog")).to_have_count(0)
            assert focused(frame) == "出典1：頁"
            reach(page, frame, "担当者と話す", back=False)
            page.keyboard.press("Enter")
            expect(frame.locator(".queue")).to_be_visible()
            page.keyboard.press("Escape")
            is_open = "document.querySelector('omotenashi-widget').hasAttribute('open')"
            wait_until(page, lambda: not page.evaluate(is_open))
            assert page.evaluate("document.activeElement.tagName") == "OMOTENASHI-WIDGET"
            page.keyboard.press("Enter")
            panel(page)
            assert troubles == []


def reach(page: Page, frame: Frame, label: str, back: bool = True) -> None:
    """Tab until something has the focus."""
    for _ in range(30):
        if focused(frame) == label:
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"{label} cannot be reached by keyboard")


def test_a_growing_answer_is_announced_in_whole_sentences(browser: Browser) -> None:
    text = "最初の文です。つぎの文は少し長くなります。終わりの文です。"
    slow = Answer(text, pause_s=0.05, size=2)
    with ScriptedServer(lambda _: slow) as server, opened(browser, server) as (page, frame):
        frame.evaluate("""() => {
            const live = document.querySelector('.unseen[aria-live]');
            window.said = [];
            new MutationObserver(() => window.said.push(live.textContent)).observe(live, {childList: true});
        }""")
        say(frame, "話して")
        expect(frame.locator(".message.assistant .foot time")).to_be_visible()
        page.wait_for_timeout(1800)
        said = frame.evaluate("window.said")
        assert "".join(said).replace("みお：", "").replace(" ", "") == text
        assert len(said) <= 4
        assert all(part.endswith("。") for part in said)
        assert frame.locator("[role=log]").get_attribute("aria-live") == "off"


def test_the_counter_warns_in_code_points_and_an_over_long_text_is_not_sent(browser: Browser) -> None:
    with ScriptedServer() as server, opened(browser, server) as (page, frame):
        box = frame.locator(".composer textarea")
        box.fill("𠮷" * 3990)
        expect(frame.locator(".counter")).to_have_text("あと10文字")
        box.fill("𠮷" * 4001)
        expect(frame.locator(".counter")).to_have_text("1文字超えています")
        box.press("Enter")
        page.wait_for_timeout(200)
        assert not any(f["type"] == "message.send" for f in server.received)
        box.fill("𠮷" * 4000)
        box.press("Enter")
        expect(frame.locator(".message.visitor")).to_have_count(1)


def test_on_a_phone_the_keyboard_stays_in_the_panel(browser: Browser) -> None:
    phone = {"width": 390, "height": 780}
    with ScriptedServer() as server, opened(browser, server, viewport=phone) as (page, frame):
        frame.locator(".composer textarea").focus()
        for _ in range(40):
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.tagName") == "OMOTENASHI-WIDGET"
        frame.locator(".composer textarea").fill("まだ中にいます")
        box = page.evaluate("document.documentElement.style.overflow")
        assert box == "hidden"


def test_the_language_can_be_switched_and_is_kept(browser: Browser) -> None:
    with ScriptedServer() as server, opened(browser, server) as (page, frame):
        say(frame, "こんにちは")
        expect(frame.locator(".message.assistant .foot time")).to_be_visible()
        frame.get_by_role("button", name="設定").click()
        frame.get_by_label("Language").select_option("en")
        expect(frame.get_by_role("button", name="Talk to a person")).to_be_visible()
        expect(frame.locator(".message.visitor")).to_have_count(1)
        page.reload()
        expect(panel(page).get_by_role("button", name="Talk to a person")).to_be_visible()


def test_every_interface_word_exists_in_both_languages(browser: Browser) -> None:
    with ScriptedServer() as server, opened(browser, server) as (_, frame):
        for part in ("", ".more"):
            keys = frame.evaluate("""async (part) => Promise.all(['ja', 'en'].map(async (l) =>
                Object.keys((await import(`/widget/strings/${l}${part}.js`)).default).sort()))""", part)
            assert keys[0] == keys[1]


@pytest.mark.parametrize("size", [(360, 640), (320, 256), (1280, 720)])
def test_nothing_is_cut_off_on_small_screens_and_at_200_percent(browser: Browser, size: tuple[int, int]) -> None:
    viewport = {"width": size[0], "height": size[1]}
    with ScriptedServer() as server, opened(browser, server, viewport=viewport) as (_, frame):
        say(frame, "とても長い一つの語：" + "あ" * 300 + "https://example.com/" + "x" * 200)
        expect(frame.locator(".message.assistant .foot time")).to_be_visible()
        assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
        frame.get_by_role("button", name="担当者と話す").click()
        expect(frame.locator(".queue")).to_be_visible()
        frame.locator(".composer textarea").scroll_into_view_if_needed()
        assert frame.locator(".composer textarea").is_visible()
