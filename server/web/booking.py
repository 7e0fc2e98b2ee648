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
from server.domain.paper_key import booking_key
from server.services import accounts, appointments, slots, web_ratings
from server.services.paper_ratings import Rateable
from server.services.requests import check_id
from server.web import rating_pages
from server.web.booking_words import Words
from server.web.citizens import address, page, refuse_foreign, refuse_in_words, refused, store
from server.web.limits import Limit
from server.web.qr import qr_path

BOOKINGS = (20, timedelta(minutes=10))
"""From one address; a hall's own wireless network is one address for many."""
WRONG_LINKS = (30, timedelta(minutes=1))
"""From one address, as of the paper's links."""
CODE_GROUP = 4
FIELDS = ("queue", "mode", "at", "item", "phone", "contact")


def make_blueprint() -> Blueprint:
    bp = Blueprint("booking", __name__)
    refuse_in_words(bp)
    limit = Limit(*BOOKINGS)
    held = _held(Limit(*WRONG_LINKS))
    bp.add_url_rule("/book", "book", choose)
    bp.add_url_rule("/book", "send", lambda: send(limit), methods=["POST"])
    for way, name in (("/book/<public_id>", ""), ("/book/<public_id>/<key>", "own_")):
        bp.add_url_rule(way, f"{name}booked", held(booked))
        bp.add_url_rule(f"{way}/cancel", f"{name}ask_cancel", held(booked), defaults={"cancelling": True})
        bp.add_url_rule(f"{way}/cancel", f"{name}cancel", held(cancel), methods=["POST"])
    bp.add_url_rule("/book/<public_id>/<key>/rate", "ask_rating", held(ask_rating))
    bp.add_url_rule("/book/<public_id>/<key>/rate", "rate", held(rate), methods=["POST"])
    bp.add_url_rule("/book/<public_id>/<key>/comment", "comment", held(comment), methods=["POST"])
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
    return redirect(f"{_way(public_id, booking_key(store().key, public_id))}?lang={_words().code}", 303)


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


def _held(limit: Limit) -> Callable[[Callable[..., AnyResponse]], Callable[..., AnyResponse]]:
    """An address that leads to no appointment, or whose key is wrong, gets a page and not a riddle; who tries many
    keys is told nothing for a while."""

    def held(show: Callable[..., AnyResponse]) -> Callable[..., AnyResponse]:
        @wraps(show)
        def shown(**words: Any) -> AnyResponse:
            now = store().clock()
            if "key" in words and limit.spent(address(), now):
                return refused(ProblemError("too_many_links"))
            try:
                if "key" in words:
                    web_ratings.refuse_wrong_key(store().key, words["public_id"], words["key"])
                return show(**words)
            except ProblemError as error:
                if error.problem.code != "appointment_not_found":
                    raise
                if "key" in words:
                    limit.allows(address(), now)
                return make_response(_page("booked.html", _words(), row=None), error.problem.status)

        return shown

    return held


def _way(public_id: str, key: str) -> str:
    return "/".join(filter(None, ("/book", public_id, key)))


def booked(
    public_id: str, key: str = "", cancelling: bool = False, refusal: ProblemError | None = None
) -> Response:  # fmt: skip
    """The booking: code, QR code of its address without the key (staff scan it), place and time; the way to cancel
    it, and after the service the way to its rating."""
    with store().read() as conn:
        row = appointments.public_row(conn, public_id)
        (seen,) = appointments.views(conn, [row])
        may = _rateable(conn, public_id, key)
    live = seen.state is AppointmentState.BOOKED
    return _page(
        "booked.html", _words(), row=row, seen=seen, live=live, cancelling=cancelling and live, refusal=refusal,
        visit=seen.mode is Mode.HOME_VISIT, way=_way(public_id, key), may=may,
        code=f"{seen.code[:CODE_GROUP]} {seen.code[CODE_GROUP:]}",
        qr=qr_path(f"{request.host_url}book/{public_id}") if live else None,
    )  # fmt: skip


def _rateable(conn: Connection, public_id: str, key: str) -> Rateable | None:
    """None where nothing can be rated from here, or not any more."""
    try:
        return web_ratings.rateable(conn, store().key, public_id, key, store().clock()) if key else None
    except ProblemError as no:
        if no.problem.code not in ("not_served_yet", "link_expired"):
            raise
        return None


def ask_rating(public_id: str, key: str) -> AnyResponse:
    return rating_pages.ask(_by_booking(public_id, key))


def rate(public_id: str, key: str) -> AnyResponse:
    return rating_pages.rate(_by_booking(public_id, key))


def comment(public_id: str, key: str) -> AnyResponse:
    return rating_pages.comment(_by_booking(public_id, key))


def _by_booking(public_id: str, key: str) -> rating_pages.Way:
    return rating_pages.Way(
        _way(public_id, key),
        lambda conn, now: web_ratings.rateable(conn, store().key, public_id, key, now),
        lambda conn, now: web_ratings.ticket(conn, store().key, public_id, key, now),
        lambda tx, opinion: web_ratings.rate(tx, public_id, key, opinion),
        lambda tx, text: web_ratings.comment(tx, public_id, key, text),
    )


def cancel(public_id: str, key: str = "") -> AnyResponse:
    """By whoever holds the link. It happens on a second page: a link that is only looked at cancels nothing."""
    try:
        refuse_foreign()
        store().write(lambda tx: appointments.cancel_by_citizen(tx, public_id))
    except ProblemError as refusal:
        if refusal.problem.code == "appointment_not_found":
            raise
        return make_response(booked(public_id, key, refusal=refusal), refusal.problem.status)
    return redirect(f"{_way(public_id, key)}?lang={_words().code}", 303)


def _words() -> Words:
    return Words(request.values.get("lang", ""))


def _page(name: str, w: Words, **values: Any) -> Response:
    return page(name, w, ("queue", "mode", "day", "at"), **values)
