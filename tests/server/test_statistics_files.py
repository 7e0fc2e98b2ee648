"""Excel and the ledger: right types, Chinese heads, nothing that runs, and nothing of ratings."""

import csv
import tracemalloc
from datetime import date, datetime, timedelta
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook

from server import background
from server.services import ledger
from server.services.sheet_stream import comma_separated, xlsx
from server.services.workbooks import Span

DAY = "2026-03-02"
EVIL = '=HYPERLINK("http://evil","x")'


@pytest.fixture
def reader(hall):
    """A day with one who was served and rated it, one on the green lane who missed the call, and one who went."""
    kiosk, clerk, guide = hall.device("kiosk"), hall.clerk_at("01"), hall.person("guide", "guide")
    admin = hall.person("admin", "admin")
    assert admin.do("/admin/windows/01", method="PUT", name=EVIL, queues=["A"])[0] == 200
    kiosk.take()
    assert guide.do("/tickets", queue="A", lane="priority", lane_reason="+86 岁老人")[0] == 201
    gone = guide.do("/tickets", queue="B", person="13812345678")[1]
    assert guide.do(f"/tickets/{gone['id']}/cancel", reason="")[0] == 200
    for seconds, action in ((90, "call-next"), (30, "no-show"), (5, "call-next"), (20, "begin"), (600, "finish")):
        hall.clock.forward(seconds=seconds)
        assert clerk.do(f"/windows/01/{action}")[0] == 200
    evaluator = hall.device("evaluator", "ev", "01")
    assert evaluator.do("/ratings", label="dissatisfied")[1]["accepted"]
    hall.clock.forward(days=1)
    background.tick(hall.store)
    return hall.person("reader", "supervisor")


def fetched(reader, path):
    answer = reader.client.get(f"/api/v1/{path}?from={DAY}&to={DAY}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    return answer.data


def lines(sheet):
    head, *rest = sheet.iter_rows()
    return [dict(zip((cell.value for cell in head), row, strict=True)) for row in rest]


def no_formula(book):
    return not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_the_workbook_has_a_sheet_for_each_grouping_and_the_right_types(reader):
    book = load_workbook(BytesIO(fetched(reader, "statistics.xlsx")))
    assert book.sheetnames == [
        "汇总", "按业务", "按窗口", "按人员", "按事项", "按通道", "按日", "按月", "时段分布", "指标说明",
    ]  # fmt: skip
    assert all(sheet.freeze_panes == "A2" for sheet in book) and no_formula(book)
    window, nowhere = lines(book["按窗口"])
    assert (window["名称"].value, window["名称"].data_type, window["名称"].quotePrefix) == (EVIL, "s", True)
    assert (window["取号"].value, window["取号"].data_type) == (2, "n")
    assert window["办理中位（时:分:秒）"].value == timedelta(seconds=592)  # of 600, at most a thirty-second less
    assert window["办理最长（时:分:秒）"].value == timedelta(minutes=10)
    assert window["在岗（时:分:秒）"].value == timedelta(seconds=745)
    assert window["告知时间内叫到"].value == "–" and window["取号时告知过时间的"].value == 0
    assert nowhere["窗口"].value == "未到窗口" and nowhere["等候中位（时:分:秒）"].value == "–"
    (day,) = lines(book["按日"])
    assert day["日期"].is_date and day["日期"].value.date() == date(2026, 3, 2)
    now, before = lines(book["汇总"])
    assert (now["取号"].value, before["取号"].value, before["大厅"].value) == (3, 0, "上一期间")
    assert [line["取号"].value for line in lines(book["时段分布"])] == [3]


def test_the_ledger_has_one_line_for_each_piece_of_business(reader):
    book = load_workbook(BytesIO(fetched(reader, "ledger.xlsx")))
    sheet = book["服务台账"]
    assert sheet.freeze_panes == "A2" and sheet.print_title_rows == "$1:$1" and no_formula(book)
    found = {line["号码"].value: line for line in lines(sheet)}
    assert set(found) == {"A001", "A002", "B001"}
    served, missed, gone = found["A001"], found["A002"], found["B001"]
    assert served["日期"].is_date and served["日期"].value == datetime.fromisoformat(DAY)
    assert served["取号时间"].value == datetime.fromisoformat(f"{DAY} 09:00") and served["取号时间"].is_date
    assert served["办结时间"].value - served["取号时间"].value == timedelta(seconds=745)
    assert served["办理（时:分:秒）"].value == timedelta(minutes=10)
    assert served["等候（时:分:秒）"].value == timedelta(seconds=125)
    assert (served["结果"].value, served["人员账号"].value, served["窗口"].value) == ("办结", "clerk-01", "01")
    assert (missed["通道"].value, missed["通道原因"].value, missed["结果"].value) == (
        "绿色通道",
        "+86 岁老人",
        "过号",
    )
    assert (missed["通道原因"].data_type, missed["通道原因"].quotePrefix) == ("s", True)
    assert (missed["过号次数"].value, missed["过号次数"].data_type) == (1, "n")
    assert gone["窗口"].value is gone["首次叫号"].value is gone["等候（时:分:秒）"].value is None
    assert gone["结果"].value == "弃号"


def test_the_ledger_as_csv_opens_in_excel_and_says_the_same(reader):
    data = fetched(reader, "ledger.csv")
    assert data.startswith(b"\xef\xbb\xbf")
    found = {line["号码"]: line for line in csv.DictReader(StringIO(data.decode("utf-8-sig")))}
    assert found["A001"]["取号时间"] == "2026-03-02 09:00:00" and found["A001"]["办理（时:分:秒）"] == "0:10:00"
    assert found["A002"]["通道原因"] == "'+86 岁老人"
    assert found["B001"]["等候（时:分:秒）"] == ""


def test_nobody_is_named_who_was_served_and_nothing_is_rated(reader):
    told = fetched(reader, "ledger.csv").decode()
    assert not any(word in told for word in ("13812345678", "5678", "满意", "dissatisfied", "rated", "评价"))


def test_what_is_too_long_for_one_file_is_refused_with_a_sentence(reader, monkeypatch):
    monkeypatch.setattr(ledger, "MOST", 2)
    for kind in ("xlsx", "csv"):
        status, problem = reader.get(f"/ledger.{kind}?from={DAY}&to={DAY}")
        assert (status, problem["field"]) == (422, "to") and "分几段" in problem["detail"]


def test_the_length_of_a_ledger_costs_no_memory():
    def peak(pages):
        parts = ([(date(2026, 3, 2), f"A{n:03}", Span(n), n, "个人综合") for n in range(200)] for _ in range(pages))
        tracemalloc.start()
        size = sum(map(len, xlsx("台账", ("日期", "号码", "时长", "次数", "业务"), parts)))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most, size

    (short, _), (long, size) = peak(5), peak(100)
    assert long < short * 2 and size > 100_000


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", "\x00\x1b=1"])
def test_what_looks_like_a_formula_stays_text_in_both(text):
    data = b"".join(xlsx("甲", ("乙",), [[(text,), ("<&>\"'",)]]))
    first, second = (row[0] for row in load_workbook(BytesIO(data))["甲"].iter_rows(min_row=2))
    assert first.data_type == "s" and second.value == "<&>\"'"
    assert first.quotePrefix or not text.startswith(("=", "+", "-", "@", "\t", "\r"))
    told = b"".join(comma_separated(("乙",), [[(text,)]])).decode("utf-8-sig")
    assert not told.splitlines()[1].strip('"').startswith(("=", "+", "-", "@", "\t"))
