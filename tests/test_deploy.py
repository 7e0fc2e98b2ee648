"""What stands in deploy/ is understood by the programs that it is for. How the archive for a hall without internet
was tried: docs/install-offline.md."""

import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parent.parent / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
CHROMIUM = Path("/usr/lib/chromium/chromium")
PROGRAMS = ("python", "jiaohao-server", "jiaohao-kiosk", "jiaohao-display")
LEAST_SHUT = {"jiaohao-screen@.service": 55}
"""Highest exposure that `systemd-analyze security` may find, times ten; 25 where nothing is said."""


@pytest.fixture
def units(tmp_path: Path) -> list[Path]:
    """The units as they would be installed, with the programs that they start in place."""
    root = tmp_path / "opt"
    copies = []
    for unit in UNITS:
        text = unit.read_text("utf-8").replace("/opt/jiaohao", str(root))
        copies.append(tmp_path / unit.name)
        copies[-1].write_text(text, "utf-8")
        program = Path(re.findall(r"^ExecStart=(\S+)", text, re.M)[0])
        program.parent.mkdir(parents=True, exist_ok=True)
        program.touch(0o755)
    return copies


def test_systemd_finds_nothing_wrong_with_the_units(units: list[Path]) -> None:
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True)
    own = [line for line in done.stderr.splitlines() if "jiaohao" in line]
    assert own == [] and len(units) == 4


def test_an_error_in_a_unit_is_found(units: list[Path]) -> None:
    units[0].write_text(units[0].read_text("utf-8").replace("ProtectHome=yes", "ProtectHome=perhaps"), "utf-8")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", units[0]], capture_output=True, text=True)
    assert "perhaps" in done.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_are_shut_in(unit: Path) -> None:
    most = LEAST_SHUT.get(unit.name, 25)
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={most}", unit]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_accounts_can_be_made() -> None:
    command = ["systemd-sysusers", "--dry-run", DEPLOY / "sysusers.conf"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    users = re.findall(r"^User=(\S+)", "".join(unit.read_text("utf-8") for unit in UNITS), re.M)
    assert set(users) == set(re.findall(r"^u (\S+)", (DEPLOY / "sysusers.conf").read_text("utf-8"), re.M))


@pytest.mark.parametrize("script", ["make-offline-archive", "install-offline", "jiaohao-screen"])
def test_scripts_can_be_read(script: str) -> None:
    shell = (DEPLOY / script).read_text("utf-8").splitlines()[0].removeprefix("#!")
    done = subprocess.run([shell, "-n", DEPLOY / script], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "") and os.access(DEPLOY / script, os.X_OK)


def test_chromium_knows_every_policy() -> None:
    policies = json.loads((DEPLOY / "chromium/jiaohao.json").read_text("utf-8"))
    known = CHROMIUM.read_bytes()
    assert [name for name in policies if name.encode() not in known] == []
    assert policies["TranslateEnabled"] is False and policies["URLBlocklist"] == ["*"]


def test_laying_an_archive_again_leaves_the_version_in_use_alone(tmp_path: Path) -> None:
    """As when `install screen` follows on `install`: the server runs from that folder meanwhile."""
    archive, hall = tmp_path / "archive", tmp_path / "hall"
    for folder in ("deploy", "docs"):
        (archive / folder).mkdir(parents=True)
    (archive / "LICENSE").touch()
    (archive / "VERSION").write_text("1.0\n")
    functions = (DEPLOY / "install-offline").read_text("utf-8").partition("\ncheck\n")[0]
    (archive / "install").write_text(functions.replace("/opt/jiaohao", str(hall)) + "\nlay\n")
    made = "; ".join(f'ln -s /bin/true "$4/bin/{name}"' for name in PROGRAMS)
    (archive / "python").write_text(f'#!/bin/sh\nmkdir -p "$4/bin"; {made}\n')
    (archive / "python").chmod(0o755)
    in_use = []
    for _ in range(3):
        command = ["sh", archive / "install"]
        subprocess.run(command, env={**os.environ, "PYTHON": str(archive / "python")}, check=True)
        in_use.append((hall / ".venv").readlink().parent)
        assert all((folder / ".venv/bin/jiaohao-server").exists() for folder in in_use[-2:])
    assert in_use[0] != in_use[1] and in_use[0] == in_use[2]
    assert {(hall / part).readlink().parent for part in ("deploy", "docs")} == {in_use[2]}


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)  # nothing tells when a file changes: it is looked at again and again


@pytest.mark.parametrize("page", ["/?zone=A", "?zone=A/B", "#a"])
def test_the_screen_waits_for_its_page_and_then_shows_it(tmp_path: Path, page: str) -> None:
    tries = tmp_path / "tries"
    for name, does in (("cage", 'printf "%s\\n" "$@"'), ("sleep", f"echo try >>{tries}; exec /bin/sleep 0.1")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    server = socket.socket()  # its port is ours from here on, though nobody answers there yet
    server.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{server.getsockname()[1]}{page}"
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "RUNTIME_DIRECTORY": str(tmp_path)}
    (tmp_path / "profile").mkdir()
    screen = subprocess.Popen(
        [DEPLOY / "jiaohao-screen"], env=environment | {"SCREEN_URL": url, "SCREEN_CAGE": "-d -r"},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        until(lambda: tries.exists() and len(tries.read_text().splitlines()) >= 3)
        assert screen.poll() is None
        server.listen()
        words = screen.communicate(timeout=30)[0].splitlines()
    finally:
        screen.kill()
        screen.wait()
        server.close()
    assert words[:4] == ["-d", "-r", "--", "chromium"] and words[-1] == url
    assert {"--kiosk", "--autoplay-policy=no-user-gesture-required"} <= set(words)
    assert not (tmp_path / "profile").exists()


def test_a_screen_without_a_page_says_so() -> None:
    done = subprocess.run(
        [DEPLOY / "jiaohao-screen"], env={"PATH": os.environ["PATH"]}, capture_output=True, text=True
    )
    assert done.returncode != 0 and "/etc/jiaohao/screen.env" in done.stderr


def test_the_policy_allows_the_page_of_the_example() -> None:
    allowed = json.loads((DEPLOY / "chromium/jiaohao.json").read_text("utf-8"))["URLAllowlist"]
    url = re.findall(r"^SCREEN_URL=(.+)", (DEPLOY / "screen.env").read_text("utf-8"), re.M)[0]
    assert any(url.startswith(place) for place in allowed)
