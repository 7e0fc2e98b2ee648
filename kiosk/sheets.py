"""Guide sheets (办事指南) that somebody asks for at the kiosk: which may be printed, and what became of each.

A sheet is no ticket. It uses no number, is not journalled, is never held for paper and never tried again: whoever
still wants it touches again. It waits until no ticket does, one at a time, so that a ticket stands behind one sheet
at most. And the roll is for tickets: see `refusal`.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import structlog

from devices.base import DeviceStatus, Printing, PrintOutcome
from kiosk.ticketing import can_print

log = structlog.get_logger(__name__)

Stage = Literal[
    "waiting", "printing", "printed", "failed", "unknown", "no_paper", "paper_low", "just_printed", "too_many", "gone"
]  # fmt: skip
SAME_AGAIN_S = 30.0
"""For so long a second sheet of the same item is the first one still lying in the tray."""
MOST, WITHIN_S = 6, 600.0
"""So many sheets in so many seconds: less than a metre of paper, and more than one family asks for."""
REMEMBERED = 20


@dataclass(frozen=True)
class Printed:
    """A sheet that used paper, or may have, or is about to. `at` is in seconds of the monotonic clock."""

    press_id: str
    item: str
    at: float


def refusal(now: float, printer: DeviceStatus, item: str, printed: Sequence[Printed]) -> Stage | None:
    """Why no sheet of this item may be printed now; None when one may. `printed` are those of the last minutes."""
    if not can_print(printer):
        return "no_paper"
    if "paper_low" in printer.faults:
        return "paper_low"
    if any(one.item == item and now - one.at < SAME_AGAIN_S for one in printed):
        return "just_printed"
    if sum(now - one.at < WITHIN_S for one in printed) >= MOST:
        return "too_many"
    return None


class Sheets:
    """All sheets of this kiosk. `compose` gives an item's sheet for the printer, None when there is no such item;
    `when_idle` is `Ticketing.when_idle`; `changed` is called from any thread."""

    def __init__(
        self,
        printer: Printing,
        compose: Callable[[str], bytes | None],
        when_idle: Callable[[Callable[[], None]], None],
        changed: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._printer, self._compose, self._clock = printer, compose, clock
        self._when_idle, self._changed = when_idle, changed
        self._lock = threading.Lock()
        self._stages: dict[str, Stage] = {}
        self._printed: list[Printed] = []

    def ask(self, press_id: str, item: str) -> Stage:
        """A touch. Repeating it with the same `press_id` prints nothing more and answers how far it is."""
        with self._lock:
            known = self._stages.get(press_id)
            if known:
                return known
            sheet, stage = self._admit(press_id, item)
            self._stages[press_id] = stage
            for oldest in list(self._stages)[:-REMEMBERED]:
                del self._stages[oldest]
        if sheet:
            self._when_idle(partial(self._print, press_id, sheet))
        return stage

    def recent(self) -> dict[str, Stage]:
        """How far the latest sheets are, by their `press_id`."""
        with self._lock:
            return dict(self._stages)

    def _admit(self, press_id: str, item: str) -> tuple[bytes | None, Stage]:
        now = self._clock()
        no = refusal(now, self._printer.status, item, self._printed)
        if no:
            return None, no
        sheet = self._compose(item)
        if sheet is None:
            return None, "gone"
        young = [one for one in self._printed if now - one.at < WITHIN_S]
        self._printed = [*young, Printed(press_id, item, now)]
        return sheet, "waiting"

    def _print(self, press_id: str, sheet: bytes) -> None:
        """In the thread that has the printer."""
        if not can_print(self._printer.status):
            self._came_of(press_id, PrintOutcome("failed", "status"))
            return
        self._note(press_id, "printing")
        outcome = self._printer.print_job(sheet, on_late=partial(self._came_of, press_id))
        self._came_of(press_id, outcome)

    def _came_of(self, press_id: str, outcome: PrintOutcome) -> None:
        """What used no paper counts for nothing: it may be asked for again at once."""
        if outcome.result == "failed":
            with self._lock:
                self._printed = [one for one in self._printed if one.press_id != press_id]
        self._note(press_id, outcome.result)
        log.info("guide sheet", outcome=outcome.result, detail=outcome.detail)

    def _note(self, press_id: str, stage: Stage) -> None:
        with self._lock:
            self._stages[press_id] = stage
        self._changed()
