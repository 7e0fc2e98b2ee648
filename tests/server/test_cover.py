"""AB岗 through HTTP: pairs, leave, covers, handovers, rosters and empty windows."""

import json
import random
from itertools import pairwise

import pytest
from sqlalchemy import update

from server import background
from server.models import Account
from tests.server.conftest import Caller, Hall

WEEKDAYS = [1, 2, 3, 4, 5]
MONDAY, TUESDAY, FRIDAY = "2026-03-02", "2026-03-03", "2026-03-06"


class Team:
    """The demo hall, opened 8:30–11:30 and 13:00–16:30; it is 9:00. 甲 and 乙 are the pair of window 01."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.boss = hall.person("boss", "admin")
        self.a, self.b, self.c = (hall.person(name) for name in ("a", "b", "c"))
        self.kiosk = hall.device("kiosk")
        assert self.set_hours() == 200
        self.post = self.add_post()

    def set_hours(self) -> int:
        sessions = [
            {"weekday": day, "opens": opens, "closes": closes}
            for day in WEEKDAYS for opens, closes in ((510, 690), (780, 990))
        ]  # fmt: skip
        status, _ = self.boss.do(
            "/admin/hours", method="PUT", sessions=sessions, cutoff_minutes=0, one_live_ticket=False
        )
        return status

    def add_post(self, name: str = "一号窗", **form: object) -> int:
        form = {"kind": "window", "window": "01", "primary": "a", "backup": "b", "weekdays": WEEKDAYS, **form}
        status, problem = self.boss.do("/admin/cover/posts", name=name, **form)
        assert status == 201, problem
        return int(self.plan()["posts"][-1]["id"])

    def plan(self, query: str = "") -> dict:
        status, found = self.boss.get(f"/cover{query}")
        assert status == 200, found
        return found

    def duty(self, day: str = "") -> dict:
        return self.boss.get("/duty" + (f"?day={day}" if day else ""))[1]

    def leave(self, who: str, first: str = TUESDAY, last: str = TUESDAY, by: Caller | None = None):
        return (by or self.boss).do("/cover/leaves", username=who, from_day=first, to_day=last, reason="")

    def cover(self, who: str, first: str = TUESDAY, last: str = TUESDAY, by: Caller | None = None):
        return (by or self.boss).do(f"/cover/posts/{self.post}/covers", username=who, from_day=first, to_day=last)


@pytest.fixture
def team(hall):
    return Team(hall)


def done(answer):
    assert answer[0] in (200, 201), answer
    return answer[1]


def code(answer):
    assert answer[0] >= 400, answer
    return answer[1]["code"]


# ── pairs, leave, covers ──


def test_leave_is_recorded_while_the_other_of_the_pair_is_there(team):
    done(team.leave("a", TUESDAY, FRIDAY))
    refused = team.leave("b", "2026-03-05", "2026-03-09")
    assert code(refused) == "leave_uncovered" and "2026-03-05" in refused[1]["detail"]
    assert "一号窗" in refused[1]["detail"] and "一号窗" in refused[1]["detail_en"]
    assert len(team.plan()["leaves"]) == 1
    done(team.leave("b", "2026-03-07", "2026-03-09"))  # from the Saturday on, when 甲 is back
    days = {one["day"]: n for n, one in enumerate(team.plan()["days"])}
    cells = team.plan()["posts"][0]["days"]
    assert [cells[days[day]]["person"]["username"] for day in (MONDAY, TUESDAY, "2026-03-09")] == ["a", "b", "a"]


def test_where_both_are_away_the_leader_names_a_cover_first(team):
    done(team.leave("a"))
    assert code(team.leave("b")) == "leave_uncovered"
    done(team.cover("c"))
    done(team.leave("b"))
    cell = team.plan()["posts"][0]["days"][1]
    assert (cell["person"]["username"], cell["standing"]) == ("c", "cover")
    assert code(team.leave("c")) == "leave_uncovered"
    (cover,) = team.plan()["covers"]
    assert code(team.boss.do(f"/cover/covers/{cover['id']}/remove")) == "leave_uncovered"
    done(team.boss.do(f"/cover/leaves/{team.plan()['leaves'][0]['id']}/remove"))
    done(team.boss.do(f"/cover/covers/{cover['id']}/remove"))
    assert team.plan()["covers"] == []


def test_whoever_is_on_leave_or_gone_covers_nothing(team):
    done(team.leave("c", MONDAY, FRIDAY))
    assert code(team.cover("c")) == "cover_away"
    done(team.boss.do("/admin/users/b", method="PUT", active=False))
    assert code(team.leave("a")) == "leave_uncovered"
    assert team.cover("b")[1]["field"] == "username"


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [(FRIDAY, TUESDAY, "to_day"), ("2029-01-01", "2029-01-02", "from_day"), (TUESDAY, "2028-03-03", "from_day")],
)
def test_days_that_nobody_plans_are_refused_at_their_field(team, first, last, field):
    for sent in (team.leave("a", first, last), team.cover("c", first, last)):
        assert (code(sent), sent[1]["field"]) == ("bad_field", field)


def test_only_who_leads_names_a_cover_or_records_leave(team):
    supervisor = team.hall.person("su", "supervisor")
    assert code(team.cover("c", by=team.b)) == "not_leading"
    assert code(team.leave("a", by=team.b)) == "not_leading"
    assert code(team.b.get("/cover")) == "not_leading"
    assert team.b.get("/duty")[1]["leads"] is False and "posts" not in team.b.get("/duty")[1]
    done(team.cover("c", by=supervisor))
    leader = team.add_post("值班领导", kind="leader", window=None, primary=None, backup=None)
    done(team.boss.do("/cover/rota", method="PUT", cells=[{"post": leader, "day": MONDAY, "username": "b"}]))
    done(team.leave("a", by=team.b))
    assert team.b.get("/duty")[1]["leads"] is True
    team.hall.clock.forward(days=1)
    assert (
        code(team.leave("a", by=team.hall.sign_in("b"))) == "not_leading"
    )  # the leader of Monday, and of no other day


def test_wrong_posts_are_refused_at_their_field(team):
    good = {"kind": "window", "name": "x", "weekdays": [1], "window": "02", "primary": "a", "backup": "b"}
    wrong = (
        ("name", " "), ("weekdays", []), ("weekdays", [8]), ("window", None), ("window", "99"), ("primary", "nobody"),
        ("backup", "a"), ("part", "night"), ("kind", "door"),
    )  # fmt: skip
    for field, value in wrong:
        status, problem = team.boss.do("/admin/cover/posts", **{**good, field: value})
        assert (status, problem["field"]) == (422, field), problem
    for field, value in (("empty_minutes", 0), ("late_minutes", -1)):
        form = {"empty_minutes": 10, "late_minutes": 5, field: value}
        assert team.boss.do("/admin/cover/settings", method="PUT", **form)[1]["field"] == field
    assert len(team.plan()["posts"]) == 1
    done(team.boss.do(f"/admin/cover/posts/{team.post}", method="PUT", **{**good, "name": "改名"}))
    assert team.plan()["posts"][0]["name"] == "改名"
    done(team.boss.do(f"/admin/cover/posts/{team.post}/remove"))
    assert team.plan()["posts"] == []
    assert code(team.boss.do(f"/admin/cover/posts/{team.post}/remove")) == "post_not_found"


def test_what_was_changed_is_sealed_and_outlives_a_restart(team):
    done(team.leave("a"))
    done(team.cover("c"))
    kinds = [row[0] for row in team.hall.rows("SELECT kind FROM audit_entry WHERE kind LIKE 'cover.%' ORDER BY n")]
    assert kinds == ["cover.post", "cover.leave", "cover.cover"]
    before = team.plan()
    team.hall.restart()
    team.boss.client = team.hall.app.test_client()
    boss = team.hall.sign_in("boss")
    assert boss.get("/cover")[1] == before


# ── handover ──


def call(clerk, no="01"):
    done(clerk.do(f"/windows/{no}/call-next"))
    done(clerk.do(f"/windows/{no}/begin"))


def test_handed_over_in_the_middle_of_a_service(team):
    """The card, the ledger, the rating: all with whom it is at that moment, and nobody's rating is another's."""
    hall, wall, evaluator = team.hall, team.hall.device("display"), team.hall.device("evaluator", "ev", "01")
    tablet = hall.device("tablet", "tab", "01")
    for name, staff_name in (("a", "甲"), ("b", "乙")):
        done(team.boss.do(f"/admin/screens/staff/{name}", method="PUT", name=staff_name))
    ticket = team.kiosk.take()
    done(team.a.do("/windows/01/sign-in"))
    call(team.a)
    assert [card["name"] for card in wall.get("/board")[1]["staff"]] == ["甲"]
    hall.clock.forward(minutes=5)
    done(team.a.do("/windows/01/hand-over", to="b", note="材料已核，待录入"))
    assert team.b.get("/me/handovers")[1]["to_me"][0]["number"] == ticket["number"]
    assert [card["name"] for card in wall.get("/board")[1]["staff"]] == ["甲"]  # until it is received
    hall.clock.forward(minutes=1)
    done(team.b.do("/windows/01/receive"))
    assert [card["name"] for card in wall.get("/board")[1]["staff"]] == ["乙"]
    assert tablet.get("/tablet")[1]["card"]["name"] == "乙"
    assert code(team.a.do("/windows/01/finish")) == "not_your_window"
    hall.clock.forward(minutes=4)
    done(team.b.do("/windows/01/finish"))
    assert evaluator.do("/ratings", label="dissatisfied")[1]["accepted"]
    b_id = hall.rows("SELECT id FROM account WHERE username = 'b'")[0][0]
    assert hall.rows("SELECT staff_id FROM ticket") == hall.rows("SELECT staff_id FROM invitation") == [(b_id,)]
    events = team.boss.get(f"/tickets/{ticket['id']}/story")[1]["events"]
    told = [(one["at"][11:16], one["who"], one["zh"]) for one in events]
    assert ("09:00", "窗口人员 a", "开始办理，01 号窗口") in told
    assert ("09:06", "窗口人员 b", "由 a 交接，换人接手，01 号窗口") in told
    assert any(at == "09:10" and who == "窗口人员 b" and what.startswith("办结") for at, who, what in told)
    for name in ("a", "b"):  # neither may put right what follows, nor enter the rating of it
        hall.store.write(lambda tx, name=name: tx.conn.exec_driver_sql(
            "UPDATE account SET role = 'supervisor' WHERE username = ?", (name,)))  # fmt: skip
        assert hall.sign_in(name).get("/rectifications")[1]["cases"] == []
    (handed,) = team.duty()["handovers"]
    assert (handed["from"], handed["to"], handed["kind"], handed["number"]) == ("a", "b", "out", ticket["number"])
    assert (handed["offered_at"][11:16], handed["ended_at"][11:16]) == ("09:05", "09:06")


def test_back_again_and_both_are_recorded(team):
    done(team.a.do("/windows/01/sign-in"))
    for giver, taker, name in ((team.a, team.b, "b"), (team.b, team.a, "a")):
        done(giver.do("/windows/01/hand-over", to=name))
        done(taker.do("/windows/01/receive"))
    assert [one["kind"] for one in team.duty()["handovers"]] == ["back", "out"]
    stays = team.hall.rows("SELECT began_by, ended_by FROM sitting ORDER BY id")
    assert stays == [("sign_in", "receive"), ("receive", "receive"), ("receive", "")]


def test_only_to_the_pair_or_the_cover_of_the_day(team):
    done(team.a.do("/windows/01/sign-in"))
    refused = team.a.do("/windows/01/hand-over", to="c")
    assert code(refused) == "not_of_post" and "一号窗" in refused[1]["detail"]
    assert [one["username"] for one in team.a.get("/windows/01/takers")[1]["takers"]] == ["b"]
    done(team.cover("c", MONDAY, MONDAY))
    assert [one["username"] for one in team.a.get("/windows/01/takers")[1]["takers"]] == ["b", "c"]
    done(team.a.do("/windows/01/hand-over", to="c"))
    assert code(team.b.do("/windows/01/receive")) == "no_handover"
    done(team.c.do("/windows/01/receive"))
    assert team.a.do("/windows/01/hand-over", to="nobody")[1]["code"] == "not_your_window"


def test_an_offer_is_void_when_it_is_withdrawn_or_its_giver_left(team):
    done(team.a.do("/windows/01/sign-in"))
    assert code(team.a.do("/windows/01/withdraw")) == "no_handover"
    for end in ("withdraw", "sign-out"):
        done(team.a.do("/windows/01/hand-over", to="b"))
        done(team.a.do(f"/windows/01/{end}"))
        assert code(team.b.do("/windows/01/receive")) == "no_handover"
        assert team.b.get("/me/handovers")[1] == {"to_me": [], "by_me": []}
    done(team.a.do("/windows/01/sign-in"))
    done(team.a.do("/windows/01/hand-over", to="b"))
    done(team.c.do("/windows/01/sign-in", take_over=True))
    assert code(team.b.do("/windows/01/receive")) == "no_handover"
    assert [row[0] for row in team.hall.rows("SELECT state FROM handover ORDER BY id")] == ["withdrawn"] * 3


def test_whoever_receives_leaves_their_own_window_but_not_a_citizen_there(team):
    team.kiosk.take()
    done(team.b.do("/windows/02/sign-in"))
    call(team.b, "02")
    done(team.a.do("/windows/01/sign-in"))
    done(team.a.do("/windows/01/hand-over", to="b"))
    assert code(team.b.do("/windows/01/receive")) == "ticket_in_hand"
    assert team.a.get("/windows/01")[0] == 200
    done(team.b.do("/windows/02/finish"))
    done(team.b.do("/windows/01/receive"))
    assert team.hall.rows("SELECT state FROM window WHERE no = '02'") == [("closed",)]


def test_a_repeated_receipt_is_one(team):
    done(team.a.do("/windows/01/sign-in"))
    done(team.a.do("/windows/01/hand-over", to="b"))
    first = team.b.do("/windows/01/receive", request_id="request-1")
    assert team.b.do("/windows/01/receive", request_id="request-1") == first
    assert team.hall.rows("SELECT count(*) FROM sitting") == [(2,)]


STEPS = ("sign-in", "take", "hand-over", "hand-over", "receive", "receive", "withdraw", "sign-out", "hold", "pause",
         *("resume", "call-next", "begin", "finish") * 3)  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_every_moment_of_a_service_belongs_to_exactly_one_person(team, seed):
    """Whatever three clerks do at two windows: the stays at a window never overlap and leave no hole while a ticket
    is in hand, and a service counts for whoever sat there when it was finished."""
    dice = random.Random(seed)
    people = {"a": team.a, "b": team.b, "c": team.c}
    done(team.cover("c", MONDAY, MONDAY))
    for _ in range(12):
        team.kiosk.take()
    for _ in range(200):
        anything(team, people[dice.choice("abc")], dice)
    rows = team.hall.rows("SELECT window_id, account_id, began_at, ended_at FROM sitting ORDER BY id")
    for column in (0, 1):  # the stays at a window, and those of a person
        for key in {row[column] for row in rows}:
            stays = [row for row in rows if row[column] == key]
            assert all(before[3] is not None and before[3] <= after[2] for before, after in pairwise(stays))
    seated = team.hall.rows('SELECT id, staff_id FROM "window" WHERE staff_id IS NOT NULL ORDER BY id')
    assert seated == sorted((row[0], row[1]) for row in rows if row[3] is None)
    served = team.hall.rows(
        "SELECT ticket.window_id, called_at, finished_at, ticket.staff_id, invitation.staff_id FROM ticket"
        " JOIN invitation ON invitation.ticket_id = ticket.id"
    )
    assert served
    for window_id, called, finished, staff, invited in served:
        here = [row[2:] + row[1:2] for row in rows if row[0] == window_id and row[2] <= finished]
        over = [row for row in here if row[1] is None or row[1] > called]
        assert over[0][0] <= called
        assert all(before[1] == after[0] for before, after in pairwise(over))  # handed on in one moment
        assert staff == invited == over[-1][2]


def anything(team, person, dice):
    """Mostly whoever sits there does something at a window; else anybody tries."""
    no, step = dice.choice(("01", "02")), dice.choice(STEPS)
    more = {"hand-over": {"to": dice.choice("abc")}, "pause": {"reason": "x"}, "take": {"take_over": True}}
    if dice.random() < 0.7:
        seats = {seat["no"]: seat["username"] for seat in team.a.get("/windows")[1]["windows"]}
        person = {"a": team.a, "b": team.b, "c": team.c}.get(seats[no], person)
    team.hall.clock.forward(seconds=dice.randint(1, 40))
    person.do(f"/windows/{no}/{'sign-in' if step == 'take' else step}", **more.get(step, {}))


def test_nobody_stays_at_a_window_over_night(team):
    """Else the walls would show yesterday's clerk in the morning, and who never came would be there all day."""
    done(team.a.do("/windows/01/sign-in"))
    background.tick(team.hall.store)
    assert team.a.get("/windows/01")[0] == 200
    team.hall.clock.forward(days=1)
    background.tick(team.hall.store)
    assert team.hall.rows("SELECT ended_by FROM sitting") == [("day_over",)]
    assert team.hall.rows("SELECT state, staff_id FROM window WHERE no = '01'") == [("closed", None)]


