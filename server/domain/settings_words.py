"""What changed between two settings documents, in words; and three of them merged. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from typing import Any

from server.contract import settings_document as part
from server.contract.appointments import Mode
from server.contract.board import Slide, SlideKind
from server.contract.settings_document import Said, SettingsDocument
from server.domain import hours_words
from server.domain.hours_words import Words
from server.domain.settings import field_name
from server.domain.settings_check import item_words, plan_words, queue_words, values_of, window_words
from server.domain.work_calendar import Session

LONGEST = 40
"""Characters of a value that a sentence repeats."""
FORMS = {
    part.HallPart: ("HallSettings",), part.SmsPart: ("SmsSettings",), part.WindowPart: ("WindowSettings",),
    part.QueuePart: ("QueueSettings", "QueueLimits"), part.DayPart: ("DaySettings",),
    part.PlanPart: ("SlotPlan",), part.ItemPart: ("TaskCodes",),
}  # fmt: skip
"""Whose words name a part's fields."""
MORE_NAMES = {
    "serves": "办理队列", "series": "号段", "no": "窗口号", "code": "代码", "kind": "类型", "minutes": "办理分钟数",
    "legal_basis": "法律依据", "handling_body": "办理主体", "process": "办理流程", "materials": "申报材料",
    "promise": "承诺时限", "fee": "收费", "supervisor": "监督机构", "complaint_tel": "投诉电话", "mode": "方式",
    "location": "地点",
}  # fmt: skip

SLIDES = {
    SlideKind.NOTICES: ("公告", "notices"), SlideKind.ITEMS: ("办事事项", "items"),
    SlideKind.LEADER: ("值班领导", "duty leader"), SlideKind.STAFF: ("监督牌", "staff cards"),
    SlideKind.RATINGS: ("评价公示", "rating figures"),
}  # fmt: skip
MODES = {
    Mode.HALL: ("大厅", "hall"), Mode.EXTENDED_HOURS: ("延时", "after hours"),
    Mode.HOME_VISIT: ("上门", "home visit"),
}  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A list of the document whose members have a name of their own."""

    name: str
    words: Callable[[Any], Words]
    key: Callable[[Any], Any]
    title: Callable[[Any], Words] = lambda _: ("", "")
    """What `words` leave out and a sentence on a new or lost one should have."""


def _day_words(day: part.DayPart) -> Words:
    return f"特殊日期 {day.day}", f"Date {day.day}"


def _as_it_is(one: Any) -> Any:
    return one


KEYED = (
    Kind("queues", queue_words, lambda one: one.code),
    Kind("windows", window_words, lambda one: one.no, lambda one: _named(one.name)),
    Kind("items", item_words, lambda one: one.code),
    Kind("days", _day_words, lambda one: one.day, lambda one: _named(one.name)),
    Kind("plans", plan_words, _as_it_is, lambda one: _plan_title(one)),
    Kind("notices", lambda _: ("公告", "Notice"), _as_it_is, lambda one: _named(one.text)),
)


def changes(before: SettingsDocument, after: SettingsDocument) -> tuple[Said, ...]:
    """One sentence for each change, in the order of the document's parts; none when they are alike."""
    said = [
        *_fields(("大厅", "Hall"), before.hall, after.hall), *_hours(before.hours, after.hours),
        *(words for kind in KEYED for words in _members(kind, before, after)), *_order(before, after),
        *_walls(before, after), *_fields(("短信", "Text messages"), before.sms, after.sms),
    ]  # fmt: skip
    return tuple(Said(*words) for words in said)


def _fields(what: Words, before: Any, after: Any) -> Iterator[Words]:
    old, new = values_of(before), values_of(after)
    for name in old:
        if old[name] != new[name]:
            zh = _field_zh(type(after), name)
            yield (
                f"{what[0]}·{zh}：{_zh(old[name])} → {_zh(new[name])}",
                f"{what[1]}, {name}: {_en(old[name])} → {_en(new[name])}",
            )


def _field_zh(cls: type, name: str) -> str:
    found = (field_name(form, name) for form in FORMS[cls])
    return MORE_NAMES.get(name) or next((zh for zh in found if zh != name), name)


def _members(kind: Kind, before: SettingsDocument, after: SettingsDocument) -> Iterator[Words]:
    old = {kind.key(one): one for one in getattr(before, kind.name)}
    new = {kind.key(one): one for one in getattr(after, kind.name)}
    for key, one in new.items():
        zh, en = kind.words(one)
        more, more_en = kind.title(one)
        if key not in old:
            yield f"新增 {zh}{more}", f"New: {en}{more_en}"
        else:
            yield from _fields((zh, en), old[key], one)
    for key, one in old.items():
        if key not in new:
            (zh, en), (more, more_en) = kind.words(one), kind.title(one)
            yield f"去掉 {zh}{more}", f"Gone: {en}{more_en}"


def _order(before: SettingsDocument, after: SettingsDocument) -> Iterator[Words]:
    """Of the queues that are in both: theirs is the order of the tiles."""
    old, new = [q.code for q in before.queues], [q.code for q in after.queues]
    both = set(old) & set(new)
    order = [code for code in new if code in both]
    if [code for code in old if code in both] != order:
        yield f"队列顺序：{'、'.join(order)}", f"Order of queues: {', '.join(order)}"


