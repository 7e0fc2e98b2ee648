"""/book: a citizen books a time (预约). Server-rendered, works without JavaScript; nobody signs in.

There is no session that a foreign page could misuse; still a booking must come from our own page (`refuse_foreign`),
and an address may book only so often. Addresses of pages hold queue, mode, day and time, never a person.
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, make_response, redirect, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from server.contract.appointments import AppointmentState, BookAppointment, Mode, Slot
from server.contract.codec import ContractError, from_json
from server.contract.problems import ProblemError
from server.services import accounts, appointments, slots
from server.services.requests import check_id
from server.web.booking_words import Words
from server.web.citizens import address, page, refuse_foreign, refuse_in_words, store
from server.web.limits import Limit
from server.web.qr import qr_path

BOOKINGS = (20, timedelta(minutes=10))
"""From one address; a hall's own wireless network is one address for many."""
CODE_GROUP = 4
FIELDS = ("queue", "mode", "at", "item", "phone", "contact")


def make_blueprint() -> Blueprint:
    bp = Blueprint("booking", __name__)
    refuse_in_words(bp)
    limit = Limit(*BOOKINGS)
    bp.add_url_rule("/book", "book", choose)
    bp.add_url_rule("/book", "send", lambda: send(limit), methods=["POST"])
    bp.add_url_rule("/book/<public_id>", "booked", booked)
    bp.add_url_rule("/book/<public_id>/cancel", "ask_cancel", booked, defaults={"cancelling": True})
    bp.add_url_rule("/book/<public_id>/cancel", "cancel", cancel, methods=["POST"])
    return bp


def choose() -> Response:
    """What `queue`, `mode` and `at` of the address already say decides which step is shown."""
    now, w = store().clock(), _words()
    with store().read() as conn:
        hall_id = accounts.default_hall(conn)
        if "queue" not in request.args:
            return _page("book.html", w, offers=slots.offers(conn, hall_id, now))
        chosen = _chosen(conn, hall_id, now, request.args.get("queue", ""), request.args.get("mode", ""))
        slot = _slot(chosen["slots"], request.args.get("at", ""))
        if slot is not None:
            return _form(conn, hall_id, chosen, slot, {})
        return _page("book_times.html", w, **chosen, days=_days(chosen["slots"]), day=_day(chosen["slots"]))


def _chosen(conn: Connection, hall_id: int, now: datetime, queue: str, mode: str) -> dict[str, Any]:
    """The queue and mode that were chosen, with their slots; none when the address is made up or out of date."""
    offer = next((o for o in slots.offers(conn, hall_id, now) if (o["queue"], o["mode"]) == (queue, mode)), None)
    return {"offer": offer, "slots": slots.slots_ahead(conn, hall_id, queue, mode, now) if offer else []}


def _days(all_slots: list[Slot]) -> list[dict[str, Any]]:
    """Each day once, with the places that are left on it."""
    by_day = groupby(all_slots, key=lambda slot: slot.starts_at.date())
    listed = [(day, list(of_day)) for day, of_day in by_day]
    return [{"day": day, "first": of_day[0], "left": sum(s.left for s in of_day)} for day, of_day in listed]


def _day(all_slots: list[Slot]) -> Any:
    """The day asked for, else the first with a place."""
    days = {slot.starts_at.date().isoformat(): slot.starts_at.date() for slot in all_slots}
    asked = days.get(request.args.get("day", ""))
    free = next((slot.starts_at.date() for slot in all_slots if slot.left), None)
    return asked or free or next(iter(days.values()), None)


def _slot(all_slots: list[Slot], at: str) -> Slot | None:
    return next((slot for slot in all_slots if slot.left and slot.starts_at.isoformat() == at), None)


def _form(
    conn: Connection, hall_id: int, chosen: dict[str, Any], slot: Slot, filled: dict[str, str],
    refusal: ProblemError | None = None,
) -> Response:  # fmt: skip
    """The last step; `filled` is what was typed before a refusal."""
    items = slots.items_of(conn, hall_id, chosen["offer"]["queue"])
    request_id = filled.get("request_id") or secrets.token_hex(16)
    page = _page(
        "book_form.html", _words(), **chosen, slot=slot, items=items, filled=filled, refusal=refusal,
        request_id=request_id, needs_person=chosen["offer"]["mode"] is Mode.HOME_VISIT,
    )  # fmt: skip
    return make_response(page, refusal.problem.status) if refusal else page


