"""Where the book of appointments meets the hall's hours, its calendar, its quotas and its tolerance."""

from datetime import datetime

import pytest

from server import background

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


# ── closed after it was booked ──

HOLIDAY = {"method": "PUT", "kind": "holiday", "name": "停电"}
WEDNESDAY, MORNING = "2026-03-04", "2026-03-04T09:00:00+08:00"


def book_on(boss, mode="hall", starts_at=MORNING, **more):
    return done(boss.do("/appointments", queue="A", mode=mode, starts_at=starts_at, **more))


def unkept(answer):
    return [(one["day"], one["bookings"], one["reason"]) for one in answer["hours"]["unkept"]]


def test_a_holiday_over_bookings_says_how_many_and_the_book_says_which(hall, boss):
    plan(boss)
    plan(boss, mode="extended_hours")
    done(boss.do("/admin/hours", method="PUT", sessions=WEEK))
    first, second, gone = book_on(boss), book_on(boss, "extended_hours"), book_on(boss)
    boss.do(f"/appointments/{gone['id']}/cancel")
    other = book_on(boss, starts_at="2026-03-05T09:00:00+08:00")
    answer = done(boss.do(f"/admin/hours/days/{WEDNESDAY}", **HOLIDAY))
    assert unkept(answer) == unkept(boss.get("/admin")[1]) == [(WEDNESDAY, 2, "当天放假：停电")]
    listed = {one["id"]: one for one in boss.get(f"/appointments/days/{WEDNESDAY}")[1]["appointments"]}
    for one in (first, second):
        assert listed[one["id"]]["closed"] == "当天放假：停电" and "停电" in listed[one["id"]]["closed_en"]
    assert boss.do("/appointments/find", code=first["code"])[1]["closed"] == "当天放假：停电"
    assert boss.get("/appointments/days/2026-03-05")[1]["appointments"][0]["closed"] == other["closed"] == ""
    assert unkept(done(boss.do(f"/admin/hours/days/{WEDNESDAY}/remove"))) == []


def test_an_imported_holiday_and_shorter_hours_say_so_too(hall, boss):
    plan(boss)
    done(boss.do("/admin/hours", method="PUT", sessions=WEEK))
    book_on(boss)
    answer = done(boss.do("/admin/hours/import", lines=["2026-03-04~2026-03-06, 放假, 检修"]))
    assert unkept(answer) == [(WEDNESDAY, 1, "当天放假：检修")]
    done(boss.do(f"/admin/hours/days/{WEDNESDAY}/remove"))
    no_wednesday = [one for one in WEEK if one["weekday"] != 3]
    answer = done(boss.do("/admin/hours", method="PUT", sessions=no_wednesday))
    assert unkept(answer) == [(WEDNESDAY, 1, "当天大厅不开放")]
    later = [*no_wednesday, {"weekday": 3, "opens": 555, "closes": 690}]
    assert unkept(done(boss.do("/admin/hours", method="PUT", sessions=later))) == [
        (WEDNESDAY, 1, "这个时间大厅不开放")
    ]


def test_what_the_hall_could_not_keep_is_nobodys_miss(hall, boss):
    """Until its time is over the booking stands, for the holiday may be taken back."""
    plan(boss)
    done(boss.do("/admin/hours", method="PUT", sessions=WEEK))
    book_on(boss, phone="13812345678")
    book_on(boss, starts_at="2026-03-03T09:00:00+08:00", phone="13812345678")
    done(boss.do(f"/admin/hours/days/{WEDNESDAY}", **HOLIDAY))
    background.tick(hall.store)
    assert hall.rows("SELECT state FROM appointment ORDER BY starts_at") == [("booked",), ("booked",)]
    hall.clock.forward(days=3)
    background.tick(hall.store)
    assert hall.rows("SELECT state FROM appointment ORDER BY starts_at") == [("missed",), ("cancelled",)]
    (why,) = hall.rows("SELECT why FROM news WHERE kind = 'appointment.changed' AND why <> ''")
    assert why == ("当天放假：停电",)


