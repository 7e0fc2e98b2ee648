"""A bounded, repeatable run of the coverage-guided fuzzer over every codec, each in a process with little memory."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.broken import BROKEN
from tests.fuzz.codecs import PARSERS, READERS

ROOT = Path(__file__).parents[2]
LIMITS = ["-seed=20260301", "-use_value_profile=1", "-max_len=300", "-rss_limit_mb=400", "-timeout=5"]
CODECS = [codec.name for codec in (*READERS, *PARSERS)]


def fuzz(folder: Path, seconds: int, *names: str) -> int:
    command = [sys.executable, "-m", "tests.fuzz.fuzz", str(folder), *names, "--", *LIMITS]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    limit = f"-max_total_time={seconds}"
    return subprocess.run([*command, limit], cwd=ROOT, env=env, timeout=240, check=False).returncode


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fuzz")
    fuzz(folder, 2, *CODECS)
    return folder


@pytest.mark.parametrize("codec", CODECS)
def test_nothing_breaks_it(codec, logs):
    log = (logs / f"{codec}.log").read_text(errors="replace")
    assert "DONE" in log, log[-4000:]
    assert not list(logs.glob(f"{codec}-*")), log[-4000:]


def test_the_fuzzer_finds_a_mistake_that_luck_would_not(tmp_path):
    assert fuzz(tmp_path, 40, BROKEN.name) == 1
    assert "the mistake" in (tmp_path / "broken.log").read_text(errors="replace")
    assert list(tmp_path.glob("broken-crash-*"))