def send(limit: Limit) -> AnyResponse:
    """Book, then show the booking at its own address. Sent twice, it is the same booking."""
    filled = {name: request.form.get(name, "").strip() for name in FIELDS}
    filled["request_id"] = request.form.get("request_id", "")
    try:
        refuse_foreign()
        _refuse_flood(limit)
        wish = _wish(filled)
        public_id = store().write(
            lambda tx: appointments.book_by_citizen(tx, accounts.default_hall(tx.conn), wish)
        )  # fmt: skip
    except ProblemError as refusal:
        return _refused(filled, refusal)
    return redirect(f"/book/{public_id}?lang={_words().code}", 303)


def _wish(filled: dict[str, str]) -> BookAppointment:
    """The form as the contract has it: the same strict reading as of the API. What the citizen did not type can only
    be wrong in a page that was tampered with or is of another version."""
    body: dict[str, Any] = {**filled, "starts_at": filled["at"], "item": filled["item"] or None}
    del body["at"]
    try:
        check_id(filled["request_id"])
        return from_json(BookAppointment, body)
    except ContractError as error:
        raise _UNREADABLE.get(error.field, _bad_form)() from None
    except ProblemError:
        raise _bad_form() from None


def _bad_form() -> ProblemError:
    return ProblemError("bad_form")


_UNREADABLE: dict[str, Callable[[], ProblemError]] = {
    "phone": lambda: ProblemError("bad_phone", field="phone"),
    "contact": appointments.bad_contact,
}


def _refused(filled: dict[str, str], refusal: ProblemError) -> Response:
    """The step again that the citizen has to change: the form, or the times when this one is gone."""
    with store().read() as conn:
        hall_id = accounts.default_hall(conn)
        chosen = _chosen(conn, hall_id, store().clock(), filled["queue"], filled["mode"])
        slot = _slot(chosen["slots"], filled["at"])
        if slot is not None:
            return _form(conn, hall_id, chosen, slot, filled, refusal)
        days, day = _days(chosen["slots"]), _day(chosen["slots"])
        page = _page("book_times.html", _words(), **chosen, days=days, day=day, refusal=refusal)
        return make_response(page, refusal.problem.status)


def _refuse_flood(limit: Limit) -> None:
    if not limit.allows(address(), store().clock()):
        raise ProblemError("too_many_bookings")


def _unknown(show: Callable[..., AnyResponse]) -> Callable[..., AnyResponse]:
    """An address that leads to no appointment gets a page, not a riddle."""

    @wraps(show)
    def shown(**words: Any) -> AnyResponse:
        try:
            return show(**words)
        except ProblemError as error:
            if error.problem.code != "appointment_not_found":
                raise
            return make_response(_page("booked.html", _words(), row=None), error.problem.status)

    return shown


@_unknown
def booked(public_id: str, cancelling: bool = False, refusal: ProblemError | None = None) -> Response:
    """The booking: code, QR code of this very address, place and time; and the way to cancel it."""
    with store().read() as conn:
        row = appointments.public_row(conn, public_id)
        (seen,) = appointments.views(conn, [row])
    live = seen.state is AppointmentState.BOOKED
    return _page(
        "booked.html", _words(), row=row, seen=seen, live=live, cancelling=cancelling and live, refusal=refusal,
        visit=seen.mode is Mode.HOME_VISIT, code=f"{seen.code[:CODE_GROUP]} {seen.code[CODE_GROUP:]}",
        qr=qr_path(f"{request.host_url}book/{public_id}") if live else None,
    )  # fmt: skip


@_unknown
def cancel(public_id: str) -> AnyResponse:
    """By whoever holds the link. It happens on a second page: a link that is only looked at cancels nothing."""
    try:
        refuse_foreign()
        store().write(lambda tx: appointments.cancel_by_citizen(tx, public_id))
    except ProblemError as refusal:
        if refusal.problem.code == "appointment_not_found":
            raise
        return make_response(booked(public_id=public_id, refusal=refusal), refusal.problem.status)
    return redirect(f"/book/{public_id}?lang={_words().code}", 303)


def _words() -> Words:
    return Words(request.values.get("lang", ""))


def _page(name: str, w: Words, **values: Any) -> Response:
    return page(name, w, ("queue", "mode", "day", "at"), **values)
