"""An evaluator on a serial line or a serial server: acknowledge, report each press once, prompt and thank."""

import queue
import time
from collections import deque
from collections.abc import Callable
from contextlib import closing

import structlog

from devices.base import Counters, DeviceState, Press, PressListener
from devices.driver import Driver
from devices.evaluator.frames import Frame, FrameReader
from devices.evaluator.keys import Debounce
from devices.evaluator.listening import tell
from devices.evaluator.profile import SerialProfile, Template
from devices.transport import Transport, open_transport, parse_url

log = structlog.get_logger(__name__)

READ_S = 0.1
MOST_ECHOES = 8
ECHO_S = 0.3  # two-wire RS-485 adapters give back what was sent; a pad may repeat our frame as its answer


class SerialEvaluator(Driver):
    """`devices.base.Evaluator`. `on_press` is called in the driver's thread and should return soon.

    These pads have no heartbeat: online means that the line is open.
    """

    def __init__(
        self,
        name: str,
        url: str,
        profile: SerialProfile,
        on_press: PressListener,
        *,
        address: int = 1,
        connect: Callable[[str, Counters], Transport] = open_transport,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(name, url)
        parse_url(url)
        self._profile = profile
        self._on_press = on_press
        self._address = address
        self._connect = connect
        self._clock = clock
        self._wishes: queue.SimpleQueue[tuple[Template, ...]] = queue.SimpleQueue()
        self._debounce = Debounce(profile.debounce_s)
        self._sent: deque[tuple[Frame, float]] = deque(maxlen=MOST_ECHOES)

    def prompt(self) -> None:
        self._wish(self._profile.prompt)

    def thank(self) -> None:
        self._wish(self._profile.thanks)

    def _wish(self, templates: tuple[Template, ...]) -> None:
        if self._status.state is DeviceState.ONLINE:
            self._wishes.put(templates)

    def _session(self, stopping: Callable[[], bool]) -> None:
        with closing(self._connect(self.url, self.counters)) as transport:
            self._drop_old_wishes()
            self._report(DeviceState.ONLINE)
            self._serve(transport, stopping)

    def _drop_old_wishes(self) -> None:
        """A prompt from before the loss would ask the wrong person."""
        while not self._wishes.empty():
            self._wishes.get()

    def _serve(self, transport: Transport, stopping: Callable[[], bool]) -> None:
        reader = FrameReader(self._profile.framing)
        last_byte = self._clock()
        while not stopping():
            while not self._wishes.empty():
                self._send(transport, self._wishes.get())
            data = transport.read(READ_S)
            if data:
                last_byte = self._clock()
            silent = self._clock() - last_byte > self._profile.gap_s
            for frame in reader.gap() if silent else reader.feed(data):
                self._take(transport, frame)

    def _take(self, transport: Transport, frame: Frame) -> None:
        if frame.address != self._address or self._is_echo(frame):
            return
        if frame.command == self._profile.rating_command:
            self._rating(transport, frame)
        elif frame.command == self._profile.key_command:
            self._send(transport, self._profile.key_ack, frame.data)
        else:
            log.info("frame not understood", device=self.name, command=frame.command, data=frame.data.hex())

    def _rating(self, transport: Transport, frame: Frame) -> None:
        """Acknowledge also what was heard before: the pad repeats itself because it missed the answer."""
        label = self._profile.labels.get(frame.data[0]) if frame.data else None
        if label is None:
            log.warning("rating value not in the profile", device=self.name, data=frame.data.hex())
            return
        repeated = self._debounce.repeated(frame, self._clock())
        if not repeated:
            tell(self._on_press, Press(label, self._profile.framing.encode(frame)), self.name)
        self._send(transport, self._profile.rating_ack, frame.data)

    def _is_echo(self, frame: Frame) -> bool:
        since = self._clock() - ECHO_S
        for sent in self._sent:
            if sent[0] == frame and sent[1] > since:
                self._sent.remove(sent)  # each frame comes back once; a second one is the pad's own
                return True
        return False

    def _send(self, transport: Transport, templates: tuple[Template, ...], answered: bytes = b"") -> None:
        for template in templates:
            frame = template.frame(self._address, answered)
            self._sent.append((frame, self._clock()))
            transport.write(self._profile.framing.encode(frame))
