"""A hall with a busy past, for its statistics: every ticket another, forty windows, sixty people, news in order."""

import json
import os
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bench.hall import bench_hall
from bench.history import schema

US = 1_000_000
ZONE = ZoneInfo("Asia/Shanghai")
OPENS, CLOSES = 8.5, 17.0
PEOPLE = 60
LANES = {"normal": 86, "priority": 9, "express": 2, "appointment": 3}
ENDS = {"finished": 86, "no_show": 9, "cancelled": 3, "expired": 2}
TICKET = (
    "id", "code", "hall_id", "service_day", "series", "n", "number", "queue_id", "item_id", "lane", "lane_reason",
    "state", "window_id", "staff_id", "issued_at", "queued_at", "called_at", "begun_at", "finished_at", "recalls",
    "outcome", "call_reason", "call_rule", "no_shows", "hold_kind", "note", "since", "waited_us", "called_us",
    "served_us", "held_us", "ended_at", "print_state", "print_count", "rating_state", "estimate_low_s",
    "estimate_high_s", "estimate_ahead",
)  # fmt: skip
NEWS = ("hall_id", "seq", "kind", "at", "ticket_id", "window_id", "actor", "why", "data")
CALL = (
    "hall_id", "seq", "service_day", "ticket_id", "window_id", "lane", "recall", "at", "staff_id", "rule", "reason",
    "passed_over", "run", "undone",
)  # fmt: skip


