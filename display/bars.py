"""The LED bars of this machine: each shows what stands over its window."""

from devices.base import LedBar
from display.board import window_of
from display.led import CUT_OFF, led_text
from server.contract.board import Board


class Bars:
    """`bars` are pairs of window number and bar; one window may have several."""

    def __init__(self, bars: list[tuple[str, LedBar]]) -> None:
        self._bars = bars
        self.drivers = tuple(bar for _, bar in bars)
        self._shown: list[str | None] = [None] * len(bars)

    def show(self, board: Board | None, cut_off: bool) -> None:
        """Tell each bar whose text changed. Before the hall was ever reached a bar keeps what it shows."""
        if board is None and not cut_off:
            return
        for i, (window, bar) in enumerate(self._bars):
            text = CUT_OFF if cut_off or board is None else led_text(window_of(board, window))
            if text != self._shown[i]:
                self._shown[i] = text
                bar.show(text)
