"""The parts of a hall, each a process of its own started by its own command, and the people who use them.

Nothing here knows the inside of a part: commands, HTTP, sockets, control ports and, to look afterwards, the database
file. A part that is killed comes back at the address where it was, as under a service manager.
"""

import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[2]
ENV = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
SERVER, KIOSK, DISPLAY = "server.main", "kiosk.cli", "display.cli"
PASSWORD = "correct horse battery"
WINDOWS = ("01", "02", "07")
"""Windows that have an evaluator and an LED bar. All serve queue A, the last one B as well."""
PATIENCE_S = 30.0
"""How long anything may take on a machine with better things to do."""


def command(module: str, *words: str) -> list[str]:
    """A command of the project, always of this checkout, whatever is installed beside this Python."""
    return [sys.executable, "-c", f"from {module} import main; main()", *words]


def until(condition: Callable[[], Any], timeout_s: float = PATIENCE_S) -> Any:
    """The first true value of `condition`; the test fails when none comes."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"it did not happen within {timeout_s:g} s")


def steady_port() -> int:
    """A free port below those that the kernel lends out, so that nobody takes it while its owner is dead."""
    while True:
        port = random.randrange(20_000, 32_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def name() -> str:
    """A fresh request_id."""
    return uuid.uuid4().hex


class Program:
    """One process. `said` is its first line of standard output, `log` its standard error over all its lives."""

    def __init__(self, folder: Path, title: str, words: list[str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / f"{title}.log"
        self._words = words
        self._process: subprocess.Popen[str] | None = None
        self.said: dict[str, Any] = {}

    def spawn(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._words, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT, env=ENV
            )

    def ready(self) -> None:
        """Wait for the line of JSON that says where it listens."""
        out = self.process.stdout
        assert out
        line = out.readline()
        assert line, self.log.read_text("utf-8")
        self.said = json.loads(line)

    def start(self) -> None:
        self.spawn()
        self.ready()

    @property
    def process(self) -> "subprocess.Popen[str]":
        assert self._process
        return self._process

    @property
    def pid(self) -> int:
        return self.process.pid

    def alive(self) -> bool:
        return self.process.poll() is None

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """kill -9, also of a frozen one; harmless to one that has ended."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait(PATIENCE_S)
        if self._process.stdout:
            self._process.stdout.close()

    def complaints(self) -> list[str]:
        """Lines of the log that tell of a mistake of ours."""
        lines = self.log.read_text("utf-8", "replace").splitlines()
        return [line for line in lines if "Traceback" in line or "[error" in line or "level='error'" in line]


class Person:
    """Somebody signed in, with a session of their own, as a browser has."""

    def __init__(self, server: str, path: str, form: dict[str, str]) -> None:
        self._api = server + "/api/v1"
        self.session = requests.Session()
        self.session.trust_env = False
        answer = self.session.post(self._api + path, json=form, timeout=PATIENCE_S)
        assert answer.status_code == 200, answer.text
        self.session.headers["X-CSRF-Token"] = answer.json()["csrf"]

    def send(self, path: str, request_id: str = "", method: str = "POST", **body: Any) -> requests.Response:
        body["request_id"] = request_id or name()
        return self.session.request(method, self._api + path, json=body, timeout=PATIENCE_S)

    def do(self, path: str, **body: Any) -> Any:
        """A command that must be done."""
        answer = self.send(path, **body)
        assert answer.ok, answer.text
        return answer.json()


class Clerk:
    """A clerk who sits at a window."""

    def __init__(self, person: Person, window: str) -> None:
        self.person, self.window = person, window
        person.do(f"/windows/{window}/sign-in", take_over=True)

    def at(self, what: str, **body: Any) -> Any:
        return self.person.do(f"/windows/{self.window}/{what}", **body)

    def call_next(self) -> str:
        """The number called, or "" when nobody waits."""
        ticket = self.at("call-next")["ticket"]
        return ticket["number"] if ticket else ""

    def serve_next(self) -> str:
        number = self.call_next()
        self.at("begin")
        self.at("finish")
        return number


