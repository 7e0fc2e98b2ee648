"""The guide desk through HTTP: papers asked of a kiosk, lanes put right, and a ticket's whole story."""

from uuid import uuid4

import pytest

from server import background

ONLINE = {"name": "printer", "kind": "printer", "state": "online"}


def report(kiosk, **changes):
    assert kiosk.do("/devices/health", devices=[{**ONLINE, **changes}])[0] == 200


@pytest.fixture
def kiosk(hall):
    kiosk = hall.device("kiosk", "kiosk-1")
    report(kiosk)
    return kiosk


@pytest.fixture
def guide(hall):
    return hall.person("guide", "guide")


def ask(guide, ticket, device="kiosk-1", **body):
    return guide.do(f"/tickets/{ticket['id']}/reprint", device=device, **body)


def told(kiosk, wish, result, **body):
    return kiosk.do(f"/tickets/{wish['ticket_id']}/print-result", result=result, wish=wish["id"], **body)


def printed_ticket(kiosk):
    ticket = kiosk.take("A")
    assert kiosk.do(f"/tickets/{ticket['id']}/print-result", result="printed")[0] == 200
    return ticket


def papers(guide, ticket):
    return [(p["device"], p["copy"], p["state"]) for p in guide.get(f"/tickets/{ticket['id']}/story")[1]["papers"]]


def test_a_copy_goes_from_desk_to_kiosk_to_paper_and_back(hall, kiosk, guide):
    ticket = printed_ticket(kiosk)
    status, wish = ask(guide, ticket, reason="纸号丢失")
    assert (status, wish["number"]) == (201, "A001")
    assert kiosk.get("/tickets/reprints")[1]["wishes"] == [wish]
    status, paper = kiosk.do(f"/tickets/reprints/{wish['id']}/take")
    assert (status, paper["copy"], paper["ticket"]["number"]) == (200, 1, "A001")
    assert kiosk.get("/tickets/reprints")[1]["wishes"] == []
    assert told(kiosk, wish, "printed")[1]["print_count"] == 2
    assert papers(guide, ticket) == [("kiosk-1", 1, "printed")]
    events = guide.get(f"/tickets/{ticket['id']}/story")[1]["events"]
    assert [(e["zh"], e["why"]) for e in events[-2:]] == [
        ("要求在 kiosk-1 打印纸号", "纸号丢失"), ("补打第 1 张（kiosk-1）：打印成功", ""),
    ]  # fmt: skip
    assert ask(guide, ticket)[0] == 201


def test_a_wish_is_taken_once_and_only_by_the_kiosk_that_was_asked(hall, kiosk, guide):
    other = hall.device("kiosk", "kiosk-2")
    wish = ask(guide, printed_ticket(kiosk))[1]
    assert other.get("/tickets/reprints")[1]["wishes"] == []
    assert other.do(f"/tickets/reprints/{wish['id']}/take")[1]["code"] == "wish_over"
    assert told(other, wish, "printed")[1]["code"] == "not_your_ticket"
    once = uuid4().hex
    first = kiosk.do(f"/tickets/reprints/{wish['id']}/take", request_id=once)
    assert kiosk.do(f"/tickets/reprints/{wish['id']}/take", request_id=once) == first
    assert kiosk.do(f"/tickets/reprints/{wish['id']}/take")[1]["code"] == "wish_over"


def test_asking_twice_under_one_name_is_one_wish_and_under_two_is_refused(hall, kiosk, guide):
    ticket, once = printed_ticket(kiosk), uuid4().hex
    assert ask(guide, ticket, request_id=once) == ask(guide, ticket, request_id=once)
    assert ask(guide, ticket)[1]["code"] == "print_under_way"
    assert len(kiosk.get("/tickets/reprints")[1]["wishes"]) == 1


def test_a_wish_that_no_kiosk_takes_in_a_minute_has_failed(hall, kiosk, guide):
    ticket = printed_ticket(kiosk)
    wish = ask(guide, ticket)[1]
    hall.clock.forward(seconds=61)
    assert kiosk.do(f"/tickets/reprints/{wish['id']}/take")[1]["code"] == "wish_over"
    background.tick(hall.store)
    assert papers(guide, ticket) == [("kiosk-1", 1, "failed")]
    assert guide.get(f"/tickets/{ticket['id']}")[1]["print_state"] == "printed"
    assert "取号机没有应答" in guide.get(f"/tickets/{ticket['id']}/story")[1]["events"][-1]["why"]


def test_a_kiosk_that_took_it_and_never_tells_leaves_it_unknown_and_may_still_tell(hall, kiosk, guide):
    ticket = printed_ticket(kiosk)
    wish = ask(guide, ticket)[1]
    kiosk.do(f"/tickets/reprints/{wish['id']}/take")
    hall.clock.forward(seconds=299)
    background.tick(hall.store)
    assert papers(guide, ticket) == [("kiosk-1", 1, "taken")]
    hall.clock.forward(seconds=2)
    background.tick(hall.store)
    assert papers(guide, ticket) == [("kiosk-1", 1, "unknown")]
    assert told(kiosk, wish, "printed")[0] == 200
    assert papers(guide, ticket) == [("kiosk-1", 1, "printed")]


