"""`python -m tests.fuzz.fuzz FOLDER CODEC... -- [libFuzzer options]`: look for bytes that break a codec.

The search is guided by the branches of our code that the bytes reach. Loading and instrumenting takes longer than a
short run, so all codecs share it: each is a fork, with little memory. In FOLDER each leaves CODEC.log, and
CODEC-crash-… when bytes were found that break it. Ends with the number of those.
"""

import os
import resource
import sys
from pathlib import Path

import atheris

MEMORY = 2 << 30  # of address space, most of which the fuzzer's tables take and never touch
AT_ONCE = 2

with atheris.instrument_imports(include=["devices", "kiosk.spool", "tomllib", "tests.fuzz.broken"]):
    from tests.fuzz.broken import BROKEN
    from tests.fuzz.codecs import PARSERS, READERS, Codec, Parser
    from tests.fuzz.properties import hold, refuses_or_takes


def main(folder: Path, names: list[str], options: list[str]) -> int:
    subjects = {one.name: one for one in (*READERS, *PARSERS, BROKEN)}
    failed = running = 0
    for name in names:
        if running == AT_ONCE:
            failed += wait()
            running -= 1
        start(subjects[name], folder, options)
        running += 1
    return failed + sum(wait() for _ in range(running))


def wait() -> bool:
    _, status = os.wait()
    return status != 0


def start(subject: Codec | Parser, folder: Path, options: list[str]) -> None:
    if os.fork() == 0:
        fuzz(subject, folder, options)


def fuzz(subject: Codec | Parser, folder: Path, options: list[str]) -> None:
    """Does not return."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with (folder / f"{subject.name}.log").open("wb") as log:
        os.dup2(log.fileno(), sys.stderr.fileno())
        os.dup2(log.fileno(), sys.stdout.fileno())  # where the fuzzer writes tracebacks
    corpus = folder / subject.name
    corpus.mkdir()
    if isinstance(subject, Parser):
        good, check = subject.good, lambda data: refuses_or_takes(subject, data)
    else:
        good, check = subject.frame, lambda data: hold(subject, data)
    (corpus / "good").write_bytes(good)
    atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={folder}/{subject.name}-", str(corpus)], check)
    atheris.Fuzz()


if __name__ == "__main__":
    at = sys.argv.index("--")
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:at], sys.argv[at + 1 :]))
