"""What an admin may set: the limits of each field, in one table, with words for the person who typed it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from server.domain.hours_words import WEEKDAYS, Words, wall
from server.domain.work_calendar import DAY_MINUTES, DayKind, Session, overlap, too_short

MAX_NAME = 60
MAX_WEIGHT = 9
MAX_NOTICES = 50
"""In a hall, those that are over as well."""
MAX_NOTICE = 200
MAX_CARD_NAME = 20
MAX_BADGES = 4
MAX_BADGE = 12
MAX_SLIDES = 20
SLIDE_SECONDS = (3, 600)
MAX_DUTY_DAYS = 31
"""In one message."""
MAX_SESSIONS = 70
MAX_QUOTA = 9999


class BadSettingError(ValueError):
    """A setting outside of its limits: which field and what is wrong, in English and in Chinese."""

    def __init__(self, field: str, field_zh: str, problem: str, problem_zh: str) -> None:
        super().__init__(f"{field} {problem}")
        self.field, self.field_zh = field, field_zh
        self.problem, self.problem_zh = problem, problem_zh


@dataclass(frozen=True)
class Rule:
    """`holds` judges a value; the sentences continue “Field … {problem}” and “…不正确：{problem_zh}”."""

    field_zh: str
    holds: Callable[[Any], bool]
    problem: str
    problem_zh: str

    def broken(self, field: str) -> BadSettingError:
        return BadSettingError(field, self.field_zh, self.problem, self.problem_zh)


def _between(field_zh: str, least: int, most: int, unit: str = "") -> Rule:
    problem_zh = f"应为 {least} 到 {most}{unit and ' ' + unit}"
    return Rule(field_zh, lambda value: least <= value <= most, f"must be {least} to {most}", problem_zh)


def _name(field_zh: str) -> Rule:
    return Rule(
        field_zh,
        lambda value: 1 <= len(value.strip()) <= MAX_NAME and value.isprintable(),
        f"must have 1 to {MAX_NAME} characters on one line",
        f"应为 1 到 {MAX_NAME} 个字，且不换行",
    )


def _note(field_zh: str, most: int = MAX_NAME) -> Rule:
    """One line that may be empty, or not given at all."""
    return Rule(
        field_zh,
        lambda value: value is None or (len(value) <= most and value.isprintable()),
        f"must have at most {most} characters on one line",
        f"最多 {most} 个字，且不换行",
    )


def _optional(rule: Rule) -> Rule:
    return replace(rule, holds=lambda value: value is None or rule.holds(value))


def _badges_hold(badges: tuple[str, ...]) -> bool:
    return len(badges) <= MAX_BADGES and all(
        1 <= len(badge.strip()) <= MAX_BADGE and badge.isprintable() for badge in badges
    )


def _refuse_slide(playlist: Any) -> None:
    rule = _between("秒数", *SLIDE_SECONDS, "秒")
    for i, slide in enumerate(playlist.slides):
        if not rule.holds(slide.seconds):
            raise replace(rule, field_zh=f"第 {i + 1} 项的秒数").broken(f"slides[{i}].seconds")


_DUTY: tuple[tuple[str, Rule], ...] = (
    ("name", _note("值班领导姓名", MAX_CARD_NAME)),
    ("position", _note("职务")),
    ("tel", _note("电话")),
)
_NAMELESS = Rule(
    "值班领导姓名",
    lambda duty: bool(duty.name.strip()) or not (duty.position.strip() or duty.tel.strip()),
    "must be given where a position or telephone is",
    "填了职务或电话，就要填姓名",
)


def _refuse_duty(roster: Any) -> None:
    """Of a roster of many days, the one that cannot be is named."""
    for i, duty in enumerate(roster.days):
        judged = [(field, rule, rule.holds(getattr(duty, field))) for field, rule in _DUTY]
        for field, rule, holds in (*judged, ("name", _NAMELESS, _NAMELESS.holds(duty))):
            if not holds:
                named = f"{duty.day.month}月{duty.day.day}日{rule.field_zh}"
                raise replace(rule, field_zh=named).broken(f"days[{i}].{field}")


def _sessions(settings: Any) -> tuple[Session, ...]:
    return tuple(Session(s.weekday, s.opens, s.closes) for s in settings)


def _refuse_session(hours: Any) -> None:
    """Of a week of many sessions, the one that cannot be is named, with its day."""
    sessions = _sessions(hours.sessions)
    for i, session in enumerate(sessions):
        wrong = _wrong(session, sessions[:i])
        if wrong is not None:
            when, when_en = _said(session)
            raise BadSettingError(f"sessions[{i}]", when, f"({when_en}) {wrong[1]}", wrong[0])


def _wrong(session: Session, before: tuple[Session, ...]) -> Words | None:
    if not 1 <= session.weekday <= len(WEEKDAYS):
        return "星期应为 1（周一）到 7", "must be on a day from 1 (Monday) to 7"
    if not (0 <= session.opens <= DAY_MINUTES and 0 <= session.closes <= DAY_MINUTES):
        return "时间应在 0:00 到 24:00 之间", "must lie between 0:00 and 24:00"
    if session.opens >= session.closes:
        return "结束应晚于开始", "must not be over before it begins"
    other = next((one for one in before if overlap((one, session))), None)
    return None if other is None else (f"与 {_span(other)} 重叠", f"must not overlap {_span(other)}")


def _said(session: Session) -> Words:
    known = 1 <= session.weekday <= len(WEEKDAYS)
    zh, en = WEEKDAYS[session.weekday - 1] if known else (str(session.weekday),) * 2
    return f"{zh} {_span(session)}", f"{en} {_span(session)}"


def _span(session: Session) -> str:
    return f"{wall(session.opens)}–{wall(session.closes)}"


_WEEKDAY = _between("按周几办公", 1, 7)
_DATES = Rule(
    "结束日期",
    lambda limits: limits.from_day is None or limits.to_day is None or limits.from_day <= limits.to_day,
    "must not be before the first day",
    "不能早于开始日期",
)

RULES: dict[str, tuple[tuple[str, Rule], ...]] = {
    "HallSettings": (
        ("name", _name("大厅名称")),
        ("recall_limit", _between("重呼上限", 0, 20, "次")),
        ("recall_seconds", _between("重呼间隔", 0, 600, "秒")),
        ("invitation_seconds", _between("评价时限", 5, 3600, "秒")),
        ("change_seconds", _between("可改评的时间", 0, 10, "秒")),
        ("no_show_after", _between("过号后排到几位之后", 1, 50, "位")),
        ("no_show_limit", _between("自动恢复次数", 0, 20, "次")),
        ("fairness_cap", _between("优先号连叫上限", 1, 20, "位")),
        ("aging_minutes", _between("等候时限", 1, 600, "分钟")),
        ("appointment_early_minutes", _between("预约可提前", 0, 240, "分钟")),
        ("appointment_late_minutes", _between("预约可迟到", 0, 240, "分钟")),
    ),
    "QueueSettings": (
        ("name", _name("队列名称")),
        ("name_en", _note("英文名称")),
        ("location", _note("等候位置")),
    ),
    "WindowSettings": (
        ("name", _name("窗口名称")),
        ("zone", _note("区域")),
        ("floor", _optional(_between("楼层", -9, 99))),
        (
            "weights",
            Rule(
                "队列权重",
                lambda weights: all(1 <= weight <= MAX_WEIGHT for weight in weights or ()),
                f"must be 1 to {MAX_WEIGHT} for each queue",
                f"每个队列应为 1 到 {MAX_WEIGHT}",
            ),
        ),
    ),
    "HoursSettings": (
        ("cutoff_minutes", _between("提前截止", 0, 240, "分钟")),
        (
            "sessions",
            Rule(
                "办公时段",
                lambda sessions: len(sessions) <= MAX_SESSIONS,
                f"must be at most {MAX_SESSIONS} sessions",
                f"最多 {MAX_SESSIONS} 段",
            ),
        ),
    ),
    "DaySettings": (
        ("name", _name("节假日名称")),
        (
            "kind",
            Rule("类型", lambda value: value in list(DayKind), "must be holiday or workday", "只能是放假或上班"),
        ),
        ("as_weekday", _WEEKDAY),
    ),
    "QueueLimits": (
        ("quota_day", _optional(_between("每天限号", 1, MAX_QUOTA, "个"))),
        ("quota_session", _optional(_between("每时段限号", 1, MAX_QUOTA, "个"))),
    ),
    "SlotPlan": (
        (
            "weekdays",
            Rule(
                "星期",
                lambda days: 1 <= len(days) == len(set(days)) and set(days) <= set(range(1, 8)),
                "must be days from 1 (Monday) to 7, each once, at least one",
                "请至少选择一天，周一为 1，周日为 7，不重复",
            ),
        ),
        ("start_minute", _between("开始时间", 0, 1435)),
        ("end_minute", _between("结束时间", 5, 1440)),
        ("slot_minutes", _between("每段时长", 5, 480, "分钟")),
        ("capacity", _between("每段人数", 1, 500, "人")),
    ),
    "NoticeSettings": (
        (
            "text",
            Rule(
                "公告内容",
                lambda text: len(text.strip()) >= 1 and len(text) <= MAX_NOTICE,
                f"must have 1 to {MAX_NOTICE} characters",
                f"应为 1 到 {MAX_NOTICE} 个字",
            ),
        ),
    ),
    "DutyRoster": (
        (
            "days",
            Rule(
                "值班表",
                lambda days: len({duty.day for duty in days}) == len(days) <= MAX_DUTY_DAYS,
                f"must be at most {MAX_DUTY_DAYS} days, each once",
                f"一次最多 {MAX_DUTY_DAYS} 天，每天一次",
            ),
        ),
    ),
    "StaffCardSettings": (
        ("name", _note("公示姓名", MAX_CARD_NAME)),
        ("position", _note("岗位", MAX_CARD_NAME)),
        (
            "badges",
            Rule(
                "标志",
                _badges_hold,
                f"must be at most {MAX_BADGES}, each of 1 to {MAX_BADGE} characters",
                f"最多 {MAX_BADGES} 个，每个 1 到 {MAX_BADGE} 个字",
            ),
        ),
    ),
    "PlaylistSettings": (
        (
            "slides",
            Rule(
                "播放单",
                lambda slides: len(slides) <= MAX_SLIDES,
                f"must be at most {MAX_SLIDES} slides",
                f"最多 {MAX_SLIDES} 项",
            ),
        ),
    ),
    "TickerSettings": (
        (
            "ticker",
            Rule(
                "滚动字幕",
                lambda text: len(text) <= MAX_NOTICE and not set(text) & set("\n\t"),
                f"must have at most {MAX_NOTICE} characters on one line",
                f"最多 {MAX_NOTICE} 个字，且不换行",
            ),
        ),
    ),
    "NewDevice": (("name", _name("设备名称")),),
    "NewUser": (("username", _name("用户名")),),
}
"""The rules of each message of `contract.admin` and `contract.screens`, in the order in which its form asks."""

WHOLE: dict[str, tuple[tuple[str, Rule], ...]] = {
    "HoursSettings": (
        (
            "cutoff_minutes",
            Rule(
                "提前截止",
                lambda hours: not too_short(_sessions(hours.sessions), hours.cutoff_minutes),
                "must be shorter than every session",
                "应短于每一个办公时段，否则该时段取不到号",
            ),
        ),
    ),
    "QueueLimits": (("to_day", _DATES),),
    "NoticeSettings": (("to_day", _DATES),),
}
"""Rules between the fields of a message: they judge it as a whole, and name the field to mend."""

PARTS: dict[str, Callable[[Any], None]] = {
    "HoursSettings": _refuse_session,
    "DutyRoster": _refuse_duty,
    "PlaylistSettings": _refuse_slide,
}
"""Where one part of a field may be wrong: raises `BadSettingError` that names the part."""

NAMES: dict[str, str] = {
    "active": "启用",
    "closed_reason": "关闭原因",
    "from_day": "起始日期",
    "item": "事项",
    "kind": "类型",
    "lines": "日期列表",
    "mode": "方式",
    "name": "姓名",
    "new": "新增",
    "no_show_policy": "过号处理",
    "one_live_ticket": "一人一号",
    "open": "开放取号",
    "password": "密码",
    "queue": "业务",
    "queues": "办理队列",
    "role": "角色",
    "staff_no": "工号",
    "starts_at": "时间",
    "to_day": "结束日期",
    "window": "绑定窗口",
}
"""What the pages call a field that has no rule but its type."""

PLACES: dict[str, Rule] = {
    "code": Rule(
        "队列代码",
        lambda value: re.fullmatch("[A-Z]{1,2}", value) is not None,
        "must be one or two capital letters A–Z",
        "应为一或两个大写字母 A–Z",
    ),
    "no": Rule(
        "窗口号",
        lambda value: re.fullmatch("[0-9A-Za-z]{1,4}", value) is not None,
        "must be 1 to 4 digits or letters",
        "应为 1 到 4 位数字或字母",
    ),
}
"""What a new queue or window may be called for good: these stand in the address, not in the message."""


def check(settings: Any) -> None:
    """Raise `BadSettingError` for the first field of a `contract.admin` message that is outside of its limits."""
    name = type(settings).__name__
    for field, rule in RULES[name]:
        if not rule.holds(getattr(settings, field)):
            raise rule.broken(field)
    if name in PARTS:
        PARTS[name](settings)
    for field, rule in WHOLE.get(name, ()):
        if not rule.holds(settings):
            raise rule.broken(field)


def field_name(message: str, field: str) -> str:
    """What the pages call a field of a message, given as the codec's dotted path; the path itself where no page asks
    for it."""
    head = re.split(r"[.\[]", field)[0]
    rule = dict(RULES.get(message, ())).get(head)
    return rule.field_zh if rule else NAMES.get(head, field)


def check_place(field: str, value: str) -> None:
    """Raise `BadSettingError` unless a new queue's `code` or a new window's `no` may be `value`."""
    if not PLACES[field].holds(value):
        raise PLACES[field].broken(field)
