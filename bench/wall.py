"""Call → wall: from the clerk's key to the moment when a wall's browser has the call in its hands."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from bench.hall import BenchHall, running
from bench.load import Client, Result


class Wall:
    """Reads the display agent's stream as a browser does, and notes when each call arrived."""

    def __init__(self, url: str) -> None:
        self._arrived: dict[str, float] = {}
        self._news = threading.Condition()
        self._stream = requests.get(f"{url}events", stream=True, timeout=30)
        threading.Thread(target=self._read, daemon=True).start()

    def when(self, number: str) -> float:
        with self._news:
            if not self._news.wait_for(lambda: number in self._arrived, 10):
                raise TimeoutError(f"{number} never came to the wall")
            return self._arrived[number]

    def _read(self) -> None:
        for line in self._stream.iter_lines(chunk_size=1):
            if line.startswith(b"data:") and b'"calls"' in line:
                now = time.perf_counter()
                with self._news:
                    for call in json.loads(line[5:]).get("calls", ()):
                        self._arrived.setdefault(call["number"], now)
                    self._news.notify_all()


@contextmanager
def wall(hall: BenchHall, folder: Path) -> Iterator[Wall]:
    (folder / "display.token").write_text(hall.token("wall", "display"))
    (folder / "display.toml").write_text(f'server = "{hall.url}"\ntoken_file = "display.token"\nport = 0\n')
    with running("jiaohao-display", "run", "--config", str(folder / "display.toml")) as process:
        url = json.loads(next(process.stdout or iter(())))["wall"]
        yield Wall(url)


def call_to_wall(clerk: Client, window: str, shown: Wall, calls: int) -> Result:
    """One call after another, at a clerk's unhurried pace."""
    latencies, begun = [], time.perf_counter()
    for _ in range(calls):
        start = time.perf_counter()
        _, view = clerk.command(f"/api/v1/windows/{window}/call-next")
        ticket = view["ticket"]
        assert isinstance(ticket, dict)
        latencies.append(shown.when(str(ticket["number"])) - start)
        clerk.command(f"/api/v1/windows/{window}/no-show")
        time.sleep(0.05)
    return Result(sorted(latencies), time.perf_counter() - begun, 0)
