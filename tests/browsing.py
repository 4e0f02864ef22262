"""A real browser for tests: Debian's Chromium, headless, that can reach nothing but servers on this machine."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, sync_playwright

#: The browser without a window, if there is one: it takes a quarter of the time.
CHROMIUM = which("chromium-headless-shell") or which("chromium")
AXE = Path(__file__).parents[1] / "web" / "node_modules" / "axe-core" / "axe.min.js"
#: WCAG 2.2 at level AA, as axe tags its rules.
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: Widths of a phone, a tablet and a wide screen.
WIDTHS = (390, 900, 1600)
_ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
#: Names of hosts lead nowhere.
_NOWHERE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
_SEARCH_BARRIERS = """async ([within, tags]) => {
    const found = await axe.run(within, { runOnly: tags, resultTypes: ["violations"] });
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 4).map((node) => node.target).join(", ")}`);
}"""
#: Pages that nobody uses at the moment, by the options of their contexts: a new one takes a second of processor time.
_FREE: defaultdict[tuple[Browser, str], list[Page]] = defaultdict(list)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a browser; a test that needs one says loudly that it is missing."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: the pages are not opened in a browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*_ARGUMENTS.split(), _NOWHERE])
        yield browser
        _FREE.clear()
        browser.close()


class Visitor:
    """Someone with a browser before the server: notes what goes wrong, and that nothing else is asked for.

    Nothing is left of those who were there before but the browser's cache.
    """

    def __init__(
        self,
        browser: Browser,
        home: str,
        *,
        width: int = 1280,
        height: int = 900,
        scheme: str = "light",
        **context: Any,
    ) -> None:
        """Sit down before a window; ``context`` are options of Playwright's contexts."""
        self.home = home
        self.wrong: list[str] = []
        self._pending: set[Request] = set()
        self._place = _FREE[browser, repr(sorted(context.items()))]
        self.page = self._place.pop() if self._place else browser.new_context(**context).new_page()
        self.page.set_default_timeout(15_000)
        self.resize(width, height, scheme)
        self._listeners = {
            "console": self._note,
            "pageerror": lambda error: self.wrong.append(f"error: {error}"),
            "request": self._begin,
            "requestfinished": self._end,
            "requestfailed": self._end,
            "response": self._check_status,
        }
        for event, listener in self._listeners.items():
            self.page.on(event, listener)  # type: ignore[call-overload]

    def resize(self, width: int, height: int = 900, scheme: str = "light") -> None:
        """Change the window, and whether it is light or dark."""
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.emulate_media(media="null", color_scheme=scheme, reduced_motion="null")  # type: ignore[arg-type]

    def visit(self, path: str) -> Page:
        """Open an address of the server, and wait until nothing more is loaded."""
        self.page.goto(self.home + path)
        for _ in range(1000):  # Playwright's "networkidle" would wait for half a second more
            self.page.wait_for_timeout(20)
            if not self._pending:
                break
        return self.page

    def barriers(self, within: str = "html") -> list[str]:
        """Return what axe finds against WCAG on the page as it stands, or in a part of it: rule, and the elements."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: list[str] = self.page.evaluate(_SEARCH_BARRIERS, [within, WCAG])
        return found

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than its window."""
        found: Any = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return int(found)

    def picture(self, path: Path) -> None:
        """Save a picture of the whole page."""
        self.page.screenshot(path=path, full_page=True)

    def close(self) -> None:
        """Leave, and take everything along."""
        for event, listener in self._listeners.items():
            self.page.remove_listener(event, listener)
        self.page.unroute_all()
        for page in self.page.context.pages:
            if page != self.page:
                page.close()
        if self.page.url.startswith("http"):
            self.page.evaluate("localStorage.clear(); sessionStorage.clear()")
        self.page.context.clear_cookies()
        self.page.goto("about:blank")
        self._place.append(self.page)

    def _begin(self, request: Request) -> None:
        self._pending.add(request)
        if not request.url.startswith((self.home, "data:", "blob:", "about:")):
            self.wrong.append(f"a request to another host: {request.url}")

    def _end(self, request: Request) -> None:
        self._pending.discard(request)

    def _check_status(self, response: Response) -> None:
        if response.status >= 400:
            self.wrong.append(f"{response.status}: {response.url}")

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            self.wrong.append(f"console: {message.text}")
