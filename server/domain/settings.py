"""What an admin may set: the limits of each field, in one table, with words for the person who typed it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from server.domain.alarms import ESCALATE, KINDS
from server.domain.hours_words import WEEKDAYS, Words, wall
from server.domain.sms_text import MOST_TYPED, wrong
from server.domain.upload import TASK_CODE, TASK_HANDLE_ITEM, is_task_code
from server.domain.work_calendar import DAY_MINUTES, DayKind, Session, overlap, too_short

MAX_NAME = 60
MAX_REASON = 100
MAX_WEIGHT = 9
MAX_NOTICES = 50
"""In a hall, those that are over as well."""
MAX_NOTICE = 200
MAX_CARD_NAME = 20
MAX_BADGES = 4
MAX_BADGE = 12
MAX_ITEM_TEXT = 300
MAX_LINES = 30
MAX_LINE = 120
"""Of an item's process and materials: a guide sheet is printed of them."""
MAX_SLIDES = 20
SLIDE_SECONDS = (3, 600)
MAX_DUTY_DAYS = 31
"""In one message."""
MAX_SESSIONS = 70
MAX_QUOTA = 9999
LEAST_KEPT = 183
"""Days that the record of what happened is kept at the least: half a year."""


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


def _reason(field_zh: str) -> Rule:
    """Put on record, so it is never empty."""
    return Rule(
        field_zh,
        lambda value: 2 <= len(value.strip()) <= MAX_REASON and value.isprintable(),
        f"must have 2 to {MAX_REASON} characters on one line",
        f"应为 2 到 {MAX_REASON} 个字，且不换行",
    )


def _optional(rule: Rule) -> Rule:
    return replace(rule, holds=lambda value: value is None or rule.holds(value))


def _steps(field_zh: str) -> Rule:
    """Lines, each of which says something."""
    return Rule(
        field_zh,
        lambda lines: (
            len(lines) <= MAX_LINES and all(1 <= len(one.strip()) <= MAX_LINE and one.isprintable() for one in lines)
        ),
        f"must be at most {MAX_LINES} lines, each of 1 to {MAX_LINE} characters",
        f"最多 {MAX_LINES} 行，每行 1 到 {MAX_LINE} 个字",
    )


def _badges_hold(badges: tuple[str, ...]) -> bool:
    return len(badges) <= MAX_BADGES and all(
        1 <= len(badge.strip()) <= MAX_BADGE and badge.isprintable() for badge in badges
    )


def _refuse_slide(playlist: Any) -> None:
    rule = _between("秒数", *SLIDE_SECONDS, "秒")
    for i, slide in enumerate(playlist.slides):
        if not rule.holds(slide.seconds):
            raise replace(rule, field_zh=f"第 {i + 1} 项的秒数").broken(f"slides[{i}].seconds")


def _refuse_alarm_rule(settings: Any) -> None:
    """Of many limits, the one that cannot be is named."""
    for i, rule in enumerate(settings.rules):
        kind = KINDS[rule.kind]
        field = f"rules[{i}].limit"
        if kind.limit is None and rule.limit is not None:
            raise BadSettingError(field, kind.name[0], "must not be given: this kind has none", "没有可设的数值")
        if kind.limit is not None and rule.limit is not None:
            allowed = _between(kind.name[0], kind.limit.least, kind.limit.most)
            if not allowed.holds(rule.limit):
                raise allowed.broken(field)


def _refuse_sms_text(settings: Any) -> None:
    """Each thing that can be wrong with it has its own sentence."""
    found = wrong((settings.sms_text or "").strip())
    if found is not None:
        raise BadSettingError("sms_text", "短信内容", found[1], found[0])


_DUTY: tuple[tuple[str, Rule], ...] = (
    ("name", _note("值班领导姓名", MAX_CARD_NAME)),
    ("position", _note("职务")),
    ("tel", _note("电话")),
)


