"""Service figures through the front door, against a recount in other words: tickets read one by one, and time at the
windows added up by who moved the clock."""

import random
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import median_low
from zoneinfo import ZoneInfo

import pytest

from server import background
from server.services.statistics import GROUPINGS

DAY = "2026-03-02"
STATES = ("finished", "no_show", "cancelled", "expired")
SHANGHAI = ZoneInfo("Asia/Shanghai")


def ask(boss, by="queue", first=DAY, last=DAY):
    status, told = boss.get(f"/statistics?from={first}&to={last}&by={by}")
    assert status == 200, told
    return told


def boss_of(hall):
    return hall.person(f"boss{random.randrange(10**9)}", "supervisor")


def next_day(hall, hours=24):
    hall.clock.forward(hours=hours)
    background.tick(hall.store)


class Crowd:
    """Three clerks at three windows do whatever comes to their minds. `spent` is what the clock was moved while a
    window stood so; what follows a window's last act of the day is of nobody."""

    def __init__(self, hall, seed):
        self.hall, self.rng = hall, random.Random(seed)
        self.kiosk, self.guide = hall.device("kiosk"), hall.person("guide", "guide")
        self.clerks = [hall.person(f"c{n}") for n in range(3)]
        items = hall.device("display").get("/board")[1]["items"]
        self.codes = [(item["queue"], item["code"]) for item in items if item["queue"] in "ABC"]
        self.spent = Counter()
        self.at = {}  # window → [clerk, paused]
        self.unsure = Counter()
        self.moved = Counter()

    def day(self, steps):
        for _ in range(steps):
            self._pass(self.rng.choice((3, 20, 75, 200)))
            self._step()
        if self.rng.random() < 0.5:
            for window in list(self.at):
                self._act(window, "sign-out")
        self.unsure.clear()

    def _pass(self, seconds):
        for window, (clerk, paused) in self.at.items():
            hand = self._hand(window)
            state = hand or ("paused" if paused else "idle")
            self.unsure[window, f"c{clerk}", state] += seconds
        self.hall.clock.forward(seconds=seconds)

    def _hand(self, window):
        rows = self.hall.rows(
            f"SELECT t.state FROM ticket t JOIN \"window\" w ON w.ticket_id = t.id WHERE w.no = '{window}'"
        )
        return rows[0][0] if rows else ""

    def _settle(self, window):
        for key in [key for key in self.unsure if key[0] == window]:
            self.spent[key] += self.unsure.pop(key)

    def _act(self, window, action, **body):
        clerk = self.clerks[self.at[window][0]]
        before = self._number(window)
        status, _ = clerk.do(f"/windows/{window}/{action}", **body)
        if status == 200 and action not in ("recall",):
            if action != "call-next" or self._hand(window):
                self._settle(window)
            if action == "pause":
                self.at[window][1] = True
            elif action == "resume":
                self.at[window][1] = False
            elif action == "sign-out":
                del self.at[window]
            if action in ("hold", "transfer"):
                self.moved[{"hold": "held"}.get(action, "transferred"), before, window, f"{clerk.name}"] += 1
        return status

    def _number(self, window):
        rows = self.hall.rows(
            f'SELECT q.code FROM ticket t JOIN "window" w ON w.ticket_id = t.id JOIN queue q ON q.id = t.queue_id'
            f" WHERE w.no = '{window}'"
        )
        return rows[0][0] if rows else ""

    def _step(self):
        rng = self.rng
        kind = rng.choices(
            ("take", "sit", "call-next", "begin", "finish", "no-show", "undo", "hold", "transfer", "pause", "resume",
             "held", "desk", "recall"),
            (30, 4, 30, 30, 26, 4, 2, 4, 5, 3, 8, 5, 4, 3),
        )[0]  # fmt: skip
        window = rng.choice(("01", "02", "03"))
        if kind == "take":
            queue, item = rng.choice(self.codes)
            self.kiosk.take(
                queue=queue, item=rng.choice((None, item)), lane=rng.choice(("normal", "normal", "express"))
            )
        elif kind == "sit" or window not in self.at:
            self._sit(window)
        elif kind == "held":
            self._resume_held(window)
        elif kind == "desk":
            self._at_desk()
        else:
            body = {
                "hold": {"kind": "any_window", "reason": "复印"},
                "transfer": {"queue": rng.choice("ABC"), "reason": "走错"},
                "pause": {"reason": "喝水"},
            }.get(kind, {})
            self._act(window, kind, **body)

    def _sit(self, window):
        n = self.rng.randrange(3)
        clerk = self.clerks[n]
        clerk.name = f"c{n}"
        if clerk.do(f"/windows/{window}/sign-in", take_over=True)[0] != 200:
            return
        if self.at.get(window, [None])[0] == n:
            return  # sat there already: nothing is told
        for other in [w for w, (who, _) in self.at.items() if who == n and w != window]:
            self._settle(other)
            del self.at[other]
        self._settle(window)
        self.at[window] = [n, False]

    def _resume_held(self, window):
        held = self.hall.rows("SELECT code FROM ticket WHERE state = 'held' ORDER BY id LIMIT 1")
        if held and not self.at[window][1]:
            clerk = self.clerks[self.at[window][0]]
            if clerk.do(f"/windows/{window}/resume-ticket/{held[0][0]}")[0] == 200:
                self._settle(window)

    def _at_desk(self):
        rows = self.hall.rows(
            "SELECT code, state FROM ticket WHERE state IN ('waiting', 'called', 'no_show', 'held')"
        )
        if rows:
            code, state = self.rng.choice(rows)
            at = self.hall.rows(
                f"SELECT w.no FROM ticket t JOIN \"window\" w ON w.ticket_id = t.id WHERE t.code = '{code}'"
            )
            action = "reinstate" if state == "no_show" else self.rng.choice(("cancel", "release"))
            done = self.guide.do(f"/tickets/{code}/{action}", **({"reason": ""} if action == "cancel" else {}))[0]
            if done == 200 and at:
                self._settle(at[0][0])


