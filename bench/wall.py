"""Call → wall: from the clerk's key to the moment when the last wall's browser has the call in its hands."""

import json
import re
import selectors
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.hall import BenchHall, running
from bench.load import Client, Result

_PATIENCE_S = 10.0
_UNHURRIED_S = 0.05
"""Between two calls, so that what is measured is one call and no queue of them."""


class Walls:
    """Reads the display agent's stream as so many browsers do, and notes when each heard what."""

    def __init__(self, url: str, count: int) -> None:
        place = urlsplit(url)
        self._news = threading.Condition()
        self._heard: list[list[tuple[float, bytes]]] = [[] for _ in range(count)]
        self._selector = selectors.DefaultSelector()
        for wall in range(count):
            stream = socket.create_connection((place.hostname, place.port), timeout=_PATIENCE_S)
            stream.sendall(f"GET /events HTTP/1.1\r\nHost: {place.netloc}\r\n\r\n".encode())
            self._selector.register(stream, selectors.EVENT_READ, wall)
        self._thread = threading.Thread(target=self._read)
        self._thread.start()
        self._await(b"event: build")

    def forget(self) -> None:
        with self._news:
            for heard in self._heard:
                heard.clear()

    def last_heard(self, number: str) -> float:
        """When the last of the walls had a call of `number`; TimeoutError when one never did."""
        return self._await(rb'"number": ?"%s"' % number.encode())

    def close(self) -> None:
        streams = [key.fileobj for key in self._selector.get_map().values()]
        for stream in streams:
            assert isinstance(stream, socket.socket)
            stream.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._selector.close()

    def _await(self, pattern: bytes) -> float:
        wanted = re.compile(pattern)
        with self._news:
            if not self._news.wait_for(lambda: all(_first(heard, wanted) for heard in self._heard), _PATIENCE_S):
                raise TimeoutError(f"{pattern.decode()} never came to every wall")
            return max(_first(heard, wanted) for heard in self._heard)

    def _read(self) -> None:
        """Take what came off every socket first and look at it later: the reader must not be what is measured."""
        while self._selector.get_map():
            came = [(key, _received(key.fileobj), time.perf_counter()) for key, _ in self._selector.select()]
            with self._news:
                for key, data, now in came:
                    self._heard[key.data].append((now, data))
                    if not data:
                        self._hang_up(key.fileobj)
                self._news.notify_all()

    def _hang_up(self, stream: Any) -> None:
        self._selector.unregister(stream)
        stream.close()


def _received(stream: Any) -> bytes:
    """What has come; empty when the stream is over, also for one that we closed just as more was sent."""
    try:
        return bytes(stream.recv(65536))
    except ConnectionResetError:
        return b""


def _first(heard: list[tuple[float, bytes]], wanted: re.Pattern[bytes]) -> float:
    """When it was first heard; 0 when it was not."""
    return next((moment for moment, data in heard if wanted.search(data)), 0.0)


@contextmanager
def display(hall: BenchHall, folder: Path) -> Iterator[str]:
    """A display agent of the hall; the URL of its wall page."""
    (folder / "display.token").write_text(hall.token("wall", "display"))
    settings = f'server = "{hall.url}"\ntoken_file = "display.token"\nport = 0\n[voice]\nengine = "none"\n'
    (folder / "display.toml").write_text(settings)
    with running("jiaohao-display", "run", "--config", str(folder / "display.toml")) as process:
        yield str(json.loads(next(process.stdout or iter(())))["wall"])


def call_to_walls(clerk: Client, window: str, url: str, count: int, calls: int) -> Result:
    """One call after another, at a clerk's unhurried pace."""
    walls = Walls(url, count)
    latencies, begun = [], time.perf_counter()
    try:
        for _ in range(calls):
            walls.forget()
            start = time.perf_counter()
            _, view = clerk.command(f"/api/v1/windows/{window}/call-next")
            ticket = view["ticket"]
            assert isinstance(ticket, dict)
            latencies.append(walls.last_heard(str(ticket["number"])) - start)
            clerk.command(f"/api/v1/windows/{window}/no-show")
            time.sleep(_UNHURRIED_S)
    finally:
        walls.close()
    return Result(sorted(latencies), time.perf_counter() - begun, 0)
