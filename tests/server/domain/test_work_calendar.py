"""When a hall issues tickets: over random weeks, zones and days, and at the edges of days and years."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from server.domain import hours_words as words
from server.domain.work_calendar import (
    Calendar,
    DayKind,
    Session,
    SpecialDay,
    issuing,
    next_slot,
    overlap,
    sessions_on,
    slot_at,
    slots_on,
    too_short,
)

SHANGHAI = "Asia/Shanghai"
HALL_DAY = ((510, 690), (780, 990))  # 8:30–11:30, 13:00–16:30
WEEK = tuple(Session(weekday, *times) for weekday in range(1, 6) for times in HALL_DAY)
MINUTE = timedelta(minutes=1)


def at(text: str, zone: str = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def hall(*, cutoff: int = 0, days: dict[date, SpecialDay] | None = None) -> Calendar:
    return Calendar(SHANGHAI, WEEK, cutoff, days or {})


@st.composite
def weeks(draw: st.DrawFn) -> tuple[Session, ...]:
    sessions = []
    for weekday in draw(st.sets(st.integers(1, 7))):
        edges = sorted(draw(st.sets(st.integers(0, 1440), min_size=2, max_size=6)))
        sessions += [Session(weekday, a, b) for a, b in zip(edges[::2], edges[1::2], strict=False)]
    return tuple(draw(st.permutations(sessions)))


SPECIAL = st.builds(SpecialDay, st.sampled_from(DayKind), st.just("节"), st.integers(1, 7))
ZONES = st.sampled_from([SHANGHAI, "Asia/Urumqi", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"])
NOWS = st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - given UTC


@st.composite
def calendars(draw: st.DrawFn, now: datetime) -> Calendar:
    near = st.dates(now.date() - timedelta(days=3), now.date() + timedelta(days=20))
    return Calendar(draw(ZONES), draw(weeks()), draw(st.integers(0, 240)), draw(st.dictionaries(near, SPECIAL)))


@settings(max_examples=60, deadline=None)
@given(data=st.data(), now=NOWS)
def test_the_next_opening_is_open_and_no_moment_before_it_is(data: st.DataObject, now: datetime) -> None:
    calendar = data.draw(calendars(now))
    slot = next_slot(calendar, now)
    end = slot.opens if slot else now + timedelta(days=40)
    if slot:
        assert slot.opens > now
        assert issuing(calendar, slot.opens)
    here = slot_at(calendar, now)
    start = max(now, here.ends) if here else now
    step = max(MINUTE, (end - start) / 100)
    moment = start
    while moment < end:
        assert not issuing(calendar, moment), moment
        moment += step
    assert start >= end or not issuing(calendar, end - timedelta(microseconds=1))


@settings(max_examples=50, deadline=None)
@given(data=st.data(), now=NOWS)
def test_a_slot_is_found_by_each_of_its_moments_and_slots_of_a_day_are_in_order(
    data: st.DataObject, now: datetime
) -> None:
    calendar = data.draw(calendars(now))
    for slot in slots_on(calendar, now.date()):
        if slot.opens < slot.closes:  # else the clock jumps over it that day
            assert slot_at(calendar, slot.opens) is not None
            assert slot.ends <= slot.closes
    opens = [slot.opens for slot in slots_on(Calendar(SHANGHAI, calendar.sessions), now.date())]
    assert opens == sorted(opens)


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        ("2026-03-02 08:29:59.999999", False),
        ("2026-03-02 08:30", True),
        ("2026-03-02 11:09:59.999999", True),
        ("2026-03-02 11:10", False),
        ("2026-03-02 11:30", False),
        ("2026-03-02 13:00", True),
        ("2026-03-02 16:10", False),
        ("2026-03-07 10:00", False),
        ("2028-02-29 10:00", True),
    ],
)
def test_a_week_with_a_cut_off(moment: str, open_: bool) -> None:
    assert issuing(hall(cutoff=20), at(moment)) is open_


def test_a_slot_lasts_until_it_closes_though_nothing_is_issued() -> None:
    slot = slot_at(hall(cutoff=20), at("2026-03-02 11:15"))
    assert slot is not None and slot.ends == at("2026-03-02 11:10") and slot.closes == at("2026-03-02 11:30")


def test_no_cut_off_where_the_next_session_begins_at_once() -> None:
    calendar = Calendar(SHANGHAI, (Session(1, 540, 600), Session(1, 600, 660)), 20)
    assert issuing(calendar, at("2026-03-02 09:50"))
    assert not issuing(calendar, at("2026-03-02 10:40"))
    assert not too_short(calendar.sessions, 59) and too_short(calendar.sessions, 60)


def test_midnight_is_the_end_of_one_day_and_the_beginning_of_another() -> None:
    calendar = Calendar(SHANGHAI, (Session(1, 1320, 1440), Session(2, 0, 60)))
    assert issuing(calendar, at("2026-03-02 23:59:59")) and issuing(calendar, at("2026-03-03 00:00"))
    assert not issuing(calendar, at("2026-03-03 01:00"))


def test_holidays_and_make_up_workdays() -> None:
    days = {
        date(2026, 3, 2): SpecialDay(DayKind.HOLIDAY, "节"),
        date(2026, 3, 8): SpecialDay(DayKind.WORKDAY, "调休", as_weekday=5),
    }
    short_friday = (*(s for s in WEEK if s.weekday != 5), Session(5, 510, 690))
    calendar = Calendar(SHANGHAI, short_friday, 0, days)
    assert sessions_on(calendar, date(2026, 3, 2)) == ()
    assert sessions_on(calendar, date(2026, 3, 8)) == (Session(5, 510, 690),)
    opening = next_slot(calendar, at("2026-03-06 12:00"))
    assert opening is not None and (opening.day, opening.of) == (date(2026, 3, 8), 1)


def test_a_year_of_holidays_has_no_next_opening() -> None:
    days = {date(2026, 1, 1) + timedelta(days=n): SpecialDay(DayKind.HOLIDAY, "修缮") for n in range(500)}
    assert next_slot(hall(days=days), at("2026-01-01 10:00")) is None
    assert next_slot(Calendar(SHANGHAI, ()), at("2026-01-01 10:00")) is None
    assert next_slot(hall(), at("9999-12-31 20:00")) is None


def test_the_night_that_has_two_two_o_clocks() -> None:
    calendar = Calendar("Europe/Berlin", (Session(7, 60, 240),))
    slot = slot_at(calendar, at("2026-10-25 03:30", "Europe/Berlin"))
    assert slot is not None and slot.closes - slot.opens == timedelta(hours=4)


@settings(max_examples=30, deadline=None)
@given(weeks(), st.integers(0, 240))
@example((Session(1, 0, 10), Session(1, 9, 20)), 0)
@example((Session(1, 0, 10), Session(1, 10, 20)), 0)
@example((Session(1, 10, 40),), 30)
def test_what_overlaps_and_what_is_too_short(sessions: tuple[Session, ...], cutoff: int) -> None:
    shared = {(s.weekday, m) for s in sessions for m in range(s.opens, s.closes)}
    assert overlap(sessions) is (len(shared) < sum(s.closes - s.opens for s in sessions))
    lone = all(s.closes - s.opens > cutoff for s in sessions)
    assert not (lone and too_short(sessions, cutoff))


TODAY = date(2026, 12, 30)


@pytest.mark.parametrize(
    ("moment", "zh", "en"),
    [
        ("2026-12-30 13:00", "今天 13:00 开始取号", "numbers are issued from 13:00 today"),
        ("2026-12-31 08:30", "明天 8:30 开始取号", "numbers are issued from 8:30 tomorrow"),
        ("2027-01-04 08:30", "2027年1月4日（周一）8:30 开始取号",
         "numbers are issued from 8:30 on Mon 4 January 2027"),
    ],
)  # fmt: skip
def test_an_opening_in_words(moment: str, zh: str, en: str) -> None:
    when = at(moment)
    slot = next_slot(hall(), when - MINUTE)
    assert slot is not None and slot.opens == when
    assert words.opening(slot, TODAY, SHANGHAI) == (zh, en)


@pytest.mark.parametrize(
    ("sessions", "zh", "en"),
    [
        (WEEK, "周一至周五 8:30–11:30、13:00–16:30", "Mon–Fri 8:30–11:30, 13:00–16:30"),
        ((*WEEK, Session(6, 540, 720), Session(7, 540, 720)),
         "周一至周五 8:30–11:30、13:00–16:30；周六、周日 9:00–12:00",
         "Mon–Fri 8:30–11:30, 13:00–16:30; Sat, Sun 9:00–12:00"),
        ((Session(1, 540, 1440), Session(3, 540, 1440), Session(4, 0, 60)),
         "周一、周三 9:00–24:00；周四 0:00–1:00", "Mon, Wed 9:00–24:00; Thu 0:00–1:00"),
        ((), "", ""),
    ],
)  # fmt: skip
def test_a_week_in_words(sessions: tuple[Session, ...], zh: str, en: str) -> None:
    assert words.week(sessions) == (zh, en)


def test_parts_of_a_day_in_words() -> None:
    evening = Calendar(SHANGHAI, (Session(1, 510, 690), Session(1, 780, 990), Session(1, 1110, 1200)))
    parts = [words.part(slot, SHANGHAI)[0] for slot in slots_on(evening, date(2026, 3, 2))]
    assert parts == ["今天上午", "今天下午", "今天晚上"]
    (only,) = slots_on(Calendar(SHANGHAI, (Session(1, 510, 990),)), date(2026, 3, 2))
    assert words.part(only, SHANGHAI) == ("今天", "today")
