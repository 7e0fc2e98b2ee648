"""A PostgreSQL of one's own for a while, from the programs of Debian's package: for the bench and the tests."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

USER = "jiaohao"
_NOBODY = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
_STARTS_WITHIN_S = 60.0


class Cluster:
    """A running server without a TCP port, on a socket in a folder that only its user can enter."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names = count(1)

    def new_database(self) -> str:
        """The SQLAlchemy URL of an empty database."""
        name = f"hall{next(self._names)}"
        _run("createdb", "--host", self._folder, "--username", USER, name)
        return f"postgresql+psycopg://{USER}@/{name}?host={self._folder}"


@contextmanager
def postgresql() -> Iterator[Cluster]:
    """A cluster that commits durably (fsync on, as installed) and leaves nothing behind.

    Raises FileNotFoundError when Debian's package `postgresql` is not installed.
    """
    # Not below the caller's folder: nobody could not enter that, and a socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="jiaohao-pg-"))
    try:
        if os.getuid() == 0:
            shutil.chown(folder, "nobody", "nogroup")
        data = folder / "data"
        _run("initdb", "--pgdata", data, "--username", USER, "--auth", "trust", "--encoding=UTF8", "--locale=C.UTF-8")
        command = _as_somebody("postgres", "-D", data, "-k", folder, "-c", "listen_addresses=")
        with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as server:
            try:
                _await_ready(server, folder)
                yield Cluster(folder)
            finally:
                server.send_signal(signal.SIGINT)  # "fast": clients that are left are cut off
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _await_ready(server: "subprocess.Popen[bytes]", folder: Path) -> None:
    deadline = time.monotonic() + _STARTS_WITHIN_S
    while subprocess.run(_as_somebody("pg_isready", "--quiet", "--host", folder), check=False).returncode:
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL did not start:\n{(folder / 'log').read_text()}")
        time.sleep(0.05)  # nothing tells of it: the server has to be asked


def _run(program: str, *args: str | Path) -> None:
    done = subprocess.run(_as_somebody(program, *args), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")


def _as_somebody(program: str, *args: str | Path) -> list[str | Path]:
    """The command, as an unprivileged user when we are root, whom PostgreSQL does not serve."""
    drop = _NOBODY if os.getuid() == 0 else ()
    return [*drop, _program(program), *args]


def _program(name: str) -> Path:
    """Debian keeps most of PostgreSQL's programs out of PATH; the newest version is taken."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    if not found:
        raise FileNotFoundError("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    return found[-1]
