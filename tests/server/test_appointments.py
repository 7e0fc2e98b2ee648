"""Appointments through the front door: plans, booking, check-in, the desk's book, the clock."""

import hashlib
import threading
from datetime import datetime, timedelta

import pytest

from server import background
from server.models import Hall as HallRow
from server.services import accounts

PLAN = {"queue": "A", "mode": "hall", "weekdays": [1, 2, 3, 4, 5], "start_minute": 600, "end_minute": 660,
        "slot_minutes": 30, "capacity": 2}  # fmt: skip
AT_TEN = "2026-03-02T10:00:00+08:00"  # the test clock stands at 09:00 that day
PHONE = "13812345678"


@pytest.fixture
def boss(hall):
    return hall.person("boss", "admin")


@pytest.fixture
def guide(hall):
    return hall.person("guide-1", "guide")


@pytest.fixture
def kiosk(hall):
    return hall.device("kiosk")


def plan(boss, **more):
    status, answer = boss.do("/admin/slot-plans", **{**PLAN, **more})
    assert status == 201, answer
    return answer["plans"]


def book(guide, **more):
    status, answer = guide.do("/appointments", **{"queue": "A", "mode": "hall", "starts_at": AT_TEN, **more})
    assert status == 201, answer
    return answer


def refused(answer):
    status, problem = answer
    assert status >= 400, problem
    assert problem["detail"] and problem["detail_en"]
    return problem["code"]


def check_in(caller, name):
    return caller.do("/tickets", appointment=name)


def at(hall, hour, minute=0, day=2):
    """Set the hall's clock to a time of March 2026."""
    hall.clock.now = datetime.fromisoformat(f"2026-03-{day:02}T{hour:02}:{minute:02}:00+08:00")


# ── plans ──


def test_an_admin_makes_changes_and_removes_plans(hall, boss, guide):
    made = plan(boss)
    assert [(p["queue"], p["weekdays"], p["capacity"]) for p in made] == [("A", [1, 2, 3, 4, 5], 2)]
    key = made[0]["id"]
    assert (
        boss.do(f"/admin/slot-plans/{key}", method="PUT", **{**PLAN, "capacity": 7})[1]["plans"][0]["capacity"] == 7
    )
    assert guide.get("/slot-plans")[1]["plans"][0]["capacity"] == 7
    assert guide.get("/appointments/slots/A/hall")[1]["slots"][0]["left"] == 7
    assert boss.do(f"/admin/slot-plans/{key}/remove")[1]["plans"] == []
    assert refused(boss.do(f"/admin/slot-plans/{key}/remove")) == "plan_not_found"
    assert guide.get("/appointments/slots/A/hall")[1]["slots"] == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("weekdays", []), ("weekdays", [0]), ("weekdays", [1, 1]), ("start_minute", -1), ("end_minute", 1441),
     ("slot_minutes", 4), ("capacity", 0), ("end_minute", 610), ("to_day", "2026-01-01"), ("mode", "moon")],
)  # fmt: skip
def test_a_plan_that_makes_no_sense_is_refused_by_field(boss, field, value):
    status, problem = boss.do("/admin/slot-plans", **{**PLAN, "from_day": "2026-02-01", field: value})
    assert (status, problem["code"], problem["field"]) == (422, "bad_field", field)


def test_the_board_says_whether_a_kiosk_should_ask_for_codes(boss, kiosk, guide):
    assert kiosk.get("/board")[1]["appointments"] is False
    key = plan(boss)[0]["id"]
    assert kiosk.get("/board")[1]["appointments"] is True
    booked = book(guide)
    boss.do(f"/admin/slot-plans/{key}/remove")
    assert kiosk.get("/board")[1]["appointments"] is True  # somebody holds a code
    guide.do(f"/appointments/{booked['id']}/cancel")
    assert kiosk.get("/board")[1]["appointments"] is False


# ── booking ──


def test_a_booking_takes_a_place_and_a_cancelled_one_gives_it_back(boss, guide):
    plan(boss)
    first, second = book(guide), book(guide, item="SB-03", phone="138 1234 5678")
    assert first["id"] != second["id"] and len(first["code"]) == 8 and first["state"] == "booked"
    assert (second["item_name"], second["phone"]) == ("灵活就业人员参保登记", "138****5678")
    assert refused(guide.do("/appointments", queue="A", mode="hall", starts_at=AT_TEN)) == "slot_full"
    assert [s["left"] for s in guide.get("/appointments/slots/A/hall")[1]["slots"][:2]] == [0, 2]
    assert guide.do(f"/appointments/{first['id']}/cancel")[1]["state"] == "cancelled"
    assert refused(guide.do(f"/appointments/{first['id']}/cancel")) == "appointment_settled"
    book(guide)
    assert refused(guide.do("/appointments", queue="A", mode="hall", starts_at=AT_TEN)) == "slot_full"


