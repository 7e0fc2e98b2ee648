"""The service figures as a workbook: one sheet for each grouping, the heat map, and what each figure means."""

from collections.abc import Iterator
from datetime import date
from functools import partial

from sqlalchemy import Connection

from server.contract.statistics import Lengths, Presence, ServiceFigures, ServiceRow, Statistics
from server.db import Record
from server.services.day_figures import Breathe
from server.services.files import File
from server.services.rating_report import Period
from server.services.statistics import GROUPINGS, compared, summed, told
from server.services.workbooks import XLSX, Share, Sheet, Span, Value, workbook

GROUPS = {
    "queue": ("按业务", "业务"), "window": ("按窗口", "窗口"), "staff": ("按人员", "账号"),
    "item": ("按事项", "事项编码"),
    "lane": ("按通道", "通道"), "day": ("按日", "日期"), "month": ("按月", "月份"),
}  # fmt: skip
"""Title of the sheet and of its first column."""
NONE = {"window": "未到窗口", "staff": "未到窗口", "item": "未选事项"}
"""What tickets without a group are called."""
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
UNIT = "（时:分:秒）"
COUNTS = (
    "取号", "办结", "过号", "弃号", "过期", "未结束", "窗口未关单", "转移（次）", "挂起（次）",
)  # fmt: skip
LENGTHS = {"等候": "wait", "叫号到到场": "arrival", "办理": "service"}
SPENT = {"办理中": "serving", "等人到场": "called", "暂停": "paused", "空闲": "idle"}
_COLUMNS = (
    *COUNTS,
    *(f"{name}{what}{UNIT}" for name in LENGTHS for what in ("中位", "九成以内", "最长")),
    "取号时告知过时间的", "告知时间内叫到",
)  # fmt: skip
_THERE = ("在岗天数", f"在岗{UNIT}", *(f"{name}{UNIT}" for name in SPENT))
DEFINITIONS: tuple[tuple[str, str], ...] = (
    ("期间", "按大厅的服务日，按取号日期统计。含当天的，当天没有结束，数字还会变。"),
    (
        "取号",
        "张数＝办结＋过号＋弃号＋过期＋未结束。一张号只计一次，计在最后所在的业务、窗口、人员、事项、通道。",
    ),
    ("过号", "最后以过号了结的号。叫到过号、后来又办结的计为办结。"),
    ("过期", "到服务日结束还在等候或挂起的号。"),
    ("窗口未关单", "办结中，到服务日结束窗口还没有点办结、由系统关的单。没有办理时长。"),
    ("转移、挂起", "发生的次数，计在发生时所在的业务、窗口和操作人，不计在后来办结的窗口。"),
    ("等候", "取号到第一次叫号；撤回的叫号不算。没有叫到的号没有等候时长。转移后再等的时间不计在内。"),
    ("叫号到到场", "最后一次叫号到开始办理。挂起过的号不计：挂起会移动开始时间。"),
    ("办理", "在最后的窗口开始办理到办结，扣除挂起。中途交接的，整段计在接手办结的人；在岗时间各计各的。"),
    ("中位、九成以内", "一半、九成的号不超过这么长。64 秒以内准确到秒，更长的最多少算三十二分之一；最长是准确的。"),
    ("告知时间内叫到", "取号时告知过等候时间、并且叫到的号里，在告知的较长一头（九成把握）以内叫到的比例。"),
    (
        "在岗",
        "有人登录窗口的时间＝办理中＋等人到场＋暂停＋空闲。从当天在窗口的第一次操作算起；忘记退出的，算到当天最后一次操作为止。"
        "暂停前没有办完的，办完以前仍算办理中。",
    ),
    ("一人多窗", "一个人在几个窗口工作过，按人员只有一行，时间相加；同一时间只在一个窗口。"),
    ("百分比", "精确到千分之一，只舍不入。没有数据的写“–”，不按 0 计。"),
)


def statistics_file(conn: Connection, hall: Record, period: Period, breathe: Breathe) -> File:
    """Everything that is counted of the period."""
    found, earlier = summed(conn, hall, period, GROUPINGS, breathe), compared(conn, hall, period, breathe)
    reports = [told(conn, hall, period, by, found, earlier) for by in GROUPINGS]
    sheets = [
        _summary(hall.name, reports[0]), *map(_by_group, reports), _heat(reports[0]),
        Sheet("指标说明", ("指标", "定义"), DEFINITIONS),
    ]  # fmt: skip
    name = f"statistics-{period.first}-{period.last}.xlsx"
    return File(name, XLSX, partial(workbook, sheets))


def _summary(hall: str, of: Statistics) -> Sheet:
    heads = ("大厅", "起始日期", "截止日期", *_COLUMNS, *_THERE, "窗口数", "人数")
    now = (hall, of.from_day, of.to_day, *_figures(of.total), *_there(of.total.presence), of.windows, of.people)
    then = of.before
    earlier = ("上一期间", then.from_day, then.to_day, *_figures(then.total), *_there(then.total.presence), "–", "–")
    return Sheet("汇总", heads, [now, earlier])


def _by_group(of: Statistics) -> Sheet:
    title, first = GROUPS[of.by]
    named = of.by not in ("day", "month", "lane")
    there = of.by in ("window", "staff", "day", "month")
    heads = (first, *(("名称",) if named else ()), *_COLUMNS, *(_THERE if there else ()))
    rows = [
        (
            _key(of.by, row), *((row.name,) if named else ()), *_figures(row.figures),
            *(_there(row.figures.presence) if there else ()),
        )
        for row in of.rows
    ]  # fmt: skip
    return Sheet(title, heads, rows)


def _key(by: str, row: ServiceRow) -> Value:
    if by == "day":
        return date.fromisoformat(row.key)
    return row.name if by == "lane" else row.key or NONE.get(by, "")


def _figures(of: ServiceFigures) -> Iterator[Value]:
    """The cells of `_COLUMNS`."""
    yield from (of.taken, of.served, of.no_show, of.cancelled, of.expired, of.open, of.unclosed)
    yield from (of.transferred, of.held)
    for name in LENGTHS.values():
        lengths: Lengths = getattr(of, name)
        yield from (Span(lengths.median), Span(lengths.p90), Span(lengths.longest))
    yield from (of.promised, Share(of.within_permille))


def _there(of: Presence | None) -> Iterator[Value]:
    """The cells of `_THERE`."""
    yield of.days if of else "–"
    if of and of.days:
        spent = [int(getattr(of, name)) for name in SPENT.values()]
        yield from map(Span, [sum(spent), *spent])
    else:
        yield from [Span(None)] * (1 + len(SPENT))


def _heat(of: Statistics) -> Sheet:
    heads = ("星期", "时段", "取号", f"等候中位{UNIT}", f"等候九成以内{UNIT}")
    rows = [
        (
            WEEKDAYS[cell.weekday - 1], f"{cell.hour:02}:00–{cell.hour:02}:59", cell.taken, Span(cell.wait_median),
            Span(cell.wait_p90),
        )
        for cell in of.heat
    ]  # fmt: skip
    return Sheet("时段分布", heads, rows)
