"""The bar: a BX-5 controller and the row of dots it drives."""

import re
import threading
from collections.abc import Mapping
from typing import ClassVar

from firmware_stubs.bytelog import ByteLog
from firmware_stubs.device import Device
from firmware_stubs.faults import Reader, rate, share, switch
from firmware_stubs.ledbar import bx5
from firmware_stubs.ledbar.picture import Colour, png
from firmware_stubs.lines import End

NO_REPLY = 0x02
ANY_SCREEN, ALL_SCREENS = 0xFFFE, 0xFFFF
"""Whoever is alone on its line hears the one; the other is for all, and nobody answers it."""
SETTINGS = re.compile(r"\\(?:F[OEK]\d{3}|C(\d)|n)")
"""What the controller itself reads out of the text: font, colour, new line."""
COLOURS: dict[str, Colour] = {"1": "red", "2": "green", "3": "amber"}


class LedBarStub(Device):
    """Shows what the last valid frames said; an unplugged controller keeps its text. On a line with neighbours it
    says nothing to broken frames, which may have been for them."""

    kind = "ledbar"
    FAULTS: ClassVar[Mapping[str, Reader]] = {
        **dict.fromkeys(("unplug", "mute", "noise", "garbage", "refuse"), switch),
        "loss": share,
        "delay": rate,  # seconds
    }

    def __init__(
        self, end: End, *, address: int = 1, alone: bool = True, seed: int = 0, log: ByteLog | None = None
    ) -> None:
        super().__init__(end, seed=seed, log=log)
        self._address = address
        self._alone = alone
        self._decoder = bx5.Decoder()
        self._areas: dict[int, str] = {}

    @property
    def text(self) -> str:
        """What a citizen reads, areas in order of their number."""
        with self._lock:
            return " ".join(SETTINGS.sub("", self._areas[n]) for n in sorted(self._areas)).strip()

    @property
    def colour(self) -> Colour:
        """The first that any text asks for; the whole bar is drawn in it."""
        with self._lock:
            named = [match[1] for text in self._areas.values() for match in SETTINGS.finditer(text) if match[1]]
            return COLOURS.get(named[0], "red") if named else "red"

    def png(self) -> bytes:
        return png(self.text, self.colour)

    def state(self) -> dict[str, object]:
        return self._common() | {"address": self._address, "text": self.text, "colour": self.colour}

    def _receive(self, data: bytes) -> None:
        for found in self._decoder.feed(data):
            if not isinstance(found, bx5.Frame):
                self._refuse_bad(found)
            elif self._is_for_us(found):
                self._hear(found)
            self.on_change()

    def _is_for_us(self, frame: bx5.Frame) -> bool:
        ours = (self._address, ALL_SCREENS, *([ANY_SCREEN] if self._alone else []))
        return frame.destination in ours and not self._lost()

    def _hear(self, frame: bx5.Frame) -> None:
        self.counters["frames_ok"] += 1
        reply = refusal(bx5.NO_SUCH_COMMAND) if self.fault("refuse") else self._obey(frame.data)
        if frame.data[2:3] != bytes((NO_REPLY,)) and frame.destination != ALL_SCREENS:
            self._answer(frame.reply(reply).encode())

    def _refuse_bad(self, error: bx5.BadFrameError) -> None:
        """Nobody knows who sent a broken frame, so the refusal goes to the usual host address."""
        self.counters["frames_bad"] += 1
        self._log.note(self.end.address, f"? {error}")
        if self._alone:
            self._answer(bx5.Frame(0x8000, self._address, refusal(bx5.BAD_CHECKSUM)).encode())

    def _answer(self, frame: bytes) -> None:
        if self.fault("mute"):
            return
        if delay := float(self.fault("delay")):
            late = threading.Timer(delay, self._send, (frame,))
            late.daemon = True
            late.start()
        else:
            self._send(frame)

    def _obey(self, data: bytes) -> bytes:
        """Carry out one command; the data of the reply."""
        match data[:2]:
            case b"\xa2\x00":
                return ACK
            case b"\xa1\x02":
                return b"\xa1\x02\x00\x00\x00" + bytes((1, len(self._areas)))
            case b"\xa3\x10":
                return self._clear()
            case b"\xa3\x06":
                return self._update(data[5:])
            case _:
                self.counters["unknown_commands"] += 1
                return refusal(bx5.NO_SUCH_COMMAND)

    def _clear(self) -> bytes:
        with self._lock:
            self._areas.clear()
        return ACK

    def _update(self, data: bytes) -> bytes:
        try:
            update = bx5.parse_update(data)
        except bx5.BadFrameError as error:
            self.counters["malformed"] += 1
            self._log.note(self.end.address, f"? A3 06: {error}")
            return refusal(bx5.NO_SUCH_COMMAND)
        with self._lock:
            for number in list(self._areas) if update.remove is None else update.remove:
                self._areas.pop(number, None)
            for area in update.areas:
                self._areas[area.number] = area.text.decode("gbk", "replace")
        return ACK


ACK = b"\xa0\x00\x00\x00\x00"


def refusal(error: int) -> bytes:
    return bytes((0xA0, 0x01, error, 0, 0))
