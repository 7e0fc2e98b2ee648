"""`./run` through its front door: the real script, a real venv and pip, a small house, no network."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Builds an editable package without any library: what `pip install -e` asks of a backend, and no more.
BACKEND = """
import pathlib, zipfile
def build_editable(folder, config_settings=None, metadata_directory=None):
    here, info = pathlib.Path(__file__).parent, "tiny-1.dist-info"
    with zipfile.ZipFile(pathlib.Path(folder, "tiny-1-py3-none-any.whl"), "w") as wheel:
        wheel.writestr("tiny.pth", str(here))
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1\\n")
        about = ["Wheel-Version: 1.0", "Generator: tiny", "Root-Is-Purelib: true", "Tag: py3-none-any"]
        wheel.writestr(f"{info}/WHEEL", "\\n".join(about))
        wheel.writestr(f"{info}/RECORD", "")
    with open(here / "built", "a") as built:
        built.write("x")
    return "tiny-1-py3-none-any.whl"
"""
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "tiny"
version = "1"
"""
PACKAGES = (
    "chromium libatomic1 gcc libc6-dev qemu-system-x86 cpio busybox-static fonts-hanazono "
    "espeak-ng systemd postgresql"
)
HALL = "import os, sys; print(os.getcwd(), sys.argv[1:])"


def make_house(house: Path) -> Path:
    (house / "requirements").mkdir(parents=True)
    (house / "firmware_stubs").mkdir()
    shutil.copy(ROOT / "run", house)
    for name in ("requirements/run.txt", "requirements/test.txt", "hatch_build.py", "package.json", ".npmrc"):
        (house / name).touch()
    (house / "package-lock.json").touch()
    (house / "pyproject.toml").write_text(PYPROJECT)
    (house / "backend.py").write_text(BACKEND)
    (house / "firmware_stubs/virtual_hall.py").write_text(HALL)
    return house


def environment(**more: str) -> dict[str, str]:
    """A clean one, without pip's settings of this machine; nothing may be looked for anywhere."""
    return {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "PIP_CONFIG_FILE": os.devnull, **more}


