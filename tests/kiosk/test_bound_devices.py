"""Devices that the admin page gives a machine: real server, real agent, real bytes at the other end of each cable."""

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from devices.base import DeviceState
from kiosk.bench import Bench
from kiosk.config import load, with_devices
from kiosk.jobs import KioskJobs
from server.contract.machines import JobKind, JobResult, MachineJob
from tests.kiosk.conftest import ENV, ROOT, Desk, Kiosk, PrinterStub, RealServer, until
from tests.kiosk.test_pads_road import Stub
from tests.kiosk.test_rating import Clerk

BARE = 'server = "{server}"\ntoken_file = "token"\ndata_dir = "data"\nallow_hosts = ["127.0.0.1"]\n'


class Bare(Kiosk):
    """A kiosk whose file names no device."""

    def __init__(self, folder: Path, server: str, token: str, extra: str = "") -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        (folder / "token").write_text(token)
        (folder / "kiosk.toml").write_text(BARE.format(server=server) + extra)
        self.start()


class Boss(Desk):
    """An admin who binds devices of one machine."""

    def __init__(self, server: RealServer, machine: str) -> None:
        super().__init__(server)
        self.machine = machine

    def card(self) -> dict[str, Any]:
        return next(one for one in self.get("/admin")["machines"] if one["name"] == self.machine)

    def device(self, kind: str) -> dict[str, Any]:
        return next((one for one in self.card()["devices"] if one["kind"] == kind), {})

    def bind(self, **form: Any) -> dict[str, Any]:
        self.do(f"/admin/machines/{self.machine}/devices", **form)
        return until(lambda: (one := self.device(form["kind"])).get("device") and one)

    def online(self, kind: str) -> None:
        until(lambda: ((self.device(kind).get("health") or {}).get("state")) == "online", 30)

    def job(self, **form: Any) -> str:
        return str(self.do(f"/admin/machines/{self.machine}/jobs", **form)["code"])

    def seen(self, job: str) -> dict[str, Any]:
        return self.get(f"/admin/jobs/{job}")

    def ended(self, job: str) -> dict[str, Any]:
        return until(lambda: (now := self.seen(job))["state"] not in ("asked", "taken") and now, 90)


@pytest.fixture
def machine(tmp_path: Path, real_server: RealServer) -> Iterator[tuple[Bare, Boss]]:
    name = f"bare-{tmp_path.name}"
    kiosk = Bare(tmp_path / "bare", real_server.url, real_server.token(name, "--kind", "kiosk"))
    boss = Boss(real_server, name)
    try:
        until(lambda: boss.card()["heard"])
        yield kiosk, boss
    finally:
        boss.close()
        kiosk.kill()


@pytest.fixture
def pad(tmp_path: Path) -> Iterator[tuple[Stub, str]]:
    """An ff68 pad, and the URL of its line as /dev has it."""
    stub = Stub("--pty", str(tmp_path / "pad"))
    try:
        yield stub, f"serial://{os.path.realpath(tmp_path / 'pad')}?baudrate=9600"
    finally:
        stub.stop()


def test_a_printer_bound_by_the_page_prints_without_a_restart_and_with_the_server_away(
    machine: tuple[Bare, Boss], printer: PrinterStub, real_server: RealServer
) -> None:
    kiosk, boss = machine
    assert not kiosk.picture()["printer"]["ready"]
    boss.bind(kind="printer", url=printer.url, profile="generic-80", name="大厅打印机")
    kiosk.until_ready()
    kiosk.touch("press-bound-1")
    kiosk.until_stage("press-bound-1", "taken")
    assert kiosk.stop() == 0
    config = kiosk.folder / "kiosk.toml"
    there = config.read_text()
    config.write_text(there.replace(real_server.url, "http://127.0.0.1:9"))
    kiosk.start()
    until(lambda: kiosk.picture()["printer"]["ready"])
    config.write_text(there)


def test_a_test_page_comes_out_and_uses_no_number(machine: tuple[Bare, Boss], printer: PrinterStub) -> None:
    kiosk, boss = machine
    boss.bind(kind="printer", url=printer.url, profile="generic-80", columns=42)
    boss.online("printer")
    job = boss.ended(boss.job(kind="print", device="printer"))
    assert (job["state"], job["zh"]) == ("done", "已打印，请核对纸上的内容。")
    (paper,) = printer.papers()
    assert "打印测试" in str(paper) and "1234567890" * 4 + "12" in str(paper) and "jiaohao-test" in str(paper)
    printer.fault("paper_out")
    until(lambda: not kiosk.picture()["printer"]["ready"])
    job = boss.ended(boss.job(kind="print", device="printer"))
    assert job["state"] == "failed" and "paper_out" in job["zh"]


