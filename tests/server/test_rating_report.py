"""Supervisors' rating figures: what they count, what they withhold, what they refuse, and the same as a workbook."""

from datetime import date
from io import BytesIO

import pytest
from openpyxl import load_workbook

from server import background
from server.domain.rating import LEAST_RATED
from server.services.rating_report import GROUPINGS
from server.services.workbooks import Share, Sheet, workbook

DAY = "2026-03-02"
"""On which the clock starts."""
GOOD = ["satisfied"] * 8 + ["basically_satisfied"] * 2 + ["dissatisfied"] * 2 + [None] * 8
FEW = ["dissatisfied", "satisfied", None]


class Desk:
    """A window with its clerk and its evaluator, or without."""

    def __init__(self, hall, no, evaluator=True):
        self.hall, self.no = hall, no
        self.kiosk, self.clerk = hall.device("kiosk", f"k{no}"), hall.clerk_at(no)
        self.evaluator = hall.device("evaluator", f"ev{no}", no) if evaluator else None

    def serve(self, presses, **ticket):
        for press in presses:
            taken = self.kiosk.take(**ticket)
            for action in ("call-next", "begin", "finish"):
                assert self.clerk.do(f"/windows/{self.no}/{action}")[0] == 200
            if press:
                assert self.evaluator.do("/ratings", label=press)[1]["accepted"]
        self.hall.clock.forward(seconds=61)
        background.tick(self.hall.store)
        return taken


def next_day(hall, days=1):
    hall.clock.forward(days=days)
    background.tick(hall.store)
    return supervisor(hall)


def supervisor(hall):
    return hall.person("boss", "supervisor")


def ratings(boss, by="window", first=DAY, last=DAY):
    status, told = boss.get(f"/reports/ratings?from={first}&to={last}&by={by}")
    assert status == 200, told
    return told


def rows(told):
    return {row["key"]: row for row in told["rows"]}


def test_a_row_never_says_good_without_the_other_two(hall):
    Desk(hall, "01").serve(GOOD)
    told = ratings(next_day(hall))
    assert (told["from_day"], told["to_day"], told["live"], told["least"]) == (DAY, DAY, False, LEAST_RATED)
    for row in (told["total"], rows(told)["01"]):
        assert (row["asked"], row["rated"], row["unrated"]) == (20, 12, 8)
        assert row["levels"] == [0, 8, 2, 2, 0] and row["sources"] == {"evaluator": 12}
        assert (row["good_permille"], row["rated_permille"], row["unrated_permille"]) == (833, 600, 400)
        assert row["device_permille"] == 600


def test_small_groups_are_counted_but_their_levels_are_not_told_nor_found_by_subtraction(hall):
    Desk(hall, "01").serve(GOOD)
    Desk(hall, "02").serve(FEW)
    Desk(hall, "03").serve([*GOOD, "satisfied"])
    boss = next_day(hall)
    for by, small, beside, shown in (
        ("window", "02", "01", "03"),
        ("staff", "clerk-02", "clerk-01", "clerk-03"),
    ):
        found = rows(ratings(boss, by))
        assert (found[small]["asked"], found[small]["rated"], found[small]["unrated"]) == (3, 2, 1)
        assert found[small]["rated_permille"] == 666
        for hidden in (small, beside):
            assert found[hidden]["levels"] is None and found[hidden]["good_permille"] is None
        assert found[shown]["levels"] == [0, 9, 2, 2, 0]
    assert ratings(boss)["total"]["levels"] == [0, 18, 4, 5, 0]


def test_a_hall_in_which_few_rated_tells_no_level_at_all(hall):
    Desk(hall, "01").serve(FEW)
    boss = next_day(hall)
    for by in GROUPINGS:
        told = ratings(boss, by)
        assert all(row["levels"] is None and row["good_permille"] is None for row in [told["total"], *told["rows"]])
        assert told["total"]["rated"] == 2


def test_today_is_counted_without_levels_and_other_periods_end_before_it(hall):
    """A supervisor who looks again after each press would see who pressed what."""
    desk = Desk(hall, "01")
    desk.serve(GOOD)
    boss = supervisor(hall)
    told = ratings(boss)
    assert told["live"] and told["total"]["rated"] == 12 and told["total"]["levels"] is None
    assert all(row["levels"] is None for row in told["rows"])
    assert ratings(boss, last="2026-12-31")["live"]
    hall.clock.forward(days=1)
    background.tick(hall.store)
    told = ratings(hall.sign_in("boss"), first="2026-02-01", last="2026-03-31")
    assert (told["to_day"], told["live"], told["total"]["levels"]) == (DAY, False, [0, 8, 2, 2, 0])