class Server(Program):
    """`jiaohao-server serve` with the demo hall. Its admin makes tokens and accounts over HTTP, as in any hall."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "server"
        port = steady_port()
        super().__init__(
            folder, "server", command(SERVER, "serve", "--data", str(self.data), "--port", str(port), "--demo")
        )
        self.url = f"http://127.0.0.1:{port}"

    def found(self) -> None:
        """The first start: whoever holds the printed link becomes the admin."""
        self.ready()
        code = self.said["setup"].rsplit("#", 1)[1]
        self.admin = Person(self.url, "/setup", {"code": code, "username": "admin", "password": PASSWORD})

    def token(self, device: str, **body: str) -> str:
        return str(self.admin.do("/admin/devices", name=device, **body)["token"])

    def clerk(self, window: str, username: str = "") -> Clerk:
        username = username or f"clerk{window}"
        if not any(user["username"] == username for user in self.overview()["users"]):
            form = {"username": username, "role": "clerk", "password": PASSWORD, "name": f"职员{window}"}
            self.admin.do("/admin/users", staff_no=f"SB{window}", **form)
        return Clerk(Person(self.url, "/session", {"username": username, "password": PASSWORD}), window)

    def overview(self) -> Any:
        return self.admin.session.get(f"{self.url}/api/v1/admin", timeout=PATIENCE_S).json()

    def change_hall(self, **changes: Any) -> None:
        self.admin.do("/admin/hall", method="PUT", **{**self.overview()["hall"], **changes})

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """What lies in the database, read beside the running server."""
        with closing(sqlite3.connect(f"file:{self.data / 'jiaohao.db'}?mode=ro", uri=True, timeout=30)) as db:
            db.row_factory = sqlite3.Row
            return [dict(row) for row in db.execute(sql, values)]

    def ticket(self, number: str) -> dict[str, Any]:
        (row,) = self.rows("SELECT * FROM ticket WHERE number = ?", number)
        return row


class Device:
    """One machine's way to the API, by its token."""

    def __init__(self, server: str, token: str) -> None:
        self._api = server + "/api/v1"
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {token}"

    def post(self, path: str, request_id: str = "", **body: Any) -> requests.Response:
        body["request_id"] = request_id or name()
        return self.session.post(self._api + path, json=body, timeout=PATIENCE_S)

    def take(self, queue: str = "A", request_id: str = "") -> Any:
        answer = self.post("/tickets", request_id, queue=queue)
        assert answer.status_code == 201, answer.text
        return answer.json()


class Stub(Program):
    """`python -m firmware_stubs KIND` with one end or more, watched and worked through its control port."""

    def __init__(self, folder: Path, kind: str, *options: str) -> None:
        self._control = f"http://127.0.0.1:{steady_port()}"
        words = [sys.executable, "-m", "firmware_stubs", kind, *options, "--control", self._control[7:]]
        super().__init__(folder, kind, words)

    def state(self, device: int = 0) -> dict[str, Any]:
        return requests.get(f"{self._control}/state", timeout=PATIENCE_S).json()["devices"][device]

    def papers(self) -> list[dict[str, Any]]:
        """Oldest first."""
        return requests.get(f"{self._control}/papers", timeout=PATIENCE_S).json()["papers"][::-1]

    def fault(self, fault: str, value: object = True, device: int = 0) -> None:
        self._post("/fault", {"device": device, "name": fault, "value": value})

    def press(self, key: str, device: int = 0) -> None:
        self._post("/press", {"device": device, "key": key})

    def _post(self, path: str, body: dict[str, Any]) -> None:
        requests.post(self._control + path, json=body, timeout=PATIENCE_S).raise_for_status()


