"""A press on a real serial line becomes a rating, once, and only when one was asked for."""

import json
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from devices.base import Press
from kiosk.client import Client
from kiosk.rating import Invitations, Pad, Rating, unsent
from kiosk.spool import Spool
from server.contract.board import Board, WindowStatus
from server.contract.news import News, NewsKind
from server.contract.windows import WindowState
from tests.kiosk.conftest import ENV, SERVER, Kiosk, PrinterStub, Process, RealServer, Weather, Wire, until

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PASSWORD = "a long enough password"
MakeKiosk = Callable[..., Kiosk]


class EvaluatorStub:
    def __init__(self, *end: str) -> None:
        command = [sys.executable, "-m", "firmware_stubs", "evaluator", *end, "--control", "127.0.0.1:0"]
        self._process = Process(command)
        said = self._process.said
        self.url = f"tcp://{said['tcp']}" if "tcp" in said else f"serial://{said['pty']}"
        self._control = f"http://{self._process.said['control']}"

    def press(self, key: str) -> None:
        requests.post(f"{self._control}/press", json={"key": key}, timeout=5).raise_for_status()

    def state(self) -> dict[str, Any]:
        return requests.get(f"{self._control}/state", timeout=5).json()["devices"][0]

    def stop(self) -> None:
        self._process.stop()


class Clerk:
    """Serves at one window, as the console does."""

    def __init__(self, server: RealServer, name: str, window: str) -> None:
        add = [*SERVER, "user-add", "--data", str(server.data), name, "--role", "clerk", "--password-stdin"]
        subprocess.run(add, input=PASSWORD + "\n", text=True, check=True, capture_output=True, env=ENV)
        self._url = f"{server.url}/api/v1"
        self._window = window
        self._count = 0
        self._session = requests.Session()
        answer = self._session.post(f"{self._url}/session", json={"username": name, "password": PASSWORD}, timeout=5)
        answer.raise_for_status()
        self._session.headers["X-CSRF-Token"] = answer.json()["csrf"]
        self.do("sign-in")

    def do(self, command: str) -> dict[str, Any]:
        self._count += 1
        body = {"request_id": f"clerk-{self._window}-{self._count:04}"}
        answer = self._session.post(f"{self._url}/windows/{self._window}/{command}", json=body, timeout=5)
        assert answer.ok, answer.text
        return answer.json()

    def serve(self) -> None:
        for command in ("call-next", "begin", "finish"):
            self.do(command)

    def close(self) -> None:
        self._session.close()


@pytest.fixture
def evaluator(tmp_path: Path) -> Iterator[EvaluatorStub]:
    stub = EvaluatorStub("--pty", str(tmp_path / "evaluator"))
    try:
        yield stub
    finally:
        stub.stop()


def test_a_press_becomes_a_rating_once(
    real_server: RealServer, printer: PrinterStub, evaluator: EvaluatorStub, make_kiosk: MakeKiosk, tmp_path: Path
) -> None:
    kiosk = with_evaluator(make_kiosk(real_server.url, printer.url), real_server, "pad-01", "01", evaluator.url)
    kiosk.touch("rating-press-1")
    kiosk.until_stage("rating-press-1", "taken")
    assert not evaluator.state()["prompting"]
    evaluator.press("satisfied")
    journal = kiosk.folder / "data" / "ratings.jsonl"
    until(lambda: endings(journal) == ["no_invitation"])
    assert not evaluator.state()["thanking"], "nobody is thanked for a rating that was not taken"
    clerk = Clerk(real_server, "rating-clerk", "01")
    try:
        clerk.serve()
        until(lambda: evaluator.state()["prompting"])
        evaluator.press("satisfied")
        until(lambda: evaluator.state()["thanking"])
        until(lambda: endings(journal) == ["no_invitation", "accepted"])
    finally:
        clerk.close()
    assert not window_01(real_server)["inviting"]


