"""Hours, calendar, quotas, campaigns and one live ticket, through HTTP with the clock in the test's hand."""

import threading
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from server import background

HALL_DAY = ((510, 690), (780, 990))  # 8:30–11:30, 13:00–16:30
WEEK = [{"weekday": w, "opens": o, "closes": c} for w in range(1, 6) for o, c in HALL_DAY]
PHONE = "13812345678"


def set_clock(hall, text):
    hall.clock.now = datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZoneInfo("Asia/Shanghai"))


def put(boss, path, **body):
    status, answer = boss.do(f"/admin/hours{path}", method="PUT", **body)
    assert status == 200, answer
    return answer["hours"]


@pytest.fixture
def boss(hall):
    return hall.person("boss", "admin")


@pytest.fixture
def kiosk(hall):
    return hall.device("kiosk")


def refused(caller, queue="A", **body):
    status, problem = caller.do("/tickets", queue=queue, **body)
    assert status == 409, problem
    return problem["code"], problem["detail"], problem["detail_en"]


@pytest.mark.parametrize(
    ("moment", "code", "zh", "en"),
    [
        ("03-02 08:29:59", "hall_closed", "大厅现在不取号：今天 8:30 开始取号。急事请问导办台。",
         "The hall issues no tickets now: numbers are issued from 8:30 today. "
         "If it is urgent, ask at the guide desk."),
        ("03-02 11:10", "past_cutoff", "今天上午取号已截止。今天 13:00 开始取号，请届时再来；急事请问导办台。",
         "No more tickets this morning. Please come back: numbers are issued from 13:00 today; "
         "if it is urgent, ask at the guide desk."),
        ("03-02 12:00", "hall_closed", "大厅现在不取号：今天 13:00 开始取号。急事请问导办台。", None),
        ("03-02 16:29", "past_cutoff", "今天下午取号已截止。明天 8:30 开始取号，请届时再来；急事请问导办台。", None),
        ("03-02 20:00", "hall_closed", "大厅现在不取号：明天 8:30 开始取号。急事请问导办台。", None),
        ("03-06 20:00", "hall_closed", "大厅现在不取号：3月8日（周日）8:30 开始取号。急事请问导办台。",
         "The hall issues no tickets now: numbers are issued from 8:30 on Sun 8 March. "
         "If it is urgent, ask at the guide desk."),
        ("03-09 10:00", "holiday", "今天植树节放假，不取号。明天 8:30 开始取号，请届时再来。",
         "Closed today for 植树节. Please come back: numbers are issued from 8:30 tomorrow."),
    ],
)  # fmt: skip
def test_a_closed_hall_says_why_and_when_to_come_back(hall, boss, kiosk, moment, code, zh, en):
    put(boss, "", sessions=WEEK, cutoff_minutes=20)
    put(boss, "/days/2026-03-09", kind="holiday", name="植树节")
    put(boss, "/days/2026-03-08", kind="workday", name="调休")
    set_clock(hall, moment)
    assert refused(kiosk)[:2] == (code, zh)
    assert en is None or refused(kiosk)[2] == en
    board = kiosk.get("/board")[1]
    assert board["open"] is False and board["closed_reason"] and board["closed_reason_en"]
    assert board["hours"] == "周一至周五 8:30–11:30、13:00–16:30"
    assert board["hours_en"] == "Mon–Fri 8:30–11:30, 13:00–16:30"


@pytest.mark.parametrize("moment", ["03-02 08:30", "03-02 11:09:59", "03-02 13:00", "03-08 10:00"])
def test_an_open_hall_issues(hall, boss, kiosk, moment):
    put(boss, "", sessions=WEEK, cutoff_minutes=20)
    put(boss, "/days/2026-03-08", kind="workday", name="调休")
    set_clock(hall, moment)
    assert kiosk.take()["number"] == "A001"
    board = kiosk.get("/board")[1]
    assert (board["open"], board["closed_reason"], board["closed_reason_en"]) == (True, "", "")


