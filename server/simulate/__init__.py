"""A day of a hall in seconds: made-up visitors and clerks, the real services, a clock and a database of its own."""

import tempfile
from pathlib import Path

from server.simulate.chart import draw
from server.simulate.plan import plan
from server.simulate.play import Day
from server.simulate.report import Report, report

PICTURE = "simulated-day.svg"


def simulate_day(seed: int, visitors: int = 2500, windows: int = 32, plots: Path | None = None) -> Report:
    """Play one day and measure it; with `plots`, draw it into that folder, which is made when missing."""
    with tempfile.TemporaryDirectory(prefix="jiaohao-simulate-") as folder:
        day = Day(plan(seed, visitors, windows), seed, Path(folder))
        try:
            day.play()
            found, called = report(day, seed)
        finally:
            day.close()
    if plots is not None:
        plots.mkdir(parents=True, exist_ok=True)
        (plots / PICTURE).write_text(draw(called), "utf-8")
    return found
