"""Hosts for the stubs: the near end of the cable, with a time limit on every read."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import serial


class Host:
    """Writes bytes, reads exactly as many as asked, and says what came when it was fewer."""

    def __init__(self, read: Callable[[int], bytes], write: Callable[[bytes], object]) -> None:
        self._read = read
        self.write = write

    def read(self, count: int) -> bytes:
        got = b""
        while len(got) < count:
            part = self._read(count - len(got))
            assert part, f"only {got.hex(' ')} came"
            got += part
        return got

    def silent(self) -> bool:
        """Whether nothing (more) comes within the time limit."""
        try:
            return self._read(1) == b""
        except TimeoutError:
            return True


@pytest.fixture
def tcp_host() -> Iterator[Callable[..., Host]]:
    with ExitStack() as stack:

        def connect(address: str, timeout_s: float = 5.0) -> Host:
            name, port = address.split(":")
            made = stack.enter_context(socket.create_connection((name, int(port)), timeout_s))
            return Host(made.recv, made.sendall)

        yield connect


@pytest.fixture
def serial_host() -> Iterator[Callable[..., Host]]:
    with ExitStack() as stack:

        def connect(path: str, timeout_s: float = 5.0) -> Host:
            port = stack.enter_context(serial.Serial(path, 9600, timeout=timeout_s, exclusive=True))
            return Host(port.read, port.write)

        yield connect
