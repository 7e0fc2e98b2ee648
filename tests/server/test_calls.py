"""Calling through HTTP: fair, exclusive, repeatable."""

import threading
from uuid import uuid4

import pytest


def call(clerk, window, action, /, **body):
    return clerk.do(f"/windows/{window}/{action}", **body)


def test_the_main_road(hall):
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    kiosk.take("A")
    status, view = call(clerk, "01", "call-next")
    assert (status, view["ticket"]["number"], view["ticket"]["state"]) == (200, "A001", "called")
    assert "A 队列" in view["reason"]
    assert call(clerk, "01", "begin")[1]["ticket"]["state"] == "serving"
    assert call(clerk, "01", "finish")[1]["ticket"] is None
    kinds = [row[0] for row in hall.rows("SELECT kind FROM news WHERE ticket_id IS NOT NULL ORDER BY seq")]
    assert kinds == ["ticket.issued", "ticket.called", "ticket.serving", "ticket.finished", "invitation.opened"]


def test_nobody_waiting_is_said_and_is_no_error(hall):
    status, view = call(hall.clerk_at("01"), "01", "call-next")
    assert status == 200 and view["ticket"] is None and "无人等候" in view["message"]


def test_arrival_decides_among_equals(hall):
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    for _ in range(3):
        kiosk.take("A")
        hall.clock.forward(seconds=1)
    called = []
    for _ in range(3):
        called.append(call(clerk, "01", "call-next")[1]["ticket"]["number"])
        call(clerk, "01", "no-show")
    assert called == ["A001", "A002", "A003"]


def test_a_window_calls_only_its_own_queues(hall):
    hall.device("kiosk").take("B")
    assert call(hall.clerk_at("01"), "01", "call-next")[1]["ticket"] is None


def test_a_ticket_in_hand_must_be_settled_first(hall):
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    kiosk.take(), kiosk.take()
    call(clerk, "01", "call-next")
    status, problem = call(clerk, "01", "call-next")
    assert (status, problem["code"]) == (409, "ticket_in_hand") and "A001" in problem["detail"]


def test_a_repeated_call_next_calls_once(hall):
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    kiosk.take(), kiosk.take()
    request_id = uuid4().hex
    first = call(clerk, "01", "call-next", request_id=request_id)
    assert call(clerk, "01", "call-next", request_id=request_id) == first
    assert hall.rows("SELECT count(*) FROM call") == [(1,)]


def test_no_ticket_is_called_by_two_windows(hall):
    kiosk = hall.device("kiosk")
    for _ in range(60):
        kiosk.take("A")
    windows = ["01", "02", "03", "04", "05", "06", "16", "17"]
    clerks = {no: hall.clerk_at(no) for no in windows}
    start = threading.Barrier(len(windows))

    def work(no):
        start.wait()
        while call(clerks[no], no, "call-next")[1].get("ticket"):
            assert call(clerks[no], no, "no-show")[0] == 200

    threads = [threading.Thread(target=work, args=(no,)) for no in windows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    called = [row[0] for row in hall.rows("SELECT ticket_id FROM call")]
    assert len(called) == 60 and len(set(called)) == 60


def test_recall_has_an_interval_and_a_limit(hall):
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    kiosk.take()
    call(clerk, "01", "call-next")
    assert call(clerk, "01", "recall")[1]["code"] == "recall_too_soon"
    for n in (1, 2, 3):
        hall.clock.forward(seconds=6)
        assert call(clerk, "01", "recall")[1]["ticket"]["recalls"] == n
    hall.clock.forward(seconds=6)
    assert call(clerk, "01", "recall")[1]["code"] == "recall_limit"


def test_a_recall_works_after_the_clock_stepped_back(hall):
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    kiosk.take()
    call(clerk, "01", "call-next")
    hall.clock.forward(hours=-1)
    assert call(clerk, "01", "recall")[0] == 200


def test_transfer_keeps_the_number_and_the_time_in_the_hall(hall):
    kiosk, clerk, other = hall.device("kiosk"), hall.clerk_at("01"), hall.clerk_at("11")
    ticket = kiosk.take("A")
    call(clerk, "01", "call-next")
    hall.clock.forward(minutes=5)
    assert call(clerk, "01", "transfer", queue="C")[1]["ticket"] is None
    moved = call(other, "11", "call-next")[1]["ticket"]
    assert (moved["number"], moved["issued_at"]) == (ticket["number"], ticket["issued_at"])


def test_transfer_to_a_window_is_called_there_first_and_nowhere_else(hall):
    kiosk = hall.device("kiosk")
    one, two, three = hall.clerk_at("01"), hall.clerk_at("02"), hall.clerk_at("03")
    kiosk.take(), kiosk.take()
    call(one, "01", "call-next")
    call(one, "01", "transfer", window="02")
    assert call(three, "03", "call-next")[1]["ticket"]["number"] == "A002"
    view = call(two, "02", "call-next")[1]
    assert view["ticket"]["number"] == "A001" and "指定在本窗口" in view["reason"]


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ({}, "bad_field"),
        ({"queue": "B", "window": "02"}, "bad_field"),
        ({"queue": "Q"}, "queue_not_found"),
        ({"window": "99"}, "window_not_found"),
    ],
)
def test_a_transfer_to_nowhere_changes_nothing(hall, target, code):
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    kiosk.take()
    call(clerk, "01", "call-next")
    assert call(clerk, "01", "transfer", **target)[1]["code"] == code
    assert clerk.get("/windows/01")[1]["ticket"]["number"] == "A001"


