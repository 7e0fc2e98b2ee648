"""交接: a window offered by its clerk to another, who receives it in a session of their own. There is no moment in
between: what is in hand is the giver's until it is received, and the taker's from then on."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from server.contract.cover import HandOver
from server.contract.problems import ProblemError
from server.contract.windows import WindowCommand, WindowView
from server.db import Record, Tx
from server.domain.cover import HANDS, SEATS, Handing, Seat, SeatAction, Standing, due, moment, standing
from server.domain.service_day import hall_time
from server.domain.story import because
from server.models import Account, HandoverRow, TicketRow, Window
from server.services import audit, sittings
from server.services.actors import Actor
from server.services.admin import refuse_bad
from server.services.cover_admin import person
from server.services.halls import hall_of
from server.services.rosters import Roster, post_of, roster, today_of
from server.services.windows import find, own, sit, window_view

WORKING = ("clerk", "guide", "supervisor", "admin")

_OFFERS = (
    select(
        *HandoverRow.__table__.columns, Window.no.label("window"), Window.name.label("window_name"),
        TicketRow.number, Account.name.label("giver"), Account.staff_no.label("giver_no"),
    )
    .join(Window, Window.id == HandoverRow.window_id)
    .join(Account, Account.id == HandoverRow.from_id)
    .outerjoin(TicketRow, TicketRow.id == Window.ticket_id)
    .where(HandoverRow.ended_at.is_(None))
    .order_by(HandoverRow.id)
)  # fmt: skip


def takers(conn: Connection, actor: Actor, no: str, now: datetime) -> dict[str, Any]:
    """To whom this window may be handed now, its own pair first, and what is offered."""
    row = own(conn, actor, no)
    known, post = _post_now(conn, actor, row, now)
    ranked = sorted(
        (order, who.name, who.id, way)
        for who in known.people.values()
        if who.active and who.id != actor.account_id
        and (way := _way(known, post, now, actor.account_id, who.id)) is not None
        for order in [_near(known, post, now, who.id)]
    )  # fmt: skip
    called = [{**(known.called(who) or {}), "way": way} for _, _, who, way in ranked]
    return {"post": post.name if post else "", "takers": called}


def _near(known: Roster, post: Record | None, now: datetime, who: int) -> int:
    return list(Standing).index(_standing(known, post, now, who))


def _standing(known: Roster, post: Record | None, now: datetime, who: int | None) -> Standing:
    if post is None or who is None:
        return Standing.OTHER
    return standing(known.plan, post_of(post), today_of(known.hall, now), who)


def _way(known: Roster, post: Record | None, now: datetime, giver: int | None, taker: int) -> Handing | None:
    """None where it may not be. A window without a post may be handed to anybody."""
    if post is None:
        return Handing.OUT
    return HANDS.get((_standing(known, post, now, giver), _standing(known, post, now, taker)))


def _post_now(conn: Connection, actor: Actor, window: Record, now: datetime) -> tuple[Roster, Record | None]:
    """The post of this window in the present session; outside of any, one that it has today."""
    today = today_of(hall_of(conn, actor.hall_id), now)
    known = roster(conn, actor.hall_id, today, today)
    zone, mine = known.hall.zone, [row for row in known.posts if row.window_id == window.id]
    dues = [(row, due(post_of(row), known.calendar, today)) for row in mine]
    present = (
        row
        for row, sessions in dues
        if any(moment(zone, today, s.opens) <= now < moment(zone, today, s.closes) for s in sessions)
    )
    return known, next(present, next((row for row, sessions in dues if sessions), None))


def hand_over(tx: Tx, actor: Actor, body: HandOver, no: str) -> WindowView:
    """交出: offer the window; an offer made before is void. Raises not_your_window, bad_field, not_of_post."""
    refuse_bad(body)
    row = own(tx.conn, actor, no)
    taker = person(tx.conn, actor, body.to, "to", "接手人")
    known, post = _post_now(tx.conn, actor, row, tx.now)
    way = None if taker == actor.account_id else _way(known, post, tx.now, actor.account_id, taker)
    if way is None or known.people[taker].role not in WORKING:
        raise ProblemError("not_of_post", name=known.people[taker].name, post=post.name if post else no)
    _act(tx.conn, row, SeatAction.OFFER)
    sittings.void(tx, row.id)
    tx.add(
        HandoverRow, hall_id=actor.hall_id, window_id=row.id, from_id=actor.account_id, to_id=taker,
        kind=way.value, note=body.note.strip(), offered_at=tx.now,
    )  # fmt: skip
    return window_view(tx.conn, actor, no)


def withdraw(tx: Tx, actor: Actor, body: WindowCommand, no: str) -> WindowView:
    """收回 what was offered. Raises not_your_window, no_handover."""
    row = own(tx.conn, actor, no)
    _act(tx.conn, row, SeatAction.WITHDRAW)
    sittings.void(tx, row.id)
    return window_view(tx.conn, actor, no)


def receive(tx: Tx, actor: Actor, body: WindowCommand, no: str) -> WindowView:
    """接手 what was offered to the actor. Raises no_handover, and ticket_in_hand of another window of theirs."""
    row = find(tx.conn, actor, no)
    offer = _act(tx.conn, row, SeatAction.RECEIVE)
    if offer is None or offer.to_id != actor.account_id:
        raise ProblemError("no_handover", window=no)
    giver = tx.conn.execute(select(Account.username).where(Account.id == offer.from_id)).scalar_one()
    tx.change(HandoverRow, offer.id, state="done", ended_at=tx.now, ticket_id=row.ticket_id)
    sit(tx, actor, row, SeatAction.RECEIVE, because("handover", giver, offer.note))
    body_ = {"window": row.id, "from": offer.from_id, "to": offer.to_id, "kind": offer.kind, "ticket": row.ticket_id}
    audit.record(tx, actor.hall_id, "cover.handover", {**body_, **actor.by})
    return window_view(tx.conn, actor, no)


def _act(conn: Connection, row: Record, action: SeatAction) -> Record | None:
    """What is offered of this window, if its seat allows the action; else raises no_handover."""
    offer = sittings.offered(conn, row.id)
    seat = Seat.EMPTY if row.staff_id is None else Seat.TAKEN if offer is None else Seat.OFFERED
    if (seat, action) not in SEATS:
        raise ProblemError("no_handover", window=row.no)
    return offer


def open_offers(conn: Connection, actor: Actor) -> dict[str, Any]:
    """What is offered to the actor, and what they offered themselves and nobody has received yet."""
    zone = hall_of(conn, actor.hall_id).zone
    rows = conn.execute(_OFFERS.where(HandoverRow.hall_id == actor.hall_id)).all()
    names = {row.id: row.name for row in conn.execute(select(Account.id, Account.name))}
    return {
        name: [_offer(row, names, zone) for row in rows if getattr(row, column) == actor.account_id]
        for name, column in (("to_me", "to_id"), ("by_me", "from_id"))
    }


def _offer(row: Record, names: dict[int, str], zone: str) -> dict[str, Any]:
    return {
        "window": row.window, "window_name": row.window_name, "from": row.giver, "from_no": row.giver_no,
        "to": names[row.to_id], "kind": row.kind, "note": row.note, "number": row.number or "",
        "offered_at": hall_time(row.offered_at, zone).isoformat(),
    }  # fmt: skip