def test_in_a_hall_that_never_closes_nobody_is_signed_out_by_midnight(hall):
    hall.clerk_at("01")
    hall.clock.forward(days=1)
    background.tick(hall.store)
    assert hall.rows("SELECT state FROM window WHERE no = '01'") == [("open",)]


# ── the rota and how a day was kept ──


def test_the_rota_names_another_for_a_day_and_is_all_or_nothing(team):
    cells = [
        {"post": team.post, "day": TUESDAY, "username": "c"},
        {"post": team.post, "day": FRIDAY, "username": "b"},
    ]
    done(team.boss.do("/cover/rota", method="PUT", cells=cells))
    found = team.plan()["posts"][0]["days"]
    assert [found[n]["person"]["username"] for n in range(5)] == ["a", "c", "a", "a", "b"]
    assert found[1]["rota"] == "c"
    done(team.leave("b", FRIDAY, FRIDAY))
    assert team.plan()["posts"][0]["days"][4]["person"]["username"] == "a"
    wrong = [{**cells[0], "day": MONDAY}, cells[1]]
    refused = team.boss.do("/cover/rota", method="PUT", cells=wrong)
    assert (code(refused), refused[1]["field"]) == ("bad_field", "cells[1]") and "请假" in refused[1]["detail"]
    assert team.plan()["posts"][0]["days"][0]["rota"] is None
    unknown = [{"post": team.post, "day": MONDAY, "username": "nobody"}]
    assert team.boss.do("/cover/rota", method="PUT", cells=unknown)[1]["field"] == "cells[0]"
    assert code(team.boss.do("/cover/rota", method="PUT", cells=[{**cells[0], "post": 99}])) == "post_not_found"
    done(team.boss.do("/cover/rota", method="PUT", cells=[{"post": team.post, "day": TUESDAY, "username": ""}]))
    assert team.plan()["posts"][0]["days"][1]["rota"] is None


