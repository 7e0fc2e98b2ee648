"""`python -m tests.fuzz.fuzz CODEC [libFuzzer options] [CORPUS]`: look for bytes that break one codec, guided by the
branches of our code that they reach. Ends with 0 when none were found."""

import resource
import sys

import atheris

MEMORY = 2 << 30  # of address space, most of which the sanitizer's tables take and never touch

with atheris.instrument_imports(include=["devices", "kiosk.spool", "tomllib", "tests.fuzz.broken"]):
    from tests.fuzz.broken import BROKEN
    from tests.fuzz.codecs import PARSERS, READERS, Parser
    from tests.fuzz.properties import hold, refuses_or_takes


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    subject = {one.name: one for one in (*READERS, *PARSERS, BROKEN)}[sys.argv.pop(1)]
    if isinstance(subject, Parser):
        atheris.Setup(sys.argv, lambda data: refuses_or_takes(subject, data))
    else:
        atheris.Setup(sys.argv, lambda data: hold(subject, data))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