class Kiosk(Program):
    """`jiaohao-kiosk run`."""

    def __init__(self, folder: Path, lines: Iterable[str]) -> None:
        port = steady_port()
        self.url = f"http://127.0.0.1:{port}/"
        config = folder / "kiosk.toml"
        config.write_text("\n".join([f"port = {port}", *lines]) + "\n", "utf-8")
        super().__init__(folder, "kiosk", command(KIOSK, "run", "--config", str(config)))

    def touch(self, press_id: str, queue: str = "A") -> dict[str, Any]:
        """A touch on the page, or the same touch again: what became of it so far."""
        body = {"press_id": press_id, "queue": queue}
        answer = requests.post(self.url + "take", json=body, headers={"X-Jiaohao-Kiosk": "1"}, timeout=PATIENCE_S)
        answer.raise_for_status()
        visit: dict[str, Any] = answer.json()
        return visit

    def visit(self, queue: str = "A") -> dict[str, Any]:
        """Touch and wait for the end of it."""
        press_id = name()
        ends = ("taken", "waiting_paper", "no_paper", "paper_unknown", "refused", "away")
        until(lambda: self.touch(press_id, queue)["stage"] in ends)
        return self.touch(press_id, queue)

    def until_ready(self) -> None:
        """The server is heard and the printer answers."""
        until(lambda: (now := self.picture())["server"] == "online" and now["printer"]["ready"])

    def picture(self) -> dict[str, Any]:
        with requests.get(self.url + "events", stream=True, timeout=PATIENCE_S) as stream:
            line = next(line for line in stream.iter_lines(chunk_size=1) if line.startswith(b'data: {"'))
        return dict(json.loads(line[6:]))


class Display(Program):
    """`jiaohao-display run`."""

    def __init__(self, folder: Path, lines: Iterable[str]) -> None:
        port = steady_port()
        self.url = f"http://127.0.0.1:{port}/"
        config = folder / "display.toml"
        config.write_text("\n".join([f"port = {port}", *lines]) + "\n", "utf-8")
        super().__init__(folder, "display", command(DISPLAY, "run", "--config", str(config)))


class Listener:
    """A browser's ears on the wall's stream: comes back when the display was away, shows each call once.

    `shown` are the calls since it began to listen, in the order in which a page would give them their turn.
    """

    def __init__(self, url: str) -> None:
        self._url = url + "events"
        self._closing = False
        self._heard: int | None = None
        self.stale = True
        self.shown: list[dict[str, Any]] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        until(lambda: not self.stale)

    def _listen(self) -> None:
        while not self._closing:
            gone = suppress(requests.RequestException, ValueError, AttributeError, OSError)
            with gone, requests.get(self._url, stream=True, timeout=8) as stream:
                self._read(stream)
            time.sleep(0.1)

    def _read(self, stream: requests.Response) -> None:
        event = ""
        for line in stream.iter_lines(chunk_size=1):
            if self._closing:
                return
            if line.startswith(b"event: "):
                event = line[7:].decode()
            elif line.startswith(b"data: ") and event == "wall":
                self._take(json.loads(line[6:]))

    def _take(self, wall: dict[str, Any]) -> None:
        self.stale = wall["stale"]
        if not wall["hall"]:
            return  # a display that was just started, and knows nothing yet
        newest = wall["calls"][-1]["seq"] if wall["calls"] else 0
        if self._heard is not None:
            self.shown += [call for call in wall["calls"] if call["seq"] > self._heard]
        self._heard = max(self._heard or 0, newest)

    def close(self) -> None:
        self._closing = True
        self._thread.join(10)


