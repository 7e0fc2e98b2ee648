"""Estimates through the front door: looked up at issue, kept with the ticket, shown, and measured afterwards."""

import re

import pytest


@pytest.fixture
def busy(hall):
    """Window 15 alone serves the queue G, five minutes each; six were served, one is there, three wait."""
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("15")
    for _ in range(10):
        kiosk.take("G")
    for _ in range(6):
        serve(hall, clerk)
    clerk.do("/windows/15/call-next"), clerk.do("/windows/15/begin")
    hall.server.waits.refresh()
    return kiosk, clerk


def serve(hall, clerk, window="15", seconds=300):
    assert clerk.do(f"/windows/{window}/call-next")[1]["ticket"]
    hall.clock.forward(seconds=10)
    clerk.do(f"/windows/{window}/begin")
    hall.clock.forward(seconds=seconds - 10)
    clerk.do(f"/windows/{window}/finish")


def status(caller, code):
    return next(queue for queue in caller.get("/board")[1]["queues"] if queue["code"] == code)


def test_a_ticket_is_told_a_range_and_keeps_it(hall, busy):
    kiosk, _ = busy
    ticket = kiosk.take("G")
    wait = ticket["wait"]
    assert ticket["ahead"] == 3 and 12 <= wait["low_minutes"] <= 20
    assert wait["low_minutes"] < wait["high_minutes"] <= 45
    low, high, ahead = hall.rows("SELECT estimate_low_s, estimate_high_s, estimate_ahead FROM ticket WHERE n = 11")[0]
    assert (ahead, low // 60 // 5 * 5) == (3, wait["low_minutes"]) and low < high


def test_who_comes_between_two_forecasts_waits_for_those_before(hall, busy):
    kiosk, _ = busy
    lows = [kiosk.take("G")["wait"]["low_minutes"] for _ in range(4)]
    assert lows == sorted(lows) and lows[-1] >= lows[0] + 10


def test_the_green_lane_waits_less(hall, busy):
    kiosk, _ = busy
    assert kiosk.take("G", lane="priority")["wait"]["low_minutes"] <= kiosk.take("G")["wait"]["low_minutes"] - 5


def test_the_board_tells_whoever_would_come_now(hall, busy):
    kiosk, _ = busy
    told = status(kiosk, "G")["wait"]
    assert told == kiosk.take("G")["wait"]
    assert status(kiosk, "G")["wait"]["low_minutes"] > told["low_minutes"] - 1


def test_time_goes_by_on_the_ticket_and_on_the_board(hall, busy):
    kiosk, _ = busy
    ticket = kiosk.take("G")
    before = status(kiosk, "G")["wait"]
    hall.clock.forward(minutes=4)
    told = kiosk.get(f"/tickets/{ticket['id']}")[1]["wait"]
    assert told["low_minutes"] < ticket["wait"]["low_minutes"]
    seq = kiosk.get("/board")[1]["seq"]
    hall.clock.forward(minutes=20)  # and nobody calls: it is the clerk who takes long
    hall.server.waits.refresh()
    assert kiosk.get("/board")[1]["seq"] == seq and status(kiosk, "G")["wait"] != before


def test_nothing_is_said_where_nobody_works(hall, busy):
    kiosk, _ = busy
    assert status(kiosk, "B")["wait"] is None
    ticket = kiosk.take("B")
    assert ticket["wait"] is None
    assert hall.rows("SELECT estimate_low_s FROM ticket WHERE series = 'B'") == [(None,)]
    assert "窗口还没有开放" in hall.app.test_client().get(f"/t/{ticket['id']}").text


def test_a_window_that_closes_takes_its_promises_back(hall, busy):
    kiosk, clerk = busy
    ticket = kiosk.take("G")
    clerk.do("/windows/15/finish"), clerk.do("/windows/15/sign-out")
    hall.clock.forward(seconds=5)
    hall.server.waits.refresh()
    assert kiosk.get(f"/tickets/{ticket['id']}")[1]["wait"] is None


def test_nothing_is_said_before_enough_was_seen_and_then_items_are_scaled(hall):
    """The items of C promise 12 minutes and those of D 10. Nobody was served at C; at D it took half of that,
    and later still less."""
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("21")
    hall.clerk_at("11")
    for _ in range(4):
        kiosk.take("C")
    for _ in range(5):
        kiosk.take("D")
        hall.server.waits.refresh()
        assert status(kiosk, "C")["wait"] is None
        serve(hall, clerk, "21", 300)

    def told():
        hall.clock.forward(minutes=3)
        hall.server.waits.refresh()
        return status(kiosk, "C")["wait"]["low_minutes"]

    half = told()
    for _ in range(5):
        kiosk.take("D")
        serve(hall, clerk, "21", 20)
    assert 15 <= half <= 30 and told() < half


def test_the_phone_shows_people_ahead_and_the_range(hall, busy):
    kiosk, _ = busy
    client, where = hall.app.test_client(), f"/t/{kiosk.take('G')['id']}"
    text = client.get(where).text
    assert "前面还有 <b>3</b> 人" in text
    assert re.search(r"预计还要等约 \d+–\d+ 分钟", text)
    assert re.search(r"About \d+–\d+ more minutes", client.get(f"{where}?lang=en").text)


def test_a_ticket_that_was_called_waits_no_more(hall, busy):
    _, clerk = busy
    clerk.do("/windows/15/finish")
    assert clerk.do("/windows/15/call-next")[1]["ticket"]["wait"] is None


def test_supervisors_see_how_true_it_was(hall, busy):
    kiosk, clerk = busy
    for _ in range(2):
        kiosk.take("G")
    clerk.do("/windows/15/finish")
    for _ in range(5):
        serve(hall, clerk)
    boss = hall.person("boss", "supervisor")
    report = boss.get("/reports/estimates?day=2026-03-02")[1]
    assert (report["tickets"], report["long_waits"], report["within_p90_percent"]) == (2, 2, 100)
    assert report["error_percent"] <= 35
    assert boss.get("/reports/estimates")[1] == report
    assert boss.get("/reports/estimates?day=2026-03-03")[1]["error_percent"] is None
    assert boss.get("/reports/estimates?day=soon")[1]["code"] == "bad_field"
    assert hall.person("clerk").get("/reports/estimates")[0] == 403


def test_nothing_is_forecast_anew_while_nothing_happens(hall, busy):
    waits = hall.server.waits
    stamp = waits.stamp(1)
    hall.clock.forward(seconds=5)
    waits.refresh()
    assert waits.stamp(1) == stamp
    hall.clock.forward(seconds=30)
    waits.refresh()
    assert waits.stamp(1) == hall.clock()
