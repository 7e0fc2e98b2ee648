"""The demo hall: a fictional one, from the project's own seed file."""

import json
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection, insert, select, update

from server.db import Tx
from server.models import Hall, Queue, ServiceItem, Window, WindowQueue


def load_demo_hall(tx: Tx, hall_id: int) -> None:
    """Fill an empty hall with 32 windows and 12 items; a hall that has queues is left alone."""
    if tx.conn.execute(select(Queue.id).limit(1)).first() is not None:
        return
    seed = json.loads(files("server").joinpath("demo_hall.json").read_text("utf-8"))
    tx.conn.execute(update(Hall).where(Hall.id == hall_id).values(name=seed["name"], notices=seed["notices"]))
    queues = {q["code"]: _add_queue(tx.conn, hall_id, i, q) for i, q in enumerate(seed["queues"])}
    for item in seed["items"]:
        public = {key: value for key, value in item.items() if key not in ("code", "name", "queue")}
        tx.conn.execute(
            insert(ServiceItem).values(
                hall_id=hall_id,
                queue_id=queues[item["queue"]],
                code=item["code"],
                name=item["name"],
                public=public,
            )
        )
    for window in seed["windows"]:
        _add_window(tx.conn, hall_id, window, queues)


def _add_queue(conn: Connection, hall_id: int, position: int, queue: dict[str, Any]) -> int:
    done = conn.execute(insert(Queue).values(hall_id=hall_id, position=position, series=queue["code"], **queue))
    return int(done.inserted_primary_key[0])  # type: ignore[index]


def _add_window(conn: Connection, hall_id: int, window: dict[str, Any], queues: dict[str, int]) -> None:
    weights = window.pop("queues")
    done = conn.execute(insert(Window).values(hall_id=hall_id, **window))
    for code, weight in weights.items():
        link = {"window_id": done.inserted_primary_key[0], "queue_id": queues[code], "weight": weight}  # type: ignore[index]
        conn.execute(insert(WindowQueue).values(**link))
