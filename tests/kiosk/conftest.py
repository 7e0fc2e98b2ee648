"""A real server, a real printer stub and the real agent, each in its own process, and a wire that can be cut."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
import requests
from playwright.sync_api import Page, expect

ROOT = Path(__file__).parents[2]
ENV = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
UPRIGHT, LYING = (1080, 1920), (1280, 800)
SERVER = [sys.executable, "-c", "from server.main import main; main()"]


def until(condition: Callable[[], Any], timeout_s: float = 15.0) -> Any:
    """Wait for a truth; the test fails when it does not come."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")


class Process:
    """A program that says where it listens in one line of JSON."""

    def __init__(self, command: list[str], env: dict[str, str] = ENV) -> None:
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=env)
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, f"{command} did not start"
        self.said = json.loads(line)

    def kill(self) -> None:
        self.process.kill()
        self._reap()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(10)
        finally:
            self.kill()

    def _reap(self) -> None:
        self.process.wait(10)
        assert self.process.stdout
        self.process.stdout.close()


class RealServer:
    """`jiaohao-server serve --demo` on a folder of its own."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._process = Process([*SERVER, "serve", "--data", str(data), "--port", "0", "--demo"])
        self.url = str(self._process.said["server"])
        self.kiosk_token = self.token("kiosk-1", "--kind", "kiosk")

    def token(self, name: str, *options: str) -> str:
        command = [*SERVER, "device-token", "--data", str(self.data), name, *options]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=ENV).stdout.strip()

    def ticket(self, request_id: str) -> dict[str, Any] | None:
        answer = self._get("/api/v1/tickets", {"request_id": request_id})
        return answer.json() if answer.status_code == 200 else None

    def cancel(self, request_id: str) -> None:
        ticket = self.ticket(request_id) or {}
        url, headers = self.url + f"/api/v1/tickets/{ticket['id']}/cancel", self._headers()
        requests.post(url, json={"request_id": f"{request_id}-x"}, headers=headers, timeout=5).raise_for_status()

    def board(self) -> dict[str, Any]:
        return self._get("/api/v1/board").json()

    def _get(self, path: str, params: dict[str, str] | None = None) -> requests.Response:
        return requests.get(self.url + path, params=params, headers=self._headers(), timeout=5)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.kiosk_token}"}

    def stop(self) -> None:
        self._process.stop()


class Desk:
    """Somebody at the guide desk, over HTTP, who may do what an admin may."""

    def __init__(self, server: RealServer) -> None:
        name, password = f"desk{uuid.uuid4().hex[:8]}", "correct horse battery"
        command = [*SERVER, "user-add", "--data", str(server.data), name, "--role", "admin", "--password-stdin"]
        subprocess.run(command, check=True, input=password, text=True, env=ENV, capture_output=True)
        self._url, self._http = f"{server.url}/api/v1", requests.Session()
        me = self._http.post(f"{self._url}/session", json={"username": name, "password": password}, timeout=20).json()
        self._http.headers["X-CSRF-Token"] = me["csrf"]

    def post(self, path: str, **body: Any) -> requests.Response:
        return self._http.post(self._url + path, json={"request_id": uuid.uuid4().hex, **body}, timeout=20)

    def do(self, path: str, **body: Any) -> Any:
        answer = self.post(path, **body)
        assert answer.ok, answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        return self._http.get(self._url + path, timeout=20).json()

    def close(self) -> None:
        self._http.close()


@dataclass
class Weather:
    """What happens on the wire to requests whose path contains `path`."""

    path: str = "/"
    method: str = ""
    before: threading.Event | None = None
    """Held until set, before the server has it."""
    after: threading.Event | None = None
    """Held until set, when the server has done it."""
    answer: tuple[int, bytes] | None = None
    """Given instead of the server's, which is not asked."""
    cut: bool = False
    """The line breaks before an answer."""
    reached: threading.Event = field(default_factory=threading.Event)


