"""LED bars over the windows: BX-5 controllers and simple text bars, alone or several on one line."""

from collections.abc import Sequence

from firmware_stubs.bytelog import ByteLog
from firmware_stubs.ledbar.bar import LedBarStub
from firmware_stubs.ledbar.line import Line, Tap
from firmware_stubs.ledbar.text import TextBarStub
from firmware_stubs.lines import End

__all__ = ["PROFILES", "LedBarStub", "TextBarStub", "bars_on"]

PROFILES = ("bx5", "text_sum8", "text_at_cr")


def bars_on(
    end: End, addresses: Sequence[int] = (1,), profile: str = "bx5", *, seed: int = 0, log: ByteLog | None = None
) -> list[LedBarStub]:
    """A bar for each address; several share the end as one line. Each has its own dice, all from one seed."""
    if len(addresses) == 1:
        return [_bar(profile, end, addresses[0], alone=True, seed=seed, log=log)]
    line = Line(end)
    return [
        _bar(profile, Tap(line), address, alone=False, seed=seed + nth, log=log)
        for nth, address in enumerate(addresses)
    ]


def _bar(profile: str, end: End, address: int, *, alone: bool, seed: int, log: ByteLog | None) -> LedBarStub:
    if profile == "bx5":
        return LedBarStub(end, address=address, alone=alone, seed=seed, log=log)
    return TextBarStub(end, address=address, alone=alone, summed=profile == "text_sum8", seed=seed, log=log)