def test_a_printer_that_cannot_print_is_not_asked(hall, kiosk, guide):
    ticket = printed_ticket(kiosk)
    hall.device("kiosk", "kiosk-2")
    assert ask(guide, ticket, "kiosk-9")[1]["code"] == "device_not_found"
    assert "选择另一台" in ask(guide, ticket, "kiosk-2")[1]["detail"]
    for bad in ({"faults": ["paper_out"], "state": "fault"}, {"state": "absent"}):
        report(kiosk, **bad)
        assert ask(guide, ticket)[1]["code"] == "printer_away"
    report(kiosk, faults=["paper_low"])
    assert [p["ready"] for p in guide.get("/desk")[1]["printers"]] == [True, False]
    hall.clock.forward(seconds=91)
    assert ask(guide, ticket)[1]["code"] == "printer_away"


def test_only_a_number_that_is_still_needed_is_printed(hall, kiosk, guide):
    ticket = kiosk.take("A")
    assert ask(guide, ticket)[1]["code"] == "print_pending"
    kiosk.do(f"/tickets/{ticket['id']}/cancel")
    assert ask(guide, ticket)[1]["code"] == "wrong_state"
    later = printed_ticket(kiosk)
    wish = ask(guide, later)[1]
    guide.do(f"/tickets/{later['id']}/cancel")
    assert kiosk.do(f"/tickets/reprints/{wish['id']}/take")[1]["code"] == "wish_over"


def test_the_first_paper_of_a_ticket_from_the_desk_is_no_copy(hall, kiosk, guide):
    ticket = guide.take("A", lane="priority", lane_reason="老年人")
    for result, copy in (("failed", 0), ("unknown", 0), ("failed", 1), ("printed", 1), ("printed", 2)):
        wish = ask(guide, ticket)[1]
        assert kiosk.do(f"/tickets/reprints/{wish['id']}/take")[1]["copy"] == copy
        told(kiosk, wish, result)
    assert guide.get(f"/tickets/{ticket['id']}")[1]["print_count"] == 2


def test_a_copy_that_failed_leaves_a_paper_that_may_exist_as_it_was(hall, kiosk, guide):
    ticket = kiosk.take("A")
    kiosk.do(f"/tickets/{ticket['id']}/print-result", result="unknown")
    told(kiosk, ask(guide, ticket)[1], "failed")
    assert guide.get(f"/tickets/{ticket['id']}")[1]["print_state"] == "unknown"


def test_a_kiosk_lets_go_of_a_paper_that_the_desk_asks_of_another(hall, kiosk, guide):
    ticket = kiosk.take("A")
    kiosk.do(f"/tickets/{ticket['id']}/print-result", result="failed")
    wish = ask(guide, ticket)[1]
    assert kiosk.get(f"/tickets/{ticket['id']}")[1]["print_state"] == "pending"
    told(kiosk, wish, "failed")
    assert kiosk.get(f"/tickets/{ticket['id']}")[1]["print_state"] == "failed"


def test_a_lane_is_put_right_while_the_ticket_waits_and_says_why(hall, kiosk, guide):
    ticket = kiosk.take("A")
    path = f"/tickets/{ticket['id']}/lane"
    assert guide.do(path, lane="priority", reason=" ")[1]["field"] == "reason"
    assert guide.do(path, lane="appointment", reason="x")[1]["field"] == "lane"
    assert guide.do(path, lane="priority", reason="孕产妇")[1]["lane"] == "priority"
    story = guide.get(f"/tickets/{ticket['id']}/story")[1]
    assert (story["lane_reason"], story["events"][-1]["zh"], story["events"][-1]["why"]) == (
        "孕产妇", "由普通改为绿色通道", "孕产妇",
    )  # fmt: skip
    hall.clerk_at("01").do("/windows/01/call-next")
    assert guide.do(path, lane="normal", reason="x")[1]["code"] == "wrong_state"


def live_through(hall, clerk, guide, ticket, *steps):
    """Commands at window 01, each after so many minutes; `reinstate` is the desk's."""
    for minutes, command, body in steps:
        hall.clock.forward(minutes=minutes)
        at_desk = command == "reinstate"
        path = f"/tickets/{ticket['id']}/reinstate" if at_desk else f"/windows/01/{command}"
        status, answer = (guide if at_desk else clerk).do(path, **body)
        assert status == 200, answer


