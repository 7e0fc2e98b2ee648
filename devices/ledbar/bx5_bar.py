"""A BX-5 bar on TCP or serial: keeps the wanted text on the bar, through refusals, silence and reconnects."""

import threading
import time
from collections.abc import Callable
from contextlib import closing

from devices.base import Counters, DeviceState
from devices.driver import Driver
from devices.ledbar.bx5 import PING, STATUS, Answer, AnswerReader, Area, dynamic_area, encode, encode_text
from devices.transport import Lost, Transport, open_transport, parse_url

ANSWER_S = 1.0
TRIES = 3
POLL_S = 3.0
IDLE_S = 0.1


class Bx5Bar(Driver):
    """`devices.base.LedBar`. A text that the bar refuses makes it `FAULT` until one is accepted; it is tried again
    with every poll, for noise on the line is refused as well."""

    def __init__(
        self,
        name: str,
        url: str,
        *,
        area: Area | None = None,
        screen: int = 1,
        connect: Callable[[str, Counters], Transport] = open_transport,
    ) -> None:
        super().__init__(name, url)
        parse_url(url)
        self._area = area or Area()
        self._screen = screen
        self._connect = connect
        self._wanted: bytes | None = None
        self._shown: bytes | None = None
        self._changed = threading.Event()

    def show(self, text: str) -> None:
        """From any thread. Only the latest text counts; what GB2312 lacks is shown as "?"."""
        self._wanted = encode_text(text)
        self._changed.set()

    def _session(self, stopping: Callable[[], bool]) -> None:
        with closing(self._connect(self.url, self.counters)) as transport:
            line = _Line(transport, self._screen)
            line.ask(PING)
            self._report(DeviceState.ONLINE)
            self._shown = None  # a bar that was away may have been switched off
            self._serve(line, stopping)

    def _serve(self, line: "_Line", stopping: Callable[[], bool]) -> None:
        next_poll = time.monotonic() + POLL_S
        while not stopping():
            self._changed.clear()
            self._show_wanted(line)
            if time.monotonic() >= next_poll:
                line.ask(STATUS)
                next_poll = time.monotonic() + POLL_S
                if self._status.state is DeviceState.FAULT:
                    self._shown = None
            line.pump(0.0)
            self._changed.wait(IDLE_S)

    def _show_wanted(self, line: "_Line") -> None:
        wanted = self._wanted
        if wanted is None or wanted == self._shown:
            return
        answer = line.ask(dynamic_area(wanted, self._area, moving=not self._area.holds(wanted)))
        self._shown = wanted
        if answer.accepted:
            self._report(DeviceState.ONLINE)
        else:
            self._report(DeviceState.FAULT, frozenset({"error"}), f"text refused, error {answer.error}")


class _Line:
    def __init__(self, transport: Transport, screen: int) -> None:
        self._transport = transport
        self._screen = screen
        self._reader = AnswerReader()

    def pump(self, timeout_s: float) -> list[Answer]:
        return self._reader.feed(self._transport.read(timeout_s))

    def ask(self, request: bytes) -> Answer:
        """Send until answered; `Lost` when the bar keeps silent."""
        self.pump(0.0)  # a late answer to an earlier request is none to this one
        for _ in range(TRIES):
            self._transport.write(encode(request, self._screen))
            answer = self._await(request)
            if answer is not None:
                return answer
        raise Lost("no answer from the bar")

    def _await(self, request: bytes) -> Answer | None:
        deadline = time.monotonic() + ANSWER_S
        while (left := deadline - time.monotonic()) > 0:
            for answer in self.pump(left):
                if answer.answers(request):
                    return answer
        return None
