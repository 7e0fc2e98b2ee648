"""Evaluators (评价器): the buttons at a window. `open_evaluator` makes the driver for a URL and a profile."""

from devices.base import PressListener
from devices.evaluator.keyboard import SCHEME, KeyboardEvaluator
from devices.evaluator.profile import KeyboardProfile, SerialProfile, load_profile
from devices.evaluator.serial_line import SerialEvaluator


def open_evaluator(
    name: str,
    url: str,
    profile: str,
    on_press: PressListener,
    *,
    address: int = 1,
) -> SerialEvaluator | KeyboardEvaluator:
    """Make, not yet connect, an evaluator. `profile` is a shipped name or a .toml path; `address` is the
    pad's own on its line. Raises `ValueError` when URL or profile is wrong or they do not go together."""
    match load_profile(profile):
        case KeyboardProfile() as keyboard if url.startswith(SCHEME):
            return KeyboardEvaluator(name, url, keyboard, on_press)
        case SerialProfile() as serial if not url.startswith(SCHEME):
            return SerialEvaluator(name, url, serial, on_press, address=address)
    raise ValueError(
        f"评价器“{name}”的地址 {url} 与配置 {profile} 不是同一类设备。"
        f" Evaluator {name!r}: URL {url} and profile {profile!r} are of different kinds."
    )
