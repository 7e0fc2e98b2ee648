"""The whole road: a bus of pads and a make nobody knew, through real ptys, agent and server; learn and replay."""

import os
import pty
import subprocess
import sys
import threading
import tty
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.devices.pad_frames import STRANGE_ADDRESS, strange_frame
from tests.kiosk.conftest import ENV, ROOT, Kiosk, PrinterStub, Process, RealServer, until
from tests.kiosk.test_rating import Clerk

CLI = [sys.executable, "-m", "kiosk.cli"]
STRANGE_TOML = """
kind = "serial"
title = "怪协议 strange"
[frame]
fields = ["c0", "length", "address", "serial_no", "command", "data", "check", "c0"]
max_frame = 40
[frame.length]
bytes = 2
endian = "little"
covers = "length..check"
[frame.address]
bytes = 3
endian = "little"
[frame.command]
bytes = 2
[frame.check]
kind = "crc16-modbus"
covers = "1..data"
[frame.escape]
c0 = "db dc"
db = "db dd"
[[rule]]
when = { command = "c0db" }
at = 1
keys = { "c0" = "satisfied", "db" = "basically_satisfied", "db 01" = "dissatisfied" }
answer = [{ command = "0001", data = "same" }]
"""


class Stub:
    """A pad or several, held by their control port."""

    def __init__(self, *options: str) -> None:
        command = [sys.executable, "-m", "firmware_stubs", "evaluator", *options, "--control", "127.0.0.1:0"]
        self._process = Process(command)
        self._control = f"http://{self._process.said['control']}"

    def press(self, key: str, device: int = 0) -> None:
        body = {"key": key, "device": device}
        requests.post(f"{self._control}/press", json=body, timeout=5).raise_for_status()

    def state(self, device: int = 0) -> dict[str, Any]:
        return requests.get(f"{self._control}/state", timeout=5).json()["devices"][device]

    def stop(self) -> None:
        self._process.stop()


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[Stub]:
    stub = Stub("--pty", str(tmp_path / "bus"), "--address", "1", "--address", "2")
    try:
        yield stub
    finally:
        stub.stop()


@pytest.fixture
def strange_line(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """A pty's path for the host, and the device's end of it."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    try:
        yield Path(os.ttyname(theirs)), ours
    finally:
        os.close(ours)
        os.close(theirs)


def section(kind: str, window: str, url: str, profile: str, address: int, token: str) -> str:
    return (
        f'[[{kind}]]\nwindow = "{window}"\nurl = "{url}"\nprofile = "{profile}"\naddress = {address}\n'
        f'token_file = "../{token}"\n'
    )


def window(server: RealServer, no: str) -> dict[str, Any]:
    return next(window for window in server.board()["windows"] if window["no"] == no)


def test_pads_of_two_makes_serve_a_hall(
    real_server: RealServer,
    printer: PrinterStub,
    bus: Stub,
    strange_line: tuple[Path, int],
    make_kiosk: Callable[..., Kiosk],
    tmp_path: Path,
) -> None:
    path, device = strange_line
    for name, kind, no in (("ev-03", "evaluator", "03"), ("pad-03", "call_pad", "03"), ("ev-04", "evaluator", "04")):
        (tmp_path / name).write_text(real_server.token(name, "--kind", kind, "--window", no))
    own = tmp_path / "own"
    own.mkdir()
    (own / "weird.toml").write_text(STRANGE_TOML, encoding="utf-8")
    line = f"serial://{tmp_path / 'bus'}"
    kiosk = make_kiosk(real_server.url, printer.url, 'profiles = "../own"')
    kiosk.stop()
    config = kiosk.folder / "kiosk.toml"
    sections = (
        section("evaluator", "03", line, "ff68", 1, "ev-03"),
        section("call_pad", "03", line, "ff68", 2, "pad-03"),
        section("evaluator", "04", f"serial://{path}", "weird", STRANGE_ADDRESS, "ev-04"),
    )
    config.write_text(config.read_text() + "".join(sections))
    kiosk.start()
    kiosk.until_ready()
    clerks = [Clerk(real_server, f"pads-{no}", no) for no in ("03", "04")]
    try:
        for press in ("pads-press-1", "pads-press-2"):
            kiosk.touch(press)
            kiosk.until_stage(press, "taken")
        bus.press("call", 1)
        until(lambda: window(real_server, "03")["number"])
        number = window(real_server, "03")["number"]
        until(lambda: bus.state(1)["digits"].strip() == number[1:])
        bus.press("ask", 1)  # begins and finishes: the citizen is asked
        until(lambda: bus.state(0)["prompting"])
        bus.press("satisfied", 0)
        until(lambda: bus.state(0)["thanking"])
        clerks[1].serve()
        until(lambda: window(real_server, "04")["inviting"])
        until(lambda: kiosk.picture()["server"] == "online")
        os.write(device, strange_frame(8, b"\x00\xdb\x01"))
        until(lambda: not window(real_server, "04")["inviting"])
    finally:
        for clerk in clerks:
            clerk.close()


class Learner:
    """`jiaohao-kiosk learn` with somebody who reads what it says."""

    def __init__(self, url: str, out: Path, *options: str) -> None:
        command = [*CLI, "learn", url, "--out", str(out), "--quiet-ms", "20", "--repeat-ms", "150", *options]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
            env={**ENV, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip

    def lines(self) -> Iterator[str]:
        assert self._process.stdout
        yield from self._process.stdout

    def end(self) -> tuple[int, str]:
        _, error = self._process.communicate(timeout=30)
        return self._process.returncode, error


def test_a_pad_is_learned_by_pressing_it_and_its_bytes_are_replayed(
    strange_line: tuple[Path, int], tmp_path: Path
) -> None:
    path, device = strange_line
    frames = {"satisfied": "aa010a0b0d", "dissatisfied": "aa010c0d0d"}
    learner = Learner(f"serial://{path}", tmp_path / "own.toml", "--key", "satisfied", "--key", "dissatisfied")
    said = []
    for line in learner.lines():
        said.append(line)
        word = next((word for word in ("dissatisfied", "satisfied") if f"Press {word} " in line), None)
        if word:
            frame = bytes.fromhex(frames[word])
        if word or (" got " in line and "3/3" not in line):
            threading.Timer(0.3, os.write, (device, frame)).start()
    code, error = learner.end()
    assert (code, error) == (0, "")
    assert any("请按“满意”键" in line for line in said)
    capture = tmp_path / "capture.hex"
    capture.write_text("\n".join(["00 ff", *frames.values(), "aa010a0c0d"]))
    command = [*CLI, "replay", str(tmp_path / "own.toml"), str(capture)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=ENV, check=True)
    words = [line.split()[0] for line in done.stdout.splitlines()]
    assert words[:2] == ["satisfied", "dissatisfied"] and "共 2 帧" in done.stdout


def test_nobody_presses_and_nothing_is_written(strange_line: tuple[Path, int], tmp_path: Path) -> None:
    learner = Learner(f"serial://{strange_line[0]}", tmp_path / "own.toml", "--wait", "1")
    list(learner.lines())
    code, error = learner.end()
    assert code == 2 and "没有学成" in error and not (tmp_path / "own.toml").exists()


def test_a_replay_through_what_is_no_profile_is_refused(tmp_path: Path) -> None:
    (tmp_path / "c").write_bytes(b"")
    for profile in ("nowhere", "hid_keyboard"):
        command = [*CLI, "replay", profile, str(tmp_path / "c")]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=ENV, check=False)
        assert done.returncode == 2 and any("一" <= char <= "鿿" for char in done.stderr)
