"""The udev rules are as strict as they say. That a real udev reads them is seen in tests/kernel."""

import re
from pathlib import Path

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
