"""The limits of what an admin may set."""

import dataclasses
import re
from datetime import date
from typing import Any

import pytest

from server.contract import admin
from server.contract.appointments import Mode, SlotPlan
from server.domain.settings import RULES, BadSettingError, check, field_name

GOOD = {
    "HallSettings": admin.HallSettings("request-1", "大厅", True, notices=("一",)),
    "QueueSettings": admin.QueueSettings("request-1", "综合", True),
    "WindowSettings": admin.WindowSettings("request-1", "综合", ()),
    "HoursSettings": admin.HoursSettings("request-1", (admin.SessionSettings(1, 510, 690),), 20),
    "DaySettings": admin.DaySettings("request-1", "holiday", "国庆节"),
    "QueueLimits": admin.QueueLimits("request-1", 50, 20, date(2026, 3, 2), date(2026, 3, 2)),
    "SlotPlan": SlotPlan((1, 2), 540, 600, 30, 2, request_id="request-1", queue="A", mode=Mode.HALL),
    "NewDevice": admin.NewDevice("request-1", "取号机 1", "kiosk"),
    "NewUser": admin.NewUser("request-1", "lina", "clerk", "long enough 1"),
}


@pytest.mark.parametrize("name", RULES)
def test_a_good_message_passes(name: str) -> None:
    check(GOOD[name])


@pytest.mark.parametrize(
    ("name", "field", "least", "most"),
    [
        ("HallSettings", "recall_limit", 0, 20),
        ("HallSettings", "recall_seconds", 0, 600),
        ("HallSettings", "invitation_seconds", 5, 3600),
        ("DaySettings", "as_weekday", 1, 7),
        ("QueueLimits", "quota_day", 1, 9999),
        ("QueueLimits", "quota_session", 1, 9999),
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
@pytest.mark.parametrize("name", [name for name in RULES if hasattr(GOOD[name], "name")])
def test_names_are_one_line_and_not_empty(name: str, value: str) -> None:
    field = "username" if name == "NewUser" else "name"
    with pytest.raises(BadSettingError, match=field):
        check(dataclasses.replace(GOOD[name], **{field: value}))


@pytest.mark.parametrize("notices", [("",), ("x" * 201,), ("x",) * 21])
def test_notices_are_short_and_few(notices: Any) -> None:
    with pytest.raises(BadSettingError, match="notices"):
        check(dataclasses.replace(GOOD["HallSettings"], notices=notices))


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
            "UserSettings": admin.UserSettings, "ImportDays": admin.ImportDays}  # fmt: skip


@pytest.mark.parametrize("name", MESSAGES)
def test_every_field_of_an_admins_form_has_a_chinese_name(name: str) -> None:
    """Also for what the codec refuses before any rule is asked, within a list too."""
    for field in dataclasses.fields(MESSAGES[name]):
        if field.name != "request_id":
            for path in (field.name, f"{field.name}[3]", f"{field.name}[3].part"):
                assert not re.search("[A-Za-z_]", field_name(name, path)), path
