"""The bar on top of the staff pages: whoever may go everywhere still reads who is signed in."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.server.pages.conftest import PASSWORD

NAME = "欧阳建国"
PAGES = (
    "/console", "/desk", "/appointments", "/duty", "/monitor", "/statistics", "/reports", "/rating-entry",
    "/rectifications", "/audit", "/admin", "/uploads",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_all_of_it_fits_on_a_small_screen(
    live: Any, tab: Callable[..., Page], signing_in: Callable[..., None], path: str
) -> None:
    username = f"a{uuid4().hex[:8]}"
    live.do("/admin/users", username=username, role="admin", password=PASSWORD, name=NAME)
    page = tab(live.url + path)
    signing_in(page, username)
    menu, links = page.locator(".bar summary"), page.locator(".bar .elsewhere a")
    for _ in ("Chinese", "English"):
        expect(page.locator(".bar .who")).to_have_text(NAME)
        expect(links.first).to_be_hidden()
        cut = page.locator(".bar .who, .bar .hall").evaluate_all(
            "all => all.filter((e) => e.scrollWidth > e.clientWidth).length"
        )
        assert cut == 0 and max(edges(page, ".bar > *", "right")) <= 1366
        assert max(edges(page, ".bar > *", "bottom")) <= max(edges(page, ".bar", "bottom")), "in one line"
        assert abs(middle(page, ".bar .more") - middle(page, ".bar .who")) < 2, "on one line with the rest"
        menu.focus()
        page.keyboard.press("Enter")
        expect(links).to_have_count(len(PAGES) - 1)
        expect(links.last).to_be_visible()
        assert max(edges(page, ".bar .elsewhere a", "right")) <= 1366
        page.keyboard.press("Tab")
        expect(links.first).to_be_focused()
        page.keyboard.press("Escape")
        expect(links.first).to_be_hidden()
        expect(menu).to_be_focused()
        page.locator(".bar button").first.click()


def edges(page: Page, what: str, side: str) -> list[float]:
    found: list[float] = page.locator(what).evaluate_all(f"all => all.map((e) => e.getBoundingClientRect().{side})")
    return found


def middle(page: Page, what: str) -> float:
    return (edges(page, what, "top")[0] + edges(page, what, "bottom")[0]) / 2
