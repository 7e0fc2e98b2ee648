"""A hall's settings for the policy."""

from datetime import timedelta

from sqlalchemy import Connection, bindparam, select

from server.domain.policy import Fairness
from server.models import Hall
from server.statement import Statement

_FAIRNESS = Statement(
    select(
        Hall.fairness_cap, Hall.aging_minutes, Hall.appointment_early_minutes, Hall.appointment_late_minutes
    ).where(Hall.id == bindparam("hall_id"))
)


def fairness_of(conn: Connection, hall_id: int) -> Fairness:
    """What the hall's admin set for the order of calls."""
    cap, aging, early, late = _FAIRNESS.one(conn, hall_id=hall_id)
    return Fairness(cap, timedelta(minutes=aging), timedelta(minutes=early), timedelta(minutes=late))