class Wire:
    """A TCP line between two parts that can be cut, and have noise put on it."""

    def __init__(self, target: str) -> None:
        host, _, port = target.rpartition(":")
        self._target = (host, int(port))
        self._cut = self._closed = False
        self._lock = threading.Lock()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._run(self._accept)

    @staticmethod
    def _run(work: Callable[..., None], *values: Any) -> None:
        threading.Thread(target=work, args=values, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                near, _ = self._listener.accept()
                try:
                    if self._cut:
                        raise OSError
                    far = socket.create_connection(self._target, timeout=5)
                except OSError:
                    near.close()
                    continue
                far.settimeout(None)
                if not self._keep(near, far):
                    return
                self._run(self._pump, near, far)
                self._run(self._pump, far, near)

    def _keep(self, near: socket.socket, far: socket.socket) -> bool:
        """False for who came while the wire was being closed: nobody would hang up on them."""
        with self._lock:
            if not self._closed:
                self._pairs.append((near, far))
                return True
        near.close()
        far.close()
        return False

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(4096):
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """Nothing passes, nobody gets through."""
        self._cut = True
        self._hang_up()

    def mend(self) -> None:
        self._cut = False

    def inject(self, data: bytes) -> None:
        """Noise towards whoever connected."""
        with self._lock:
            ends = [near for near, _ in self._pairs]
        for near in ends:
            with suppress(OSError):
                near.sendall(data)

    def close(self) -> None:
        with self._lock:
            self._closed = True
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes who waits in accept
        self._listener.close()
        self._hang_up()

    def _hang_up(self) -> None:
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for end in pair:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()


class Hall:
    """Everything of a hall on one machine. `start` brings it up, `close` ends it whatever happened.

    Printer and LED bars hang on wires of their own, and so does the display on the server, so that a test can disturb
    each line.
    """

    def __init__(self, folder: Path, *printer_options: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.papers_file = folder / "papers" / "papers.jsonl"
        self.server = Server(folder)
        options = [
            "--tcp",
            "127.0.0.1:0",
            "--log",
            str(folder / "printer.bytes"),
            "--paper-dir",
            str(folder / "papers"),
        ]
        self.printer = Stub(folder, "printer", *options, *printer_options)
        self.pads = [str(folder / f"pad{window}") for window in WINDOWS]
        self.evaluators = Stub(folder, "evaluator", *[word for pad in self.pads for word in ("--pty", pad)])
        self.bars = Stub(folder, "ledbar", *[word for _ in WINDOWS for word in ("--tcp", "127.0.0.1:0")])
        self.programs: list[Program] = [self.server, self.printer, self.evaluators, self.bars]
        self.wires: list[Wire] = []

    def start(self) -> None:
        for program in self.programs:
            program.spawn()
        self.server.found()
        for stub in (self.printer, self.evaluators, self.bars):
            stub.ready()
        self.printer_wire = self._wire(self.printer.said["tcp"])
        self.bar_wires = [self._wire(self.bars.state(i)["tcp"]) for i in range(len(WINDOWS))]
        self.news_wire = self._wire(self.server.url.removeprefix("http://"))
        self._start_clients()

    def _wire(self, target: str) -> Wire:
        self.wires.append(Wire(target))
        return self.wires[-1]

    def _start_clients(self) -> None:
        self.kiosk = Kiosk(self.folder, self._kiosk_lines())
        self.display = Display(self.folder, self._display_lines())
        self.programs += [self.kiosk, self.display]
        for client in (self.kiosk, self.display):
            client.spawn()
        for client in (self.kiosk, self.display):
            client.ready()
        self.kiosk.until_ready()
        until(lambda: all(self.bars.state(i)["text"] for i in range(len(WINDOWS))))

    def _kiosk_lines(self) -> list[str]:
        lines = [
            f'server = "{self.server.url}"', self._token("kiosk", kind="kiosk"), 'data_dir = "kiosk"',
            f'public_url = "{self.server.url}"', "[printer]", f'url = "tcp://{self.printer_wire.address}"',
        ]  # fmt: skip
        for window, pad in zip(WINDOWS, self.pads, strict=True):
            lines += [
                "[[evaluator]]", f'window = "{window}"', f'url = "serial://{pad}?baudrate=9600"', 'profile = "ff68"',
                self._token(f"evaluator-{window}", kind="evaluator", window=window),
            ]  # fmt: skip
        return lines

    def _display_lines(self) -> list[str]:
        lines = [f'server = "http://{self.news_wire.address}"', self._token("display", kind="display")]
        for window, wire in zip(WINDOWS, self.bar_wires, strict=True):
            lines += ["[[led_bar]]", f'window = "{window}"', f'url = "tcp://{wire.address}"']
        return [*lines, "[voice]", 'engine = "none"']  # with words each call has its turn for ten seconds

    def _token(self, device: str, **body: str) -> str:
        """A token in a file, and the setting that names it."""
        (self.folder / f"{device}.token").write_text(self.server.token(device, **body))
        return f'token_file = "{device}.token"'

    def papers_with(self, number: str) -> list[dict[str, Any]]:
        """Pieces of paper on which this number stands, from the printer's own disk."""
        if not self.papers_file.exists():
            return []
        papers = [json.loads(line) for line in self.papers_file.read_text("utf-8").splitlines()]
        return [paper for paper in papers if number in paper["lines"]]

    def bar_says(self, index: int, text: str) -> bool:
        return bool(self.bars.state(index)["text"] == text)

    def close(self) -> None:
        for wire in self.wires:
            wire.close()
        for program in reversed(self.programs):
            program.kill()
