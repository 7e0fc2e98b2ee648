"""The LED bars of this machine while they work: each shows what stands over its window. A line goes on while another
one changes."""

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from devices.base import DeviceState
from devices.bus import one_owner_per_line
from devices.ledbar import Bar, open_bar
from devices.ledbar.profile import KIND
from devices.supervisor import ChangeListener, Supervisor
from display.board import window_of
from display.config import LedBar
from display.led import CUT_OFF, Brightness, brightness_at, led_text, trial_text
from server.contract.board import Board
from server.contract.machines import Hanging

DARK_S = 2.0
"""How long a bar that is taken away may take to go dark: a number left on it would call people to nobody."""


@dataclass(frozen=True)
class Place:
    """A bar of the configuration under the name that its health has. `fixed`: this machine's own file names it."""

    name: str
    set: LedBar
    fixed: bool = True

    def hanging(self) -> Hanging:
        one = self.set
        profile = one.profile if one.profile in KIND.names() else Path(one.profile).stem
        return Hanging(self.name, "ledbar", one.url, profile, one.window, one.address or 0, self.fixed)


@dataclass
class Over:
    """A bar at work over its window; one window may have several."""

    place: Place
    bar: Bar
    shown: str | None = None


@dataclass
class Line:
    """All that hangs at one URL."""

    overs: tuple[Over, ...]
    supervisor: Supervisor | None = field(default=None, compare=False)

    @property
    def plan(self) -> tuple[Place, ...]:
        return tuple(over.place for over in self.overs)

    def start(self, on_change: ChangeListener) -> None:
        self.supervisor = Supervisor(one_owner_per_line(over.bar for over in self.overs), on_change)
        self.supervisor.start()

    def stop(self) -> None:
        if self.supervisor:
            self.supervisor.stop()


class Bars:
    """Tells each bar its text when that changes, and all how bright to be."""

    def __init__(self, brightness: Brightness = ()) -> None:
        self._brightness = brightness
        self._lines: tuple[Line, ...] = ()
        self._board: Board | None = None
        self._tested = ""
        self._on_change: ChangeListener | None = None

    def hang(self, places: Sequence[Place]) -> None:
        """Let these be the bars. Lines that stay as they are are not touched."""
        plans = [tuple(one for one in places if one.set.url == url) for url in {one.set.url: 0 for one in places}]
        going = [line for line in self._lines if line.plan in plans]
        kept = [line.plan for line in going]
        fresh = [Line(tuple(map(_opened, plan))) for plan in plans if plan not in kept]
        ending = [line for line in self._lines if line not in going]
        self._lines = (*going, *fresh)
        self._darken([over for line in ending for over in line.overs], {_spot(one) for one in places})
        for line in ending:
            line.stop()
        if self._on_change:
            for line in fresh:
                line.start(self._on_change)

    @contextmanager
    def driven(self, on_change: ChangeListener) -> Iterator[None]:
        """The bars work inside the `with`."""
        self._on_change = on_change
        for line in self._lines:
            line.start(on_change)
        try:
            yield
        finally:
            self._stop_all()

    @property
    def overs(self) -> list[Over]:
        return [over for line in self._lines for over in line.overs]

    def over(self, name: str) -> Over | None:
        return next((over for over in self.overs if over.place.name == name), None)

    def show(self, board: Board | None, cut_off: bool) -> None:
        """Before the hall was ever reached a bar keeps what it shows."""
        self._board = None if cut_off else board
        if board is None and not cut_off:
            return
        for over in self.overs:
            text = self._text(over.place, self._board)
            if text != over.shown:
                over.shown = text
                over.bar.show(text)

    def dim(self, hall_time: datetime | None) -> None:
        """Bright as the hour of the hall asks for; its clock is not known before it was reached."""
        percent = brightness_at(self._brightness, hall_time.time()) if hall_time else None
        if percent is not None:
            for over in self.overs:
                over.bar.dim(percent)

    @contextmanager
    def testing(self, name: str) -> Iterator[None]:
        """Any thread: this bar shows the test's text inside the `with`, but for a number that is called or served."""
        self._tested = name
        try:
            yield
        finally:
            self._tested = ""

    def free(self, window: str) -> bool:
        """Any thread: nobody is called to this window or served there, as far as the hall was last heard."""
        return self._board is not None and not _number(self._board, window)

    def _text(self, place: Place, board: Board | None) -> str:
        if board is None:
            return CUT_OFF
        if place.name == self._tested and self.free(place.set.window):
            return trial_text(place.set.window)
        return led_text(window_of(board, place.set.window), place.set.words)

    @staticmethod
    def _darken(overs: Iterable[Over], wanted: set[tuple[str, int | None]]) -> None:
        gone = [over.bar for over in overs if _spot(over.place) not in wanted]
        for bar in gone:
            bar.show("")
        until = time.monotonic() + DARK_S
        while time.monotonic() < until and any(_is_to_darken(bar) for bar in gone):
            time.sleep(0.05)

    def _stop_all(self) -> None:
        threads = [threading.Thread(target=line.stop) for line in self._lines]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def _opened(place: Place) -> Over:
    """Touches no device."""
    one = place.set
    return Over(place, open_bar(place.name, one.url, one.profile, address=one.address or 0))


def _spot(place: Place) -> tuple[str, int | None]:
    """Where it hangs, whatever its window."""
    return place.set.url, place.set.address


def _is_to_darken(bar: Bar) -> bool:
    return bar.status.state is DeviceState.ONLINE and not bar.settled


def _number(board: Board, no: str) -> str:
    window = window_of(board, no)
    return window.number if window else ""
