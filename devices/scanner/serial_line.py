"""A scanner on a serial line, or on USB as a serial port (ttyACM)."""

import time
from collections.abc import Callable
from contextlib import closing

from devices.base import Counters, DeviceState, ScanListener
from devices.driver import Driver
from devices.listening import tell
from devices.scanner.text import GAP, LINE, ScannedText
from devices.transport import Transport, open_transport, parse_url

READ_S = 0.2
SILENCE_S = {GAP: 0.2, LINE: 1.0}
"""A serial server may hold back half a scan for a while; where nothing else ends a scan, waiting longer is felt."""


class SerialScanner(Driver):
    """`devices.base.Scanner`. These say nothing of themselves: online means that the line is open."""

    def __init__(
        self,
        name: str,
        url: str,
        on_scan: ScanListener,
        *,
        end: str = LINE,
        connect: Callable[[str, Counters], Transport] = open_transport,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(name, url)
        parse_url(url)
        self._on_scan = on_scan
        self._end = end
        self._connect = connect
        self._clock = clock

    def _session(self, stopping: Callable[[], bool]) -> None:
        with closing(self._connect(self.url, self.counters)) as transport:
            self._report(DeviceState.ONLINE)
            self._serve(transport, stopping)

    def _serve(self, transport: Transport, stopping: Callable[[], bool]) -> None:
        text = ScannedText(self._end)
        dropped_before, last = self.counters.resyncs, self._clock()
        while not stopping():
            if data := transport.read(min(READ_S, SILENCE_S[self._end])):
                last, scans = self._clock(), text.feed(data)
            else:
                scans = text.silence() if self._clock() - last > SILENCE_S[self._end] else []
            self.counters.resyncs = dropped_before + text.dropped
            for scan in scans:
                self.counters.frames += 1
                tell(self._on_scan, scan, self.name)
