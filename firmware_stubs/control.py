"""The stub's control port: a small HTTP server for tests, the virtual hall, and a person's hand."""

import json
import re
import threading
from collections.abc import Callable, Sequence
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar, Protocol

from firmware_stubs.ledbar.bar import LedBarStub
from firmware_stubs.lines import parse_endpoint
from firmware_stubs.modem import ModemStub
from firmware_stubs.printer.machine import PrinterStub
from firmware_stubs.printer.render import png
from firmware_stubs.province import ProvinceStub
from firmware_stubs.refusal import RefusedError
from firmware_stubs.typeface import font_path

PAGE = Path(__file__).parent / "page"
LARGEST_BODY = 4096
HEARTBEAT_S = 5.0
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'"
)


class Controlled(Protocol):
    """A device as the control port sees it."""

    on_change: Callable[[], None]

    def state(self) -> dict[str, object]: ...

    def set_fault(self, name: str, value: object = True) -> None: ...

    def press(self, key: str) -> None: ...


class Changes:
    """A number that grows with each change; many may wait for the next one."""

    def __init__(self) -> None:
        self.version = 0
        self.closed = False
        self._news = threading.Condition()

    def bump(self) -> None:
        with self._news:
            self.version += 1
            self._news.notify_all()

    def close(self) -> None:
        with self._news:
            self.closed = True
            self._news.notify_all()

    def after(self, seen: int, timeout_s: float) -> int:
        """The version, once it is past `seen` or the time is over."""
        with self._news:
            self._news.wait_for(lambda: self.closed or self.version != seen, timeout_s)
            return self.version


class ControlServer:
    """`start` binds; `address` then says where. Raises RefusedError when the port cannot be had."""

    def __init__(self, kind: str, devices: Sequence[Controlled], endpoint: str) -> None:
        self.kind = kind
        self.devices = devices
        self.changes = Changes()
        for device in devices:
            device.on_change = self.changes.bump
        try:
            self._server = Server(parse_endpoint(endpoint), Handler)
        except OSError as error:
            raise RefusedError(
                f"控制端口 {endpoint} 无法使用：{error.strerror}。",
                f"Cannot use the control port {endpoint}: {error.strerror}.",
            ) from None
        self._server.control = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def address(self) -> str:
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.changes.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def state(self) -> dict[str, object]:
        devices = [{"index": n} | device.state() for n, device in enumerate(self.devices)]
        return {"kind": self.kind, "version": self.changes.version, "devices": devices}

    def device(self, index: object) -> Controlled:
        if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(self.devices):
            last = len(self.devices) - 1
            raise RefusedError(f"设备序号须为 0 到 {last}。", f"The device index is 0 to {last}.")
        return self.devices[index]

    def printer(self) -> PrinterStub:
        device = self.devices[0]
        if not isinstance(device, PrinterStub):
            raise RefusedError("这不是打印机。", "This is no printer.")
        return device

    def bar(self, index: int) -> LedBarStub:
        device = self.device(index)
        if not isinstance(device, LedBarStub):
            raise RefusedError("这不是 LED 条屏。", "This is no LED bar.")
        return device

    def province(self) -> ProvinceStub:
        device = self.devices[0]
        if not isinstance(device, ProvinceStub):
            raise RefusedError("这不是省平台。", "This is no province.")
        return device

    def modem(self, index: object) -> ModemStub:
        device = self.device(index)
        if not isinstance(device, ModemStub):
            raise RefusedError("这不是短信模块。", "This is no modem.")
        return device


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    control: ControlServer


