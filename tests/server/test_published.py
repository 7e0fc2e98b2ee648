"""The published rating figures: of whole days, told once, and none where too few have rated."""

from datetime import timedelta

import pytest

from server import background
from server.contract.news import NewsKind
from server.domain.rating import figures

PRESSES = ["satisfied"] * 9 + ["basically_satisfied"] * 2 + ["dissatisfied"] + [None] * 3


@pytest.fixture
def wall(hall):
    return hall.device("display")


@pytest.fixture
def desk(hall):
    return a_desk(hall, "01")


def a_desk(hall, window):
    return window, hall.device("kiosk", f"k{window}"), hall.clerk_at(window), hall.device("evaluator", window, window)


def a_day(hall, desk, presses):
    """One service for each press, None for a citizen who goes without."""
    window, kiosk, clerk, evaluator = desk
    for press in presses:
        kiosk.take()
        for action in ("call-next", "begin", "finish"):
            assert clerk.do(f"/windows/{window}/{action}")[0] == 200
        if press:
            assert evaluator.do("/ratings", label=press)[1]["accepted"]
    hall.clock.forward(seconds=61)
    background.tick(hall.store)


def published(wall):
    return wall.get("/board")[1]["ratings"]


def test_a_day_is_published_when_it_is_over_and_told_once(hall, desk, wall):
    a_day(hall, desk, PRESSES)
    assert published(wall) is None
    heard = []
    hall.store.on_commit = lambda news: heard.extend(n for n in news if n.kind is NewsKind.HALL_CHANGED)
    hall.clock.forward(days=1)
    for _ in range(3):
        background.tick(hall.store)
    today = hall.clock.now.date()
    assert published(wall) == {
        "from_day": (today - timedelta(days=30)).isoformat(), "to_day": (today - timedelta(days=1)).isoformat(),
        "asked": 15, "rated": 12, "good_permille": 916, "rated_permille": 800, "unrated_permille": 200,
    }  # fmt: skip
    assert len(heard) == 1
    hall.restart()
    background.tick(hall.store)
    assert published(hall.device("display", "other"))["rated"] == 12


def test_no_press_of_today_moves_it(hall, desk, wall):
    a_day(hall, desk, PRESSES)
    hall.clock.forward(days=1)
    background.tick(hall.store)
    before = published(wall)
    a_day(hall, a_desk(hall, "02"), ["dissatisfied"] * 5)
    assert published(wall) == before


def test_after_thirty_days_it_is_forgotten(hall, desk, wall):
    a_day(hall, desk, PRESSES)
    for days, there in ((30, True), (1, False)):
        hall.clock.forward(days=days)
        background.tick(hall.store)
        assert (published(wall) is not None) is there


def test_too_few_ratings_make_no_figure(hall, desk, wall):
    a_day(hall, desk, ["satisfied"] * 9 + [None] * 4)
    hall.clock.forward(days=1)
    background.tick(hall.store)
    assert published(wall) is None
    page = hall.app.test_client().get("/figures").text
    assert "暂不公示" in page and "%" not in page


def test_the_page_of_phones_says_all_three_shares(hall, desk, wall):
    a_day(hall, desk, PRESSES)
    hall.clock.forward(days=1)
    background.tick(hall.store)
    answer = hall.app.test_client().get("/figures")
    assert all(share in answer.text for share in ("91.6%", "80.0%", "20.0%", "应评 15 件，已评 12 件", "3月2日"))
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "Did not rate" in hall.app.test_client().get("/figures?lang=en").text


def test_no_share_is_rounded_up(hall):
    found = figures(hall.clock.now.date(), hall.clock.now.date(), asked=3000, rated=2999, good=2998)
    assert (found.good_permille, found.rated_permille, found.unrated_permille) == (999, 999, 1)
