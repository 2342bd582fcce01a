"""Opens the desk in a real Chromium and tells it a story; used by every test of the desk."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.desk_story import brief, ticket
from tests.browser.scripted_desk import PASSWORD, ScriptedDesk
from tests.browser.widget_page import context_of

SIZE = {"width": 1280, "height": 800}


def sign_in(page: Page, origin: str) -> None:
    page.goto(origin + "/desk/")
    page.get_by_label("ログインID").fill("hanako")
    page.get_by_label("パスワード").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".desk")


@contextmanager
def at_the_desk(browser: Browser, desk: ScriptedDesk, **options: Any) -> Iterator[tuple[Page, BrowserContext]]:
    with context_of(browser, **{"viewport": SIZE, **options}) as (context, troubles):
        page = context.new_page()
        sign_in(page, desk.origin)
        yield page, context
        assert troubles == []


def told(desk: ScriptedDesk, number: int = 1) -> str:
    """A charged conversation with a brief, waiting in the line."""
    name = f"c_{number}"
    desk.tickets[f"t_{number}"] = ticket(number, "p1", "fraud_or_loss", 40, name="田中")
    desk.do(desk.fact(name, "conversation.started", {"locale": "ja"}, {"kind": "visitor"}))
    desk.do(desk.says(name, "カードの再発行はいくらですか", intensity=0.25, moment={"kind": "none", "p": 0.9}))
    desk.do(desk.says(name, "再発行手数料は**1,100円**です。", "assistant"))
    charged = desk.do(desk.says(name, "財布ごとなくしてしまい、カードが使われているかもしれません。",
                                intensity=0.9, moment={"kind": "fraud_or_loss", "p": 0.95}))
    promise = desk.do(desk.says(name, "まず 0120-000-119（24時間）へお電話ください。止めたあとの補償の条件を担当者からご案内します。",
                                "assistant"))
    desk.do(desk.fact(name, "handoff.requested", {"by": "policy", "reason": "fraud_or_loss"}, {"kind": "system"}))
    desk.do(desk.fact(name, "handoff.queued", {"ticket": f"t_{number}", "open": True}, {"kind": "system"}))
    desk.briefs[name] = brief(charged, promise)
    return name


def sent(desk: ScriptedDesk, kind: str) -> list[dict[str, Any]]:
    return [f for f in desk.received if f["type"] == kind]
