"""Each thing that may be wrong in a hall's settings, found at its own place; and nothing in a hall that is right."""

from dataclasses import replace
from datetime import date

import pytest

from server.contract.admin import SessionSettings
from server.contract.appointments import Mode
from server.contract.board import Slide, SlideKind
from server.contract.settings_document import (
    DayPart,
    HallPart,
    HoursPart,
    ItemPart,
    NoticePart,
    PlanPart,
    QueuePart,
    Serves,
    SettingsDocument,
    Weight,
    WindowPart,
)
from server.domain.hall_templates import HOURS, ITEMS, TEMPLATES, Founded, found, with_items
from server.domain.settings_check import errors, findings
from server.domain.settings_words import changes, merge

WEEK = HoursPart((SessionSettings(1, 510, 690), SessionSettings(1, 780, 990)), cutoff_minutes=15)
PLAN = PlanPart(
    queue="A", mode=Mode.HALL, weekdays=(1,), start_minute=540, end_minute=600, slot_minutes=30, capacity=2
)
ITEM = ItemPart("SB-01", "登记", "A", "法", "局", ("取号",), ("表",), "当场", "不收费", "1楼", "科", "12333", 5)
GOOD = SettingsDocument(
    HallPart("厅"), hours=WEEK, queues=(QueuePart("A", "综合"), QueuePart("B", "养老")),
    windows=(WindowPart("01", "综合", "东", serves=(Serves("A"), Serves("B", 3))),), items=(ITEM,), plans=(PLAN,),
    notices=(NoticePart("公告"),), playlist=(Slide(SlideKind.NOTICES, 8, "东"),),
)  # fmt: skip
A, B = GOOD.queues
W = GOOD.windows[0]


def hours(*sessions, cutoff=0):
    return {"hours": HoursPart(tuple(SessionSettings(*one) for one in sessions), cutoff)}