def test_the_citizens_page_says_that_the_hall_is_closed_and_what_to_do(hall, boss):
    plan(boss)
    done(boss.do("/admin/hours", method="PUT", sessions=WEEK))
    booked = book_on(boss)
    page = hall.app.test_client()
    assert booked["code"][:4] in page.get(f"/book/{booked['id']}").text
    done(boss.do(f"/admin/hours/days/{WEDNESDAY}", **HOLIDAY))
    text = page.get(f"/book/{booked['id']}").text
    for words in ("当天放假：停电", "不能照常办理", "另约时间", "不算您未到", "取消预约"):
        assert words in text
    assert booked["code"][:4] not in text and "预约成功" not in text
    assert "does not count as missed" in page.get(f"/book/{booked['id']}?lang=en").text
    hall.clock.forward(days=3)
    background.tick(hall.store)
    text = page.get(f"/book/{booked['id']}").text
    assert "预约已取消" in text and "当天放假：停电" in text and "不算您未到" in text


# ── plans outside of the hours ──


def starts(boss, mode="hall", day="2026-03-03"):
    slots = boss.get(f"/appointments/slots/A/{mode}")[1]["slots"]
    return [slot["starts_at"][11:16] for slot in slots if slot["starts_at"].startswith(day)]


def test_the_hall_book_offers_only_what_lies_whole_within_a_session(hall, boss):
    done(boss.do("/admin/hours", method="PUT", sessions=[*WEEK, {"weekday": 2, "opens": 780, "closes": 990}]))
    wide = {"start_minute": 480, "end_minute": 840}  # hours are 8:30 to 11:30, and on Tuesday from 13:00 too
    plan(boss, **wide, slot_minutes=60)
    plan(boss, **wide, slot_minutes=60, mode="extended_hours")
    assert starts(boss) == ["09:00", "10:00", "13:00"]
    assert len(starts(boss, "extended_hours")) == 6
    refused = boss.do("/appointments", queue="A", mode="hall", starts_at="2026-03-03T08:00:00+08:00")[1]
    assert refused["code"] == "slot_closed"


def test_a_plan_says_how_much_of_it_the_hours_leave(hall, boss):
    def told(**more):
        answer = done(boss.do("/admin/slot-plans", **{**PLAN, **more}))
        return next((p["slots"], p["offered"]) for p in answer["plans"] if p["id"] == answer["plan"])

    assert told() == (10, 10)  # without sessions the hall is always open
    done(boss.do("/admin/hours", method="PUT", sessions=WEEK))
    assert told() == (10, 10)
    assert told(start_minute=1080, end_minute=1140) == (10, 0)
    assert told(start_minute=660, end_minute=720, weekdays=[1, 6]) == (4, 1)
    assert told(start_minute=1080, end_minute=1140, mode="extended_hours") == (10, 10)
    assert boss.get("/slot-plans")[1]["hours"] == ["周一至周五 8:30–11:30", "Mon–Fri 8:30–11:30"]


def test_a_hall_that_was_closed_by_hand_offers_nothing_today(hall, boss):
    at(hall, 8)
    for mode in ("hall", "extended_hours", "home_visit"):
        plan(boss, mode=mode)
    offered = boss.get("/appointments/slots/A/hall")[1]["slots"][0]["starts_at"]
    hall_now = {"name": "厅", "open": False, "closed_reason": "停电"}
    done(boss.do("/admin/hall", method="PUT", **hall_now))
    assert [days(boss, mode)[0] for mode in ("hall", "extended_hours", "home_visit")] == [
        "2026-03-03", "2026-03-03", "2026-03-02"
    ]  # fmt: skip
    status, problem = boss.do("/appointments", queue="A", mode="hall", starts_at=offered)
    assert status == 409 and problem["code"] == "slot_closed", problem
    done(boss.do("/admin/hall", method="PUT", **{**hall_now, "open": True, "closed_reason": ""}))
    assert days(boss)[0] == "2026-03-02"
