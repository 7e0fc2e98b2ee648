"""A real server, and a display if asked for, as processes of their own with an empty data folder."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from bench.load import Client
from firmware_stubs.virtual_hall.founding import Person

PASSWORD = "only for the bench"  # noqa: S105 - guards an empty database for a minute


class BenchHall:
    """`port` of the server; clients with the rights of a kiosk or of a clerk at a window."""

    def __init__(self, url: str, setup: str) -> None:
        """`setup` is the link printed at the first start, empty when the hall has its admin already."""
        self.url = url
        self.port = int(url.rsplit(":", 1)[1])
        code = setup.rsplit("#", 1)[-1]
        self._admin = Person.first_admin(url, code, PASSWORD) if setup else Person(url, "admin", PASSWORD)

    def close(self) -> None:
        self._admin.session.close()

    def token(self, name: str, kind: str) -> str:
        return str(self._admin.command("/admin/devices", name=name, kind=kind)["token"])

    def kiosk(self, name: str) -> Client:
        return Client(self.port, {"Authorization": f"Bearer {self.token(name, 'kiosk')}"})

    def windows(self) -> list[str]:
        board = self._admin.session.get(f"{self.url}/api/v1/board", timeout=10).json()
        return [str(window["no"]) for window in board["windows"]]

    def clerk(self, window: str) -> Client:
        """A clerk who calls queue A, signed in at the window."""
        name = f"clerk{window}"
        self._admin.command("/admin/users", username=name, role="clerk", password=PASSWORD)
        queues = {"request_id": f"queues-{window}-bench", "name": window, "queues": ["A"]}
        self._admin.session.put(
            f"{self.url}/api/v1/admin/windows/{window}", json=queues, timeout=10
        ).raise_for_status()
        person = requests.post(
            f"{self.url}/api/v1/session", json={"username": name, "password": PASSWORD}, timeout=30
        )  # fmt: skip
        cookie = person.cookies["jiaohao_session"]
        clerk = Client(
            self.port, {"Cookie": f"jiaohao_session={cookie}", "X-CSRF-Token": person.json()["csrf"]}
        )  # fmt: skip
        clerk.command(f"/api/v1/windows/{window}/sign-in")
        return clerk


@contextmanager
def running(*command: str) -> Iterator["subprocess.Popen[str]"]:
    """One of the project's commands until the block ends."""
    beside = str(Path(sys.executable).with_name(command[0]))
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    with subprocess.Popen(
        [beside, *command[1:]], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


@contextmanager
def bench_hall(data: Path, database_url: str = "") -> Iterator[BenchHall]:
    """The demo hall in `data`, or in the database named; a new one when that is empty."""
    place = ("--data", str(data), "--database-url", database_url)
    with running("jiaohao-server", "serve", "--demo", *place, "--port", "0") as process:
        ready = json.loads(next(process.stdout or iter(())))
        hall = BenchHall(ready["server"], ready.get("setup", ""))
        try:
            yield hall
        finally:
            hall.close()