def marks(team, day=""):
    return [
        (one["opens"], one["person"]["username"] if one["person"] else None, one["mark"], one["expected"])
        for one in team.duty(day)["kept"]
    ]


def test_who_came_late_left_early_or_never_came(team):
    """It is 9:00 and the window opened at 8:30."""
    assert marks(team) == [("8:30", "a", "missing", True), ("13:00", "a", "coming", True)]
    done(team.a.do("/windows/01/sign-in"))
    assert marks(team)[0][2] == "late"
    team.hall.clock.forward(hours=1)
    done(team.a.do("/windows/01/sign-out"))
    assert marks(team)[0][2] == "late_early"
    team.hall.clock.forward(hours=2, minutes=50)  # 12:50
    done(team.b.do("/windows/01/sign-in"))
    team.hall.clock.forward(hours=6)
    background.tick(team.hall.store)
    assert marks(team) == [
        ("8:30", "a", "late_early", True), ("13:00", "a", "never", True), ("13:00", "b", "kept", False),
    ]  # fmt: skip
    team.hall.clock.forward(days=1)
    boss = team.boss = team.hall.sign_in("boss")
    assert marks(team, MONDAY)[0][2] == "late_early" and boss.get("/duty?day=x")[1]["code"] == "bad_field"


def test_posts_without_a_window_are_signed_in_at_on_the_duty_page(team):
    guide = team.hall.person("g", "guide")
    post = team.add_post("导办台", kind="guide", window=None, primary="g", backup=None)
    assert code(team.a.do(f"/duty/posts/{post}/sign-in")) == "no_post_today"
    assert code(team.a.do(f"/duty/posts/{team.post}/sign-in")) == "no_post_today"  # by its window alone
    assert guide.get("/duty")[1]["mine"][0]["signed_in"] is False
    for _ in range(2):
        done(guide.do(f"/duty/posts/{post}/sign-in"))
    assert guide.get("/duty")[1]["mine"][0]["signed_in"] is True
    assert next(one["seated"] for one in team.duty()["posts"] if one["id"] == post)["username"] == "g"
    team.hall.clock.forward(minutes=30)
    done(guide.do(f"/duty/posts/{post}/sign-out"))
    line = next(one for one in team.duty()["kept"] if one["post"] == post)
    assert (line["mark"], line["came"][11:16], line["left"][11:16]) == ("late_early", "09:00", "09:30")


