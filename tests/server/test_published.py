"""The published rating figures: of whole weeks, counted and told once, and none where too few have rated."""

import pytest
from sqlalchemy import select

from server import background
from server.contract.news import NewsKind
from server.domain.rating import figures
from server.domain.service_day import hall_time
from server.models import Hall
from server.services.published import published_groups

PRESSES = ["satisfied"] * 9 + ["basically_satisfied"] * 2 + ["dissatisfied"] + [None] * 3


@pytest.fixture
def wall(hall):
    return hall.device("display")


@pytest.fixture
def desk(hall):
    return a_desk(hall, "01")


def a_desk(hall, window):
    hall.clerk_at(window)
    return window, hall.device("kiosk", f"k{window}"), hall.device("evaluator", window, window)


def a_day(hall, desk, presses, **ticket):
    """One service for each press, None for a citizen who goes without."""
    window, kiosk, evaluator = desk
    clerk = hall.sign_in(f"clerk-{window}")
    clerk.do(f"/windows/{window}/sign-in")
    for press in presses:
        kiosk.take(**ticket)
        for action in ("call-next", "begin", "finish"):
            assert clerk.do(f"/windows/{window}/{action}")[0] == 200
        if press:
            assert evaluator.do("/ratings", label=press)[1]["accepted"]
    hall.clock.forward(seconds=61)
    background.tick(hall.store)


def week_over(hall):
    """To the hall's next Monday, at this time of the day."""
    hall.clock.forward(days=7 - hall_time(hall.clock.now, "Asia/Shanghai").weekday())
    background.tick(hall.store)


def published(wall):
    return wall.get("/board")[1]["ratings"]


def groups(hall):
    with hall.store.read() as conn:
        found = published_groups(conn.execute(select(Hall)).one())
    return {of.by: {one.code: (one.figures.asked, one.figures.rated) for one in of.groups} for of in found}


def test_a_week_is_published_when_it_is_over_and_told_once(hall, desk, wall):
    a_day(hall, desk, PRESSES)
    assert published(wall) is None
    hall.clock.forward(days=6)
    background.tick(hall.store)
    assert published(wall) is None
    hall.clock.forward(days=1)
    for _ in range(3):
        background.tick(hall.store)
    assert published(wall) == {
        "from_day": "2026-03-02", "to_day": "2026-03-08",
        "asked": 15, "rated": 12, "good_permille": 916, "rated_permille": 800, "unrated_permille": 200,
        "closed_permille": None,
    }  # fmt: skip
    assert hall.rows("SELECT kind FROM news WHERE why = 'rating figures'") == [(NewsKind.HALL_CHANGED.value,)]
    hall.restart()
    background.tick(hall.store)
    assert published(hall.device("display", "other"))["rated"] == 12


def test_no_press_of_this_week_moves_it(hall, desk, wall):
    a_day(hall, desk, PRESSES)
    week_over(hall)
    before = published(wall)
    other = a_desk(hall, "02")
    for _ in range(3):
        a_day(hall, other, ["dissatisfied"] * 5)
        hall.clock.forward(days=1)
        background.tick(hall.store)
        assert published(wall) == before


def a_sunday_with_one_unrated(hall, desk):
    """Twelve ratings, and a service finished at the last, whose ticket it returns."""
    hall.clock.forward(days=6)
    a_day(hall, desk, PRESSES)
    ticket = desk[1].take()
    clerk = hall.sign_in("clerk-01")
    for action in ("call-next", "begin", "finish"):
        assert clerk.do(f"/windows/01/{action}")[0] == 200
    return ticket


def test_a_rating_that_comes_after_its_week_changes_nothing_that_was_published(hall, desk, wall):
    """Else the difference would be that one rating."""
    ticket = a_sunday_with_one_unrated(hall, desk)
    hall.clock.forward(hours=15)
    background.tick(hall.store)
    before = groups(hall), published(wall)
    link = f"/t/{ticket['id']}/{ticket['paper_key']}/rate"
    said = hall.app.test_client().post(link, data={"label": "satisfied"}, headers={"Origin": "http://localhost"})
    assert said.status_code == 303
    hall.clock.forward(hours=1)
    background.tick(hall.store)
    assert (groups(hall), published(wall)) == before
    week_over(hall)
    assert groups(hall)["window"] == before[0]["window"] == {"01": (16, 12)}


def test_after_a_week_without_it_is_gone(hall, desk, wall):
    a_day(hall, desk, PRESSES)
    week_over(hall)
    assert published(wall) is not None
    week_over(hall)
    assert published(wall) is None


def test_too_few_ratings_make_no_figure(hall, desk, wall):
    a_day(hall, desk, ["satisfied"] * 9 + [None] * 4)
    week_over(hall)
    assert published(wall) is None and groups(hall)["window"] == {}
    page = hall.app.test_client().get("/figures").text
    assert "暂不公示" in page and "%" not in page


def test_weeks_are_published_by_window_and_by_item_in_turn(hall, desk, wall):
    item = next(item for item in wall.get("/board")[1]["items"] if item["queue"] == "A")
    queue = {"queue": "A", "item": item["code"]}
    a_day(hall, desk, PRESSES, **queue)
    week_over(hall)
    assert groups(hall) == {"window": {"01": (15, 12)}, "item": {}}
    a_day(hall, desk, PRESSES, **queue)
    week_over(hall)
    assert groups(hall) == {"window": {"01": (15, 12)}, "item": {item["code"]: (15, 12)}}
    week_over(hall)
    assert groups(hall) == {"window": {}, "item": {item["code"]: (15, 12)}}


