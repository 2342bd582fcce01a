"""Serves `web/` from a random port under a strict content policy and opens it in a real Chromium. Owns no assertion."""

import http.server
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from assistant.server.static import load_assets

WEB = Path(__file__).parents[2] / "web"
POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'"
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --autoplay-policy=no-user-gesture-required"
).split()


@contextmanager
def site() -> Iterator[str]:
    """The address of a server of `web/`; what it sends is what the real server sends, comments removed."""
    assets = load_assets(WEB)

    class Files(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asset = assets.get(self.path.partition("?")[0].lstrip("/"))
            self.send_response(200 if asset else 404)
            self.send_header("Content-Security-Policy", POLICY)
            self.send_header("Content-Type", asset.kind if asset else "text/plain")
            self.end_headers()
            self.wfile.write(asset.body if asset else b"")

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def browser_page(path: str, **context: object) -> Iterator[Page]:
    """A page of the site, whose errors fail the test that opened it."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        pytest.skip("no Chromium here")
    with site() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_context(**context).new_page()  # type: ignore[arg-type]
        troubles: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda line: troubles.append(line.text) if "Content Security Policy" in line.text else None)
        page.goto(address + path)
        page.wait_for_load_state("load")
        yield page
        browser.close()
        assert not troubles, troubles
