"""When a backup is due, which ones stay, and when there has been none for too long. Pure."""

from collections.abc import Hashable, Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


def newest_due(minute: int, zone: str, now: datetime) -> datetime:
    """The last moment at which the day's `minute` came by, today's or yesterday's."""
    local = now.astimezone(ZoneInfo(zone))
    at = datetime.combine(local.date(), time(minute // 60, minute % 60), local.tzinfo)
    return at if at <= local else at - timedelta(days=1)


def next_due(minute: int, zone: str, now: datetime) -> datetime:
    return newest_due(minute, zone, now) + timedelta(days=1)


def stale_since(last: datetime | None, days: int, now: datetime) -> bool:
    """Whether no backup has come for more than so many days."""
    return last is None or now - last > timedelta(days=days)


def staying(made: Mapping[str, datetime], days: int, weeks: int, months: int) -> set[str]:
    """Of backups by name with their local time, those that stay: the newest of each of the last so many days, weeks
    and months that have one. The newest of all stays whatever is set."""
    newest_first = sorted(made, key=lambda name: made[name], reverse=True)
    kept = set(newest_first[:1])
    for most, span in ((days, _day), (weeks, _week), (months, _month)):
        seen: dict[Hashable, str] = {}
        for name in newest_first:
            seen.setdefault(span(made[name]), name)
        kept |= set(list(seen.values())[:most])
    return kept


def _day(at: datetime) -> Hashable:
    return at.date()


def _week(at: datetime) -> Hashable:
    return at.isocalendar()[:2]


def _month(at: datetime) -> Hashable:
    return at.year, at.month
