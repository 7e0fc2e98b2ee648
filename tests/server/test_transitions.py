"""What becomes of a ticket: the whole table through HTTP, and the hall's policies."""

import pytest

from server import background
from server.contract.tickets import TicketState
from server.domain.ticket import TRANSITIONS, Action


def call(clerk, window, action, /, **body):
    return clerk.do(f"/windows/{window}/{action}", **body)


def next_number(clerk, window):
    ticket = call(clerk, window, "call-next")[1]["ticket"]
    return ticket and ticket["number"]


def set_hall(hall, **settings):
    boss = hall.person("settings", "admin")
    status, answer = boss.do("/admin/hall", method="PUT", name="厅", open=True, recall_seconds=0, **settings)
    assert status == 200, answer


WAYS = {
    "waiting": (),
    "called": ("call",),
    "serving": ("call", "begin"),
    "held": ("call", "hold"),
    "finished": ("call", "begin", "finish"),
    "no_show": ("call", "no-show"),
    "cancelled": ("cancel",),
    "expired": ("expire",),
}
"""How a fresh ticket comes into each state."""

ACTIONS = {
    "call": Action.CALL, "recall": Action.RECALL, "begin": Action.BEGIN, "finish": Action.FINISH,
    "no-show": Action.MISS, "undo": Action.UNDO, "hold": Action.HOLD, "transfer": Action.TRANSFER,
    "cancel": Action.CANCEL, "reinstate": Action.REINSTATE, "release": Action.RELEASE, "resume-ticket": Action.RESUME,
}  # fmt: skip


NOT_THERE = {("waiting", "hold")}
"""In the table, but a ticket is held from a window only."""


@pytest.mark.parametrize("state", WAYS)
def test_every_action_does_what_the_table_says_or_nothing(hall, state):
    set_hall(hall)
    clerk, desk = hall.clerk_at("01"), hall.person("desk", "guide")
    for name, action in ACTIONS.items():
        ticket = desk.take("A")
        for step in WAYS[state]:
            do(hall, clerk, desk, step, ticket)
        status, answer = do(hall, clerk, desk, name, ticket)
        expected = None if (state, name) in NOT_THERE else TRANSITIONS.get((TicketState(state), action))
        if (state, name) == ("held", "call"):
            expected = TicketState.SERVING  # to call a ticket on hold is to resume it
        now = desk.get(f"/tickets/{ticket['id']}")[1]["state"]
        assert (now, status == 200) == (expected or state, expected is not None), (name, answer)
        assert expected or answer["code"] in ("wrong_state", "no_ticket", "ticket_in_hand"), (name, answer)
        desk.do(f"/tickets/{ticket['id']}/cancel")
        call(clerk, "01", "finish")


def do(hall, clerk, desk, action, ticket):
    if action == "expire":
        hall.store.write(lambda tx: tx.conn.exec_driver_sql("UPDATE ticket SET state = 'expired'"))
    if action in ("cancel", "reinstate", "release"):
        return desk.do(f"/tickets/{ticket['id']}/{action}")
    if action in ("call", "resume-ticket"):
        return call(clerk, "01", f"{action}/{ticket['id']}")
    return call(clerk, "01", action, **({"queue": "A"} if action == "transfer" else {}))


def test_a_no_show_comes_back_behind_others_so_many_times_and_is_void_then(hall):
    set_hall(hall, no_show_policy="requeue", no_show_after=2, no_show_limit=1)
    clerk, desk = hall.clerk_at("01"), hall.person("desk", "guide")
    first = clerk_take = desk.take("A")
    for _ in range(3):
        hall.clock.forward(seconds=1)
        desk.take("A")
    assert next_number(clerk, "01") == "A001"
    view = call(clerk, "01", "no-show")[1]
    assert view["ticket"] is None and view["message"].startswith("A001 过号，排到 2 位之后")
    called = []
    for _ in range(4):
        called.append(next_number(clerk, "01"))
        view = call(clerk, "01", "no-show" if called[-1] == "A001" else "begin")[1]
        if view["ticket"]:
            call(clerk, "01", "finish")
    assert called == ["A002", "A003", "A001", "A004"]
    ticket = desk.get(f"/tickets/{clerk_take['id']}")[1]
    assert (ticket["state"], ticket["issued_at"]) == ("no_show", first["issued_at"])
    status, problem = desk.do(f"/tickets/{first['id']}/reinstate")
    assert (status, problem["code"]) == (409, "ticket_void") and "重新取号" in problem["detail"]


def test_a_no_show_is_void_at_once_where_the_hall_says_so(hall):
    set_hall(hall, no_show_policy="void")
    clerk, desk = hall.clerk_at("01"), hall.person("desk", "guide")
    ticket = desk.take("A")
    next_number(clerk, "01")
    assert "作废" in call(clerk, "01", "no-show")[1]["message"]
    assert desk.do(f"/tickets/{ticket['id']}/reinstate")[1]["code"] == "ticket_void"


