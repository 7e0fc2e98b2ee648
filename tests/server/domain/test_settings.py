"""The limits of what an admin may set."""

import dataclasses
import re
from datetime import date
from typing import Any

import pytest

from server.contract import admin, people, screens
from server.contract.alarms import AlarmKind, AlarmRule, AlarmSettings
from server.contract.appointments import Mode, SlotPlan
from server.contract.board import Slide, SlideKind
from server.contract.books import StaffRow
from server.contract.cover import CoverSettings, HandOver, NewLeave, PostKind, PostSettings
from server.contract.items import ItemSettings
from server.contract.operations import OperationsSettings
from server.contract.sms import SmsSettings
from server.contract.uploads import TaskCodes
from server.domain.settings import RULES, BadSettingError, check, field_name

GOOD = {
    "HallSettings": admin.HallSettings("request-1", "大厅", True),
    "QueueSettings": admin.QueueSettings("request-1", "综合", True),
    "WindowSettings": admin.WindowSettings("request-1", "综合", ()),
    "HoursSettings": admin.HoursSettings("request-1", (admin.SessionSettings(1, 510, 690),), 20),
    "DaySettings": admin.DaySettings("request-1", "holiday", "国庆节"),
    "QueueLimits": admin.QueueLimits("request-1", 50, 20, date(2026, 3, 2), date(2026, 3, 2)),
    "SlotPlan": SlotPlan((1, 2), 540, 600, 30, 2, request_id="request-1", queue="A", mode=Mode.HALL),
    "NoticeSettings": screens.NoticeSettings("request-1", "一", date(2026, 3, 2), date(2026, 3, 2)),
    "DutyRoster": screens.DutyRoster("request-1", (screens.DutySettings(date(2026, 3, 2), "林"),)),
    "StaffCardSettings": screens.StaffCardSettings("request-1", "林", "综合", ("之星",)),
    "PlaylistSettings": screens.PlaylistSettings("request-1", (Slide(SlideKind.NOTICES, 3),)),
    "TickerSettings": screens.TickerSettings("request-1", "一行"),
    "SmsSettings": SmsSettings("request-1", True, 10, 48, "{大厅}请您评价：{选项}，{退订}"),
    "TaskCodes": TaskCodes("request-1", "1" * 31, ""),
    "CoverSettings": CoverSettings("request-1", 10, 5),
    "PostSettings": PostSettings("request-1", PostKind.GUIDE, "导办台", (1, 5)),
    "NewLeave": NewLeave("request-1", "lina", date(2026, 3, 2), date(2026, 3, 2)),
    "HandOver": HandOver("request-1", "lina"),
    "GiveGrant": people.GiveGrant("request-1", "lina", "desk", date(2026, 3, 2), None, "替班"),
    "RevokeGrant": people.RevokeGrant("request-1", "替班结束"),
    "NewPerson": people.NewPerson("request-1", "lina", "clerk"),
    "OperationsSettings": OperationsSettings(
        "request-1", True, 120, "/srv/backup", True, True, 7, 4, 12, 3, 7, 90, 400, 0
    ),
    "AlarmSettings": AlarmSettings("request-1", 10, (AlarmRule(AlarmKind.LONGEST_WAIT, True, 30),)),
    "NewDevice": admin.NewDevice("request-1", "取号机 1", "kiosk"),
    "NewUser": admin.NewUser("request-1", "lina", "clerk", "long enough 1"),
    "ItemSettings": ItemSettings("参保登记", "A", process=("取号",), request_id="request-1"),
    "StaffRow": StaffRow("lina", "李娜", "1001", "clerk", "李", "综合岗", ("之星",), True),
}

NAMELESS = ("StaffCardSettings", "StaffRow", "NewPerson")
"""Whose name may be left out."""


@pytest.mark.parametrize("name", RULES)
def test_a_good_message_passes(name: str) -> None:
    check(GOOD[name])


@pytest.mark.parametrize(
    ("name", "field", "least", "most"),
    [
        ("HallSettings", "recall_limit", 0, 20),
        ("HallSettings", "recall_seconds", 0, 600),
        ("HallSettings", "invitation_seconds", 5, 3600),
        ("HallSettings", "change_seconds", 0, 10),
        ("DaySettings", "as_weekday", 1, 7),
        ("QueueLimits", "quota_day", 1, 9999),
        ("QueueLimits", "quota_session", 1, 9999),
        ("SmsSettings", "sms_delay_minutes", 0, 720),
        ("SmsSettings", "sms_reply_hours", 1, 168),
        ("CoverSettings", "empty_minutes", 1, 240),
        ("CoverSettings", "late_minutes", 0, 120),
        ("AlarmSettings", "escalate_minutes", 1, 240),
    ],
)
def test_numbers_have_both_ends(name: str, field: str, least: int, most: int) -> None:
    for value in (least, most):
        check(dataclasses.replace(GOOD[name], **{field: value}))
    for value in (least - 1, most + 1):
        with pytest.raises(BadSettingError) as refused:
            check(dataclasses.replace(GOOD[name], **{field: value}))
        assert refused.value.field == field
        assert str(most) in refused.value.problem and str(most) in refused.value.problem_zh


@pytest.mark.parametrize("value", ["", "   ", "长" * 61, "两\n行"])
@pytest.mark.parametrize("name", [name for name in RULES if "name" in dict(RULES[name]) and name not in NAMELESS])
def test_names_are_one_line_and_not_empty(name: str, value: str) -> None:
    field = "username" if name == "NewUser" else "name"
    with pytest.raises(BadSettingError, match=field):
        check(dataclasses.replace(GOOD[name], **{field: value}))


