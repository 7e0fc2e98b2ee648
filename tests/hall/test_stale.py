"""A wall that cannot hear says so, and misses nothing: a server dead or frozen, a line cut, a display killed."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.hall.conftest import WALL
from tests.hall.parts import PATIENCE_S, Clerk, Device, Hall, Listener, until

OpenPage = Callable[..., Page]
SOON = {"timeout": PATIENCE_S * 1000}
STALE_MS = 10_000
"""What the wall promises. It is counted from the moment in which the server fell silent."""


@pytest.fixture
def wall(hall: Hall, open_face: OpenPage) -> Page:
    page = open_face(hall.display.url, WALL)
    expect(page.locator("main.live")).to_be_visible(**SOON)
    expect(page.locator(".banner")).to_have_count(0, **SOON)
    return page


@pytest.fixture
def guide(hall: Hall) -> Device:
    """Takes numbers without paper, past the lines under test."""
    return Device(hall.server.url, hall.server.token("guide", kind="kiosk"))


def call_one(guide: Device, clerk: Clerk) -> str:
    """A new number, called."""
    guide.take()
    number = clerk.call_next()
    clerk.at("no-show")
    return number


@pytest.mark.parametrize("how", ["frozen", "killed", "cut"])
def test_it_says_so_and_recovers_by_itself(hall: Hall, wall: Page, guide: Device, how: str) -> None:
    clerk = hall.server.clerk("01")
    first = call_one(guide, clerk)
    expect(wall.locator(".spot.fresh .who")).to_have_text(first, **SOON)
    BREAK[how](hall)
    banner = wall.locator(".banner.urgent")
    expect(banner).to_contain_text("连接中断", timeout=STALE_MS)
    expect(wall.locator(".spot.fresh")).to_have_count(0)  # an old call never looks like a new one
    expect(wall.locator(".who")).to_have_text(first)
    missed = [call_one(guide, clerk) for _ in range(2)] if how == "cut" else []
    MEND[how](hall)
    expect(banner).to_have_count(0, **SOON)
    missed.append(call_one(guide, clerk))
    expect(wall.locator(".spot.fresh .who")).to_have_text(missed[-1], **SOON)
    assert wall.evaluate("window.seen") == [first, *missed]


BREAK: dict[str, Callable[[Hall], None]] = {
    "frozen": lambda hall: hall.server.freeze(),
    "killed": lambda hall: hall.server.kill(),
    "cut": lambda hall: hall.news_wire.cut(),
}
MEND: dict[str, Callable[[Hall], None]] = {
    "frozen": lambda hall: hall.server.thaw(),
    "killed": lambda hall: hall.server.start(),
    "cut": lambda hall: hall.news_wire.mend(),
}


def test_two_calls_within_ten_milliseconds_are_both_shown_in_order(hall: Hall, wall: Page, guide: Device) -> None:
    clerks = [hall.server.clerk("01"), hall.server.clerk("02")]
    listener = Listener(hall.display.url)
    try:
        for attempt in range(1, 61):  # a busy machine hits it seldom
            for _ in clerks:
                guide.take()
            gap = together(hall, clerks)
            until(lambda count=2 * attempt: len(listener.shown) == count)
            if gap <= timedelta(milliseconds=10):
                break
        else:
            pytest.fail("this machine was never fast enough for two calls within 10 ms")
    finally:
        listener.close()
    rows = hall.server.rows(
        "SELECT call.seq, number FROM call JOIN ticket ON ticket.id = call.ticket_id ORDER BY call.seq DESC LIMIT ?",
        2 * attempt,
    )[::-1]
    assert [(call["seq"], call["number"]) for call in listener.shown] == [(r["seq"], r["number"]) for r in rows]
    numbers = [row["number"] for row in rows]
    until(lambda: wall.evaluate("window.seen") == numbers, 10 + 3 * len(numbers))


def together(hall: Hall, clerks: list[Clerk]) -> timedelta:
    """Both clerks press "next" at once; the time between the two calls."""
    start = threading.Barrier(len(clerks))

    def press(clerk: Clerk) -> None:
        start.wait(10)
        assert clerk.call_next()

    hands = [threading.Thread(target=press, args=(clerk,)) for clerk in clerks]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    for clerk in clerks:
        clerk.at("no-show")
    later, earlier = hall.server.rows("SELECT at FROM call ORDER BY seq DESC LIMIT 2")
    return timedelta(microseconds=later["at"] - earlier["at"])


def test_a_killed_display_comes_back_with_its_pages(hall: Hall, wall: Page, guide: Device) -> None:
    """The page says that it was left alone, and shows what was called meanwhile, once."""
    clerk = hall.server.clerk("01")
    first = call_one(guide, clerk)
    expect(wall.locator(".spot.fresh .who")).to_have_text(first, **SOON)
    hall.display.kill()
    killed = time.monotonic()
    expect(wall.locator(".banner.urgent")).to_contain_text("连接中断", timeout=STALE_MS)
    assert time.monotonic() - killed < STALE_MS / 1000 + 1
    second = call_one(guide, clerk)
    hall.display.start()
    expect(wall.locator(".spot.fresh .who")).to_have_text(second, **SOON)
    expect(wall.locator(".banner")).to_have_count(0, **SOON)
    assert wall.evaluate("window.seen") == [first, second]
