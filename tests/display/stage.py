"""The wall pages as the agent serves them, with boards handed over directly: for what no server stages in time."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Any

from playwright.sync_api import Page, expect

from display.board import reading, wall
from display.hub import Hub
from display.serve import serving
from display.voice.voice import Voice
from display.web import create_app
from docs.wall_screens import BOARD, MUTE, NOON
from server.contract.board import Board

LEAP = """
const steady = performance.now.bind(performance);
window.leapt = 0;
performance.now = () => steady() + window.leapt;
window.seen = []; window.slides = []; window.facts = [];
new MutationObserver(() => {
  const who = document.querySelector(".spot.fresh .who, li.fresh .who")?.textContent;
  if (who && window.seen.at(-1) !== who) window.seen.push(who);
  const slide = document.querySelector(".slide")?.innerText;
  if (slide && window.slides.at(-1) !== slide) {
    window.slides.push(slide);
    window.facts.push(...[...document.querySelectorAll(".facts > div")].map((fact) =>
      [fact.querySelector("dt").textContent, fact.querySelector("dd").textContent, Boolean(fact.closest("footer"))]));
  }
}).observe(document, {childList: true, subtree: true, characterData: true, attributes: true});
"""
"""`window.leapt` ms are added to the page's steady clock. `seen` are the numbers that had a turn, `slides` what was
told, `facts` the labels and values of items among it, and whether each was told at the foot."""


class Stage:
    """One agent's pages, which may go away and come back on the same port. `now` is the hall's time."""

    def __init__(self, open_page: Callable[..., Page]) -> None:
        self.now: datetime = NOON
        self.board = BOARD
        self._open_page = open_page
        self._up = ExitStack()
        self._port = 0
        self.rise()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/"

    def rise(self) -> None:
        self._hub = Hub(lambda: self.now)
        self._port = self._up.enter_context(
            serving(create_app(self._hub, Voice(MUTE), "", "'none'"), "127.0.0.1", self._port)
        )
        self._up.callback(self._hub.close)
        self.show(self.board)

    def fall(self) -> None:
        self._up.close()

    def show(self, board: Board, stale: bool = False) -> None:
        self.board = board
        self._hub.publish("reading", reading(board))
        self.call(board, stale)

    def call(self, board: Board, stale: bool = False) -> None:
        """Only what is called changed."""
        self._hub.publish("wall", wall(board, stale, self.now - timedelta(seconds=40) if stale else None))

    def open(self, query: str = "", width: int = 1920, height: int = 1080, **options: Any) -> Page:
        page = self._open_page("about:blank", width, height, **options)
        page.add_init_script(LEAP)
        page.goto(self.url + query)
        expect(page.locator("main")).to_be_visible()
        expect(page.locator("main")).not_to_contain_text("正在连接")  # what is shown from now on is news to it
        return page


@contextmanager
def staged(open_page: Callable[..., Page]) -> Iterator[Stage]:
    stage = Stage(open_page)
    try:
        yield stage
    finally:
        stage.fall()
