"""Opens a page with the widget in a real Chromium and finds its panel. It asserts only that nothing went wrong."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Page, sync_playwright

from tests.browser.scripted_server import HOST_CSP, ScriptedServer

FLAGS = ("--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
         "--disable-component-update --disable-sync").split()
HOST = """<!doctype html><html lang="{lang}"><meta charset="utf-8"><link rel="icon" href="data:,"><title>host</title>
<meta name="viewport" content="width=device-width"><body><h1>host</h1>
<script type="module" src="{origin}/widget.js" {attributes}></script>"""
NO_JITTER = "Math.random = () => 0"


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser, or a skip that says why."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if not path:
        pytest.skip("no Chromium here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def context_of(browser: Browser, **options: Any) -> Iterator[tuple[BrowserContext, list[str]]]:
    """A fresh visitor's browser; script errors and broken policies are collected."""
    context = browser.new_context(**{"locale": "ja-JP", **options})
    context.add_init_script(NO_JITTER)
    troubles: list[str] = []

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda line: troubles.append(line.text) if "Content Security Policy" in line.text else None)

    context.on("page", watch)
    yield context, troubles
    context.close()


def host_page(server: ScriptedServer, widget: str = "", attributes: str = "data-open", lang: str = "ja") -> None:
    """Serve a company's page at /host, under a strict policy, with the widget's one line."""
    origin = widget or server.origin
    body = HOST.format(origin=origin, attributes=attributes, lang=lang)
    server.pages["/host"] = (body, HOST_CSP.format(widget=origin))


def panel(page: Page) -> Frame:
    """The widget's frame, once it can be talked to."""
    is_open = "Boolean(document.querySelector('omotenashi-widget')?.hasAttribute('open'))"
    wait_until(page, lambda: bool(page.evaluate(is_open)))  # wait_for_function would need 'unsafe-eval'
    wait_until(page, lambda: any("frame.html" in frame.url for frame in page.frames))
    frame = next(frame for frame in page.frames if "frame.html" in frame.url)
    frame.wait_for_selector(".composer")
    return frame


def wait_until(page: Page, done: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for something that the page cannot tell by itself."""
    for _ in range(int(seconds / 0.02)):
        if done():
            return
        page.wait_for_timeout(20)
    raise AssertionError("it did not happen")


def say(frame: Frame, text: str) -> None:
    """Write and send as a visitor does."""
    box = frame.locator(".composer textarea")
    box.fill(text)
    box.press("Enter")


@contextmanager
def opened(browser: Browser, server: ScriptedServer, origin: str = "", **options: Any) -> Iterator[tuple[Page, Frame]]:
    """A page with the panel open; script errors fail the test that opened it."""
    lang = options.pop("lang", "ja")
    host_page(server, origin, lang=lang)
    with context_of(browser, **options) as (context, troubles):
        page = context.new_page()
        page.goto((origin or server.origin) + "/host")
        yield page, panel(page)
        assert troubles == []
