"""Key presses of an evaluator that is a keyboard. No I/O; times come from the caller."""

from collections.abc import Mapping

from devices.base import Press

_KEYPAD = (*range(71, 74), *range(75, 78), *range(79, 83))  # 7 8 9, 4 5 6, 1 2 3 0
# Codes of linux/input-event-codes.h, which never change: digits, keypad and F-keys.
KEY_CODES = {
    **{f"KEY_{digit}": code for code, digit in enumerate("1234567890", start=2)},
    **{f"KEY_KP{digit}": code for code, digit in zip(_KEYPAD, "7894561230", strict=True)},
    **{f"KEY_F{number}": 58 + number for number in range(1, 11)},
    "KEY_F11": 87,
    "KEY_F12": 88,
}

_DOWN = 1  # 0 is up, 2 is the kernel repeating a key that is held


class Debounce:
    """The same thing again within a time is one press that bounced, was sent twice, or is a key that is held."""

    def __init__(self) -> None:
        self._last: tuple[object, float] | None = None

    def repeated(self, what: object, at: float, within_s: float) -> bool:
        last, self._last = self._last, (what, at)
        return last is not None and last[0] == what and at - last[1] < within_s


class KeyPresses:
    def __init__(self, words: Mapping[int, str], debounce_s: float) -> None:
        self._words = words
        self._debounce = Debounce()
        self._debounce_s = debounce_s

    def feed(self, code: int, value: int, at: float) -> Press | None:
        """One EV_KEY event at the monotonic time `at` (seconds); a `Press` when it is one."""
        word = self._words.get(code)
        if word is None or value != _DOWN or self._debounce.repeated(code, at, self._debounce_s):
            return None
        return Press(word, code.to_bytes(2, "big"))
