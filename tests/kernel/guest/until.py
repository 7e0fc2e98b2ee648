"""Waiting for what the kernel does in its own time: in software emulation a replug may take seconds."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PATIENCE_S = 20.0


def until(condition: Callable[[], T], what: str) -> T:
    """The first true value of `condition`; fails with `what` when none comes."""
    deadline = time.monotonic() + PATIENCE_S
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {PATIENCE_S:g} s: {what}"
        time.sleep(0.02)
    return value
