"""What this machine could do at most: bare parts, in the same run."""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Column, Integer, MetaData, Table, insert

from server.db import make_engine, writing


def commits_per_second(folder: Path, seconds: float) -> float:
    """Durable commits of one row by sqlite3 itself: WAL, synchronous=FULL, one writer."""
    conn = sqlite3.connect(folder / "raw.db", isolation_level=None)
    for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "CREATE TABLE IF NOT EXISTS t (n)"):
        conn.execute(statement)

    def commit() -> None:
        conn.execute("BEGIN IMMEDIATE")
        conn.execute("INSERT INTO t VALUES (1)")
        conn.execute("COMMIT")

    try:
        return _rate(commit, seconds)
    finally:
        conn.close()


def core_commits_per_second(folder: Path, seconds: float) -> float:
    """The same through SQLAlchemy Core and the product's own engine settings."""
    engine = make_engine(f"sqlite:///{folder / 'core.db'}")
    table = Table("t", MetaData(), Column("n", Integer))
    table.metadata.create_all(engine)
    add = insert(table)

    def commit() -> None:
        with writing(engine) as conn:
            conn.execute(add, {"n": 1})

    try:
        return _rate(commit, seconds)
    finally:
        engine.dispose()


def _rate(work: Callable[[], None], seconds: float) -> float:
    end, done, begun = time.perf_counter() + seconds, 0, time.perf_counter()
    while time.perf_counter() < end:
        work()
        done += 1
    return done / (time.perf_counter() - begun)
