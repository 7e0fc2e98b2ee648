"""Closed-loop HTTP load: N clients, each sending its next request when it has the answer to the last."""

import json
import random
import socket
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Result:
    """Seconds per request, sorted, and how long the whole run took."""

    latencies: list[float]
    seconds: float
    failures: int

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile_ms(self, p: float) -> float:
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * p / 100))] * 1000


class Client:
    """One keep-alive connection. `request` returns (status, parsed body).

    HTTP by hand, as much as our server speaks of it: the standard library's client costs more processor time than
    the server's part of an answer, and the two share a machine."""

    def __init__(self, port: int, headers: dict[str, str] | None = None) -> None:
        self._port = port
        self._headers = headers or {}
        lines = {"Host": f"127.0.0.1:{port}", "Content-Type": "application/json", **self._headers}
        self._head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def cookie(self) -> str:
        """The value of its session's cookie."""
        return self._headers["Cookie"].partition("=")[2]

    def another(self) -> "Client":
        """A second connection with the same rights, as a second tab has."""
        return Client(self._port, self._headers)

    def close(self) -> None:
        self._socket.close()

    def request(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
        data = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\n{self._head}Content-Length: {len(data)}\r\n\r\n"
        self._socket.sendall(head.encode() + data)
        return self._answer()

    def _answer(self) -> tuple[int, dict[str, Any]]:
        came = b""
        while (end := came.find(b"\r\n\r\n")) < 0:
            came += self._some()
        said = came[:end].lower().partition(b"content-length:")[2]  # every answer of ours says its length
        length = int(said.partition(b"\r\n")[0])
        while len(came) < end + 4 + length:
            came += self._some()
        return int(came[9:12]), json.loads(came[end + 4 :])

    def _some(self) -> bytes:
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionError("the server closed the connection")
        return data

    def command(self, path: str, **body: object) -> tuple[int, dict[str, Any]]:
        return self.request("POST", path, {"request_id": uuid.uuid4().hex, **body})


def run(clients: list[Callable[[], bool]], seconds: float, *, at_least: int = 0) -> Result:
    """Let each callable (one request, true when it went well) loop in its own thread for `seconds`, and make
    `at_least` requests however long they take. All start in the same instant."""
    latencies: list[list[float]] = [[] for _ in clients]
    failures = [0] * len(clients)
    barrier = threading.Barrier(len(clients) + 1)

    def loop(i: int) -> None:
        barrier.wait()
        end = time.perf_counter() + seconds
        while (start := time.perf_counter()) < end or len(latencies[i]) < at_least:
            failures[i] += not clients[i]()
            latencies[i].append(time.perf_counter() - start)

    threads = [threading.Thread(target=loop, args=(i,)) for i in range(len(clients))]
    for thread in threads:
        thread.start()
    barrier.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    return Result(sorted(x for xs in latencies for x in xs), time.perf_counter() - begun, sum(failures))


Asker = tuple[Callable[[], bool], Callable[[], object]]
"""One request, true when it went well, and what the client does after it, which is not counted."""


def run_open(
    clients: list[tuple[Callable[[], bool], Callable[[], object]]], per_second: float, seconds: float
) -> Result:
    """Open-loop load: each client asks at appointed times, `per_second` all together, whether or not the server keeps
    up. A latency counts from the appointed time, so a server that falls behind cannot hide it."""
    period = len(clients) / per_second
    latencies: list[list[float]] = [[] for _ in clients]
    failures = [0] * len(clients)
    begun = time.perf_counter() + 0.5

    def loop(i: int) -> None:
        ask, afterwards = clients[i]
        due = begun + period * random.random()
        while due < begun + seconds:
            time.sleep(max(0.0, due - time.perf_counter()))  # the load itself: until the appointed time
            failures[i] += not ask()
            latencies[i].append(time.perf_counter() - due)
            afterwards()
            due += period

    threads = [threading.Thread(target=loop, args=(i,)) for i in range(len(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Result(sorted(x for xs in latencies for x in xs), seconds, sum(failures))
