"""The devices of this kiosk as the server gives them and is told of them; see `machine.orders`."""

import uuid
from collections.abc import Callable

from devices.escpos.profile import KIND as PRINTERS
from kiosk.bench import Bench
from kiosk.bound import BoundDevices, Taken, pad_profiles
from kiosk.client import Client
from kiosk.config import KioskConfig
from machine.ports import Machine as Places
from machine.ports import ports
from server.contract.machines import MachineReport, Orders, Trouble


class KioskDevices:
    """`machine.orders.Devices`. `changed` is called after other devices hang here."""

    def __init__(self, config: KioskConfig, client: Client, bench: Bench, changed: Callable[[], None]) -> None:
        self._client, self._bench, self._changed = client, bench, changed
        self._bound = BoundDevices(config) if config.managed else None
        self._config = config
        self._trouble: tuple[Trouble, ...] = ()

    def begin(self) -> None:
        """Let the devices hang that the file names, or those that the server last gave. Raises `ConfigError`."""
        if self._bound is None:
            self._bench.apply(self._config)
        else:
            self._use(self._bound.remembered())

    def obey(self, orders: Orders) -> None:
        if self._bound is not None and self._bound.differs(orders):
            self._use(self._bound.adopt(orders, lambda code: self._client.claim(code, uuid.uuid4().hex)))
            self._changed()

    def report(self) -> MachineReport:
        return MachineReport(
            "", "", "machine" if self._bound is None else "server", ports(Places()), tuple(self._bench.hanging()),
            tuple(PRINTERS.names()), tuple(pad_profiles(self._config)), self._config.allow_hosts, self._trouble,
        )  # fmt: skip

    def _use(self, taken: Taken) -> None:
        self._config, self._trouble = taken.config, taken.trouble
        self._bench.apply(taken.config)
