"""A real browser for tests: Debian's Chromium, headless, that may reach nothing but the server under test."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, sync_playwright

CHROMIUM = which("chromium")
AXE = Path(__file__).parents[1] / "web" / "node_modules" / "axe-core" / "axe.min.js"
#: WCAG 2.2 at level AA, as axe tags its rules.
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: Widths of a phone, a tablet and a wide screen.
WIDTHS = (390, 900, 1600)
_ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a browser; a test that needs one says loudly that it is missing."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: the pages are not opened in a browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS.split())
        yield browser
        browser.close()


class Visitor:
    """Someone with a browser before the server: notes what goes wrong, and lets nothing else be reached."""

    def __init__(self, browser: Browser, home: str, **context: Any) -> None:
        self.home = home
        self.wrong: list[str] = []
        self._context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | context)
        self._context.route("**/*", self._route)
        self.page = self._open()

    def _open(self) -> Page:
        page = self._context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on(
            "response",
            lambda answer: answer.status >= 400 and self.wrong.append(f"{answer.status}: {answer.url}"),
        )
        return page

    def visit(self, path: str) -> Page:
        """Open an address of the server, and wait until nothing more is loaded."""
        self.page.goto(self.home + path, wait_until="networkidle")
        return self.page

    def barriers(self, within: str = "html") -> list[str]:
        """Return what axe finds against WCAG on the page as it stands, or in a part of it: rule, and the elements."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: Any = self.page.evaluate("([within, tags]) => axe.run(within, {runOnly: tags})", [within, WCAG])
        return [
            f"{each['id']}: {', '.join(' '.join(map(str, node['target'])) for node in each['nodes'][:4])}"
            for each in found["violations"]
        ]

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than its window."""
        found: Any = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return int(found)

    def picture(self, path: Path) -> None:
        """Save a picture of the whole page."""
        self.page.screenshot(path=path, full_page=True)

    def close(self) -> None:
        """Leave."""
        self._context.close()

    def _route(self, route: Route) -> None:
        address = route.request.url
        if address.startswith((self.home, "data:", "blob:")):
            route.continue_()
        else:
            self.wrong.append(f"a request to another host: {address}")
            route.abort()

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            self.wrong.append(f"console: {message.text}")
