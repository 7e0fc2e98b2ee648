"""The audit chain of a hall: what is sealed in it, and how it is verified against the rows as they are now.

Every rating, every press that made none and the figures that are published are sealed in the commit that makes them,
and again when they change. An entry holds the whole row, so that both presses of a citizen who thought better of it
are kept.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, String, bindparam, cast, select

from server.db import Record, Tx
from server.domain.chain import FIRST_SEAL, Entry, Head, broken, canonical, seal
from server.models import AuditEntry, Hall, Invitation, Rating, RatingComment, StrayPress, TicketRow
from server.statement import Statement


@dataclass(frozen=True)
class Sealed:
    """What of a row is sealed: everything in it, and whom it is about."""

    zh: str
    query: Select[Any]
    id: Any
    hall_id: Any


SEALED = {
    "rating": Sealed(
        "评价",
        select(
            *Rating.__table__.c, Invitation.hall_id, Invitation.ticket_id, Invitation.window_id, Invitation.staff_id,
            Invitation.item_id,
        ).join(Invitation, Invitation.id == Rating.invitation_id),
        Rating.id,
        Invitation.hall_id,
    ),
    "comment": Sealed(
        "补充评价",
        select(*RatingComment.__table__.c, Invitation.hall_id)
        .join(Rating, Rating.id == RatingComment.rating_id)
        .join(Invitation, Invitation.id == Rating.invitation_id),
        RatingComment.id,
        Invitation.hall_id,
    ),
    "press": Sealed("按键", select(*StrayPress.__table__.c), StrayPress.id, StrayPress.hall_id),
    "figures": Sealed(
        "公示数据",
        select(Hall.id, Hall.id.label("hall_id"), Hall.published).where(cast(Hall.published, String) != "{}"),
        Hall.id,
        Hall.id,
    ),
}  # fmt: skip
"""By the word that entries use."""

_TABLE = AuditEntry.__table__.c
_CHAIN = select(_TABLE.n, _TABLE.at, _TABLE.kind, _TABLE.body, _TABLE.seal)
_HEAD = Statement(
    select(AuditEntry.n, AuditEntry.seal)
    .where(AuditEntry.hall_id == bindparam("hall_id"))
    .order_by(AuditEntry.n.desc())
    .limit(1)
)


@dataclass(frozen=True)
class Finding:
    """What does not hold, in Chinese and English."""

    zh: str
    en: str


def record(tx: Tx, hall_id: int, kind: str, body: dict[str, Any]) -> None:
    """Add an entry. `body` must be JSON values. The writer is alone, so no two entries follow the same one."""
    last = _HEAD.one_or_none(tx.conn, hall_id=hall_id) or Head(0, FIRST_SEAL)
    n, text = last.n + 1, canonical(body)
    sealed = seal(tx.key, str(hall_id), last.seal, n, tx.now, kind, text)
    tx.add(AuditEntry, hall_id=hall_id, n=n, at=tx.now, kind=kind, body=text, seal=sealed)


def record_row(tx: Tx, kind: str, of: str, row_id: int) -> None:
    """Seal the row as it is now. `of` is a word of `SEALED`."""
    row = tx.conn.execute(SEALED[of].query.where(SEALED[of].id == row_id)).one()
    record(tx, row.hall_id, kind, _facts(of, row))


def heads(conn: Connection) -> dict[int, Head]:
    """The last entry of each hall's chain that has any."""
    halls = conn.execute(select(Hall.id)).scalars().all()
    found = ((hall, _HEAD.one_or_none(conn, hall_id=hall)) for hall in halls)
    return {hall: Head(row.n, row.seal) for hall, row in found if row is not None}


def key_fits(conn: Connection, key: bytes, hall_id: int) -> bool:
    """Whether this key sealed the chain's last entry; True of a chain without any."""
    newest = conn.execute(_CHAIN.where(_TABLE.hall_id == hall_id).order_by(_TABLE.n.desc()).limit(2)).all()
    if not newest:
        return True
    last, before = newest[0], newest[1].seal if len(newest) == 2 else FIRST_SEAL
    right = seal(key, str(hall_id), before, last.n, last.at, last.kind, last.body)
    return right == str(last.seal)