def test_a_hall_without_sessions_is_open_day_and_night_but_for_its_holidays(hall, boss, kiosk):
    for day in ("02", "03"):
        put(boss, f"/days/2026-03-{day}", kind="holiday", name="节")
    set_clock(hall, "03-02 03:00")
    code, zh, en = refused(kiosk)
    assert (code, zh) == ("holiday", "今天节放假，不取号。3月4日（周三）恢复取号，请届时再来。")
    assert "numbers are issued again on Wed 4 March" in en
    board = kiosk.get("/board")[1]
    assert (board["open"], board["closed_reason"]) == (False, "今天节放假，3月4日（周三）恢复取号")
    set_clock(hall, "03-03 23:59:59")
    assert "明天恢复取号" in refused(kiosk)[1]
    set_clock(hall, "03-04 00:00")
    assert kiosk.take()["number"] == "A001"
    assert kiosk.get("/board")[1]["open"] is True


def test_the_admins_switch_goes_before_the_clock(hall, boss, kiosk):
    put(boss, "", sessions=WEEK)
    assert kiosk.take()["number"] == "A001"
    boss.do("/admin/hall", method="PUT", name="大厅", open=False, closed_reason="消防演练。")
    assert refused(kiosk)[1] == "大厅现在不取号：消防演练。急事请问导办台。"
    set_clock(hall, "03-02 12:00")
    assert refused(kiosk)[1] == "大厅现在不取号：消防演练。急事请问导办台。"
    boss.do("/admin/hall", method="PUT", name="大厅", open=False)
    assert "请在开放时间再来" in refused(kiosk)[1] and "opening hours" in refused(kiosk)[2]


def test_a_hall_that_never_opens_again_says_where_to_look(hall, boss, kiosk):
    put(boss, "", sessions=[{"weekday": 1, "opens": 510, "closes": 690}])
    put(boss, "/days/2026-03-02", kind="holiday", name="修缮")
    lines = [f"{date(2026, 3, 9) + timedelta(weeks=n)},放假,修缮" for n in range(60)]
    assert boss.do("/admin/hours/import", lines=lines)[0] == 200
    assert refused(kiosk)[1] == "今天修缮放假，不取号。何时开始取号请看大厅公告，请届时再来。"


def test_the_board_follows_the_clock_and_clients_are_told(hall, boss, kiosk):
    put(boss, "", sessions=WEEK, cutoff_minutes=20)
    told = []
    hall.store.on_commit = lambda news: told.extend((n.kind.value, n.seq) for n in news)
    for moment, open_ in (("08:00", False), ("09:00", True), ("11:10", False), ("13:00", True)):
        set_clock(hall, f"03-02 {moment}")
        assert kiosk.get("/board")[1]["open"] is open_
        for _ in range(2):
            background.tick(hall.store)
        assert kiosk.get("/board")[1]["seq"] == told[-1][1]
    assert [kind for kind, _ in told] == ["hall.changed"] * 4


def test_what_closed_while_the_server_was_down_is_told_when_it_is_back(hall, boss, kiosk):
    put(boss, "", sessions=WEEK)
    background.tick(hall.store)
    seq = kiosk.get("/board")[1]["seq"]
    set_clock(hall, "03-02 12:00")
    hall.restart()
    background.tick(hall.store)
    background.tick(hall.store)
    kiosk = hall.device("kiosk")
    board = kiosk.get("/board")[1]
    assert (board["open"], board["seq"]) == (False, seq + 1)
    assert refused(kiosk)[0] == "hall_closed"


def test_an_always_open_hall_hears_nothing_of_its_hours(hall, kiosk):
    for hours in (0, 15, 30):
        hall.clock.forward(hours=hours)
        background.tick(hall.store)
    assert kiosk.get("/board")[1]["seq"] == 0


# ── quotas and campaigns ──


def test_a_quota_of_the_day(hall, boss, kiosk):
    put(boss, "", sessions=WEEK)
    put(boss, "/queues/A", quota_day=2)
    kiosk.take()
    kiosk.take()
    assert refused(kiosk) == (
        "quota_day_full",
        "个人综合今天的号已取完（每天 2 个）。明天 8:30 开始取号，请届时再来，或咨询导办台。",
        "All tickets of today for Personal services are taken (2 a day). Please come back: numbers are issued from "
        "8:30 tomorrow; or ask at the guide desk.",
    )
    assert kiosk.take("B")["number"] == "B001"
    queue = kiosk.get("/board")[1]["queues"][0]
    assert (queue["open"], queue["note"], queue["note_en"]) == (False, "今天的号已取完", "all taken today")
    set_clock(hall, "03-03 09:00")
    assert kiosk.get("/board")[1]["queues"][0]["open"] is True
    assert kiosk.take()["number"] == "A001"


