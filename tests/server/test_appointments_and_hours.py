"""Where the book of appointments meets the hall's hours, its calendar, its quotas and its tolerance."""

from datetime import datetime

import pytest

PLAN = {"mode": "hall", "queue": "A", "weekdays": [1, 2, 3, 4, 5], "start_minute": 540, "end_minute": 600,
        "slot_minutes": 30, "capacity": 2}  # fmt: skip
WEEK = [{"weekday": day, "opens": 510, "closes": 690} for day in range(1, 6)]


@pytest.fixture
def boss(hall):
    return hall.person("boss", "admin")


@pytest.fixture
def kiosk(hall):
    return hall.device("kiosk")


def done(answer):
    assert answer[0] in (200, 201), answer
    return answer[1]


def plan(boss, **more):
    done(boss.do("/admin/slot-plans", **{**PLAN, **more}))


def at(hall, hour, minute=0):
    hall.clock.now = datetime.fromisoformat(f"2026-03-02T{hour:02}:{minute:02}:00+08:00")


def book(boss, mode="hall"):
    slot = boss.get(f"/appointments/slots/A/{mode}")[1]["slots"][0]
    return done(boss.do("/appointments", queue="A", mode=mode, starts_at=slot["starts_at"]))


def days(boss, mode="hall"):
    slots = boss.get(f"/appointments/slots/A/{mode}")[1]["slots"]
    return sorted({slot["starts_at"][:10] for slot in slots})


def test_holidays_have_no_slots_and_make_up_days_those_of_another_weekday(hall, boss):
    plan(boss)
    plan(boss, mode="extended_hours")
    done(boss.do("/admin/hours", method="PUT", sessions=WEEK))
    done(boss.do("/admin/hours/days/2026-03-04", method="PUT", kind="holiday", name="节"))
    done(boss.do("/admin/hours/days/2026-03-07", method="PUT", kind="workday", name="班", as_weekday=3))
    for mode in ("hall", "extended_hours"):
        assert days(boss, mode)[:5] == ["2026-03-02", "2026-03-03", "2026-03-05", "2026-03-06", "2026-03-07"]


def test_the_opening_hours_book_keeps_to_the_sessions_and_the_after_hours_book_does_not(hall, boss):
    every_day = [1, 2, 3, 4, 5, 6, 7]
    plan(boss, weekdays=every_day)
    plan(boss, weekdays=every_day, mode="extended_hours")
    done(boss.do("/admin/hours", method="PUT", sessions=WEEK))
    assert "2026-03-07" not in days(boss) and "2026-03-07" in days(boss, "extended_hours")


def test_the_after_hours_book_is_served_when_the_hall_is_closed_to_others(hall, boss, kiosk):
    plan(boss, mode="extended_hours", start_minute=1080, end_minute=1140)
    done(boss.do("/admin/hours", method="PUT", sessions=WEEK))
    booked, second = book(boss, "extended_hours"), book(boss, "extended_hours")
    at(hall, 17, 50)
    assert kiosk.do("/tickets", queue="A")[1]["code"] == "hall_closed"
    assert done(kiosk.do("/tickets", appointment=booked["code"]))["lane"] == "appointment"
    hall.store.write(lambda tx: tx.conn.exec_driver_sql("UPDATE hall SET open = 0"))
    assert kiosk.do("/tickets", appointment=second["code"])[1]["code"] == "hall_closed"


def test_no_quota_and_no_cut_off_for_who_booked_late_or_not(hall, boss, kiosk):
    plan(boss)
    done(boss.do("/admin/hours", method="PUT", sessions=WEEK, cutoff_minutes=60))
    done(boss.do("/admin/hours/queues/A", method="PUT", quota_day=1))
    at(hall, 8, 50)
    first, late = book(boss), book(boss)
    kiosk.take("A")
    assert kiosk.do("/tickets", queue="A")[1]["code"] == "quota_day_full"
    assert done(kiosk.do("/tickets", appointment=first["code"]))["lane"] == "appointment"
    at(hall, 10, 45)
    assert kiosk.do("/tickets", queue="B")[1]["code"] == "past_cutoff"
    assert done(kiosk.do("/tickets", appointment=late["code"]))["lane"] == "normal"


def test_the_halls_tolerance_is_an_admins(hall, boss, kiosk):
    plan(boss)
    hall.store.write(lambda tx: tx.conn.exec_driver_sql("UPDATE hall SET appointment_late_minutes = 60"))
    at(hall, 8, 50)
    booked = book(boss)
    at(hall, 9, 59)
    assert done(kiosk.do("/tickets", appointment=booked["code"]))["lane"] == "appointment"
    assert hall.rows("SELECT due_at IS NOT NULL FROM ticket") == [(1,)]


def test_a_due_appointment_is_called_before_who_came_first(hall, boss, kiosk):
    plan(boss)
    at(hall, 8, 40)
    booked = book(boss)
    first = kiosk.take("A")["number"]
    number = done(kiosk.do("/tickets", appointment=booked["code"]))["number"]
    clerk = hall.clerk_at("01")
    called = done(clerk.do("/windows/01/call-next"))["ticket"]["number"]
    assert called == first  # twenty minutes before its time it waits
    done(clerk.do("/windows/01/no-show"))
    kiosk.take("A")
    at(hall, 9, 0)
    assert done(clerk.do("/windows/01/call-next"))["ticket"]["number"] == number
