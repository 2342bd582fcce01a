"""The widget in a real browser against a real socket: what is streamed, lost, cut and told again ends up right."""

import json
import random
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Frame, expect

from tests.browser.cutting_proxy import CuttingProxy
from tests.browser.scripted_server import ScriptedServer
from tests.browser.scripted_talk import Answer
from tests.browser.widget_page import chromium, context_of, host_page, opened, panel, say, wait_until

LONG = "".join(f"第{n}項、𠮷野家の👩‍👩‍👧は{n * 37}円です。" for n in range(90))
CITED = Answer("手数料は**1,100円**です。[1]", {"citations": [
    {"n": 1, "page": "ja/cards/fees", "anchor": "reissue", "title": "各種手数料", "url": "/v1/pages/ja/cards/fees",
     "quote": "再発行手数料は1,100円（税込）です。"}]})


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as it:
        yield it


def answer_text(frame: Frame) -> str:
    bodies = "[...document.querySelectorAll('.message.assistant:not(.after *) .body')]"
    return str(frame.evaluate(f"{bodies}.at(-1)?.textContent ?? ''"))


def test_a_reply_streams_in_and_its_citation_opens_the_passage(browser: Browser) -> None:
    with ScriptedServer(lambda _: CITED) as server, opened(browser, server) as (page, frame):
        say(frame, "再発行はいくら？")
        frame.locator("button.cite").click()
        card = frame.get_by_role("dialog")
        expect(card.locator("blockquote")).to_have_text("再発行手数料は1,100円（税込）です。")
        with page.context.expect_page() as opening:
            card.get_by_role("link").click()
        assert opening.value.url == f"{server.origin}/v1/pages/ja/cards/fees#reissue"
        assert opening.value.evaluate("window.opener") is None
        expect(frame.locator(".message.assistant p > strong")).to_have_text("1,100円")


def written(server: ScriptedServer) -> list[str]:
    """What the server stored of the visitor's words."""
    facts = [f for f in server.talk.facts if f["type"] == "message.created" and f["actor"]["kind"] == "visitor"]
    return [f["data"]["text"] for f in facts]


@pytest.mark.parametrize("seed", range(3))
def test_cuts_at_random_bytes_change_nothing_in_the_text(browser: Browser, seed: int) -> None:
    dice = random.Random(seed)
    server = ScriptedServer(lambda _: Answer(LONG, pause_s=0.02, size=7))
    server.repeat_chance = 0.1
    cuts = iter([dice.randrange(300, 4000) for _ in range(24)])
    proxy = CuttingProxy(server.port, lambda: next(cuts, None))
    with server, proxy, opened(browser, server, proxy.origin) as (page, frame):
        say(frame, "全部教えて")
        seen = ""
        for _ in range(900):
            seen = answer_text(frame)
            assert LONG.startswith(seen)
            if seen == LONG and not frame.locator(".growing").count():
                break
            page.wait_for_timeout(40)
        assert seen == LONG
        assert proxy.cuts >= 5
        assert frame.locator(".message.visitor").count() == 1
        assert written(server) == ["全部教えて"]


def test_what_was_sent_offline_survives_a_reload_and_arrives_once(browser: Browser) -> None:
    with ScriptedServer() as server, opened(browser, server) as (page, frame):
        say(frame, "はじめに")
        expect(frame.locator(".message.assistant .foot time")).to_be_visible()
        page.context.set_offline(True)
        server.do(server.drop_all())
        say(frame, "届きますか")
        say(frame, "二つめ")
        expect(frame.locator(".visitor.sending")).to_have_count(2)
        expect(frame.locator(".banner")).to_contain_text("失われません")
        kept = frame.evaluate("Object.keys(localStorage).filter((k) => k.startsWith('omo.out.')).length")
        assert kept == 2
        page.context.set_offline(False)
        page.reload()
        frame = panel(page)
        expect(frame.locator(".message.visitor")).to_have_count(3)
        expect(frame.locator(".visitor.sending")).to_have_count(0)
        assert written(server) == ["はじめに", "届きますか", "二つめ"]
        assert frame.evaluate("Object.keys(localStorage).filter((k) => k.startsWith('omo.out.')).length") == 0


def test_two_tabs_show_the_same_talk(browser: Browser) -> None:
    with ScriptedServer() as server:
        host_page(server)
        with context_of(browser) as (context, troubles):
            first, second = context.new_page(), context.new_page()
            first.goto(server.origin + "/host")
            left = panel(first)
            say(left, "こちらは一つめ")
            expect(left.locator(".message.assistant .foot time")).to_be_visible()
            second.goto(server.origin + "/host")
            right = panel(second)
            expect(right.locator(".message.visitor .body")).to_have_text(["こちらは一つめ"])
            say(right, "こちらは二つめ")
            expect(left.locator(".message.visitor")).to_have_count(2)
            expect(left.locator(".list .message")).to_have_count(4)
            expect(right.locator(".list .message")).to_have_count(4)
            wait_until(first, lambda: left.locator(".list").inner_text() == right.locator(".list").inner_text())
            assert troubles == []


