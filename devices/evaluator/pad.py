"""An evaluator or call pad on a line: acknowledge, report each press once, prompt, thank and show numbers."""

import queue
from collections import deque
from collections.abc import Callable, Iterable

import structlog

from devices.base import DeviceState, Press, PressListener
from devices.bus import Member, Outgoing
from devices.evaluator.framing import Frame, FrameReader
from devices.evaluator.keys import Debounce
from devices.evaluator.profile import LineProfile
from devices.evaluator.rules import MOST_SHOWN, Rule, Template, first_fitting, shown
from devices.listening import tell
from devices.setting_error import SettingError

log = structlog.get_logger(__name__)

MOST_ECHOES = 8
ECHO_S = 0.3  # two-wire RS-485 adapters give back what was sent; a pad may repeat our frame as its answer
SILENT = "没有应答 / does not answer"


class LinePad(Member):
    """`devices.base.Evaluator`, and the display of a call pad. `on_press` is called in the bus's thread.

    Without poll or heartbeat in the profile, online means that the line is open. Raises `SettingError` when `address`
    does not fit the profile's frames.
    """

    def __init__(
        self, name: str, url: str, profile: LineProfile, on_press: PressListener, *, address: int = 1
    ) -> None:
        super().__init__(name, url)
        self.turnround_s = profile.turnround_s
        self._profile = profile
        self._on_press = on_press
        self._address = address
        self._wishes: queue.SimpleQueue[tuple[Template, ...]] = queue.SimpleQueue()
        self._number: int | None = None
        self._waiting: int | None = None
        self._shown: list[tuple[str, int]] = []
        self._sent: deque[tuple[bytes, float]] = deque(maxlen=MOST_ECHOES)
        self._debounce = Debounce()
        self.on_bytes: Callable[[bytes], None] | None = None
        """Told of all that is heard, also of what is not understood; of a line that others share, `on_frame` is for
        this pad's own."""
        self.on_frame: Callable[[bytes], None] | None = None
        self._start(0.0)
        if profile.framing and profile.has_address:
            try:
                profile.framing.encode({"address": address}, bytes(1))
            except ValueError:
                zh, en = "写不进这种设备的帧", "does not fit the frames of this make"
                raise SettingError(f"地址 {address} {zh}", f"address {address} {en}") from None

    @property
    def mute(self) -> bool:
        """A healthy one may say nothing for ever, and cannot be asked: that it is online says only that the line is
        open."""
        return not self._must_speak_within()

    @property
    def lights(self) -> bool:
        """Whether its profile has anything to send for a prompt or thanks."""
        return any(self._profile.said[name] for name in ("prompt", "voice", "thanks", "stars"))

    # -- what others ask for, from any thread

    def prompt(self) -> None:
        self._wish(self._profile.said["prompt"] + self._profile.said["voice"])

    def thank(self) -> None:
        self._wish(self._profile.said["thanks"] + self._profile.said["stars"])

    def show_number(self, number: str) -> None:
        """Show a ticket's number, as far as digits can; kept, and shown again when the pad is back. "": nobody's."""
        self._number = shown(number) if number else None

    def show_waiting(self, count: int) -> None:
        """Show how many wait, at most 999; kept as the number is."""
        self._waiting = min(count, MOST_SHOWN)

    def _wish(self, templates: tuple[Template, ...]) -> None:
        if self._status.state is DeviceState.ONLINE:
            self._wishes.put(templates)

    # -- devices.bus.Member

    def opened(self, at: float) -> None:
        self._start(at)
        while not self._wishes.empty():  # a prompt from before the loss would ask the wrong person
            self._wishes.get()
        if not self._must_speak_within():
            self._report(DeviceState.ONLINE)

    def _start(self, at: float) -> None:
        framing = self._profile.framing
        self._reader = FrameReader(framing) if framing else None
        self._last_byte = self._last_heard = at
        self._next_poll = at
        self._sent.clear()
        self._shown.clear()

    def feed(self, data: bytes, at: float) -> Iterable[Outgoing]:
        if data and self.on_bytes:
            self.on_bytes(data)
        frames = self._frames(data, at)
        return [Outgoing(answer) for frame in frames for answer in self._take(frame, at)]

    def due(self, at: float) -> Iterable[Outgoing]:
        out = list(self._polls(at))
        self._notice_silence(at)
        while not self._wishes.empty():
            out += self._outgoing(self._wishes.get(), at)
        if self._status.state is DeviceState.ONLINE:
            out += self._changes_to_show(at)
        return out

    # -- hearing

    def _frames(self, data: bytes, at: float) -> list[Frame]:
        if data:
            self._last_byte = at
        if self._reader is None:
            return [Frame({}, data, data)] if data else []
        silent = at - self._last_byte > self._profile.silence_s
        before = self._reader.resyncs
        frames = self._reader.silence() if silent else self._reader.feed(data)
        self.counters.resyncs += self._reader.resyncs - before
        return frames

    def _take(self, frame: Frame, at: float) -> Iterable[bytes]:
        if frame.numbers.get("address", self._address) != self._address or self._is_echo(frame, at):
            return ()
        if self.on_frame:
            self.on_frame(frame.raw)
        self._heard(frame, at)
        rule = first_fitting(self._profile.rules, frame)
        if rule is None:
            log.info("frame not understood", device=self.name, frame=frame.raw.hex())
            return ()
        return self._obey(rule, frame, at)

    def _heard(self, frame: Frame, at: float) -> None:
        self.counters.frames += 1
        self.counters.bytes_in += len(frame.raw)
        self.counters.last_seen = self._last_heard = at
        if self._status.state is not DeviceState.ONLINE:
            self._report(DeviceState.ONLINE)

    def _obey(self, rule: Rule, frame: Frame, at: float) -> Iterable[bytes]:
        """Answer also what was heard before: the pad repeats itself because it missed the answer."""
        word = rule.word(frame)
        if word and not self._debounce.repeated(frame.raw, at, rule.debounce_s):
            tell(self._on_press, Press(word, frame.raw), self.name, label=word, raw=frame.raw.hex())
        if self._profile.framing is None:
            return ()
        return [self._noted(answer, at) for answer in rule.answers(self._profile.framing, self._address, frame)]

    def _is_echo(self, frame: Frame, at: float) -> bool:
        for sent in self._sent:
            if sent[0] == frame.raw and at - sent[1] < ECHO_S:
                self._sent.remove(sent)  # each frame comes back once; a second one is the pad's own
                return True
        return False

    # -- speaking

    def _polls(self, at: float) -> Iterable[Outgoing]:
        poll = self._profile.poll
        if poll is None or at < self._next_poll:
            return ()
        self._next_poll = at + poll.period_s
        return self._outgoing(poll.send, at, answer_s=poll.answer_s)

    def _changes_to_show(self, at: float) -> list[Outgoing]:
        """All of it when any has changed, the number last: many makes have one row of digits for both."""
        wanted = [(name, n) for name, n in (("waiting", self._waiting), ("number", self._number)) if n is not None]
        if wanted == self._shown:
            return []
        self._shown = wanted
        return [out for name, value in wanted for out in self._outgoing(self._profile.said[name], at, value)]

    def _outgoing(
        self, templates: Iterable[Template], at: float, value: int = 0, answer_s: float = 0.0
    ) -> list[Outgoing]:
        framing = self._profile.framing
        if framing is None:
            return []
        said = (template.said(framing, self._address, value=value) for template in templates)
        return [Outgoing(self._noted(one, at), answer_s) for one in said]

    def _noted(self, said: bytes, at: float) -> bytes:
        self._sent.append((said, at))
        self.counters.bytes_out += len(said)
        return said

    # -- whether it is there

    def _must_speak_within(self) -> float:
        """The longest silence of a healthy device; 0 when it may be silent for ever."""
        poll = self._profile.poll
        return poll.period_s * poll.misses if poll else self._profile.heartbeat_s

    def _notice_silence(self, at: float) -> None:
        within = self._must_speak_within()
        if within and at - self._last_heard > within and self._status.state is not DeviceState.ABSENT:
            self._shown.clear()
            self._report(DeviceState.ABSENT, detail=SILENT)
