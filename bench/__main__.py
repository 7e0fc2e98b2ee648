"""`./run bench`: every figure three times in one run, with the raw limits of this machine beside them."""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from bench import raw
from bench.hall import BenchHall, bench_hall
from bench.load import Client, Result, run
from bench.wall import Wall, call_to_wall, wall

CLIENTS = 32
Row = dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0, help="length of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    rounds = [measure(options.seconds) for _ in range(options.rounds)]
    print(table(rounds))


def measure(seconds: float) -> dict[str, Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = {
            "raw: sqlite3 durable commits, 1 writer": {"per s": raw.commits_per_second(folder, seconds / 2)},
            "raw: SQLAlchemy Core durable commits": {"per s": raw.core_commits_per_second(folder, seconds / 2)},
            f"raw: bare Flask endpoint, {CLIENTS} clients": bare_flask(seconds),
        }
        with bench_hall(folder / "data") as hall:
            kiosks = [hall.kiosk(f"kiosk{n}") for n in range(CLIENTS)]
            rows["take a number, 1 client"] = figures(run([taking(kiosks[0])], seconds))
            rows[f"take a number, {CLIENTS} clients"] = figures(run([taking(k) for k in kiosks], seconds))
            clerks = {window: hall.clerk(window) for window in hall.windows()}
            rows[f"call next, {len(clerks)} windows at once"] = figures(calling_together(clerks))
            with wall(hall, folder) as shown:
                rows["call → wall, 1 clerk"] = figures(slow_calls(hall, clerks, shown))
    return rows


def taking(client: Client) -> Callable[[], bool]:
    return lambda: client.command("/api/v1/tickets", queue="A")[0] == 201


def calling_together(clerks: dict[str, Client]) -> Result:
    """All windows press "next" in the same instant, ten times; a no-show between, not counted."""
    latencies: list[float] = []
    seconds = 0.0
    for _ in range(10):
        result = one_volley(clerks, "call-next")
        latencies += result.latencies
        seconds += result.seconds
        one_volley(clerks, "no-show")
    return Result(sorted(latencies), seconds, 0)


def one_volley(clerks: dict[str, Client], action: str) -> Result:
    def once(window: str, client: Client) -> Callable[[], bool]:
        return lambda: client.command(f"/api/v1/windows/{window}/{action}")[0] == 200

    return run([once(window, client) for window, client in clerks.items()], 0.0, at_least=1)


def slow_calls(hall: BenchHall, clerks: dict[str, Client], shown: Wall) -> Result:
    window = next(iter(clerks))
    return call_to_wall(clerks[window], window, shown, 60)


def bare_flask(seconds: float) -> Row:
    with subprocess.Popen([sys.executable, "-m", "bench.bare"], stdout=subprocess.PIPE, text=True) as process:
        try:
            port = json.loads(next(process.stdout or iter(())))["port"]
            clients = [Client(port) for _ in range(CLIENTS)]
            return figures(run([posting(client) for client in clients], seconds))
        finally:
            process.terminate()


def posting(client: Client) -> Callable[[], bool]:
    return lambda: client.command("/")[0] == 200


def figures(result: Result) -> Row:
    if result.failures:
        raise RuntimeError(f"{result.failures} requests failed; a figure of failures is none")
    return {"per s": result.per_second} | {f"p{p} ms": result.percentile_ms(p) for p in (50, 99)}


def table(rounds: list[dict[str, Row]]) -> str:
    """median (min–max) of each figure over the rounds."""
    lines = [f"{'':44}{'per s':>22}{'p50 ms':>22}{'p99 ms':>22}"]
    for name in rounds[0]:
        cells = [cell([r[name][f] for r in rounds if f in r[name]]) for f in ("per s", "p50 ms", "p99 ms")]
        lines.append(f"{name:44}" + "".join(f"{c:>22}" for c in cells))
    return "\n".join(lines)


def cell(values: list[float]) -> str:
    if not values:
        return ""
    digits = 0 if max(values) >= 100 else 1
    low, mid, high = (f"{v:.{digits}f}" for v in (min(values), statistics.median(values), max(values)))
    return f"{mid} ({low}–{high})"


if __name__ == "__main__":
    threading.stack_size(256 * 1024)
    main()