# ── empty windows ──


def news(hall):
    return [
        (kind, *(data if isinstance(data, dict) else json.loads(data)).values())
        for kind, data in hall.rows("SELECT kind, data FROM news WHERE kind LIKE 'post.%' ORDER BY seq")
    ]


def ticks(hall, minutes=0):
    hall.clock.forward(minutes=minutes)
    for _ in range(2):
        background.tick(hall.store)


def test_an_empty_window_is_told_once_when_it_begins_and_once_when_it_ends(team):
    """Since 8:30 nobody is there; ten minutes are the hall's patience."""
    opened = "2026-03-02T08:30:00+08:00"
    ticks(team.hall)
    assert news(team.hall) == [("post.empty", "01", "一号窗", "nobody", opened)]
    assert team.duty()["empty"] == [{"window": "01", "post": "一号窗", "reason": "nobody", "since": opened}]
    done(team.a.do("/windows/01/sign-in"))
    ticks(team.hall)
    team.hall.restart()
    ticks(team.hall)
    assert news(team.hall)[1:] == [("post.filled", "01", "一号窗")]
    team.boss = team.hall.sign_in("boss")
    assert team.duty()["empty"] == [] and len(team.duty()["spells"]) == 1


def test_a_long_pause_counts_and_a_short_one_is_forgotten(team):
    done(team.a.do("/windows/01/sign-in"))
    for minutes, told in ((9, 0), (10, 1)):
        done(team.a.do("/windows/01/pause", reason="取材料"))
        ticks(team.hall)
        ticks(team.hall, minutes)
        assert len(news(team.hall)) == told
        done(team.a.do("/windows/01/resume"))
        ticks(team.hall)
    assert [row[0] for row in news(team.hall)] == ["post.empty", "post.filled"]
    assert news(team.hall)[0][3] == "paused"


