"""An evaluator that is a USB keyboard."""

import time
from collections.abc import Callable

from devices.base import PressListener
from devices.evaluator.keys import KeyPresses
from devices.evaluator.profile import KeyboardProfile
from devices.input_device import InputDevice, InputDriver, open_input
from devices.listening import tell


class KeyboardEvaluator(InputDriver):
    """`devices.base.Evaluator` and call pad, without lights or digits."""

    def __init__(
        self,
        name: str,
        url: str,
        profile: KeyboardProfile,
        on_press: PressListener,
        *,
        open_device: Callable[[str], InputDevice] = open_input,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(name, url, open_device=open_device, clock=clock)
        self._presses = KeyPresses(profile.words, profile.debounce_s)
        self._on_press = on_press
        self.on_bytes: Callable[[bytes], None] | None = None
        """Told of each key that goes down, as two bytes of its code."""
        self.on_frame: Callable[[bytes], None] | None = None

    @property
    def lights(self) -> bool:
        return False

    def prompt(self) -> None:
        """A keyboard has nothing to light up."""

    def thank(self) -> None:
        """A keyboard has nothing to light up."""

    def show_number(self, number: str) -> None:
        """A keyboard has no digits."""

    def show_waiting(self, count: int) -> None:
        """A keyboard has no digits."""

    def _key(self, code: int, value: int, at: float) -> bool:
        heard = self.on_bytes or self.on_frame
        if heard and value == 1:
            heard(code.to_bytes(2, "big"))
        press = self._presses.feed(code, value, at)
        if press is not None:
            tell(self._on_press, press, self.name, label=press.label, raw=press.raw.hex())
        return press is not None