class Wire:
    """A proxy between kiosk and server. Passes HTTP only; sockets are blocked, as in some networks."""

    def __init__(self, server: str) -> None:
        self.server = server
        self.weather = Weather(path="\0")
        self.passed: list[tuple[str, str, dict[str, Any]]] = []
        wire = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                wire.carry(self)

            do_POST = do_GET  # noqa: N815 - http.server's name

            def log_message(self, *_: object) -> None: ...

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._http.block_on_close = False
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def carry(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        weather = self.weather
        hit = weather.path in handler.path and weather.method in handler.command
        try:
            status, content = self._answer(handler, body, weather if hit else Weather())
            handler.send_response(status)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Content-Length", str(len(content)))
            handler.end_headers()
            handler.wfile.write(content)
        except (OSError, requests.RequestException):
            handler.close_connection = True

    def _answer(self, handler: BaseHTTPRequestHandler, body: bytes, weather: Weather) -> tuple[int, bytes]:
        weather.reached.set()
        if weather.before:
            weather.before.wait(30)
        if weather.answer:
            return weather.answer
        if weather.cut:
            raise OSError("the line is cut")
        self.passed.append((handler.command, handler.path, json.loads(body) if body else {}))
        headers = {"Authorization": handler.headers["Authorization"], "Content-Type": "application/json"}
        answer = requests.request(
            handler.command, self.server + handler.path, data=body or None, headers=headers, timeout=10
        )
        if weather.after:
            weather.after.wait(30)
        return answer.status_code, answer.content

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class PrinterStub:
    """The printer at the end of a TCP line, watched through its control port."""

    def __init__(self, *options: str) -> None:
        command = [sys.executable, "-m", "firmware_stubs", "printer", "--tcp", "127.0.0.1:0"]
        self._process = Process([*command, "--control", "127.0.0.1:0", *options])
        self.url = f"tcp://{self._process.said['tcp']}"
        self._control = f"http://{self._process.said['control']}"

    def papers(self) -> list[dict[str, Any]]:
        return requests.get(f"{self._control}/papers", timeout=5).json()["papers"]

    def printed(self, number: str) -> int:
        """On how many pieces of paper this number stands."""
        return sum(number in json.dumps(paper, ensure_ascii=False) for paper in self.papers())

    def fault(self, name: str, value: object = True) -> None:
        requests.post(f"{self._control}/fault", json={"name": name, "value": value}, timeout=5).raise_for_status()

    def stop(self) -> None:
        self._process.stop()


class Kiosk:
    """The agent as a hall runs it."""

    def __init__(self, folder: Path, server: str, token: str, printer: str, extra: str = "") -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        (folder / "token").write_text(token)
        (folder / "kiosk.toml").write_text(
            f'server = "{server}"\ntoken_file = "token"\ndata_dir = "data"\n{extra}\n[printer]\nurl = "{printer}"\n'
        )
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "kiosk.cli", "run", "--config", str(self.folder / "kiosk.toml")]
        self._process = Process(command)
        self.url = str(self._process.said["kiosk"])
        self.pid = self._process.process.pid
        self._pictures: list[dict[str, Any]] = []
        self._watcher = threading.Thread(target=self._watch)
        self._watcher.start()

    def kill(self) -> None:
        self._process.kill()
        self._watcher.join()

    def stop(self) -> int:
        code = self._process.stop()
        self._watcher.join()
        return code

    def keep_port(self) -> None:
        """Start anew on the port of now, so that a page finds it again after a kill. Made with "port = 0"."""
        port = self.url.rsplit(":", 1)[1].rstrip("/")
        self.stop()
        config = self.folder / "kiosk.toml"
        config.write_text(config.read_text().replace("port = 0", f"port = {port}"))
        self.start()

    def touch(self, press_id: str, queue: str = "A", **more: str) -> requests.Response:
        headers = {"X-Jiaohao-Kiosk": "1"}
        body = {"press_id": press_id, "queue": queue, **more}
        return requests.post(self.url + "take", json=body, headers=headers, timeout=10)

    def picture(self) -> dict[str, Any]:
        """The newest picture that came over the one stream that a page would hold."""
        until(lambda: self._pictures)
        return self._pictures[-1]

    def _watch(self) -> None:
        """Until the agent ends, which ends the stream."""
        pictures = self._pictures
        try:
            with urlopen(self.url + "events", timeout=30) as stream:  # noqa: S310 - our own
                for line in stream:
                    if line.startswith(b'data: {"'):
                        pictures.append(json.loads(line[6:]))
        except (OSError, HTTPException):
            pass  # killed

    def stage(self, press_id: str) -> str:
        return self.picture()["visits"].get(press_id, {}).get("stage", "")

    def until_stage(self, press_id: str, *stages: str, timeout_s: float = 15.0) -> dict[str, Any]:
        until(lambda: self.stage(press_id) in stages, timeout_s)
        return self.picture()["visits"][press_id]

    def until_ready(self) -> None:
        """The server is heard and the printer answers."""
        until(lambda: (now := self.picture())["server"] == "online" and now["printer"]["ready"])


@pytest.fixture(scope="session")
def real_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    server = RealServer(tmp_path_factory.mktemp("server"))
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def wire(real_server: RealServer) -> Iterator[Wire]:
    wire = Wire(real_server.url)
    try:
        yield wire
    finally:
        wire.close()


@pytest.fixture
def printer() -> Iterator[PrinterStub]:
    printer = PrinterStub("--fast")
    try:
        yield printer
    finally:
        printer.stop()


@pytest.fixture
def make_kiosk(tmp_path: Path, real_server: RealServer) -> Iterator[Callable[..., Kiosk]]:
    kiosks: list[Kiosk] = []

    def make(server: str, printer: str, extra: str = "") -> Kiosk:
        kiosks.append(Kiosk(tmp_path / f"kiosk{len(kiosks)}", server, real_server.kiosk_token, printer, extra))
        return kiosks[-1]

    try:
        yield make
    finally:
        for kiosk in kiosks:
            kiosk.kill()


@pytest.fixture
def open_kiosk(complaints: list[str], open_page: Callable[..., Page]) -> Callable[..., Page]:
    """Opens the kiosk's page; any error of its scripts fails the test."""

    def open_it(kiosk: Kiosk, size: tuple[int, int] = UPRIGHT) -> Page:
        page = open_page("about:blank", *size, locale="zh-CN")
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(kiosk.url)
        return page

    return open_it


@pytest.fixture
def open_items(
    make_kiosk: Callable[..., Kiosk], open_kiosk: Callable[..., Page]
) -> Callable[..., tuple[Kiosk, Page]]:
    """A kiosk of this server and printer, ready, its page where items are looked up."""

    def open_it(server: str, printer: str, size: tuple[int, int] = UPRIGHT) -> tuple[Kiosk, Page]:
        kiosk = make_kiosk(server, printer)
        kiosk.until_ready()
        page = open_kiosk(kiosk, size)
        page.get_by_role("button", name="按事项查找").click()
        expect(page.locator(".query")).to_be_focused()
        return kiosk, page

    return open_it