def test_outside_of_hours_and_where_no_post_is_due_no_window_is_empty(team):
    done(team.b.do("/windows/02/sign-in"))
    done(team.b.do("/windows/02/pause", reason="x"))
    done(team.a.do("/windows/01/sign-in"))
    ticks(team.hall, 60)
    assert news(team.hall) == []
    done(team.a.do("/windows/01/sign-out"))
    ticks(team.hall, 100)  # 11:40
    assert news(team.hall) == []
    ticks(team.hall, 90)  # 13:10, ten minutes into the afternoon
    assert [row[:2] for row in news(team.hall)] == [("post.empty", "01")]
    ticks(team.hall, 300)
    assert [row[0] for row in news(team.hall)] == ["post.empty", "post.filled"]  # closed: nobody need be there


def test_a_window_whose_clerks_sign_in_is_over_is_empty_with_a_post_or_without(team):
    for clerk, no in ((team.a, "01"), (team.b, "02")):
        done(clerk.do(f"/windows/{no}/sign-in"))
        ticks(team.hall)
        assert clerk.client.delete("/api/v1/session", headers=clerk.headers).status_code == 200
    ticks(team.hall)
    ticks(team.hall, 9)
    assert news(team.hall) == []
    ticks(team.hall, 1)
    assert sorted(row[:4] for row in news(team.hall)) == [
        ("post.empty", "01", "一号窗", "session_over"), ("post.empty", "02", "", "session_over"),
    ]  # fmt: skip
    team.hall.sign_in("a")
    ticks(team.hall)
    assert news(team.hall)[2:] == [("post.filled", "01", "一号窗")]


