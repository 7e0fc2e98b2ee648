"""The hall as one value: its processes, where they listen, its visitors."""

import contextlib
import fcntl
import random
import shutil
import socket
import sys
from pathlib import Path
from typing import IO

import requests

from firmware_stubs.virtual_hall.founding import WINDOWS, Addresses, Founding, FoundingError
from firmware_stubs.virtual_hall.processes import Family
from firmware_stubs.virtual_hall.visitors import Visitors

LOCAL = "127.0.0.1"
FACES = ("server", "kiosk", "display")
SOME_VISITORS = 6
_PORTS = iter(range(random.randrange(20_000, 30_000), 32_000))  # noqa: S311 - two halls at once should not meet


class Hall:
    """`start` brings everything up, or raises. `urls` names page, server, kiosk and display, and `staff`: the server
    where guide and admin sign in; `controls` the control ports of the stubs, by kind.

    Addresses are chosen before anything starts, so that a process that comes back is found where it was. With
    `port` the faces lie on the ports after it; 0 takes free ones.
    """

    def __init__(self, data: Path, port: int, visitor_count: int) -> None:
        self.family = Family(data / "logs")
        self.founding = Founding(data)
        self.visitor_count = visitor_count or SOME_VISITORS
        ports = [port + n for n in range(4)] if port else [free_port() for _ in range(4)]
        self.port = ports[0]
        self.urls = {name: f"http://{LOCAL}:{p}" for name, p in zip(("page", *FACES), ports, strict=True)}
        # Another name of this machine: a browser keeps the guide's session there beside the clerk's on the page.
        self.urls["staff"] = f"http://localhost:{ports[1]}"
        self.controls = {kind: f"{LOCAL}:{free_port()}" for kind in ("printer", "evaluator", "ledbar")}
        self._data = data
        self._addresses = Addresses(
            printer=f"{LOCAL}:{free_port()}",
            evaluators=tuple(str(data / f"evaluator-{window}") for window in WINDOWS),
            bars=tuple(f"{LOCAL}:{free_port()}" for _ in WINDOWS),
        )
        self.visitors = Visitors(self.urls["kiosk"], self.urls["server"], self.founding, self.press)

    def start(self) -> None:
        """Stubs and server side by side, then the clients, which need the server's tokens."""
        self._data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = self._only_hall()
        server = self.family.start("server", self._server_command())
        stubs = [self.family.start(kind, self._stub_command(kind)) for kind in self.controls]
        self.founding.found(self.urls["server"], server.line().get("setup"))
        self.founding.write_settings(self.urls, self._addresses)
        clients = [self.family.start(name, self._client_command(name)) for name in ("kiosk", "display")]
        for child in (*stubs, *clients):
            child.line()

    def _only_hall(self) -> IO[str]:
        """A second hall would pull this one's cables: it is refused before it touches anything."""
        lock = (self._data / "hall.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise FoundingError(
                f"{self._data} 已有一座虚拟大厅在运行，请先停止它或用 --data 另选目录。"
                f" Another virtual hall is using {self._data}; stop it or choose another folder with --data."
            ) from None
        return lock

    def press(self, index: int, key: str) -> None:
        """Press a button of the evaluator at WINDOWS[index]."""
        url = f"http://{self.controls['evaluator']}/press"
        requests.post(url, json={"device": index, "key": key}, timeout=5).raise_for_status()

    def _server_command(self) -> list[str]:
        return [
            _command("jiaohao-server"), "serve", "--demo", "--data", str(self._data / "server"),
            "--port", self.urls["server"].rsplit(":", 1)[1], "--frame-ancestors", self.urls["page"],
        ]  # fmt: skip

    def _client_command(self, name: str) -> list[str]:
        return [_command(f"jiaohao-{name}"), "run", "--config", str(self._data / f"{name}.toml")]

    def _stub_command(self, kind: str) -> list[str]:
        ends = {
            "printer": ["--tcp", self._addresses.printer],
            "evaluator": [word for pty in self._addresses.evaluators for word in ("--pty", pty)],
            "ledbar": [word for tcp in self._addresses.bars for word in ("--tcp", tcp)],
        }
        profile = ["--profile", "ff68"] if kind == "evaluator" else []
        return [
            sys.executable, "-m", "firmware_stubs", kind, *profile, *ends[kind], "--control", self.controls[kind],
        ]  # fmt: skip


def free_port() -> int:
    """A port that was free a moment ago, each time another; none that the kernel gives to whoever asks for any."""
    for port in _PORTS:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((LOCAL, port))
            return port
    raise OSError("no port is free")


def _command(name: str) -> str:
    """The project's command beside this Python, whatever PATH says."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name) or name
