"""The agent as a process, against a server that is killed, frozen, and that loses news."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests

from firmware_stubs.ledbar import bars_on
from firmware_stubs.lines import PtyEnd

NUMBERS = [f"A{n:03}" for n in range(10, 30)]


def call(window: str, number: str) -> tuple[str, dict[str, Any]]:
    return "call", {"window": window, "number": number}


def lose(count: int) -> tuple[str, dict[str, Any]]:
    return "lose", {"count": count}


def test_two_calls_at_once_are_both_told_in_order(
    server: Any, start_agent: Any, listen: Any, wait_until: Any
) -> None:
    events = listen(start_agent(server.url).wall)
    wait_until(lambda: not events.last["stale"])
    first, second = server.do(call("03", "A001"), call("04", "B001"))
    wait_until(lambda: len(events.last["calls"]) == 2)
    assert events.announced() == [first, second]
    assert [c["written"] for c in events.last["calls"]] == ["请 A001 到 03 号窗口", "请 B001 到 04 号窗口"]
    assert events.readings[-1]["items"][0]["complaint_tel"] == "12333"


def test_lost_news_is_found_and_every_call_is_told_once(
    server: Any, start_agent: Any, listen: Any, wait_until: Any
) -> None:
    events = listen(start_agent(server.url).wall)
    wait_until(lambda: not events.last["stale"])
    seqs = server.do(call("01", "A001"), lose(2), call("02", "A002"), call("03", "A003"), call("04", "A004"))
    wait_until(lambda: len(events.last["calls"]) == 4)
    seqs += server.do(lose(1), call("05", "A005"))  # the very last one: only a heartbeat tells of it
    wait_until(lambda: len(events.last["calls"]) == 5)
    assert events.announced() == seqs


def test_killed_server_is_said_to_be_away_and_found_again(
    server: Any, start_agent: Any, listen: Any, wait_until: Any
) -> None:
    agent = start_agent(server.url)
    events = listen(agent.wall)
    wait_until(lambda: not events.last["stale"])
    seqs = server.do(call("01", "A001"))
    wait_until(lambda: events.last["calls"])
    server.kill()
    killed = time.monotonic()
    wait_until(lambda: events.last["stale"], 10)
    assert time.monotonic() - killed < 10
    assert [c["number"] for c in events.last["calls"]] == ["A001"], "the last picture is kept"
    assert events.last["confirmed_at"]
    server.start()
    seqs += server.do(call("02", "A002"))
    wait_until(lambda: not events.last["stale"] and len(events.last["calls"]) == 2, 15)
    assert events.announced() == seqs
    wait_until(lambda: "news is back" in agent.log.read_text())  # a fetched board may be quicker than the socket
    log = agent.log.read_text()
    assert log.count("news is lost") == log.count("news is back") == 1


def test_frozen_server_is_said_to_be_away_and_found_again(
    server: Any, start_agent: Any, listen: Any, wait_until: Any
) -> None:
    events = listen(start_agent(server.url).wall)
    wait_until(lambda: not events.last["stale"])
    server.freeze()
    wait_until(lambda: events.last["stale"], 10)
    server.thaw()
    wait_until(lambda: not events.last["stale"], 15)
    seqs = server.do(call("02", "A002"))
    wait_until(lambda: events.last["calls"])
    assert events.announced() == seqs


def test_kill_9_of_server_and_agent_in_a_busy_minute_neither_loses_nor_repeats(
    server: Any, start_agent: Any, listen: Any, wait_until: Any
) -> None:
    agent = start_agent(server.url)
    streams = [listen(agent.wall)]
    wait_until(lambda: not streams[-1].last["stale"])
    seqs: list[int] = []
    for i, number in enumerate(NUMBERS[:12]):
        seqs += server.do(call(f"{i % 12 + 1:02}", number))
        if i == 3:
            server.kill()
            server.start()
        if i == 7:
            agent.process.kill()
            agent = start_agent(server.url, port=agent.port)
            streams.append(listen(agent.wall))
    wait_until(lambda: any(c["seq"] == seqs[-1] for c in streams[-1].last["calls"]), 15)
    streams[0].walls += streams[1].walls  # a page lives on through both agents
    assert streams[0].announced() == seqs


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stops_though_the_server_is_frozen(
    server: Any, start_agent: Any, listen: Any, wait_until: Any, number: int
) -> None:
    agent = start_agent(server.url)
    events = listen(agent.wall)
    wait_until(lambda: not events.last["stale"])
    server.freeze()
    agent.process.send_signal(number)
    assert agent.process.wait(10) == 0
    assert "Traceback" not in agent.log.read_text()


def test_wrong_token_is_said_in_the_log_and_on_the_wall(
    server: Any, start_agent: Any, listen: Any, wait_until: Any
) -> None:
    agent = start_agent(server.url, token="wrong")
    events = listen(agent.wall)
    wait_until(lambda: "HTTP 401" in agent.log.read_text())
    assert events.last["stale"] and not events.last["hall"]


def test_a_wrong_setting_stops_the_start(tmp_path: Path) -> None:
    config = tmp_path / "display.toml"
    config.write_text('server = "nowhere"\n')
    done = run_display(config)
    assert done.returncode == 2
    assert "server: 应为" in done.stderr


def test_a_taken_port_is_told(server: Any, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("x")
    config = tmp_path / "display.toml"
    config.write_text(f'server = "{server.url}"\ntoken_file = "token"\nport = {server.port}\n')
    done = run_display(config)
    assert done.returncode == 3
    assert done.stderr.startswith("port: ")


def run_display(config: Path) -> subprocess.CompletedProcess[str]:
    root = str(Path(__file__).resolve().parents[2])
    command = [sys.executable, "-c", "from display.cli import main; main()", "run", "--config", str(config)]
    env = {**os.environ, "PYTHONPATH": root}
    return subprocess.run(command, capture_output=True, text=True, env=env, timeout=20, check=False)


def test_headers_of_the_page(server: Any, start_agent: Any) -> None:
    agent = start_agent(server.url, 'frame_ancestors = "http://127.0.0.1:8080"\nzone = "<A>"\n')
    page = requests.get(agent.wall, timeout=5)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert "frame-ancestors http://127.0.0.1:8080" in policy
    assert 'data-zone="&lt;A&gt;"' in page.text
    for path in ("screen/../config.py", "screen/..%2fconfig.py", "faces/../codec.py", "nothing"):
        assert requests.get(agent.wall + path, timeout=5).status_code == 404
    assert requests.get(agent.wall + "healthz", timeout=5).json() == {"status": "ok"}


class BarPeer:
    """The far end of a bar's line: accepts everything, keeps every frame, answers as the bar's page says."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.heard = b""
        self.line = socket.socket()
        self.line.close()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        try:
            while True:
                line, _ = self.listener.accept()
                self.line = line
                with line:
                    while data := line.recv(4096):
                        self.heard += data
                        line.sendall(ACKNOWLEDGED)
        except OSError:
            return

    def close(self) -> None:
        """May be called again."""
        if self.listener.fileno() < 0:
            return
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with contextlib.suppress(OSError):  # the agent hung up before
            self.line.shutdown(socket.SHUT_RDWR)
        self.thread.join(5)