def recount(hall, days):
    """By grouping and key: counts, and lists of seconds. Read ticket by ticket."""
    found = defaultdict(lambda: (Counter(), defaultdict(list)))
    us = 1_000_000
    for t in hall.rows(
        "SELECT t.*, q.code AS queue, i.code AS item, w.no AS window, a.username AS staff FROM ticket t"
        " JOIN queue q ON q.id = t.queue_id LEFT JOIN service_item i ON i.id = t.item_id"
        ' LEFT JOIN "window" w ON w.id = t.window_id LEFT JOIN account a ON a.id = t.staff_id'
    ):
        if str(t.service_day) not in days:
            continue
        calls = hall.rows(f"SELECT at FROM call WHERE ticket_id = {t.id} AND NOT recall AND NOT undone ORDER BY seq")
        wait = (calls[0][0] - t.issued_at) // us if calls else None
        for group in (
            ("all", ""), ("queue", t.queue), ("item", t.item or ""), ("window", t.window or ""),
            ("staff", t.staff or ""), ("lane", t.lane), ("day", str(t.service_day)),
            ("month", str(t.service_day)[:7]),
            ("heat", (date.fromisoformat(str(t.service_day)).isoweekday(),
                      datetime.fromtimestamp(t.issued_at / us, SHANGHAI).hour)),
        ):  # fmt: skip
            counts, lengths = found[group]
            counts["taken"] += 1
            counts[t.state] += 1
            counts["unclosed"] += t.outcome == "unclosed"
            if wait is not None:
                lengths["wait"].append(wait)
                if t.estimate_high_s is not None:
                    counts["promised"] += 1
                    counts["kept"] += wait <= t.estimate_high_s
            if t.begun_at and t.called_at and t.held_us == 0:
                lengths["arrival"].append((t.begun_at - t.called_at) // us)
            if t.finished_at and t.outcome != "unclosed":
                lengths["service"].append((t.finished_at - t.begun_at) // us)
    return found


def close(told, exact):
    """A told length is the exact one or up to a thirty-second less."""
    return told is not None and exact * 31 / 32 - 1 < told <= exact


def compare(told, expected):
    counts, lengths = expected
    names = {name: name for name in ("taken", "no_show", "cancelled", "expired", "unclosed", "promised")}
    names["served"] = "finished"
    assert {name: told[name] for name in names} == {name: counts[of] for name, of in names.items()}
    assert told["open"] == counts["taken"] - sum(counts[state] for state in STATES)
    kept = counts["kept"] * 1000 // counts["promised"] if counts["promised"] else None
    assert told["within_permille"] == kept
    for name in ("wait", "arrival", "service"):
        seen = sorted(lengths[name])
        assert told[name]["n"] == len(seen)
        if seen:
            assert told[name]["longest"] == seen[-1]
            assert close(told[name]["median"], median_low(seen)), (name, seen)
            assert close(told[name]["p90"], seen[-(-len(seen) * 9 // 10) - 1])
        else:
            assert (told[name]["median"], told[name]["p90"], told[name]["longest"]) == (None, None, None)


def check(hall, crowd, days):
    boss, expected = boss_of(hall), recount(hall, days)
    for by in GROUPINGS:
        told = ask(boss, by, days[0], days[-1])
        compare(told["total"], expected["all", ""])
        assert {row["key"] for row in told["rows"]} >= {key for one, key in expected if one == by}
        for row in told["rows"]:
            compare(row["figures"], expected[by, row["key"]])
        assert sum(row["figures"]["taken"] for row in told["rows"]) == told["total"]["taken"]
    for by, place in (("window", 0), ("staff", 1)):
        told = ask(boss, by, days[0], days[-1])
        for row in told["rows"]:
            spent = Counter()
            for key, seconds in crowd.spent.items():
                spent[key[2]] += seconds if key[place] == row["key"] else 0
            presence = row["figures"]["presence"]
            assert {what: presence[what] for what in ("serving", "called", "paused", "idle")} == {
                what: spent[what] for what in ("serving", "called", "paused", "idle")
            }, row["key"]
            for what in ("held", "transferred"):
                moved = sum(
                    n for key, n in crowd.moved.items() if key[0] == what and key[2 + place] == row["key"]
                )  # fmt: skip
                assert row["figures"][what] == moved
        assert told["people"] == len({key[1] for key in crowd.spent} | {k for o, k in expected if o == "staff" and k})
    heat = {(cell["weekday"], cell["hour"]): cell["taken"] for cell in ask(boss, "lane", days[0], days[-1])["heat"]}
    assert heat == {key: counts["taken"] for (one, key), (counts, _) in expected.items() if one == "heat"}


@pytest.mark.parametrize("seed", range(2))
def test_figures_are_what_a_recount_finds_and_kept_days_say_the_same(hall, seed):
    crowd = Crowd(hall, seed)
    days = []
    for n in range(3):
        days.append(f"2026-03-0{2 + n}")
        crowd.day(160)
        if n == 1:
            check(hall, crowd, days)  # in the middle of a day
        midnight = (hall.clock.now + timedelta(hours=8)).replace(hour=0, minute=0, second=0, tzinfo=SHANGHAI)
        hall.clock.now = (midnight + timedelta(days=1)).astimezone(UTC)
        background.tick(hall.store)
        hall.clock.now = (midnight + timedelta(days=1, hours=8, minutes=30)).astimezone(UTC)
    counted = everything(hall, days)
    check(hall, crowd, days)
    hall.server.keep_days()
    assert hall.rows("SELECT count(DISTINCT service_day) FROM day_figures") == [(3,)]
    assert everything(hall, days) == counted
    for first, _ in pairwise(days):
        assert ask(boss_of(hall), "day", first, first)["total"] == next(
            row["figures"] for row in ask(boss_of(hall), "day", days[0], days[-1])["rows"] if row["key"] == first
        )


def everything(hall, days):
    boss = boss_of(hall)
    return [ask(boss, by, days[0], days[-1]) for by in GROUPINGS]


# ── the day in exact words ──


@pytest.fixture
def told_day(hall):
    """One day of one clerk at two windows, one step after another; its supervisor on the day after."""
    kiosk, guide = hall.device("kiosk"), hall.person("guide", "guide")
    clerk, other = hall.person("li"), hall.person("wang")
    step = Steps(hall)
    step(0, clerk, "/windows/01/sign-in")
    for _ in range(4):
        kiosk.take(queue="A")
    gone = kiosk.take(queue="A")
    assert guide.do(f"/tickets/{gone['id']}/cancel", reason="")[0] == 200
    step(600, clerk, "/windows/01/call-next")
    step(30, clerk, "/windows/01/begin")
    step(300, clerk, "/windows/01/finish", outcome="done")
    step(40, clerk, "/windows/01/call-next")
    step(60, clerk, "/windows/01/no-show")
    step(0, clerk, "/windows/01/pause", reason="用餐")
    step(900, clerk, "/windows/01/resume")
    step(0, clerk, "/windows/01/call-next")
    step(10, clerk, "/windows/01/begin")
    step(50, clerk, "/windows/01/transfer", queue="B", reason="要缴费")
    step(5, clerk, "/windows/02/sign-in")
    hall.person("admin", "admin").do("/admin/windows/02", method="PUT", name="二", queues=["B"])
    step(100, clerk, "/windows/02/call-next")
    step(20, clerk, "/windows/02/begin")
    step(400, clerk, "/windows/02/hold", kind="same_window", reason="复印")
    held = hall.rows("SELECT code FROM ticket WHERE state = 'held'")[0][0]
    step(1000, clerk, f"/windows/02/resume-ticket/{held}")
    step(70, clerk, "/windows/02/finish", outcome="done")
    step(0, clerk, "/windows/02/sign-out")
    step(0, other, "/windows/01/sign-in")
    step(0, other, "/windows/01/call-next")
    step(15, other, "/windows/01/begin")  # and goes home without another word
    next_day(hall)
    return boss_of(hall)


class Steps:
    def __init__(self, hall):
        self.hall = hall

    def __call__(self, after, who, path, **body):
        self.hall.clock.forward(seconds=after)
        status, told = who.do(path, **body)
        assert status == 200, told


def by_key(told):
    return {row["key"]: row["figures"] for row in told["rows"]}


def some(figures, *names):
    return tuple(figures[name] for name in names)


def spent(figures):
    return some(figures["presence"], "serving", "called", "paused", "idle")


def test_one_day_in_exact_words(told_day):
    told = ask(told_day, "window")
    whole, found = told["total"], by_key(told)
    assert some(whole, "taken", "served", "no_show", "cancelled", "expired", "open") == (5, 3, 1, 1, 0, 0)
    assert some(whole, "unclosed", "transferred", "held") == (1, 1, 1)
    assert (told["windows"], told["people"]) == (2, 2)
    # Called 600, 970, 1930 s after taking; the one that was sent on counts its first call, and 3585 s is the last.
    assert whole["wait"] == {"n": 4, "median": 960, "p90": 3584, "longest": 3585}
    assert whole["arrival"] == {"n": 2, "median": 15, "p90": 30, "longest": 30}
    assert whole["service"] == {"n": 2, "median": 296, "p90": 464, "longest": 470}
    assert spent(found["01"]) == (300 + 50, 30 + 60 + 10 + 15, 900, 600 + 40 + 5)
    assert spent(found["02"]) == (400 + 70, 20, 0, 100 + 1000)
    people = by_key(ask(told_day, "staff"))
    assert spent(people["li"]) == (820, 120, 900, 1745) and spent(people["wang"]) == (0, 15, 0, 0)
    assert people["li"]["presence"]["days"] == 1 == whole["presence"]["days"]
    assert some(people["li"], "served", "no_show", "transferred", "held") == (2, 1, 1, 1)
    assert some(found["01"], "transferred", "held") == (1, 0) and some(found["02"], "transferred", "held") == (0, 1)


def test_what_nobody_knows_is_null_and_never_nought(hall):
    told = ask(boss_of(hall), "window", "2026-01-01", "2026-01-31")
    assert told["rows"] == told["days"] == told["heat"] == []
    assert told["total"]["taken"] == 0 and told["total"]["within_permille"] is None
    nothing = {"n": 0, "median": None, "p90": None, "longest": None}
    assert [told["total"][name] for name in ("wait", "arrival", "service")] == [nothing] * 3


def test_the_period_before_is_the_month_before_a_month_else_as_many_days(hall):
    boss = boss_of(hall)

    def before(first, last):
        told = ask(boss, "day", first, last)["before"]
        return told["from_day"], told["to_day"]

    assert before("2026-02-01", "2026-02-28") == ("2026-01-01", "2026-01-31")
    assert before("2026-01-01", "2026-01-31") == ("2025-12-01", "2025-12-31")
    assert before("2026-02-01", "2026-02-27") == ("2026-01-05", "2026-01-31")
    assert before("2026-01-01", "2026-02-28") == ("2025-11-03", "2025-12-31")
    assert before("2000-01-01", "2000-01-01") == ("1999-12-31", "1999-12-31")


def test_a_day_that_changes_after_it_was_kept_is_counted_anew(hall):
    kiosk = hall.device("kiosk")
    kiosk.take()
    next_day(hall)
    hall.server.keep_days()
    assert hall.rows("SELECT service_day FROM day_figures WHERE by = 'all'") == [(DAY,)]
    # A kiosk that was cut off brings a number of yesterday, as `tickets.move` and `events.tell` would write it.
    hall.store.write(late_number)
    hall.server.keep_days()
    assert ask(boss_of(hall))["total"]["taken"] == 2
    assert '"taken": 2' in hall.rows("SELECT figures FROM day_figures WHERE by = 'all'")[0][0]
    # Rows that came without a word of news, by a migration say, are found when the server begins.
    hall.store.write(lambda tx: copy_ticket(tx, "late2", 3))
    hall.restart()
    hall.server.keep_days()
    assert ask(boss_of(hall))["total"]["taken"] == 3


def late_number(tx):
    copy_ticket(tx, "late1", 2)
    tx.conn.exec_driver_sql(
        "INSERT INTO news (hall_id, seq, kind, at, ticket_id, actor, why, data) SELECT 1, h.seq + 1,"
        " 'ticket.expired', t.since, t.id, 'kiosk:k', '', '{}' FROM ticket t, hall h WHERE t.code = 'late1'"
    )
    tx.conn.exec_driver_sql("UPDATE hall SET seq = seq + 1")


def copy_ticket(tx, code, n):
    columns = [row[1] for row in tx.conn.exec_driver_sql("PRAGMA table_info(ticket)")]
    new = {"id": "NULL", "code": f"'{code}'", "n": str(n), "number": f"'A00{n}'"}
    values = ", ".join(new.get(name, name) for name in columns)
    tx.conn.exec_driver_sql(
        f"INSERT INTO ticket ({', '.join(columns)}) SELECT {values} FROM ticket ORDER BY id LIMIT 1"
    )


def test_days_of_another_version_of_the_figures_are_counted_anew(hall):
    hall.device("kiosk").take()
    next_day(hall)
    hall.server.keep_days()
    hall.store.write(
        lambda tx: tx.conn.exec_driver_sql("UPDATE day_figures SET version = 0, figures = '{\"counts\": {}}'")
    )
    assert ask(boss_of(hall))["total"]["taken"] == 1
    hall.restart()
    hall.server.keep_days()
    assert hall.rows("SELECT DISTINCT version FROM day_figures") == [(1,)]


def test_a_day_with_somebody_still_served_is_not_kept(hall):
    clerk = hall.clerk_at("01")
    hall.device("kiosk").take()
    assert clerk.do("/windows/01/call-next")[0] == 200
    hall.clock.forward(days=1)  # and the day's end has not been dealt with
    hall.server.keep_days()
    assert hall.rows("SELECT count(*) FROM day_figures") == [(0,)]
    background.tick(hall.store)
    hall.server.keep_days()
    assert ask(boss_of(hall))["total"]["no_show"] == 1
    assert hall.rows("SELECT count(DISTINCT service_day) FROM day_figures") == [(1,)]


def test_today_is_counted_as_it_goes_and_said_to_be(hall):
    kiosk, boss = hall.device("kiosk"), boss_of(hall)
    kiosk.take()
    assert ask(boss)["live"] and ask(boss)["total"]["open"] == 1
    kiosk.take()
    told = ask(boss, last="2026-12-31")
    assert told["total"]["taken"] == 2 and told["to_day"] == DAY
    assert not ask(boss, first="2026-02-01", last="2026-02-28")["live"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "by"),
        ("by=rating&from=2026-03-01&to=2026-03-01", "by"),
        ("by=hour&from=2026-03-01&to=2026-03-01", "by"),
        ("by=window", "from"),
        ("by=window&from=2026-03-01", "to"),
        ("by=window&from=2026-02-30&to=2026-03-01", "from"),
        ("by=window&from=2026-03-01%00&to=2026-03-01", "from"),
        ("by=window&from=2026-03-02&to=2026-03-01", "from"),
        ("by=window&from=2026-03-03&to=2026-03-04", "from"),
        ("by=window&from=0001-01-01&to=0001-01-02", "from"),
        ("by=window&from=2025-01-26&to=2026-03-02", "to"),
        ("by=window&from=2000-01-01&to=9999-12-31", "to"),
    ],
)
def test_periods_that_make_no_sense_are_refused_with_a_sentence(hall, query, field):
    boss = boss_of(hall)
    for path in ("statistics", "statistics.xlsx", "ledger.xlsx", "ledger.csv") if field != "by" else ("statistics",):
        status, problem = boss.get(f"/{path}?{query}")
        assert (status, problem["code"], problem["field"]) == (422, "bad_field", field)
        assert problem["detail"] and problem["detail_en"]


def test_no_clerk_and_no_guide_and_no_device_gets_any(hall):
    callers = [hall.person("c"), hall.person("g", "guide"), hall.device("display"), hall.device("kiosk")]
    for caller in callers:
        for path in ("statistics?by=staff&", "statistics.xlsx?", "ledger.xlsx?", "ledger.csv?"):
            assert caller.get(f"/{path}from={DAY}&to={DAY}")[1]["code"] == "forbidden"
