"""The buttons of this machine's windows: which lines and devices there are, and whom each press concerns.

An evaluator and a call pad of one window may be one device; several devices may share a line.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from devices.base import Device, Press
from devices.bus import one_owner_per_line
from devices.evaluator import AnyPad, open_evaluator
from devices.evaluator.pad import LinePad
from devices.evaluator.rules import RATINGS
from devices.setting_error import SettingError
from kiosk.config import CallPadConfig, ConfigError, EvaluatorConfig, KioskConfig

Entry = EvaluatorConfig | CallPadConfig
OnPress = Callable[[str, Press], None]
"""Gets the window and what was pressed there."""


@dataclass
class Pads:
    """Evaluators and call pads by window; a device that is both stands in both."""

    evaluators: dict[str, AnyPad] = field(default_factory=dict)
    call_pads: dict[str, AnyPad] = field(default_factory=dict)

    @property
    def devices(self) -> list[Device]:
        """What the supervisor runs: one owner for each line, and keyboards by themselves."""
        pads = {pad.name: pad for pad in (*self.evaluators.values(), *self.call_pads.values())}
        return owners(list(pads.values()))


def owners(devices: Sequence[Device]) -> list[Device]:
    """Devices on a line in the hands of its one owner, and the others as they are."""
    lines = one_owner_per_line(one for one in devices if isinstance(one, LinePad))
    return [*lines, *(one for one in devices if not isinstance(one, LinePad))]


def placed(config: KioskConfig, on_rating: OnPress, on_key: OnPress) -> Pads:
    """Make every pad of `config`. A press goes to one listener by what it is, if its window has such a device.

    Raises `ConfigError` for a wrong URL or profile, and for two devices at one address.
    """
    pads = Pads()
    entries: dict[tuple[str, int], Entry] = {}
    for key, entry in _everyone(config):
        mine = pads.evaluators if isinstance(entry, EvaluatorConfig) else pads.call_pads
        other = entries.setdefault((entry.url, entry.address), entry)
        if other is entry:
            mine[entry.window] = _opened(key, entry, config, _sorting(pads, entry.window, on_rating, on_key))
        elif type(other) is not type(entry) and (other.window, other.profile) == (entry.window, entry.profile):
            mine[entry.window] = pads.evaluators[entry.window]
        else:
            raise ConfigError(
                f"{key}.address",
                f"{entry.url} 的地址 {entry.address} 已用于窗口 {other.window}",
                f"address {entry.address} of {entry.url} is that of window {other.window} already",
            )
    return pads


def _sorting(pads: Pads, window: str, on_rating: OnPress, on_key: OnPress) -> Callable[[Press], None]:
    def pressed(press: Press) -> None:
        rating = press.label in RATINGS
        if window in (pads.evaluators if rating else pads.call_pads):
            (on_rating if rating else on_key)(window, press)

    return pressed


def _everyone(config: KioskConfig) -> Iterator[tuple[str, Entry]]:
    """Each pad with the name of its section."""
    yield from ((f"evaluator[{n}]", entry) for n, entry in enumerate(config.evaluators))
    yield from ((f"call_pad[{n}]", entry) for n, entry in enumerate(config.call_pads))


def _opened(key: str, entry: Entry, config: KioskConfig, on_press: Callable[[Press], None]) -> AnyPad:
    kind = "evaluator" if isinstance(entry, EvaluatorConfig) else "call-pad"
    name = f"{kind}-{entry.window}"
    try:
        return open_evaluator(name, entry.url, entry.profile, on_press, address=entry.address, folder=config.profiles)
    except SettingError as error:
        raise ConfigError(key, error.zh, error.en) from None
