"""A hall's settings judged as a whole, before they go live. Pure.

What a single form refuses is an error here, in the same words. What a form cannot see, because it lies between parts,
is an error where nothing could work, and a warning where somebody may mean it.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import fields, replace
from typing import Any

from server.contract import settings_document as part
from server.contract.admin import DaySettings, HallSettings, HoursSettings, QueueLimits, QueueSettings, WindowSettings
from server.contract.appointments import Mode, SlotPlan
from server.contract.items import ItemFields, ItemSettings
from server.contract.screens import NoticeSettings, PlaylistSettings, TickerSettings
from server.contract.settings_document import Finding, SettingsDocument, Weight
from server.contract.sms import SmsSettings
from server.contract.uploads import TaskCodes
from server.domain.appointments import week_of
from server.domain.hours_words import WEEKDAYS, Words
from server.domain.settings import MAX_NOTICES, MAX_WEIGHT, PLACES, broken
from server.domain.work_calendar import DayKind, Session

KINDS = ("general", "special")
MOST = {"queues": 100, "windows": 500, "items": 2000, "days": 2000, "plans": 500}
PARTS_ZH = {"queues": "队列", "windows": "窗口", "items": "事项", "days": "特殊日期", "plans": "预约时段"}
SHORT = 20
"""Characters of a name in a sentence about something else."""
PUBLIC = (
    ("legal_basis", "法律依据"), ("handling_body", "办理主体"), ("process", "办理流程"), ("materials", "申报材料"),
    ("promise", "承诺时限"), ("fee", "收费标准及依据"), ("location", "办理地点"), ("supervisor", "监督机构"),
    ("complaint_tel", "投诉电话"),
)  # fmt: skip
"""With the item's name, the ten public fields."""


def findings(doc: SettingsDocument) -> tuple[Finding, ...]:
    """Errors first; within each, in the order of the document's parts."""
    found = [finding for rule in CHECKS for finding in rule(doc)]
    return tuple(sorted(found, key=lambda one: one.weight is Weight.WARNING))


