"""Persons, who are known by a keyed hash only: an ID or a telephone number is never stored."""

import hashlib
import hmac

from sqlalchemy import Connection, bindparam, select

from server.contract.problems import bad_field
from server.domain.people import normalised
from server.models import Hall

_SECRET = select(Hall.secret).where(Hall.id == bindparam("hall_id"))


def person_hash(conn: Connection, hall_id: int, said: str) -> str:
    """The hall's hash of a telephone or ID number, the same however it was typed. Raises bad_field for `person`."""
    number = normalised(said)
    if number is None:
        raise bad_field(
            "person",
            "must be a mobile telephone number (11 digits) or a resident ID number (18 characters)",
            "应为 11 位手机号码或 18 位身份证号码",
            "手机号或身份证号",
        )
    key = conn.execute(_SECRET, {"hall_id": hall_id}).scalar_one()
    return hmac.new(bytes.fromhex(key), number.encode(), hashlib.sha256).hexdigest()
