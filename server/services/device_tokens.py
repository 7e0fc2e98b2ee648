"""Tokens of devices in use: changed without a gap, and when and where they were last used."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select

from server.contract.people import RotatedToken
from server.contract.problems import ProblemError
from server.contract.windows import WindowCommand
from server.db import Record, Store, Tx
from server.domain.service_day import hall_time
from server.models import DeviceToken, Instant
from server.services import accounts, audit, machines
from server.services.actors import Actor
from server.services.halls import hall_of
from server.statement import Statement

OLD_GOOD_FOR = timedelta(hours=1)
"""For somebody to walk to the machine; nobody who copied the old token has longer."""
NOTE_EVERY = timedelta(minutes=5)

_OLD = Statement(
    select(DeviceToken).where(
        DeviceToken.old_hash == bindparam("old_hash"),
        DeviceToken.old_until > bindparam("now", type_=Instant),
        DeviceToken.revoked_at.is_(None),
    )
)


def rotate(tx: Tx, actor: Actor, body: WindowCommand, name: str) -> RotatedToken:
    """A new token in place of the device's. The old one stays good until the new one is first used, and for an hour
    at most; of a tablet the new one is a pairing code. The answer is the only time it is seen."""
    mine = select(DeviceToken).where(DeviceToken.hall_id == actor.hall_id, DeviceToken.name == name)
    row = tx.conn.execute(mine.where(DeviceToken.revoked_at.is_(None))).one_or_none()
    if row is None:
        raise ProblemError("device_not_found")
    if machines.fetched(tx.conn, row.id):
        raise ProblemError("token_of_machine", name=name)
    paired = row.kind in accounts.PAIRED_KINDS
    token = accounts.pairing_code() if paired else secrets.token_urlsafe(32)
    until = tx.now + OLD_GOOD_FOR
    tx.change(
        DeviceToken, row.id, token_hash=accounts.digest(token), old_hash=_in_use(row, tx.now), old_until=until,
        pair_until=tx.now + accounts.PAIR_WITHIN if paired else None,
    )  # fmt: skip
    audit.record(tx, actor.hall_id, "device.rotated", {"device": name, **actor.by})
    return RotatedToken(name, token, hall_time(until, hall_of(tx.conn, actor.hall_id).zone))


def _in_use(row: Record, now: datetime) -> str | None:
    """The token that the machine has: while a new one was never used, still the old one."""
    if row.old_hash is not None and row.old_until > now:
        return str(row.old_hash)
    return None if row.pair_until is not None else str(row.token_hash)


def device_by_old(conn: Connection, token: str, now: datetime) -> Record | None:
    """The device whose token of before this is, while that is good; else None."""
    return _OLD.one_or_none(conn, old_hash=accounts.digest(token), now=now)


def note_use(store: Store, row: Record, address: str, *, by_old: bool) -> None:
    """Once in some minutes. The first use of a new token ends the old one. A storage that takes nothing at the moment
    stops no device for this."""
    ends_old = row.old_hash is not None and not by_old
    if not ends_old and row.seen_at is not None and store.clock() - row.seen_at < NOTE_EVERY:
        return

    def work(tx: Tx) -> None:
        values = {
            "seen_at": tx.now,
            "seen_from": address,
            **({"old_hash": None, "old_until": None} if ends_old else {}),
        }
        tx.change(DeviceToken, row.id, **values)

    try:
        store.write(work)
    except ProblemError as error:
        if error.problem.code != "storage":
            raise
