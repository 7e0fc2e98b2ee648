"""What a person at a screen waits for, measured by the pages themselves in a real browser.

A moment is `performance.timeOrigin` plus the time within the page, so those of two pages of one browser compare. It
begins with the input (`event.timeStamp`), and ends when a frame with the news was drawn.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bench.hall import BenchHall, running
from bench.load import Client, Result

CHROMIUM = "/usr/bin/chromium"
REPEATS = 40
WARM_UP = 5
"""First touches, uncounted: programs and fonts are loaded then."""
UNHURRIED_S = 0.25
"""Between two repeats, so that what is measured is one touch and no queue of them."""
CALM_S = 1.0
"""Between two calls: longer than the console takes a key for one that was pressed too early. The spotlight may still
be with the call before; the list of calls has each at once, and that is what counts."""

WATCH = """
const PATIENCE_MS = 10_000;
const at = (time) => performance.timeOrigin + time;
const known = new Set();
const waited = {};
const first = (number) => (waited[number] ??= Promise.withResolvers());

window.began = 0;
for (const kind of ["pointerdown", "keydown"]) {
  addEventListener(kind, (event) => { window.began = at(event.timeStamp); }, { capture: true });
}
window.drawn = (number) => {
  setTimeout(() => first(number).reject(new Error(`${number} was never drawn`)), PATIENCE_MS);
  return first(number).promise;
};
new MutationObserver(() => {
  for (const { textContent: number } of document.querySelectorAll(".taken .huge, .spot .who, .recent li b")) {
    if (known.has(number)) continue;
    known.add(number);
    requestAnimationFrame(() => setTimeout(() => first(number).resolve(at(performance.now()))));
  }
}).observe(document, { childList: true, subtree: true, characterData: true });
"""
"""Notes when the last touch or key came, and when each number was first drawn as the one taken or called."""


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield chromium
        finally:
            chromium.close()


@contextmanager
def kiosk(hall: BenchHall, folder: Path) -> Iterator[str]:
    """A kiosk's agent with a printer stub that loses no time to mechanics; the URL of its page."""
    folder.mkdir()
    (folder / "token").write_text(hall.token("face", "kiosk"))
    with ExitStack() as stack:
        printer = stack.enter_context(
            running("python", "-m", "firmware_stubs", "printer", "--tcp", "127.0.0.1:0", "--fast")
        )
        url = json.loads(next(printer.stdout or iter(())))["tcp"]
        (folder / "kiosk.toml").write_text(
            f'server = "{hall.url}"\ntoken_file = "token"\ndata_dir = "data"\nport = 0\n[printer]\nurl = "tcp://{url}"\n'
        )
        agent = stack.enter_context(running("jiaohao-kiosk", "run", "--config", str(folder / "kiosk.toml")))
        yield str(json.loads(next(agent.stdout or iter(())))["kiosk"])


def touch_to_ticket_page(chromium: Browser, url: str, queue: str, repeats: int = REPEATS) -> Result:
    """From the finger on a kind of business to the page that shows the number, its paper printed."""
    page = _opened(chromium, url, 1080, 1920)
    tile = page.locator(f".tile.mark-{queue}:enabled")

    def once() -> float:
        tile.click()
        number = page.locator(".taken .huge").inner_text()
        latency = _drawn(page, number) - _began(page)
        page.locator("button.primary").click()
        tile.wait_for()
        time.sleep(UNHURRIED_S)
        return latency

    return _repeated(once, repeats)


def key_to_wall(
    chromium: Browser, console_url: str, wall_url: str, clerk: Client, window: str, repeats: int = REPEATS
) -> Result:
    """From the clerk's space bar to the number on the wall. The no-show that frees the window is not counted."""
    wall = _opened(chromium, wall_url, 1920, 1080)
    console = _opened(chromium, console_url, 1366, 768, clerk.cookie)

    def once() -> float:
        console.locator(".hand.open").wait_for()
        time.sleep(CALM_S)
        console.keyboard.press("Space")
        console.locator(".hand.called").wait_for()
        latency = _drawn(wall, console.locator("#number").inner_text()) - _began(console)
        clerk.command(f"/api/v1/windows/{window}/no-show")
        return latency

    return _repeated(once, repeats)


def _opened(chromium: Browser, url: str, width: int, height: int, cookie: str = "") -> Page:
    context = chromium.new_context(viewport={"width": width, "height": height})
    context.add_init_script(WATCH)
    if cookie:
        context.add_cookies([{"name": "jiaohao_session", "value": cookie, "url": url}])
    page = context.new_page()
    page.goto(url)
    return page


def _began(page: Page) -> float:
    """When the page was last touched or a key pressed there, in ms."""
    return float(page.evaluate("window.began"))


def _drawn(page: Page, number: str) -> float:
    """When the number was first drawn, in ms."""
    return float(page.evaluate("(number) => window.drawn(number)", number))


def _repeated(once: Callable[[], float], repeats: int) -> Result:
    for _ in range(WARM_UP):
        once()
    begun = time.perf_counter()
    latencies = sorted(once() / 1000 for _ in range(repeats))
    return Result(latencies, time.perf_counter() - begun, 0)
