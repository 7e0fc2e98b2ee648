"""The house keeps its own rules: tools are clean, locks whole, nothing names a place that is not ours."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import hatch_build

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent

TOOLS = {
    "ruff": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "mypy": ["mypy"],
    "imports": ["lint-imports", "--no-cache"],
}
# Written so that this file does not hold them itself.
ELSEWHERE = re.compile(r"\b(pypi|pythonhosted|npmjs|debian)[.](org|com)|(?<!\w)/[w]ork/|[.]{2}/[s]hared\b")
LOCKED = re.compile(r"^([a-z0-9-]+)==(\S+)((?: \\\n +--hash=sha256:[0-9a-f]{64})+)$", re.M)
LAID = {"node_modules", "vendor", "__pycache__", "build", "dist"}


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_finds_nothing(tool: str) -> None:
    program, *args = TOOLS[tool]
    done = subprocess.run([BIN / program, *args], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def own_files() -> Iterator[Path]:
    """Every file of the project, without what `./run` and tools laid beside it."""
    for folder, names, files in os.walk(ROOT):
        names[:] = [n for n in names if n == ".ci" or not (n in LAID or n.startswith(".") or n.endswith("-info"))]
        yield from (Path(folder, name) for name in files if name != ".git")  # a file in a git worktree


def test_no_file_names_a_place_that_is_not_ours() -> None:
    found = []
    for file in own_files():
        text = file.read_bytes().decode("utf-8", "replace")
        found += [f"{file.relative_to(ROOT)}: {match[0]}" for match in ELSEWHERE.finditer(text)]
    assert not found


def locked(lock: str) -> dict[str, str]:
    text = (ROOT / "requirements" / lock).read_text("utf-8")
    return {name: version for name, version, _ in LOCKED.findall(text)}


@pytest.mark.parametrize("lock", ["run.txt", "voice.txt", "test.txt"])
def test_every_requirement_is_pinned_with_its_hashes(lock: str) -> None:
    lines = (ROOT / "requirements" / lock).read_text("utf-8").splitlines()
    asked = [line for line in lines if line and not line.startswith(("#", " "))]
    assert len(locked(lock)) == len(asked)


def test_tests_run_on_the_versions_that_the_product_runs_on() -> None:
    for lock in ("run.txt", "voice.txt"):
        assert locked(lock).items() <= locked("test.txt").items()


def test_every_dependency_of_the_project_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = project["project"]["dependencies"] + project["build-system"]["requires"]
    names = {re.split(r"[\[<>=~ ]", requirement)[0] for requirement in wanted}
    assert names <= locked("run.txt").keys()
    assert set(project["project"]["optional-dependencies"]["voice"]) <= locked("voice.txt").keys()


def test_every_browser_module_is_locked_by_its_hash_and_not_by_a_place() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    for name, entry in lock["packages"].items():
        assert "resolved" not in entry
        assert name == "" or entry["integrity"].startswith("sha512-"), name


def test_modules_point_at_their_neighbours() -> None:
    code = 'import{h}from"preact";import{x}from "./x.mjs";export*from"preact/hooks";\n//# sourceMappingURL=a.map'
    assert (
        hatch_build.with_neighbours(code)
        == 'import{h}from"./preact.mjs";import{x}from "./x.mjs";export*from"./hooks.mjs";\n'
    )


def test_modules_are_fetched_again_only_when_the_lock_asks_for_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hatch_build, "ROOT", tmp_path)
    monkeypatch.setattr(hatch_build, "MODULES", tmp_path)
    asked = {"": {"name": "us"}, "a": {"version": "1"}, "tool": {"version": "1", "dev": True}}
    (tmp_path / "package-lock.json").write_text(json.dumps({"packages": asked}))
    assert not hatch_build.modules_are_fresh()
    (tmp_path / ".package-lock.json").write_text(json.dumps({"packages": {"a": {"version": "1"}}}))
    assert hatch_build.modules_are_fresh()
    (tmp_path / ".package-lock.json").write_text(json.dumps({"packages": {"a": {"version": "2"}}}))
    assert not hatch_build.modules_are_fresh()


def test_continuous_integration_does_nothing_but_run_the_tests() -> None:
    assert (ROOT / ".ci/run").read_text() == '#!/bin/sh\nexec ./run test "$@"\n'
    assert os.access(ROOT / ".ci/run", os.X_OK)
