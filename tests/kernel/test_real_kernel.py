"""The drivers against a real kernel's devices: one boot of QEMU, in which the tests of `guest/` run.

Each guest test is a test here by its name, so `-k` chooses among them; what was chosen is what the guest runs.
"""

import ast
import json
import os
import shlex
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.kernel import bed

GUEST = Path(__file__).parent / "guest"
RULES = bed.ROOT / "deploy/udev/70-jiaohao.rules"
PAD_PORT = "platform-dummy_hcd.2-usb-0:1:1.0"
BOOT_S = 600.0  # far more than it takes; a guest that hangs is ended, and its tests fail
PHASES = 3
BOOTS = 2
ENDED = (0, 1)  # 1 is said when a test failed


def guest_tests() -> list[str]:
    """Read, not imported: this machine has none of the devices."""
    return [
        f"{file.name}::{node.name}"
        for file in sorted(GUEST.glob("*.py"))
        for node in ast.parse(file.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]


@pytest.fixture(scope="session")
def guest(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> "Guest":
    chosen = [
        item.callspec.params["name"] for item in request.session.items if item.name.startswith("test_in_guest[")
    ]
    return Guest(chosen or guest_tests(), lambda: tmp_path_factory.mktemp("bed"))


class Guest:
    """What became of the tests that the guest ran: each has three phases (setup, call, teardown).

    A kernel in software locks up once in some hundred boots. Then the guest is booted again for what it had not come
    to, with the test in which it stood still at the end; what has passed or failed is never run again.
    """

    def __init__(self, chosen: list[str], folders: Callable[[], Path]) -> None:
        self._phases: dict[str, list[dict[str, Any]]] = {}
        for _ in range(BOOTS):
            self._boot(chosen, folders())
            left = [name for name in chosen if not self._came_to(name)]
            if self.ran.status in ENDED or not left:
                return
            warnings.warn(f"the guest stood still in {left[0]}:\n{self.last_words()}", stacklevel=2)
            chosen = [*left[1:], left[0]]

    def _boot(self, chosen: list[str], out: Path) -> None:
        capabilities_read_once(out)
        self.ran = bed.boot(bed.built(), command(chosen), out, BOOT_S)
        self._phases |= {name: [] for name in chosen}
        for line in (out / "report").read_text().splitlines() if (out / "report").exists() else ():
            phase = json.loads(line)
            self._phases[phase["test"].removeprefix("tests/kernel/guest/")].append(phase)

    def _came_to(self, name: str) -> bool:
        phases = self._phases[name]
        return len(phases) == PHASES or any(phase["outcome"] != "passed" for phase in phases)

    def last_words(self) -> str:
        return self.ran.console[-6000:]

    def failure(self, name: str) -> str | None:
        phases = self._phases[name]
        failed = [phase for phase in phases if phase["outcome"] != "passed"]  # a test that is skipped shows nothing
        if failed:
            return "\n".join(f"{phase['when']} {phase['outcome']}\n{phase['text']}" for phase in failed)
        if len(phases) < PHASES:
            return f"the guest did not finish this test; its last words:\n{self.last_words()}"
        return None


def command(chosen: list[str]) -> str:
    """udevd makes the by-path links. Our rules are with it, and for keyboards as a hall would fill them in."""
    tests = shlex.join(str(GUEST / name) for name in chosen)
    options = f"-p no:cacheprovider -v --color=no --confcutdir={shlex.quote(str(GUEST))}"
    return "\n".join(
        (
            "echo 'jiaohao:x:970:' >>/etc/group && mkdir -p /run/udev/rules.d",
            f"sed -E 's/^#(ACTION.*==\")pci-[^\"]*/\\1{PAD_PORT}/' {RULES} >/run/udev/rules.d/{RULES.name}",
            "/usr/lib/systemd/systemd-udevd --daemon",
            "export PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 ESCPOS_CAPABILITIES_PICKLE_DIR=/mnt/bed",
            f"exec {shlex.quote(sys.executable)} -m pytest {options} {tests}",
        )
    )


def capabilities_read_once(out: Path) -> None:
    """python-escpos reads a long YAML file when it is imported: ten seconds in the guest, so it is done here."""
    env = os.environ | {"ESCPOS_CAPABILITIES_PICKLE_DIR": str(out)}
    subprocess.run([sys.executable, "-c", "import escpos.capabilities"], env=env, check=True)


@pytest.mark.filterwarnings("default:the guest stood still")
@pytest.mark.parametrize("name", guest_tests())
def test_in_guest(guest: Guest, name: str) -> None:
    if failure := guest.failure(name):
        pytest.fail(failure, pytrace=False)


@pytest.mark.filterwarnings("default:the guest stood still")
def test_the_guest_came_to_its_end(guest: Guest) -> None:
    assert guest.ran.status in ENDED, guest.last_words()
