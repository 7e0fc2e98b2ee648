"""`python -m firmware_stubs` as a person and as the virtual hall use it: processes, HTTP, signals."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

FENCE = bytes.fromhex("1d284806003030") + b"abcd"
ROOT = Path(__file__).parents[2]


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "firmware_stubs", *words]


@contextmanager
def running(*words: str, lines: int = 1) -> Iterator[tuple[subprocess.Popen[str], list[dict[str, Any]]]]:
    """The process and its endpoint lines; killed at the end if it still runs."""
    process = subprocess.Popen(command(*words), stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout
    try:
        yield process, [json.loads(process.stdout.readline()) for _ in range(lines)]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def refused(*words: str) -> tuple[int, str]:
    done = subprocess.run(command(*words), capture_output=True, text=True, cwd=ROOT, timeout=20)
    return done.returncode, done.stderr


def url(line: dict[str, Any], path: str) -> str:
    return f"http://{line['control']}/{path}"


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 5
    while not true():
        assert time.monotonic() < end, "the condition never came"
        time.sleep(0.01)


def test_a_printer_by_hand(tmp_path: Path) -> None:
    with running(
        "printer", "--tcp", "127.0.0.1:0", "--control", "127.0.0.1:0", "--fast", "--fault", "paper_low",
        "--paper-dir", str(tmp_path / "papers"), "--log", str(tmp_path / "bytes.log"),
    ) as (process, [line]):  # fmt: skip
        assert (line["kind"], line["device"]) == ("printer", 0)
        name, port = line["tcp"].split(":")
        with socket.create_connection((name, int(port)), 5) as host:
            host.sendall(b"\x10\x04\x04\x1b@\x1c&" + "社保大厅\n".encode("gbk") + b"\x1dVA\x00\x1b\xfe" + FENCE)
            assert host.recv(1) == b"\x1e"
            assert host.recv(7) == b"\x37\x22abcd\x00"
        state = requests.get(url(line, "state"), timeout=5).json()
        assert state["kind"] == "printer"
        assert state["devices"][0]["papers"] == 1
        assert state["devices"][0]["faults"]["paper_low"] is True
        papers = requests.get(url(line, "papers"), timeout=5).json()["papers"]
        assert [(p["no"], p["lines"], p["complete"]) for p in papers] == [(1, ["社保大厅"], True)]
        picture = requests.get(url(line, "paper/1.png"), timeout=5)
        assert picture.headers["Content-Type"] == "image/png"
        assert picture.content.startswith(b"\x89PNG")
        assert requests.get(url(line, "paper/1.json"), timeout=5).json() == papers[0]
        process.send_signal(signal.SIGTERM)
        assert process.wait(3) == 0
    log = (tmp_path / "bytes.log").read_text("utf-8")
    assert "< 10 04 04" in log
    assert "> 37 22 61 62 63 64 00" in log
    assert "? 1b fe" in log


def test_evaluators_on_several_lines(tmp_path: Path, serial_host) -> None:
    paths = [tmp_path / "ev1", tmp_path / "ev2"]
    ends = [word for path in paths for word in ("--pty", str(path))]
    with running("evaluator", "--profile", "ff68", *ends, "--address", "3", "--control", "127.0.0.1:0", lines=2) as (
        process,
        lines,
    ):
        assert [(line["device"], line["pty"]) for line in lines] == [(0, str(paths[0])), (1, str(paths[1]))]
        hosts = [serial_host(str(path)) for path in paths]
        pressed = requests.post(url(lines[0], "press"), json={"device": 1, "key": "dissatisfied"}, timeout=5)
        assert pressed.json()["pending"] == "dissatisfied"
        assert hosts[1].read(10).hex() == "ff680303680311031716"
        again = requests.post(url(lines[0], "press"), json={"device": 1, "key": "satisfied"}, timeout=5)
        assert (again.status_code, "按键已锁定" in again.json()["detail"]) == (400, True)
        process.send_signal(signal.SIGINT)
        assert process.wait(3) == 0
    assert not any(path.is_symlink() for path in paths)


def test_led_bars_and_their_picture() -> None:
    with running("ledbar", "--tcp", "127.0.0.1:0", "--tcp", "127.0.0.1:0", "--control", "127.0.0.1:0", lines=2) as (
        _,
        lines,
    ):
        assert lines[0]["tcp"] != lines[1]["tcp"]
        assert requests.get(url(lines[0], "bar/1.png"), timeout=5).content.startswith(b"\x89PNG")
        missing = requests.get(url(lines[0], "bar/2.png"), timeout=5)
        assert (missing.status_code, missing.json()["detail_en"]) == (400, "The device index is 0 to 1.")


def test_many_bars_on_one_line(tmp_path: Path) -> None:
    words = ("ledbar", "--pty", str(tmp_path / "line"), "--profile", "text_sum8", "--addresses", "3,9")
    with running(*words, "--control", "127.0.0.1:0", lines=2) as (_, lines):
        assert [(line["pty"], line["address"]) for line in lines] == [(str(tmp_path / "line"), n) for n in (3, 9)]
        assert requests.get(url(lines[0], "bar/1.png"), timeout=5).content.startswith(b"\x89PNG")


def test_unplugged_from_the_start_and_plugged_in_later(tmp_path: Path) -> None:
    path = tmp_path / "ev"
    with running("evaluator", "--pty", str(path), "--fault", "unplug", "--control", "127.0.0.1:0") as (
        _,
        [line],
    ):
        assert not path.is_symlink()
        fault = {"name": "unplug", "value": False}
        assert requests.post(url(line, "fault"), json=fault, timeout=5).json()["plugged"] is True
        assert path.is_symlink()


def test_events_tell_each_change(evaluator: dict[str, Any]) -> None:
    with requests.get(url(evaluator, "events"), stream=True, timeout=5) as stream:
        told = (json.loads(row[6:]) for row in stream.iter_lines(1) if row.startswith(b"data: "))
        assert next(told)["devices"][0]["faults"]["mute"] is False
        requests.post(url(evaluator, "fault"), json={"name": "mute", "value": True}, timeout=5)
        assert next(told)["devices"][0]["faults"]["mute"] is True


def test_an_open_stream_does_not_hold_the_stub_back(tmp_path: Path) -> None:
    ready = running("evaluator", "--pty", str(tmp_path / "ev"), "--control", "127.0.0.1:0")
    with ready as (process, [line]), requests.get(url(line, "events"), stream=True, timeout=5):
        process.terminate()
        assert process.wait(3) == 0


def test_the_page_is_served_under_its_policy(tmp_path: Path) -> None:
    with running("evaluator", "--pty", str(tmp_path / "ev"), "--control", "127.0.0.1:0") as (_, [line]):
        page = requests.get(url(line, ""), timeout=5)
        assert "虚拟设备" in page.text
        assert "'unsafe" not in page.headers["Content-Security-Policy"]
        assert requests.get(url(line, "page.js"), timeout=5).headers["Content-Type"].startswith("text/javascript")
        assert requests.get(url(line, "../__main__.py"), timeout=5).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "status", "says"),
    [
        ("fault", b"{", 400, "no JSON object"),
        ("fault", b"[]", 400, "no JSON object"),
        ("fault", b"[" * 4000, 400, "no JSON object"),
        ("fault", b'{"name": "on_fire"}', 400, "No such fault"),
        ("fault", b'{"name": "loss", "value": 2}', 400, "from 0 to 1"),
        ("fault", b'{"name": "loss", "value": NaN}', 400, "from 0 to 1"),
        ("fault", b'{"name": "mute", "device": 7}', 400, "device index"),
        ("press", b'{"key": "nuclear"}', 400, "No such key"),
        ("press", b'{"key": "' + b"x" * 5000 + b'"}', 400, "4 KB"),
        ("receive", b'{"number": "10086", "text": "a"}', 400, "no modem"),
        ("nowhere", b"{}", 404, "No such address"),
    ],
)
def test_bad_requests_are_refused_in_two_languages(
    evaluator: dict[str, Any], path: str, body: bytes, status: int, says: str
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = requests.post(url(evaluator, path), data=body, headers=headers, timeout=5)
    assert answer.status_code == status
    assert says in answer.json()["detail_en"]
    assert any("\u4e00" <= char <= "\u9fff" for char in answer.json()["detail"])


@pytest.mark.parametrize("path", ["papers", "paper/1.png", "bar/0.png", "paper/x.png"])
def test_what_this_device_does_not_have(evaluator: dict[str, Any], path: str) -> None:
    assert requests.get(url(evaluator, path), timeout=5).status_code in (400, 404)


def test_a_form_of_another_site_presses_nothing(evaluator: dict[str, Any]) -> None:
    body = b'{"key": "satisfied"}'
    answer = requests.post(url(evaluator, "press"), data=body, headers={"Content-Type": "text/plain"}, timeout=5)
    assert answer.status_code == 400
    assert requests.get(url(evaluator, "state"), timeout=5).json()["devices"][0]["pending"] is None


@pytest.fixture(scope="module")
def evaluator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    path = tmp_path_factory.mktemp("evaluator") / "ev"
    with running("evaluator", "--pty", str(path), "--control", "127.0.0.1:0") as (_, [line]):
        yield line


@pytest.mark.skipif(os.path.exists("/dev/uinput"), reason="has uinput")  # noqa: PTH110 - at collection
def test_a_keypad_without_uinput_says_so() -> None:
    code, said = refused("keypad", "--mode", "digits")
    assert code == 3
    assert said.count("\n") == 1
    assert "uinput" in said and "无法模拟" in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["printer"], "Give --pty or --tcp"),
        (["printer", "--tcp", "127.0.0.1:0", "--tcp", "127.0.0.1:0"], "a printer has one"),
        (["printer", "--tcp", "nowhere"], "HOST:PORT"),
        (["printer", "--tcp", "127.0.0.1:0", "--fault", "on_fire"], "No such fault"),
        (["printer", "--tcp", "127.0.0.1:0", "--fault", "slow=fast"], "not readable"),
        (["printer", "--pty", "/nowhere/at/all"], "missing"),
        (["printer", "--tcp", "127.0.0.1:0", "--log", "/nowhere/at.log"], "No such file"),
        (["printer", "--tcp", "127.0.0.1:0", "--control", "192.0.2.1:1"], "control port"),
        (["toaster"], "invalid choice"),
    ],
)
def test_bad_arguments_end_with_2_and_a_sentence(words: list[str], says: str) -> None:
    code, said = refused(*words)
    assert code == 2
    assert says in said
    assert "Traceback" not in said


@pytest.mark.parametrize("kind", ["printer", "evaluator", "ledbar", "modem", "keypad"])
def test_help_is_complete(kind: str) -> None:
    done = subprocess.run(command(kind, "--help"), capture_output=True, text=True, cwd=ROOT, timeout=20)
    assert done.returncode == 0
    assert "--control" in done.stdout
    if kind != "keypad":
        assert all(word in done.stdout for word in ("--pty", "--tcp", "--fault", "--seed", "--log", "unplug"))


def test_starts_within_half_a_second(tmp_path: Path) -> None:
    """The best of five, as the machine is shared."""
    times = []
    for _ in range(5):
        began = time.monotonic()
        with running("printer", "--pty", str(tmp_path / "p"), "--control", "127.0.0.1:0"):
            times.append(time.monotonic() - began)
    assert min(times) < 0.5
