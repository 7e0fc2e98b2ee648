"""Faults on a switch: what may be switched, and how a value is read."""

import json
from collections.abc import Callable, Mapping

from firmware_stubs.refusal import RefusedError

FaultValue = bool | float
"""False or 0 is off."""

Reader = Callable[[object], FaultValue]


def switch(value: object) -> FaultValue:
    """On or off."""
    if not isinstance(value, bool):
        raise RefusedError("该故障的值只能是 true 或 false。", "This fault takes true or false.")
    return value


def share(value: object) -> FaultValue:
    """A probability between 0 and 1."""
    number = _number(value)
    if not 0 <= number <= 1:
        raise RefusedError("该故障的值须在 0 到 1 之间。", "This fault takes a number from 0 to 1.")
    return number


def rate(value: object) -> FaultValue:
    """Bytes per second; 0 is off."""
    number = _number(value)
    if not 0 <= number <= 1e9:
        raise RefusedError("速率须为 0 或正数（字节/秒）。", "The rate must be 0 or more, in bytes per second.")
    return number


def seconds(value: object) -> FaultValue:
    """A delay; 0 is off."""
    number = _number(value)
    if not 0 <= number <= 60:
        raise RefusedError("延迟须在 0 到 60 秒之间。", "A delay is from 0 to 60 seconds.")
    return number


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RefusedError("该故障的值须为数字。", "This fault takes a number.")
    return float(value)


LINE_FAULTS: Mapping[str, Reader] = {
    **dict.fromkeys(("unplug", "garbage", "duplicate", "half", "wrong_baud"), switch),
    "loss": share,
    "delay": seconds,
}
"""What may befall any cable, whatever hangs on it. A kind of device adds its own."""


def misread(data: bytes) -> bytes:
    """What a receiver at another baud rate makes of it: wrong bytes, and fewer. The same each time."""
    return bytes((byte << 1 & 0xFF) ^ 0xE1 for n, byte in enumerate(data) if n % 3 != 2)


def read_fault(known: Mapping[str, Reader], name: object, value: object) -> tuple[str, FaultValue]:
    """Check one fault against those a device has; `False` switches any of them off."""
    if not isinstance(name, str) or name not in known:
        names = ", ".join(sorted(known))
        raise RefusedError(f"没有这个故障；可用：{names}。", f"No such fault; there are: {names}.")
    return name, False if value is False else known[name](value)


def split_option(option: str) -> tuple[str, object]:
    """`paper_out` or `slow=960` from a command line. The value is read as JSON."""
    name, equals, text = option.partition("=")
    if not equals:
        return name, True
    try:
        return name, json.loads(text)
    except ValueError:
        raise RefusedError(
            f"故障 {name} 的值无法识别：{text}", f"The value of fault {name} is not readable: {text}"
        ) from None
