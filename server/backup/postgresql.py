"""A moment of PostgreSQL, by its own programs: `pg_dump` reads the snapshot that we count in."""

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import URL, Connection

from server.backup.refusal import RefusedError


def dump(conn: Connection, to: Path) -> None:
    """Write what `conn`, which is in a transaction of one snapshot, sees. Raises RefusedError."""
    snapshot = conn.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
    _run("pg_dump", conn.engine.url, "--format=custom", f"--snapshot={snapshot}", f"--file={to}")


def load(url: URL, dumped: Path) -> None:
    """Fill the empty database `url`, whole or not at all. Raises RefusedError."""
    _run("pg_restore", url, "--no-owner", "--exit-on-error", "--single-transaction", str(dumped))


def _run(program: str, url: URL, *arguments: str) -> None:
    if shutil.which(program) is None:
        raise RefusedError(
            f"没有找到 {program}，请安装 PostgreSQL 客户端（Debian：apt-get install postgresql-client）",
            f"{program} is not installed; install PostgreSQL's client programs (Debian: postgresql-client)",
        )
    host = url.host or str(url.query.get("host", ""))
    where = {"host": host, "port": url.port, "username": url.username, "dbname": url.database}
    command = [program, *(f"--{name}={value}" for name, value in where.items() if value), *arguments]
    # Not among the arguments, which everybody on the machine can read.
    secret = {"PGPASSWORD": str(url.password)} if url.password else {}
    done = subprocess.run(command, env={**os.environ, **secret}, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:] or [str(done.returncode)]
        raise RefusedError(f"{program} 未成功：{said[0]}", f"{program} did not succeed: {said[0]}")
