"""The hall's processes: started by command, ready when they print a line of JSON, kept alive, ended together."""

import contextlib
import ctypes
import json
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

READY_S = 60.0
"""A first start on a slow machine makes the database and waits for a cold disk."""
STOP_S = 5.0
WATCH_S = 0.5
PR_SET_PDEATHSIG = 1


class ProcessError(Exception):
    """A process of the hall did not come up; the message is for the person at the terminal."""


class Child:
    """One process. Its standard output is read for JSON lines; what it logs goes to the file `log`."""

    def __init__(self, name: str, command: Sequence[str], log: Path) -> None:
        self.name = name
        self.command = list(command)
        self.log = log
        self._lines: queue.Queue[dict[str, str] | None] = queue.Queue()
        self._process = self._spawn()

    def line(self) -> dict[str, str]:
        """The next JSON line, or ProcessError when the process ends or says nothing in time."""
        try:
            found = self._lines.get(timeout=READY_S)
        except queue.Empty:
            found = None
        if found is None:
            raise ProcessError(
                f"{self.name} 没有启动起来 did not start: {' '.join(self.command)}\n{self._last_words()}"
            )
        return found

    def alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """What a power cut would do to it."""
        self._process.kill()

    def restart(self) -> None:
        self._process.wait()
        self._lines = queue.Queue()
        self._process = self._spawn()

    def stop(self) -> None:
        if self.alive():
            self._process.terminate()

    def wait(self) -> None:
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _last_words(self) -> str:
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-3:])

    def _spawn(self) -> "subprocess.Popen[str]":
        with self.log.open("a") as log:
            return self._spawn_logging_to(log)

    def _spawn_logging_to(self, log: IO[str]) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            process_group=0,  # Ctrl-C reaches this process alone, which then ends the others in order
            preexec_fn=_die_with_parent,
        )
        threading.Thread(target=self._read, args=(process, self._lines), daemon=True).start()
        return process

    def _read(self, process: "subprocess.Popen[str]", lines: "queue.Queue[dict[str, str] | None]") -> None:
        for line in process.stdout or ():
            with contextlib.suppress(ValueError):  # said to a person, not to us
                lines.put(json.loads(line))
        lines.put(None)


def _die_with_parent() -> None:
    """However this process ends, even by kill -9, its children get SIGTERM."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Family:
    """All processes of the hall. Whoever dies is started again, as a hall's service manager would."""

    def __init__(self, logs: Path) -> None:
        self.children: dict[str, Child] = {}
        self.logs = logs
        self._stopping = False

    def start(self, name: str, command: Sequence[str]) -> Child:
        self.logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.children[name] = Child(name, command, self.logs / f"{name}.log")
        return self.children[name]

    def watch(self) -> None:
        """Restart the dead until `stop`; runs in the main thread, whose death the kernel tells the children."""
        while not self._stopping:
            time.sleep(WATCH_S)  # asks rather than waits: a signal must find this thread able to stop
            for child in self.children.values():
                if not child.alive() and not self._stopping:
                    time.sleep(0.5)  # one that dies at once must not be started as fast as it dies
                    sys.stderr.write(f"{child.name} 已退出，正在重启 ended, starting it again\n")
                    child.restart()

    def request_stop(self) -> None:
        """For a signal's handler: takes no lock, as the thread that it interrupts may hold it."""
        self._stopping = True

    def stop(self) -> None:
        """End all, those at the edge first."""
        self._stopping = True
        for child in reversed(self.children.values()):
            child.stop()
        for child in self.children.values():
            child.wait()