def run(house: Path, *args: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    command = [house / "run", *args]
    return subprocess.run(command, cwd=cwd or house, env=environment(**env), capture_output=True, text=True)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A house in a folder with a space, laid once."""
    house = make_house(tmp_path_factory.mktemp("run") / "small house")
    first = run(house, "python", "-c", "print('laid')")
    assert first.stdout == "laid\n", first.stderr
    assert "准备完毕 Ready." in first.stderr
    return house


def times_built(house: Path) -> int:
    return len((house / "built").read_text())


@pytest.mark.parametrize("args", [[], ["-h"], ["--help"]])
def test_usage_needs_nothing(tmp_path: Path, args: list[str]) -> None:
    house = make_house(tmp_path / "bare")
    done = run(house, *args)
    assert done.returncode == 0
    assert done.stdout.startswith("叫号 Jiaohao")
    assert "demo [--port 8080] [--data DIR] [--visitors N]" in done.stdout
    assert not (house / ".venv").exists()


def test_an_option_is_not_a_command(tmp_path: Path) -> None:
    done = run(make_house(tmp_path / "bare"), "--port", "1")
    assert (done.returncode, done.stdout) == (64, "")
    assert "用法 Usage" in done.stderr


def test_a_second_run_does_nothing_and_says_nothing(house: Path) -> None:
    before = times_built(house)
    done = run(house, "python", "-c", "print('again')")
    assert (done.stdout, done.stderr) == ("again\n", "")
    assert times_built(house) == before


def test_demo_runs_where_the_caller_stands(house: Path, tmp_path: Path) -> None:
    (tmp_path / "firmware_stubs").mkdir()
    (tmp_path / "firmware_stubs/virtual_hall.py").write_text("print('not ours')")
    done = run(house, "demo", "--data", "my hall", cwd=tmp_path)
    assert (done.stdout, done.stderr) == (f"{tmp_path} ['--data', 'my hall']\n", "")


def test_arguments_and_exit_codes_pass_through(house: Path) -> None:
    done = run(house, "python", "-c", "import sys; print(sys.argv[1:]); sys.exit(7)", "a b", "", "*")
    assert (done.returncode, done.stdout) == (7, "['a b', '', '*']\n")


def test_an_unknown_command_is_said_in_two_languages(house: Path) -> None:
    done = run(house, "dmeo")
    assert (done.returncode, done.stdout) == (127, "")
    assert done.stderr == "没有这个命令 No such command: dmeo (./run --help)\n"


def test_run_becomes_the_command_so_signals_reach_it(house: Path) -> None:
    code = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    command = [house / "run", "python", "-c", code]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout and int(process.stdout.readline()) == process.pid
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == -signal.SIGTERM
        finally:
            process.kill()


def test_run_inside_run_does_not_make_the_venv_from_itself(house: Path) -> None:
    inner = "import os, subprocess; os.unlink('.venv/laid'); subprocess.run(['./run', 'python', '-c', 'print(1)'])"
    assert run(house, "python", "-c", inner).stdout == "1\n"
    home = (house / ".venv/pyvenv.cfg").read_text().splitlines()[0]
    assert str(house) not in home


@pytest.mark.parametrize("changed", ["pyproject.toml", "requirements/test.txt", "package-lock.json"])
def test_a_change_of_what_is_laid_is_laid_once(house: Path, changed: str) -> None:
    before = times_built(house)
    with (house / changed).open("a") as file:
        file.write("\n# changed\n")
    for _ in range(2):
        assert run(house, "python", "-c", "pass").returncode == 0
    assert times_built(house) == before + 1


def test_a_venv_left_half_made_is_made_anew(house: Path) -> None:
    (house / ".venv/laid").unlink()  # so a killed run leaves it
    shutil.rmtree(next((house / ".venv/lib").glob("python3*/site-packages/pip")))
    done = run(house, "python", "-c", "print('whole')")
    assert done.stdout == "whole\n", done.stderr


def test_a_house_that_moved_makes_its_venv_anew(house: Path) -> None:
    moved = house.rename(house.with_name("moved house"))
    try:
        done = run(moved, "python", "-c", "import sys; print(sys.prefix)")
        assert done.stdout == f"{moved}/.venv\n", done.stderr
    finally:
        moved.rename(house)


def test_two_first_runs_at_once_lay_it_once(house: Path) -> None:
    shutil.rmtree(house / ".venv")
    before = times_built(house)
    command = [house / "run", "python", "-c", "print('ok')"]
    both = [
        subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120) for process in both]
    assert [out for out, _ in said] == ["ok\n", "ok\n"], said
    assert times_built(house) == before + 1
    assert sum("等待另一个 ./run 完成安装" in err for _, err in said) == 1


def test_a_failed_step_shows_its_words_and_is_tried_again(house: Path) -> None:
    lock = house / "requirements/run.txt"
    whole = lock.read_text()
    lock.write_text("flask==1.0\n")
    failed = run(house, "python", "-c", "pass")
    assert failed.returncode == 1
    assert "hash" in failed.stderr and "失败 Failed" in failed.stderr
    lock.write_text(whole)
    assert run(house, "python", "-c", "print('well')").stdout == "well\n"


def test_an_old_python_is_refused(house: Path, tmp_path: Path) -> None:
    old = script(tmp_path / "python3", "exit 1")
    done = run(house, "demo", PYTHON=str(old))
    assert done.returncode == 69
    assert "Python 3.11 or newer is needed" in done.stderr and "需要 Python 3.11" in done.stderr


def script(file: Path, body: str) -> Path:
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)
    return file


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Gives a PATH on which Debian has only what was "installed" here; the real one is not touched."""

    def path_for(user: int, sudo: bool) -> str:
        folder = tmp_path / "bin"
        folder.mkdir()
        script(folder / "id", f"echo {user}")
        script(
            folder / "sudo",
            f'{"true" if sudo else "exit 1"}; shift; echo "sudo" >>"{tmp_path}/said"; exec "$@"',
        )
        script(
            folder / "dpkg-query",
            f'for last; do :; done; grep -qw "$last" "{tmp_path}/said" && echo installed',
        )
        script(folder / "apt-get", f'echo "apt-get $*" >>"{tmp_path}/said"')
        (tmp_path / "said").touch()
        return f"{folder}:{os.environ['PATH']}"

    yield path_for


def test_without_rights_the_one_line_for_an_administrator_is_printed(
    house: Path, tmp_path: Path, machine: Callable[..., str]
) -> None:
    done = run(house, "test", PATH=machine(user=1000, sudo=False))
    assert (done.returncode, done.stdout) == (69, "")
    assert "请管理员执行" in done.stderr and "An administrator must run" in done.stderr
    line = f"    apt-get update && apt-get install -y --no-install-recommends {PACKAGES}"
    assert line in done.stderr.splitlines()
    assert (tmp_path / "said").read_text() == ""


@pytest.mark.parametrize(("user", "sudo"), [(0, False), (1000, True)])
def test_with_rights_missing_packages_are_installed(
    house: Path, tmp_path: Path, machine: Callable[..., str], user: int, sudo: bool
) -> None:
    done = run(house, "pytest", "--version", PATH=machine(user=user, sudo=sudo))
    said = (tmp_path / "said").read_text()
    assert f"正在安装系统软件包 Installing Debian packages: {PACKAGES}" in done.stderr
    assert "apt-get update\n" in said
    assert f"install -y --no-install-recommends {PACKAGES}\n" in said
    assert ("sudo" in said) == sudo
    assert "正在安装检查工具" in done.stderr  # went on; this small house has no npm for the tools' own sake