def test_hold_at_the_same_window_and_back(hall):
    kiosk, clerk, other = hall.device("kiosk"), hall.clerk_at("01"), hall.clerk_at("02")
    ticket = kiosk.take()
    call(clerk, "01", "call-next")
    call(clerk, "01", "hold", kind="same_window", reason="复印材料")
    assert [t["number"] for t in clerk.get("/windows/01/queue")[1]["held"]] == ["A001"]
    assert other.get("/windows/02/queue")[1]["held"] == []
    assert call(other, "02", "call-next")[1]["ticket"] is None
    view = call(clerk, "01", f"call/{ticket['id']}")[1]
    assert (view["ticket"]["number"], view["ticket"]["state"]) == ("A001", "serving")
    assert view["reason"] == "续办；01 号窗口挂起：复印材料"


def test_undo_puts_a_wrong_next_back_at_the_front(hall):
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    kiosk.take()
    hall.clock.forward(seconds=1)
    kiosk.take()
    call(clerk, "01", "call-next")
    assert call(clerk, "01", "undo")[1]["ticket"] is None
    assert call(clerk, "01", "call-next")[1]["ticket"]["number"] == "A001"


def called_on_wall(caller):
    return [(c["number"], c["window"]) for c in caller.get("/board")[1]["calls"]]


@pytest.mark.parametrize(
    ("moves", "standing"),
    [
        ([("01", "transfer", {"window": "02"})], []),
        ([("01", "begin"), ("01", "transfer", {"window": "02"}), ("02", "call-next")], [("A001", "02")]),
        ([("01", "transfer", {"window": "01"}), ("01", "call-next")], [("A001", "01")]),
        ([("01", "hold", {"kind": "same_window"})], []),
        ([("01", "hold", {"kind": "same_window"}), ("01", "resume-ticket/{id}")], []),
        ([("01", "recall"), ("01", "undo")], []),
        ([("01", "no-show")], [("A001", "01")]),
        ([("01", "begin"), ("01", "finish")], [("A001", "01")]),
        ([("01", "recall"), ("01", "begin")], [("A001", "01"), ("A001", "01")]),
    ],
)
def test_a_call_stands_on_the_wall_only_while_it_is_true(hall, moves, standing):
    kiosk, clerks = hall.device("kiosk"), {no: hall.clerk_at(no) for no in ("01", "02")}
    ticket = kiosk.take()
    call(clerks["01"], "01", "call-next")
    assert called_on_wall(kiosk) == [("A001", "01")]
    hall.clock.forward(minutes=1)
    for no, action, *body in moves:
        status, answer = call(clerks[no], no, action.format(**ticket), **(body[0] if body else {}))
        assert status == 200, answer
    assert called_on_wall(kiosk) == standing


@pytest.mark.parametrize("how", ["reinstate", "cancel"])
def test_the_desk_ends_what_the_wall_says(hall, how):
    kiosk, clerk, guide = hall.device("kiosk"), hall.clerk_at("01"), hall.person("guide", "guide")
    ticket = kiosk.take()
    call(clerk, "01", "call-next")
    if how == "reinstate":
        call(clerk, "01", "no-show")
    assert called_on_wall(kiosk) == [("A001", "01")]
    assert guide.do(f"/tickets/{ticket['id']}/{how}")[0] == 200
    assert called_on_wall(kiosk) == []


