"""服务台账: every piece of business of a period, one line each, sent while it is read. Of ratings it says nothing,
and of who was served nothing but their number."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, tuple_

from server.contract.problems import bad_field
from server.contract.tickets import TicketState
from server.contract.windows import Outcome
from server.db import Record
from server.domain.service_day import hall_time
from server.domain.story import LANES
from server.domain.ticket import UNCLOSED
from server.models import EPOCH, Account, Queue, ServiceItem, TicketRow, Window
from server.services.day_figures import PAGE, Breathe, arrival_s, first_calls_on, micros, seconds
from server.services.files import Stream
from server.services.rating_report import Period
from server.services.sheet_stream import CSV, Cell, comma_separated, xlsx
from server.services.workbooks import XLSX, Span
from server.statement import Statement

MOST = 200_000
"""Lines in one file: three months of a busy hall, a minute to make."""
UNIT = "（时:分:秒）"
HEADS = (
    "日期", "号码", "业务", "业务名称", "事项编码", "事项名称", "通道", "通道原因", "窗口", "人员账号", "人员姓名",
    "取号时间", "首次叫号", "末次叫号", "开始办理（扣除挂起）", "办结时间", f"等候{UNIT}", f"叫号到到场{UNIT}",
    f"办理{UNIT}", f"挂起{UNIT}", "过号次数", "结果", "办理结果",
)  # fmt: skip
STATES = {
    TicketState.WAITING: "等候", TicketState.CALLED: "已叫号", TicketState.SERVING: "正在办理",
    TicketState.HELD: "挂起", TicketState.FINISHED: "办结", TicketState.NO_SHOW: "过号",
    TicketState.CANCELLED: "弃号", TicketState.EXPIRED: "过期",
}  # fmt: skip
OUTCOMES = {
    Outcome.DONE: "办结", Outcome.ACCEPTED: "受理", Outcome.CORRECTION: "补正", Outcome.RETURNED: "退件",
    Outcome.CONSULTED: "咨询", UNCLOSED: "窗口未关单",
}  # fmt: skip

Reading = Callable[[], AbstractContextManager[Connection]]
"""As `Store.read`. Each page is read by itself: a picture held for as long as somebody's download takes would keep
the database's log from being carried."""

_COUNT = select(func.count()).where(
    TicketRow.hall_id == bindparam("hall_id"),
    TicketRow.state.in_([state.value for state in TicketState]),  # the index by day begins with them
    TicketRow.service_day == bindparam("day"),
)
_LINES = Statement(
    select(
        TicketRow.id, TicketRow.series, TicketRow.n, TicketRow.service_day, TicketRow.number,
        Queue.code.label("queue"), Queue.name.label("queue_name"), ServiceItem.code.label("item"),
        ServiceItem.name.label("item_name"), TicketRow.lane, TicketRow.lane_reason, Window.no.label("window"),
        Account.username, Account.name.label("person"), TicketRow.state, TicketRow.outcome, TicketRow.no_shows,
        TicketRow.held_us, micros(TicketRow.issued_at).label("issued"), micros(TicketRow.called_at).label("called"),
        micros(TicketRow.begun_at).label("begun"), micros(TicketRow.finished_at).label("finished"),
    )
    .join(Queue, Queue.id == TicketRow.queue_id)
    .outerjoin(ServiceItem, ServiceItem.id == TicketRow.item_id)
    .outerjoin(Window, Window.id == TicketRow.window_id)
    .outerjoin(Account, Account.id == TicketRow.staff_id)
    .where(
        TicketRow.hall_id == bindparam("hall_id"),
        TicketRow.service_day == bindparam("day"),
        tuple_(TicketRow.series, TicketRow.n) > tuple_(bindparam("series"), bindparam("n")),
    )
    .order_by(TicketRow.series, TicketRow.n)
    .limit(PAGE)
)  # fmt: skip


def ledger_file(
    conn: Connection, read: Reading, hall: Record, period: Period, breathe: Breathe, *, csv: bool
) -> Stream:
    """Raises bad_field for more lines than MOST."""
    _check_length(conn, hall.id, period, breathe)
    parts = partial(_parts, read, hall, period, breathe)
    name = f"ledger-{period.first}-{period.last}"
    if csv:
        return Stream(f"{name}.csv", CSV, lambda: comma_separated(HEADS, parts()))
    return Stream(f"{name}.xlsx", XLSX, lambda: xlsx("服务台账", HEADS, parts()))


def _check_length(conn: Connection, hall_id: int, period: Period, breathe: Breathe) -> None:
    lines = 0
    for day in period.days():
        lines += conn.execute(_COUNT, {"hall_id": hall_id, "day": day}).scalar_one()
        if lines > MOST:
            problem = f"this period has more than {MOST:,} tickets: save it in parts"
            zh = f"这段时间超过 {MOST:,} 张号，一个文件放不下，请分几段下载"
            raise bad_field("to", problem, zh, "截止日期")
        breathe()


def _parts(read: Reading, hall: Record, period: Period, breathe: Breathe) -> Iterator[list[tuple[Cell, ...]]]:
    """A page of lines each, by day and number."""
    for day in period.days():
        with read() as conn:
            first_calls = first_calls_on(conn, hall.id, day, breathe)
        place: dict[str, Any] = {"series": "", "n": 0}
        while place:
            with read() as conn:
                rows = _LINES.all(conn, hall_id=hall.id, day=day, **place)
            if rows:
                yield [_line(row, hall.zone, first_calls.get(row.id)) for row in rows]
            place = {"series": rows[-1].series, "n": rows[-1].n} if len(rows) == PAGE else {}
            breathe()


def _line(row: Record, zone: str, first_call: int | None) -> tuple[Cell, ...]:
    lane, _ = LANES[row.lane]
    return (
        row.service_day, row.number, row.queue, row.queue_name, row.item, row.item_name, lane, row.lane_reason,
        row.window, row.username, row.person, *(_at(us, zone) for us in (row.issued, first_call, row.called)),
        _at(row.begun, zone), _at(row.finished, zone), Span(seconds(row.issued, first_call)), Span(arrival_s(row)),
        Span(seconds(row.begun, row.finished)), Span(row.held_us // 1_000_000), row.no_shows,
        STATES[row.state], OUTCOMES.get(row.outcome, row.outcome),
    )  # fmt: skip


def _at(us: int | None, zone: str) -> datetime | None:
    return None if us is None else hall_time(EPOCH + timedelta(microseconds=us), zone)