def test_another_port_is_taken_over_while_other_devices_go_on(
    machine: tuple[Bare, Boss], printer: PrinterStub, pad: tuple[Stub, str]
) -> None:
    _, boss = machine
    _, url = pad
    boss.bind(kind="evaluator", url=url, profile="ff68", window="05")
    boss.bind(kind="printer", url="tcp://127.0.0.1:9", profile="generic-80")
    boss.online("evaluator")
    reconnects = boss.device("evaluator")["health"]["reconnects"]
    old = boss.device("printer")
    path = f"/admin/machines/{boss.machine}/devices/{old['code']}/replace"
    boss.do(path, kind="printer", url=printer.url, profile="generic-80")
    boss.online("printer")
    assert boss.device("evaluator")["health"]["reconnects"] == reconnects
    assert [one["url"] for one in boss.card()["past"]] == ["tcp://127.0.0.1:9"]


def test_a_bound_evaluator_rates_under_a_token_of_its_own_and_its_test_never_does(
    machine: tuple[Bare, Boss], pad: tuple[Stub, str], real_server: RealServer
) -> None:
    kiosk, boss = machine
    stub, url = pad
    boss.bind(kind="evaluator", url=url, profile="ff68", window="06")
    boss.online("evaluator")
    (token,) = (kiosk.folder / "data/bound").glob("*.token")
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    name = boss.device("evaluator")["device"]
    job = boss.job(kind="keys", device=name)
    line = pressed(boss, job, stub, "satisfied")
    assert "satisfied" in line["word"].split() and line["raw"].startswith("ff68")
    boss.do(f"/admin/jobs/{job}/stop")
    assert strays(real_server) == 0  # not even as a press that came to nothing


def pressed(boss: Boss, job: str, stub: Stub, key: str) -> dict[str, Any]:
    """Press once when the test says so; what it then shows."""
    until(lambda: boss.seen(job)["seen"], 30)
    stub.press(key)
    return until(lambda: (seen := boss.seen(job)["seen"])[1:] and seen[1], 30)