def with_evaluator(kiosk: Kiosk, server: RealServer, name: str, window: str, url: str) -> Kiosk:
    (kiosk.folder / "pad-token").write_text(server.token(name, "--kind", "evaluator", "--window", window))
    kiosk.stop()
    config = kiosk.folder / "kiosk.toml"
    pad = f'[[evaluator]]\nwindow = "{window}"\nurl = "{url}"\nprofile = "ff68"\ntoken_file = "pad-token"\n'
    config.write_text(config.read_text() + pad)
    kiosk.start()
    kiosk.until_ready()
    return kiosk


class Tap:
    """A forger's box in the evaluator's cable: it passes everything on, keeps what the evaluator said, and says it
    again."""

    def __init__(self, evaluator: str) -> None:
        host, _, port = evaluator.removeprefix("tcp://").rpartition(":")
        self._evaluator = (host, int(port))
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"tcp://127.0.0.1:{self._door.getsockname()[1]}"
        self.kept = b""
        self._kiosk: socket.socket | None = None
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                self._kiosk, _ = self._door.accept()
            except OSError:
                return
            pad = socket.create_connection(self._evaluator)
            threading.Thread(target=self._carry, args=(self._kiosk, pad), daemon=True).start()
            threading.Thread(target=self._carry, args=(pad, self._kiosk, True), daemon=True).start()

    def _carry(self, here: socket.socket, there: socket.socket, keep: bool = False) -> None:
        with suppress(OSError):
            while data := here.recv(4096):
                self.kept += data if keep else b""
                there.sendall(data)
        there.close()

    def say(self, frames: bytes) -> None:
        assert self._kiosk is not None
        self._kiosk.sendall(frames)

    def close(self) -> None:
        self._door.close()


def test_frames_that_are_played_again_rate_nothing(
    real_server: RealServer, printer: PrinterStub, make_kiosk: MakeKiosk
) -> None:
    """Taken from the cable when a citizen pressed: once more at once, after a while, and while the next is served."""
    stub = EvaluatorStub("--tcp", "127.0.0.1:0")
    tap = Tap(stub.url)
    kiosk = with_evaluator(make_kiosk(real_server.url, printer.url), real_server, "pad-05", "05", tap.url)
    journal = kiosk.folder / "data" / "ratings.jsonl"
    before = ratings(real_server)
    for press in ("replayed-1", "replayed-2"):
        kiosk.touch(press)
        kiosk.until_stage(press, "taken")
    clerk = Clerk(real_server, "replayed-clerk", "05")
    try:
        clerk.serve()
        until(lambda: stub.state()["prompting"])
        stub.press("satisfied")
        until(lambda: endings(journal) == ["accepted"])
        pressed = bytes.fromhex("ff680303680111011316")
        assert pressed in tap.kept
        for ended in range(2, 4):
            time.sleep(0.5)  # sooner, the driver takes it for the device repeating itself
            tap.say(pressed)
            until(lambda ended=ended: len(endings(journal)) == ended)
        clerk.do("call-next")
        clerk.do("begin")
        time.sleep(0.5)  # sooner, the driver takes it for the device repeating itself
        tap.say(pressed)
        until(lambda: len(endings(journal)) == 4)
    finally:
        clerk.close()
        kiosk.stop()
        tap.close()
        stub.stop()
    assert endings(journal)[1:] == ["already_rated"] * 3
    assert ratings(real_server) == before + 1
    verify = subprocess.run(
        [*SERVER, "audit", "verify", "--data", str(real_server.data)], capture_output=True, env=ENV
    )
    assert verify.returncode == 0, verify.stdout.decode()


def ratings(server: RealServer) -> int:
    with closing(sqlite3.connect(server.data / "jiaohao.db")) as conn:
        return int(conn.execute("SELECT count(*) FROM rating").fetchone()[0])


def endings(journal: Path) -> list[str]:
    records = [json.loads(line) for line in journal.read_text().splitlines()]
    return [record["ended"] for record in records if "ended" in record]


