"""What all tests share. One real browser: Playwright allows only one driver at a time in a thread."""

from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
import structlog
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

hypothesis.settings.register_profile("jiaohao", deadline=None)  # a busy machine is not a failure
hypothesis.settings.load_profile("jiaohao")
expect.set_options(timeout=15_000)  # nor is it here

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]


@pytest.fixture(autouse=True)
def _own_logs() -> Iterator[None]:
    """A command sends its logs to its own stderr; run inside a test it must not leave them there, closed, for the
    threads of the tests after it."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's chromium, headless, with the sound policy of a wall. Each test makes contexts of its own."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield chromium
        finally:
            chromium.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages, each in a context of its own with the `options` of `new_context`, and closes them afterwards."""
    contexts: list[BrowserContext] = []

    def open_it(url: str, width: int, height: int, **options: Any) -> Page:
        contexts.append(browser.new_context(viewport={"width": width, "height": height}, **options))
        page = contexts[-1].new_page()
        page.goto(url)
        return page

    yield open_it
    for context in contexts:
        context.close()


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What watched pages complain of: any fails the test. To be asked for before `open_page`, so that those are
    closed when it looks."""
    said: list[str] = []
    yield said
    assert said == []