def _hours(before: part.HoursPart, after: part.HoursPart) -> Iterator[Words]:
    if before.sessions != after.sessions:
        (old, old_en), (new, new_en) = _week(before), _week(after)
        yield f"办公时段：{old} → {new}", f"Week: {old_en} → {new_en}"
    if before.cutoff_minutes != after.cutoff_minutes:
        said = f"{before.cutoff_minutes} → {after.cutoff_minutes}"
        yield f"提前截止：{said} 分钟", f"Cut-off: {said} min"
    if before.one_live_ticket != after.one_live_ticket:
        said = f"{_zh(before.one_live_ticket)} → {_zh(after.one_live_ticket)}"
        yield f"一人一号：{said}", f"One live ticket: {_en(before.one_live_ticket)} → {_en(after.one_live_ticket)}"


def _week(hours: part.HoursPart) -> Words:
    sessions = tuple(Session(s.weekday, s.opens, s.closes) for s in hours.sessions if 1 <= s.weekday <= 7)
    zh, en = hours_words.week(sessions)
    return zh or "不限时段", en or "any time"


def _walls(before: SettingsDocument, after: SettingsDocument) -> Iterator[Words]:
    if before.playlist != after.playlist:
        old, new = _slides(before.playlist), _slides(after.playlist)
        yield f"播放单：{old[0]} → {new[0]}", f"Playlist: {old[1]} → {new[1]}"
    if before.ticker != after.ticker:
        yield (
            f"滚动字幕：{_zh(before.ticker)} → {_zh(after.ticker)}",
            f"Ticker: {_en(before.ticker)} → {_en(after.ticker)}",
        )


def _slides(slides: tuple[Slide, ...]) -> Words:
    zh, en = (
        [f"{SLIDES[one.kind][n]} {one.seconds}{second}{one.zone and ' ' + one.zone}" for one in slides]
        for n, second in enumerate((" 秒", " s"))
    )
    return "、".join(zh) or "–", ", ".join(en) or "–"


def _named(text: str) -> Words:
    return (f" {_short(text)}",) * 2


def _plan_title(plan: part.PlanPart) -> Words:
    """Any days: a draft may have ones that are none."""
    days, days_en = hours_words.weekdays([day for day in plan.weekdays if 1 <= day <= 7])
    times = f"{hours_words.wall(plan.start_minute)}–{hours_words.wall(plan.end_minute)}"
    mode, mode_en = MODES[plan.mode]
    return f" {mode} {days} {times} 每段 {plan.capacity} 人", f" {mode_en}, {days_en} {times}, {plan.capacity} each"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _zh(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return _plain(value, "（空）")


def _en(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _plain(value, "(none)")


def _plain(value: Any, empty: str) -> str:
    if value is None or value in ("", ()):
        return empty
    if isinstance(value, tuple):
        return _short("、".join(_one(each) for each in value))
    if isinstance(value, Enum):
        return str(value.value)
    return value.isoformat() if isinstance(value, date) else _short(str(value))


def _one(value: Any) -> str:
    return f"{value.queue}×{value.weight}" if isinstance(value, part.Serves) else str(value)


# ── three of them ──


def merge(
    base: SettingsDocument, live: SettingsDocument, draft: SettingsDocument
) -> tuple[SettingsDocument, tuple[Said, ...]]:
    """The draft with what changed in `live` since `base`, field by field. Where both changed the same thing in
    different ways the draft's stays, and is told."""
    clashes: list[Said] = []
    merged: dict[str, Any] = {}
    for name in values_of(draft):
        kind = next((one for one in KEYED if one.name == name), None)
        three = [getattr(doc, name) for doc in (base, live, draft)]
        if kind is not None:
            merged[name] = _merged_members(kind, three, clashes)
        elif name in ("hall", "hours", "sms"):
            merged[name] = _merged_fields((name, name), three, clashes)
        else:
            merged[name] = _chosen((name, name), name, three, clashes)
    return replace(draft, **merged), tuple(clashes)


def _merged_members(kind: Kind, three: list[tuple[Any, ...]], clashes: list[Said]) -> tuple[Any, ...]:
    base, live, draft = ({kind.key(one): one for one in members} for members in three)
    merged = []
    ours = [key for key in draft if key in base] != [key for key in base if key in draft]
    first, then = (draft, live) if ours else (live, draft)  # whose order it is
    for key in [*first, *(key for key in then if key not in first)]:
        here = [side.get(key) for side in (base, live, draft)]
        one = here[1] or here[2] or here[0]
        words = kind.words(one)
        kept = _chosen(words, "", here, clashes) if None in here else _merged_fields(words, here, clashes)
        merged += [kept] if kept is not None else []
    return tuple(merged)


def _merged_fields(what: Words, three: list[Any], clashes: list[Said]) -> Any:
    base, live, draft = three
    chosen = {
        name: _chosen(what, _field_zh(type(draft), name) if type(draft) in FORMS else name,
                      [getattr(side, name) for side in (base, live, draft)], clashes)
        for name in values_of(draft)
    }  # fmt: skip
    return replace(draft, **chosen)


def _chosen(what: Words, field: str, three: list[Any], clashes: list[Said]) -> Any:
    base, live, draft = three
    if draft in (base, live):
        return live
    if live != base:
        zh = f"{what[0]}·{field}" if field else what[0]
        clashes.append(
            Said(f"{zh}：线上也改过，保留了草稿里的。", f"{what[1]}: changed live too; the draft's is kept.")
        )
    return draft
