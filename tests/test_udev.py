"""The udev rules are rules: read by udev's own checker where there is one, and by a strict eye where not."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

RULES = Path(__file__).parent.parent / "deploy/udev/70-jiaohao.rules"
WORD = r'(?:ACTION!=|SUBSYSTEM==|KERNEL==|ENV\{[A-Z_]+\}==?|IMPORT\{builtin\}=|GROUP=|MODE=)"[^"]+"'


def rules() -> list[str]:
    """Those in force and those to be copied."""
    lines = (line.removeprefix("#") for line in RULES.read_text("utf-8").splitlines())
    return [line for line in lines if line.startswith("ACTION")]


def test_each_line_is_a_rule_for_the_group() -> None:
    assert len(rules()) == 4
    for rule in rules():
        assert re.fullmatch(f"{WORD}(, {WORD})*", rule), rule
        assert 'GROUP="jiaohao"' in rule and 'MODE="0660"' in rule


def test_keys_are_given_by_port_only() -> None:
    for rule in rules():
        if "input" in rule or "hidraw" in rule:
            assert "ID_PATH" in rule
            assert f"#{rule}" in RULES.read_text("utf-8")


@pytest.mark.skipif(not shutil.which("udevadm"), reason="no udevadm")
def test_udev_reads_them() -> None:
    known = subprocess.run(["udevadm", "verify", "--help"], capture_output=True)
    if known.returncode:
        pytest.skip("this udevadm cannot verify")
    done = subprocess.run(["udevadm", "verify", "--resolve-names=never", str(RULES)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