def verify(conn: Connection, key: bytes, hall_id: int, noted: Iterable[Head] = ()) -> Iterator[Finding]:
    """Everything about a hall's ratings that is not as it was sealed; nothing when all is well. `noted` are heads of
    this chain that were written down elsewhere."""
    known = _Known({head.n: head.seal for head in noted})
    for n in broken(key, str(hall_id), known.reading(_entries(conn, hall_id))):
        yield Finding(
            f"第 {n} 条审计记录与封印不符，或它之前缺了记录",
            f"audit entry {n} is not as sealed, or one before it is missing",
        )
    yield from known.heads_missed()
    for of in SEALED:
        yield from _rows(conn, hall_id, of, known)
    yield from _states(conn, hall_id)


class _Known:
    """What the chain says of each row, gathered while it is read once. Digests only: a chain is long."""

    def __init__(self, noted: dict[int, str]) -> None:
        self.latest: dict[tuple[str, int], tuple[int, bytes]] = {}
        self._noted = noted

    def reading(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        for entry in entries:
            about = _about(entry.body)
            if about is not None:
                self.latest[about] = (entry.n, _digest(entry.body))
            if self._noted.get(entry.n) == entry.seal:
                del self._noted[entry.n]
            yield entry

    def heads_missed(self) -> Iterator[Finding]:
        for n in self._noted:
            yield Finding(
                f"第 {n} 条审计记录曾登记在外，现在没有了或不同：记录被截断或替换",
                f"audit entry {n} was noted elsewhere and is not so now: the chain was cut off or replaced",
            )


def _entries(conn: Connection, hall_id: int) -> Iterator[Entry]:
    """The whole chain from its first entry on, a piece at a time."""
    mine = _CHAIN.where(_TABLE.hall_id == hall_id).order_by(_TABLE.n)
    return (Entry(*row) for row in conn.execution_options(yield_per=1000).execute(mine))


def _rows(conn: Connection, hall_id: int, of: str, known: _Known) -> Iterator[Finding]:
    """Rows that differ from what was sealed of them, that nobody sealed, and that are gone."""
    left = {row_id for name, row_id in known.latest if name == of}
    what = SEALED[of]
    mine = what.query.where(what.hall_id == hall_id)
    for row in conn.execution_options(yield_per=1000).execute(mine):
        left.discard(row.id)
        n, sealed = known.latest.get((of, row.id), (0, b""))
        if n == 0:
            yield Finding(
                f"{what.zh} {row.id} 没有审计记录：不是经评价渠道产生的",
                f"{of} {row.id} has no audit entry: it came by no channel of ratings",
            )
        elif _digest(canonical(_facts(of, row))) != sealed:
            yield Finding(
                f"{what.zh} {row.id} 与第 {n} 条审计记录不符：被改动过",
                f"{of} {row.id} is not what audit entry {n} says: it was changed",
            )
    for row_id in sorted(left):
        n, _ = known.latest[of, row_id]
        yield Finding(
            f"{what.zh} {row_id} 不见了，第 {n} 条审计记录里有它：被删除",
            f"{of} {row_id} is gone, audit entry {n} has it: it was deleted",
        )


def _states(conn: Connection, hall_id: int) -> Iterator[Finding]:
    """Services that say of themselves that they were rated where no rating is, and the other way round."""
    query = (
        select(TicketRow.number, TicketRow.service_day, Invitation.state, TicketRow.rating_state, Rating.id)
        .select_from(Invitation)
        .join(TicketRow, TicketRow.id == Invitation.ticket_id)
        .outerjoin(Rating, Rating.invitation_id == Invitation.id)
        .where(Invitation.hall_id == hall_id)
    )
    for number, day, state, ticket_state, rating in conn.execution_options(yield_per=1000).execute(query):
        said = {state == "rated", ticket_state == "rated"}
        if said != {rating is not None}:
            yield Finding(
                f"{day} 的 {number}：评价状态与评价不符",
                f"{number} of {day}: what it says of being rated does not agree with its rating",
            )


def _about(body: str) -> tuple[str, int] | None:
    """Which row an entry is of, if of one. The text may have been tampered with; then its seal says so."""
    try:
        facts = json.loads(body)
        return str(facts["of"]), int(facts["id"])
    except (ValueError, TypeError, KeyError):
        return None


def _facts(of: str, row: Record) -> dict[str, Any]:
    return {"of": of, **{name: _plain(value) for name, value in row._asdict().items()}}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
