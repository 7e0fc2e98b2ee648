"""Several devices on one cable, as RS-485 has them: everyone hears the host, each speaks when it will."""

from firmware_stubs.lines import End, Session


class SharedLine:
    """Gives each of its `taps` what arrives; the cable is plugged while any of them is."""

    def __init__(self, end: End) -> None:
        self.end = end
        self.taps: list[Tap] = []
        end.receiver = self._arrived

    def tap(self) -> "Tap":
        self.taps.append(Tap(self))
        return self.taps[-1]

    def _arrived(self, data: bytes) -> None:
        for tap in self.taps:
            if tap.plugged:
                tap.receiver(data)


class Tap(End):
    """One device's own wires. Pulled out, the others stay on the line; the last one takes the line along."""

    def __init__(self, line: SharedLine) -> None:
        super().__init__()
        self._line = line
        self._plugged = False
        self.transport = line.end.transport

    @property
    def address(self) -> str:
        return self._line.end.address

    @property
    def plugged(self) -> bool:
        return self._plugged

    def plug(self) -> None:
        self._plugged = True
        self._line.end.plug()

    def unplug(self) -> None:
        self._plugged = False
        if not any(tap.plugged for tap in self._line.taps):
            self._line.end.unplug()

    def stop(self) -> None:
        self._plugged = False
        if not any(tap.plugged for tap in self._line.taps):
            self._line.end.stop()

    def send(self, data: bytes) -> None:
        if self._plugged:
            self._line.end.send(data)

    def _open(self) -> Session:
        raise NotImplementedError("a tap has no session of its own")
