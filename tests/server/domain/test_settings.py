"""The limits of what an admin may set."""

import dataclasses
from typing import Any

import pytest

from server.contract import admin
from server.domain.settings import RULES, BadSettingError, check

GOOD = {
    "HallSettings": admin.HallSettings("request-1", "大厅", True, notices=("一",)),
    "QueueSettings": admin.QueueSettings("request-1", "综合", True),
    "WindowSettings": admin.WindowSettings("request-1", "综合", ()),
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
@pytest.mark.parametrize("name", RULES)
def test_names_are_one_line_and_not_empty(name: str, value: str) -> None:
    field = "username" if name == "NewUser" else "name"
    with pytest.raises(BadSettingError, match=field):
        check(dataclasses.replace(GOOD[name], **{field: value}))


@pytest.mark.parametrize("notices", [("",), ("x" * 201,), ("x",) * 21])
def test_notices_are_short_and_few(notices: Any) -> None:
    with pytest.raises(BadSettingError, match="notices"):
        check(dataclasses.replace(GOOD["HallSettings"], notices=notices))
