"""`./run bench`: every figure three times in one run, with the raw limits of this machine beside them.

Three halls stand side by side, and each measurement is made on one after the other: a new one, one with a long past,
and a new one on PostgreSQL. docs/bench.md says what each figure means.
"""

import argparse
import json
import statistics
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import cycle, repeat
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import raw
from bench.faces import browser, key_to_wall, kiosk, touch_to_ticket_page
from bench.hall import BenchHall, bench_hall
from bench.history import copied_to
from bench.load import Client, Result, run, run_open
from bench.postgresql import postgresql
from bench.wall import call_to_walls, display

CLIENTS = 32
KIOSKS = 16
WINDOWS = [f"{n:02}" for n in range(1, 41)]
WAITING = 500
VOLLEYS = 10
OPEN_LOOP_PER_S = 100.0
WALLS = (5, 50, 200)
WALL_CALLS = 60
CALLED, OTHER = "A", "B"
"""The windows call the first queue. What only takes numbers does so in the second, and the first keeps its length."""

NEW, OLD = "new", "long past"
Figures = dict[str, float]
Rows = dict[tuple[str, str], Figures]
"""Figures by what was measured and on which hall."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench", description="Measure speed, side by side in one run.")
    parser.add_argument("--seconds", type=float, default=4.0, help="length of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--past", type=int, default=1_000_000, help="tickets in the long past; made once, then kept")
    options = parser.parse_args()
    with TemporaryDirectory() as name, staffed_halls(Path(name), options.past) as halls:
        rounds = [measure(Path(name), halls, options.seconds) for _ in range(options.rounds)]
    print(table(rounds))
    print(ratios(rounds, options.past))


class StaffedHall:
    """A running hall with its kiosks and with a clerk at each window."""

    def __init__(self, hall: BenchHall) -> None:
        self.hall = hall
        self.kiosks = [hall.kiosk(f"kiosk{n}") for n in range(CLIENTS)]
        self.clerks = {window: hall.clerk(window) for window in WINDOWS}
        self._serve_some()

    def _serve_some(self) -> None:
        """So many that waits are estimated from now on, as in any hall that has been open for a while."""
        self.fill()
        for window, clerk in self.clerks.items():
            for action in ("call-next", "begin", "finish"):
                clerk.command(f"/api/v1/windows/{window}/{action}")

    def fill(self) -> None:
        """Let as many wait as each measurement begins with."""
        board = self.kiosks[0].request("GET", "/api/v1/board")[1]
        queue = next(queue for queue in board["queues"] if queue["code"] == CALLED)
        for _ in range(WAITING - queue["waiting"]):
            taking(self.kiosks[0], CALLED)()


@contextmanager
def staffed_halls(folder: Path, past: int) -> Iterator[dict[str, StaffedHall]]:
    with ExitStack() as stack:
        cluster = stack.enter_context(postgresql())
        places = {
            NEW: (folder / "new", ""),
            OLD: (copied_to(folder / "old", past), ""),
            "PostgreSQL": (folder / "pg", cluster.new_database()),
        }
        yield {name: StaffedHall(stack.enter_context(bench_hall(*place))) for name, place in places.items()}


def measure(folder: Path, halls: dict[str, StaffedHall], seconds: float) -> Rows:
    rows: Rows = {
        ("durable commits, 1 writer", "bare sqlite3"): {"per s": raw.commits_per_second(folder, seconds / 2)},
        ("durable commits, 1 writer", "SQLAlchemy Core"): {"per s": raw.core_commits_per_second(folder, seconds / 2)},
        (f"POST, {CLIENTS} clients", "bare Flask"): bare_flask(seconds),
    }
    for what, of in MEASUREMENTS.items():
        for name, hall in halls.items():
            hall.fill()
            rows[what, name] = figures(of(hall, seconds))
    rows |= walls(halls[NEW], folder)
    rows |= faces(halls[NEW], folder)
    return rows


def take_alone(hall: StaffedHall, seconds: float) -> Result:
    return take(hall.kiosks[:1], seconds)


def take_together(hall: StaffedHall, seconds: float) -> Result:
    return take(hall.kiosks, seconds)


def take(kiosks: list[Client], seconds: float) -> Result:
    """What was taken is cancelled afterwards, uncounted: no hall has thousands waiting."""
    taken: list[list[str]] = [[] for _ in kiosks]
    result = run([taking(*one) for one in zip(kiosks, repeat(OTHER), taken)], seconds)
    with ThreadPoolExecutor(len(kiosks)) as threads:
        list(threads.map(cancel, kiosks, taken))
    return result


def call_together(hall: StaffedHall, _seconds: float) -> Result:
    """All windows press "next" in the same instant; between volleys, uncounted, a no-show at each and as many new
    tickets, so that as many wait each time."""
    latencies: list[float] = []
    seconds = 0.0
    for _ in range(VOLLEYS):
        result = run([calling(clerk, window) for window, clerk in hall.clerks.items()], 0.0, at_least=1)
        latencies += result.latencies
        seconds += result.seconds
        for window, clerk in hall.clerks.items():
            missing(clerk, window)()
            taking(hall.kiosks[0], CALLED)()
    return Result(sorted(latencies), seconds, 0)


def rush(hall: StaffedHall, seconds: float) -> Result:
    """Eight windows with four busy tabs each call and put aside whoever comes, and sixteen kiosks take numbers, all
    as fast as they are answered. That another tab of the window was faster is an answer like any other."""
    tabs = [(clerk.another(), window) for window, clerk in list(hall.clerks.items())[:8] for _ in range(4)]
    kiosks, taken = hall.kiosks[:KIOSKS], [list[str]() for _ in range(KIOSKS)]
    works = [*(serving(*tab) for tab in tabs), *(taking(*one) for one in zip(kiosks, repeat(CALLED), taken))]
    try:
        return run(works, seconds)
    finally:
        for window, clerk in hall.clerks.items():
            missing(clerk, window)()
        with ThreadPoolExecutor(KIOSKS) as threads:
            list(threads.map(cancel, kiosks, taken))
        for tab, _ in tabs:
            tab.close()


def open_loop(hall: StaffedHall, seconds: float) -> Result:
    """As many numbers taken as called; the no-show after a call is not counted."""
    kiosks = [(taking(kiosk, CALLED), _nothing) for kiosk in hall.kiosks[:KIOSKS]]
    clerks = [(calling(clerk, window), missing(clerk, window)) for window, clerk in hall.clerks.items()]
    half = OPEN_LOOP_PER_S / 2
    results: list[Result] = []
    threads = [
        threading.Thread(target=lambda clients=clients: results.append(run_open(clients, half, seconds)))
        for clients in (kiosks, clerks)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Result(
        sorted(x for r in results for x in r.latencies), seconds, sum(r.failures for r in results)
    )  # fmt: skip


def board_after_an_event(hall: StaffedHall, seconds: float) -> Result:
    """A number is taken, uncounted, so that the board has to be made anew."""
    kiosk, taken = hall.kiosks[0], list[str]()
    ask = (lambda: kiosk.request("GET", "/api/v1/board")[0] == 200, taking(kiosk, OTHER, taken))
    result = run_open([ask], 25.0, seconds)
    cancel(kiosk, taken)
    return result


MEASUREMENTS: dict[str, Callable[[StaffedHall, float], Result]] = {
    f"call next, {len(WINDOWS)} windows in one instant, {WAITING} wait": call_together,
    f"8 windows × 4 tabs and {KIOSKS} kiosks, all at once": rush,
    f"{OPEN_LOOP_PER_S:.0f} takes and calls a second, open loop": open_loop,
    "board after an event": board_after_an_event,
    "take a number, 1 client": take_alone,
    f"take a number, {CLIENTS} clients": take_together,
}


def taking(client: Client, queue: str, taken: list[str] | None = None) -> Callable[[], bool]:
    """`taken` collects the ids."""

    def take() -> bool:
        status, ticket = client.command("/api/v1/tickets", queue=queue)
        if taken is not None:
            taken.append(str(ticket["id"]))
        return status == 201

    return take


def cancel(client: Client, taken: list[str]) -> None:
    for ticket in taken:
        client.command(f"/api/v1/tickets/{ticket}/cancel")


def calling(client: Client, window: str) -> Callable[[], bool]:
    def call() -> bool:
        status, view = client.command(f"/api/v1/windows/{window}/call-next")
        return status == 200 and view["ticket"] is not None

    return call


def serving(client: Client, window: str) -> Callable[[], bool]:
    """Calls and no-shows in turn, of which only one tab of a window can do the next."""
    steps = cycle((f"/api/v1/windows/{window}/call-next", f"/api/v1/windows/{window}/no-show"))
    return lambda: client.command(next(steps))[0] in (200, 409)


def missing(client: Client, window: str) -> Callable[[], bool]:
    return lambda: client.command(f"/api/v1/windows/{window}/no-show")[0] == 200


def _nothing() -> None:
    pass


def walls(hall: StaffedHall, folder: Path) -> Rows:
    window, clerk = next(iter(hall.clerks.items()))
    rows = {}
    with display(hall.hall, folder) as url:
        for count in WALLS:
            hall.fill()
            result = call_to_walls(clerk, window, url, count, WALL_CALLS)
            rows["call → last wall", f"{count} walls"] = figures(result)
    return rows


def faces(hall: StaffedHall, folder: Path) -> Rows:
    """In a browser, one touch and one key after another: the seconds between are a person's, so no rate is said."""
    window, clerk = next(iter(hall.clerks.items()))
    hall.fill()
    with TemporaryDirectory(dir=folder) as own, browser() as chromium:
        with kiosk(hall.hall, Path(own, "kiosk")) as url:
            touched = touch_to_ticket_page(chromium, url, OTHER)
        with display(hall.hall, Path(own)) as url:
            called = key_to_wall(chromium, f"{hall.hall.url}/console", url, clerk, window)
    return {
        ("kiosk touch → ticket page drawn", "Chromium"): latencies(touched),
        ("clerk's key → number drawn on the wall", "Chromium"): latencies(called),
    }