def strays(server: RealServer) -> int:
    look = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('SELECT (SELECT count(*) FROM rating) +"
    look += " (SELECT count(*) FROM stray_press)').fetchone()[0])"
    (database,) = server.data.glob("*.db")
    done = subprocess.run([sys.executable, "-c", look, str(database)], capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_a_test_of_keys_ends_when_a_citizen_is_asked_and_the_press_is_the_citizens(
    machine: tuple[Bare, Boss], pad: tuple[Stub, str], real_server: RealServer
) -> None:
    _, boss = machine
    stub, url = pad
    boss.bind(kind="evaluator", url=url, profile="ff68", window="07")
    boss.online("evaluator")
    job = boss.job(kind="keys", device=boss.device("evaluator")["device"])
    until(lambda: boss.seen(job)["seen"], 30)
    before = strays(real_server)
    clerk = Clerk(real_server, "clerk-bound-07", "07")
    boss.do("/tickets", queue="A")
    clerk.serve()
    ended = boss.ended(job)
    assert ended["state"] == "failed" and "请群众评价" in ended["zh"]
    stub.press("satisfied")
    until(lambda: strays(real_server) == before + 1)


def test_a_light_test_lights_the_pad(machine: tuple[Bare, Boss], pad: tuple[Stub, str]) -> None:
    _, boss = machine
    stub, url = pad
    boss.bind(kind="evaluator", url=url, profile="ff68", window="08")
    boss.online("evaluator")
    job = boss.job(kind="light", device=boss.device("evaluator")["device"])
    until(lambda: stub.state()["prompting"], 30)
    assert "请看灯" in boss.ended(job)["zh"]
    until(lambda: not stub.state()["prompting"], 30)


class Deaf:
    """A server that wants to know only how a job ended."""

    def __init__(self) -> None:
        self.ended: list[JobResult] = []

    def take_job(self, *_: str) -> None:
        pass

    def end_job(self, _: str, result: JobResult) -> None:
        self.ended.append(result)


def test_a_light_test_thanks_nobody_who_is_asked_to_rate_meanwhile(tmp_path: Path, pad: tuple[Stub, str]) -> None:
    stub, url = pad
    for name in ("token", "pad-token"):
        (tmp_path / name).write_text("t" * 16)
    (tmp_path / "kiosk.toml").write_text(BARE.format(server="http://127.0.0.1:1"))
    one = {"window": "08", "url": url, "profile": "ff68", "token_file": "pad-token"}
    config = with_devices(load(tmp_path / "kiosk.toml", {}), {"evaluator": [one]}, tmp_path)
    asked = iter([False])  # and from then on

    def invited(_: str) -> bool:
        return next(asked, True)

    def ignore(*_: object) -> None:
        pass

    bench, server, stopping = Bench(ignore, ignore, ignore, ignore, invited), Deaf(), threading.Event()
    bench.apply(config)
    bench.start()
    jobs = KioskJobs(server, bench, ignore, invited, lambda: False, ())  # type: ignore[arg-type]
    thread = threading.Thread(target=jobs.run, args=(stopping,))
    thread.start()
    try:
        evaluator = bench.pad("evaluator-08")
        assert evaluator
        until(lambda: evaluator.status.state is DeviceState.ONLINE, 30)
        jobs.ask(MachineJob("j1", JobKind.LIGHT, 20, "evaluator-08"))
        until(lambda: server.ended, 30)
        assert not server.ended[0].well and "请群众评价" in server.ended[0].zh
        until(lambda: stub.state()["prompting"], 30)
    finally:
        stopping.set()
        jobs.wake()
        thread.join(30)
        bench.stop()


def test_a_pad_is_learned_named_bound_and_rates(machine: tuple[Bare, Boss], pad: tuple[Stub, str]) -> None:
    _, boss = machine
    stub, url = pad
    job = boss.job(kind="learn", url=url, title="新评价器")
    for n in range(9):
        teach(boss, job, stub, ("satisfied", "basically_satisfied", "dissatisfied")[n // 3], n)
    ended = boss.ended(job)
    assert ended["state"] == "done", ended
    boss.do("/admin/device-profiles", job=job, name="learned-here")
    until(lambda: "learned-here" in boss.card()["pads"])
    boss.bind(kind="evaluator", url=url, profile="learned-here", window="09")
    boss.online("evaluator")
    job = boss.job(kind="keys", device=boss.device("evaluator")["device"])
    assert "dissatisfied" in pressed(boss, job, stub, "dissatisfied")["word"].split()
    boss.do(f"/admin/jobs/{job}/stop")


def teach(boss: Boss, job: str, stub: Stub, key: str, n: int) -> None:
    """The press with the number `n`, from 0, once the page asks for it."""
    until(lambda: len(boss.seen(job)["seen"]) == 2 * n + 1, 30)
    stub.press(key)
    until(lambda: len(boss.seen(job)["seen"]) >= 2 * n + 2, 30)


def test_one_key_three_times_is_no_profile(machine: tuple[Bare, Boss], pad: tuple[Stub, str]) -> None:
    _, boss = machine
    stub, url = pad
    job = boss.job(kind="learn", url=url, title="坏的")
    for n in range(9):
        teach(boss, job, stub, "satisfied", n)
    ended = boss.ended(job)
    assert ended["state"] == "failed" and "数据相同" in ended["zh"]


def test_a_file_that_names_its_devices_counts(
    make_kiosk: Callable[..., Kiosk], real_server: RealServer, printer: PrinterStub
) -> None:
    make_kiosk(real_server.url, printer.url)
    boss = Boss(real_server, "kiosk-1")
    until(lambda: boss.card()["source"] == "machine")
    boss.online("printer")
    refused = boss.post("/admin/machines/kiosk-1/devices", kind="scanner", url="serial:///dev/ttyACM0")
    assert refused.json()["code"] == "set_on_machine"
    assert boss.ended(boss.job(kind="print", device="printer"))["state"] == "done"
    boss.close()


def test_the_doctor_knows_bound_devices(machine: tuple[Bare, Boss], printer: PrinterStub) -> None:
    kiosk, boss = machine
    boss.bind(kind="printer", url=printer.url, profile="generic-80")
    kiosk.until_ready()
    kiosk.stop()
    command = [sys.executable, "-m", "kiosk.cli", "doctor", "--config", str(kiosk.folder / "kiosk.toml")]
    told = subprocess.run(command, capture_output=True, text=True, env=ENV, cwd=ROOT).stdout
    assert "正常 ok    printer" in told
    kiosk.start()
