"""The words of calls and bars."""

import dataclasses
from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from display.announce import spoken, written
from display.led import Words, brightness_at, led_text
from server.contract.board import Call, WindowStatus
from server.contract.windows import WindowState

ROOT = Path(__file__).parents[2]
CALL = Call(1, "A001", "03", "综合窗口", "A区", 1, "A", datetime(2026, 3, 2, tzinfo=UTC))
WINDOW = WindowStatus("03", "综合窗口", "A区", 1, WindowState.OPEN, "", "", False)


@pytest.mark.parametrize(
    ("number", "window", "said"),
    [
        ("A001", "03", "请，A零零一号，到三号窗口办理"),
        ("B120", "10", "请，B一二零号，到十号窗口办理"),
        ("C015", "12", "请，C零一五号，到十二号窗口办理"),
        ("D009", "20", "请，D零零九号，到二十号窗口办理"),
        ("A001", "35", "请，A零零一号，到三十五号窗口办理"),
        ("A001", "101", "请，A零零一号，到一百零一号窗口办理"),
        ("A001", "综合1", "请，A零零一号，到综合一窗口办理"),
    ],
)
def test_spoken(number: str, window: str, said: str) -> None:
    assert spoken(dataclasses.replace(CALL, number=number, window=window)) == said


def test_written() -> None:
    assert written(CALL) == "请 A001 到 03 号窗口"
    assert written(dataclasses.replace(CALL, window="综合1")) == "请 A001 到 综合1 窗口"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"number": "A001"}, "A001 请到本窗口"),
        ({"number": "A001", "serving": True}, "A001 正在办理"),
        ({"number": "A001", "state": WindowState.PAUSED, "pause_reason": "午休"}, "A001 请到本窗口"),
        ({"state": WindowState.PAUSED, "pause_reason": "午休"}, "暂停 午休"),
        ({"state": WindowState.PAUSED, "pause_reason": "设备检修请到隔壁窗口"}, "暂停服务"),
        ({"state": WindowState.PAUSED}, "暂停服务"),
        ({"state": WindowState.CLOSED}, "未开放"),
        ({}, "03号窗口"),
        ({"no": "３"}, "３"),
        ({"no": "综合受理一号专用窗口"}, "综合受理一号专用"),
        ({"number": "SB0001"}, "SB0001 请到"),
        ({"number": "SB0000001", "serving": True}, "SB0000001 办理"),
        ({"number": "SB0000000001", "serving": True}, "SB0000000001"),
    ],
)
def test_led_text(changes: dict[str, object], text: str) -> None:
    assert led_text(dataclasses.replace(WINDOW, **changes)) == text  # type: ignore[arg-type]


def test_led_text_of_a_window_unknown_to_the_hall() -> None:
    assert led_text(None) == "未开放"


WORDS = Words(closed="", paused="{window}号 {reason}，请到隔壁窗口办理", open="{name}")


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"number": "A001"}, "A001 请到本窗口"),
        ({"state": WindowState.CLOSED}, ""),
        ({"state": WindowState.PAUSED, "pause_reason": "午休"}, "03号 午休，请到隔壁窗口办理"),
        ({}, "综合窗口"),
    ],
)
def test_a_halls_own_words(changes: dict[str, object], text: str) -> None:
    assert led_text(dataclasses.replace(WINDOW, **changes), WORDS) == text  # type: ignore[arg-type]


def test_own_words_over_a_window_unknown_to_the_hall() -> None:
    assert led_text(None, Words(closed="{window}休息")) == "休息"


def test_brightness_by_the_hour() -> None:
    brightness = ((time(7), 100), (time(18), 40))
    told = [brightness_at(brightness, time(hour)) for hour in (0, 6, 7, 12, 18, 23)]
    assert told == [40, 40, 100, 100, 40, 40]
    assert brightness_at((), time(12)) is None


def test_the_bar_speaks_as_the_other_faces_do() -> None:
    """A word that one face changes is a word that all must change."""
    wall = (ROOT / "display/screen/parts.mjs").read_text("utf-8")
    console = (ROOT / "server/static/js/words.mjs").read_text("utf-8")
    called = led_text(dataclasses.replace(WINDOW, number="A001"))
    serving = led_text(dataclasses.replace(WINDOW, number="A001", serving=True))
    assert called.startswith("A001 请到") and "<span>请到</span>" in wall and written(CALL).startswith("请 A001 到")
    assert f'serving: ["{serving.removeprefix("A001 ")}"' in console
    assert led_text(WINDOW) == "03号窗口" and '"号窗口"' in wall
