"""Hostile words and every reader: nothing a customer writes runs at the desk, and axe-core finds nothing serious."""

import json
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from tests.browser.desk_page import at_the_desk, told
from tests.browser.desk_story import brief, ticket
from tests.browser.scripted_desk import ScriptedDesk
from tests.browser.scripted_server import ScriptedServer
from tests.browser.scripted_talk import Answer
from tests.browser.widget_page import chromium, opened, say

PAYLOADS = (
    "<img src=x onerror=\"window.pwned=1\">", "<script>window.pwned=1</script>", "<svg/onload=window.pwned=1>",
    "[x](javascript:window.pwned=1)", "\"><iframe srcdoc='<script>parent.pwned=1</script>'>", "</textarea><b id=pwned>",
    "${window.pwned=1}", "{{constructor.constructor('window.pwned=1')()}}", "<a href=\"javascript:pwned=1\" id=pwned>x</a>",
    "[1]: javascript:pwned=1\n[1]", "<math><mtext><style><img src=x onerror=pwned=1></style>", "javascript:window.pwned=1//")
RULES = "axe.run(document, {resultTypes: ['violations']}).then((r) => r.violations)"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as it:
        yield it


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core, fetched for the test and kept nowhere."""
    folder = tmp_path_factory.mktemp("axe")
    if not shutil.which("npm"):
        pytest.skip("npm is not here, axe-core cannot be fetched")
    try:
        subprocess.run(["npm", "pack", "axe-core@4", "--silent"], cwd=folder, check=True, capture_output=True,
                       timeout=60)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        pytest.skip("npm reaches no registry, axe-core cannot be fetched")
    with tarfile.open(next(folder.glob("*.tgz"))) as package:
        source = package.extractfile("package/axe.min.js")
        assert source is not None
        return source.read().decode()


def serious(page: Page | Frame, axe: str) -> list[dict[str, Any]]:
    """What axe-core calls serious or critical, with the nodes it means."""
    page.evaluate(axe + "; undefined")
    found = page.evaluate(RULES)
    return [{"id": v["id"], "help": v["help"], "nodes": [n["html"][:160] + " " + str(n.get("failureSummary"))[:200]
                                                         for n in v["nodes"][:4]]}
            for v in found if v["impact"] in ("serious", "critical")]


def hostile(desk: ScriptedDesk) -> None:
    """A conversation in which every field that a stranger can fill is a payload."""
    everything = " ".join(PAYLOADS)
    for number, payload in enumerate(PAYLOADS, 2):
        desk.tickets[f"t_{number}"] = {**ticket(number, "p2", "none", 5, name=payload), "preview": payload}
    told(desk)
    desk.tickets["t_1"] |= {"name": PAYLOADS[0], "preview": everything,
                            "contact": {"choice": "email", "email": PAYLOADS[8]}}
    for payload in PAYLOADS:
        desk.do(desk.says("c_1", payload, intensity=0.8, moment={"kind": payload, "p": 1}))
        desk.do(desk.says("c_1", payload, "assistant"))
        desk.do(desk.fact("c_1", "note.added", {"note": f"n_{payload}", "text": payload},
                          {"kind": "agent", "id": "a_2", "name": payload}))
        desk.do(desk.fact("c_1", "collect.given", {"key": "name", "value": payload}, {"kind": "visitor"}))
        desk.do(desk.fact("c_1", "feedback.given", {"kind": "answer", "value": payload, "comment": payload},
                          {"kind": "visitor"}))
    packet = brief("m_x", "m_y")
    packet["customer"]["name"] = PAYLOADS[0]
    packet["reason"] = {"code": PAYLOADS[1], "text": everything, "by": "customer", "evidence": [
        {"message": "m_x", "start": 0, "end": 5, "quote": everything}]}
    packet["summary"] |= {"issue": {"quote": everything, "message": PAYLOADS[5]}, "tried": [{"quote": PAYLOADS[2]}]}
    packet["promises"] = [{"quote": everything, "message": "m_x", "by": "agent"}]
    packet["knowledge"] = [{"page": PAYLOADS[11], "url": "javascript:window.pwned=1", "anchor": PAYLOADS[8],
                            "title": PAYLOADS[0]}]
    packet["collected"] = {PAYLOADS[0]: everything}
    desk.briefs["c_1"] = packet
    desk.earlier = [{"conversation": "c_9", "created_at": "x", "updated_at": PAYLOADS[1], "kind": PAYLOADS[0],
                     "outcome": PAYLOADS[2], "driver": "closed", "last": {"text": everything}}]


@pytest.mark.parametrize("take", [False, True])
def test_nothing_that_a_customer_writes_runs(browser: Browser, take: bool) -> None:
    with ScriptedDesk() as desk:
        hostile(desk)
        with at_the_desk(browser, desk) as (page, _):
            asked: list[str] = []
            page.on("request", lambda request: asked.append(request.url))
            page.on("dialog", lambda dialog: asked.append("dialog"))
            page.locator(".ticket").first.click()
            expect(page.locator(".note")).to_have_count(len(PAYLOADS))
            if take:
                page.keyboard.press("a")
                expect(page.locator(".mine .conv")).to_have_count(1)
                expect(page.locator(".composer textarea")).to_be_focused()
                page.keyboard.type("/")
                page.keyboard.type("お詫び")
                page.keyboard.press("Enter")
                page.keyboard.press("Enter")
                expect(page.locator(".message.agent")).not_to_have_count(0)
            page.wait_for_timeout(500)
            assert page.evaluate("window.pwned === undefined && !document.querySelector('#pwned')")
            assert page.locator("iframe, script:not([src]), img, a[href^='javascript:']").count() == 0
            assert [url for url in asked if not url.startswith((desk.origin, "blob:"))] == []
            assert page.locator(".message.visitor .body", has_text="<img src=x").count() >= 1


@pytest.mark.parametrize(("language", "theme"), [("ja", "light"), ("en", "dark")])
def test_axe_finds_nothing_serious_on_the_desk(browser: Browser, axe: str, language: str, theme: str) -> None:
    with ScriptedDesk("supervisor") as desk:
        told(desk)
        for number, severity in enumerate(("p1", "p2", "p3", "p4"), 2):
            desk.tickets[f"t_{number}"] = ticket(number, severity, "complaint", 90, contact={"choice": "callback"})
        desk.tickets["t_4"]["abuse"] = True
        settings = json.dumps({"theme": theme, "sound": False})
        with at_the_desk(browser, desk, bypass_csp=True, reduced_motion="reduce") as (page, _):
            page.evaluate(f"localStorage['omo.desk.settings'] = {json.dumps(settings)};"
                          f"localStorage['omo.desk.locale'] = JSON.stringify('{language}')")
            page.reload()
            page.locator(".ticket").first.click()
            expect(page.locator(".brief mark")).to_be_visible()
            assert serious(page, axe) == []
            page.keyboard.press("a")
            expect(page.locator(".composer textarea")).to_be_focused()
            page.keyboard.type("メモの前")
            page.keyboard.press("Enter")
            page.keyboard.press("Escape")
            page.keyboard.press("s")
            expect(page.locator(".suggestion")).to_be_visible()
            desk.do(desk.says("c_1", "ひどい言葉", intensity=0.9, abuse=True, moment={"kind": "none", "p": 1}))
            desk.do(desk.ring("t_2"))
            desk.do(desk.tell({"type": "alert", "kind": "supervisor_call", "conversation": "c_3", "name": "高橋"}))
            expect(page.locator(".ring")).to_have_count(2)
            assert serious(page, axe) == []
            page.keyboard.press("n")
            page.locator(".settings > button").click()
            page.locator(".switch[data-to=team]").first.click()
            assert serious(page, axe) == []
            page.locator(".talk-head .tools .solid").click()
            expect(page.locator("dialog")).to_be_visible()
            assert serious(page, axe) == []
            page.keyboard.press("Escape")
            page.set_viewport_size({"width": 820, "height": 1100})
            page.locator("#tab-side").click()
            assert serious(page, axe) == []
            desk.signed_in = False
            page.goto(desk.origin + "/desk/")
            expect(page.locator(".door")).to_be_visible()
            assert serious(page, axe) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_the_widget(browser: Browser, axe: str, scheme: str) -> None:
    cited = Answer("手数料は**1,100円**です。[1]", {"citations": [{"n": 1, "page": "ja/fees", "anchor": "a", "quote": "1,100円",
                   "title": "各種手数料", "url": "/v1/pages/ja/fees"}]})
    options: dict[str, Any] = {"bypass_csp": True, "color_scheme": scheme, "reduced_motion": "reduce"}
    with ScriptedServer(lambda _: cited) as server, opened(browser, server, **options) as (page, frame):
        assert serious(frame, axe) == []
        say(frame, "再発行はいくら？")
        expect(frame.locator("button.cite")).to_be_visible()
        server.do(server.agent_joins(server.talk, "佐藤"))
        server.do(server.agent_says(server.talk, "佐藤", "こんにちは"))
        expect(frame.locator(".message.agent")).to_be_visible()
        assert serious(frame, axe) == []
        frame.get_by_role("button", name="設定").click()
        assert serious(frame, axe) == []
        assert page.evaluate("1") == 1
