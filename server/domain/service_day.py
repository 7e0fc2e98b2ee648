"""A hall's own time, and the service day: which date a moment belongs to."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def hall_time(moment: datetime, zone: str) -> datetime:
    """The same moment with the hall's offset, so that paper and wall can show it without knowing the zone."""
    return moment.astimezone(ZoneInfo(zone))


def service_day(now: datetime, zone: str, rollover_hour: int) -> date:
    """The hall's date at `now` (aware). The day turns at `rollover_hour` local time (0 to 23), not at midnight."""
    return (hall_time(now, zone) - timedelta(hours=rollover_hour)).date()


def day_over(day: date, zone: str, rollover_hour: int) -> datetime:
    """When the service day `day` ends, as a moment of the hall's zone."""
    return datetime.combine(day + timedelta(days=1), time(rollover_hour), ZoneInfo(zone))
