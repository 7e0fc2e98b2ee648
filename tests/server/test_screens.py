"""What the walls show beside calls, through HTTP with the clock in the test's hand."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from server import background

HOSTILE = ("<script>alert(1)</script>", "\u202eمرحبا‏", "👩‍👩‍👧 😀", "长" * 200, "W" * 200)


def set_clock(hall, text):
    hall.clock.now = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


def change(caller, path, method="PUT", **body):
    status, answer = caller.do(f"/admin/screens{path}", method=method, **body)
    assert status in (200, 201), answer
    return answer["screens"]


def refused(caller, path, method="PUT", **body):
    status, problem = caller.do(f"/admin/screens{path}", method=method, **body)
    assert status >= 400, problem
    return problem


@pytest.fixture
def boss(hall):
    """With no notice and no leader left of the demo."""
    boss = hall.person("boss", "admin")
    screens = boss.get("/admin")[1]["screens"]
    for notice in screens["notices"]:
        change(boss, f"/notices/{notice['id']}/remove", "POST")
    change(boss, "/duty", days=[{"day": one["day"], "name": ""} for one in screens["duty"]])
    return boss


@pytest.fixture
def wall(hall):
    return hall.device("display")


def board(wall):
    return wall.get("/board")[1]


def notice(boss, text, from_day=None, to_day=None):
    return change(boss, "/notices", "POST", text=text, from_day=from_day, to_day=to_day)["notices"][-1]


def told(hall):
    """The kinds of all news from now on."""
    kinds = []
    hall.store.on_commit = lambda news: kinds.extend(n.kind.value for n in news)
    return kinds


def ticks(hall, count=2):
    for _ in range(count):
        background.tick(hall.store)


# ── notices ──


def test_a_notice_is_added_changed_and_removed(hall, boss, wall):
    first = notice(boss, " 周六开放 ", "2026-03-02", "2026-03-07")
    days = {"from_day": "2026-03-02", "to_day": "2026-03-07"}
    assert first == {"id": first["id"], "text": "周六开放", **days, "standing": "on"}
    assert notice(boss, "将来", "2026-03-03")["standing"] == "future"
    assert notice(boss, "过去", None, "2026-03-01")["standing"] == "over"
    assert board(wall)["notices"] == ["周六开放"]
    change(boss, f"/notices/{first['id']}", text="周日开放")
    assert board(wall)["notices"] == ["周日开放"]
    change(boss, f"/notices/{first['id']}/remove", "POST")
    assert board(wall)["notices"] == []
    assert refused(boss, f"/notices/{first['id']}", text="x")["code"] == "notice_not_found"
    for name in (first["id"], "x", "9" * 30):
        assert refused(boss, f"/notices/{name}/remove", "POST")["code"] == "notice_not_found"


def test_a_notice_comes_and_goes_at_midnight_and_each_is_told_once(hall, boss, wall):
    notice(boss, "今明两天", "2028-02-28", "2028-02-29")
    set_clock(hall, "2028-02-27T23:59:59")
    ticks(hall)
    heard = told(hall)
    for moment, texts, events in (
        ("2028-02-27T23:59:59", [], 0),
        ("2028-02-28T00:00:00", ["今明两天"], 1),
        ("2028-02-28T12:00:00", ["今明两天"], 1),
        ("2028-02-29T23:59:59", ["今明两天"], 1),
        ("2028-03-01T00:00:00", [], 2),
        ("2028-03-05T00:00:00", [], 2),
    ):
        set_clock(hall, moment)
        ticks(hall)
        assert (board(wall)["notices"], len(heard)) == (texts, events), moment
    assert set(heard) == {"hall.changed"}


def test_the_day_turns_at_the_halls_own_hour(hall, boss, wall):
    hall.store.write(lambda tx: tx.conn.exec_driver_sql("UPDATE hall SET rollover_hour = 4"))
    notice(boss, "到二号", None, "2026-03-02")
    for moment, shown in (("2026-03-03T03:59:59", ["到二号"]), ("2026-03-03T04:00:00", [])):
        set_clock(hall, moment)
        assert board(wall)["notices"] == shown
    assert hall.sign_in("boss").get("/admin")[1]["screens"]["today"] == "2026-03-03"


def test_what_changed_while_the_server_was_down_is_told_when_it_is_back(hall, boss):
    notice(boss, "明天起", "2026-03-03")
    ticks(hall)
    seq = board(hall.device("display"))["seq"]
    set_clock(hall, "2026-03-03T09:00:00")
    hall.restart()
    ticks(hall)
    seen = board(hall.device("display"))
    assert (seen["notices"], seen["seq"]) == (["明天起"], seq + 1)


def test_a_clock_that_steps_back_and_forth_tells_each_change_and_no_more(hall, boss, wall):
    notice(boss, "三号起", "2026-03-03")
    ticks(hall)
    heard = told(hall)
    for moment, shown, events in (
        ("2026-03-03T00:30:00", ["三号起"], 1),
        ("2026-03-02T23:30:00", [], 2),
        ("2026-03-02T22:30:00", [], 2),
        ("2026-03-03T00:30:00", ["三号起"], 3),
    ):
        set_clock(hall, moment)
        ticks(hall)
        assert (board(wall)["notices"], len(heard)) == (shown, events)


def test_an_admins_own_change_is_told_once(hall, boss):
    ticks(hall)
    heard = told(hall)
    notice(boss, "一条")
    ticks(hall)
    assert heard == ["hall.changed"]


def test_a_hall_with_nothing_to_show_hears_nothing(hall, boss):
    heard = told(hall)
    for day in ("2026-03-02", "2026-03-03", "2027-01-01"):
        set_clock(hall, f"{day}T10:00:00")
        ticks(hall)
    assert heard == []


@pytest.mark.parametrize(
    ("body", "field", "zh"),
    [
        ({"text": " "}, "text", "“公告内容”不正确：应为 1 到 200 个字"),
        ({"text": "x" * 201}, "text", "应为 1 到 200 个字"),
        (
            {"text": "x", "from_day": "2026-03-03", "to_day": "2026-03-02"},
            "to_day",
            "“结束日期”不正确：不能早于开始日期",
        ),
        ({"text": "x", "from_day": "2026-02-30"}, "from_day", "应为日期"),
        ({"from_day": "2026-03-03"}, "text", "缺少"),
    ],
)
def test_a_wrong_notice_is_refused_at_its_field(boss, wall, body, field, zh):
    problem = refused(boss, "/notices", "POST", **body)
    assert (problem["code"], problem["field"]) == ("bad_field", field) and zh in problem["detail"]
    assert problem["detail_en"] and board(wall)["notices"] == []


def test_there_is_an_end_of_notices(boss):
    for n in range(50):
        notice(boss, f"第 {n} 条", None, "2026-03-01")
    problem = refused(boss, "/notices", "POST", text="再一条")
    assert (problem["status"], problem["code"]) == (409, "too_many_notices")
    assert "先移除已过期" in problem["detail"] and "Remove" in problem["detail_en"]


def test_any_text_is_text(boss, wall):
    for text in HOSTILE:
        notice(boss, text)
        change(boss, "/ticker", ticker=text)
        assert board(wall)["ticker"] == text
    assert board(wall)["notices"] == list(HOSTILE)


# ── the duty leader ──


LEADER = {"name": "林清禾", "position": "主任", "tel": "0000-5550101"}


def test_each_day_has_its_leader(hall, boss, wall):
    other = {"name": "季望舒", "position": "", "tel": ""}
    change(
        boss,
        "/duty",
        days=[{"day": "2026-03-02", **LEADER}, {"day": "2026-03-03", **other}, {"day": "2026-03-04", "name": ""}],
    )
    assert board(wall)["leader"] == LEADER
    ticks(hall)
    heard = told(hall)
    for moment, leader, events in (
        ("2026-03-03T00:00:00", other, 1),
        ("2026-03-04T00:00:00", None, 2),
        ("2026-03-05T00:00:00", None, 2),
    ):
        set_clock(hall, moment)
        ticks(hall)
        assert (board(wall)["leader"], len(heard)) == (leader, events)


def test_the_same_leader_tomorrow_is_no_change(hall, boss):
    change(boss, "/duty", days=[{"day": f"2026-03-0{n}", **LEADER} for n in (2, 3)])
    heard = told(hall)
    set_clock(hall, "2026-03-03T08:00:00")
    ticks(hall)
    assert heard == []


def test_of_a_bad_roster_nothing_is_kept(boss, wall):
    problem = refused(
        boss, "/duty", days=[{"day": "2026-03-02", **LEADER}, {"day": "2026-03-03", "name": "", "tel": "0000"}]
    )
    assert problem["field"] == "days[1].name"
    assert "“3月3日值班领导姓名”不正确：填了职务或电话，就要填姓名" in problem["detail"]
    assert board(wall)["leader"] is None and boss.get("/admin")[1]["screens"]["duty"] == []


def test_a_day_may_be_emptied_and_others_stay(boss):
    change(boss, "/duty", days=[{"day": f"2026-03-0{n}", **LEADER} for n in (2, 3)])
    screens = change(boss, "/duty", days=[{"day": "2026-03-02", "name": " "}])
    assert screens["duty"] == [{"day": "2026-03-03", **LEADER}]


# ── staff cards ──


CARD = {"name": "林", "position": "综合窗口", "badges": ["党员示范岗", "服务之星"]}


def cards(wall):
    return {card["window"]: card for card in board(wall)["staff"]}


def test_cards_follow_who_sits_at_a_window(hall, boss, wall):
    clerks = {name: hall.person(name) for name in ("lin", "ji")}
    change(boss, "/staff/lin", **CARD)
    change(boss, "/staff/ji", name="季", position=" 养老 ")
    assert cards(wall) == {}
    heard = told(hall)
    clerks["lin"].do("/windows/01/sign-in")
    assert cards(wall) == {"01": {"window": "01", "staff_no": "", "photo": "", **CARD}}
    clerks["lin"].do("/windows/02/sign-in")
    assert list(cards(wall)) == ["02"]
    clerks["ji"].do("/windows/02/sign-in", take_over=True)
    assert cards(wall)["02"]["name"] == "季" and cards(wall)["02"]["position"] == "养老"
    assert set(heard) == {"window.changed"}
    clerks["ji"].do("/windows/02/sign-out")
    assert cards(wall) == {}


def test_a_card_shows_what_the_hall_wishes_and_never_the_name_for_colleagues(hall, boss, wall):
    boss.do("/admin/users", username="wang", role="clerk", password="long enough 1", name="王小明", staff_no="SB007")
    hall.person("nobody")
    (wang,) = hall.rows("SELECT id FROM account WHERE username = 'wang'")[0]
    hall.store.write(lambda tx: tx.conn.exec_driver_sql(f"UPDATE window SET staff_id = {wang} WHERE no = '01'"))
    hall.sign_in("nobody").do("/windows/03/sign-in")
    only_no = {"name": "", "staff_no": "SB007", "position": "", "badges": [], "photo": ""}
    assert cards(wall) == {"01": {"window": "01", **only_no}}
    assert "王小明" not in json.dumps(board(wall), ensure_ascii=False) and "wang" not in json.dumps(board(wall))


def test_an_account_switched_off_has_no_card(hall, boss, wall):
    hall.person("lin").do("/windows/01/sign-in")
    change(boss, "/staff/lin", **CARD)
    assert list(cards(wall)) == ["01"]
    seq = board(wall)["seq"]
    boss.do("/admin/users/lin", method="PUT", active=False)
    assert cards(wall) == {} and board(wall)["seq"] == seq + 1


def test_a_card_of_nobody_is_refused(boss):
    assert refused(boss, "/staff/nobody", name="x")["code"] == "user_not_found"
    problem = refused(boss, "/staff/boss", badges=["x"] * 5)
    assert problem["field"] == "badges" and "最多 4 个" in problem["detail"] and "at most 4" in problem["detail_en"]


# ── the playlist and the ticker ──


def test_the_playlist_is_kept_in_order(boss, wall):
    slides = [
        {"kind": "leader", "seconds": 8, "zone": ""},
        {"kind": "staff", "seconds": 600, "zone": "A"},
        {"kind": "leader", "seconds": 3, "zone": ""},
    ]
    screens = change(boss, "/playlist", slides=slides)
    assert board(wall)["playlist"] == screens["playlist"] == slides and screens["zones"] == ["A", "B", "C"]
    change(boss, "/playlist", slides=[])
    assert board(wall)["playlist"] == []


@pytest.mark.parametrize(
    ("wrong", "field", "zh", "en"),
    [
        ({"kind": "rates"}, "slides[1].kind", "只能是 notices, items, leader, staff, ratings 之一", "one of"),
        ({"seconds": 0}, "slides[1].seconds", "“第 2 项的秒数”不正确：应为 3 到 600 秒", "3 to 600"),
        ({"seconds": "八"}, "slides[1].seconds", "应为整数", "whole number"),
        ({"zone": "东区"}, "slides[1].zone", "“第 2 项的区域”不正确：没有窗口在这个区域", "zone of a window"),
    ],
)
def test_a_wrong_slide_is_refused_at_its_place_and_nothing_is_kept(boss, wall, wrong, field, zh, en):
    before = board(wall)
    good = {"kind": "items", "seconds": 10, "zone": ""}
    problem = refused(boss, "/playlist", slides=[good, {**good, **wrong}])
    assert (problem["code"], problem["field"]) == ("bad_field", field)
    assert zh in problem["detail"] and en in problem["detail_en"]
    assert board(wall)["playlist"] == before["playlist"] and board(wall)["seq"] == before["seq"]


def test_one_way_only(boss):
    """The old list of the hall's form is gone: a form that still sends it hears so."""
    status, problem = boss.do("/admin/hall", method="PUT", name="大厅", open=True, notices=["x"])
    assert (status, problem["field"]) == (422, "notices")


def test_all_of_it_outlives_a_restart(hall, boss, wall):
    notice(boss, "一条", "2026-03-01", None)
    change(boss, "/duty", days=[{"day": "2026-03-02", **LEADER}])
    change(boss, "/ticker", ticker=" 一行字 ")
    hall.person("lin").do("/windows/01/sign-in")
    change(boss, "/staff/lin", **CARD)
    before = board(wall)
    hall.restart()
    after = board(hall.device("display"))
    parts = ("notices", "leader", "staff", "playlist", "ticker")
    assert {p: before[p] for p in parts} == {p: after[p] for p in parts} and after["ticker"] == "一行字"


def test_the_demo_has_all_kinds(hall, wall):
    seen = board(wall)
    assert len(seen["notices"]) == 3 and seen["leader"]["name"] and seen["ticker"]
    assert {slide["kind"] for slide in seen["playlist"]} == {"notices", "items", "leader", "staff", "ratings"}
    standings = {one["standing"] for one in hall.person("boss", "admin").get("/admin")[1]["screens"]["notices"]}
    assert standings == {"on", "future", "over"}
