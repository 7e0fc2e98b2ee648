"""The rating figures as workbooks: of a period in every grouping, and the monthly appraisal (月度考核)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import Connection, select

from server.contract.problems import bad_field
from server.contract.reports import Handling, RatingReport, RatingRow
from server.db import Record
from server.domain.rating import LEAST_RATED
from server.domain.service_day import service_day
from server.models import Account
from server.services.days import EARLIEST
from server.services.files import File
from server.services.rating_report import Breathe, Period, handling, report
from server.services.workbooks import XLSX, Share, Sheet, Value, workbook

WITHHELD = "不单列"
LEVELS = ("非常满意", "满意", "基本满意", "不满意", "非常不满意")
CHANNELS = {
    "evaluator": "评价器", "tablet": "平板", "qr": "二维码", "web": "网页", "sms": "短信", "paper": "纸质评价表",
    "telephone": "电话回访",
}  # fmt: skip
"""Names of sources; one that is not here is called by its own word."""
GROUPS = {
    "window": ("按窗口", "窗口"), "staff": ("按人员", "账号"), "item": ("按事项", "事项编码"),
    "queue": ("按业务", "业务编码"), "channel": ("按渠道", "渠道"), "day": ("按日", "日期"),
    "month": ("按月", "月份"),
}  # fmt: skip
"""Title of the sheet and of its first column."""
NONE = {"staff": "无人员", "item": "未选事项"}
"""What services without a group are called."""
DEFINITIONS: tuple[tuple[str, str], ...] = (
    ("应评", "已办结并邀请评价的服务次数，一次服务一次评价；评价时间未结束的不计。"),
    ("已评", "服务对象本人作出评价的次数。同一次服务只计一次。"),
    ("未评", "应评减已评。未评价的不算好评，也不算差评。"),
    ("误评", "经申诉、由两人认定不是本意的差评。原评价保留，照常计入已评和满意程度，不计入好评率。"),
    (
        "好评率",
        "基本满意及以上 ÷（已评减误评）。没有默认评价，因此与主动评价好评率相同；须与主动评价率、未评率一并使用。",
    ),
    ("主动评价率", "已评 ÷ 应评。按渠道时：经该渠道的已评 ÷ 全部应评。"),
    ("未评率", "100% 减主动评价率。"),
    ("评价器使用率", "在窗口评价器上作出的评价 ÷ 应评。"),
    (
        "差评办结率",
        "整改单已办结的差评 ÷ 已立整改单的差评，认定误评的也算办结。回访率、按时联系率同样以已立整改单的差评为分母；"
        "启用整改单以前的差评没有整改单，不计。",
    ),
    ("整改满意率", "对整改表示满意 ÷ 作了再评的。"),
    ("无效按键", "没有待评价的服务、超时或重复的按键。保留记录，不计入评价。"),
    ("无人按过", "该窗口有评价器、办过业务而无人按过，同期其他窗口有人按，请检查设备是否可用、是否摆在群众面前。"),
    ("百分比", "精确到千分之一，只舍不入；没有数据的写“–”，不按 0 或 100% 计。"),
    (
        WITHHELD,
        f"不足 {LEAST_RATED} 份评价的分组不列满意程度和好评率，以免推断出是谁评的；只有这样的分组能从合计中减出来时，"
        "最小的另一组也不列。应评、已评、未评照常列出。",
    ),
    ("期间", "按大厅的服务日。当天没有结束，不计入期间；只查当天时不列满意程度。"),
)

_SHARES = ("好评率", "主动评价率", "未评率")
_COUNTS = ("应评", "已评", "未评")
_COLUMNS = (*_COUNTS, *_SHARES, *LEVELS, "误评", *CHANNELS.values(), "其他渠道", "评价器使用率")


def ratings_file(conn: Connection, hall: Record, period: Period, breathe: Breathe) -> File:
    """Everything that is counted of the period."""
    reports = [report(conn, hall, period, by, breathe) for by in GROUPS]
    first = reports[0]
    sheets = [
        _summary(hall.name, first), *map(_by_group, reports), _handling(first, handling(conn, hall, first, breathe)),
        _devices(first), _definitions(),
    ]  # fmt: skip
    name = f"ratings-{period.first}-{period.last}.xlsx"
    return File(name, XLSX, partial(workbook, sheets))


def appraisal_file(conn: Connection, hall: Record, month: str | None, now: datetime, breathe: Breathe) -> File:
    """Raises bad_field for what is no month, one before EARLIEST, or one that is not over."""
    period = _month(month, service_day(now, hall.zone, hall.rollover_hour))
    by_staff = report(conn, hall, period, "staff", breathe)
    by_window = report(conn, hall, period, "window", breathe)
    numbers = {one.username: one.staff_no for one in conn.execute(select(Account.username, Account.staff_no))}
    sheets = [
        _staff(by_staff, numbers), _by_group(by_window), _handling(by_staff, handling(conn, hall, by_staff, breathe)),
        _devices(by_window), _summary(hall.name, by_staff), _definitions(),
    ]  # fmt: skip
    return File(f"appraisal-{period.first:%Y-%m}.xlsx", XLSX, partial(workbook, sheets))


def _month(said: str | None, today: date) -> Period:
    try:
        first = date.fromisoformat(f"{said}-01")
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    except (ValueError, OverflowError):
        raise bad_field("month", "must be a month, YYYY-MM", "应为月份 YYYY-MM", "月份") from None
    if first < EARLIEST:
        raise bad_field("month", f"must not be before {EARLIEST:%Y-%m}", f"不能早于 {EARLIEST:%Y-%m}", "月份")
    if last >= today:
        raise bad_field("month", "is not over yet", "还没有结束，请选已结束的月份", "月份")
    return Period(first, last)


def _summary(hall: str, of: RatingReport) -> Sheet:
    head = ("大厅", "起始日期", "截止日期", *_COLUMNS)
    return Sheet("汇总", head, [(hall, of.from_day, of.to_day, *_figures(of.total))])


def _by_group(of: RatingReport) -> Sheet:
    title, first = GROUPS[of.by]
    named = of.by in ("window", "staff", "item", "queue")
    heads = (first, *(("名称",) if named else ()), *_COLUMNS)
    rows = [(_key(of.by, row), *((row.name,) if named else ()), *_figures(row)) for row in of.rows]
    return Sheet(title, heads, rows)


def _staff(of: RatingReport, numbers: dict[str, str]) -> Sheet:
    heads = ("姓名", "工号", "账号", *_COLUMNS)
    rows = [(row.name, numbers.get(row.key, ""), _key("staff", row), *_figures(row)) for row in of.rows]
    return Sheet("人员考核", heads, rows)


def _key(by: str, row: RatingRow) -> Value:
    if by == "day":
        return date.fromisoformat(row.key)
    return CHANNELS.get(row.key, row.key) if by == "channel" else row.key or NONE.get(by, "")


def _figures(row: RatingRow) -> Sequence[Value]:
    """The cells of `_COLUMNS`."""
    good: Value = WITHHELD if row.levels is None else Share(row.good_permille)
    levels: Sequence[Value] = (WITHHELD,) * len(LEVELS) if row.levels is None else row.levels
    other = sum(n for source, n in row.sources.items() if source not in CHANNELS)
    return (
        row.asked, row.rated, row.unrated, good, Share(row.rated_permille), Share(row.unrated_permille), *levels,
        WITHHELD if row.excluded is None else row.excluded,
        *(row.sources.get(source, 0) for source in CHANNELS), other, Share(row.device_permille),
    )  # fmt: skip


def _handling(of: RatingReport, told: Handling | None) -> Sheet:
    heads = (
        "起始日期", "截止日期", "差评", "已立整改单", "已回访", "联系上", "已办结", "已再评", "整改满意", "误评",
        "回访率", "按时联系率", "差评办结率", "整改满意率",
    )  # fmt: skip
    if told is None:
        return Sheet("差评处理", heads, [(of.from_day, of.to_day, *(WITHHELD,) * (len(heads) - 2))])
    n = told.counts
    counts = (n.bad, n.opened, n.called_back, n.reached, n.closed, n.re_rated, n.satisfied, n.excluded)
    parts = (told.called_permille, told.in_time_permille, told.closed_permille, told.satisfied_permille)
    return Sheet("差评处理", heads, [(of.from_day, of.to_day, *counts, *map(Share, parts))])


def _devices(of: RatingReport) -> Sheet:
    heads = ("窗口", "名称", "应评", "评价器上的评价", "评价器使用率", "无效按键", "现有评价器", "无人按过")
    rows = [
        (
            one.window, one.name, one.asked, one.pressed, Share(one.pressed_permille), one.strays,
            "有" if one.evaluator else "无", "是" if one.silent else "",
        )
        for one in of.devices
    ]  # fmt: skip
    return Sheet("评价器使用", heads, rows)


def _definitions() -> Sheet:
    return Sheet("指标说明", ("指标", "定义"), DEFINITIONS)
