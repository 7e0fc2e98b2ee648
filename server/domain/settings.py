"""What an admin may set: the limits of each field, in one table, with words for the person who typed it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from server.domain.work_calendar import DAY_MINUTES, DayKind, Session, overlap, too_short

MAX_NAME = 60
MAX_WEIGHT = 9
MAX_NOTICES = 20
MAX_NOTICE = 200
MAX_SESSIONS = 70
MAX_QUOTA = 9999
MAX_CONTACT = 120


class BadSettingError(ValueError):
    """A setting outside of its limits: which field and what is wrong, in English and in Chinese."""

    def __init__(self, field: str, rule: "Rule") -> None:
        super().__init__(f"{field} {rule.problem}")
        self.field, self.field_zh = field, rule.field_zh
        self.problem, self.problem_zh = rule.problem, rule.problem_zh


@dataclass(frozen=True)
class Rule:
    """`holds` judges a value; the sentences continue “Field … {problem}” and “…不正确：{problem_zh}”."""

    field_zh: str
    holds: Callable[[Any], bool]
    problem: str
    problem_zh: str


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


def _note(field_zh: str) -> Rule:
    """One line that may be empty, or not given at all."""
    return Rule(
        field_zh,
        lambda value: value is None or (len(value) <= MAX_NAME and value.isprintable()),
        f"must have at most {MAX_NAME} characters on one line",
        f"最多 {MAX_NAME} 个字，且不换行",
    )


def _optional(rule: Rule) -> Rule:
    return replace(rule, holds=lambda value: value is None or rule.holds(value))


def _notices_hold(notices: tuple[str, ...]) -> bool:
    return len(notices) <= MAX_NOTICES and all(1 <= len(text.strip()) <= MAX_NOTICE for text in notices)


def _sessions(settings: Any) -> tuple[Session, ...]:
    return tuple(Session(s.weekday, s.opens, s.closes) for s in settings)


def _sessions_hold(settings: Any) -> bool:
    whole = all(1 <= s.weekday <= 7 and 0 <= s.opens < s.closes <= DAY_MINUTES for s in settings)
    return whole and len(settings) <= MAX_SESSIONS and not overlap(_sessions(settings))


_WEEKDAY = _between("按周几办公", 1, 7)

RULES: dict[str, tuple[tuple[str, Rule], ...]] = {
    "HallSettings": (
        ("name", _name("大厅名称")),
        ("recall_limit", _between("重呼上限", 0, 20, "次")),
        ("recall_seconds", _between("重呼间隔", 0, 600, "秒")),
        ("invitation_seconds", _between("评价时限", 5, 3600, "秒")),
        ("no_show_after", _between("过号后排到几位之后", 1, 50, "位")),
        ("no_show_limit", _between("自动恢复次数", 0, 20, "次")),
        ("fairness_cap", _between("优先号连叫上限", 1, 20, "位")),
        ("aging_minutes", _between("等候时限", 1, 600, "分钟")),
        ("appointment_early_minutes", _between("预约可提前", 0, 240, "分钟")),
        ("appointment_late_minutes", _between("预约可迟到", 0, 240, "分钟")),
        (
            "notices",
            Rule(
                "公告",
                _notices_hold,
                f"must be at most {MAX_NOTICES} texts of 1 to {MAX_NOTICE} characters",
                f"最多 {MAX_NOTICES} 条，每条 1 到 {MAX_NOTICE} 个字",
            ),
        ),
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
                _sessions_hold,
                f"must be at most {MAX_SESSIONS} sessions within a day, none over before it begins, none overlapping",
                f"最多 {MAX_SESSIONS} 段，每段在 0:00 到 24:00 之间、先开始后结束，同一天各段不得重叠",
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
    "BookAppointment": (
        (
            "contact",
            Rule(
                "上门地址",
                lambda value: len(value) <= MAX_CONTACT and value.isprintable(),
                f"must have at most {MAX_CONTACT} characters on one line",
                f"最多 {MAX_CONTACT} 个字，且不换行",
            ),
        ),
    ),
    "NewDevice": (("name", _name("设备名称")),),
    "NewUser": (("username", _name("用户名")),),
}
"""The rules of each message of `contract.admin`, in the order in which its form asks."""

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
    "QueueLimits": (
        (
            "to_day",
            Rule(
                "结束日期",
                lambda limits: limits.from_day is None or limits.to_day is None or limits.from_day <= limits.to_day,
                "must not be before the first day",
                "不能早于开始日期",
            ),
        ),
    ),
}
"""Rules between the fields of a message: they judge it as a whole, and name the field to mend."""

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
            raise BadSettingError(field, rule)
    for field, rule in WHOLE.get(name, ()):
        if not rule.holds(settings):
            raise BadSettingError(field, rule)


def check_place(field: str, value: str) -> None:
    """Raise `BadSettingError` unless a new queue's `code` or a new window's `no` may be `value`."""
    if not PLACES[field].holds(value):
        raise BadSettingError(field, PLACES[field])
