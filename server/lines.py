"""A line to a far side of which nothing is known to end: whoever asks there says how long the whole may take.

The time-outs of `requests` are for each piece, so an answer that trickles in, in its head already, would last as long
as it likes.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter

AGAIN_S = 1.0


class Line(HTTPAdapter):
    """Mounted on a session: the one connection that it has in use can be cut. For one thread."""

    _socket: socket.socket | None = None

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """What is asked inside is over after so many seconds, and requests.Timeout is raised. Only the finding of the
        address and the opening of the connection are not cut short; they have time-outs of their own."""
        end, done = time.monotonic() + seconds, threading.Event()
        threading.Thread(target=self._watch, args=(seconds, done), name="line", daemon=True).start()
        try:
            yield
        finally:
            done.set()
            if time.monotonic() >= end:
                raise requests.Timeout("an answer without end")

    def _watch(self, seconds: float, done: threading.Event) -> None:
        while not done.wait(seconds):
            self._cut()
            seconds = AGAIN_S  # it may not have been open yet

    def _cut(self) -> None:
        if self._socket:
            with suppress(OSError):  # not open any more
                # As of any socket: an SSLSocket would forget its keys, and its reader go on without them.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def get_connection_with_tls_context(self, *given: Any, **named: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*given, **named)
        pool.ConnectionCls = partial(self._made, type(pool).ConnectionCls)
        return pool

    def _made(self, make: Callable[..., Any], **how: Any) -> Any:
        line = make(**how)
        connect = line.connect

        def connected() -> None:
            connect()
            self._socket = line.sock  # kept: the line forgets it while an answer without a length is still coming

        line.connect = connected
        return line
