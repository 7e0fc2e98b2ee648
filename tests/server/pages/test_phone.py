"""The citizen's phone in real Chromium: small, enlarged, without scripts."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page


@pytest.mark.parametrize("width", [390, 195])  # 195 is a phone at 200 %
def test_my_turn_fits_a_phone_without_scripts(live: Any, open_page: Callable[..., Page], width: int) -> None:
    ticket = live.do("/tickets", queue="Z")
    page = open_page(f"{live.url}/t/{ticket['id']}", width, 844, java_script_enabled=False)
    number = page.locator("h1").bounding_box()
    words = page.locator("h1").evaluate(
        "e => { const r = document.createRange(); r.selectNodeContents(e); return r.getBoundingClientRect().right; }"
    )
    assert number and words <= number["x"] + number["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
