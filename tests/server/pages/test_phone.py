"""The citizen's phone in real Chromium: small, enlarged, without scripts."""

from typing import Any

import pytest
from playwright.sync_api import Browser


@pytest.mark.parametrize("width", [390, 195])  # 195 is a phone at 200 %
def test_my_turn_fits_a_phone_without_scripts(live: Any, browser: Browser, width: int) -> None:
    ticket = live.do("/tickets", queue="Z")
    context = browser.new_context(viewport={"width": width, "height": 844}, java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(f"{live.url}/t/{ticket['id']}")
        number = page.locator("h1").bounding_box()
        words = page.locator("h1").evaluate(
            "e => { const r = document.createRange(); r.selectNodeContents(e);"
            " return r.getBoundingClientRect().right; }"
        )
        assert number and words <= number["x"] + number["width"]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    finally:
        context.close()
