"""Closed-loop HTTP load: N clients, each sending its next request when it has the answer to the last."""

import http.client
import json
import random
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass


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
    """One keep-alive connection. `post` returns (status, parsed body)."""

    def __init__(self, port: int, headers: dict[str, str] | None = None) -> None:
        self._port = port
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        self._connection.connect()
        self._headers = {"Content-Type": "application/json", **(headers or {})}

    def another(self) -> "Client":
        """A second connection with the same rights, as a second tab has."""
        return Client(self._port, self._headers)

    def close(self) -> None:
        self._connection.close()

    def request(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, object]]:
        data = None if body is None else json.dumps(body)
        self._connection.request(method, path, data, self._headers)
        response = self._connection.getresponse()
        return response.status, json.loads(response.read())

    def command(self, path: str, **body: object) -> tuple[int, dict[str, object]]:
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