def test_the_desk_brings_a_no_show_back_behind_others_on_the_same_day(hall):
    set_hall(hall, no_show_after=1)
    clerk, desk = hall.clerk_at("01"), hall.person("desk", "guide")
    tickets = []
    for _ in range(3):
        hall.clock.forward(seconds=1)
        tickets.append(desk.take("A"))
    assert next_number(clerk, "01") == "A001"
    assert "导办台" in call(clerk, "01", "no-show")[1]["message"]
    assert desk.do(f"/tickets/{tickets[0]['id']}/reinstate")[1]["state"] == "waiting"
    numbers = []
    while number := next_number(clerk, "01"):
        numbers.append(number)
        call(clerk, "01", "no-show")
    assert numbers == ["A002", "A001", "A003"]
    hall.clock.forward(days=1)
    desk = hall.sign_in("desk")
    assert desk.do(f"/tickets/{tickets[0]['id']}/reinstate")[1]["code"] == "ticket_void"


def test_a_bound_ticket_that_missed_its_call_is_asked_for_at_the_desk(hall):
    set_hall(hall, no_show_policy="requeue")
    one, two, desk = hall.clerk_at("01"), hall.clerk_at("02"), hall.person("desk", "guide")
    ticket = desk.take("A")
    next_number(one, "01"), call(one, "01", "transfer", window="02"), next_number(two, "02")
    assert "导办台" in call(two, "02", "no-show")[1]["message"]
    assert desk.do(f"/tickets/{ticket['id']}/reinstate")[1]["state"] == "waiting"
    assert next_number(one, "01") is None and next_number(two, "02") == "A001"


@pytest.mark.parametrize("kind", ["any_window", "same_window", "pending_step"])
def test_a_held_ticket_is_in_no_line_until_it_is_released(hall, kind):
    one, two, desk = hall.clerk_at("01"), hall.clerk_at("02"), hall.person("desk", "guide")
    ticket = desk.take("A")
    next_number(one, "01"), call(one, "01", "hold", kind=kind, reason="复印")
    hold = one.get("/windows/01/queue")[1]["holds"][ticket["id"]]
    assert (hold["kind"], hold["reason"]) == (kind, "01 号窗口挂起：复印")
    assert hold["since"] == "2026-03-02T09:00:00+08:00"
    assert next_number(one, "01") is next_number(two, "02") is None
    assert one.do(f"/tickets/{ticket['id']}/release")[1]["state"] == "waiting"
    assert next_number(two, "02") == (None if kind == "same_window" else "A001")
    if kind == "same_window":
        view = call(one, "01", "call-next")[1]
        assert view["rule"] == "bound" and view["reason"].endswith("；01 号窗口挂起：复印")


def test_a_ticket_held_for_a_window_that_closed_is_for_all_again(hall):
    one, two, desk = hall.clerk_at("01"), hall.clerk_at("02"), hall.person("desk", "guide")
    ids = [desk.take("A")["id"] for _ in range(2)]
    for _ in ids:
        next_number(one, "01"), call(one, "01", "hold", kind="same_window")
    status, problem = call(two, "02", f"resume-ticket/{ids[0]}")
    assert (status, problem["code"]) == (409, "held_elsewhere") and "01 号窗口" in problem["detail"]
    call(one, "01", "sign-out")
    assert call(two, "02", f"resume-ticket/{ids[0]}")[1]["ticket"]["state"] == "serving"
    call(two, "02", "finish")
    assert desk.do(f"/tickets/{ids[1]}/release")[1]["state"] == "waiting"
    assert next_number(two, "02") == "A002"


def test_time_on_hold_is_nobodys_service(hall):
    clerk, ticket = hall.clerk_at("01"), hall.device("kiosk").take("A")
    for minutes, action in ((1, "call-next"), (2, "begin"), (4, "hold"), (8, f"resume-ticket/{ticket['id']}")):
        hall.clock.forward(minutes=minutes)
        view = call(clerk, "01", action)[1]
    hall.clock.forward(minutes=16)
    assert view["reason"] == "续办；01 号窗口挂起" and view["begun_at"].startswith("2026-03-02T01:11")
    call(clerk, "01", "finish")
    times = "SELECT waited_us, called_us, served_us, held_us, ended_at - issued_at FROM ticket"
    assert [n / 60e6 for n in hall.rows(times)[0]] == [1, 2, 20, 8, 31]


def test_transfer_to_a_person_finds_them_wherever_they_sit(hall):
    one, two, desk = hall.clerk_at("01"), hall.clerk_at("11"), hall.person("desk", "guide")
    desk.take("A"), next_number(one, "01")
    for staff, code in (("nobody", "user_not_found"), ("desk", "staff_away")):
        assert call(one, "01", "transfer", staff=staff)[1]["code"] == code
    assert call(one, "01", "transfer", staff="clerk-11", reason="医保材料")[1]["ticket"] is None
    assert call(two, "12", "sign-in")[0] == 200
    assert next_number(one, "01") is None
    view = call(two, "12", "call-next")[1]
    assert view["reason"] == "A001 指定由您办理，优先叫号；由 01 号窗口转来：医保材料"