def test_the_window_that_could_be_found_by_subtraction_is_not_shown(hall, desk, wall):
    """Two rated at window 02: they would be what is missing from 01 and 03 to the hall."""
    a_day(hall, desk, PRESSES)
    a_day(hall, a_desk(hall, "02"), ["dissatisfied", "satisfied"])
    a_day(hall, a_desk(hall, "03"), [*PRESSES, "satisfied"])
    week_over(hall)
    assert groups(hall)["window"] == {"03": (16, 13)}
    assert published(wall)["rated"] == 12 + 2 + 13


def test_the_page_of_phones_says_all_three_shares(hall, desk, wall):
    a_day(hall, desk, PRESSES)
    week_over(hall)
    answer = hall.app.test_client().get("/figures")
    assert all(share in answer.text for share in ("91.6%", "80.0%", "20.0%", "应评 15 件，已评 12 件", "3月2日"))
    assert "01 号窗口" in answer.text and answer.text.count("91.6%") == 2
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    english = hall.app.test_client().get("/figures?lang=en").text
    assert "Did not rate" in english and "By window" in english
    assert "不含误评" in answer.text and "rated and meant it" in english


def test_a_server_that_was_off_publishes_the_weeks_that_it_missed(hall, desk, wall):
    a_day(hall, desk, PRESSES)
    hall.clock.forward(days=14)
    background.tick(hall.store)
    assert groups(hall) == {"window": {"01": (15, 12)}, "item": {}}
    assert published(wall) is None


def test_no_share_is_rounded_up(hall):
    found = figures(hall.clock.now.date(), hall.clock.now.date(), asked=3000, rated=2999, good=2998)
    assert (found.good_permille, found.rated_permille, found.unrated_permille) == (999, 999, 1)


def test_a_clock_that_steps_back_publishes_no_week_again(hall, desk, wall):
    """Counted again, the week would be one late rating more than before."""
    ticket = a_sunday_with_one_unrated(hall, desk)
    hall.clock.forward(hours=15, minutes=10)  # Monday, 00:11 in the hall
    background.tick(hall.store)
    before = groups(hall), published(wall)
    assert before[1]["rated"] == 12
    link = f"/t/{ticket['id']}/{ticket['paper_key']}/rate"
    said = {"label": "very_dissatisfied", "declined": "on"}
    assert hall.app.test_client().post(link, data=said, headers={"Origin": "http://localhost"}).status_code == 303
    for minutes in (-30, 30):
        hall.clock.forward(minutes=minutes)
        background.tick(hall.store)
        assert (groups(hall), published(wall)) == before
    week_over(hall)
    assert published(wall) is None


def test_a_clock_that_stood_years_ahead_does_not_end_publication(hall, desk, wall):
    hall.clock.forward(days=3650)
    background.tick(hall.store)
    hall.clock.forward(days=-3650)
    a_day(hall, desk, PRESSES)
    week_over(hall)
    assert published(wall)["rated"] == 12


def bad_week(hall, desk):
    """Twelve 差评, and the week over."""
    a_day(hall, desk, ["dissatisfied"] * 12)
    week_over(hall)


def test_bad_ratings_of_before_there_were_cases_do_not_count_as_left_open(hall, desk, wall):
    bad_week(hall, desk)
    without_cases(hall)
    a_day(hall, desk, PRESSES)
    week_over(hall)
    assert published(wall)["rated"] == 12 and published(wall)["closed_permille"] is None


def test_how_many_cases_of_the_weeks_before_are_closed(hall, desk, wall):
    bad_week(hall, desk)
    not_meant(hall, "01", 3)
    a_day(hall, desk, PRESSES)
    week_over(hall)
    assert published(wall)["closed_permille"] == 250


def not_meant(hall, window, n):
    """So many 差评 of the window are found to be 误评, by two people."""
    one, other = hall.person("li", "supervisor"), hall.person("wang", "supervisor")
    cases = [case for case in one.get("/rectifications?filter=all")[1]["cases"] if case["window"] == window]
    for case in cases[:n]:
        for who, step, version in ((one, "appeal", 0), (other, "uphold", 1)):
            said = {"text": "按错键，监控可见", "version": case["version"] + version}
            assert who.do(f"/rectifications/{case['number']}/steps", step=step, **said)[0] == 200


def without_cases(hall):
    """As a hall that was rated before bad ratings had cases."""
    for table in ("rectification_event", "rectification"):
        hall.store.write(lambda tx, table=table: tx.conn.exec_driver_sql(f"DELETE FROM {table}"))


def test_the_window_whose_only_rating_was_not_meant_is_not_found_by_subtraction(hall, desk, wall):
    """It counts in no share, and still it is one person's."""
    a_day(hall, desk, PRESSES)
    a_day(hall, a_desk(hall, "02"), ["dissatisfied"])
    a_day(hall, a_desk(hall, "03"), [*PRESSES, "satisfied"])
    not_meant(hall, "02", 1)
    week_over(hall)
    assert groups(hall)["window"] == {"03": (16, 13)}
