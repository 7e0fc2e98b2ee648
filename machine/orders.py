"""What a machine and the server tell each other of its devices: ports and profiles go up, bindings and jobs come
down. News only say that there is something; it is looked at every few seconds as well.
"""

import json
import os
import threading
import time
import uuid
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol

import structlog

from machine.client import Away, MachineClient, Refused
from machine.jobs import Jobs
from server.contract.codec import ContractError, from_json, to_json
from server.contract.machines import MachineReport, Orders
from server.contract.news import News, NewsKind

log = structlog.get_logger(__name__)

LOOK_S = 3.0
REPORT_S = 30.0


class Devices(Protocol):
    """What a kiosk or a display makes of its orders. Both in the one thread of `Machine.run`."""

    def obey(self, orders: Orders) -> None:
        """Let what the server names hang here. Asked again and again with the same. May raise `Away`, `Refused`, or
        OSError and ValueError when they cannot be taken over; then it is asked again."""

    def report(self) -> MachineReport:
        """What is here, without `request_id` and `version`."""


class Machine:
    def __init__(self, client: MachineClient, devices: Devices, jobs: Jobs) -> None:
        self._client, self._devices, self._jobs = client, devices, jobs
        self._version = _version()
        self._wanted = threading.Event()
        self._reported: MachineReport | None = None
        self._reported_at = 0.0

    def hear(self, news: News) -> None:
        """Any thread: some machine of the hall has something to fetch, perhaps this one."""
        if news.kind is NewsKind.MACHINE_WANTED:
            self._wanted.set()

    def wake(self) -> None:
        self._wanted.set()

    def run(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            self._look()
            self._wanted.wait(LOOK_S)
            self._wanted.clear()

    def _look(self) -> None:
        try:
            self._obey(self._client.orders())
            self._report()
        except (Away, Refused) as error:
            log.debug("no orders", error=str(error))
        except (OSError, ValueError) as error:
            log.error("the server's devices cannot be taken over", error=str(error))

    def _obey(self, orders: Orders) -> None:
        self._devices.obey(orders)
        for job in orders.jobs:
            self._jobs.ask(job)

    def _report(self) -> None:
        """At once when it changed, else every half minute."""
        said = replace(self._devices.report(), version=self._version)
        if said != self._reported or time.monotonic() - self._reported_at > REPORT_S:
            self._client.report_machine(replace(said, request_id=uuid.uuid4().hex))
            self._reported, self._reported_at = said, time.monotonic()


def _version() -> str:
    try:
        return version("jiaohao")
    except PackageNotFoundError:  # run from its folder
        return ""


class Kept:
    """The last orders in `folder`, so that a machine starts while the server is away."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.orders = Orders((), (), ())

    def remember(self) -> Orders | None:
        """As the server last gave them; None when that is not known."""
        try:
            kept = json.loads((self.folder / "orders.json").read_text("utf-8"))
            self.orders = from_json(Orders, kept, strict=False)
        except (OSError, ValueError, ContractError):
            return None
        return self.orders

    def differs(self, orders: Orders) -> bool:
        return lasting(orders) != lasting(self.orders)

    def keep(self, orders: Orders) -> None:
        """Raises OSError when they cannot be written."""
        self.write("orders.json", json.dumps(to_json(lasting(orders)), ensure_ascii=False))
        self.orders = orders

    def write(self, name: str, text: str) -> None:
        """Whole or not at all, and for nobody else to read."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path, fresh = self.folder / name, self.folder / f"{name}.new"
        fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)


def lasting(orders: Orders) -> Orders:
    """What of them lasts: jobs do not, and a token that was fetched is no change."""
    return Orders(tuple(replace(one, claimed=True) for one in orders.devices), orders.profiles, ())
