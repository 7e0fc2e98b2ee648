"""The bars that the server names, beside those of this machine's own file; see `machine.orders`.

Kept on the disk so that they show while the server is away. One that cannot be is left out, with a sentence, and the
others are in use.
"""

from collections.abc import Callable, Iterable

import structlog

from devices.ledbar import addresses, load_profile
from display.bars import Bars, Place
from display.config import Config, ConfigError, bound_bar
from machine.orders import Kept
from machine.ports import Machine as Places
from machine.ports import ports
from server.contract.device_address import AddressError, end_of
from server.contract.machines import HANGS, BarProfile, Bound, MachineReport, Orders, Trouble

log = structlog.get_logger(__name__)


class BoundBars:
    """`machine.orders.Devices`. `changed` is called after other bars hang here."""

    def __init__(self, config: Config, bars: Bars, changed: Callable[[], None]) -> None:
        self._config, self._bars, self._changed = config, bars, changed
        self._kept = Kept(config.data_dir / "bound")
        self._trouble: tuple[Trouble, ...] = ()
        self._makes = tuple(_make(name, file) for name, file in sorted(config.makes.items()))

    def begin(self) -> None:
        """Let the bars hang that the file names, and those that the server last gave."""
        orders = self._kept.remember()
        self._use(orders.devices if orders else ())

    def obey(self, orders: Orders) -> None:
        if not self._kept.differs(orders):
            return
        self._use(orders.devices)
        self._changed()
        try:
            self._kept.keep(orders)
        except OSError as error:
            self._kept.orders = orders  # in use, if not after the next start
            log.error("the server's bars cannot be kept for the next start", error=str(error))

    def report(self) -> MachineReport:
        hanging = tuple(over.place.hanging() for over in self._bars.overs)
        return MachineReport(
            "", "", "server", ports(Places()), hanging, allow_hosts=self._config.allow_hosts, trouble=self._trouble,
            bars=self._makes,
        )  # fmt: skip

    def _use(self, bound: Iterable[Bound]) -> None:
        places = [Place(f"led-{one.window}-{i}", one) for i, one in enumerate(self._config.led_bars)]
        trouble = []
        for one in bound:
            try:
                places.append(self._placed(one, places))
            except (AddressError, ConfigError) as wrong:
                log.warning("a bar of the server's is not in use", device=one.code, why=str(wrong))
                trouble.append(Trouble(one.code, wrong.zh, wrong.en))
        self._trouble = tuple(trouble)
        self._bars.hang(places)

    def _placed(self, one: Bound, places: Iterable[Place]) -> Place:
        if one.kind not in HANGS["display"]:
            raise ConfigError(one.kind, "大屏上不能接这种设备。", "is nothing that hangs at a display.")
        end_of(one.url, one.kind, self._config.allow_hosts)
        table = {"window": one.window, "url": one.url, "profile": one.profile, "address": one.address}
        return Place(
            f"bar-{one.window}", bound_bar(self._config, table, [place.set for place in places]), fixed=False
        )


def _make(name: str, file: str) -> BarProfile:
    highest, never = addresses(load_profile(file))
    return BarProfile(name, highest, tuple(sorted(never)))
