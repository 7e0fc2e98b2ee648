"""One Chromium for all, pages that may not complain, and a whole hall for each module."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Page

from tests.hall.parts import Hall

WALL, UPRIGHT, DESK = (1920, 1080), (1080, 1920), (1366, 900)
SEEN = """
window.seen = []; window.spot = [];
new MutationObserver(() => {
  for (const [list, place] of [[window.seen, ".spot.fresh .who"], [window.spot, ".spot .who"]]) {
    const who = document.querySelector(place)?.textContent;
    if (who && list.at(-1) !== who) list.push(who);
  }
}).observe(document, {childList: true, subtree: true, characterData: true, attributes: true});
"""
"""Notes every number that a wall page announces as new, and every one that stood in its spotlight at all."""


def is_complaint(said: ConsoleMessage) -> bool:
    """Errors of a page, but not of the network: servers are killed here."""
    return said.type == "error" and "net::ERR" not in said.text and "Failed to load resource" not in said.text


@pytest.fixture
def open_face(complaints: list[str], open_page: Callable[..., Page]) -> Callable[..., Page]:
    """Opens a page that notes what a wall shows. One that complains fails its test."""

    def open_it(url: str, size: tuple[int, int], **options: Any) -> Page:
        page = open_page("about:blank", *size, locale="zh-CN", **options)
        page.add_init_script(SEEN)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if is_complaint(said) else None)
        page.goto(url)
        return page

    return open_it


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    hall = Hall(tmp_path_factory.mktemp("hall"), "--fast")
    try:
        hall.start()
        yield hall
    finally:
        hall.close()
