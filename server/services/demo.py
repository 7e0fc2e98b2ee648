"""The demo hall: a fictional one, from the project's own seed file."""

import json
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

from sqlalchemy import select

from server.db import Tx
from server.domain.service_day import service_day
from server.models import DutyDay, Hall, Notice, Queue, ServiceItem, Window, WindowQueue
from server.services.halls import hall_of
from server.services.screens import note_told

DUTY_DAYS = 28


def load_demo_hall(tx: Tx, hall_id: int) -> None:
    """Fill an empty hall with 32 windows and 12 items; a hall that has queues is left alone."""
    if tx.conn.execute(select(Queue.id).limit(1)).first() is not None:
        return
    seed = json.loads(files("server").joinpath("demo_hall.json").read_text("utf-8"))
    tx.change(
        Hall, hall_id, first_run={"done": True}, **{name: seed[name] for name in ("name", "playlist", "ticker")}
    )
    _put_up(tx, hall_id, seed)
    queues = {
        queue["code"]: tx.add(Queue, hall_id=hall_id, position=position, series=queue["code"], **queue)
        for position, queue in enumerate(seed["queues"])
    }
    for item in seed["items"]:
        _add_item(tx, hall_id, queues[item.pop("queue")], item)
    for window in seed["windows"]:
        _add_window(tx, hall_id, queues, window)


def _put_up(tx: Tx, hall_id: int, seed: dict[str, Any]) -> None:
    """Notices and duty leaders. Their days are counted from today, so that the demo is never out of date."""
    hall = hall_of(tx.conn, hall_id)
    today = service_day(tx.now, hall.zone, hall.rollover_hour)
    for notice in seed["notices"]:
        days = {f"{end}_day": _day(today, notice.get(end)) for end in ("from", "to")}
        tx.add(Notice, hall_id=hall_id, text=notice["text"], **days)
    for n in range(DUTY_DAYS):
        leader = seed["leaders"][n // 7 % len(seed["leaders"])]
        tx.add(DutyDay, hall_id=hall_id, day=today + timedelta(days=n), **leader)
    note_told(tx, hall_id)


def _day(today: date, offset: int | None) -> date | None:
    return None if offset is None else today + timedelta(days=offset)


def _add_item(tx: Tx, hall_id: int, queue_id: int, item: dict[str, Any]) -> None:
    public = {key: value for key, value in item.items() if key not in ("code", "name")}
    tx.add(ServiceItem, hall_id=hall_id, queue_id=queue_id, code=item["code"], name=item["name"], public=public)


def _add_window(tx: Tx, hall_id: int, queues: dict[str, int], window: dict[str, Any]) -> None:
    weights = window.pop("queues")
    window_id = tx.add(Window, hall_id=hall_id, **window)
    for code, weight in weights.items():
        tx.add(WindowQueue, window_id=window_id, queue_id=queues[code], weight=weight)
