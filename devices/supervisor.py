"""Runs every driver in a thread of its own, reconnects with back-off, and tells of changes once."""

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, repeat
from pathlib import Path

import structlog

from devices.base import Device, DeviceState, DeviceStatus
from devices.bus import Bus, Member
from devices.listening import tell
from devices.plugs import PlugWatch
from devices.transport import Lost, plug_path
from devices.vital import vital

log = structlog.get_logger(__name__)

ChangeListener = Callable[[str, DeviceStatus], None]

STOP_S = 2.0
SETTLE_S = 0.01
_THERE = frozenset({DeviceState.ONLINE, DeviceState.FAULT})


@dataclass(frozen=True)
class Retry:
    """How long to wait before the next try of a device that is away; the last time stands for all later ones.

    A session that held for `steady_s`, or a plug put in, starts anew.
    """

    waits_s: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0, 5.0)
    steady_s: float = 5.0

    def waits(self) -> Iterator[float]:
        return chain(self.waits_s, repeat(self.waits_s[-1]))


class Supervisor:
    """Owns the threads of `devices`, whose names must differ.

    A device that appears in the file system is tried at once, one on the network when its wait is over.
    `on_change` is told of every change, in order, in a thread of its own; of a bus it is told what its members are,
    each under its own name.
    """

    def __init__(
        self, devices: Iterable[Device], on_change: ChangeListener | None = None, retry: Retry | None = None
    ) -> None:
        self._devices = {device.name: device for device in devices}
        self._on_change = on_change
        self._retry = retry or Retry()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._watched = {one.name: one for device in self._devices.values() for one in _parts(device)}
        self._plugged = {name: threading.Event() for name in self._devices}
        self._plugs: PlugWatch | None = None
        self._changes: queue.SimpleQueue[tuple[str, DeviceStatus] | None] = queue.SimpleQueue()
        self._told = {name: DeviceStatus(DeviceState.STARTING) for name in self._watched}
        self._seen: set[str] = set()
        for one in self._watched.values():
            one.on_status = self._changed

    def start(self) -> None:
        self._plugs = self._watch_plugs()
        self._threads = [vital("device-changes", self._follow)]
        if self._plugs:
            self._threads.append(vital("device-plugs", self._plugs.run))
        self._threads += [vital(name, partial(self._keep, one)) for name, one in self._devices.items()]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ask all to end and wait at most about 2 s in all; a driver stuck in the kernel is left behind.

        May be called again.
        """
        plugs, self._plugs = self._plugs, None
        self._stopping.set()
        self._changes.put(None)
        for plugged in self._plugged.values():
            plugged.set()
        if plugs:
            plugs.stop()
        deadline = time.monotonic() + STOP_S
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0.0))
        if plugs:
            plugs.close()

    def snapshot(self) -> dict[str, DeviceStatus]:
        return {name: device.status for name, device in self._watched.items()}

    def _watch_plugs(self) -> PlugWatch | None:
        wakes: dict[Path, list[threading.Event]] = {}
        for name, device in self._devices.items():
            if path := plug_path(device.url):
                wakes.setdefault(path, []).append(self._plugged[name])
        try:
            return PlugWatch(wakes) if wakes else None
        except OSError as error:
            log.warning("plugs are not watched, devices are looked for every few seconds", problem=str(error))
            return None

    def _keep(self, device: Device) -> None:
        """What is plugged in while a session still ends counts as well: the flag is cleared before the look."""
        waits, plugged = self._retry.waits(), self._plugged[device.name]
        while True:
            plugged.clear()
            if self._stopping.is_set():
                return
            started = time.monotonic()
            self._run(device)
            if time.monotonic() - started > self._retry.steady_s:
                waits = self._retry.waits()
            if plugged.wait(next(waits)):
                waits = self._retry.waits()
            self._stopping.wait(SETTLE_S)  # whatever wakes it over and over, it does not burn a core

    def _run(self, device: Device) -> None:
        try:
            device.run(self._stopping.is_set)
        except Lost:
            pass  # the driver's status says so, and the watch logs it once
        except Exception:  # a mistake in one driver is an absence like any other: the rest of the hall goes on
            log.exception("driver failed", device=device.name)

    def _changed(self, name: str, status: DeviceStatus) -> None:
        self._changes.put((name, status))

    def _follow(self) -> None:
        while change := self._changes.get():
            name, now = change
            before, self._told[name] = self._told[name], now
            self._count(name, before.state, now.state)
            self._tell(name, before, now)

    def _count(self, name: str, before: DeviceState, now: DeviceState) -> None:
        """A device that answers after it was away has come back, but for the first time."""
        if now in _THERE and before not in _THERE:
            self._watched[name].counters.reconnects += name in self._seen
            self._seen.add(name)

    def _tell(self, name: str, before: DeviceStatus, now: DeviceStatus) -> None:
        if before.state is not now.state:
            _log_state(name, now)
        if self._on_change is not None:
            tell(partial(self._on_change, name), now, name, state=now.state.value)


def _parts(device: Device) -> Sequence[Device | Member]:
    return device.members if isinstance(device, Bus) else (device,)


def _log_state(name: str, now: DeviceStatus) -> None:
    match now.state:
        case DeviceState.ABSENT:
            log.warning("device lost", device=name, detail=now.detail)
        case DeviceState.FAULT:
            log.warning("device at fault", device=name, faults=sorted(now.faults), detail=now.detail)
        case _:
            log.info("device ready", device=name)
