"""The way to a person, as a visitor sees it: an offer, a place in the line, a name before the first word."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.scripted_server import ScriptedServer
from tests.browser.scripted_talk import Answer
from tests.browser.widget_page import chromium, opened, panel, say

OFFERING = Answer("ご案内します。", {"offer": "person", "quick_replies": ["ほかのこと"]})


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as it:
        yield it


def test_an_offer_can_be_declined_and_a_person_is_still_one_tap_away(browser: Browser) -> None:
    with ScriptedServer(lambda _: OFFERING) as server, opened(browser, server) as (_, frame):
        say(frame, "三日たっても返事がありません")
        frame.locator(".offer .ghost").click()
        expect(frame.locator(".offer")).to_have_count(0)
        expect(frame.get_by_role("button", name="担当者と話す")).to_be_visible()
        assert not any(f["type"].startswith("handoff") for f in server.received)


def test_the_place_in_the_line_is_live_and_survives_a_reload(browser: Browser) -> None:
    with ScriptedServer(lambda _: OFFERING) as server, opened(browser, server) as (page, frame):
        say(frame, "担当者をお願いします")
        frame.locator(".offer .solid").click()
        expect(frame.locator(".queue .place")).to_contain_text("3番目前に2人目安 4〜7分")
        server.do(server.place(server.talk, 1))
        expect(frame.locator(".queue .place")).to_contain_text("1番目次のご案内です")
        page.reload()
        frame = panel(page)
        expect(frame.locator(".queue")).to_contain_text("順番は保たれます")
        say(frame, "待つ間に質問です")
        expect(frame.locator(".message.assistant").last).to_contain_text("ご案内します")
        frame.get_by_role("button", name="順番待ちをやめる").click()
        expect(frame.locator(".queue")).to_have_count(0)


def test_a_callback_is_asked_for_with_a_checked_number(browser: Browser) -> None:
    with ScriptedServer() as server, opened(browser, server) as (_, frame):
        frame.get_by_role("button", name="担当者と話す").click()
        frame.get_by_role("button", name="電話をもらう").click()
        frame.get_by_label("電話番号").fill("abc")
        server.do(server.place(server.talk, 2))  # the line moves; the form stays as it is
        frame.get_by_role("button", name="これで依頼する").click()
        expect(frame.get_by_role("alert").filter(has_text="電話番号")).to_be_visible()
        frame.get_by_label("電話番号").fill("090-0000-0000")
        frame.get_by_role("button", name="これで依頼する").click()
        expect(frame.locator(".queue .done")).to_have_text("お電話でのご連絡を承りました")
        sent = next(f["data"] for f in server.received if f["type"] == "handoff.contact")
        assert sent == {"choice": "callback", "phone": "090-0000-0000", "window": "いつでも"}


def test_off_hours_say_so_and_offer_other_ways(browser: Browser) -> None:
    with ScriptedServer() as server, opened(browser, server) as (_, frame):
        frame.get_by_role("button", name="担当者と話す").click()
        expect(frame.locator(".queue")).to_be_visible()
        server.do(server.place(server.talk, 1, open=False))
        expect(frame.locator(".queue")).to_contain_text("受付時間外")
        expect(frame.locator(".queue .place")).to_have_count(0)
        expect(frame.get_by_role("button", name="このまま待つ")).to_be_visible()


def test_an_agent_is_named_before_the_first_word_and_looks_like_nobody_else(browser: Browser) -> None:
    with ScriptedServer() as server, opened(browser, server) as (_, frame):
        say(frame, "こんにちは")
        expect(frame.locator(".message.assistant .foot time")).to_be_visible()
        server.do(server.agent_joins(server.talk, "佐藤 恵"))
        expect(frame.locator(".line.joined")).to_contain_text("佐藤 恵")
        expect(frame.locator("h1")).to_have_text("佐藤 恵担当者")
        expect(frame.locator(".stage")).to_be_hidden()
        server.do(server.agent_says(server.talk, "佐藤 恵", "お待たせしました。"))
        expect(frame.locator(".message.agent .who")).to_contain_text("佐藤 恵")
        colours = [frame.locator(f".message.{who} .bubble").first.evaluate("(b) => getComputedStyle(b).backgroundColor")
                   for who in ("visitor", "assistant", "agent")]
        assert len(set(colours)) == 3


def test_afterwards_one_tap_each_and_a_comment_if_they_like(browser: Browser) -> None:
    with ScriptedServer() as server, opened(browser, server) as (_, frame):
        say(frame, "こんにちは")
        expect(frame.locator(".message.assistant .foot time")).to_be_visible()
        server.do(server.agent_joins(server.talk, "佐藤"))
        server.do(server.fact(server.talk, "driver.changed", {"from": "agent", "to": "wrap_up"}, {"kind": "system"}))
        frame.get_by_role("group", name="簡単に済みましたか").get_by_role("button").nth(4).click()
        frame.get_by_role("group", name="全体として").get_by_role("button").nth(3).click()
        frame.get_by_role("textbox", name="ひとこと").fill("助かりました")
        frame.get_by_role("button", name="送る", exact=True).click()
        expect(frame.locator(".feedback")).to_contain_text("ありがとうございました")
        given = [f["data"] for f in server.received if f["type"] == "feedback.give"]
        assert [(g["kind"], g["value"], g.get("comment")) for g in given] == [
            ("effort", 5, None), ("satisfaction", 4, None), ("satisfaction", 4, "助かりました")]


def test_a_failed_run_says_so_and_offers_again_and_a_person(browser: Browser) -> None:
    failing = Answer("お調べしたところ、", fail=True)
    with ScriptedServer(lambda _: failing) as server, opened(browser, server) as (_, frame):
        say(frame, "むずかしい質問")
        expect(frame.locator(".card.failed")).to_contain_text("途中で回答を作れなくなりました")
        expect(frame.locator(".message.assistant")).to_contain_text("お調べしたところ、")
        server.script = lambda _: Answer("お待たせしました。")
        frame.get_by_role("button", name="もう一度たずねる").click()
        expect(frame.locator(".message.assistant").last).to_contain_text("お待たせしました。")
        expect(frame.locator(".card.failed").get_by_role("button", name="担当者と話す")).to_be_visible()
