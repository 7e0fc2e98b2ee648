"""The voice of one machine: its clips, who speaks them, how loud. Pages ask it, the agent tells it."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from devices.base import Counters, DeviceState, DeviceStatus
from display.announce import clips, number_clips, window_clip
from display.config import VoiceSettings
from display.led import brightness_at
from display.voice.cache import Cache
from display.voice.clips import NO_KOKORO, WHY, Clips
from display.voice.election import Ask, Election, Speaker
from display.voice.engines import Engine, Espeak, Recordings
from display.voice.kokoro import Kokoro
from server.contract.board import Board

KIND = "voice"
MAX_TEXT = 60


@dataclass(frozen=True)
class ZoneVoice:
    """`page` speaks for `zone`; `said`: the seq of the last call that it said or passed over."""

    zone: str
    page: str
    said: int


@dataclass(frozen=True)
class VoiceState:
    """What the pages need to know. `words`: there are clips, else a call is chimed only. `volume` in percent."""

    words: bool
    volume: int
    repeats: int
    pause_ms: int
    zones: tuple[ZoneVoice, ...]


class Voice:
    """Safe from any thread. In health reports it is a device called "voice"."""

    name = KIND

    def __init__(self, settings: VoiceSettings) -> None:
        self._settings = settings
        self._engines = open_engines(settings)
        self._clips = Clips(self._engines, Cache(settings.cache, settings.cache_mb * 1_000_000))
        self._lock = threading.Lock()
        self._election = Election(settings.zones)
        self._known: frozenset[str] = frozenset()
        self.counters = Counters()

    @property
    def clips(self) -> Clips:
        return self._clips

    def start(self) -> None:
        self._clips.start()

    def stop(self) -> None:
        self._clips.stop()

    def show(self, board: Board) -> None:
        """Have made what this board lets expect; calls before all else, the newest first."""
        if not self._engines:
            return
        called = [text for call in board.calls for text in clips(call)]
        expected = [*texts(board)]
        self._clips.want(text for text in expected if text not in self._known)
        self._clips.want((text for text in called if text not in self._known), urgent=True)
        self._known = frozenset([*called, *expected])

    def issued(self, number: str) -> None:
        """Long before it is called."""
        if self._engines:
            self._clips.want(number_clips(number))

    def clip(self, text: str) -> bytes | None:
        """The WAV of a clip that was made beforehand. One that was lost since, or that a preferred engine can say by
        now, is made anew, for the next time."""
        data = self._clips.get(text) if len(text) <= MAX_TEXT else None
        if text in self._known:
            self._clips.want([text], urgent=data is None)
        return data

    def stands_in(self, text: str) -> bool:
        """Whether that clip is only for now, and a better one comes."""
        return self._clips.stands_in(text)

    def ask(self, ask: Ask) -> Speaker:
        """A page asks whether it may speak."""
        with self._lock:
            return self._election.ask(ask, time.monotonic())

    def state(self, hall_time: datetime | None) -> VoiceState:
        with self._lock:
            speakers = self._election.speakers(time.monotonic())
        volume = brightness_at(self._settings.volume, hall_time.time()) if hall_time else None
        return VoiceState(
            words=bool(self._engines),
            volume=100 if volume is None else volume,
            repeats=self._settings.repeats,
            pause_ms=self._settings.pause_ms,
            zones=tuple(ZoneVoice(one.zone, one.page, one.said) for one in speakers),
        )

    @property
    def status(self) -> DeviceStatus:
        fault = self._clips.fault
        if fault:
            return DeviceStatus(DeviceState.FAULT, frozenset({fault}), WHY[fault])
        problem = next((one.problem for one in self._engines if isinstance(one, Kokoro)), "")
        if problem:
            return DeviceStatus(DeviceState.FAULT, frozenset({NO_KOKORO}), problem)
        return DeviceStatus(DeviceState.ONLINE)


def open_engines(settings: VoiceSettings) -> tuple[Engine, ...]:
    """Those that the settings name, the preferred first, whether they work or not."""
    recordings = [Recordings(settings.recordings)] if settings.recordings else []
    kokoro = [Kokoro(settings.kokoro)] if settings.kokoro else []
    return (*recordings, *kokoro, *([Espeak()] if settings.engine == Espeak.name else []))


def texts(board: Board) -> Iterator[str]:
    """The clips that the next calls of a hall will need, as far as its board tells."""
    for window in board.windows:
        yield window_clip(window.no)
    for queue in board.queues:
        yield number_clips(queue.code)[0]
        for number in queue.order:
            yield from number_clips(number)
    for window in board.windows:
        if window.number:
            yield from number_clips(window.number)
