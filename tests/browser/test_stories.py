"""Six stories of the demo bank, from the visitor's first word to the agent's last, in real browsers on the real server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from tests.browser.real_desk import GONE_S, accept, product, scene, write
from tests.browser.served import ROOT, ingested
from tests.browser.widget_page import chromium, say

pytestmark = pytest.mark.timeout(300)  # the first test of all also reads the bank's pages
LANGUAGES = ("ja", "en")
LOST = {"ja": "財布を落としました。カードが誰かに使われているかもしれません", "en": "I lost my wallet and somebody may be using my card"}
DEATH = {"ja": "先週、父が亡くなりました。父の口座のことで担当の方と話したいです", "en": "My father died last week. I need to talk to a person about his accounts"}
STRAW = {"ja": ("住所変更の手続きがまだ終わっていません。先月もお願いしたのですが", "これで三回目です。折り返すと言われたのに電話も来ません。もう我慢できません、責任者を出してください"),
         "en": ("My change of address is still not done. I asked for it last month already", "This is the third time. You promised to call back and never did. I have had enough, get me a person")}
ROUTINE = {"ja": "振込手数料はいくらですか", "en": "How much does a transfer cost?"}
PERSON = {"ja": "担当者と話したいです", "en": "I would like to talk to a person"}
HELLO = {"ja": "お待たせいたしました。ここまでの内容は拝見しております。", "en": "Thank you for waiting. I have read everything so far."}
HOSTILE = ("<img src=x onerror=window.pwned=1>", "<script>window.pwned=1</script>", "私の名前は<b id=pwned>です",
           "<svg/onload=window.pwned=1>")
DRAFT = {"ja": "それでは次のお手続きですが、", "en": "So the next step would be"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as it:
        yield it


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ingested(ROOT / "knowledge", tmp_path_factory.mktemp("index"))


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory, index: Path) -> Iterator[str]:
    """The bank while its people are on duty."""
    with product(tmp_path_factory.mktemp("day"), "00:00-24:00", index) as origin:
        yield origin


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory, index: Path) -> Iterator[str]:
    """The bank outside of its hours."""
    with product(tmp_path_factory.mktemp("night"), "", index) as origin:
        yield origin


def assistant_said(frame: Frame) -> list[str]:
    return frame.locator(".list .message.assistant .body").all_inner_texts()


def asks_for_a_person(frame: Frame, language: str) -> None:
    say(frame, PERSON[language])
    expect(frame.locator(".list .line.queued")).to_be_visible(timeout=20_000)


def close(page: Page, note: str) -> None:
    """Finish the talk that is open, as solved."""
    page.locator(".talk-head .tools .solid").click()
    page.locator("#outcome").select_option("solved")
    page.locator("#close-note").fill(note)
    page.locator("dialog .solid").click()
    expect(page.locator(".mine .conv")).to_have_count(0, timeout=10_000)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_lost_at_night_gets_the_number_first(browser: Browser, night: str, language: str, tmp_path: Path) -> None:
    with scene(browser, night, language, tmp_path) as story:
        page, frame = story.visitor()
        say(frame, LOST[language])
        expect(frame.locator(".list .message.assistant .foot time")).not_to_have_count(0, timeout=20_000)
        expect(frame.locator(".list .line.queued")).to_be_visible(timeout=20_000)
        said = frame.locator(".list").inner_text()
        assert said.index("0120-000-119") < said.index(frame.locator(".list .line.queued span").inner_text())
        assert not any(word in said for word in ("おつなぎします", "connecting you"))
        expect(frame.locator(".card.queue")).to_be_visible()
        desk = story.agent("hanako")
        expect(desk.locator(".duty")).to_have_class("duty shut")
        expect(desk.locator(".ticket .badge.p1")).to_be_visible()
        accept(desk)
        expect(desk.locator(".brief .urgent")).to_contain_text("0120-000-119")
        expect(desk.locator(".brief mark")).not_to_have_count(0)
        write(desk, HELLO[language])
        expect(frame.locator(".list .message.agent .body")).to_have_text(HELLO[language])
        order = frame.locator(".list").inner_text()
        assert order.index("佐藤花子") < order.index(HELLO[language])  # announced by name before the first word
        story.shoot("night", page, desk)
        close(desk, "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_death_in_the_family_is_met_with_care_and_a_person(browser: Browser, day: str, language: str,
                                                             tmp_path: Path) -> None:
    with scene(browser, day, language, tmp_path) as story:
        desk = story.agent("hanako")
        page, frame = story.visitor()
        say(frame, DEATH[language])
        expect(frame.locator(".list .line.queued")).to_be_visible(timeout=20_000)
        assert not any("!" in text or "！" in text for text in assistant_said(frame))
        accept(desk)
        expect(desk.locator(".talk-head .badge.p2, .talk-head .badge.p1")).to_be_visible()
        expect(desk.locator(".brief .tone")).not_to_be_empty()
        expect(desk.locator(".side .curve svg")).to_be_visible()
        write(desk, HELLO[language])
        spoken = len(assistant_said(frame))
        say(frame, ROUTINE[language])  # with a person at the desk the assistant keeps silent
        expect(desk.locator(".message.visitor .body").last).to_have_text(ROUTINE[language])
        write(desk, "0120-000-150")
        assert len(assistant_said(frame)) == spoken
        story.shoot("bereavement", page, desk)
        close(desk, "相続の必要書類を案内")
        expect(frame.locator(".card.feedback")).to_be_visible(timeout=10_000)
        frame.locator(".card.feedback .score").last.click()
        story.shoot("bereavement-after", page, desk)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_last_straw_reaches_a_person_who_knows_what_was_tried(browser: Browser, day: str, language: str,
                                                                 tmp_path: Path) -> None:
    with scene(browser, day, language, tmp_path) as story:
        desk = story.agent("ken")
        page, frame = story.visitor()
        first, second = STRAW[language]
        say(frame, first)
        expect(frame.locator(".list .message.assistant .foot time")).not_to_have_count(0, timeout=20_000)
        say(frame, second)
        expect(frame.locator(".list .line.queued")).to_be_visible(timeout=20_000)
        accept(desk)
        expect(desk.locator(".brief mark")).not_to_have_count(0)
        expect(desk.locator(".brief dd.issue")).not_to_be_empty()
        desk.locator(".composer textarea").press("/")
        desk.keyboard.type("sorry")
        desk.keyboard.press("Enter")
        expect(desk.locator(".composer textarea")).not_to_have_value("")
        desk.locator(".composer textarea").fill(HELLO[language])
        desk.keyboard.press("Enter")
        expect(frame.locator(".list .message.agent .body")).to_have_text(HELLO[language])
        desk.keyboard.press("Escape")
        desk.keyboard.press("n")
        desk.keyboard.type("住所変更は本日中に処理")
        desk.keyboard.press("Enter")
        expect(desk.locator(".list .note .body")).to_have_text("住所変更は本日中に処理")
        assert "住所変更は本日中に処理" not in frame.locator("body").inner_text()
        story.shoot("straw", page, desk)
        desk.locator(".talk-head .tools .ghost").nth(1).click()
        desk.locator("#summary").fill("本日中に住所変更を終え、明日10時に電話する約束")
        desk.locator("dialog .solid").click()
        expect(desk.locator(".mine .conv")).to_have_count(0)
        expect(frame.locator(".list .line.released, .list .line.agentLeft")).not_to_have_count(0, timeout=10_000)
        before = assistant_said(frame)
        assert not any(word in before[-1] for word in ("こんにちは", "Hello"))  # no second greeting
        say(frame, ROUTINE[language])
        expect(frame.locator(".list .message.assistant .cite").last).to_be_visible(timeout=20_000)
        story.shoot("straw-after", page, desk)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_routine_question_never_reaches_the_line(browser: Browser, day: str, language: str, tmp_path: Path) -> None:
    with scene(browser, day, language, tmp_path) as story:
        desk = story.agent("hanako")
        page, frame = story.visitor()
        say(frame, ROUTINE[language])
        expect(frame.locator(".list .message.assistant .cite")).not_to_have_count(0, timeout=20_000)
        page.wait_for_timeout(1500)
        assert desk.locator(".ticket, .ring").count() == 0
        assert frame.locator(".list .line.queued").count() == 0
        story.shoot("routine", page, desk)


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_two_agents_who_press_at_once_one_has_it(browser: Browser, day: str, language: str, tmp_path: Path) -> None:
    with scene(browser, day, language, tmp_path) as story:
        one, two = story.agent("hanako"), story.agent("ken")
        page, frame = story.visitor()
        asks_for_a_person(frame, language)
        for desk in (one, two):
            desk.locator(".ticket").click()
            expect(desk.locator(".gate .solid")).to_be_enabled()
        press = "setTimeout(() => document.querySelector('.gate .solid').click(), {} - Date.now())"
        at = one.evaluate("Date.now() + 400")
        for desk in (one, two):
            desk.evaluate(press.format(at))
        page.wait_for_timeout(2500)
        held = [desk.locator(".mine .conv").count() for desk in (one, two)]
        assert sorted(held) == [0, 1]
        winner, loser = (one, two) if held[0] else (two, one)
        expect(loser.locator(".ticket")).to_have_count(0)
        expect(loser.locator(".gate")).to_be_visible()
        assert not loser.locator(".modes [data-mode=reply]").is_enabled()
        write(winner, HELLO[language])
        expect(frame.locator(".list .line.joined")).to_have_count(1)
        story.shoot("race", page, winner, loser)
        close(winner, "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_laptop_that_dies_in_mid_sentence_costs_the_visitor_nothing(browser: Browser, day: str, language: str,
                                                                     tmp_path: Path) -> None:
    with scene(browser, day, language, tmp_path) as story:
        dying = story.agent("hanako")
        page, frame = story.visitor()
        asks_for_a_person(frame, language)
        accept(dying)
        write(dying, HELLO[language])
        dying.locator(".composer textarea").fill(DRAFT[language])
        dying.wait_for_timeout(300)
        other = story.agent("ken")
        dying.context.set_offline(True)
        dying.evaluate("window.dispatchEvent(new Event('offline'))")
        kept = dying.context.storage_state()
        dying.close()
        expect(other.locator(".ticket")).to_be_visible(timeout=(GONE_S + 15) * 1000)
        story.shoot("laptop-lost", page, other)
        accept(other)
        expect(other.locator(".list .message.agent .body")).to_have_text(HELLO[language])  # everything is there
        write(other, HELLO[language] + " (2)")
        expect(frame.locator(".list .message.agent .body").last).to_have_text(HELLO[language] + " (2)")
        assert any(DRAFT[language] in item["value"] for origin in kept["origins"] for item in origin["localStorage"])
        story.shoot("laptop-after", page, other)
        close(other, "")


def test_hostile_words_from_the_widget_run_nowhere(browser: Browser, day: str, tmp_path: Path) -> None:
    with scene(browser, day, "ja", tmp_path) as story:
        desk = story.agent("hanako")
        _, frame = story.visitor()
        asks_for_a_person(frame, "ja")
        accept(desk)
        for payload in HOSTILE:
            say(frame, payload)
            expect(desk.locator(".message.visitor .body").last).to_have_text(payload, timeout=10_000)
            write(desk, payload)
            expect(frame.locator(".list .message.agent .body").last).to_be_visible()
        desk.wait_for_timeout(5000)  # the brief is drawn anew with all of it
        for page in (desk, frame):
            assert page.evaluate("window.pwned === undefined && !document.querySelector('#pwned, iframe, img[src=x]')")
        close(desk, HOSTILE[0])


def test_a_supervisor_is_called_looks_in_and_joins_and_the_talk_is_passed_on(browser: Browser, day: str,
                                                                            tmp_path: Path) -> None:
    with scene(browser, day, "ja", tmp_path) as story:
        agent, senior = story.agent("hanako"), story.agent("misaki")
        senior.locator(".presence").click()
        page, frame = story.visitor()
        asks_for_a_person(frame, "ja")
        accept(agent)
        write(agent, HELLO["ja"])
        agent.get_by_role("button", name="応援を呼ぶ").click()
        expect(senior.locator(".ring.alert")).to_contain_text("佐藤花子さんが応援を求めています")
        senior.locator(".switch[data-to=team]").first.click()
        expect(senior.locator(".people")).to_contain_text("佐藤花子")
        expect(senior.locator(".any .earlier button")).to_have_count(1, timeout=10_000)
        senior.locator(".any .earlier button").click()
        senior.get_by_role("button", name="会話に加わる").click()
        expect(senior.locator(".composer textarea")).to_be_focused(timeout=10_000)
        write(senior, "上席の中村です。")
        expect(frame.locator(".list .line.joined")).to_have_count(2)
        expect(frame.locator(".list .message.agent .body").last).to_have_text("上席の中村です。")
        story.shoot("supervisor", page, agent, senior)
        senior.locator(".presence").click()
        expect(senior.locator(".presence")).to_have_attribute("aria-checked", "true")
        agent.locator(".switch[data-to=team]").first.click()
        expect(agent.locator(".people li.available", has_text="中村美咲")).to_be_visible()
        agent.get_by_role("button", name="引き継ぐ").click()
        agent.locator("#to").select_option(label="中村美咲（受付できます・担当0件）")
        agent.locator("#transfer-note").fill("補償の説明からお願いします")
        agent.locator("dialog .solid").click()
        expect(agent.locator(".mine .conv")).to_have_count(0)
        accept(senior)
        expect(senior.locator(".note .body")).to_have_text("補償の説明からお願いします")
        close(senior, "")