def errors(found: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(one for one in found if one.weight is Weight.ERROR)


def _error(path: str, zh: str, en: str) -> Finding:
    return Finding(Weight.ERROR, path, zh, en)


def _warning(path: str, zh: str, en: str) -> Finding:
    return Finding(Weight.WARNING, path, zh, en)


# ── what every form asks ──


def values_of(settings: Any) -> dict[str, Any]:
    """A part's fields by name: `vars` of it, but for what it inherits."""
    return {field.name: getattr(settings, field.name) for field in fields(settings)}


Form = tuple[str, Words, Any]
"""Path of the part, what it is called, and the message of the form that would set it."""


def _forms(doc: SettingsDocument) -> Iterator[Form]:
    yield "hall", ("大厅", "Hall"), HallSettings("", **values_of(doc.hall))
    yield "hours", ("办公时间", "Hours"), HoursSettings("", **values_of(doc.hours))
    for i, day in enumerate(doc.days):
        yield f"days[{i}]", (f"{day.day}", f"{day.day}"), DaySettings("", day.kind, day.name, day.as_weekday)
    for i, queue in enumerate(doc.queues):
        yield from _queue_forms(f"queues[{i}]", queue)
    for i, window in enumerate(doc.windows):
        yield f"windows[{i}]", window_words(window), _window_form(window)
    for i, plan in enumerate(doc.plans):
        yield f"plans[{i}]", plan_words(plan), SlotPlan(request_id="", **values_of(plan))
    for i, item in enumerate(doc.items):
        shown = {field.name: getattr(item, field.name) for field in fields(ItemFields)}
        yield f"items[{i}]", item_words(item), ItemSettings(**shown)
        yield f"items[{i}]", item_words(item), TaskCodes("", item.task_code, item.task_handle_item)
    for i, notice in enumerate(doc.notices):
        words = (f"第 {i + 1} 条公告", f"Notice {i + 1}")
        yield f"notices[{i}]", words, NoticeSettings("", **values_of(notice))
    yield "", ("播放单", "Playlist"), PlaylistSettings("", doc.playlist)
    yield "", ("滚动字幕", "Ticker"), TickerSettings("", doc.ticker)
    yield "sms", ("短信", "Text messages"), SmsSettings("", **values_of(doc.sms))


def _queue_forms(path: str, queue: part.QueuePart) -> Iterator[Form]:
    yield path, queue_words(queue), QueueSettings("", queue.name, queue.open, queue.name_en, queue.location)
    limits = QueueLimits("", queue.quota_day, queue.quota_session, queue.from_day, queue.to_day)
    yield path, queue_words(queue), limits


def _window_form(window: part.WindowPart) -> WindowSettings:
    queues = tuple(one.queue for one in window.serves)
    return WindowSettings("", window.name, queues, None, window.zone, window.floor)


def _named(name: str) -> str:
    short = name.strip() if len(name) <= SHORT else name[: SHORT - 1] + "…"
    return short and f"（{short}）"


def queue_words(queue: part.QueuePart) -> Words:
    return f"队列 {queue.code}{_named(queue.name)}", f"Queue {queue.code}"


def window_words(window: part.WindowPart) -> Words:
    return f"{window.no} 号窗口", f"Window {window.no}"


def item_words(item: part.ItemPart) -> Words:
    return f"事项 {item.code}{_named(item.name)}", f"Service item {item.code}"


def plan_words(plan: part.PlanPart) -> Words:
    return f"队列 {plan.queue} 的预约时段", f"Times of {plan.queue} to book"


def _alone(doc: SettingsDocument) -> Iterator[Finding]:
    for path, (zh, en), message in _forms(doc):
        for bad in broken(message):
            yield _error(
                f"{path}.{bad.field}" if path else bad.field,
                f"{zh}：“{bad.field_zh}”不正确：{bad.problem_zh}。",
                f"{en}: “{bad.field}” {bad.problem}.",
            )


# ── what things are called, and how often ──


def _places(doc: SettingsDocument) -> Iterator[Finding]:
    """Codes and numbers: of the right form, each once."""
    for i, queue in enumerate(doc.queues):
        yield from _placed(f"queues[{i}].code", "code", queue.code)
        if queue.series:
            yield from _placed(f"queues[{i}].series", "code", queue.series, "号段")
    for i, window in enumerate(doc.windows):
        yield from _placed(f"windows[{i}].no", "no", window.no)
        if window.kind not in KINDS:
            zh, en = window_words(window)
            yield _error(f"windows[{i}].kind", f"{zh}：类型只能是 {'、'.join(KINDS)}。", f"{en}: kind is unknown.")
    for i, item in enumerate(doc.items):
        yield from _placed(f"items[{i}].code", "item_code", item.code)


def _placed(path: str, place: str, value: str, field_zh: str = "") -> Iterator[Finding]:
    rule = PLACES[place]
    if not rule.holds(value):
        said = field_zh or rule.field_zh
        yield _error(path, f"{said}“{value}”不正确：{rule.problem_zh}。", f"“{value}” {rule.problem}.")


def _twice(doc: SettingsDocument) -> Iterator[Finding]:
    yield from _again("queues[{}].code", [q.code for q in doc.queues], ("队列代码", "Queue code"))
    yield from _again("queues[{}].series", [q.series or q.code for q in doc.queues], ("号段", "Series"))
    yield from _again("windows[{}].no", [w.no for w in doc.windows], ("窗口号", "Window number"))
    yield from _again("items[{}].code", [i.code for i in doc.items], ("事项编码", "Item code"))
    yield from _again("days[{}].day", [d.day for d in doc.days], ("日期", "Date"))


def _again(path: str, names: list[Any], what: Words) -> Iterator[Finding]:
    """One finding for each that stands behind another of the same name."""
    seen: set[Hashable] = set()
    for i, name in enumerate(names):
        if name in seen:
            yield _error(
                path.format(i), f"{what[0]}“{name}”用了两次，请改其中一个。", f"{what[1]} “{name}” is used twice."
            )
        seen.add(name)


def _too_many(doc: SettingsDocument) -> Iterator[Finding]:
    for name, most in MOST.items():
        if len(getattr(doc, name)) > most:
            yield _error(name, f"{PARTS_ZH[name]}最多 {most} 个。", f"There may be at most {most} {name}.")
    if len(doc.notices) > MAX_NOTICES:
        yield _error("notices", f"公告最多 {MAX_NOTICES} 条。", f"There may be at most {MAX_NOTICES} notices.")


# ── who serves what ──


def _windows(doc: SettingsDocument) -> Iterator[Finding]:
    known = {queue.code for queue in doc.queues}
    for i, window in enumerate(doc.windows):
        zh, en = window_words(window)
        if not window.serves:
            yield _warning(
                f"windows[{i}].serves",
                f"{zh}不办理任何队列，叫不到号。停用的窗口可以这样；要用就给它选队列。",
                f"{en} serves no queue, so it calls nobody. Leave it so if it is out of use, or give it a queue.",
            )
        counts = Counter(one.queue for one in window.serves)
        for j, one in enumerate(window.serves):
            yield from _served(f"windows[{i}].serves[{j}]", (zh, en), one, known, counts[one.queue])


def _served(path: str, window: Words, one: part.Serves, known: set[str], times: int) -> Iterator[Finding]:
    zh, en = window
    if one.queue not in known:
        yield _error(
            path, f"{zh}办理的队列 {one.queue} 不存在。", f"{en} serves queue {one.queue}, which is not there."
        )
    if times > 1:
        yield _error(path, f"{zh}把队列 {one.queue} 列了两次。", f"{en} lists queue {one.queue} twice.")
    if not 1 <= one.weight <= MAX_WEIGHT:
        yield _error(
            f"{path}.weight",
            f"{zh}：“队列权重”不正确：每个队列应为 1 到 {MAX_WEIGHT}。",
            f"{en}: “weights” must be 1 to {MAX_WEIGHT} for each queue.",
        )


def _queues(doc: SettingsDocument) -> Iterator[Finding]:
    served = {one.queue for window in doc.windows for one in window.serves}
    for i, queue in enumerate(doc.queues):
        zh, en = queue_words(queue)
        if queue.open and queue.code not in served:
            yield _warning(
                f"queues[{i}]",
                f"{zh}没有窗口办理，取了号没人叫。请安排窗口，或取消“开放”。",
                f"{en} is served by no window: its numbers are never called. Give it a window, or close it.",
            )
        if queue.quota_day and queue.quota_session and queue.quota_session > queue.quota_day:
            yield _warning(
                f"queues[{i}].quota_session",
                f"{zh}：每时段限号 {queue.quota_session} 比每天限号 {queue.quota_day} 多，起不了作用。",
                f"{en}: more a session ({queue.quota_session}) than a day ({queue.quota_day}) limits nothing.",
            )


# ── hours ──


def _hours(doc: SettingsDocument) -> Iterator[Finding]:
    if not doc.hours.sessions:
        yield _warning(
            "hours.sessions",
            "没有办公时段：任何时候都能取号。如果不是这样，请填写每周的办公时段。",
            "There are no opening hours: numbers are issued at any time. If that is not meant, enter the week.",
        )
        return
    open_days = {session.weekday for session in doc.hours.sessions}
    for i, day in enumerate(doc.days):
        if day.kind == DayKind.WORKDAY and 1 <= day.as_weekday <= len(WEEKDAYS) and day.as_weekday not in open_days:
            zh, en = WEEKDAYS[day.as_weekday - 1]
            yield _warning(
                f"days[{i}].as_weekday",
                f"{day.day} 按{zh}办公，但{zh}没有办公时段，那天不开放。",
                f"{day.day} keeps the hours of {en}, which has none: the hall is closed that day.",
            )


def _plans(doc: SettingsDocument) -> Iterator[Finding]:
    known = {queue.code for queue in doc.queues}
    sessions = tuple(Session(one.weekday, one.opens, one.closes) for one in doc.hours.sessions)
    for i, plan in enumerate(doc.plans):
        zh, en = plan_words(plan)
        if plan.queue not in known:
            yield _error(f"plans[{i}].queue", f"{zh}：没有这个队列。", f"{en}: there is no such queue.")
        yield from _outside(f"plans[{i}]", plan, sessions if plan.mode is Mode.HALL and sessions else None)


def _outside(path: str, plan: part.PlanPart, sessions: tuple[Session, ...] | None) -> Iterator[Finding]:
    if any(broken(SlotPlan(request_id="", **values_of(plan)))):
        return  # said already, and nothing can be counted
    made, offered = week_of(plan, sessions)
    zh, en = plan_words(plan)
    if offered < made:
        yield _warning(
            path,
            f"{zh}：每周 {made} 段里有 {made - offered} 段不在办公时间内，约不到。",
            f"{en}: {made - offered} of {made} slots a week lie outside of the opening hours and are not offered.",
        )


# ── items and walls ──


def _items(doc: SettingsDocument) -> Iterator[Finding]:
    known = {queue.code for queue in doc.queues}
    for i, item in enumerate(doc.items):
        zh, en = item_words(item)
        if item.queue not in known:
            yield _error(
                f"items[{i}].queue",
                f"{zh}的队列 {item.queue} 不存在，请改成现有的队列。",
                f"{en} belongs to queue {item.queue}, which is not there. Choose one that is.",
            )
        missing = [word for field, word in PUBLIC if not getattr(item, field)]
        if missing:
            yield _warning(
                f"items[{i}]",
                f"{zh}还没有填：{'、'.join(missing)}。公示时显示“见大厅公示”。",
                f"{en} lacks {len(missing)} of its ten public fields.",
            )


def _zones(doc: SettingsDocument) -> Iterator[Finding]:
    zones = {"", *(window.zone for window in doc.windows)}
    for i, slide in enumerate(doc.playlist):
        if slide.zone not in zones:
            yield _error(
                f"playlist[{i}].zone",
                f"播放单第 {i + 1} 项：没有窗口在“{slide.zone}”区，请改区域或留空。",
                f"Slide {i + 1}: no window is in zone “{slide.zone}”.",
            )


CHECKS: tuple[Callable[[SettingsDocument], Iterator[Finding]], ...] = (
    _too_many, _alone, _places, _twice, _hours, _queues, _windows, _plans, _items, _zones,
)  # fmt: skip


def tidy(doc: SettingsDocument) -> SettingsDocument:
    """As the services keep it: words without space around them, sessions and days in order, no series of its own
    where that is the code."""
    sessions = tuple(sorted(doc.hours.sessions, key=lambda s: (s.weekday, s.opens, s.closes)))
    return replace(
        doc,
        hall=replace(doc.hall, name=doc.hall.name.strip()),
        hours=replace(doc.hours, sessions=sessions),
        days=tuple(sorted(doc.days, key=lambda one: one.day)),
        queues=tuple(replace(q, series="" if q.series == q.code else q.series) for q in doc.queues),
        windows=tuple(sorted((_in_order(w, doc) for w in doc.windows), key=lambda one: one.no)),
        items=tuple(sorted(doc.items, key=lambda one: one.code)),
        plans=tuple(sorted(doc.plans, key=_plan_key)),
        notices=tuple(replace(one, text=one.text.strip()) for one in doc.notices),
        ticker=doc.ticker.strip(),
    )


def _in_order(window: part.WindowPart, doc: SettingsDocument) -> part.WindowPart:
    places = {queue.code: i for i, queue in enumerate(doc.queues)}
    return replace(window, serves=tuple(sorted(window.serves, key=lambda one: places.get(one.queue, len(places)))))


def _plan_key(plan: part.PlanPart) -> tuple[Any, ...]:
    return plan.queue, plan.mode.value, plan.start_minute, plan.weekdays, str(plan.from_day)
