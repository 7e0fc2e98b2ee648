"""A real server whose every name is hostile, and the check that all faces have in common."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import cycle

import pytest
from playwright.sync_api import Browser, Page

from tests.faces.checks import axe, contrast, overflow, targets, text_sizes
from tests.faces.texts import HOSTILE, LONG_ITEMS, as_name
from tests.server.pages.conftest import Live, fresh

__all__ = ["fresh"]  # a fixture

ALL_DAY = {"weekdays": [1, 2, 3, 4, 5, 6, 7], "start_minute": 0, "end_minute": 1440, "slot_minutes": 5, "capacity": 3}
Check = Callable[[Page, int, int], None]


def make_hostile(live: Live) -> None:
    """Give everything that has a name one that breaks careless pages."""
    live.set_up()
    names = cycle([as_name(text) for text in HOSTILE.values()])
    was = live.get("/admin")
    for queue in was["queues"]:
        settings = {"name": next(names), "name_en": next(names), "location": next(names), "open": True}
        live.do(f"/admin/queues/{queue['code']}", method="PUT", **settings)
    for window in was["windows"]:
        settings = {"name": next(names), "queues": window["queues"]}
        live.do(f"/admin/windows/{window['no']}", method="PUT", **settings)
    live.do("/admin/hall", method="PUT", name=next(names), open=True)
    for text in HOSTILE.values():
        live.do("/admin/screens/notices", text=text[:200])
    live.do("/admin/screens/ticker", method="PUT", ticker=as_name(HOSTILE["long"]))
    live.do("/admin/screens/playlist", method="PUT", slides=[{"kind": "notices", "seconds": 8}])
    for mode in ("hall", "extended_hours", "home_visit"):
        live.do("/admin/slot-plans", queue="A", mode=mode, **ALL_DAY)
    with closing(sqlite3.connect(live.folder / "jiaohao.db", isolation_level=None)) as db:
        items = [row[0] for row in db.execute("SELECT id FROM service_item")]
        texts = cycle([*LONG_ITEMS, *HOSTILE.values()])
        db.executemany("UPDATE service_item SET name = ? WHERE id = ?", [(next(texts), item) for item in items])


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    server = Live(tmp_path_factory.mktemp("hostile"))
    try:
        server.start()
        make_hostile(server)
        yield server
    finally:
        server.close()


@pytest.fixture
def tab(browser: Browser) -> Iterator[Callable[[str], Page]]:
    """Opens pages, each in a profile of its own and without its CSP: what is hostile is not to be stopped by that."""
    contexts = []
    errors: list[str] = []

    def open_tab(url: str) -> Page:
        contexts.append(browser.new_context(viewport={"width": 1366, "height": 768}, bypass_csp=True))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(url)
        return page

    yield open_tab
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def sound() -> Check:
    """Fails with all that is wrong with a page: for its text and its targets the least sizes in px are given."""

    def check(page: Page, least_text: int = 14, least_target: int = 24) -> None:
        found = {
            "axe": axe(page),
            "contrast": contrast(page),
            "targets": targets(page, least_target),
            "text": text_sizes(page, least_text),
            "overflow": overflow(page),
        }
        assert "\n".join(f"{name}: {line}" for name, lines in found.items() for line in lines) == ""
        assert page.title() != "broken"

    return check