def crc_arc(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def _acknowledgement() -> bytes:
    data = bytes([0xA0, 0x00, 0x00, 0x00, 0x00])
    body = bytes([0x00, 0x80, 0x01, 0x00]) + bytes(6) + bytes([0xFE, 0x02, len(data), 0]) + data
    return b"\xa5" * 8 + body + crc_arc(body).to_bytes(2, "little") + b"\x5a"


ACKNOWLEDGED = _acknowledgement()


@pytest.fixture
def bar() -> Iterator[BarPeer]:
    peer = BarPeer()
    try:
        yield peer
    finally:
        peer.close()


def test_the_bar_over_a_window_follows_the_window(
    bar: BarPeer, server: Any, start_agent: Any, wait_until: Callable[..., Any]
) -> None:
    start_agent(server.url, f'[[led_bar]]\nwindow = "03"\nurl = "tcp://127.0.0.1:{bar.port}"\n')
    wait_until(lambda: "03号窗口".encode("gb2312") in bar.heard)
    server.do(call("03", "A001"))
    wait_until(lambda: "A001 请到本窗口".encode("gb2312") in bar.heard)
    server.do(("serve", {"window": "03"}))
    wait_until(lambda: "A001 正在办理".encode("gb2312") in bar.heard)
    server.do(("finish", {"window": "03"}), ("pause", {"window": "03", "reason": "午休"}))
    wait_until(lambda: "暂停 午休".encode("gb2312") in bar.heard)


def test_two_windows_share_a_line_and_say_the_halls_own_words(
    tmp_path: Path, server: Any, start_agent: Any, wait_until: Callable[..., Any]
) -> None:
    with ExitStack() as plugged:
        three, nine = [plugged.enter_context(bar) for bar in bars_on(PtyEnd(tmp_path / "bars"), (3, 9), "text_sum8")]
        extra = "".join(
            f'[[led_bar]]\nwindow = "{window}"\nurl = "serial://{tmp_path}/bars"\nprofile = "text_sum8"\n'
            f"address = {address}\n"
            for window, address in (("03", 3), ("99", 9))
        )
        start_agent(server.url, extra + '[led_text]\nopen = "{name}请进"\n[led_brightness]\n"00:00" = 50\n')
        wait_until(lambda: "请进" in three.state()["text"] and nine.state()["text"] == "未开放")
        wait_until(lambda: three.state()["level"] == nine.state()["level"] == 8)
        server.do(call("03", "A001"))
        wait_until(lambda: three.state()["text"] == "A001 请到本窗口")
        wait_until(lambda: bars_reported(server) == [("led-03-0", "online"), ("led-99-1", "online")])


def test_the_bar_and_the_wall_say_the_same(
    tmp_path: Path, server: Any, start_agent: Any, wait_until: Callable[..., Any], open_page: Callable[..., Any]
) -> None:
    """What the stub decoded from the bar's bytes beside what a browser drew."""
    with ExitStack() as plugged:
        (bar,) = [plugged.enter_context(bar) for bar in bars_on(PtyEnd(tmp_path / "bar"), (1,), "bx5")]
        url = f'url = "serial://{tmp_path}/bar"\n'
        page = open_page(start_agent(server.url, f'[[led_bar]]\nwindow = "03"\n{url}').wall, 1920, 1080)
        server.do(call("03", "A001"))
        wait_until(lambda: bar.state()["text"] == "A001 请到本窗口")
        page.locator(".spot .who", has_text="A001").wait_for()
        assert page.locator(".spot .go").inner_text().split() == ["请到", "03", "号窗口"]
        server.do(("finish", {"window": "03"}))
        wait_until(lambda: bar.state()["text"] == "03号窗口")


def bars_reported(server: Any) -> list[tuple[str, str]]:
    reports = requests.get(f"{server.url}/reports", timeout=5).json()
    devices = reports[-1]["devices"] if reports else []
    return [(device["name"], device["state"]) for device in devices if device["kind"] == "ledbar"]


def test_the_bars_are_reported_when_they_change(
    bar: BarPeer, server: Any, start_agent: Any, wait_until: Callable[..., Any]
) -> None:
    start_agent(server.url, f'[[led_bar]]\nwindow = "03"\nurl = "tcp://127.0.0.1:{bar.port}"\n')
    wait_until(lambda: bars_reported(server) == [("led-03-0", "online")])
    bar.close()
    wait_until(lambda: bars_reported(server) == [("led-03-0", "absent")], 20)


def test_a_revoked_token_is_said_once_and_the_wall_is_away(
    bar: BarPeer, server: Any, start_agent: Any, listen: Any, wait_until: Callable[..., Any]
) -> None:
    """The socket goes on: nothing but the refusal tells."""
    agent = start_agent(server.url, f'[[led_bar]]\nwindow = "03"\nurl = "tcp://127.0.0.1:{bar.port}"\n')
    events = listen(agent.wall)
    wait_until(lambda: not events.last["stale"] and bars_reported(server) == [("led-03-0", "online")])
    server.do(("revoked", {"count": 1}))
    bar.close()  # a change, so that a report is due now
    wait_until(lambda: events.last["stale"], 20)
    said = "服务器不接受本机令牌"
    wait_until(lambda: said in agent.log.read_text())
    time.sleep(3)
    assert events.last["stale"] and agent.log.read_text().count(said) == 1
