"""A USB HID number pad made with /dev/uinput: real key events through the real kernel."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from firmware_stubs.refusal import RefusedError

UINPUT = Path("/dev/uinput")
DIGITS = "0123456789"
RATINGS = {"satisfied": "1", "basically_satisfied": "2", "dissatisfied": "3"}
HOLD_S = 0.03


class NoUinputError(RefusedError):
    """This machine, or this user, cannot make virtual input devices."""


class KeypadStub:
    """There while it runs; `press` takes a digit, "enter" or a rating's name."""

    kind = "keypad"
    KEYS = (*RATINGS, *DIGITS, "enter")

    def __init__(self) -> None:
        if not UINPUT.exists():
            raise NoUinputError(
                "本机没有 /dev/uinput（内核模块 uinput 未加载），无法模拟 USB 键盘。",
                "No /dev/uinput (kernel module uinput not loaded): no USB keypad can be simulated.",
            )
        self.on_change: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._counters: Counter[str] = Counter()
        self._device = created_device()

    def start(self) -> None:
        """Nothing to do: the kernel shows the pad from its creation on."""

    def stop(self) -> None:
        self._device.close()

    @property
    def path(self) -> str:
        """The event device that a host opens."""
        return str(self._device.device.path)

    def state(self) -> dict[str, object]:
        keys, counters = list(self.KEYS), dict(self._counters)
        return {"kind": self.kind, "evdev": self.path, "faults": {}, "keys": keys, "counters": counters}

    def set_fault(self, name: str, value: object = True) -> None:
        raise RefusedError("键盘没有可切换的故障。", "The keypad has no faults to switch.")

    def press(self, key: str) -> None:
        if key not in self.KEYS:
            keys = ", ".join(self.KEYS)
            raise RefusedError(f"没有这个按键；可用：{keys}。", f"No such key; there are: {keys}.")
        with self._lock:
            strike(self._device, RATINGS.get(key, key))
            self._counters["presses"] += 1
        self.on_change()


def created_device() -> Any:
    """The pad in the kernel; evdev ships no types."""
    from evdev import UInput, ecodes

    keys = [getattr(ecodes, f"KEY_{digit}") for digit in DIGITS] + [ecodes.KEY_ENTER]
    try:
        return UInput({ecodes.EV_KEY: keys}, name="Jiaohao virtual keypad")
    except OSError as error:
        raise NoUinputError(
            f"无法打开 /dev/uinput：{error}（通常需要 root 权限）。",
            f"Cannot open /dev/uinput: {error} (root is usually needed).",
        ) from None


def strike(device: Any, name: str) -> None:
    """Down and up, as long apart as a finger's tap."""
    from evdev import ecodes

    for value in (1, 0):
        device.write(ecodes.EV_KEY, getattr(ecodes, f"KEY_{name.upper()}"), value)
        device.syn()
        time.sleep(HOLD_S)
