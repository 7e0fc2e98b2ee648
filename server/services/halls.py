"""A hall with all its settings."""

from typing import Any

from sqlalchemy import bindparam, select

from server.db import Record
from server.models import Hall
from server.statement import Statement

_HALL = Statement(select(Hall).where(Hall.id == bindparam("hall_id")))


def hall_of(conn: Any, hall_id: int) -> Record:
    """Its row, as this transaction sees it."""
    hall: Record = _HALL.one(conn, hall_id=hall_id)
    return hall
