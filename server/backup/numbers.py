"""No number twice on a day of which a part was lost: papers given after the backup are still in people's hands."""

from datetime import datetime

from sqlalchemy import Engine, text

from server.db import writing
from server.domain.service_day import service_day

_HALLS = text("SELECT id, zone, rollover_hour FROM hall")
_SERIES = text(
    "SELECT series FROM queue WHERE hall_id = :hall"
    " UNION SELECT series FROM series_counter WHERE hall_id = :hall AND service_day = :day"
)
_LAST = text("SELECT last FROM series_counter WHERE hall_id = :hall AND service_day = :day AND series = :series")
_BEGIN = text("INSERT INTO series_counter (hall_id, service_day, series, last) VALUES (:hall, :day, :series, :n)")
_RAISE = text("UPDATE series_counter SET last = :n WHERE hall_id = :hall AND service_day = :day AND series = :series")


def go_on_after(engine: Engine, n: int, now: datetime) -> None:
    """The next number of each series today is above `n`, whatever the backup knows of today. The database may be of
    an older release."""
    with writing(engine) as conn:
        for hall, zone, rollover in conn.execute(_HALLS).all():
            day = {"hall": hall, "day": str(service_day(now, zone, rollover))}
            for series in conn.execute(_SERIES, day).scalars().all():
                counter = {**day, "series": series}
                last = conn.execute(_LAST, counter).scalar_one_or_none()
                if last is None or last < n:
                    conn.execute(_BEGIN if last is None else _RAISE, {**counter, "n": n})