class Handler(BaseHTTPRequestHandler):
    """One request. Paths are matched against the two tables below the class."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "jiaohao-stub"
    GETS: ClassVar[list[tuple[re.Pattern[str], str]]]
    POSTS: ClassVar[dict[str, str]] = {
        "/fault": "_post_fault",
        "/press": "_post_press",
        "/receive": "_post_receive",
    }

    @property
    def control(self) -> ControlServer:
        return self.server.control

    def log_message(self, *_: object) -> None:
        """Silent: standard output carries the endpoint lines only."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        for pattern, name in self.GETS:
            if match := pattern.fullmatch(path):
                self._guarded(partial(getattr(self, name), *match.groups()))
                return
        self._not_found()

    def do_POST(self) -> None:
        name = self.POSTS.get(self.path.partition("?")[0])
        if name:
            self._guarded(lambda: getattr(self, name)(self._body()))
        else:
            self._not_found()

    def _guarded(self, act: Callable[[], None]) -> None:
        try:
            act()
        except RefusedError as error:
            self._refuse(HTTPStatus.BAD_REQUEST, error)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    # -- answers

    def _not_found(self) -> None:
        self._refuse(HTTPStatus.NOT_FOUND, RefusedError("没有这个地址。", "No such address."))

    def _refuse(self, status: HTTPStatus, error: RefusedError) -> None:
        self.close_connection = True  # an unread body may still be on the wire
        self._json({"detail": error.zh, "detail_en": error.en}, status)

    def _json(self, value: object, status: HTTPStatus = HTTPStatus.OK) -> None:
        self._answer(json.dumps(value, ensure_ascii=False).encode(), "application/json; charset=utf-8", status)

    def _answer(self, body: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK, cache: str = "no-store") -> None:
        self._head(status, kind, cache)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _head(self, status: HTTPStatus, kind: str, cache: str = "no-store") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", CSP)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", cache)

    def _body(self) -> dict[str, object]:
        """The JSON object sent. Its content type is asked for, so that no other site's form presses keys."""
        size = self.headers.get("Content-Length", "")
        kind = self.headers.get_content_type()
        if not re.fullmatch("[0-9]{1,9}", size) or int(size) > LARGEST_BODY or kind != "application/json":
            raise RefusedError("请求须为 JSON（不超过 4 KB）。", "Send JSON, 4 KB at most.")
        try:
            body = json.loads(self.rfile.read(int(size)))
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            raise RefusedError("请求内容不是有效的 JSON 对象。", "The body is no JSON object.")
        return body

    # -- what there is

    def _get_page(self, name: str | None) -> None:
        file = PAGE / (name or "index.html")
        kinds = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
        self._answer(file.read_bytes(), f"{kinds[file.suffix]}; charset=utf-8")

    def _get_font(self) -> None:
        """For machines whose system has no Chinese font; large, so kept by the browser."""
        self._answer(font_path().read_bytes(), "font/collection", cache="max-age=86400")

    def _get_state(self) -> None:
        self._json(self.control.state())

    def _get_papers(self) -> None:
        self._json({"papers": [paper.record() for paper in reversed(self.control.printer().papers)]})

    def _get_paper(self, no: str, form: str) -> None:
        paper = self.control.printer().paper(int(no))
        if form == "png":
            self._answer(png(paper.piece), "image/png")
        else:
            self._json(paper.record())

    def _get_bar(self, index: str) -> None:
        self._answer(self.control.bar(int(index)).png(), "image/png")

    def _get_records(self) -> None:
        self._json({"records": self.control.province().records()})

    def _get_events(self) -> None:
        """The state on each change, and a comment as heartbeat, until the reader or the stub goes away."""
        self.close_connection = True
        self._head(HTTPStatus.OK, "text/event-stream")
        self.end_headers()
        changes, seen = self.control.changes, -1
        while not changes.closed:
            version = changes.version
            state = json.dumps(self.control.state(), ensure_ascii=False)
            self.wfile.write((f"data: {state}\n\n" if version != seen else ": \n\n").encode())
            seen = version
            changes.after(seen, HEARTBEAT_S)

    def _post_fault(self, body: dict[str, object]) -> None:
        device = self.control.device(body.get("device", 0))
        device.set_fault(str(body.get("name")), body.get("value", True))
        self._json(device.state())

    def _post_press(self, body: dict[str, object]) -> None:
        device = self.control.device(body.get("device", 0))
        device.press(str(body.get("key")))
        self._json(device.state())

    def _post_receive(self, body: dict[str, object]) -> None:
        modem = self.control.modem(body.get("device", 0))
        modem.receive(str(body.get("number")), str(body.get("text")))
        self._json(modem.state())


Handler.GETS = [
    (re.compile(r"/()"), "_get_page"),
    (re.compile(r"/(page\.css|page\.js)"), "_get_page"),
    (re.compile(r"/font"), "_get_font"),
    (re.compile(r"/state"), "_get_state"),
    (re.compile(r"/papers"), "_get_papers"),
    (re.compile(r"/paper/(\d{1,9})\.(png|json)"), "_get_paper"),
    (re.compile(r"/bar/(\d{1,4})\.png"), "_get_bar"),
    (re.compile(r"/events"), "_get_events"),
    (re.compile(r"/records"), "_get_records"),
]