ERRORS = [
    ({"queues": (A, replace(A, name="x"), B)}, "queues[1].code", "队列代码“A”用了两次"),
    ({"queues": (A, replace(B, series="A"))}, "queues[1].series", "号段“A”用了两次"),
    ({"queues": (A, B, QueuePart("a1", "x"))}, "queues[2].code", "应为一或两个大写字母"),
    ({"queues": (A, replace(B, name=" "))}, "queues[1].name", "队列 B：“队列名称”不正确：应为 1 到 60 个字"),
    ({"queues": (A, replace(B, name="长" * 61))}, "queues[1].name", "应为 1 到 60 个字"),
    ({"queues": (A, replace(B, quota_day=0))}, "queues[1].quota_day", "“每天限号”不正确：应为 1 到 9999 个"),
    (
        {"queues": (A, replace(B, from_day=date(2026, 5, 2), to_day=date(2026, 5, 1)))},
        "queues[1].to_day",
        "不能早于开始日期",
    ),
    (hours((1, 510, 690), (1, 600, 700)), "hours.sessions[1]", "与 8:30–11:30 重叠"),
    (hours((1, 700, 600)), "hours.sessions[0]", "结束应晚于开始"),
    (hours((1, 510, 690), cutoff=180), "hours.cutoff_minutes", "应短于每一个办公时段"),
    ({"windows": (W, W)}, "windows[1].no", "窗口号“01”用了两次"),
    ({"windows": (replace(W, no="#1"),)}, "windows[0].no", "应为 1 到 4 位数字或字母"),
    ({"windows": (replace(W, kind="vip"),)}, "windows[0].kind", "类型只能是"),
    ({"windows": (replace(W, floor=100),)}, "windows[0].floor", "应为 -9 到 99"),
    ({"windows": (replace(W, serves=(*W.serves, Serves("C"))),)}, "windows[0].serves[2]", "队列 C 不存在"),
    ({"windows": (replace(W, serves=(*W.serves, Serves("A"))),)}, "windows[0].serves[0]", "列了两次"),
    *(
        ({"windows": (replace(W, serves=(Serves("A", n), Serves("B"))),)}, "windows[0].serves[0].weight", "1 到 9")
        for n in (-1, 0, 10)
    ),
    ({"items": (replace(ITEM, queue="X"),)}, "items[0].queue", "队列 X 不存在"),
    ({"items": (ITEM, ITEM)}, "items[1].code", "用了两次"),
    ({"items": (replace(ITEM, name=""),)}, "items[0].name", "事项名称"),
    ({"items": (replace(ITEM, minutes=481),)}, "items[0].minutes", "“预计用时”不正确：应为 0 到 480"),
    ({"items": (replace(ITEM, code="社保 1"),)}, "items[0].code", "应为 1 到 31 位字母或数字"),
    ({"items": (replace(ITEM, name="长" * 61),)}, "items[0].name", "应为 1 到 60 个字"),
    ({"items": (replace(ITEM, materials=("表",) * 31),)}, "items[0].materials", "最多 30 行"),
    ({"items": (replace(ITEM, fee="长" * 301),)}, "items[0].fee", "最多 300 个字"),
    ({"items": (replace(ITEM, task_code="12"),)}, "items[0].task_code", "应为 31 位"),
    ({"plans": (replace(PLAN, queue="X"),)}, "plans[0].queue", "没有这个队列"),
    ({"plans": (replace(PLAN, end_minute=550),)}, "plans[0].end_minute", "应晚于开始时间至少一段时长"),
    ({"plans": (replace(PLAN, capacity=0),)}, "plans[0].capacity", "应为 1 到 500 人"),
    ({"days": (DayPart(date(2026, 5, 1), "vip", "节"),)}, "days[0].kind", "只能是放假或上班"),
    ({"days": (DayPart(date(2026, 5, 1), "holiday", "节"),) * 2}, "days[1].day", "用了两次"),
    ({"notices": (NoticePart(" "),)}, "notices[0].text", "公告内容"),
    ({"notices": (NoticePart("x"),) * 51}, "notices", "最多 50 条"),
    ({"playlist": (Slide(SlideKind.NOTICES, 8, "西"),)}, "playlist[0].zone", "没有窗口在“西”区"),
    ({"playlist": (Slide(SlideKind.NOTICES, 1),)}, "slides[0].seconds", "第 1 项的秒数"),
    ({"ticker": "长" * 201}, "ticker", "滚动字幕"),
    ({"hall": HallPart("厅", recall_limit=21)}, "hall.recall_limit", "应为 0 到 20 次"),
    ({"queues": tuple(QueuePart(f"{a}{b}", "x") for a in "ABCDE" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")[:101]},
     "queues", "队列最多 100 个"),
]  # fmt: skip
WARNINGS = [
    ({"windows": (W, WindowPart("12", "十二"))}, "windows[1].serves", "12 号窗口不办理任何队列"),
    ({"queues": (A, B, QueuePart("C", "医"))}, "queues[2]", "队列 C（医）没有窗口办理，取了号没人叫"),
    ({"queues": (A, replace(B, quota_day=5, quota_session=9))}, "queues[1].quota_session", "起不了作用"),
    ({"hours": HoursPart()}, "hours.sessions", "没有办公时段：任何时候都能取号"),
    ({"days": (DayPart(date(2026, 5, 2), "workday", "调休", 6),)}, "days[0].as_weekday", "周六没有办公时段"),
    ({"plans": (replace(PLAN, start_minute=690, end_minute=780),)}, "plans[0]", "3 段不在办公时间内"),
    ({"items": (replace(ITEM, fee="", supervisor=""),)}, "items[0]", "还没有填：收费标准及依据、监督机构"),
]


def test_a_hall_that_is_right_has_no_findings():
    assert findings(GOOD) == ()


@pytest.mark.parametrize(("change", "path", "said"), ERRORS)
def test_what_cannot_be_is_an_error_at_its_place(change, path, said):
    found_ = [one for one in errors(findings(replace(GOOD, **change))) if one.path == path]
    assert found_ and said in found_[0].zh and found_[0].en.endswith(".")


@pytest.mark.parametrize(("change", "path", "said"), WARNINGS)
def test_what_somebody_may_mean_is_a_warning(change, path, said):
    (one,) = findings(replace(GOOD, **change))
    assert (one.weight, one.path) == (Weight.WARNING, path) and said in one.zh


def test_a_closed_queue_needs_no_window():
    assert findings(replace(GOOD, queues=(A, B, QueuePart("C", "医", open=False)))) == ()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.name)
def test_a_template_with_usual_hours_wants_only_its_items(template):
    founded = found(SettingsDocument(HallPart("厅"), hours=WEEK), template.queues, template.windows)
    assert isinstance(founded, SettingsDocument) and findings(founded) == ()
    assert len(founded.windows) == {"small": 5, "medium": 12, "large": 40}[template.name]
    full = with_items(founded, tuple(item.code for item in ITEMS))
    assert len(full.items) == len(ITEMS) and errors(findings(full)) == ()
    assert with_items(full, tuple(item.code for item in ITEMS)) == full


@pytest.mark.parametrize("offer", HOURS, ids=lambda one: one.name)
def test_hours_that_are_offered_are_right(offer):
    assert errors(findings(replace(GOOD, plans=(), hours=HoursPart(offer.sessions, offer.cutoff_minutes)))) == ()


def test_answers_that_cannot_be_are_named():
    small = TEMPLATES[0]
    first = small.windows[0]
    for rows, row in (
        ((replace(first, first=5, last=4),), "windows[0].first"),
        ((first, replace(first, first=3, last=9)), "windows[1].first"),
        ((first, replace(first, first=4, last=9, queues=())), "windows[1].queues"),
        ((replace(first, last=10**6),), "windows[0].first"),
    ):
        told = found(GOOD, small.queues, rows)
        assert isinstance(told, Founded) and told.row == row


def test_changes_are_said_and_merged():
    draft = replace(GOOD, queues=(B, replace(A, quota_day=50)), windows=())
    assert [one.zh for one in changes(GOOD, draft)] == [
        "队列 A（综合）·每天限号：（空） → 50", "去掉 01 号窗口 综合", "队列顺序：B、A",
    ]  # fmt: skip
    live = replace(GOOD, hall=HallPart("新厅"), queues=(replace(A, name="改", quota_day=9), B), ticker="字幕")
    merged, clashes = merge(GOOD, live, draft)
    assert (merged.hall.name, merged.ticker, merged.windows) == ("新厅", "字幕", ())
    assert [(queue.code, queue.name, queue.quota_day) for queue in merged.queues] == [
        ("B", "养老", None),
        ("A", "改", 50),
    ]
    assert [one.zh for one in clashes] == ["队列 A（改）·每天限号：线上也改过，保留了草稿里的。"]
    assert merge(GOOD, GOOD, draft) == (draft, ()) and merge(GOOD, draft, GOOD) == (draft, ())