def test_the_line_says_who_was_sent_on_and_the_window_what_a_no_show_will_mean(hall):
    set_hall(hall, no_show_policy="requeue", no_show_after=2, no_show_limit=1)
    one, two, desk = hall.clerk_at("01"), hall.clerk_at("02"), hall.person("desk", "guide")
    ticket, other = desk.take("A"), desk.take("A")
    view = call(one, "01", "call-next")[1]
    assert (view["if_missed"], view["behind"]) == ("requeue", 2)
    assert "排到队尾" in call(one, "01", "no-show")[1]["message"]  # one other waits, and not two
    assert next_number(one, "01") == other["number"]
    assert call(one, "01", "begin")[1]["if_missed"] is None
    call(one, "01", "finish")
    assert call(one, "01", "call-next")[1]["if_missed"] == "void"
    call(one, "01", "transfer", window="02", reason="材料审核")
    line = two.get("/windows/02/queue")[1]
    assert line["notes"] == {ticket["id"]: {"from": "01", "reason": "材料审核"}}
    view = call(two, "02", "call-next")[1]
    assert view["reason"].endswith("；由 01 号窗口转来：材料审核")
    assert view["reason_en"] == "A001 is for this window, and goes ahead; sent on from window 01: 材料审核"
    story = desk.get(f"/tickets/{ticket['id']}/story")[1]["events"]
    assert [e["zh"] for e in story][2:4] == ["过号，自动回到队列", "按过号规则自动回到队列，排到队尾"]


def test_undo_leaves_no_trace_in_line_or_fairness(hall):
    set_hall(hall, fairness_cap=1)
    one, two, desk = hall.clerk_at("01"), hall.clerk_at("02"), hall.person("desk", "guide")
    desk.take("A"), desk.take("A", lane="priority")
    assert next_number(one, "01") == "A002"
    call(one, "01", "recall"), call(one, "01", "undo")
    assert next_number(one, "01") == "A002"  # once more: the undone call was none
    call(one, "01", "transfer", window="02")
    assert next_number(two, "02") == "A002"
    call(two, "02", "undo")
    assert next_number(one, "01") == "A001"
    view = call(two, "02", "call-next")[1]
    assert (view["ticket"]["number"], view["rule"]) == ("A002", "bound")
    call(two, "02", "begin")
    assert call(two, "02", "undo")[1]["code"] == "wrong_state"


def test_a_call_out_of_order_is_recorded_and_reported(hall):
    clerk, desk = hall.clerk_at("01"), hall.person("desk", "guide")
    boss = hall.person("chief", "supervisor")
    tickets = [desk.take("A") for _ in range(3)]
    view = call(clerk, "01", f"call/{tickets[2]['id']}", reason="老人站立不便")[1]
    assert (view["rule"], view["reason"]) == ("specific", "特呼（不按顺序，越过 2 位）：老人站立不便")
    call(clerk, "01", "no-show")
    view = call(clerk, "01", f"call/{tickets[0]['id']}")[1]
    assert view["rule"] == "arrival"  # it was the next one anyway
    report = boss.get("/reports/out-of-order")[1]
    (line,) = report["calls"]
    assert report["day"] == "2026-03-02" and line["at"].startswith("2026-03-02T09:00")
    assert {**line, "at": ""} == {
        "at": "", "number": "A003", "lane": "normal", "window": "01", "username": "clerk-01", "name": "clerk-01",
        "reason": "特呼（不按顺序，越过 2 位）：老人站立不便",
        "reason_en": "Called out of order, past 2: 老人站立不便", "passed_over": 2, "undone": False,
    }  # fmt: skip
    hall.clock.forward(days=1)
    boss = hall.sign_in("chief")
    assert boss.get("/reports/out-of-order")[1]["calls"] == []
    assert boss.get("/reports/out-of-order?day=2026-03-02")[1] == report
    assert boss.get("/reports/out-of-order?day=yesterday")[1]["code"] == "bad_field"


def test_a_service_that_nobody_ended_is_finished_unclosed_and_unrated(hall):
    clerk = hall.clerk_at("01")
    hall.device("kiosk").take("A")
    next_number(clerk, "01"), call(clerk, "01", "begin")
    hall.clock.forward(days=1)
    background.tick(hall.store)
    rows = hall.rows("SELECT state, outcome, rating_state, ended_at IS NOT NULL FROM ticket")
    assert rows == [("finished", "unclosed", "not_invited", 1)]
    assert hall.rows("SELECT ticket_id FROM window WHERE no = '01'") == [(None,)]


def test_weights_are_set_with_the_windows_queues(hall):
    boss = hall.person("boss", "admin")

    def put(**body):
        return boss.do("/admin/windows/07", method="PUT", name="养老", **body)

    window = next(w for w in put(queues=["C", "A"], weights=[3, 1])[1]["windows"] if w["no"] == "07")
    assert (window["queues"], window["weights"]) == (["A", "C"], [1, 3])
    window = next(w for w in put(queues=["C", "B"])[1]["windows"] if w["no"] == "07")
    assert (window["queues"], window["weights"]) == (["B", "C"], [1, 3])
    for bad in ([1], [0, 1], [1, 10]):
        assert put(queues=["A", "C"], weights=bad)[1]["field"] == "weights"