@pytest.mark.parametrize("text", ["", " \n ", "x" * 201])
def test_a_notice_says_something_and_is_short(text: str) -> None:
    with pytest.raises(BadSettingError, match="text"):
        check(dataclasses.replace(GOOD["NoticeSettings"], text=text))


@pytest.mark.parametrize("name", ["QueueLimits", "NoticeSettings"])
def test_nothing_is_over_before_it_begins(name: str) -> None:
    check(dataclasses.replace(GOOD[name], from_day=None))
    check(dataclasses.replace(GOOD[name], to_day=None))
    with pytest.raises(BadSettingError, match="to_day"):
        check(dataclasses.replace(GOOD[name], to_day=date(2026, 3, 1)))


@pytest.mark.parametrize("seconds", [0, 2, 601, -1])
def test_a_slide_is_named_that_nobody_could_read_or_see_the_end_of(seconds: int) -> None:
    slides = (Slide(SlideKind.ITEMS, 600), Slide(SlideKind.STAFF, seconds))
    with pytest.raises(BadSettingError) as refused:
        check(dataclasses.replace(GOOD["PlaylistSettings"], slides=slides))
    assert (refused.value.field, refused.value.field_zh) == ("slides[1].seconds", "第 2 项的秒数")
    assert "3 到 600 秒" in refused.value.problem_zh


@pytest.mark.parametrize(
    ("duty", "field"),
    [
        (("长" * 21,), "name"), (("两\n行",), "name"), (("", "主任"), "name"), (("", "", "0000"), "name"),
        (("林", "长" * 61), "position"), (("林", "", "长" * 61), "tel"),
    ],
)  # fmt: skip
def test_the_day_of_a_roster_is_named_that_cannot_be(duty: tuple[str, ...], field: str) -> None:
    days = (screens.DutySettings(date(2026, 3, 2), ""), screens.DutySettings(date(2026, 3, 3), *duty))
    with pytest.raises(BadSettingError) as refused:
        check(screens.DutyRoster("request-1", days))
    assert refused.value.field == f"days[1].{field}" and refused.value.field_zh.startswith("3月3日")


@pytest.mark.parametrize("badges", [("一",) * 5, ("长" * 13,), (" ",), ("两\n行",)])
def test_badges_are_few_and_short(badges: tuple[str, ...]) -> None:
    with pytest.raises(BadSettingError, match="badges"):
        check(dataclasses.replace(GOOD["StaffCardSettings"], badges=badges))


def test_lists_have_an_end() -> None:
    day = screens.DutySettings(date(2026, 3, 2), "林")
    for bad in (
        screens.DutyRoster("request-1", (day, day)),
        screens.DutyRoster("request-1", tuple(screens.DutySettings(date(2026 + n, 3, 2), "林") for n in range(32))),
        screens.PlaylistSettings("request-1", (Slide(SlideKind.ITEMS, 10),) * 21),
        screens.TickerSettings("request-1", "x" * 201),
        screens.TickerSettings("request-1", "两\n行"),
    ):  # fmt: skip
        with pytest.raises(BadSettingError):
            check(bad)


def sessions(*numbers: tuple[int, int, int]) -> tuple[admin.SessionSettings, ...]:
    return tuple(admin.SessionSettings(*three) for three in numbers)


@pytest.mark.parametrize(
    "week",
    [
        sessions((0, 510, 690)), sessions((8, 510, 690)), sessions((1, 690, 510)), sessions((1, 510, 510)),
        sessions((1, -1, 510)), sessions((1, 510, 1441)), sessions((1, 510, 690), (1, 689, 700)),
        sessions(*((1 + n % 7, n, n + 1) for n in range(71))),
    ],
)  # fmt: skip
def test_sessions_are_whole_and_apart(week: Any) -> None:
    with pytest.raises(BadSettingError, match="sessions"):
        check(dataclasses.replace(GOOD["HoursSettings"], sessions=week))


def test_a_cut_off_leaves_something_of_every_session() -> None:
    hours = dataclasses.replace(GOOD["HoursSettings"], sessions=sessions((1, 510, 690), (1, 780, 800)))
    check(dataclasses.replace(hours, cutoff_minutes=19))
    for minutes in (20, -1, 241):
        with pytest.raises(BadSettingError, match="cutoff_minutes"):
            check(dataclasses.replace(hours, cutoff_minutes=minutes))


def test_a_campaign_ends_after_it_began() -> None:
    for first, last in ((None, date(2026, 3, 1)), (date(2026, 3, 2), None)):
        check(dataclasses.replace(GOOD["QueueLimits"], from_day=first, to_day=last))
    with pytest.raises(BadSettingError, match="to_day"):
        check(dataclasses.replace(GOOD["QueueLimits"], to_day=date(2026, 3, 1)))


MESSAGES = {**{name: getattr(admin, name) for name in RULES if hasattr(admin, name)}, "SlotPlan": SlotPlan,
            "AlarmSettings": AlarmSettings, "UserSettings": admin.UserSettings,
            "ImportDays": admin.ImportDays}  # fmt: skip


@pytest.mark.parametrize("name", MESSAGES)
def test_every_field_of_an_admins_form_has_a_chinese_name(name: str) -> None:
    """Also for what the codec refuses before any rule is asked, within a list too."""
    for field in dataclasses.fields(MESSAGES[name]):
        if field.name != "request_id":
            for path in (field.name, f"{field.name}[3]", f"{field.name}[3].part"):
                assert not re.search("[A-Za-z_]", field_name(name, path)), path
