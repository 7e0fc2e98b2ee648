"""The service day: which date a moment belongs to in a hall."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


def service_day(now: datetime, zone: str, rollover_hour: int) -> date:
    """The hall's date at `now` (aware). The day turns at `rollover_hour` local time (0 to 23), not at midnight."""
    return (now.astimezone(ZoneInfo(zone)) - timedelta(hours=rollover_hour)).date()