def test_the_same_request_books_once(hall, boss, guide):
    plan(boss)
    assert book(guide, request_id="book-once-01") == book(guide, request_id="book-once-01")
    assert hall.rows("SELECT taken FROM slot_taken") == [(1,)]


@pytest.mark.parametrize(
    ("wish", "code"),
    [({"queue": "Q"}, "queue_not_found"), ({"starts_at": "2026-03-02T10:05:00+08:00"}, "slot_closed"),
     ({"starts_at": "2026-03-01T10:00:00+08:00"}, "slot_closed"), ({"mode": "home_visit"}, "bad_contact"),
     ({"mode": "home_visit", "contact": "清河路 1 号"}, "phone_needed"),
     ({"starts_at": "2026-03-30T10:00:00+08:00"}, "slot_closed"), ({"item": "SB-01"}, "item_not_found"),
     ({"item": "nope"}, "item_not_found"), ({"phone": "12345"}, "bad_phone"),
     ({"phone": "11010519491231002X"}, "bad_phone"),
     ({"mode": "home_visit", "phone": PHONE, "contact": "x" * 121}, "bad_contact")],
)  # fmt: skip
def test_what_cannot_be_booked(hall, boss, guide, wish, code):
    plan(boss)
    plan(boss, mode="home_visit")
    answer = guide.do("/appointments", **{"queue": "A", "mode": "hall", "starts_at": AT_TEN, **wish})
    assert refused(answer) == code
    assert hall.rows("SELECT coalesce(sum(taken), 0) FROM slot_taken") == [(0,)]


