"""Bars that the admin page gives a display: real server, real display process, real bytes at the bars' ends."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from firmware_stubs.ledbar import LedBarStub, bars_on
from firmware_stubs.lines import PtyEnd, TcpEnd
from tests.display.conftest import CHIME_ONLY, Agent, HallServer, end, until
from tests.display.test_agent import BarPeer
from tests.kiosk.conftest import RealServer
from tests.kiosk.test_bound_devices import Boss
from tests.kiosk.test_rating import Clerk

ALLOWED = f'allow_hosts = ["127.0.0.1"]\n{CHIME_ONLY}'


@pytest.fixture(scope="module")
def real_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    server = RealServer(tmp_path_factory.mktemp("server"))
    try:
        yield server
    finally:
        server.stop()


class Wall:
    """A display that may be stopped and started again with another file in the same folder."""

    def __init__(self, folder: Path, server: RealServer) -> None:
        self.name = f"wall-{folder.name}"
        self.token = server.token(self.name, "--kind", "display")
        self._folder, self._server = folder, server
        self.agent: Agent | None = None

    def start(self, extra: str = ALLOWED, server: str = "") -> None:
        self.agent = Agent(self._folder, server or self._server.url, extra, token=self.token)

    def stop(self) -> None:
        assert self.agent
        self.agent.process.send_signal(signal.SIGTERM)
        assert self.agent.process.wait(10) == 0
        end(self.agent.process)

    def kill(self) -> None:
        if self.agent:
            end(self.agent.process)


@pytest.fixture
def wall(tmp_path: Path, real_server: RealServer) -> Iterator[tuple[Wall, Boss]]:
    wall = Wall(tmp_path, real_server)
    boss = Boss(real_server, wall.name)
    wall.start()
    try:
        until(lambda: boss.card()["heard"], 30)
        yield wall, boss
    finally:
        boss.close()
        wall.kill()


@pytest.fixture
def plugged() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def bar_on(plugged: ExitStack, address: int = 1) -> tuple[LedBarStub, str]:
    """A BX-5 on the network, and its URL."""
    line = TcpEnd()
    (bar,) = [plugged.enter_context(bar) for bar in bars_on(line, (address,))]
    return bar, f"tcp://{line.address}"


def hung(boss: Boss, window: str) -> dict[str, Any]:
    return next((one for one in boss.card()["devices"] if one["window"] == window), {})


def online(boss: Boss, window: str) -> dict[str, Any]:
    return until(lambda: (one := hung(boss, window)) and (one["health"] or {}).get("state") == "online" and one, 30)


def bind(boss: Boss, window: str, url: str, **more: Any) -> None:
    form = {"kind": "ledbar", "window": window, "url": url, "profile": "bx5", **more}
    boss.do(f"/admin/machines/{boss.machine}/devices", **form)


def says(bar: LedBarStub, text: str) -> None:
    until(lambda: bar.state()["text"] == text, 30)


def test_a_bound_bar_follows_its_window_and_is_kept_for_a_start_without_the_server(
    wall: tuple[Wall, Boss], plugged: ExitStack, server: HallServer
) -> None:
    display, boss = wall
    bar, url = bar_on(plugged)
    bind(boss, "03", url, name="三号条屏")
    says(bar, "未开放")
    assert online(boss, "03")["device"] == "bar-03"
    display.stop()
    display.token = "test-token-display"
    display.start(server=server.url)  # that has a board and answers no machine
    says(bar, "03号窗口")
    server.do(("call", {"window": "03", "number": "A001"}))
    says(bar, "A001 请到本窗口")
    server.kill()
    display.stop()
    before = bar.counters["bytes_in"]
    display.start(server="http://127.0.0.1:9")
    until(lambda: bar.counters["bytes_in"] > before, 30)  # asked again, by what was kept alone
    assert bar.state()["text"] == "A001 请到本窗口"


def test_two_bars_of_one_line_and_a_third_that_goes_on_while_they_change(
    wall: tuple[Wall, Boss], plugged: ExitStack, tmp_path: Path
) -> None:
    _, boss = wall
    one, two = [plugged.enter_context(bar) for bar in bars_on(PtyEnd(tmp_path / "line"), (1, 2), "text_sum8")]
    third = BarPeer()
    plugged.callback(third.close)
    line = f"serial://{os.path.realpath(tmp_path / 'line')}?baudrate=9600"
    bind(boss, "04", f"tcp://127.0.0.1:{third.port}")
    until(lambda: "未开放".encode("gb2312") in third.heard, 30)
    connection = third.line
    bind(boss, "05", line, profile="text_sum8", address=1)
    bind(boss, "06", line, profile="text_sum8", address=2)
    online(boss, "05"), online(boss, "06")
    for bar in (one, two):
        says(bar, "未开放")
    boss.do(f"/admin/machines/{boss.machine}/devices/{hung(boss, '06')['code']}/remove")
    says(two, "")  # a number left on it would call people to nobody
    assert one.state()["text"] == "未开放"
    until(lambda: not hung(boss, "06"))
    heard = len(third.heard)
    until(lambda: len(third.heard) > heard, 30)
    assert third.line is connection


def test_a_test_shows_which_bar_it_is_and_ends_when_a_number_is_called(
    wall: tuple[Wall, Boss], plugged: ExitStack, real_server: RealServer
) -> None:
    _, boss = wall
    (bar, url), (other, beside) = bar_on(plugged), bar_on(plugged)
    bind(boss, "07", url)
    bind(boss, "08", beside)
    online(boss, "07"), online(boss, "08")
    job = boss.job(kind="show", device="bar-07")
    says(bar, "测试 07号窗口")
    assert other.state()["text"] == "未开放"
    ended = boss.ended(job)
    assert ended["state"] == "done" and "已显示“测试 07号窗口”" in ended["zh"], ended
    says(bar, "未开放")
    clerk = Clerk(real_server, "bars-clerk", "07")
    try:
        says(bar, "07号窗口")
        job = boss.job(kind="show", device="bar-07")
        says(bar, "测试 07号窗口")
        number = boss.do("/tickets", queue="A")["number"]
        clerk.do("call-next")
        says(bar, f"{number} 请到本窗口")
        ended = boss.ended(job)
        assert ended["state"] == "failed" and "条屏留给群众看" in ended["zh"]
        refused = boss.post(f"/admin/machines/{boss.machine}/jobs", kind="show", device="bar-07")
        assert refused.json()["code"] == "window_not_free"
    finally:
        clerk.close()
    bar.set_fault("unplug")
    until(lambda: (hung(boss, "07")["health"] or {}).get("state") == "absent", 30)


def test_bars_of_the_file_go_on_and_are_fixed_and_a_bar_that_cannot_be_is_said(
    wall: tuple[Wall, Boss], plugged: ExitStack
) -> None:
    display, boss = wall
    fixed, there = bar_on(plugged)
    _, url = bar_on(plugged)
    bind(boss, "10", url)
    online(boss, "10")
    display.stop()
    display.start(f'{CHIME_ONLY}[[led_bar]]\nwindow = "09"\nurl = "{there}"\n')  # it allows 127.0.0.1 no more
    says(fixed, "未开放")
    assert online(boss, "09")["fixed"]
    until(lambda: (hung(boss, "10").get("trouble") or {}).get("zh"))
    assert "allow_hosts" in hung(boss, "10")["trouble"]["zh"]
    refused = boss.post(
        f"/admin/machines/{boss.machine}/devices",
        kind="ledbar",
        window="09",
        url="tcp://192.168.9.9:5005",
        profile="bx5",
    ).json()
    assert refused["field"] == "window"
