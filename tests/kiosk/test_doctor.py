"""What the doctor finds, and that each fault says what to do."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from firmware_stubs.evaluator import EvaluatorStub
from firmware_stubs.lines import PtyEnd, TcpEnd
from firmware_stubs.printer import PrinterStub as Printer
from kiosk import doctor
from kiosk.doctor import examine
from machine.ports import Machine
from tests.kiosk.conftest import ENV, ROOT, Kiosk, PrinterStub, RealServer


@pytest.fixture
def config(tmp_path: Path, real_server: RealServer) -> Callable[..., Path]:
    def make(
        printer: str, extra: str = "", server: str = real_server.url, token: str = real_server.kiosk_token
    ) -> Path:
        (tmp_path / "token").write_text(token)
        path = tmp_path / "kiosk.toml"
        path.write_text(
            f'server = "{server}"\ntoken_file = "token"\ndata_dir = "data"\n[printer]\nurl = "{printer}"\n{extra}'
        )
        return path

    return make


def ask(path: Path | None, machine: Machine | None = None) -> dict[str, doctor.Finding]:
    return {finding.what: finding for finding in examine(path, {}, machine or Machine(Path("/none"), Path("/none")))}


def test_all_is_well(config: Callable[..., Path], tmp_path: Path) -> None:
    with Printer(TcpEnd(), speed=0) as printer, EvaluatorStub(PtyEnd(tmp_path / "ev")):
        pad = (
            f'[[evaluator]]\nwindow = "01"\nurl = "serial://{tmp_path}/ev"\nprofile = "ff68"\ntoken_file = "token"\n'
        )
        found = ask(config(f"tcp://{printer.end.address}", pad))
        assert all(finding.well for finding in found.values()), found
        assert {"server", "journal", "fonts", "printer", "evaluator 01", "evaluator 01 token"} <= set(found)
        assert printer.papers == []
    assert not (tmp_path / "data").exists()


def test_a_pad_that_cannot_be_asked_is_not_called_connected(config: Callable[..., Path], tmp_path: Path) -> None:
    def pad(window: str, profile: str) -> str:
        lines = f'window = "{window}"\nurl = "serial://{tmp_path}/ev{window}"\nprofile = "{profile}"\n'
        return f'[[evaluator]]\n{lines}token_file = "token"\n'

    with EvaluatorStub(PtyEnd(tmp_path / "ev01")), EvaluatorStub(PtyEnd(tmp_path / "ev02"), profile="5aa5"):
        found = ask(config("tcp://127.0.0.1:1", pad("01", "ff68") + pad("02", "5aa5")))
    assert found["evaluator 01"].well and "按一下键确认" in found["evaluator 01"].zh
    assert "press a key" in found["evaluator 01"].en and "connected" not in found["evaluator 01"].en
    assert "已连上" in found["evaluator 02"].zh


def test_without_a_token_the_rest_is_looked_at(config: Callable[..., Path]) -> None:
    pad = '[[evaluator]]\nwindow = "01"\nurl = "tcp://127.0.0.1:9"\nprofile = "ff68"\ntoken_file = "none"\n'
    path = config("tcp://127.0.0.1:1", pad)
    (path.parent / "token").unlink()
    said = examine(path, {}, Machine(Path("/none"), Path("/none")))
    wrong = [finding.en for finding in said if finding.what == str(path)]
    assert ["token_file" in wrong[0], "evaluator[0].token_file" in wrong[1], len(wrong)] == [True, True, 2]
    assert {"journal", "printer", "evaluator 01"} <= {finding.what for finding in said}


def test_a_misspelt_profile_is_said_once_in_each_language(config: Callable[..., Path]) -> None:
    pad = '[[evaluator]]\nwindow = "01"\nurl = "tcp://h:1"\nprofile = "ff86"\ntoken_file = "token"\n'
    wrong = ask(config("tcp://127.0.0.1:1", pad))["evaluator 01"]
    assert not wrong.well and "没有这个文件" in wrong.zh and "ff68" in wrong.en
    assert wrong.en.isascii() and not wrong.en.endswith("..")


def test_a_machine_without_rare_characters_is_told_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "apt" not in doctor._fonts().zh
    monkeypatch.setattr(doctor, "RAREST", "\U000efffe")
    assert doctor._fonts().well and "sudo apt install fonts-hanazono" in doctor._fonts().zh


def test_each_fault_is_a_sentence(config: Callable[..., Path], tmp_path: Path) -> None:
    with Printer(TcpEnd(), speed=0) as printer:
        printer.set_fault("paper_out")
        scanner = f'[[scanner]]\nurl = "serial://{tmp_path}/none"\n'
        found = ask(config(f"tcp://{printer.end.address}", scanner, token="wrong-token"))
    assert "装纸" in found["printer"].zh and "put a roll in" in found["printer"].en
    assert "管理页" in found["server"].zh and "admin page" in found["server"].en
    assert "电源" in found["scanner 1"].zh and "baud rate" in found["scanner 1"].en
    assert not any(found[name].well for name in ("printer", "server", "scanner 1"))


def test_a_server_that_is_away_and_a_wrong_setting(config: Callable[..., Path]) -> None:
    found = ask(config("tcp://127.0.0.1:1", server="http://127.0.0.1:9"))
    assert not found["server"].well and "网线" in found["server"].zh
    path = config("nonsense")
    assert not ask(path)[str(path)].well and "printer.url" in ask(path)[str(path)].en


@pytest.mark.skipif(not Path("/proc/1/fd").is_dir(), reason="no /proc")
def test_a_folder_that_takes_no_file(config: Callable[..., Path]) -> None:
    path = config("tcp://127.0.0.1:1")
    path.write_text(path.read_text().replace('"data"', '"/proc/1"'))
    assert "磁盘空间" in ask(path)["journal"].zh and not ask(path)["journal"].well


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    dev = tmp_path / "dev"
    for folder in ("usb", "input/by-path", "serial/by-path"):
        (dev / folder).mkdir(parents=True)
    for node in ("ttyUSB0", "usb/lp0", "input/event3", "hidraw0"):
        (dev / node).touch()
    (dev / "serial/by-path/pci-1-usb-0:2:1.0-port0").symlink_to(dev / "ttyUSB0")
    (dev / "input/by-path/pci-1-usb-0:3:1.0-event-kbd").symlink_to(dev / "input/event3")
    (tmp_path / "class/hidraw0").mkdir(parents=True)
    return Machine(dev, tmp_path / "class")


def test_what_is_plugged_in_and_how_to_write_it(machine: Machine) -> None:
    found = ask(None, machine)
    assert all(finding.well for finding in found.values())
    said = "".join(finding.zh for finding in found.values())
    for url in (
        "/by-path/pci-1-usb-0:2:1.0-port0?baudrate=9600",
        "usb-lp://",
        "hidraw:",
        "evdev:by-path/pci-1-usb-0:3",
    ):
        assert url in said


def test_no_permission_says_which_line_to_run(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setattr(doctor.grp, "getgrgid", lambda gid: type("Group", (), {"gr_name": "dialout"}))
    found = ask(None, machine)
    assert not any(finding.well for finding in found.values())
    assert "sudo usermod -aG dialout" in found[str(machine.dev / "ttyUSB0")].en
    assert doctor.RULES in found[str(machine.dev / "usb/lp0")].zh
    assert (ROOT / doctor.RULES).is_file()


def run_doctor(*words: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "kiosk.cli", "doctor", *words]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=ENV, timeout=30)
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_a_running_kiosk_is_left_alone(
    make_kiosk: Callable[..., Kiosk], real_server: RealServer, printer: PrinterStub
) -> None:
    kiosk = make_kiosk(real_server.url, printer.url)
    code, said = run_doctor("--config", str(kiosk.folder / "kiosk.toml"), "--json")
    found: dict[str, Any] = {one["what"]: one for one in json.loads(said)}
    assert code == 0 and "正在运行" in found["journal"]["zh"] and "printer" not in found


def test_a_machine_with_none_of_these(config: Callable[..., Path]) -> None:
    code, said = run_doctor()
    assert code == 0 and "正常 ok" in said
    code, said = run_doctor("--config", "/none/kiosk.toml")
    assert code == 1 and "问题 WRONG" in said and "cannot read" in said