def test_a_sign_in_that_is_over_by_its_age_holds_no_window(hall):
    """However lately its page asked for something."""
    clerk = hall.clerk_at("01")
    for _ in range(2):
        hall.clock.forward(hours=7, minutes=55)
        assert clerk.get("/windows")[0] == 200
    ticks(hall)
    for minutes in (15, 11):  # 16 hours after the sign-in
        ticks(hall, minutes)
    assert clerk.get("/windows")[0] == 401
    assert [row[:4] for row in news(hall)] == [("post.empty", "01", "", "session_over")]


def test_the_patience_is_a_setting(team):
    done(team.boss.do("/admin/cover/settings", method="PUT", empty_minutes=31, late_minutes=60))
    ticks(team.hall)
    assert news(team.hall) == []
    assert marks(team)[0][2] == "coming"
    ticks(team.hall, 1)
    assert len(news(team.hall)) == 1


def test_two_of_one_name_may_both_take_over(team):
    team.hall.clerk_at("02")
    team.hall.store.write(lambda tx: tx.conn.execute(update(Account).values(name="王芳")))
    status, found = team.hall.sign_in("clerk-02").get("/windows/02/takers")
    assert status == 200, found
    assert {"a", "b", "c", "boss"} <= {one["username"] for one in found["takers"]}


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_day_at_the_end_of_the_calendar_is_refused(team, day):
    for path in (f"/duty?day={day}", f"/cover?from={day}"):
        assert code(team.boss.get(path)) == "bad_field"


def test_who_was_named_in_the_middle_of_a_session_was_not_late_before(team):
    """It is 9:00 and the window opened at 8:30; nobody had asked 丙 before."""
    done(team.cover("c", MONDAY, MONDAY))
    done(team.c.do("/windows/01/sign-in"))
    assert marks(team)[0] == ("8:30", "c", "kept", True)
    team.hall.clock.forward(hours=8)
    team.boss = team.hall.sign_in("boss")
    done(team.boss.do(f"/cover/posts/{team.post}/covers", username="b", from_day=MONDAY, to_day=MONDAY))
    assert ("8:30", "b", "never", True) not in marks(team)  # named when the day was over
    done(team.cover("c", MONDAY, MONDAY))  # as it had been
    assert marks(team)[0] == ("8:30", "c", "kept", True)


def test_a_stay_that_a_stopped_server_ended_late_is_not_of_the_next_day(team):
    done(team.a.do("/windows/01/sign-in"))
    team.hall.clock.forward(days=1)  # nothing ticked over night; it is 9:00 on Tuesday
    background.tick(team.hall.store)
    team.boss = team.hall.sign_in("boss")
    assert marks(team)[0] == ("8:30", "a", "missing", True)
