"""The desk in a real browser against a scripted server: in at the door, along the line, into a talk and out again."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.desk_page import SIZE, at_the_desk, sent, told
from tests.browser.desk_story import ticket
from tests.browser.scripted_desk import PASSWORD, ScriptedDesk
from tests.browser.widget_page import chromium, context_of, wait_until


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as it:
        yield it


def test_a_wrong_password_is_told_and_the_right_one_opens(browser: Browser) -> None:
    with ScriptedDesk() as desk, context_of(browser, viewport=SIZE) as (context, troubles):
        page = context.new_page()
        page.goto(desk.origin + "/desk/")
        page.get_by_label("ログインID").fill("hanako")
        page.get_by_label("パスワード").fill("wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("IDかパスワードが違います。")
        page.get_by_label("パスワード").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator(".who").first).to_contain_text("佐藤 花子")
        page.reload()
        expect(page.locator(".line-column .empty")).to_contain_text("お待ちの方はいません")
        assert troubles == []


def test_from_the_line_to_the_last_word_with_the_keyboard_alone(browser: Browser) -> None:
    with ScriptedDesk() as desk:
        told(desk)
        with at_the_desk(browser, desk) as (page, _):
            expect(page.locator(".ticket")).to_have_count(1)
            page.keyboard.press("j")
            page.keyboard.press("Enter")
            expect(page.locator(".brief mark")).to_have_text("財布ごとなくしてし")
            expect(page.locator(".promises")).to_contain_text("補償の条件")
            expect(page.locator(".urgent")).to_contain_text("0120-000-119")
            page.keyboard.press("a")
            box = page.get_by_label("お客さまへの返信")
            expect(box).to_be_focused()
            expect(page.locator(".mine .conv")).to_have_count(1)
            page.keyboard.type("/")
            page.keyboard.type("挨拶")
            page.keyboard.press("Enter")
            expect(box).to_have_value("お待たせいたしました。あおば銀行の佐藤 花子です。これまでの内容は拝見しております。")
            page.keyboard.press("Enter")
            expect(page.locator(".message.agent .body").last).to_contain_text("佐藤 花子です")
            page.keyboard.press("Escape")
            page.keyboard.press("n")
            page.keyboard.type("本人確認はまだ")
            page.keyboard.press("Enter")
            expect(page.locator(".note .body")).to_have_text("本人確認はまだ")
            assert [f["data"]["text"] for f in sent(desk, "note.add")] == ["本人確認はまだ"]
            page.keyboard.press("Escape")
            page.keyboard.press("s")
            expect(page.locator(".suggestion")).to_contain_text("1,100円")
            page.keyboard.press("r")
            page.keyboard.press("Alt+Digit1")
            expect(box).to_have_value("カードの再発行は1,100円です。[1]")
            assert len(sent(desk, "message.send")) == 1  # a suggestion fills, it never sends
            box.press("End")
            box.type("よろしいでしょうか")
            page.keyboard.press("Enter")
            wait_until(page, lambda: len(sent(desk, "message.send")) == 2)
            used = sent(desk, "message.send")[1]["data"]
            assert used["suggestion"] == {"id": "s_1", "original": "カードの再発行は1,100円です。[1]"}
            page.get_by_role("button", name="終える").click()
            page.get_by_label("結果").select_option("solved")
            page.get_by_role("dialog").get_by_role("button", name="終える").click()
            expect(page.locator(".mine .conv")).to_have_count(0)
            assert sent(desk, "handoff.close")[0]["data"]["outcome"] == "solved"


def test_what_rings_is_taken_with_one_key_and_takes_no_focus(browser: Browser) -> None:
    with ScriptedDesk() as desk:
        told(desk)
        with at_the_desk(browser, desk) as (page, _):
            expect(page.locator(".ticket")).to_have_count(1)
            before = page.evaluate("document.activeElement.className")
            desk.do(desk.ring("t_1", 20))
            expect(page.locator(".ring")).to_contain_text("不正・紛失")
            assert page.evaluate("document.activeElement.className") == before
            wait_until(page, lambda: page.title().startswith("(1)"))
            page.keyboard.press("a")
            expect(page.locator(".ring")).to_have_count(0)
            expect(page.locator(".mine .conv")).to_contain_text("田中")


def test_a_colleague_was_faster(browser: Browser) -> None:
    with ScriptedDesk() as desk:
        told(desk)
        desk.refuse["handoff.accept"] = {"code": "not_allowed", "message": "いまはできません。", "retryable": False}
        with at_the_desk(browser, desk) as (page, _):
            page.locator(".ticket").click()
            page.get_by_role("button", name="引き受ける").click()
            expect(page.locator(".toast")).to_have_text("ほかの担当者が引き受けました")


def test_a_cut_loses_neither_draft_nor_message(browser: Browser) -> None:
    with ScriptedDesk() as desk:
        told(desk)
        with at_the_desk(browser, desk) as (page, context):
            page.locator(".ticket").click()
            page.keyboard.press("a")
            box = page.get_by_label("お客さまへの返信")
            expect(box).to_be_focused()
            context.set_offline(True)
            desk.do(desk.drop())
            expect(page.locator(".banner")).to_contain_text("失われません")
            box.fill("切れている間に送った文")
            box.press("Enter")
            box.fill("書きかけ")
            expect(page.locator(".pending .message")).to_have_count(1)
            desk.do(desk.says("c_1", "切れている間の客の文"))
            context.set_offline(False)
            expect(page.locator(".list:not(.pending) .message.agent .body")).to_have_text(["切れている間に送った文"], timeout=15_000)
            expect(page.locator(".message.visitor .body").last).to_have_text("切れている間の客の文")
            expect(page.locator(".pending .message")).to_have_count(0)
            page.reload()
            expect(page.get_by_label("お客さまへの返信")).to_have_value("書きかけ")
            texts = [f["data"]["text"] for f in desk.facts["c_1"] if f["type"] == "message.created"]
            assert texts.count("切れている間に送った文") == 1


def test_enter_never_sends_while_a_word_is_being_chosen(browser: Browser) -> None:
    with ScriptedDesk() as desk:
        told(desk)
        with at_the_desk(browser, desk) as (page, context):
            page.locator(".ticket").click()
            page.keyboard.press("a")
            box = page.get_by_label("お客さまへの返信")
            expect(box).to_be_focused()
            session = context.new_cdp_session(page)
            session.send("Input.imeSetComposition", {"text": "かくにん", "selectionStart": 4, "selectionEnd": 4})
            page.keyboard.press("Enter")
            assert sent(desk, "message.send") == []
            session.send("Input.insertText", {"text": "確認します"})
            page.keyboard.press("Enter")
            wait_until(page, lambda: len(sent(desk, "message.send")) == 1)


def test_harsh_words_stay_veiled_until_opened_and_opening_is_told(browser: Browser) -> None:
    with ScriptedDesk() as desk:
        told(desk)
        desk.tickets["t_1"]["abuse"] = True
        desk.tickets["t_1"]["preview"] = "ひどい言葉そのもの"
        desk.do(desk.says("c_1", "ひどい言葉そのもの", intensity=0.9, abuse=True, moment={"kind": "none", "p": 1}))
        with at_the_desk(browser, desk) as (page, _):
            expect(page.locator(".ticket")).to_contain_text("強い言葉を含みます")
            page.locator(".ticket").click()
            expect(page.locator(".message .veil")).to_be_visible()
            assert "ひどい言葉そのもの" not in page.locator("body").inner_text()
            page.locator(".message .veil").click()
            expect(page.locator(".message.visitor .body").last).to_have_text("ひどい言葉そのもの")
            assert len(sent(desk, "veil.open")) == 1


def test_an_open_place_in_a_snippet_is_not_sent(browser: Browser) -> None:
    with ScriptedDesk() as desk:
        told(desk)
        desk.tickets["t_1"].pop("name")
        with at_the_desk(browser, desk) as (page, _):
            page.locator(".ticket").click()
            page.keyboard.press("a")
            box = page.get_by_label("お客さまへの返信")
            expect(box).to_be_focused()
            page.keyboard.type("/")
            page.keyboard.type("お詫び")
            page.keyboard.press("Enter")
            assert page.evaluate("getSelection().toString() || document.activeElement.value.slice("
                                 "document.activeElement.selectionStart, document.activeElement.selectionEnd)") == "{name}"
            page.keyboard.press("Enter")
            expect(page.locator(".toast")).to_contain_text("{name}")
            assert sent(desk, "message.send") == []
            page.keyboard.type("田中")
            page.keyboard.press("Enter")
            wait_until(page, lambda: len(sent(desk, "message.send")) == 1)
            assert sent(desk, "message.send")[0]["data"]["text"].startswith("田中様")


def test_new_arrivals_are_announced_together(browser: Browser) -> None:
    with ScriptedDesk() as desk, at_the_desk(browser, desk) as (page, _):
        page.evaluate("""() => { window.said = []; new MutationObserver(() =>
            window.said.push(document.querySelector('[role=log].unseen').textContent))
            .observe(document.querySelector('[role=log].unseen'), {childList: true}); }""")
        for n in range(1, 31):
            desk.do(desk.tell({"type": "line.updated", "tickets": [ticket(n, "p4")], "removed": [], "waiting": n}))
        expect(page.locator(".ticket").first).to_be_visible()
        page.wait_for_timeout(6500)
        said = page.evaluate("window.said")
        assert 1 <= len(said) <= 3
        assert "30 人" in said[-1]


def test_the_page_speaks_english_and_goes_dark(browser: Browser) -> None:
    with ScriptedDesk() as desk:
        told(desk)
        with at_the_desk(browser, desk) as (page, _):
            page.get_by_role("button", name="設定").click()
            page.get_by_label("言語 / Language").select_option("en")
            expect(page.get_by_role("button", name="Keyboard")).to_be_visible()
            page.get_by_role("button", name="Settings").click()
            page.get_by_label("Theme").select_option("dark")
            assert page.evaluate("document.documentElement.dataset.theme") == "dark"
            page.reload()
            expect(page.locator(".ticket")).to_contain_text("Fraud or loss")
            assert page.evaluate("document.documentElement.lang") == "en"
            assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
