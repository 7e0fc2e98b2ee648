"""What a clerk is told of the own day and of the window's present stretch: times from the server, never a rating."""

from datetime import date, datetime
from uuid import uuid4


def call(clerk, window, action, /, **body):
    status, view = clerk.do(f"/windows/{window}/{action}", **body)
    assert status == 200, view
    return view


def serve(hall, clerk, window, seconds, **finish):
    call(clerk, window, "call-next")
    call(clerk, window, "begin")
    hall.clock.forward(seconds=seconds)
    return call(clerk, window, "finish", **finish)


def day(clerk):
    status, answer = clerk.get("/me/day")
    assert status == 200, answer
    return answer


def since(hall, clerk, window):
    """How many seconds ago the window became what it is."""
    status, view = clerk.get(f"/windows/{window}")
    assert status == 200
    return (hall.clock.now - datetime.fromisoformat(view["since"])).total_seconds()


def test_services_are_counted_and_averaged(hall):
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    for _ in range(4):
        kiosk.take()
    assert (day(clerk)["served"], day(clerk)["average_s"], day(clerk)["tickets"]) == (0, None, [])
    serve(hall, clerk, "01", 60)
    serve(hall, clerk, "01", 120, outcome="correction")
    call(clerk, "01", "call-next")
    hall.clock.forward(seconds=5)
    call(clerk, "01", "no-show")
    today = day(clerk)
    assert (today["served"], today["average_s"], today["day"]) == (2, 90, "2026-03-02")
    assert [(t["number"], t["state"], t["outcome"]) for t in today["tickets"]] == [
        ("A003", "no_show", ""), ("A002", "finished", "correction"), ("A001", "finished", "done"),
    ]  # fmt: skip


def test_a_day_is_of_one_person_over_all_windows(hall):
    kiosk, one, two = hall.device("kiosk"), hall.clerk_at("01"), hall.clerk_at("02")
    kiosk.take(), kiosk.take(), kiosk.take()
    serve(hall, one, "01", 10)
    serve(hall, two, "02", 20)
    assert one.do("/windows/03/sign-in")[0] == 200
    serve(hall, one, "03", 30)
    assert (day(one)["served"], day(one)["average_s"]) == (2, 20)
    assert [t["number"] for t in day(two)["tickets"]] == ["A002"]


def test_yesterday_is_another_day(hall):
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    kiosk.take()
    serve(hall, clerk, "01", 10)
    hall.clock.forward(days=1)
    assert day(hall.sign_in("clerk-01"))["served"] == 0


def test_a_ticket_taken_over_counts_for_who_finishes_it(hall):
    kiosk, one, two = hall.device("kiosk"), hall.clerk_at("01"), hall.person("two")
    kiosk.take()
    call(one, "01", "call-next")
    call(one, "01", "begin")
    assert two.do("/windows/01/sign-in", take_over=True)[0] == 200
    call(two, "01", "finish")
    assert (day(one)["served"], day(two)["served"]) == (0, 1)


def test_time_on_hold_is_not_service(hall):
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    ticket = kiosk.take()
    call(clerk, "01", "call-next")
    call(clerk, "01", "begin")
    hall.clock.forward(seconds=60)
    call(clerk, "01", "hold", kind="same_window", reason="复印")
    hall.clock.forward(seconds=500)
    call(clerk, "01", f"resume-ticket/{ticket['id']}")
    hall.clock.forward(seconds=30)
    call(clerk, "01", "finish")
    assert day(clerk)["average_s"] == 90


def test_a_call_out_of_order_is_marked(hall):
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    kiosk.take()
    second = kiosk.take()
    call(clerk, "01", f"call/{second['id']}")
    assert [t["out_of_order"] for t in day(clerk)["tickets"]] == [True]
    call(clerk, "01", "no-show")
    hall.clock.forward(seconds=1)
    call(clerk, "01", "call-next")
    assert [t["out_of_order"] for t in day(clerk)["tickets"]] == [False, True]


def test_nothing_of_a_rating_is_told(hall):
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    evaluator = hall.device("evaluator", "ev", "01")
    kiosk.take()
    serve(hall, clerk, "01", 10)
    assert evaluator.do("/ratings", label="dissatisfied")[1]["accepted"]
    assert not any("rat" in word for ticket in day(clerk)["tickets"] for word in ticket)
    assert "dissatisfied" not in str(day(clerk))


def test_the_list_is_bounded_and_the_figures_are_not(hall):
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    for _ in range(101):
        kiosk.take()
        serve(hall, clerk, "01", 1)
    assert (len(day(clerk)["tickets"]), day(clerk)["served"]) == (100, 101)


def test_the_day_is_found_by_index(hall):
    from server.services.own_day import _FIGURES, _TICKETS

    for query in (_FIGURES, _TICKETS):
        known = query.params(hall_id=1, day=date(2026, 3, 2), staff_id=1)
        sql = str(known.compile(hall.store.engine, compile_kwargs={"literal_binds": True}))
        plan = " ".join(str(row) for row in hall.rows(f"EXPLAIN QUERY PLAN {sql}"))
        assert "ix_ticket_day" in plan and "SCAN ticket" not in plan


def test_since_when_a_window_is_free_or_paused(hall):
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    kiosk.take()
    hall.clock.forward(seconds=30)
    assert since(hall, clerk, "01") == 30
    serve(hall, clerk, "01", 100)
    assert since(hall, clerk, "01") == 0
    hall.clock.forward(seconds=7)
    call(clerk, "01", "pause", reason="用餐")
    hall.clock.forward(seconds=50)
    call(clerk, "01", "pause", reason="交接班")
    assert since(hall, clerk, "01") == 50
    call(clerk, "01", "resume")
    assert since(hall, clerk, "01") == 0


def test_a_pause_that_began_with_a_citizen_there_goes_on(hall):
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    kiosk.take()
    call(clerk, "01", "call-next")
    call(clerk, "01", "begin")
    call(clerk, "01", "pause", reason="用餐")
    hall.clock.forward(seconds=40)
    call(clerk, "01", "finish")
    assert since(hall, clerk, "01") == 40


def test_colleagues_see_who_waits_for_which_window(hall):
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    other = hall.clerk_at("02")
    kiosk.take(), kiosk.take()
    call(clerk, "01", "call-next")
    call(clerk, "01", "transfer", window="02")
    call(clerk, "01", "call-next")
    call(clerk, "01", "transfer", staff="clerk-02")
    seats = {seat["no"]: seat for seat in other.get("/windows")[1]["windows"]}
    assert (seats["02"]["waiting"], seats["01"]["waiting"], seats["02"]["username"]) == (2, 0, "clerk-02")


def test_a_bar_that_is_absent_is_told_to_its_own_window(hall):
    display, one, two = hall.device("display"), hall.clerk_at("01"), hall.clerk_at("02")
    bars = [
        {"name": "led-01-0", "kind": "ledbar", "state": "absent"},
        {"name": "led-02-1", "kind": "ledbar", "state": "online"},
    ]
    assert display.do("/devices/health", devices=bars, request_id=uuid4().hex)[0] == 200
    assert one.get("/windows/01")[1]["bar"] == "absent"
    assert two.get("/windows/02")[1]["bar"] == "online"
