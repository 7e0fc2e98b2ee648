"""The far end of a cable: a pty that looks like a serial port, or a TCP port like a serial server's.

An end gives what the host sent to its `receiver`, on its own thread; a receiver that blocks holds the host
back, as flow control does. `unplug` is the cable pulled out; `plug` puts it back at the same address.
"""

import contextlib
import os
import select
import socket
import threading
import tty
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from firmware_stubs.refusal import RefusedError

CHUNK = 4096


class End(ABC):
    """One cable. Until `stop` the address stays the same, through any unplugging."""

    transport: str

    def __init__(self) -> None:
        self.receiver: Callable[[bytes], None] = lambda data: None
        self._lock = threading.RLock()
        self._session: Session | None = None

    @property
    def plugged(self) -> bool:
        return self._session is not None

    @property
    @abstractmethod
    def address(self) -> str:
        """The path or HOST:PORT that a host connects to."""

    def plug(self) -> None:
        with self._lock:
            if self._session is None:
                self._session = self._open()
                self._session.start()

    def unplug(self) -> None:
        with self._lock:
            session, self._session = self._session, None
            if session:
                session.close()

    def stop(self) -> None:
        self.unplug()

    def send(self, data: bytes) -> None:
        """Bytes to the host; lost, as on a real wire, when nobody is there or nobody reads."""
        session = self._session
        if session:
            session.send(data)

    @abstractmethod
    def _open(self) -> "Session":
        """Make the port appear."""


class Session(ABC):
    """One time of being plugged in: descriptors, and the thread that reads them."""

    def __init__(self, receiver: Callable[[bytes], None]) -> None:
        self._receiver = receiver
        self._wake_read, self._wake_write = os.pipe()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._closing = False

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Hang up. The reading thread may still be inside its receiver; it gives nothing more afterwards."""
        self._closing = True
        self._refuse()
        os.write(self._wake_write, b"x")
        if threading.current_thread() is not self._thread:
            self._thread.join(5)
        self._hang_up()
        if not self._thread.is_alive():
            os.close(self._wake_read)
            os.close(self._wake_write)

    def _readable(self, fd: int) -> bool:
        """Wait until `fd` has something; False when the cable was pulled."""
        ready, _, _ = select.select([fd, self._wake_read], [], [])
        return not self._closing and fd in ready

    @abstractmethod
    def send(self, data: bytes) -> None: ...

    def _refuse(self) -> None:  # noqa: B027 - a pty has nobody to refuse
        """From now on nobody connects."""

    @abstractmethod
    def _run(self) -> None: ...

    @abstractmethod
    def _hang_up(self) -> None: ...


class PtyEnd(End):
    """A pseudo-terminal behind a symbolic link: `/tmp/ev1` is what the host opens as its serial port."""

    transport = "pty"

    def __init__(self, path: str | Path) -> None:
        super().__init__()
        self._path = Path(path).absolute()

    @property
    def address(self) -> str:
        return str(self._path)

    def _open(self) -> Session:
        if self._path.exists() and not self._path.is_symlink():
            raise RefusedError(
                f"{self._path} 已存在且不是链接，请换一个路径。", f"{self._path} exists and is no link."
            )
        if not self._path.parent.is_dir():
            raise RefusedError(f"目录 {self._path.parent} 不存在。", f"The directory {self._path.parent} is missing.")
        return PtySession(self._path, self.receiver)


class PtySession(Session):
    """Keeps a slave descriptor of its own, so that the port lives on while no host has it open."""

    def __init__(self, path: Path, receiver: Callable[[bytes], None]) -> None:
        super().__init__(receiver)
        self._path = path
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._target = os.ttyname(self._slave)
        self._link()

    def _link(self) -> None:
        new = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        new.unlink(missing_ok=True)
        new.symlink_to(self._target)
        new.replace(self._path)

    def send(self, data: bytes) -> None:
        with contextlib.suppress(OSError):  # the queue is full or the cable is out: the bytes are lost
            os.write(self._master, data)

    def _run(self) -> None:
        while self._readable(self._master):
            with contextlib.suppress(BlockingIOError):
                self._receiver(os.read(self._master, CHUNK))

    def _hang_up(self) -> None:
        if self._path.is_symlink() and str(self._path.readlink()) == self._target:
            self._path.unlink()
        os.close(self._slave)
        os.close(self._master)


class TcpEnd(End):
    """A listening port that serves one host at a time, as a printer's 9100 or a serial server does."""

    transport = "tcp"

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__()
        self._host = host
        self._port = port
        self._reserved: socket.socket | None = None

    @property
    def address(self) -> str:
        return f"{self._host}:{self._port}"

    def _open(self) -> Session:
        listener = self._reserved or self._bound()
        self._reserved = None
        listener.listen(1)
        return TcpSession(listener, self.receiver)

    def unplug(self) -> None:
        """Refuse connections, yet hold the port, so that nobody else is there when the cable comes back."""
        super().unplug()
        if self._reserved is None:
            self._reserved = self._bound()

    def stop(self) -> None:
        super().unplug()
        if self._reserved:
            self._reserved.close()
            self._reserved = None

    def _bound(self) -> socket.socket:
        bound = socket.socket()
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((self._host, self._port))
        except OSError as error:
            bound.close()
            raise RefusedError(
                f"端口 {self.address} 无法使用：{error.strerror}。",
                f"Cannot use {self.address}: {error.strerror}.",
            ) from None
        self._port = bound.getsockname()[1]
        return bound


class TcpSession(Session):
    """The listener, and the one host that is connected."""

    def __init__(self, listener: socket.socket, receiver: Callable[[bytes], None]) -> None:
        super().__init__(receiver)
        self._listener = listener
        self._host: socket.socket | None = None

    def send(self, data: bytes) -> None:
        host = self._host
        if host:
            with contextlib.suppress(OSError):
                host.send(data, socket.MSG_DONTWAIT)

    def _run(self) -> None:
        while self._readable(self._listener.fileno()):
            host, _ = self._listener.accept()
            with host:
                host.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._host = host
                self._serve(host)
                self._host = None

    def _serve(self, host: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while self._readable(host.fileno()):
                data = host.recv(CHUNK)
                if not data:
                    return
                self._receiver(data)

    def _refuse(self) -> None:
        """Before the host is hung up on, or it could be back in the same instant, at a port about to close."""
        self._listener.shutdown(socket.SHUT_RDWR)

    def _hang_up(self) -> None:
        self._listener.close()


def parse_endpoint(text: str) -> tuple[str, int]:
    """`HOST:PORT`, port 0 for any free one."""
    host, colon, port = text.rpartition(":")
    if not colon or not (port.isascii() and port.isdigit()) or int(port) > 65535:
        raise RefusedError(f"地址须为 主机:端口，收到：{text}", f"An address is HOST:PORT, not: {text}")
    return host or "127.0.0.1", int(port)
