"""The demo hall: a fictional one, from the project's own seed file."""

import json
from importlib.resources import files
from typing import Any

from sqlalchemy import select

from server.db import Tx
from server.models import Hall, Queue, ServiceItem, Window, WindowQueue


def load_demo_hall(tx: Tx, hall_id: int) -> None:
    """Fill an empty hall with 32 windows and 12 items; a hall that has queues is left alone."""
    if tx.conn.execute(select(Queue.id).limit(1)).first() is not None:
        return
    seed = json.loads(files("server").joinpath("demo_hall.json").read_text("utf-8"))
    tx.change(Hall, hall_id, name=seed["name"], notices=seed["notices"])
    queues = {
        queue["code"]: tx.add(Queue, hall_id=hall_id, position=position, series=queue["code"], **queue)
        for position, queue in enumerate(seed["queues"])
    }
    for item in seed["items"]:
        _add_item(tx, hall_id, queues[item.pop("queue")], item)
    for window in seed["windows"]:
        _add_window(tx, hall_id, queues, window)


def _add_item(tx: Tx, hall_id: int, queue_id: int, item: dict[str, Any]) -> None:
    public = {key: value for key, value in item.items() if key not in ("code", "name")}
    tx.add(ServiceItem, hall_id=hall_id, queue_id=queue_id, code=item["code"], name=item["name"], public=public)


def _add_window(tx: Tx, hall_id: int, queues: dict[str, int], window: dict[str, Any]) -> None:
    weights = window.pop("queues")
    window_id = tx.add(Window, hall_id=hall_id, **window)
    for code, weight in weights.items():
        tx.add(WindowQueue, window_id=window_id, queue_id=queues[code], weight=weight)
