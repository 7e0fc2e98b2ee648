"""Ratings by the page of a booking (网上评价): by whoever booked on the web and kept the address they were led to.

That address ends in a key (`domain.paper_key.booking_key`): the desk sees a booking's public id, so the id alone
rates nothing. It rates as long as the paper of that day would.
"""

from datetime import datetime

from sqlalchemy import Connection

from server.contract.problems import ProblemError
from server.contract.ratings import Source
from server.contract.tickets import Ticket
from server.db import Record, Tx
from server.domain.paper_key import is_booking_key
from server.domain.rating import Opinion
from server.services import appointments, paper_ratings
from server.services.follow import ticket_of_link
from server.services.tickets import row_by_id, view


def refuse_wrong_key(secret: bytes, public_id: str, key: str) -> None:
    """Raises appointment_not_found."""
    if not is_booking_key(secret, public_id, key):
        raise ProblemError("appointment_not_found")


def rateable(conn: Connection, secret: bytes, public_id: str, key: str, now: datetime) -> paper_ratings.Rateable:
    """Raises appointment_not_found, also for a wrong key; not_served_yet while there is no ticket; link_expired."""
    return paper_ratings.rateable_ticket(conn, _ticket(conn, secret, public_id, key, now).id)


def ticket(conn: Connection, secret: bytes, public_id: str, key: str, now: datetime) -> Ticket:
    """The number that the booking became. Raises as `rateable`."""
    return view(conn, _ticket(conn, secret, public_id, key, now))


def rate(tx: Tx, public_id: str, key: str, opinion: Opinion) -> None:
    """Raises as `rateable`, and as `paper_ratings.rate`."""
    paper_ratings.rate_ticket(tx, _ticket(tx.conn, tx.key, public_id, key, tx.now).id, opinion, Source.WEB)


def comment(tx: Tx, public_id: str, key: str, text: str) -> None:
    """Raises as `rateable`, and as `paper_ratings.comment`."""
    paper_ratings.comment_ticket(tx, _ticket(tx.conn, tx.key, public_id, key, tx.now).id, text)


def _ticket(conn: Connection, secret: bytes, public_id: str, key: str, now: datetime) -> Record:
    refuse_wrong_key(secret, public_id, key)
    booking = appointments.public_row(conn, public_id)
    if booking.ticket_id is None:
        raise ProblemError("not_served_yet")
    return ticket_of_link(conn, row_by_id(conn, booking.ticket_id).code, now)
