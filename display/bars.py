"""The LED bars of this machine: each shows what stands over its window."""

from dataclasses import dataclass
from datetime import datetime

from devices.bus import Member
from devices.ledbar import Bar, open_bar
from display.board import window_of
from display.config import Config
from display.led import CUT_OFF, Brightness, Words, brightness_at, led_text
from server.contract.board import Board


@dataclass(frozen=True)
class Over:
    """A bar over a window; one window may have several."""

    window: str
    bar: Bar
    words: Words


class Bars:
    """Tells each bar its text when that changes, and all how bright to be."""

    def __init__(self, bars: list[Over], brightness: Brightness = ()) -> None:
        self._bars = bars
        self._brightness = brightness
        self.drivers: tuple[Member, ...] = tuple(over.bar for over in bars)
        self._shown: list[str | None] = [None] * len(bars)

    def show(self, board: Board | None, cut_off: bool) -> None:
        """Before the hall was ever reached a bar keeps what it shows."""
        if board is None and not cut_off:
            return
        for i, over in enumerate(self._bars):
            text = CUT_OFF if cut_off or board is None else led_text(window_of(board, over.window), over.words)
            if text != self._shown[i]:
                self._shown[i] = text
                over.bar.show(text)

    def dim(self, hall_time: datetime | None) -> None:
        """Bright as the hour of the hall asks for; its clock is not known before it was reached."""
        percent = brightness_at(self._brightness, hall_time.time()) if hall_time else None
        if percent is not None:
            for over in self._bars:
                over.bar.dim(percent)


def open_bars(config: Config) -> Bars:
    """Touches no device; `drivers` are to be served, each line by one owner."""
    return Bars(
        [
            Over(
                one.window,
                open_bar(f"led-{one.window}-{i}", one.url, one.profile, address=one.address or 0),
                one.words,
            )
            for i, one in enumerate(config.led_bars)
        ],
        config.led_brightness,
    )
