"""Several pads on one cable, as RS-485 has them."""

from collections.abc import Sequence

from firmware_stubs.bytelog import ByteLog
from firmware_stubs.evaluator.pad import EvaluatorStub
from firmware_stubs.ledbar.line import Line, Tap
from firmware_stubs.lines import End


class PadTap(Tap):
    """Pads speak when they are pressed, two at once if it so happens, and take no notice of each other."""

    def send(self, data: bytes) -> None:
        if self.plugged:
            self._line.end.send(data)


def pads_on(
    end: End, addresses: Sequence[int], profile: str = "ff68", *, seed: int = 0, log: ByteLog | None = None
) -> list[EvaluatorStub]:
    """One pad for each address; each has its own dice, all from one seed."""
    line = Line(end) if len(addresses) > 1 else None
    return [
        EvaluatorStub(PadTap(line) if line else end, profile=profile, address=address, seed=seed + place, log=log)
        for place, address in enumerate(addresses)
    ]