def window_01(server: RealServer) -> dict[str, Any]:
    return next(window for window in server.board()["windows"] if window["no"] == "01")


class Pad01:
    """The evaluator of window 01 as far as the rating sees it."""

    def __init__(self) -> None:
        self.thanked = 0

    def thank(self) -> None:
        self.thanked += 1


def journaled(folder: Path, wire: Wire, token: str, at: list[float]) -> tuple[Rating, Pad01, Client]:
    pad, client = Pad01(), Client(wire.url, token)
    spool = Spool(folder / "ratings.jsonl")
    return Rating(spool, {"01": Pad(pad, client)}, lambda: at[0]), pad, client  # type: ignore[arg-type]


def test_a_press_outlives_a_kill_and_keeps_its_name(tmp_path: Path, wire: Wire, real_server: RealServer) -> None:
    token = real_server.token("pad-02", "--kind", "evaluator", "--window", "02")
    now = [1000.0]
    wire.weather = Weather("/ratings", cut=True)
    rating, _, client = journaled(tmp_path / "a", wire, token, now)
    rating.press("01", Press("satisfied", b"\x01"), 7)
    assert not rating._send_all()
    client.close()
    (left,) = unsent([json.loads(line) for line in (tmp_path / "a" / "ratings.jsonl").read_text().splitlines()])
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "ratings.jsonl").write_bytes((tmp_path / "a" / "ratings.jsonl").read_bytes())
    wire.weather = Weather(path="\0")
    again, pad, client = journaled(tmp_path / "b", wire, token, now)
    assert again._send_all()
    client.close()
    sent = [(body["request_id"], body["invitation"]) for _, path, body in wire.passed if path.endswith("/ratings")]
    assert sent == [(left, 7)]
    assert pad.thanked == 0, "nobody had asked window 02 for a rating"


def test_a_late_press_is_given_up_rather_than_put_on_the_next_citizen(
    tmp_path: Path, wire: Wire, real_server: RealServer
) -> None:
    now = [1000.0]
    rating, pad, client = journaled(tmp_path, wire, "any-token-at-all", now)
    rating.press("01", Press("dissatisfied", b"\x03"), 7)
    now[0] += 61
    assert rating._send_all()
    client.close()
    assert wire.passed == [] and pad.thanked == 0
    assert endings(tmp_path / "ratings.jsonl") == ["given up"]


def test_a_press_nobody_asked_for_is_sent_once_and_not_later(
    tmp_path: Path, wire: Wire, real_server: RealServer
) -> None:
    wire.weather = Weather("/ratings", cut=True)
    rating, _, client = journaled(tmp_path, wire, "any-token-at-all", [1000.0])
    rating.press("01", Press("satisfied", b"\x01"), None)
    assert rating._send_all()
    client.close()
    assert endings(tmp_path / "ratings.jsonl") == ["given up"]


def board(**inviting: bool) -> Board:
    windows = tuple(
        WindowStatus(no.lstrip("w"), "", "", 1, WindowState.OPEN, "", "", False, inviting=lit)
        for no, lit in inviting.items()
    )
    return Board("h", "厅", 1, AT, True, "", (), windows, (), ())


def opened(window: str) -> News:
    return News("h", 2, NewsKind.INVITATION_OPENED, AT, {"window": window, "number": "A001"})


def test_each_invitation_lights_its_own_evaluator_once() -> None:
    invitations = Invitations(frozenset({"01", "02"}))
    assert invitations.news(opened("03")) == frozenset()
    assert invitations.news(opened("01")) == {"01"}
    assert invitations.board(board(w01=True, w02=True)) == {"02"}
    assert invitations.board(board(w01=True, w02=True)) == frozenset()
    assert invitations.news(opened("01")) == {"01"}, "a new citizen's invitation"
    assert invitations.board(board(w01=False, w02=True)) == frozenset()
    assert invitations.open == {"02"}