def test_a_story_is_whole_in_order_and_in_words(hall, kiosk, guide):
    ticket = printed_ticket(kiosk)
    clerk = hall.clerk_at("01")
    live_through(
        hall, clerk, guide, ticket, (10, "call-next", {}), (1, "no-show", {}), (4, "reinstate", {}),
        (5, "call-next", {}), (1, "begin", {}), (7, "finish", {}),
    )  # fmt: skip
    story = guide.get(f"/tickets/{ticket['id']}/story")[1]
    assert [event["zh"] for event in story["events"]] == [
        "取号（普通）", "纸号打印：打印成功", "叫号，请到 01 号窗口", "过号，本人可到导办台恢复",
        "过号后恢复排队，排到队尾", "叫号，请到 01 号窗口",
        "开始办理，01 号窗口", "办结，01 号窗口", "邀请评价",
    ]  # fmt: skip
    assert [event["at"] for event in story["events"]] == sorted(event["at"] for event in story["events"])
    by = [event["who"] for event in story["events"]]
    assert (by[0], by[2], by[4]) == ("取号机 kiosk-1", "窗口人员 clerk-01", "导办员 guide")
    hall.clock.forward(minutes=30)
    spent = {one["state"]: one["seconds"] for one in guide.get(f"/tickets/{ticket['id']}/story")[1]["spent"]}
    assert spent == {"waiting": 900, "called": 120, "no_show": 240, "serving": 420}


def test_a_hold_is_told_with_its_kind_and_counts_up_to_now(hall, kiosk, guide):
    ticket, clerk = printed_ticket(kiosk), hall.clerk_at("01")
    hold = {"kind": "pending_step", "reason": "缴费"}
    live_through(hall, clerk, guide, ticket, (1, "call-next", {}), (1, "begin", {}), (2, "hold", hold))
    hall.clock.forward(minutes=3)
    story = guide.get(f"/tickets/{ticket['id']}/story")[1]
    assert (story["events"][-1]["zh"], story["events"][-1]["why"]) == ("挂起，等待其他环节", "缴费")
    assert story["spent"][-1] == {"state": "held", "seconds": 180}


def test_a_story_says_lane_where_to_and_by_whose_will(hall, kiosk, guide):
    ticket = guide.take("A", lane="priority", lane_reason="老年人")
    clerk, sent = hall.clerk_at("01"), {"window": "02", "reason": "材料审核"}
    live_through(hall, clerk, guide, ticket, (1, "call-next", {}), (1, "transfer", sent))
    story = guide.get(f"/tickets/{ticket['id']}/story")[1]
    assert [(e["zh"], e["en"], e["why"], e["why_en"]) for e in story["events"]] == [
        ("取号（绿色通道）", "Ticket issued (green lane)", "老年人", "Elderly"),
        ("叫号，请到 01 号窗口", "Called to window 01", "绿色通道优先；A 队列已等候 1 分钟",
         "Green lane goes ahead; queue A, waiting 1 min"),
        ("转移到 02 号窗口", "Transferred to window 02", "材料审核", "材料审核"),
    ]  # fmt: skip
    assert story["ticket"]["location"] == "02 号窗口"


def test_a_ticket_is_found_by_its_number_today_or_another_day(hall, kiosk, guide):
    ticket = kiosk.take("A")
    assert guide.get("/tickets/numbered/a1")[1]["id"] == ticket["id"]
    for wrong in ("A002", "A", "7", "A0001x", "AAAA001"):
        assert guide.get(f"/tickets/numbered/{wrong}")[1]["code"] == "ticket_not_found"
    hall.clock.forward(days=1)
    guide = hall.sign_in("guide")
    assert guide.get("/tickets/numbered/A001")[1]["code"] == "ticket_not_found"
    assert guide.get("/tickets/numbered/A001?day=2026-03-02")[1]["id"] == ticket["id"]
    assert guide.get("/tickets/numbered/A001?day=yesterday")[1]["field"] == "day"


def test_the_desk_sees_todays_no_shows_and_printers_that_want_a_hand(hall, kiosk, guide):
    clerk = hall.clerk_at("01")
    for _ in range(2):
        kiosk.take("A")
        clerk.do("/windows/01/call-next")
        clerk.do("/windows/01/no-show")
        hall.clock.forward(minutes=1)
    report(kiosk, state="fault", faults=["paper_out"])
    desk = guide.get("/desk")[1]
    assert [t["number"] for t in desk["no_shows"]] == ["A002", "A001"]
    assert desk["alarms"] == [{"machine": "kiosk-1", "state": "fault", "faults": ["paper_out"]}]
    hall.clock.forward(days=1)
    assert hall.sign_in("guide").get("/desk")[1]["no_shows"] == []


def test_the_code_for_a_phone_is_a_picture_of_this_ticket_only(hall, guide):
    ticket = guide.take("A")
    client = hall.app.test_client()
    assert client.get(f"/t/{ticket['id']}/qr.svg").mimetype == "image/svg+xml"
    assert client.get("/t/nonsense/qr.svg").status_code == 404