def test_a_hole_in_the_deltas_is_filled_by_a_snapshot(browser: Browser) -> None:
    with ScriptedServer() as server, opened(browser, server) as (page, frame):
        say(frame, "こんにちは")
        expect(frame.locator(".message.assistant .foot time")).to_be_visible()
        talk, ids = server.talk, {"run": "r_x", "message": "m_x"}
        server.do(server.fact(talk, "run.started", ids, {"kind": "assistant"}))
        talk.runs["r_x"] = {**ids, "text": "あいうえお"}
        before = len(server.hellos)
        delta = {"type": "message.delta", "conversation": talk.id, **ids}
        server.do(server.frame(talk, {**delta, "offset": 5, "text": "かき"}))
        wait_until(page, lambda: answer_text(frame) == "あいうえお")
        assert len(server.hellos) == before + 1
        assert server.hellos[-1]["last_seq"] == talk.head
        server.do(server.frame(talk, {**delta, "offset": 3, "text": "えおかき"}))
        wait_until(page, lambda: answer_text(frame) == "あいうえおかき")


def test_numbers_the_visitor_may_not_see_are_no_gap(browser: Browser) -> None:
    with ScriptedServer() as server, opened(browser, server) as (page, frame):
        for text in ("一", "二", "三"):
            say(frame, text)
            expect(frame.locator(".message.visitor").last).to_contain_text(text)
        wait_until(page, lambda: not server.talk.runs and server.talk.facts[-1]["type"] == "run.completed")
        page.wait_for_timeout(100)
        assert len(server.hellos) == 1


def test_earlier_messages_are_paged_in_when_scrolling_up(browser: Browser) -> None:
    server = ScriptedServer()
    server.inline = 20
    with server, opened(browser, server) as (page, frame):
        say(frame, "最初の質問")
        expect(frame.locator(".message.assistant .foot time")).to_be_visible()
        for n in range(120):
            server.do(server.agent_says(server.talk, "佐藤", f"連絡その{n}"))
        page.reload()
        frame = panel(page)
        expect(frame.locator(".message").last).to_contain_text("連絡その119")
        assert frame.locator(".message.visitor").count() == 0
        for _ in range(60):
            if frame.locator(".message.visitor").count():
                break
            frame.locator(".scroller").evaluate("(s) => { s.scrollTop = 0 }")
            page.wait_for_timeout(100)
        expect(frame.locator(".message.visitor")).to_contain_text("最初の質問")
        texts = frame.locator(".message.agent .body").all_inner_texts()
        assert texts == [f"連絡その{n}" for n in range(120)]


def test_a_refused_message_says_why_and_can_be_sent_again(browser: Browser) -> None:
    with ScriptedServer() as server, opened(browser, server) as (_, frame):
        server.refuse = {"code": "invalid_text", "message": "この文は送れません。", "retryable": False}
        say(frame, "だめな文")
        expect(frame.locator(".visitor.failed .why")).to_have_text("この文は送れません。")
        server.refuse = None
        frame.get_by_role("button", name="送れませんでした").click()
        expect(frame.locator(".visitor.failed")).to_have_count(0)
        expect(frame.locator(".message.assistant")).to_contain_text("だめな文")


def test_a_new_conversation_leaves_the_old_one_aside(browser: Browser) -> None:
    with ScriptedServer() as server, opened(browser, server) as (_, frame):
        say(frame, "前の話")
        expect(frame.locator(".message.assistant .foot time")).to_be_visible()
        frame.get_by_role("button", name="設定").click()
        frame.get_by_role("button", name="新しい会話を始める").click()
        expect(frame.locator(".message.visitor")).to_have_count(0)
        expect(frame.locator(".quick button").first).to_be_visible()
        assert server.hellos[-1]["new_conversation"] is True
        assert server.hellos[-1]["token"] == json.loads(frame.evaluate("localStorage['omo.token']"))


def test_a_running_reply_can_be_stopped_and_what_came_is_kept(browser: Browser) -> None:
    with ScriptedServer(lambda _: Answer(LONG, pause_s=0.05)) as server, opened(browser, server) as (_, frame):
        say(frame, "長い話")
        expect(frame.locator(".message.assistant .body")).to_contain_text("第0項")
        frame.get_by_role("button", name="回答を止める").click()
        expect(frame.locator(".note")).to_have_text("ここで回答を止めました")
        kept = next(f["data"]["kept"] for f in server.talk.facts if f["type"] == "run.cancelled")
        assert answer_text(frame) == kept
        expect(frame.locator(".stop")).to_be_hidden()
