"""A press on a real serial line becomes a rating, once, and only when one was asked for."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
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
    def __init__(self, pty: Path) -> None:
        command = [sys.executable, "-m", "firmware_stubs", "evaluator", "--pty", str(pty)]
        self._process = Process([*command, "--control", "127.0.0.1:0"])
        self.url = f"serial://{pty}"
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
    stub = EvaluatorStub(tmp_path / "evaluator")
    try:
        yield stub
    finally:
        stub.stop()


def test_a_press_becomes_a_rating_once(
    real_server: RealServer, printer: PrinterStub, evaluator: EvaluatorStub, make_kiosk: MakeKiosk, tmp_path: Path
) -> None:
    (tmp_path / "pad-token").write_text(real_server.token("pad-01", "--kind", "evaluator", "--window", "01"))
    pad = f'[[evaluator]]\nwindow = "01"\nurl = "{evaluator.url}"\nprofile = "ff68"\ntoken_file = "../pad-token"\n'
    kiosk = make_kiosk(real_server.url, printer.url)
    kiosk.stop()
    config = kiosk.folder / "kiosk.toml"
    config.write_text(config.read_text() + pad)
    kiosk.start()
    kiosk.until_ready()
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
