"""What the page is told: one JSON value, the whole truth at a moment. Pure; the page draws nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from devices.base import DeviceStatus
from kiosk.issuing import Job, stage
from kiosk.scans import Scan
from kiosk.ticketing import can_print
from server.contract.board import Board
from server.contract.codec import to_json

VERSION = 4
"""Of this value's form. A page that was loaded from an older agent sees another one and reloads."""


@dataclass(frozen=True)
class Sources:
    """All that the page's picture is made of."""

    board: Board | None
    stale: bool
    printer: DeviceStatus
    jobs: tuple[Job, ...]
    scan: Scan | None = None
    sheets: Mapping[str, str] = field(default_factory=dict)
    """How far each guide sheet is, as `Sheets.recent` says."""


def picture(sources: Sources) -> dict[str, Any]:
    board = sources.board
    return {
        "version": VERSION,
        "server": "away" if board is None or sources.stale else "online",
        "printer": {
            "ready": can_print(sources.printer),
            "low": "paper_low" in sources.printer.faults,
            "faults": sorted(sources.printer.faults),
        },
        "hall": _hall(board) if board else None,
        "scan": sources.scan.shown() if sources.scan else None,
        "sheets": dict(sources.sheets),
        "visits": {job.request_id: visit(job) for job in sources.jobs},
    }


def visit(job: Job) -> dict[str, Any]:
    """One touch, as the page of whoever touched shows it."""
    return {"stage": stage(job), "ticket": to_json(job.ticket), "refusal": to_json(job.refusal)}


def _hall(board: Board) -> dict[str, Any]:
    return {
        "name": board.hall_name,
        "open": board.open,
        "closed_reason": board.closed_reason,
        "closed_reason_en": board.closed_reason_en,
        "hours": board.hours,
        "hours_en": board.hours_en,
        "queues": to_json(board.queues),
        "items": to_json(board.items),
        "notices": list(board.notices),
        "appointments": board.appointments,
        # The machine may be set to another zone; the hall's own is on the board's time.
        "utc_offset_min": int((board.at.utcoffset() or timedelta()).total_seconds() // 60),
    }
