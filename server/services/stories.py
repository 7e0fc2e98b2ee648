"""A ticket's story: every event of it that a story tells, in words, and where its time went."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from server.contract.desk import Spent, Story, StoryEvent
from server.contract.news import NewsKind
from server.db import Record
from server.domain import story
from server.domain.permissions import Words, apart
from server.domain.service_day import hall_time
from server.models import Account, NewsRow
from server.services.actors import Actor
from server.services.papers import papers_of
from server.services.tickets import row_by_code, view

_EVENTS = (
    select(NewsRow.kind, NewsRow.at, NewsRow.actor, NewsRow.why, NewsRow.data)
    .where(NewsRow.ticket_id == bindparam("ticket_id"), NewsRow.kind.in_([kind.value for kind in story.EVENTS]))
    .order_by(NewsRow.seq)
)


def ticket_story(conn: Connection, actor: Actor, ticket: str, now: datetime) -> Story:
    """What happened to a ticket, oldest first, and the seconds it spent in each state as of `now`."""
    row = row_by_code(conn, actor, ticket)
    events = conn.execute(_EVENTS, {"ticket_id": row.id}).all()
    names = _names(conn, events)
    times = story.spent([(NewsKind(event.kind), event.at) for event in events], now)
    return Story(
        view(conn, row), row.lane_reason, tuple(_event(event, names, row.zone) for event in events),
        tuple(Spent(state.value, int(seconds)) for state, seconds in times.items()), papers_of(conn, row),
    )  # fmt: skip


def _names(conn: Connection, events: Iterable[Any]) -> dict[str, str]:
    """Names of the people who had a hand in it, by user name."""
    users = {event.actor.partition(":")[2].partition(" via ")[0] for event in events}
    users |= {story.sent_to(apart(event.why)[0]) for event in events}
    found = conn.execute(select(Account.username, Account.name).where(Account.username.in_(users)))
    return {person.username: person.name for person in found}


def _by(who: Words, grant: Words | None) -> Words:
    return (f"{who[0]}（{grant[0]}）", f"{who[1]} ({grant[1]})") if grant else who


def _event(event: Record, names: dict[str, str], zone: str) -> StoryEvent:
    kind = NewsKind(event.kind)
    said, grant = apart(event.why)
    (zh, en), (why, why_en) = story.told(kind, event.data, said, names)
    who, who_en = _by(story.who(event.actor, names), grant)
    return StoryEvent(
        hall_time(event.at, zone), kind.value, zh, en, who, who_en, event.data.get("window") or "",
        why, why_en,
    )  # fmt: skip
