"""A bounded, repeatable run of the coverage-guided fuzzer over every codec, each in a process with little memory."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.broken import BROKEN
from tests.fuzz.codecs import PARSERS, READERS, Parser

ROOT = Path(__file__).parents[2]
SECONDS = 2
LIMITS = [f"-max_total_time={SECONDS}", "-seed=20260301", "-max_len=300", "-rss_limit_mb=400", "-timeout=5"]


def fuzz(codec, folder: Path) -> subprocess.CompletedProcess[str]:
    corpus = folder / "corpus"
    corpus.mkdir()
    (corpus / "good").write_bytes(codec.good if isinstance(codec, Parser) else codec.frame)
    command = [
        sys.executable,
        "-m",
        "tests.fuzz.fuzz",
        codec.name,
        *LIMITS,
        f"-artifact_prefix={folder}/",
        str(corpus),
    ]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("codec", [*READERS, *PARSERS], ids=lambda codec: codec.name)
def test_nothing_breaks_it(codec, tmp_path):
    ran = fuzz(codec, tmp_path)
    assert ran.returncode == 0, ran.stderr[-4000:]


def test_the_fuzzer_finds_a_mistake_that_luck_would_not(tmp_path):
    ran = fuzz(BROKEN, tmp_path)
    assert ran.returncode != 0 and "the mistake" in ran.stderr