def test_a_slot_is_never_overbooked_by_many_hands(hall, boss):
    plan(boss, capacity=5)
    desks = [hall.person(f"guide-{n}", "guide") for n in range(8)]
    answers = []

    def try_it(desk):
        for _ in range(3):
            answers.append(desk.do("/appointments", queue="A", mode="hall", starts_at=AT_TEN))

    threads = [threading.Thread(target=try_it, args=(desk,)) for desk in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(status for status, _ in answers) == [201] * 5 + [409] * 19
    assert {problem["code"] for status, problem in answers if status == 409} == {"slot_full"}
    assert hall.rows("SELECT taken FROM slot_taken") == [(5,)]
    assert hall.rows("SELECT count(*), count(DISTINCT code) FROM appointment") == [(5, 5)]


def test_places_and_cancellations_agree_whatever_their_order(hall, boss):
    plan(boss, capacity=3)
    desks = [hall.person(f"guide-{n}", "guide") for n in range(4)]

    def try_it(desk):
        for _ in range(6):
            status, booked = desk.do("/appointments", queue="A", mode="hall", starts_at=AT_TEN)
            if status == 201:
                assert desk.do(f"/appointments/{booked['id']}/cancel")[0] == 200

    threads = [threading.Thread(target=try_it, args=(desk,)) for desk in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert hall.rows("SELECT taken FROM slot_taken") == [(0,)]


def test_a_smaller_plan_throws_nobody_out(boss, guide):
    key = plan(boss)[0]["id"]
    book(guide), book(guide)
    boss.do(f"/admin/slot-plans/{key}", method="PUT", **{**PLAN, "capacity": 1})
    assert guide.get("/appointments/slots/A/hall")[1]["slots"][0]["left"] == 0
    assert len(guide.get("/appointments/days/2026-03-02")[1]["appointments"]) == 2


# ── check-in ──


def test_the_code_becomes_a_ticket_in_the_lane_of_appointments(hall, boss, guide, kiosk):
    plan(boss)
    booked = book(guide, item="SB-03")
    at(hall, 9, 55)
    status, ticket = check_in(kiosk, booked["code"])
    assert status == 201
    assert (ticket["queue"], ticket["item"], ticket["lane"]) == ("A", "SB-03", "appointment")
    assert ticket["appointment_at"] == AT_TEN
    assert kiosk.get(f"/tickets/{ticket['id']}")[1]["appointment_at"] == AT_TEN
    entry = guide.get("/appointments/days/today")[1]["appointments"][0]
    assert (entry["state"], entry["number"]) == ("arrived", ticket["number"])


def test_the_link_does_as_the_code_and_the_same_request_the_same_ticket(hall, boss, guide, kiosk):
    plan(boss)
    booked = book(guide)
    wish = {"appointment": booked["id"], "request_id": "check-in-0001"}
    assert kiosk.do("/tickets", **wish) == kiosk.do("/tickets", **wish)
    assert hall.rows("SELECT count(*) FROM ticket") == [(1,)]


def test_too_early_waits_and_too_late_goes_with_the_others_but_never_queues_twice(hall, boss, guide, kiosk):
    plan(boss)
    early, late = book(guide), book(guide)
    at(hall, 9, 1)
    first = check_in(kiosk, early["code"])[1]
    assert first["lane"] == "appointment"
    clerk = hall.clerk_at("01")
    assert clerk.get("/windows/01/queue")[1]["notes"] == {first["id"]: {"appointment": "early"}}
    story = guide.get(f"/tickets/{first['id']}/story")[1]["events"]
    assert [e["zh"] for e in story] == ["预约：已到大厅取号", "取号（预约）"]
    at(hall, 10, 0)
    assert clerk.get("/windows/01/queue")[1]["notes"] == {}
    at(hall, 10, 16)
    ticket = check_in(kiosk, late["code"])[1]
    assert (ticket["lane"], ticket["appointment_at"]) == ("normal", AT_TEN)
    notes = clerk.get("/windows/01/queue")[1]["notes"]
    assert notes == {first["id"]: {"appointment": "late"}, ticket["id"]: {"appointment": "late"}}


def test_a_missed_code_still_makes_a_ticket_that_day(hall, boss, guide, kiosk):
    plan(boss)
    booked = book(guide)
    at(hall, 15)
    background.tick(hall.store)
    assert guide.get("/appointments/days/today")[1]["appointments"][0]["state"] == "missed"
    assert check_in(kiosk, booked["code"])[0] == 201
    assert guide.get("/appointments/days/today")[1]["appointments"][0]["state"] == "arrived"


def test_every_wrong_code_gets_a_sentence_that_says_what_to_do(hall, boss, guide, kiosk):
    plan(boss, capacity=9)
    plan(boss, mode="home_visit")
    used, gone, later = book(guide), book(guide), book(guide, starts_at="2026-03-03T10:00:00+08:00")
    visit = book(guide, mode="home_visit", phone=PHONE, contact="清河路 1 号 王先生")
    guide.do(f"/appointments/{gone['id']}/cancel")
    number = check_in(kiosk, used["code"])[1]["number"]
    assert refused(check_in(kiosk, "00000000")) == "appointment_not_found"
    status, problem = check_in(kiosk, used["code"])
    assert (status, problem["code"]) == (409, "appointment_used") and number in problem["detail"]
    assert refused(check_in(kiosk, gone["code"])) == "appointment_cancelled"
    assert refused(check_in(kiosk, visit["code"])) == "appointment_home_visit"
    problem = check_in(kiosk, later["code"])[1]
    assert problem["code"] == "appointment_not_today"
    assert "2026年3月3日 10:00" in problem["detail"] and "2026-03-03 10:00" in problem["detail_en"]
    at(hall, 9, day=4)
    assert refused(check_in(kiosk, later["code"])) == "appointment_past"
    assert refused(kiosk.do("/tickets", appointment=later["code"], queue="A")) == "bad_field"


def test_a_closed_hall_takes_no_codes(hall, boss, guide, kiosk):
    plan(boss)
    booked = book(guide)
    hall.store.write(lambda tx: tx.change(HallRow, 1, open=False))
    assert refused(check_in(kiosk, booked["code"])) == "hall_closed"


def test_a_ticket_that_never_reached_its_owner_frees_the_code(hall, boss, guide, kiosk):
    plan(boss)
    booked = book(guide)
    first = check_in(kiosk, booked["code"])[1]
    kiosk.do(f"/tickets/{first['id']}/cancel", reason="never_printed")
    second = check_in(kiosk, booked["code"])[1]
    assert second["number"] != first["number"]
    assert refused(check_in(kiosk, booked["code"])) == "appointment_used"


def test_guessing_is_stopped_for_one_machine_and_only_for_a_minute(hall, boss, guide, kiosk):
    plan(boss)
    booked = book(guide)
    for n in range(10):
        assert refused(check_in(kiosk, f"{n:08}")) == "appointment_not_found"
    assert check_in(kiosk, booked["code"])[1]["code"] == "too_many_codes"
    assert check_in(kiosk, "00000000")[0] == 429
    other = hall.device("kiosk", "kiosk-2")
    assert refused(check_in(other, "00000000")) == "appointment_not_found"
    assert kiosk.take()["number"] == "A001"
    hall.clock.forward(seconds=61)
    background.tick(hall.store)
    assert hall.rows("SELECT count(*) FROM wrong_code") == [(0,)]
    assert check_in(kiosk, booked["code"])[0] == 201


def test_a_code_of_another_hall_is_unknown(hall, boss, guide):
    plan(boss)
    booked = book(guide)
    token = hall.store.write(_other_hall())
    stranger = type(guide)(hall.app.test_client(), {"Authorization": f"Bearer {token}"})
    for name in (booked["code"], booked["id"]):
        assert refused(check_in(stranger, name)) == "appointment_not_found"


def _other_hall():
    def work(tx):
        hall_id = tx.add(HallRow, code="XX", name="other")
        return accounts.new_device_token(tx, hall_id, "far", "kiosk")

    return work


# ── the desk ──


def test_the_desk_finds_by_code_and_sees_the_day(hall, boss, guide):
    plan(boss)
    booked = book(guide, starts_at="2026-03-03T10:30:00+08:00", phone=PHONE)
    found = guide.do("/appointments/find", code=f" {booked['code'][:4]} {booked['code'][4:]} ")[1]
    assert (found["id"], found["phone"], found["created_by"]) == (booked["id"], "138****5678", "guide:guide-1")
    assert refused(guide.do("/appointments/find", code="12")) == "appointment_not_found"
    assert guide.get("/appointments/days/today")[1]["appointments"] == []
    tomorrow = guide.get("/appointments/days/2026-03-03")[1]
    assert tomorrow["today"] == "2026-03-02" and [a["id"] for a in tomorrow["appointments"]] == [booked["id"]]
    assert refused(guide.get("/appointments/days/soon")) == "bad_field"


def test_home_visits_are_marked_by_hand_and_by_nobody_else(hall, boss, guide):
    plan(boss, mode="home_visit")
    plan(boss)
    visit = book(guide, mode="home_visit", phone=PHONE, contact="清河路 1 号 王先生")
    in_hall = book(guide)
    at(hall, 20)
    background.tick(hall.store)
    states = {a["mode"]: a["state"] for a in guide.get("/appointments/days/today")[1]["appointments"]}
    assert states == {"home_visit": "booked", "hall": "missed"}
    assert refused(guide.do(f"/appointments/{in_hall['id']}/done")) == "appointment_settled"
    assert guide.do(f"/appointments/{visit['id']}/missed")[1]["state"] == "missed"
    assert guide.do(f"/appointments/{visit['id']}/done")[1]["state"] == "done"
    assert refused(guide.do(f"/appointments/{visit['id']}/missed")) == "appointment_settled"


def test_news_of_bookings_tell_neither_code_nor_person(hall, boss, guide, kiosk):
    plan(boss, mode="home_visit")
    visit = book(guide, mode="home_visit", phone=PHONE, contact="清河路 1 号 王先生")
    told = str(hall.rows("SELECT kind, data, why FROM news WHERE kind = 'appointment.changed'"))
    for secret in (visit["code"], visit["id"], PHONE, "5678", "清河路"):
        assert secret not in told
    assert hall.rows("SELECT count(*) FROM news WHERE kind = 'appointment.changed'") == [(1,)]


# ── personal data ──


def everything(hall):
    tables = [name for (name,) in hall.rows("SELECT name FROM sqlite_master WHERE type='table'")]
    return " ".join(str(row) for name in tables for row in hall.rows(f'SELECT * FROM "{name}"'))


def test_a_telephone_number_is_stored_nowhere_and_the_rest_goes_in_time(hall, boss, guide):
    plan(boss, mode="home_visit")
    book(guide, mode="home_visit", phone=PHONE, contact="清河路 1 号 王先生")
    kept = everything(hall)
    assert PHONE not in kept and "138****5678" in kept and "清河路" in kept
    assert hashlib.sha256(PHONE.encode()).hexdigest() not in kept
    hall.clock.forward(days=31)
    background.tick(hall.store)
    assert "清河路" not in everything(hall) and "138****5678" in everything(hall)
    hall.clock.forward(days=60)
    background.tick(hall.store)
    assert "5678" not in everything(hall)
    assert hall.rows("SELECT person_hash, purge_at, state FROM appointment") == [(None, None, "booked")]


def test_an_address_given_for_the_hall_is_not_even_kept(hall, boss, guide):
    plan(boss)
    assert book(guide, contact="清河路 1 号")["contact"] == ""
    assert "清河路" not in everything(hall)


def test_timers_go_on_after_a_restart(hall, boss, guide):
    plan(boss)
    booked = book(guide)
    hall.restart()
    hall.clock.now += timedelta(hours=3)
    background.tick(hall.store)
    assert hall.rows(f"SELECT state FROM appointment WHERE public_id = '{booked['id']}'") == [("missed",)]