def latencies(result: Result) -> Figures:
    return {name: value for name, value in figures(result).items() if name != "per s"}


def bare_flask(seconds: float) -> Figures:
    with subprocess.Popen([sys.executable, "-m", "bench.bare"], stdout=subprocess.PIPE, text=True) as process:
        try:
            port = json.loads(next(process.stdout or iter(())))["port"]
            clients = [Client(port) for _ in range(CLIENTS)]
            return figures(run([posting(client) for client in clients], seconds))
        finally:
            process.terminate()


def posting(client: Client) -> Callable[[], bool]:
    return lambda: client.command("/")[0] == 200


def figures(result: Result) -> Figures:
    if result.failures:
        raise RuntimeError(f"{result.failures} requests failed; a figure of failures is none")
    return {"per s": result.per_second} | {f"p{p} ms": result.percentile_ms(p) for p in (50, 99)}


def table(rounds: list[Rows]) -> str:
    """median (min–max) of each figure over the rounds."""
    lines = [f"{'':58}{'per s':>22}{'p50 ms':>22}{'p99 ms':>22}"]
    for key in rounds[0]:
        cells = [cell([r[key][f] for r in rounds if f in r[key]]) for f in ("per s", "p50 ms", "p99 ms")]
        lines.append(f"{key[0]:42}{key[1]:>16}" + "".join(f"{c:>22}" for c in cells))
    return "\n".join(lines)


def ratios(rounds: list[Rows], past: int) -> str:
    """What history costs: each round's own comparison, for a round is over before the machine's mood changes."""
    lines = ["", f"with {past:,} past tickets, as a multiple of the new hall's"]
    for what in MEASUREMENTS:
        cells = [cell([r[what, OLD][f] / r[what, NEW][f] for r in rounds], 2) for f in ("p50 ms", "p99 ms")]
        lines.append(f"{what:80}" + "".join(f"{c:>22}" for c in cells))
    return "\n".join(lines)


def cell(values: list[float], digits: int | None = None) -> str:
    if not values:
        return ""
    if digits is None:
        digits = 0 if max(values) >= 100 else 1
    low, mid, high = (f"{v:.{digits}f}" for v in (min(values), statistics.median(values), max(values)))
    return f"{mid} ({low}–{high})"


if __name__ == "__main__":
    threading.stack_size(256 * 1024)
    main()