def _task_code(field_zh: str, length: int) -> Rule:
    return Rule(
        field_zh,
        lambda value: is_task_code(value, length),
        f"must have {length} letters or digits, or be empty",
        f"应为 {length} 位字母或数字，不知道就留空",
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
_SOME_DAYS = Rule(
    "星期",
    lambda days: 1 <= len(days) == len(set(days)) and set(days) <= set(range(1, 8)),
    "must be days from 1 (Monday) to 7, each once, at least one",
    "请至少选择一天，周一为 1，周日为 7，不重复",
)
_DATES = Rule(
    "结束日期",
    lambda limits: limits.from_day is None or limits.to_day is None or limits.from_day <= limits.to_day,
    "must not be before the first day",
    "不能早于开始日期",
)
_ROOM = Rule(
    "结束时间",
    lambda plan: plan.end_minute - plan.start_minute >= plan.slot_minutes,
    "must leave room for one slot after the start",
    "应晚于开始时间至少一段时长",
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
        ("rectify_contact_days", _between("差评联系期限", 1, 60, "个工作日")),
        ("rectify_simple_days", _between("简单问题整改期限", 1, 60, "个工作日")),
        ("rectify_complex_days", _between("复杂问题整改期限", 1, 60, "个工作日")),
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
        ("weekdays", _SOME_DAYS),
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
    "TaskCodes": (
        ("task_code", _task_code("实施编码", TASK_CODE)),
        ("task_handle_item", _task_code("业务办理项编码", TASK_HANDLE_ITEM)),
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
    "SmsSettings": (
        ("sms_delay_minutes", _between("短信延时", 0, 720, "分钟")),
        ("sms_reply_hours", _between("回复时限", 1, 168, "小时")),
        (
            "sms_text",
            Rule(
                "短信内容",
                lambda text: text is None or (len(text) <= MOST_TYPED and text.isprintable()),
                f"must have at most {MOST_TYPED} characters on one line, none of them a control character",
                f"最多 {MOST_TYPED} 个字，不能换行，也不能有看不见的控制字符",
            ),
        ),
    ),
    "CoverSettings": (
        ("empty_minutes", _between("空岗提醒", 1, 240, "分钟")),
        ("late_minutes", _between("迟到宽限", 0, 120, "分钟")),
    ),
    "PostSettings": (("name", _name("岗位名称")), ("weekdays", _SOME_DAYS)),
    "NewLeave": (("reason", _note("请假事由")),),
    "HandOver": (("note", _note("交接内容", MAX_NOTICE)),),
    "GiveGrant": (("reason", _reason("授权理由")),),
    "RevokeGrant": (("reason", _reason("收回理由")),),
    "AlarmSettings": (("escalate_minutes", _between("未确认后升级", *ESCALATE, "分钟")),),
    "OperationsSettings": (
        ("backup_minute", _between("备份时间", 0, DAY_MINUTES - 1)),
        ("keep_days", _between("每天一份，留几天", 1, 366, "天")),
        ("keep_weeks", _between("每周一份，留几周", 0, 104, "周")),
        ("keep_months", _between("每月一份，留几个月", 0, 120, "个月")),
        ("warn_days", _between("几天没有备份就告警", 1, 60, "天")),
        ("contact_days", _between("上门地址保留", 1, 30, "天")),
        ("note_days", _between("窗口备注保留", 1, 3650, "天")),
        ("case_days", _between("整改文字保留", LEAST_KEPT, 3650, "天")),
        (
            "event_days",
            Rule(
                "事件记录保留",
                lambda days: days == 0 or LEAST_KEPT <= days <= 36500,
                f"must be 0 (for ever) or {LEAST_KEPT} to 36500",
                f"应为 0（永久）或 {LEAST_KEPT} 到 36500 天",
            ),
        ),
    ),
    "NewDevice": (("name", _name("设备名称")),),
    "NewUser": (("username", _name("用户名")),),
    "NewPerson": (("username", _name("用户名")), ("name", _note("姓名")), ("staff_no", _note("工号"))),
    "ItemSettings": (
        ("name", _name("事项名称")),
        ("legal_basis", _note("法律依据", MAX_ITEM_TEXT)),
        ("handling_body", _note("办理主体", MAX_ITEM_TEXT)),
        ("process", _steps("办理流程")),
        ("materials", _steps("申报材料")),
        ("promise", _note("承诺时限", MAX_ITEM_TEXT)),
        ("fee", _note("收费标准及依据", MAX_ITEM_TEXT)),
        ("location", _note("办理地点", MAX_ITEM_TEXT)),
        ("supervisor", _note("监督机构", MAX_ITEM_TEXT)),
        ("complaint_tel", _note("投诉电话", MAX_ITEM_TEXT)),
        ("minutes", _between("预计用时", 0, 480, "分钟")),
    ),
    "StaffRow": (
        ("username", _name("用户名")),
        ("name", _name("姓名")),
        ("staff_no", _note("工号", MAX_CARD_NAME)),
        ("card_name", _note("监督牌姓名", MAX_CARD_NAME)),
        ("position", _note("岗位", MAX_CARD_NAME)),
        (
            "badges",
            Rule(
                "徽章",
                _badges_hold,
                f"must be at most {MAX_BADGES}, each of 1 to {MAX_BADGE} characters",
                f"最多 {MAX_BADGES} 个，每个 1 到 {MAX_BADGE} 个字",
            ),
        ),
    ),
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
    "SlotPlan": (("end_minute", _ROOM), ("to_day", replace(_DATES, field_zh="截止日期"))),
}
"""Rules between the fields of a message: they judge it as a whole, and name the field to mend."""

PARTS: dict[str, Callable[[Any], None]] = {
    "HoursSettings": _refuse_session,
    "DutyRoster": _refuse_duty,
    "PlaylistSettings": _refuse_slide,
    "AlarmSettings": _refuse_alarm_rule,
    "SmsSettings": _refuse_sms_text,
}
"""Where one part of a field may be wrong: raises `BadSettingError` that names the part."""

NAMES: dict[str, str] = {
    "active": "启用",
    "backup": "B 岗",
    "cells": "值班表",
    "backup_drill": "备份后演练",
    "backup_folder": "备份目录",
    "backup_keys": "密钥放在旁边",
    "backup_on": "自动备份",
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
    "part": "时段",
    "password": "密码",
    "phone": "手机号码",
    "primary": "A 岗",
    "queue": "业务",
    "queues": "办理队列",
    "role": "角色",
    "rules": "报警数值",
    "sms_on": "短信评价",
    "staff_no": "工号",
    "starts_at": "时间",
    "to": "接手人",
    "to_day": "结束日期",
    "username": "人员",
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
    "item_code": Rule(
        "事项编码",
        lambda value: re.fullmatch("[0-9A-Za-z][0-9A-Za-z._-]{0,30}", value) is not None,
        "must be 1 to 31 letters or digits, with - . _ between",
        "应为 1 到 31 位字母或数字，中间可以有 - . _",
    ),
}
"""What a new queue or window may be called for good: these stand in the address, not in the message."""


def check(settings: Any) -> None:
    """Raise `BadSettingError` for the first field of a `contract.admin` message that is outside of its limits."""
    for bad in broken(settings):
        raise bad


def broken(settings: Any) -> Iterator[BadSettingError]:
    """Everything that is outside of its limits. What is wrong between fields is told once each of them is right."""
    name = type(settings).__name__
    alone = [rule.broken(field) for field, rule in RULES[name] if not rule.holds(getattr(settings, field))]
    yield from alone or _between_fields(name, settings)


def _between_fields(name: str, settings: Any) -> Iterator[BadSettingError]:
    if name in PARTS:
        try:
            PARTS[name](settings)
        except BadSettingError as bad:
            yield bad
            return
    yield from (rule.broken(field) for field, rule in WHOLE.get(name, ()) if not rule.holds(settings))


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
