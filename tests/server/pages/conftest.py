"""The real server as a process and real Chromium: nothing of the pages is tested any other way."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

ADMIN = ("boss", "a boss's long password")
PASSWORD = "correct horse battery"
ROOT = Path(__file__).parents[3]


class Live:
    """`jiaohao-server serve`, with the demo hall unless told, and an admin who speaks to it over HTTP."""

    def __init__(self, folder: Path, *, demo: bool = True) -> None:
        self.folder = folder
        self._hall = ["--demo"] if demo else []
        self.url = self.setup_link = ""
        self._process: subprocess.Popen[str] | None = None
        self._admin = requests.Session()

    def start(self, port: int = 0) -> None:
        run = "from server.main import main; main()"
        command = [sys.executable, "-c", run, "serve", "--data", str(self.folder), *self._hall, "--port", str(port)]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        assert self._process.stdout is not None
        self.url = json.loads(self._process.stdout.readline())["server"]
        if not self._admin.headers.get("X-CSRF-Token"):
            self._process.stdout.readline()
            self.setup_link = self._process.stdout.readline().strip()

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.communicate(timeout=20)
            self._process = None

    def freeze(self) -> None:
        """The process stands still, as on a machine that swaps or a cable that was cut: nothing is refused."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        self.stop()
        self._admin.close()

    def set_up(self) -> None:
        code = self.setup_link.partition("#")[2]
        self._as_admin("/setup", {"code": code, "username": ADMIN[0], "password": ADMIN[1]})

    def sign_in_admin(self) -> None:
        self._as_admin("/session", {"username": ADMIN[0], "password": ADMIN[1]})

    def _as_admin(self, path: str, form: dict[str, str]) -> None:
        answer = self._admin.post(f"{self.url}/api/v1{path}", json=form, timeout=20)
        assert answer.ok, answer.text
        self._admin.headers["X-CSRF-Token"] = answer.json()["csrf"]

    def do(self, path: str, method: str = "POST", **body: Any) -> Any:
        """A write of the admin's, who may also stand in for the guide desk."""
        body["request_id"] = uuid4().hex
        return self._asked(method, path, json=body)

    def put_file(self, path: str, data: bytes) -> None:
        answer = self._admin.put(f"{self.url}/api/v1{path}", data=data, timeout=60)
        assert answer.ok, answer.text

    def get(self, path: str) -> Any:
        return self._asked("GET", path)

    def _asked(self, method: str, path: str, **said: Any) -> Any:
        """Once more after signing in: the pages sign the same admin in so often that this session may be over."""
        answer = self._admin.request(method, f"{self.url}/api/v1{path}", **said, timeout=20)
        if answer.status_code == 401:
            self.sign_in_admin()
            answer = self._admin.request(method, f"{self.url}/api/v1{path}", **said, timeout=20)
        assert answer.ok, answer.text
        return answer.json()

    def clerk(self, name: str = "") -> str:
        """A new clerk; returns the user name."""
        username = f"c{uuid4().hex[:8]}"
        self.do("/admin/users", username=username, role="clerk", password=PASSWORD, name=name or username)
        return username

    def take(self, queue: str) -> str:
        return str(self.do("/tickets", queue=queue)["number"])

    def window(self, no: str) -> Any:
        return next(w for w in self.get("/board")["windows"] if w["no"] == no)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """One server for all tests of a file that do not stop it. Each test takes a window and a queue of its own."""
    server = Live(tmp_path_factory.mktemp("live"))
    try:
        server.start()
        server.set_up()
        yield server
    finally:
        server.close()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Live]:
    """A server just started for the first time."""
    server = Live(tmp_path)
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Live]:
    """A server with an admin and nothing else."""
    server = Live(tmp_path, demo=False)
    try:
        server.start()
        server.set_up()
        yield server
    finally:
        server.close()


@pytest.fixture
def tab(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page, in a browser profile of its own unless `beside` another. A page that breaks a promise (a script
    error, something its CSP forbids) fails the test."""
    broken: list[str] = []
    contexts = []

    def watch(text: str) -> None:
        if "Content Security Policy" in text or "Refused to" in text:
            broken.append(text)

    def open_tab(url: str, beside: Page | None = None) -> Page:
        context = beside.context if beside else browser.new_context(viewport={"width": 1366, "height": 768})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: watch(message.text))
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.goto(url)
        return page

    yield open_tab
    for context in set(contexts):
        context.close()
    assert broken == []


@pytest.fixture
def at_window(live: Live, tab: Callable[..., Page]) -> Callable[..., Page]:
    """A clerk's page, signed in and seated by keyboard at a window."""

    def sit(no: str, name: str = "", server: Live = live) -> Page:
        page = tab(f"{server.url}/console")
        sign_in(page, server.clerk(name))
        expect(page.locator(".seat").first).to_be_focused()
        page.keyboard.type(no)
        page.keyboard.press("Enter")
        expect(page.locator(".hand")).to_be_visible()
        return page

    return sit


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, "the condition never came"
        time.sleep(0.05)


def sign_in(page: Page, username: str, password: str = PASSWORD) -> None:
    expect(page.locator("input[name=username]")).to_be_focused()
    page.keyboard.type(username)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")


@pytest.fixture
def signing_in() -> Callable[..., None]:
    """Type name and password into the sign-in page, by keyboard."""
    return sign_in
