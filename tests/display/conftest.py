"""Real processes: the agent by its command, and a server that can be killed, frozen and started again."""

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page

from tests.display.stage import Stage, staged

ROOT = Path(__file__).resolve().parents[2]
HALL_SERVER = Path(__file__).parent / "hall_server.py"
TOKEN = "test-token-display"
ENV = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


def until(condition: Callable[[], Any], timeout_s: float = 10.0) -> Any:
    """The first true value of `condition`, or a failure."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {timeout_s} s")


def end(process: subprocess.Popen[Any]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGCONT)
        process.kill()
    process.wait(10)
    if process.stdout:
        process.stdout.close()


class HallServer:
    """Always on the same port and with the same hall, like a server that is restarted."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.file = folder / "hall.json"
        self.log = folder / "hall.log"
        self.process: subprocess.Popen[Any] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(HALL_SERVER), str(self.file), str(self.port)],
                stdout=log,
                stderr=log,
                env=ENV,
            )
        until(self._answers, 20)

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/api/v1/board", timeout=1).status_code == 401
        except requests.RequestException:
            return False

    def do(self, *steps: tuple[str, dict[str, Any]]) -> list[int]:
        """Make things happen, in one go; the seq of each."""
        answer = requests.post(f"{self.url}/do", json=steps, timeout=5)
        answer.raise_for_status()
        seqs: list[int] = answer.json()
        return seqs

    def freeze(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        assert self.process
        end(self.process)


CHIME_ONLY = '[voice]\nengine = "none"\n'
"""What tests that are not about words take: with them a call has its turn for ten seconds."""


class Agent:
    """`jiaohao-display run` as a hall starts it."""

    def __init__(
        self, folder: Path, server: str, extra: str = "", port: int = 0, token: str = TOKEN, **env: str
    ) -> None:
        extra += "" if "[voice]" in extra else CHIME_ONLY
        (folder / "token").write_text(token + "\n")
        self.config = folder / "display.toml"
        self.config.write_text(f'server = "{server}"\ntoken_file = "token"\nport = {port}\n{extra}', "utf-8")
        self.log = folder / "display.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    "from display.cli import main; main()",
                    "run",
                    "--config",
                    str(self.config),
                ],
                stdout=subprocess.PIPE,
                stderr=log,
                env={**ENV, **env},
                text=True,
            )
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, self.log.read_text()
        self.wall: str = json.loads(line)["wall"]
        self.port = int(self.wall.rstrip("/").rsplit(":", 1)[1])


class Events:
    """One browser's stream, read in a thread; `walls` are all states so far."""

    def __init__(self, url: str) -> None:
        self.walls: list[dict[str, Any]] = []
        self.readings: list[dict[str, Any]] = []
        self.beats: queue.Queue[dict[str, Any]] = queue.Queue()
        self.response = requests.get(f"{url}events", stream=True, timeout=8)
        self._closing = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        event = ""
        try:
            for raw in self.response.iter_lines(chunk_size=1):
                if self._closing:
                    break
                line = raw.decode()
                if line.startswith("event: "):
                    event = line[7:]
                elif line.startswith("data: "):
                    self._take(event, line[6:])
        except (requests.RequestException, AttributeError, ValueError, OSError):
            pass  # the agent ended
        finally:
            self.response.close()

    def _take(self, event: str, data: str) -> None:
        if event == "wall":
            self.walls.append(json.loads(data))
        elif event == "reading":
            self.readings.append(json.loads(data))
        elif event == "heartbeat":
            self.beats.put(json.loads(data))

    @property
    def last(self) -> dict[str, Any]:
        return self.walls[-1] if self.walls else {"seq": -1, "stale": True, "calls": []}

    def announced(self) -> list[int]:
        """The seqs of calls as a page would show them: each state's calls beyond the last one it showed."""
        shown: list[int] = []
        for wall in self.walls:
            shown += [call["seq"] for call in wall["calls"] if not shown or call["seq"] > shown[-1]]
        return shown

    def close(self) -> None:
        self._closing = True
        self._thread.join(10)  # the next heartbeat, or the agent's end, wakes it


@pytest.fixture
def server(tmp_path: Path) -> Iterator[HallServer]:
    hall = HallServer(tmp_path)
    hall.start()
    try:
        yield hall
    finally:
        hall.kill()


@pytest.fixture
def start_agent(tmp_path: Path) -> Iterator[Callable[..., Agent]]:
    started: list[Agent] = []

    def start(server_url: str, extra: str = "", **more: Any) -> Agent:
        started.append(Agent(tmp_path, server_url, extra, **more))
        return started[-1]

    try:
        yield start
    finally:
        for agent in started:
            end(agent.process)


@pytest.fixture
def listen() -> Iterator[Callable[[str], Events]]:
    streams: list[Events] = []

    def open_stream(url: str) -> Events:
        streams.append(Events(url))
        return streams[-1]

    try:
        yield open_stream
    finally:
        for stream in streams:
            stream.close()


@pytest.fixture
def wait_until() -> Callable[..., Any]:
    return until


@pytest.fixture
def stage(open_page: Callable[..., Page]) -> Iterator[Stage]:
    with staged(open_page) as it:
        yield it