def test_a_no_show_is_reinstated_at_the_desk_only(hall):
    kiosk, clerk, guide = hall.device("kiosk"), hall.clerk_at("01"), hall.person("guide", "guide")
    ticket = kiosk.take()
    call(clerk, "01", "call-next"), call(clerk, "01", "no-show")
    assert clerk.do(f"/tickets/{ticket['id']}/reinstate")[1]["code"] == "forbidden"
    assert guide.do(f"/tickets/{ticket['id']}/reinstate")[1]["state"] == "waiting"
    assert call(clerk, "01", "call-next")[1]["ticket"]["number"] == "A001"


def test_pause_needs_a_reason_and_stops_calling(hall):
    hall.device("kiosk").take()
    clerk = hall.clerk_at("01")
    assert call(clerk, "01", "pause", reason=" ")[1]["code"] == "bad_field"
    assert call(clerk, "01", "pause", reason="设备故障")[1]["state"] == "paused"
    assert call(clerk, "01", "call-next")[1]["code"] == "window_not_open"
    call(clerk, "01", "resume")
    assert call(clerk, "01", "call-next")[1]["ticket"]["number"] == "A001"


def test_a_window_belongs_to_one_clerk(hall):
    hall.clerk_at("01")
    other = hall.person("other")
    assert call(other, "01", "call-next")[1]["code"] == "not_your_window"
    assert call(other, "01", "sign-in")[1]["code"] == "window_taken"
    assert call(other, "01", "sign-in", take_over=True)[0] == 200
    assert call(other, "02", "sign-in")[0] == 200  # one clerk, one window: the first is left
    board = other.get("/board")[1]
    assert [w["no"] for w in board["windows"] if w["state"] == "open"] == ["02"]


def test_a_window_is_not_left_with_a_citizen_in_hand(hall):
    hall.device("kiosk").take()
    clerk = hall.clerk_at("01")
    call(clerk, "01", "call-next")
    assert call(clerk, "01", "sign-out")[1]["code"] == "ticket_in_hand"
    assert call(clerk, "02", "sign-in")[1]["code"] == "ticket_in_hand"


def test_two_calls_in_the_same_instant_are_both_on_the_board_in_order(hall):
    kiosk, one, two = hall.device("kiosk"), hall.clerk_at("01"), hall.clerk_at("02")
    kiosk.take(), kiosk.take()
    call(one, "01", "call-next"), call(two, "02", "call-next")
    board = kiosk.get("/board")[1]
    assert [(c["number"], c["window"]) for c in board["calls"]] == [("A001", "01"), ("A002", "02")]
    assert board["calls"][0]["seq"] < board["calls"][1]["seq"] <= board["seq"]


def test_the_day_ends(hall):
    from server import background

    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    for _ in range(3):
        kiosk.take()
    call(clerk, "01", "call-next"), call(clerk, "01", "hold")
    call(clerk, "01", "call-next")
    hall.clock.forward(days=1)
    background.tick(hall.store)
    states = [row[0] for row in hall.rows("SELECT state FROM ticket ORDER BY n")]
    assert states == ["expired", "no_show", "expired"]
    assert hall.rows("SELECT ticket_id FROM \"window\" WHERE no = '01'") == [(None,)]  # a word of PostgreSQL's


def test_the_clerks_list_is_the_order_of_call_next(hall):
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("07")  # serves B with weight 2 and A with weight 1
    for queue in "ABABAABB":
        kiosk.take(queue)
        hall.clock.forward(seconds=30)
    listed = [t["number"] for t in clerk.get("/windows/07/queue")[1]["waiting"]]
    called = []
    while ticket := call(clerk, "07", "call-next")[1]["ticket"]:
        called.append(ticket["number"])
        call(clerk, "07", "no-show")
    assert listed[:1] == called[:1] and sorted(listed) == sorted(called)


def test_the_board_forgets_yesterdays_calls_though_nothing_happens(hall):
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    kiosk.take()
    call(clerk, "01", "call-next"), call(clerk, "01", "begin"), call(clerk, "01", "finish")
    assert len(kiosk.get("/board")[1]["calls"]) == 1
    hall.clock.forward(days=1)
    board = kiosk.get("/board")[1]
    assert board["calls"] == [] and board["at"].startswith("2026-03-03")


def test_lanes_take_turns_within_the_cap(hall):
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("07")
    for lane in ("normal", "priority", "express", "appointment"):
        for queue in "AB":
            kiosk.take(queue, lane=lane)
            hall.clock.forward(seconds=1)
    called = []
    while ticket := call(clerk, "07", "call-next")[1]["ticket"]:
        called.append(ticket["lane"])
        call(clerk, "07", "no-show")
    assert len(called) == 8 and called.index("normal") == 3  # three of the faster lanes, then a normal one
