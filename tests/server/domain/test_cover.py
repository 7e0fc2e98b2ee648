"""The rules of posts, whole tables at a time."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from server.contract.cover import Part
from server.domain.cover import (
    GAP,
    HANDS,
    SEATS,
    Cover,
    Duty,
    Handing,
    Kept,
    Leave,
    Mark,
    Place,
    Plan,
    Post,
    Reason,
    Seat,
    SeatAction,
    Standing,
    Stay,
    due,
    empty,
    gaps,
    kept,
    on_duty,
    standing,
)
from server.domain.work_calendar import Calendar, DayKind, Session, SpecialDay

A, B, C, D = 1, 2, 3, 4
MONDAY = date(2026, 3, 2)
POST = Post(7, A, B, frozenset({1, 2, 3, 4, 5}))
WEEK = Calendar("Asia/Shanghai", tuple(Session(d, *s) for d in range(1, 6) for s in ((510, 690), (780, 990))))


def days(n):
    return [MONDAY + timedelta(days=i) for i in range(n)]


def leave(person, first=MONDAY, last=MONDAY):
    return Leave(person, first, last)


@pytest.mark.parametrize("away", list(product((False, True), repeat=4)))
def test_whose_a_post_is_is_the_first_of_the_order_who_is_there(away):
    """Cover, rota, primary, backup: every one of the sixteen ways to be away."""
    order = ((C, Standing.COVER), (D, Standing.PRIMARY), (A, Standing.PRIMARY), (B, Standing.BACKUP))
    leaves = tuple(leave(person) for (person, _), gone in zip(order, away, strict=True) if gone)
    plan = Plan(leaves, (Cover(7, C, MONDAY, MONDAY),), {(7, MONDAY): D})
    there = [Duty(*one) for one, gone in zip(order, away, strict=True) if not gone]
    assert on_duty(plan, POST, MONDAY) == (there[0] if there else GAP)


def test_what_is_said_of_a_day_is_of_that_day_and_post_alone():
    plan = Plan((leave(A, MONDAY, MONDAY + timedelta(days=1)),), (Cover(7, C, MONDAY, MONDAY),), {(7, MONDAY): D})
    found = [on_duty(plan, POST, day).person for day in days(3)]
    assert found == [C, B, A]
    assert on_duty(plan, Post(8, A, None, POST.weekdays), MONDAY) == GAP
    assert on_duty(Plan(gone=frozenset({A})), POST, MONDAY).person == B
    later = Plan(covers=(Cover(7, C, MONDAY, MONDAY), Cover(7, D, MONDAY, MONDAY)))
    assert on_duty(later, POST, MONDAY).person == D


def test_a_gap_is_a_due_day_on_which_both_are_away():
    plan = Plan((leave(A, MONDAY, MONDAY + timedelta(days=6)), leave(B, MONDAY, MONDAY + timedelta(days=6))))
    assert gaps(plan, [POST], WEEK, days(7)) == {(day, 7) for day in days(5)}
    covered = Plan(plan.leaves, (Cover(7, C, MONDAY, MONDAY + timedelta(days=3)),))
    assert gaps(covered, [POST], WEEK, days(7)) == {(MONDAY + timedelta(days=4), 7)}
    assert gaps(Plan(), [Post(9, None, None, POST.weekdays)], WEEK, days(1)) == {(MONDAY, 9)}


@pytest.mark.parametrize(
    ("giver", "taker", "way"),
    [
        (A, B, Handing.OUT), (A, C, Handing.OUT), (B, C, Handing.OUT),
        (B, A, Handing.BACK), (C, A, Handing.BACK), (C, B, Handing.BACK),
        (D, A, Handing.BACK), (D, B, Handing.BACK), (D, C, Handing.BACK),
        (A, D, None), (B, D, None), (C, D, None), (D, D, None),
    ],
)  # fmt: skip
def test_a_post_is_handed_within_its_pair_and_its_cover(giver, taker, way):
    plan = Plan(covers=(Cover(7, C, MONDAY, MONDAY),))
    assert HANDS.get((standing(plan, POST, MONDAY, giver), standing(plan, POST, MONDAY, taker))) == way


def test_nobody_hands_a_post_to_a_stranger_to_it():
    assert Standing.OTHER not in {taker for _, taker in HANDS}
    assert set(HANDS) == {
        pair for pair in product(Standing, Standing)
        if pair[1] is not Standing.OTHER
        and pair not in {(Standing.PRIMARY, Standing.PRIMARY), (Standing.COVER, Standing.COVER)}
    }  # fmt: skip


def test_who_the_rota_names_is_the_primary_of_the_day():
    plan = Plan(rota={(7, MONDAY): D})
    assert [standing(plan, POST, MONDAY, who) for who in (D, A, B, C)] == [
        Standing.PRIMARY, Standing.BACKUP, Standing.BACKUP, Standing.OTHER,
    ]  # fmt: skip


def test_the_seats_table_whole():
    """Only who sits there can offer, withdraw and be followed; only an offer can be received; an end is an end."""
    ends = {SeatAction.SIGN_OUT, SeatAction.DAY_OVER}
    for seat, action in product(Seat, SeatAction):
        after = SEATS.get((seat, action))
        if seat is Seat.EMPTY:
            assert after == (Seat.TAKEN if action is SeatAction.SIGN_IN else None)
        elif action in ends:
            assert after is Seat.EMPTY
        elif action is SeatAction.OFFER:
            assert after is Seat.OFFERED
        elif action in {SeatAction.RECEIVE, SeatAction.WITHDRAW}:
            assert after == (Seat.TAKEN if seat is Seat.OFFERED else None)
        else:
            assert after == (Seat.TAKEN if action is SeatAction.TAKE_OVER else None)


@pytest.mark.parametrize(
    ("part", "sessions", "found"),
    [
        (Part.DAY, ((510, 690), (780, 990)), ((510, 690), (780, 990))),
        (Part.MORNING, ((510, 690), (780, 990)), ((510, 690),)),
        (Part.AFTERNOON, ((510, 690), (780, 990)), ((780, 990),)),
        (Part.MORNING, ((540, 1020),), ((540, 720),)),
        (Part.AFTERNOON, ((540, 1020),), ((720, 1020),)),
        (Part.AFTERNOON, ((480, 700),), ()),
        (Part.MORNING, (), ((0, 720),)),
    ],
)
def test_a_post_is_due_in_its_part_of_the_day(part, sessions, found):
    calendar = Calendar("Asia/Shanghai", tuple(Session(1, *s) for s in sessions))
    post = Post(7, A, B, frozenset({1}), part)
    assert tuple((s.opens, s.closes) for s in due(post, calendar, MONDAY)) == found


def test_no_post_is_due_on_a_holiday_or_on_another_weekday():
    holiday = Calendar("Asia/Shanghai", WEEK.sessions, 0, {MONDAY: SpecialDay(DayKind.HOLIDAY, "节")})
    saturday = date(2026, 3, 7)
    made_up = Calendar("Asia/Shanghai", WEEK.sessions, 0, {saturday: SpecialDay(DayKind.WORKDAY, "班", 5)})
    assert due(POST, holiday, MONDAY) == () == due(POST, WEEK, saturday)
    assert len(due(POST, made_up, saturday)) == 2


OPENS = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
CLOSES = OPENS + timedelta(hours=3)


def at(minutes):
    return OPENS + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("stays", "now", "mark"),
    [
        ((), -30, Mark.COMING), ((), 4, Mark.COMING), ((), 5, Mark.MISSING), ((), 180, Mark.NEVER),
        (((-20, None),), 60, Mark.KEPT), (((5, None),), 60, Mark.KEPT), (((6, None),), 60, Mark.LATE),
        (((-20, 181),), 200, Mark.KEPT), (((-20, 175),), 200, Mark.KEPT), (((-20, 174),), 200, Mark.EARLY),
        (((6, 100),), 200, Mark.LATE_EARLY),
        (((-20, 60), (90, None)), 200, Mark.KEPT),
        (((-60, -10),), 200, Mark.NEVER), (((185, None),), 200, Mark.NEVER),
    ],
)  # fmt: skip
def test_how_a_session_was_kept(stays, now, mark):
    mine = [Stay(at(began), None if ended is None else at(ended)) for began, ended in stays]
    assert kept(mine, OPENS, CLOSES, at(now), timedelta(minutes=5)).mark is mark


def test_who_handed_over_has_not_left_early():
    handed = [Stay(at(0), at(60), excused=True)]
    assert kept(handed, OPENS, CLOSES, at(100), timedelta(0)) == Kept(Mark.KEPT, at(0), at(60))


@pytest.mark.parametrize(
    ("place", "found"),
    [
        (Place(OPENS, False, False, False, None), (Reason.NOBODY, OPENS)),
        (Place(OPENS, False, False, False, at(30)), (Reason.NOBODY, at(30))),
        (Place(OPENS, False, False, False, at(-999)), (Reason.NOBODY, OPENS)),
        (Place(OPENS, True, True, True, at(30)), (Reason.PAUSED, at(30))),
        (Place(OPENS, True, False, True, at(30)), None),
        (Place(OPENS, True, False, False, at(30)), (Reason.SESSION_OVER, None)),
        (Place(OPENS, True, True, False, at(30)), (Reason.SESSION_OVER, None)),
        (Place(None, True, False, False, at(30)), (Reason.SESSION_OVER, None)),
        (Place(None, True, True, True, at(30)), None),
        (Place(None, False, False, False, None), None),
    ],
)  # fmt: skip
def test_when_a_window_is_empty(place, found):
    assert empty(place, OPENS) == found
    if place.opens is None:
        assert empty(place, None) is None
