"""The product as a site owner starts it, with people at its desk: a server with accounts, visitors and agents in browsers.

The bank of the tests is the demo bank; only its opening hours and the patience for a lost agent are set for the test.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Frame, Page, expect

from tests.browser.served import OMOTENASHI, ROOT, served
from tests.browser.widget_page import context_of, panel

GONE_S = 3
PEOPLE = {"hanako": ("佐藤花子", "agent"), "ken": ("高橋健", "agent"), "misaki": ("中村美咲", "supervisor")}
PASSWORD = "a long test password"


def bank(folder: Path, hours: str) -> Path:
    """Copy the demo bank's knowledge and set its hours: "00:00-24:00" or "" for a night without end."""
    knowledge = folder / "knowledge"
    shutil.copytree(ROOT / "knowledge", knowledge)
    policy = knowledge / "policy.toml"
    text = policy.read_text(encoding="utf-8")
    for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"):
        text = re.sub(rf"^{day} = .*$", f'{day} = ["{hours}"]' if hours else f"{day} = []", text, flags=re.MULTILINE)
    text = re.sub(r"holidays = \[.*?\n\]", "holidays = []", text, flags=re.DOTALL)
    text = re.sub(r"^agent_gone_s = \d+", f"agent_gone_s = {GONE_S}", text, flags=re.MULTILINE)
    policy.write_text(text, encoding="utf-8")
    return knowledge


@contextmanager
def product(folder: Path, hours: str, index: Path) -> Iterator[str]:
    """Start the server with its accounts; gives its origin."""
    database = f"sqlite+aiosqlite:///{folder}/db.sqlite3"
    for login, (name, role) in PEOPLE.items():
        subprocess.run([*OMOTENASHI, "desk", "add-agent", login, "--name", name, "--role", role, "--password-stdin",
                        "--database", database], cwd=ROOT, input=f"{PASSWORD}\n".encode(), check=True,
                       capture_output=True)
    with served(folder, bank(folder, hours), index, database) as port:
        yield f"http://127.0.0.1:{port}"


@dataclass
class Scene:
    """One story on one server: everybody in a browser context of their own; screenshots go to ``shots``."""

    browser: Browser
    origin: str
    language: str
    shots: Path
    stack: ExitStack
    troubles: list[list[str]] = field(default_factory=list)

    def visitor(self) -> tuple[Page, Frame]:
        """Somebody on the bank's home page, with the panel open."""
        page = self._page({"width": 1100, "height": 800}, {})
        page.goto(f"{self.origin}/demo/" + ("en.html" if self.language == "en" else ""))
        page.evaluate("Omotenashi.open()")
        return page, panel(page)

    def agent(self, login: str) -> Page:
        """One of the people at the desk, signed in, in the story's language."""
        page = self._page({"width": 1280, "height": 800}, {"omo.desk.locale": json.dumps(self.language)})
        page.goto(f"{self.origin}/desk/")
        page.locator("#login").fill(login)
        page.locator("#password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector(".desk")
        expect(page.locator(".presence")).to_be_enabled(timeout=10_000)
        return page

    def shoot(self, name: str, *pages: Page) -> None:
        """Keep what everybody sees."""
        for number, page in enumerate(pages):
            page.screenshot(path=self.shots / f"{name}-{self.language}-{number}.png")

    def _page(self, size: dict[str, int], stored: dict[str, str]) -> Page:
        locale = "en-GB" if self.language == "en" else "ja-JP"
        context, troubles = self.stack.enter_context(context_of(self.browser, locale=locale, viewport=size))
        self.troubles.append(troubles)
        page = context.new_page()
        for key, value in stored.items():
            page.add_init_script(f"localStorage[{json.dumps(key)}] ??= {json.dumps(value)}")
        return page


@contextmanager
def scene(browser: Browser, origin: str, language: str, shots: Path) -> Iterator[Scene]:
    """Open a story; afterwards nothing may have gone wrong in any page."""
    with ExitStack() as stack:
        one = Scene(browser, origin, language, shots, stack)
        yield one
        assert [t for t in one.troubles if t] == []


def accept(page: Page) -> None:
    """Take the first of the line, or what rings."""
    page.wait_for_selector(".ticket, .ring")
    if not page.locator(".ring").count():
        page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.locator(".composer textarea")).to_be_focused(timeout=15_000)
    expect(page.locator(".mine .conv")).not_to_have_count(0)


def write(page: Page, text: str) -> None:
    """An agent writes and sends."""
    page.locator(".composer textarea").fill(text)
    page.locator(".composer textarea").press("Enter")
    expect(page.locator(".list:not(.pending) .message.agent .body").last).to_contain_text(text, timeout=15_000)
