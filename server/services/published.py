"""The rating figures that the hall publishes (评价公示), for walls and phones.

They are of one whole week, Monday to Sunday, and counted once, when it is over: figures that moved with each press,
or of weeks that overlap, would tell by subtraction who rated what. So would two partitions of the same services: the
weeks are published by window and by item in turn (`domain.rating_figures`; docs/ratings.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from server.contract.board import RatingFigures
from server.contract.news import NewsKind
from server.db import Record, Tx
from server.domain.rating import figures
from server.domain.rating_figures import GROUPINGS, WEEK, Counts, closed_week, published_by, withheld
from server.domain.service_day import service_day
from server.models import Hall
from server.services import audit
from server.services.actors import system
from server.services.events import tell
from server.services.rating_report import Period, names_of, tallied, together
from server.services.rectification_list import rates

FOLLOWED = timedelta(weeks=8)
"""差评 of so many weeks before the published one: their rectifications have had their time."""


@dataclass(frozen=True)
class PublishedGroup:
    """A window or an item, as it was called then."""

    code: str
    name: str
    figures: RatingFigures


@dataclass(frozen=True)
class PublishedGroups:
    """Those groups of one week, by `by`, of which no rater can be guessed."""

    by: str
    from_day: date
    to_day: date
    groups: tuple[PublishedGroup, ...]


def publish(tx: Tx) -> None:
    """Count anew for each hall whose week has turned; never again what was counted, also where a clock was set back.
    Called by the timer."""
    for hall in tx.conn.execute(select(Hall)).all():
        today = service_day(tx.now, hall.zone, hall.rollover_hour)
        told, monday = hall.published.get("from_day", ""), closed_week(today)
        # A week that has not begun was counted by a clock that stood years ahead: none would follow it for years.
        if monday.isoformat() > told or told > today.isoformat():
            _publish(tx, hall, monday)


def _publish(tx: Tx, hall: Record, monday: date) -> None:
    counts = _counts(tx, hall, monday)
    groups = {published_by(of): _groups(tx, hall, of) for of in (monday - WEEK, monday)}
    before = rates(tx.conn, hall.id, monday - FOLLOWED, monday - timedelta(days=1))
    handled = {"cases_of_before": before.opened, "closed_of_before": before.closed}
    now = {**_days(monday), **_kept(together(counts.values())), **handled, "groups": groups}
    tx.change(Hall, hall.id, published=now)
    audit.record_row(tx, "figures.published", "figures", hall.id)
    if _figures(now) != _figures(hall.published):
        tell(tx, system(hall.id), NewsKind.HALL_CHANGED, {}, why="rating figures")


def _counts(tx: Tx, hall: Record, monday: date) -> dict[Any, Counts]:
    week = Period(monday, monday + WEEK - timedelta(days=1))
    return tallied(tx.conn, hall.id, week, published_by(monday), breathe=lambda: None)


def _groups(tx: Tx, hall: Record, monday: date) -> dict[str, Any]:
    """Of a week that was counted before, what was found then: a rating that came later would stand out."""
    by = published_by(monday)
    before: dict[str, Any] = hall.published.get("groups", {}).get(by, {})
    if before.get("from_day") == monday.isoformat():
        return before
    counts = _counts(tx, hall, monday)
    hidden = withheld({key: one.behind for key, one in counts.items()})
    names = names_of(tx.conn, hall.id, by)
    shown = [
        {"code": names[key][0], "name": names[key][1], **_kept(one)}
        for key, one in counts.items()
        if key in names and key not in hidden and one.rated
    ]
    return {**_days(monday), "shown": sorted(shown, key=lambda one: str(one["code"]))}


def _days(monday: date) -> dict[str, Any]:
    return {"from_day": monday.isoformat(), "to_day": (monday + WEEK - timedelta(days=1)).isoformat()}


def _kept(counts: Counts) -> dict[str, Any]:
    return {"asked": counts.asked, "rated": counts.rated, "good": counts.good, "excluded": counts.excluded}


def published(hall: Record) -> RatingFigures | None:
    """What a hall publishes of its last week; None while too few have rated."""
    return _figures(hall.published)


def published_groups(hall: Record) -> tuple[PublishedGroups, ...]:
    """By window and by item, each of the last week that is published so."""
    known = hall.published.get("groups", {})
    return tuple(_shown(by, known[by]) for by in GROUPINGS if by in known)


def _shown(by: str, week: Mapping[str, Any]) -> PublishedGroups:
    days = {name: week[name] for name in ("from_day", "to_day")}
    found = ((one, _figures({**days, **one})) for one in week["shown"])
    groups = tuple(PublishedGroup(one["code"], one["name"], figures) for one, figures in found if figures)
    return PublishedGroups(by, date.fromisoformat(week["from_day"]), date.fromisoformat(week["to_day"]), groups)


def _figures(counts: Mapping[str, Any]) -> RatingFigures | None:
    if not counts:
        return None
    first, last = (date.fromisoformat(counts[name]) for name in ("from_day", "to_day"))
    return figures(first, last, **{name: counts[name] for name in _COUNTS if name in counts})


_COUNTS = ("asked", "rated", "good", "excluded", "cases_of_before", "closed_of_before")