def test_an_invitation_that_is_still_open_is_not_asked_yet(hall):
    desk = Desk(hall, "01")
    desk.kiosk.take()
    for action in ("call-next", "begin", "finish"):
        desk.clerk.do(f"/windows/01/{action}")
    told = ratings(supervisor(hall))
    assert told["total"]["asked"] == 0 and told["rows"] == []
    assert told["total"]["rated_permille"] is None


def test_items_queues_days_and_months(hall):
    item = next(item for item in hall.device("display").get("/board")[1]["items"] if item["queue"] == "A")
    desk = Desk(hall, "01")
    desk.serve(GOOD)
    desk.serve([*GOOD, None], item=item["code"])
    boss = next_day(hall)
    assert {key: row["asked"] for key, row in rows(ratings(boss, "item")).items()} == {item["code"]: 21, "": 20}
    assert rows(ratings(boss, "item"))[item["code"]]["name"] == item["name"]
    queue = rows(ratings(boss, "queue"))["A"]
    assert queue["asked"] == 41 and queue["name_en"]
    assert list(rows(ratings(boss, "day"))) == [DAY]
    assert rows(ratings(boss, "month"))["2026-03"]["levels"] == [0, 16, 4, 4, 0]


def test_channels_share_whom_they_ask(hall):
    desk = Desk(hall, "01")
    desk.serve(GOOD)
    ticket = desk.serve([None])
    link = f"/t/{ticket['id']}/{ticket['paper_key']}/rate"
    sent = hall.app.test_client().post(link, data={"label": "satisfied"}, headers={"Origin": "http://localhost"})
    assert sent.status_code == 303
    found = rows(ratings(next_day(hall), "channel"))
    assert list(found) == ["evaluator", "qr"]
    assert (found["qr"]["asked"], found["qr"]["rated"], found["qr"]["unrated"]) == (21, 1, 8)
    assert (found["qr"]["rated_permille"], found["qr"]["unrated_permille"]) == (47, 381)
    assert found["qr"]["levels"] is None and found["evaluator"]["levels"] is None


def test_how_the_evaluators_were_used(hall):
    used, silent, without = Desk(hall, "01"), Desk(hall, "02"), Desk(hall, "03", evaluator=False)
    used.serve(GOOD)
    silent.serve([None] * 3)
    without.serve([None] * 2)
    assert not used.evaluator.do("/ratings", label="satisfied")[1]["accepted"]
    boss = next_day(hall)
    devices = {one["window"]: one for one in ratings(boss)["devices"]}
    assert set(devices) == {"01", "02", "03"}
    assert (devices["01"]["pressed"], devices["01"]["strays"], devices["01"]["pressed_permille"]) == (12, 1, 600)
    assert devices["01"]["evaluator"] and not devices["01"]["silent"]
    assert (devices["02"]["pressed"], devices["02"]["strays"], devices["02"]["pressed_permille"]) == (0, 0, 0)
    assert devices["02"]["silent"] and devices["02"]["evaluator"]
    assert not devices["03"]["silent"] and not devices["03"]["evaluator"], "what is not there cannot be pressed"
    told = lines(opened(boss, f"/reports/ratings.xlsx?from={DAY}&to={DAY}")["评价器使用"])
    assert [(line["现有评价器"].value, line["无人按过"].value) for line in told] == [
        ("有", None), ("有", "是"), ("无", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "by"),
        ("by=level&from=2026-03-01&to=2026-03-01", "by"),
        ("by=window", "from"),
        ("by=window&from=2026-03-01", "to"),
        ("by=window&from=yesterday&to=2026-03-01", "from"),
        ("by=window&from=2026-02-30&to=2026-03-01", "from"),
        ("by=window&from=2026-03-01%00&to=2026-03-01", "from"),
        ("by=window&from=2026-03-02&to=2026-03-01", "from"),
        ("by=window&from=2026-03-03&to=2026-03-04", "from"),
        ("by=window&from=0001-01-01&to=0001-01-02", "from"),
        ("by=window&from=2025-01-25&to=2026-03-01", "to"),
        ("by=window&from=2000-01-01&to=9999-12-31", "to"),
    ],
)
def test_periods_that_make_no_sense_are_refused_with_a_sentence(hall, query, field):
    status, problem = supervisor(hall).get(f"/reports/ratings?{query}")
    assert (status, problem["code"], problem["field"]) == (422, "bad_field", field)
    assert problem["detail"] and problem["detail_en"]