def test_a_quota_of_each_session(hall, boss, kiosk):
    put(boss, "", sessions=WEEK)
    put(boss, "/queues/A", quota_session=1)
    kiosk.take()
    assert refused(kiosk)[:2] == (
        "quota_session_full",
        "个人综合今天上午的号已取完（每场 1 个）。今天 13:00 开始取号，请届时再来，或咨询导办台。",
    )
    assert kiosk.get("/board")[1]["queues"][0]["note"] == "今天上午的号已取完"
    set_clock(hall, "03-02 13:00")
    assert kiosk.take()["number"] == "A002"
    assert "明天 8:30" in refused(kiosk)[1]


def test_without_sessions_the_day_is_the_session(hall, boss, kiosk):
    put(boss, "/queues/A", quota_session=1)
    kiosk.take()
    code, zh, _ = refused(kiosk)
    assert code == "quota_session_full" and "今天的号已取完（每场 1 个）。明天重新放号" in zh


def test_a_cancelled_ticket_makes_room(hall, boss, kiosk):
    put(boss, "/queues/A", quota_day=1)
    first = kiosk.take()
    assert refused(kiosk)[0] == refused(kiosk, lane="appointment")[0] == "quota_day_full"
    kiosk.do(f"/tickets/{first['id']}/cancel")
    assert kiosk.take()["number"] == "A002"  # a refusal used no number up


def test_a_transferred_ticket_still_counts_where_it_was_taken(hall, boss, kiosk):
    put(boss, "/queues/A", quota_day=1)
    put(boss, "/queues/B", quota_day=1)
    kiosk.take()
    clerk = hall.clerk_at("01")
    clerk.do("/windows/01/call-next")
    assert clerk.do("/windows/01/transfer", queue="B")[0] == 200
    assert refused(kiosk)[0] == "quota_day_full" and kiosk.take("B")["number"] == "B001"