def busy_past(days: int, tickets: int, last: date) -> Path:
    """A SQLite database of the demo hall with so many tickets on the `days` days up to `last`, made once for each
    schema and then kept."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "jiaohao-bench"
    kept = cache / f"busy-{days}-{tickets}-{last}-{schema(Path(__file__))}.db"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as name:
            with bench_hall(Path(name)):
                pass
            _fill(Path(name) / "jiaohao.db", days, tickets, last)
            (Path(name) / "jiaohao.db").rename(kept)
    return kept


def copied_busy(data: Path, *past: Any) -> Path:
    """A data folder of its own with that past."""
    data.mkdir()
    shutil.copy(busy_past(*past), data / "jiaohao.db")
    return data


_Row = dict[str, Any]


@dataclass
class _Hall:
    """What of the database is pointed at, and the next free numbers."""

    rng: random.Random
    queues: list[tuple[int, str]]
    items: dict[int, list[int]]
    windows: list[tuple[int, str]]
    people: list[tuple[int, str]]
    ticket: int
    seq: int


def _fill(database: Path, days: int, tickets: int, last: date) -> None:
    with sqlite3.connect(database, isolation_level=None) as conn:
        conn.execute("PRAGMA synchronous=OFF")
        conn.execute("PRAGMA cache_size=-1000000")
        conn.execute("BEGIN")
        hall = _hall(conn)
        for back in range(days, 0, -1):
            today, share = last - timedelta(days=back - 1), tickets * back // days - tickets * (back - 1) // days
            _day(conn, hall, today, share)
        conn.execute("UPDATE hall SET seq = ?", (hall.seq,))
        conn.execute("COMMIT")
    conn.close()


def _hall(conn: sqlite3.Connection) -> _Hall:
    for n in range(PEOPLE):
        conn.execute(
            "INSERT INTO account (hall_id, username, name, staff_no, role, password_hash, active, failures,"
            " card_name, position, badges) VALUES (1, ?, ?, '', 'clerk', '', 1, 0, '', '', '[]')",
            (f"bench{n:02}", f"职员{n:02}"),
        )
    items: dict[int, list[int]] = {}
    for item, queue in conn.execute("SELECT id, queue_id FROM service_item"):
        items.setdefault(queue, []).append(item)
    return _Hall(
        random.Random(1),
        conn.execute("SELECT id, code FROM queue ORDER BY id").fetchall(),
        items,
        conn.execute("SELECT id, no FROM window ORDER BY id").fetchall(),
        conn.execute("SELECT id, username FROM account WHERE username LIKE 'bench%' ORDER BY id").fetchall(),
        conn.execute("SELECT coalesce(max(id), 0) FROM ticket").fetchone()[0],
        conn.execute("SELECT seq FROM hall").fetchone()[0],
    )


def _day(conn: sqlite3.Connection, hall: _Hall, day: date, tickets: int) -> None:
    """Each window serves one after another; half of the windows change hands at noon."""
    news: list[tuple[int, Any]] = []
    rows = []
    for place, (window, no) in enumerate(hall.windows):
        share = tickets * (place + 1) // len(hall.windows) - tickets * place // len(hall.windows)
        rows += _at_window(hall, day, window, no, share, news)
    rows.sort(key=lambda row: row["issued_at"])
    ids = _numbered(conn, hall, day, rows)
    _insert(conn, "ticket", TICKET, (tuple(row.get(name) for name in TICKET) for row in rows))
    _tell(conn, hall, day, sorted(news, key=lambda one: one[0]), ids)


def _numbered(conn: sqlite3.Connection, hall: _Hall, day: date, rows: list[dict[str, Any]]) -> dict[int, Any]:
    """Numbers in order of taking; the rows by the places that their news name them with."""
    last: dict[str, int] = {}
    for row in rows:
        last[row["series"]] = n = last.get(row["series"], 0) + 1
        hall.ticket += 1
        row |= {"id": hall.ticket, "n": n, "number": f"{row['series']}{n:03}", "code": f"{hall.ticket:016x}"}
    _insert(
        conn, "series_counter", ("hall_id", "service_day", "series", "last"),
        ((1, day.isoformat(), series, n) for series, n in last.items()),
    )  # fmt: skip
    return {row["place"]: row for row in rows}


def _at_window(hall: _Hall, day: date, window: int, no: str, tickets: int, news: list[Any]) -> Iterator[_Row]:
    rng, begins = hall.rng, datetime(day.year, day.month, day.day, tzinfo=ZONE).timestamp()
    at, each = begins + OPENS * 3600, (CLOSES - OPENS) * 3600 / max(1, tickets)
    shifts = rng.sample(hall.people[:30], 1) + rng.sample(hall.people[30:], 1)
    for n in range(tickets):
        person, name = shifts[int(window % 2 and n > tickets / 2)]
        if n in (0, tickets // 2 + 1):
            news.append((int(at * US), ("window.changed", None, window, name, {"window": no, "state": "open"})))
        yield from _visit(hall, day, (window, no, person, name), at, each, news)
        at += each
        if rng.random() < 4 / max(4, tickets):
            pause = {"window": no, "state": "paused", "pause_reason": "喝水"}
            news.append((int((at - each * 0.05) * US), ("window.changed", None, window, name, pause)))
            news.append((int(at * US), ("window.changed", None, window, name, {"window": no, "state": "open"})))
    news.append((int((at + 60) * US), ("window.changed", None, window, name, {"window": no, "state": "closed"})))


def _visit(hall: _Hall, day: date, seat: Any, at: float, each: float, news: list[Any]) -> Iterator[_Row]:
    rng, (window, no, person, name) = hall.rng, seat
    queue, code = rng.choice(hall.queues)
    (end,), (lane,) = (rng.choices(list(of), list(of.values())) for of in (ENDS, LANES))
    waited, came, lasted = rng.gammavariate(2, 400), each * rng.uniform(0.02, 0.2), each * rng.uniform(0.2, 0.7)
    place = len(news)
    issued, called, begun, ended = (int(t * US) for t in (at - waited, at, at + came, at + came + lasted))
    tells = [(issued, "ticket.issued", None, "kiosk:kiosk"), (issued + US, "ticket.print", None, "kiosk:kiosk")]
    row: _Row = {
        "hall_id": 1, "service_day": day.isoformat(), "series": code, "queue_id": queue, "lane": lane,
        "item_id": rng.choice([None, *hall.items.get(queue, [])]), "lane_reason": "", "state": end,
        "issued_at": issued, "queued_at": issued, "recalls": 0, "outcome": "", "call_reason": "", "call_rule": "",
        "no_shows": 0, "hold_kind": "", "note": "", "since": ended, "ended_at": ended,
        "waited_us": called - issued, "called_us": 0,
        "served_us": 0, "held_us": 0, "print_state": "printed", "print_count": 1, "rating_state": "unrated",
        "estimate_low_s": 600, "estimate_high_s": 1300, "estimate_ahead": 9, "place": place,
    }  # fmt: skip
    who = f"clerk:{name}"
    if end in ("finished", "no_show"):
        row |= {"window_id": window, "staff_id": person, "called_at": called, "called_us": begun - called}
        tells.append((called, "ticket.called", window, who))
    if end == "finished":
        row |= {"begun_at": begun, "finished_at": ended, "served_us": ended - begun, "outcome": "done"}
        tells += [(begun, "ticket.serving", window, who), (ended, "ticket.finished", window, who)]
    elif end == "no_show":
        tells.append((begun, "ticket.no_show", window, who))
    else:
        tells.append((ended, f"ticket.{end}", None, "kiosk:kiosk"))
    said = {"window": no, "queue": code}
    news += [(when, (kind, place, at_window, actor, said)) for when, kind, at_window, actor in tells]
    yield row


def _tell(conn: sqlite3.Connection, hall: _Hall, day: date, news: list[Any], rows: dict[int, Any]) -> None:
    told, calls = [], []
    for at, (kind, place, window, actor, data) in news:
        hall.seq += 1
        row = rows.get(place)
        if row is not None:
            data = {"ticket_id": row["code"], "number": row["number"], **data}
        told.append((1, hall.seq, kind, at, row and row["id"], window, actor, "", json.dumps(data)))
        if row is not None and kind == "ticket.called":
            call = (1, hall.seq, day.isoformat(), row["id"], window, row["lane"], 0, at, row["staff_id"])
            calls.append((*call, "", "", 0, 0, 0))
    _insert(conn, "news", NEWS, iter(told))
    _insert(conn, "call", CALL, iter(calls))


def _insert(conn: sqlite3.Connection, table: str, names: tuple[str, ...], rows: Iterator[Any]) -> None:
    into = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608 - our own words
    while some := list(islice(rows, 10_000)):
        conn.executemany(into, some)
