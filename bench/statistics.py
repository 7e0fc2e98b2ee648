"""`python -m bench.statistics`: a million tickets in one month, and how long a report of it takes.

Each figure is of the HTTP call as a browser makes it. While days are counted, reports asked and the ledger saved, a
kiosk takes a number twenty times a second: what its slowest hundredth waits is what a report costs everybody else.
docs/bench.md says what was measured.
"""

import argparse
import sqlite3
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests

from bench.__main__ import taking
from bench.busy_past import ZONE, copied_busy
from bench.hall import PASSWORD, BenchHall, bench_hall
from bench.load import Result, run_open

BY = ("queue", "window", "staff", "item", "lane", "day", "month")
PER_S = 20.0
PATIENCE_S = 1800.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.statistics", description="Measure the statistics.")
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=31, help="that they lie on; the last is yesterday")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    last = datetime.now(ZONE).date() - timedelta(days=1)
    with TemporaryDirectory() as name:
        data = copied_busy(Path(name) / "data", options.days, options.tickets, last)
        with bench_hall(data) as hall:
            measure(hall, data, options.days, last, options.rounds)


def measure(hall: BenchHall, data: Path, days: int, last: date, rounds: int) -> None:
    boss, take = supervisor(hall), taking(hall.kiosk("kiosk"), "B")
    first = last - timedelta(days=min(days, 31) - 1)
    say("a number taken, nothing else going on", run_open([(take, nothing)], PER_S, 15))
    with beside(take, "while a day is counted from its tickets"):
        print(f"{'a day that is not kept':60}{cell([asked(boss, hall, 'queue', first, first)])}", flush=True)
    with beside(take, "while the days are counted and kept"):
        print(f"{'all days kept':60}{until_kept(data, days):8.0f} s", flush=True)
    with beside(take, "while reports of the month are asked for one after another"):
        for by in BY:
            found = [asked(boss, hall, by, first, last) for _ in range(rounds)]
            print(f"{f'the month by {by}':60}{cell(found)}", flush=True)
    with beside(take, "while files are saved"):
        for name, begins in (("statistics.xlsx", first), ("ledger.xlsx", last), ("ledger.csv", last)):
            seconds, size = saved(boss, hall, name, begins, last)
            print(f"{f'{name}, {(last - begins).days + 1} days':60}{seconds:8.2f} s, {size:,} bytes", flush=True)


def supervisor(hall: BenchHall) -> requests.Session:
    session = requests.Session()
    session.post(f"{hall.url}/api/v1/session", json={"username": "admin", "password": PASSWORD}, timeout=30)
    return session


def asked(boss: requests.Session, hall: BenchHall, by: str, first: date, last: date) -> float:
    """Seconds from the question to the last byte of the answer."""
    query = {"by": by, "from": first.isoformat(), "to": last.isoformat()}
    begin = time.perf_counter()
    answer = boss.get(f"{hall.url}/api/v1/statistics", params=query, timeout=PATIENCE_S)
    answer.raise_for_status()
    return time.perf_counter() - begin


def saved(boss: requests.Session, hall: BenchHall, name: str, first: date, last: date) -> tuple[float, int]:
    query = {"from": first.isoformat(), "to": last.isoformat()}
    begin = time.perf_counter()
    answer = boss.get(f"{hall.url}/api/v1/{name}", params=query, timeout=PATIENCE_S)
    answer.raise_for_status()
    return time.perf_counter() - begin, len(answer.content)


def until_kept(data: Path, days: int) -> float:
    """The server counts them by itself, a minute after it began."""
    begin = time.perf_counter()
    with closing(sqlite3.connect(data / "jiaohao.db")) as conn:
        while conn.execute("SELECT count(*) FROM day_figures WHERE by = 'all'").fetchone()[0] < days:
            time.sleep(1)  # to ask oftener would be measured too
            if time.perf_counter() - begin > PATIENCE_S:
                raise RuntimeError("the days are still not kept")
    return time.perf_counter() - begin


def nothing() -> None:
    pass


@contextmanager
def beside(take: Callable[[], bool], what: str) -> Iterator[None]:
    """Numbers are taken for as long as the block lasts."""
    over, results = threading.Event(), list[Result]()

    def go_on() -> None:
        while not over.is_set():
            results.append(run_open([(take, nothing)], PER_S, 5))

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    say(f"a number taken {what}", Result(sorted(x for r in results for x in r.latencies), 5.0 * len(results), 0))


def say(what: str, of: Result) -> None:
    print(f"{what:60}p50 {of.percentile_ms(50):5.1f} ms, p99 {of.percentile_ms(99):6.1f} ms", flush=True)


def cell(seconds: list[Any]) -> str:
    return f"{statistics.median(seconds):8.2f} s ({min(seconds):.2f}–{max(seconds):.2f})"


if __name__ == "__main__":
    main()