def test_sixteen_threads_get_exactly_the_quota(hall, boss, kiosk):
    put(boss, "", sessions=WEEK)
    put(boss, "/queues/A", quota_day=60, quota_session=40)
    outcomes = []

    def take_some():
        mine = type(kiosk)(hall.app.test_client(), kiosk.headers)
        for _ in range(6):
            status, answer = mine.do("/tickets", queue="A")
            outcomes.append(answer["number"] if status == 201 else answer["code"])

    def all_at_once():
        outcomes.clear()
        threads = [threading.Thread(target=take_some) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(outcomes)

    assert all_at_once() == [f"A{n:03d}" for n in range(1, 41)] + ["quota_session_full"] * 56
    set_clock(hall, "03-02 14:00")
    assert all_at_once() == [f"A{n:03d}" for n in range(41, 61)] + ["quota_day_full"] * 76


def test_a_quota_set_in_the_middle_of_a_day_knows_what_was_taken(hall, boss, kiosk):
    for _ in range(3):
        kiosk.take()
    put(boss, "/queues/A", quota_day=3)
    assert refused(kiosk)[0] == "quota_day_full"
    put(boss, "/queues/A", quota_day=4)
    assert kiosk.take()["number"] == "A004"


def test_a_campaign_takes_numbers_on_its_dates_alone(hall, boss, kiosk):
    boss.do("/admin/queues/S", method="PUT", name="专项补缴", open=True, name_en="Arrears campaign")
    put(boss, "/queues/S", from_day="2026-03-09", to_day="2026-03-10")
    assert refused(kiosk, "S") == (
        "queue_not_yet", "专项补缴从3月9日起取号，请届时再来，或咨询导办台。",
        "Arrears campaign issues tickets from 9 March. Please come back then, or ask at the guide desk.",
    )  # fmt: skip

    def shown():
        background.tick(hall.store)
        return [(q["open"], q["note"]) for q in kiosk.get("/board")[1]["queues"] if q["code"] == "S"]

    assert shown() == [(False, "3月9日起取号")]
    seq = kiosk.get("/board")[1]["seq"]
    set_clock(hall, "03-09 00:00")
    assert shown() == [(True, "")] and kiosk.get("/board")[1]["seq"] == seq + 1
    set_clock(hall, "03-10 23:59:59")
    assert kiosk.take("S")["number"] == "S001"
    set_clock(hall, "03-11 00:00")
    assert refused(kiosk, "S")[:2] == ("queue_over", "专项补缴已于3月10日结束，请选择其他业务或咨询导办台。")
    assert shown() == []


def test_a_closed_queue_is_named_after_a_closed_hall(hall, boss, kiosk):
    boss.do("/admin/queues/B", method="PUT", name="养老", open=False)
    put(boss, "/queues/B", quota_day=1)
    assert refused(kiosk, "B")[0] == "queue_closed"
    put(boss, "", sessions=WEEK)
    set_clock(hall, "03-02 12:00")
    assert refused(kiosk, "B")[0] == "hall_closed"


# ── one live ticket ──


def test_who_gave_a_number_gets_one_live_ticket(hall, boss, kiosk):
    put(boss, "", sessions=[], one_live_ticket=True)
    first = kiosk.take(person=PHONE)
    assert refused(kiosk, "B", person=f"+86 {PHONE}") == (
        "live_ticket",
        "您已有号码 A001（个人综合），请留意叫号。要另办业务，请先取消原号，或到导办台。",
        "You have the number A001 already (Personal services). Watch the screens; for other business cancel it "
        "first, or go to the guide desk.",
    )
    assert kiosk.take("B", person="13987654321")["number"] == "B001"
    assert kiosk.take("B")["number"] == "B002"  # nobody need be known
    kiosk.do(f"/tickets/{first['id']}/cancel")
    assert kiosk.take("B", person=PHONE)["number"] == "B003"
    assert PHONE not in str(hall.rows("SELECT * FROM ticket")) and PHONE not in str(hall.rows("SELECT * FROM news"))


def test_a_live_ticket_of_yesterday_hinders_nobody(hall, boss, kiosk):
    put(boss, "", sessions=[], one_live_ticket=True)
    kiosk.take(person=PHONE)
    background.tick(hall.store)
    assert hall.rows("SELECT count(*) FROM ticket WHERE person_hash IS NOT NULL") == [(1,)]
    hall.clock.forward(days=1)
    assert kiosk.take(person=PHONE)["number"] == "A001"
    background.tick(hall.store)
    kept = hall.rows("SELECT service_day FROM ticket WHERE person_hash IS NOT NULL")
    assert [str(day) for (day,) in kept] == ["2026-03-03"], "whose yesterday's ticket was, nobody need know"


def test_without_the_option_a_person_may_have_two(hall, kiosk):
    assert [kiosk.take(person=PHONE)["number"] for _ in range(2)] == ["A001", "A002"]
    status, problem = kiosk.do("/tickets", queue="A", person="12345")
    assert (status, problem["field"]) == (422, "person")


def test_a_repeated_request_is_no_second_ticket_and_no_refusal(hall, boss, kiosk):
    put(boss, "", sessions=WEEK, one_live_ticket=True)
    put(boss, "/queues/A", quota_day=1)
    body = {"queue": "A", "person": PHONE, "request_id": "request-0001"}
    first = kiosk.do("/tickets", **body)
    set_clock(hall, "03-02 12:00")
    assert kiosk.do("/tickets", **body) == first and first[0] == 201
    # Refused, it is judged again: the same request succeeds when the door is open.
    late = {"queue": "B", "request_id": "request-0002"}
    assert kiosk.do("/tickets", **late)[0] == 409
    set_clock(hall, "03-02 13:00")
    assert kiosk.do("/tickets", **late)[0] == 201


def test_the_same_person_at_sixteen_kiosks_gets_one_ticket(hall, boss, kiosk):
    put(boss, "", sessions=[], one_live_ticket=True)
    codes = []

    def take_one(queue):
        status, answer = type(kiosk)(hall.app.test_client(), kiosk.headers).do("/tickets", queue=queue, person=PHONE)
        codes.append(answer["number"] if status == 201 else answer["code"])

    threads = [threading.Thread(target=take_one, args=("ABCD"[n % 4],)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes)[1:] == ["live_ticket"] * 15


# ── the desk ──


def test_the_desk_passes_cut_off_and_quota_and_the_record_says_so(hall, boss, kiosk):
    put(boss, "", sessions=WEEK, cutoff_minutes=20)
    put(boss, "/queues/A", quota_day=1)
    kiosk.take()
    guide = hall.person("guide", "guide")
    set_clock(hall, "03-02 11:15")
    assert refused(guide)[0] == "past_cutoff"
    for missing in ("", "  "):
        status, problem = guide.do("/tickets", queue="A", override=True, override_reason=missing)
        assert (status, problem["code"], problem["field"]) == (422, "bad_field", "override_reason")
    late = guide.take(override=True, override_reason="远道而来")
    assert late["number"] == "A002"
    whys = [row[0] for row in hall.rows("SELECT why FROM news WHERE kind = 'ticket.issued' ORDER BY seq")]
    assert whys == ["", "override past_cutoff,quota_day_full: 远道而来"]
    issued = guide.get(f"/tickets/{late['id']}/story")[1]["events"][0]
    assert issued["why"] == "破例取号（已过取号截止时间、今日号已取完）：远道而来"
    status, problem = kiosk.do("/tickets", queue="A", override=True)
    assert (status, problem["code"]) == (403, "forbidden")
    set_clock(hall, "03-02 12:00")
    assert refused(guide, override=True, override_reason="远道而来")[0] == "hall_closed"


# ── the service day ──


def test_the_service_day_turns_at_its_hour_and_a_clock_stepped_back_doubles_nothing(hall, boss, kiosk):
    hall.store.write(lambda tx: tx.conn.exec_driver_sql("UPDATE hall SET rollover_hour = 4"))
    put(boss, "/queues/A", quota_day=3)
    seen = []
    for moment in ("03-02 23:59:59", "03-03 00:00", "03-03 03:59:59", "03-03 04:00", "03-03 03:59", "03-03 04:01"):
        set_clock(hall, moment)
        status, answer = kiosk.do("/tickets", queue="A")
        seen.append((answer["service_day"][-2:], answer["number"]) if status == 201 else answer["code"])
    assert seen == [("02", "A001"), ("02", "A002"), ("02", "A003"), ("03", "A001"), "quota_day_full", ("03", "A002")]
    hall.restart()
    assert hall.device("kiosk").take()["number"] == "A003"


def test_a_clock_stepped_back_over_the_cut_off_opens_again(hall, boss, kiosk):
    put(boss, "", sessions=WEEK, cutoff_minutes=20)
    put(boss, "/queues/A", quota_session=2)
    set_clock(hall, "03-02 11:00")
    kiosk.take()
    set_clock(hall, "03-02 13:30")
    kiosk.take()
    kiosk.take()
    set_clock(hall, "03-02 10:00")
    assert kiosk.take()["number"] == "A004"
    assert refused(kiosk)[0] == "quota_session_full"


# ── what an admin may set ──


def test_hours_survive_a_restart(hall, boss):
    put(boss, "", sessions=WEEK, cutoff_minutes=20, one_live_ticket=True)
    put(boss, "/days/2026-10-01", kind="workday", name="试", as_weekday=3)
    hours = put(boss, "/queues/A", quota_day=5, quota_session=3, from_day="2026-03-01", to_day="2026-03-31")
    assert (hours["sessions"], hours["cutoff_minutes"], hours["one_live_ticket"]) == (WEEK, 20, True)
    assert hours["days"] == [{"day": "2026-10-01", "kind": "workday", "name": "试", "as_weekday": 3}]
    assert hours["queues"][0] == {"code": "A", "name": "个人综合", "name_en": "Personal services", "quota_day": 5,
                                  "quota_session": 3, "from_day": "2026-03-01", "to_day": "2026-03-31"}  # fmt: skip
    hall.restart()
    assert hall.sign_in("boss").get("/admin")[1]["hours"] == hours


@pytest.mark.parametrize(
    ("path", "body", "field", "zh"),
    [
        (
            "",
            {"sessions": [{"weekday": 1, "opens": 600, "closes": 540}]},
            "sessions[0]",
            "“周一 10:00–9:00”不正确：结束应晚于开始",
        ),
        (
            "",
            {"sessions": [*WEEK, {"weekday": 6, "opens": 510, "closes": 1500}]},
            "sessions[10]",
            "“周六 8:30–25:00”不正确：时间应在 0:00 到 24:00",
        ),
        (
            "",
            {"sessions": [*WEEK, {"weekday": 5, "opens": 600, "closes": 700}]},
            "sessions[10]",
            "“周五 10:00–11:40”不正确：与 8:30–11:30 重叠",
        ),
        ("", {"sessions": "soon"}, "sessions", "“办公时段”不正确"),
        ("", {"sessions": [], "one_live_ticket": 7}, "one_live_ticket", "“一人一号”不正确"),
        ("", {"sessions": WEEK, "cutoff_minutes": 180}, "cutoff_minutes", "短于每一个办公时段"),
        ("/days/2026-10-01", {"kind": "party", "name": "节"}, "kind", "放假或上班"),
        ("/days/2026-10-01", {"kind": "holiday", "name": " "}, "name", "节假日名称"),
        ("/days/2026-10-32", {"kind": "holiday", "name": "节"}, "day", "“日期”不正确：应为日期 YYYY-MM-DD"),
        ("/queues/A", {"quota_day": 0}, "quota_day", "每天限号"),
        ("/queues/A", {"quota_day": 1.5}, "quota_day", "“每天限号”不正确：应为整数"),
        ("/queues/A", {"quota_session": "abc"}, "quota_session", "“每时段限号”不正确：应为整数"),
        ("/queues/A", {"from_day": "2026-03-02", "to_day": "2026-03-01"}, "to_day", "不能早于开始日期"),
        ("/queues/A", {"from_day": "soon"}, "from_day", "“起始日期”不正确：应为日期 YYYY-MM-DD"),
    ],
)
def test_a_wrong_setting_names_its_field(boss, path, body, field, zh):
    status, problem = boss.do(f"/admin/hours{path}", method="PUT", **body)
    assert (status, problem["code"], problem["field"]) == (422, "bad_field", field) and zh in problem["detail"]


def test_limits_of_no_queue_and_removal_of_no_day(boss):
    assert boss.do("/admin/hours/queues/QQ", method="PUT")[1]["code"] == "queue_not_found"
    assert boss.do("/admin/hours/days/2026-10-01/remove")[1]["code"] == "day_not_found"
    put(boss, "/days/2026-10-01", kind="holiday", name="节")
    assert boss.do("/admin/hours/days/2026-10-01/remove")[1]["hours"]["days"] == []


def test_a_list_of_days_is_taken_whole_or_not_at_all(boss):
    put(boss, "/days/2027-10-01", kind="workday", name="旧")
    lines = ["日期,类型,名称", "2027-10-01~2027-10-03,放假,国庆节", "2027-10-09,上班,调休,周五"]
    status, answer = boss.do("/admin/hours/import", lines=[*lines, "2027-02-30,放假,节", "", "2027-05-01,放假"])
    assert (status, answer["code"]) == (422, "bad_lines")
    assert answer["detail"].endswith("第 4 行：日期应写成 2027-10-01；第 6 行：名称应为 1 到 30 个字。")
    assert answer["detail_en"].endswith(
        "line 4 needs its date as 2027-10-01; line 6 needs a name of 1 to 30 characters."
    )
    assert len(boss.get("/admin")[1]["hours"]["days"]) == 1
    days = boss.do("/admin/hours/import", lines=lines)[1]["hours"]["days"]
    assert [(d["day"][-2:], d["kind"], d["name"], d["as_weekday"]) for d in days] == [
        ("01", "holiday", "国庆节", 1), ("02", "holiday", "国庆节", 1), ("03", "holiday", "国庆节", 1),
        ("09", "workday", "调休", 5),
    ]  # fmt: skip
    assert boss.do("/admin/hours/import", lines=["x"] * 9)[1]["detail"].endswith("；另有 4 行。")
    for many in ([], ["#"] * 1001):
        assert boss.do("/admin/hours/import", lines=many)[1]["field"] == "lines"
