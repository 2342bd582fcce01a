"""What the widget must never do: run a stranger's words, call anybody else, be read by the page, weigh too much."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, expect

from assistant.server.static import make_asset
from tests.browser.scripted_server import ScriptedServer, locate
from tests.browser.widget_page import chromium, context_of, host_page, panel, say, wait_until

LOADER_BYTES = 6 * 1024
OPENED_BYTES = 45 * 1024
SCRIPT_MS = 10.0
OWN = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))", "[a](data:text/html,<script>alert(1)</script>)",
    "![x](https://evil.example/pixel.png)", "[a](vbscript:x)", "<svg/onload=alert(1)>",
    "[x]( https://evil.example/?q=\"onmouseover=alert(1) )", "`<b onclick=alert(1)>`",
    "| <img src=//evil.example/x> |\n|---|\n| <iframe src=javascript:alert(1)> |",
    "<style>@import '//evil.example/x.css'</style>", "[a](\u0001javascript:alert(1))",
    "[a](java\nscript:alert(1))", "<a href='javascript:alert(1)'>a</a>", "</textarea><script>alert(1)</script>",
    "**<img src=x onerror=alert(1)>**", "> <object data=//evil.example>", "[1](javascript:alert(1))",
    "tel:javascript:alert(1)", "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<link rel=prefetch href=//evil.example/p>", "javascript:alert(1)", "[a](https://[evil)",
    "[a](//evil.example)", "\u202etxt.exe\u202c [b](file:///etc/passwd)", "[x](blob:https://a/b)",
]


def payloads() -> list[str]:
    """Our own strings, and a collected list where it lies beside the project."""
    collected = Path(__file__).resolve().parents[3] / "shared" / "data" / "hostile" / "xss_payloads.txt"
    if not collected.is_file():
        return OWN
    return OWN + [line for line in collected.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as it:
        yield it


def test_hostile_words_run_nothing_and_call_nobody(browser: Browser) -> None:
    server = ScriptedServer()
    every = payloads()
    server.inline = len(every) * 2
    with server, context_of(browser) as (context, troubles):
        host_page(server)
        page = context.new_page()
        page.goto(server.origin + "/host")
        frame = panel(page)
        say(frame, "はじめ")
        expect(frame.locator(".message.assistant .foot time")).to_be_visible()
        for start in range(0, len(every), 25):
            server.do(fill(server, every[start:start + 25]))
        alarms: list[str] = []
        page.on("dialog", lambda dialog: (alarms.append(dialog.message), dialog.dismiss()))
        ours = (server.origin, "data:", server.origin.replace("http", "ws"))
        context.on("request", lambda r: None if r.url.startswith(ours) else alarms.append(r.url))
        page.reload()
        frame = panel(page)
        expect(frame.locator(".message.agent").last).to_be_visible(timeout=30_000)
        page.wait_for_timeout(500)
        schemes = frame.evaluate("[...new Set([...document.querySelectorAll('[href]')].map((a) => a.protocol || ''))]")
        assert set(schemes) <= {"http:", "https:", "mailto:", "tel:", "data:", ""}
        foreign = "document.querySelectorAll('body :is(script, iframe, object, embed, img, style, meta, link)').length"
        assert frame.evaluate(foreign) == 0
        assert frame.evaluate("""[...document.querySelectorAll('body *')].filter(
            (e) => [...e.attributes].some((a) => a.name.startsWith('on'))).length""") == 0
        assert alarms == []
        assert troubles == []
        assert "frame.html" in frame.url


async def fill(server: ScriptedServer, words: list[str]) -> None:
    """Put the words through every door of a conversation."""
    talk = server.talk
    for word in words:
        await server.agent_says(talk, word[:80], word)
    text = "\n\n".join(words)
    citation = {"n": 1, "page": text[:99], "anchor": words[0], "title": words[0], "url": words[-1], "quote": text}
    whole = {"message": f"m_{talk.head}", "text": text + " [1]", "citations": [citation],
             "quick_replies": words[:3], "finish_reason": "stop"}
    await server.fact(talk, "message.created", whole, {"kind": "assistant"})
    await server.fact(talk, "message.created", {"message": f"m_{talk.head}", "text": text}, {"kind": "visitor"})
    await server.fact(talk, "agent.joined", {"name": words[0]}, {"kind": "agent"})


def test_the_page_cannot_read_the_talk_and_strangers_are_not_heard(browser: Browser) -> None:
    with ScriptedServer() as widget, ScriptedServer() as company, context_of(browser) as (context, troubles):
        host_page(company, widget.origin)
        page = context.new_page()
        page.goto(company.origin + "/host")
        frame = panel(page)
        say(frame, "ひみつの相談")
        expect(frame.locator(".message.assistant .foot time")).to_be_visible()
        assert page.evaluate("document.querySelector('omotenashi-widget').shadowRoot") is None
        assert page.evaluate("window.frames.length") == 0
        page.evaluate("window.heard = []; addEventListener('message', (e) => heard.push(JSON.stringify(e.data)))")
        page.evaluate("""(src) => new Promise((onload) => {
            document.body.append(Object.assign(document.createElement('iframe'), { src, onload }));
        })""", widget.origin + "/widget/frame.html?host=" + company.origin)
        for reach in ("document", "localStorage", "document.body.innerText"):
            with pytest.raises(Error, match="cross-origin"):
                page.evaluate(f"window.frames[0].{reach}")
        page.evaluate("window.postMessage({omotenashi: 1, type: 'close'}, '*')")
        page.wait_for_timeout(300)
        assert page.evaluate("document.querySelector('omotenashi-widget').hasAttribute('open')")
        assert "ひみつ" not in "".join(page.evaluate("heard"))
        say(frame, "もうひとつ")
        expect(frame.locator(".message.visitor")).to_have_count(2)
        assert "もうひとつ" not in "".join(page.evaluate("heard"))
        assert [t for t in troubles if "frame.html" not in t] == []


def test_the_page_asks_and_hears_events_without_words(browser: Browser) -> None:
    with ScriptedServer() as server:
        host_page(server, attributes="")
        with context_of(browser) as (context, troubles):
            page = context.new_page()
            page.goto(server.origin + "/host")
            page.evaluate("""() => {
                window.events = [];
                for (const name of ['ready', 'open', 'close', 'message', 'handoff', 'agent', 'connection'])
                    Omotenashi.on(name, (detail) => events.push([name, detail]));
            }""")
            page.evaluate("Omotenashi.context({url: '/cards', cart: {items: 2}}); Omotenashi.ask('カードについて')")
            frame = panel(page)
            expect(frame.locator(".message.assistant .foot time")).to_be_visible()
            server.do(server.agent_joins(server.talk, "佐藤"))
            wait_until(page, lambda: page.evaluate("events.some(([n]) => n === 'agent')"))
            events = page.evaluate("events")
            assert ["message", {"from": "visitor"}] in events
            assert ["message", {"from": "assistant"}] in events
            assert ["agent", {"name": "佐藤", "present": True}] in events
            assert ["handoff", {"state": "agent"}] in events
            assert "カードについて" not in str(events)
            assert server.hellos[0]["context"] == {"url": "/cards", "cart": '{"items":2}'}
            page.evaluate("Omotenashi.close()")
            wait_until(page, lambda: page.evaluate("events.some(([n]) => n === 'close')"))
            assert troubles == []


def test_the_companys_colours_reach_the_panel(browser: Browser) -> None:
    with ScriptedServer() as server:
        host_page(server, attributes="")
        with context_of(browser) as (context, troubles):
            page = context.new_page()
            page.goto(server.origin + "/host")
            page.evaluate("document.documentElement.style.setProperty('--omo-accent', 'rgb(33, 70, 155)')")
            page.evaluate("document.documentElement.style.setProperty('--omo-surface', 'url(https://evil.example/x)')")
            page.evaluate("Omotenashi.open()")
            frame = panel(page)
            say(frame, "色は？")
            expect(frame.locator(".message.visitor .bubble")).to_have_css("background-color", "rgb(33, 70, 155)")
            expect(frame.locator(".bottom")).to_have_css("background-color", "rgb(255, 255, 255)")
            assert troubles == []


def weigh(paths: set[str]) -> int:
    """Compressed bytes of files as they are served."""
    files = [locate(path) for path in paths]
    assets = [make_asset(file.read_bytes(), file.suffix) for file in files if file]
    return sum(len(asset.squeezed or asset.body) for asset in assets)


def test_bytes_requests_and_time_stay_within_the_budget(browser: Browser) -> None:
    with ScriptedServer() as server, context_of(browser) as (context, _):
        host_page(server, attributes="")
        foreign: list[str] = []
        ours = (server.origin, "data:")
        context.on("request", lambda r: None if r.url.startswith(ours) else foreign.append(r.url))
        page = context.new_page()
        page.goto(server.origin + "/host")
        page.wait_for_timeout(300)
        closed = {path for path in server.requests if path != "/host"}
        assert closed == {"/widget.js"}
        assert server.requests.count("/widget.js") == 1
        assert weigh(closed) <= LOADER_BYTES
        page.evaluate("Omotenashi.open()")
        frame = panel(page)
        say(frame, "こんにちは")
        expect(frame.locator(".message.assistant .foot time")).to_be_visible()
        expect(frame.locator(".picture svg:not(.placeholder)")).to_be_visible()
        page.wait_for_timeout(300)
        opened_paths = {path for path in server.requests if path != "/host"}
        preloads = "[...document.querySelectorAll('[rel=modulepreload]')].map((l) => new URL(l.href).pathname)"
        listed = set(frame.evaluate(preloads))
        later = ("/widget/face/", "/widget/strings/")
        scripts = {p for p in opened_paths - closed if p.endswith(".js") and not p.startswith(later)}
        assert scripts == listed  # else the browser finds them one import after the other
        print(f"closed {weigh(closed)} B, opened {weigh(opened_paths)} B gz in {len(opened_paths)} files")
        assert weigh(opened_paths) <= OPENED_BYTES
        assert foreign == []


def test_the_loader_takes_at_most_ten_milliseconds_of_script(browser: Browser) -> None:
    with ScriptedServer() as server, context_of(browser) as (context, _):
        host_page(server, attributes="")
        server.pages["/bare"] = ("<!doctype html><link rel=icon href='data:,'><body>", "")
        page = context.new_page()
        meter = context.new_cdp_session(page)
        meter.send("Performance.enable")

        def cost(path: str) -> float:
            page.goto(server.origin + path)
            page.wait_for_timeout(200)
            metrics = {m["name"]: m["value"] for m in meter.send("Performance.getMetrics")["metrics"]}
            return float(metrics["ScriptDuration"] * 1000)

        spent = min(cost("/host") for _ in range(5)) - min(cost("/bare") for _ in range(3))
        print(f"loader: {spent:.1f} ms of script")
        assert spent <= SCRIPT_MS


def test_a_frame_opened_alone_is_a_full_page(browser: Browser) -> None:
    with ScriptedServer() as server, context_of(browser) as (context, troubles):
        page = context.new_page()
        page.goto(server.origin + "/widget/frame.html?locale=en&mode=page")
        expect(page.get_by_role("button", name="Talk to a person")).to_be_visible()
        assert troubles == []


def test_an_answer_is_whole_without_any_face_or_voice(browser: Browser) -> None:
    with ScriptedServer() as server:
        host_page(server)
        with context_of(browser) as (context, troubles):
            context.route("**/widget/face/**", lambda route: route.abort())
            page = context.new_page()
            page.goto(server.origin + "/host")
            frame = panel(page)
            say(frame, "顔がなくても")
            expect(frame.locator(".message.assistant")).to_contain_text("顔がなくても")
            expect(frame.locator(".placeholder")).to_be_visible()
            assert troubles == []
