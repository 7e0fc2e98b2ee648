"""Real ptys and TCP sockets with a tiny peer behind, and what waits on a condition instead of sleeping."""

import errno
import os
import pty
import select
import socket
import struct
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest


class Peer:
    """The device's end of a line. `answer(peer, data)` is called with what arrived."""

    def __init__(self, answer: Callable[["Peer", bytes], None]) -> None:
        self.got = b""
        self._answer = answer
        self._fd: int | None = None
        self._ended = threading.Event()
        self._hand = threading.Lock()  # one plugs or pulls at a time
        self._thread: threading.Thread | None = None

    def send(self, data: bytes) -> None:
        assert self._fd is not None
        os.write(self._fd, data)

    def plug(self, fd: int) -> None:
        with self._hand:
            self._fd = fd
            self._ended.clear()
            self._thread = threading.Thread(target=self._serve, args=(fd,), daemon=True)
            self._thread.start()

    def unplug(self) -> None:
        with self._hand:
            self._ended.set()
            if self._thread is not None:
                self._thread.join(5)
            if self._fd is not None:
                os.close(self._fd)
            self._fd = self._thread = None

    def _serve(self, fd: int) -> None:
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        while not self._ended.is_set():
            for _, ready in poll.poll(20):
                # A pty that nobody has open is only hung up; to read it may block for ever, once somebody opens it.
                if not ready & select.POLLIN:
                    self._ended.wait(0.02)
                    continue
                try:
                    data = os.read(fd, 4096)
                except OSError:  # the last of those who had it open is just gone
                    continue
                if not data:
                    return
                self.got += data
                self._answer(self, data)


class PtyPeer(Peer):
    """A pty behind a link with a lasting name, as udev gives one; unplug and plug it again at will."""

    def __init__(self, link: Path, answer: Callable[[Peer, bytes], None]) -> None:
        super().__init__(answer)
        self._link = link
        self.url = f"serial://{link}?baudrate=115200"
        self.insert()

    def insert(self) -> None:
        ours, theirs = pty.openpty()
        tty.setraw(theirs)
        name = os.ttyname(theirs)
        os.close(theirs)
        self._link.symlink_to(name)
        self.plug(ours)

    def pull(self) -> None:
        self._link.unlink()
        self.unplug()


class TcpPeer(Peer):
    """Takes one connection after the other on a port of its own."""

    def __init__(self, answer: Callable[[Peer, bytes], None]) -> None:
        super().__init__(answer)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"
        self.connections = 0
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.unplug()
                self.connections += 1
                self.plug(connection.detach())

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join(5)
        self.unplug()


def wait_for(condition: Callable[[], Any], timeout_s: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


class FakeInput:
    """Reads `struct input_event`-like records from a pipe; ENODEV once its other end is gone."""

    def __init__(self) -> None:
        self.fd, self._keys = os.pipe()
        self.grabbed = False

    def type(self, code: int, value: int = 1, kind: int = 1) -> None:
        os.write(self._keys, struct.pack("<HHi", kind, code, value))

    def unplug(self) -> None:
        os.close(self._keys)

    def grab(self) -> None:
        self.grabbed = True

    def read(self):
        data = os.read(self.fd, 8 * 16)
        if not data:
            raise OSError(errno.ENODEV, "No such device")
        for kind, code, value in struct.iter_unpack("<HHi", data):
            yield SimpleNamespace(type=kind, code=code, value=value)

    def close(self) -> None:
        os.close(self.fd)


class FakePort:
    """`link` is there while something is plugged in; its folder goes with it, as /dev/input/by-path does."""

    def __init__(self, link: Path) -> None:
        self._link = link
        self.device: FakeInput | None = None

    def plug(self) -> None:
        self.device = FakeInput()
        self._link.parent.mkdir()
        self._link.touch()

    def unplug(self) -> None:
        self._link.unlink()
        self._link.parent.rmdir()
        self.device.unplug()
        self.device = None

    def open(self, path: str) -> FakeInput:
        device = self.device
        if device is None or not self._link.exists():
            raise OSError(errno.ENOENT, "No such file or directory")
        return device


class Running:
    """A driver run once in a thread, as the supervisor would; keeps what `run` raised."""

    def __init__(self, device: Any) -> None:
        self.device = device
        self.error: BaseException | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.device.run(self._stop.is_set)
        except Exception as error:  # noqa: BLE001 - the test asserts which
            self.error = error

    @property
    def ended(self) -> bool:
        return not self._thread.is_alive()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(5)
        assert self.ended


@pytest.fixture
def run() -> Iterator[Callable[[Any], Running]]:
    started: list[Running] = []

    def start(device: Any) -> Running:
        started.append(Running(device))
        return started[-1]

    yield start
    for running in started:
        running.stop()


@pytest.fixture
def pty_peer(tmp_path: Path) -> Iterator[Callable[[Callable[[Peer, bytes], None]], PtyPeer]]:
    made: list[PtyPeer] = []

    def make(answer: Callable[[Peer, bytes], None] = lambda peer, data: None) -> PtyPeer:
        made.append(PtyPeer(tmp_path / f"tty{len(made)}", answer))
        return made[-1]

    yield make
    for peer in made:
        peer.unplug()


@pytest.fixture
def tcp_peer() -> Iterator[Callable[[Callable[[Peer, bytes], None]], TcpPeer]]:
    made: list[TcpPeer] = []

    def make(answer: Callable[[Peer, bytes], None] = lambda peer, data: None) -> TcpPeer:
        made.append(TcpPeer(answer))
        return made[-1]

    yield make
    for peer in made:
        peer.close()


@pytest.fixture
def wait() -> Callable[..., None]:
    return wait_for


@pytest.fixture
def input_port() -> Callable[[Path], FakePort]:
    return FakePort
