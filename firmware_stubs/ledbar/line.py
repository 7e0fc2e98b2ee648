"""One RS-485 line with several bars on it: each hears all that is said, and answers for itself."""

from firmware_stubs.lines import End, Session


class Line:
    """The cable. It is there as long as one of its bars is plugged in."""

    def __init__(self, end: End) -> None:
        self.end = end
        self.taps: list[Tap] = []
        end.receiver = self._arrived

    def _arrived(self, data: bytes) -> None:
        self.spread(data, None)

    def spread(self, data: bytes, sender: "Tap | None") -> None:
        for tap in self.taps:
            if tap.plugged and tap is not sender:
                tap.receiver(data)


class Tap(End):
    """Where one bar is connected. Unplugging it leaves the others on the line."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self.transport = line.end.transport
        self._line = line
        self._in = False
        line.taps.append(self)

    @property
    def address(self) -> str:
        return self._line.end.address

    @property
    def plugged(self) -> bool:
        return self._in

    def plug(self) -> None:
        self._in = True
        self._line.end.plug()

    def unplug(self) -> None:
        self._in = False
        if not any(tap.plugged for tap in self._line.taps):
            self._line.end.unplug()

    def stop(self) -> None:
        self._in = False
        if not any(tap.plugged for tap in self._line.taps):
            self._line.end.stop()

    def send(self, data: bytes) -> None:
        if self._in:
            self._line.end.send(data)
            self._line.spread(data, self)

    def _open(self) -> Session:
        raise AssertionError("the line has the session")