def test_the_longest_period_is_answered(hall):
    assert ratings(supervisor(hall), first="2025-01-26", last="2026-03-01")["total"]["asked"] == 0


@pytest.mark.parametrize(
    "month", ["", "2026", "2026-13", "2026-03", "2026-04", "2026-03-01", "0001-01", "1999-12", "9999-12", "x" * 50]
)
def test_a_month_that_is_none_or_out_of_reach_or_not_over_is_refused(hall, month):
    status, problem = supervisor(hall).get(f"/reports/appraisal.xlsx?month={month}")
    assert (status, problem["code"], problem["field"]) == (422, "bad_field", "month")


def opened(boss, path):
    answer = boss.client.get(f"/api/v1{path}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    return load_workbook(BytesIO(answer.data))


def lines(sheet):
    """Each row by its heads, the cells as they are."""
    head, *rest = sheet.iter_rows()
    return [dict(zip((cell.value for cell in head), row, strict=True)) for row in rest]


def test_the_workbook_has_the_right_types_and_nothing_runs_in_it(hall):
    Desk(hall, "01").serve(GOOD)
    Desk(hall, "02").serve(FEW)
    Desk(hall, "03").serve([*GOOD, "satisfied"])
    admin = hall.person("admin", "admin")
    evil = '=HYPERLINK("http://evil","x")'
    assert admin.do("/admin/windows/01", method="PUT", name=evil, queues=["A"])[0] == 200
    book = opened(next_day(hall), f"/reports/ratings.xlsx?from={DAY}&to={DAY}")
    assert book.sheetnames == [
        "汇总", "按窗口", "按人员", "按事项", "按业务", "按渠道", "按日", "按月", "差评处理", "评价器使用",
        "指标说明",
    ]  # fmt: skip
    first, second, third = lines(book["按窗口"])
    assert (first["名称"].value, first["名称"].data_type, first["名称"].quotePrefix) == (evil, "s", True)
    assert (first["应评"].value, first["应评"].data_type) == (20, "n")
    assert second["好评率"].value == first["好评率"].value == second["满意"].value == "不单列"
    assert (third["好评率"].value, third["好评率"].number_format) == (0.846, "0.0%")
    assert [third[name].value for name in ("主动评价率", "未评率", "不满意", "评价器")] == [0.619, 0.381, 2, 13]
    (day,) = lines(book["按日"])
    assert day["日期"].is_date and day["日期"].value.date() == date(2026, 3, 2)
    (whole,) = lines(book["汇总"])
    assert whole["应评"].value == 44 and whole["起始日期"].is_date
    assert "好评率" in {line["指标"].value for line in lines(book["指标说明"])}
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_an_empty_period_is_a_workbook_too(hall):
    book = opened(supervisor(hall), "/reports/ratings.xlsx?from=2026-02-01&to=2026-02-28")
    (whole,) = lines(book["汇总"])
    assert (whole["应评"].value, whole["好评率"].value, whole["未评率"].value) == (0, "–", "–")
    assert lines(book["按窗口"]) == []


def test_the_monthly_appraisal_begins_with_the_people(hall):
    Desk(hall, "01").serve(GOOD)
    book = opened(next_day(hall, 31), "/reports/appraisal.xlsx?month=2026-03")
    assert book.sheetnames == ["人员考核", "按窗口", "差评处理", "评价器使用", "汇总", "指标说明"]
    (person,) = lines(book["人员考核"])
    assert [person[name].value for name in ("姓名", "账号", "应评", "已评", "好评率")] == [
        "clerk-01", "clerk-01", 20, 12, 0.833,
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", "\x00\x1b=1"])
def test_what_looks_like_a_formula_stays_text(text):
    book = load_workbook(BytesIO(workbook([Sheet("甲", ("乙",), [(text,), (Share(None),), (date(2026, 3, 2),)])])))
    cells = [row[0] for row in book["甲"].iter_rows(min_row=2)]
    assert cells[0].data_type == "s" and cells[1].value == "–" and cells[2].is_date
    assert cells[0].quotePrefix or not text.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_no_clerk_and_no_guide_and_no_device_gets_any(hall):
    callers = [hall.person("c"), hall.person("g", "guide"), hall.device("display"), hall.device("kiosk")]
    for caller in callers:
        for path in (f"ratings?by=staff&from={DAY}&to={DAY}", "ratings.xlsx", "appraisal.xlsx?month=2026-02"):
            assert caller.get(f"/reports/{path}")[1]["code"] == "forbidden"


def test_what_was_not_meant_is_left_out_and_what_became_of_the_rest_is_told(hall):
    Desk(hall, "01").serve(GOOD)
    one, other = hall.person("li", "supervisor"), hall.person("wang", "supervisor")
    case = one.get("/rectifications?filter=all")[1]["cases"][0]
    for who, step, version in ((one, "appeal", 0), (other, "uphold", 1)):
        path = f"/rectifications/{case['number']}/steps"
        status, told = who.do(path, step=step, text="按错键，监控可见", version=case["version"] + version)
        assert status == 200, told
    boss = next_day(hall)
    told = ratings(boss)
    row = rows(told)["01"]
    assert (row["rated"], row["levels"], row["excluded"]) == (12, [0, 8, 2, 2, 0], 1)
    assert row["good_permille"] == told["total"]["good_permille"] == 909, "10 of 11"
    handling = told["handling"]
    assert (handling["counts"]["bad"], handling["counts"]["closed"], handling["counts"]["excluded"]) == (2, 1, 1)
    assert (handling["called_permille"], handling["closed_permille"], handling["satisfied_permille"]) == (
        0,
        500,
        None,
    )
    hall.clock.forward(days=6)
    background.tick(hall.store)
    assert hall.device("display", "wall").get("/board")[1]["ratings"]["good_permille"] == 909
    book = opened(hall.sign_in("boss"), f"/reports/ratings.xlsx?from={DAY}&to={DAY}")
    assert [cell.value for cell in book["差评处理"][2]][2:] == [2, 2, 0, 0, 1, 0, 0, 1, 0, 0, 0.5, "–"]


def test_a_window_whose_only_rating_was_not_meant_tells_no_level_nor_is_found_by_subtraction(hall):
    Desk(hall, "01").serve(["very_dissatisfied"])
    one, other = hall.person("li", "supervisor"), hall.person("wang", "supervisor")
    (case,) = one.get("/rectifications?filter=all")[1]["cases"]
    for who, step, version in ((one, "appeal", 0), (other, "uphold", 1)):
        path = f"/rectifications/{case['number']}/steps"
        assert who.do(path, step=step, text="按错键", version=case["version"] + version)[0] == 200
    hall.clock.forward(days=1)
    for no in ("02", "03"):
        Desk(hall, no).serve([*GOOD, *["satisfied"] * int(no)])
    boss = next_day(hall)
    alone = ratings(boss)
    for row in (alone["total"], rows(alone)["01"]):
        assert (row["rated"], row["levels"], row["good_permille"], row["excluded"]) == (1, None, None, None)
    found = rows(ratings(boss, last="2026-03-03"))
    assert {no: row["levels"] is None for no, row in found.items()} == {"01": True, "02": True, "03": False}


def test_bad_ratings_of_before_there_were_cases_do_not_count_as_left_open(hall):
    Desk(hall, "01").serve(GOOD)
    for table in ("rectification_event", "rectification"):
        hall.store.write(lambda tx, table=table: tx.conn.exec_driver_sql(f"DELETE FROM {table}"))
    boss = next_day(hall)
    handling = ratings(boss)["handling"]
    assert (handling["counts"]["bad"], handling["counts"]["opened"]) == (2, 0)
    assert [handling[f"{name}_permille"] for name in ("called", "in_time", "closed", "satisfied")] == [None] * 4
    book = opened(boss, f"/reports/ratings.xlsx?from={DAY}&to={DAY}")
    assert [cell.value for cell in book["差评处理"][2]][-4:] == ["–"] * 4


def test_where_levels_are_not_told_neither_is_how_many_were_bad(hall):
    Desk(hall, "01").serve(FEW)
    assert ratings(next_day(hall))["handling"] is None
