"""Evaluators (评价器) and call pads (呼叫器): the buttons at a window.

`open_evaluator` makes the driver for a URL and a profile; either kind of device is the same thing here, and one
device may be both.
"""

from pathlib import Path

from devices.base import PressListener
from devices.evaluator.keyboard import KeyboardEvaluator
from devices.evaluator.pad import LinePad
from devices.evaluator.profile import KeyboardProfile, LineProfile, load_profile
from devices.input_device import SCHEME
from devices.setting_error import SettingError

REPORTS = "hidraw:"

AnyPad = LinePad | KeyboardEvaluator


def open_evaluator(
    name: str,
    url: str,
    profile: str,
    on_press: PressListener,
    *,
    address: int = 1,
    folder: Path | None = None,
) -> AnyPad:
    """Make, not yet connect, an evaluator or call pad.

    `profile` is a name in the hall's own `folder`, a shipped name, or a .toml path; `address` is the pad's own on
    its line. What it returns may run alone, or several `LinePad` of one URL on a `devices.bus.Bus`. Raises
    `SettingError` when URL or profile is wrong or they do not go together.
    """
    loaded = load_profile(profile, folder)
    match loaded:
        case KeyboardProfile() if url.startswith(SCHEME):
            return KeyboardEvaluator(name, url, loaded, on_press)
        case LineProfile() if _goes_with(url, loaded):
            return LinePad(name, url, loaded, on_press, address=address)
    raise SettingError(
        f"评价器“{name}”的地址 {url} 与配置 {profile} 不是同一类设备",
        f"Evaluator {name!r}: URL {url} and profile {profile!r} are of different kinds",
    )


def _goes_with(url: str, profile: LineProfile) -> bool:
    return not url.startswith(SCHEME) and url.startswith(REPORTS) == (profile.framing is None)
