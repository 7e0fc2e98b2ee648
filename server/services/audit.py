"""The audit chain of a hall: what is sealed in it, and how it is verified against the rows as they are now.

Every service that may be rated, every rating, every press that made none, every answer to the handling of a bad
rating, every exclusion of one, the figures that are published, every grant of a power (授权) and every version of a
service item, which is what citizens were promised, are sealed in the commit that makes them, and again when they
change. An entry holds the whole row, so that both presses of a citizen who thought better of it are kept.

So are who may sign in and as what, which tokens are good for what, and what hangs at which window: of these the
columns that an auditor asks for, and never a secret, a telephone or a staff number.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Boolean, Connection, Select, String, bindparam, case, cast, literal, select

from server.db import Record, Tx
from server.domain.chain import FIRST_SEAL, Entry, Head, broken, canonical, seal
from server.models import (
    Account,
    AuditEntry,
    DeviceBinding,
    DeviceProfile,
    DeviceToken,
    Hall,
    Invitation,
    ItemVersion,
    PowerGrant,
    Rating,
    RatingComment,
    RatingExclusion,
    RectificationRow,
    ReRating,
    SmsReply,
    StrayPress,
    TicketRow,
    Window,
)
from server.statement import Statement


@dataclass(frozen=True)
class Sealed:
    """What of a row is sealed: everything in it, and whom it is about."""

    zh: str
    query: Select[Any]
    id: Any
    hall_id: Any
    later: tuple[str, ...] = ()
    """Columns that the table did not always have: sealed where they hold something, so that a row of before them is
    sealed as it was."""
    never: tuple[str, ...] = ()
    """Columns that do not stay. Where an entry has them all the same, they are passed over."""
    from_before: bool = False
    """Whether there were rows before any was sealed: one that has no entry is passed over."""


_SERVICE = ("id", "hall_id", "ticket_id", "window_id", "staff_id", "item_id", "opened_at")
"""What never changes of an invitation; the rest is how it ended."""
BESIDE = ("by", "grant", "before")
"""What an entry may have beside its row: who, under which grant, and how it was."""


def _since(moment: Any) -> Any:
    """Whether it has come, None while not: the entry has its own time."""
    return _where(moment.is_not(None), literal(True, Boolean))


def _where(so: Any, what: Any) -> Any:
    """What says something only so; else None, which `later` leaves out."""
    return case((so, what))


_ACCOUNT: tuple[Any, ...] = (
    Account.id, Account.hall_id, Account.username.label("account"), Account.name, Account.role, Account.active,
)  # fmt: skip
_DEVICE: tuple[Any, ...] = (
    DeviceToken.id, DeviceToken.hall_id, DeviceToken.name.label("device"), DeviceToken.kind,
    Window.no.label("window"), _since(DeviceToken.revoked_at).label("revoked"),
)  # fmt: skip
_BINDING: tuple[Any, ...] = (
    DeviceBinding.id, DeviceBinding.hall_id, DeviceToken.name.label("machine"), DeviceBinding.kind,
    _where(DeviceBinding.name != "", DeviceBinding.name).label("name"), Window.no.label("window"), DeviceBinding.url,
    DeviceBinding.profile, _where(DeviceBinding.address != 1, DeviceBinding.address).label("address"),
    DeviceBinding.columns, _where(DeviceBinding.kind == "scanner", DeviceBinding.scan_end).label("scan_end"),
    DeviceBinding.transfer_queue, DeviceBinding.transfer_window, _since(DeviceBinding.ended_at).label("ended"),
)  # fmt: skip
_PROFILE: tuple[Any, ...] = (
    DeviceProfile.id, DeviceProfile.hall_id, DeviceProfile.name.label("profile"), DeviceProfile.lines,
)  # fmt: skip

SEALED = {
    "service": Sealed(
        "可评价的服务",
        select(
            *(Invitation.__table__.c[name] for name in _SERVICE), TicketRow.number, TicketRow.service_day
        ).join(TicketRow, TicketRow.id == Invitation.ticket_id),
        Invitation.id,
        Invitation.hall_id,
    ),
    "rating": Sealed(
        "评价",
        select(
            *Rating.__table__.c, Invitation.hall_id, Invitation.ticket_id, Invitation.window_id, Invitation.staff_id,
            Invitation.item_id,
        ).join(Invitation, Invitation.id == Rating.invitation_id),
        Rating.id,
        Invitation.hall_id,
        later=("entered_by", "said_at"),
    ),
    "comment": Sealed(
        "补充评价",
        select(*RatingComment.__table__.c, Invitation.hall_id)
        .join(Rating, Rating.id == RatingComment.rating_id)
        .join(Invitation, Invitation.id == Rating.invitation_id),
        RatingComment.id,
        Invitation.hall_id,
    ),
    "re_rating": Sealed(
        "整改再评",
        select(*ReRating.__table__.c, RectificationRow.hall_id, RectificationRow.rating_id).join(
            RectificationRow, RectificationRow.id == ReRating.rectification_id
        ),
        ReRating.id,
        RectificationRow.hall_id,
    ),
    "exclusion": Sealed(
        "误评认定",
        select(*RatingExclusion.__table__.c, Invitation.hall_id)
        .join(Rating, Rating.id == RatingExclusion.rating_id)
        .join(Invitation, Invitation.id == Rating.invitation_id),
        RatingExclusion.id,
        Invitation.hall_id,
    ),
    "press": Sealed("按键", select(*StrayPress.__table__.c), StrayPress.id, StrayPress.hall_id),
    "reply": Sealed(
        "短信回复", select(*SmsReply.__table__.c), SmsReply.id, SmsReply.hall_id, never=("message_key",)
    ),
    "grant": Sealed("授权", select(*PowerGrant.__table__.c), PowerGrant.id, PowerGrant.hall_id),
    "item_version": Sealed("事项版本", select(*ItemVersion.__table__.c), ItemVersion.id, ItemVersion.hall_id),
    "account": Sealed(
        "账号",
        select(*_ACCOUNT),
        Account.id,
        Account.hall_id,
        never=BESIDE,
        from_before=True,
    ),
    "device": Sealed(
        "设备令牌",
        select(*_DEVICE).outerjoin(Window, Window.id == DeviceToken.window_id),
        DeviceToken.id,
        DeviceToken.hall_id,
        later=("window", "revoked"),
        never=BESIDE,
        from_before=True,
    ),
    "binding": Sealed(
        "设备接入",
        select(*_BINDING)
        .join(DeviceToken, DeviceToken.id == DeviceBinding.machine_id)
        .outerjoin(Window, Window.id == DeviceBinding.window_id),
        DeviceBinding.id,
        DeviceBinding.hall_id,
        later=("name", "window", "address", "columns", "scan_end", "transfer_queue", "transfer_window", "ended"),
        never=BESIDE,
        from_before=True,
    ),
    "profile": Sealed(
        "自学设备配置",
        select(*_PROFILE),
        DeviceProfile.id,
        DeviceProfile.hall_id,
        never=BESIDE,
        from_before=True,
    ),
    "figures": Sealed(
        "公示数据",
        select(Hall.id, Hall.id.label("hall_id"), Hall.published).where(cast(Hall.published, String) != "{}"),
        Hall.id,
        Hall.id,
    ),
}  # fmt: skip
"""By the word that entries use."""

_ROW = {of: Statement(what.query.where(what.id == bindparam("row_id"))) for of, what in SEALED.items()}
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


def record_row(tx: Tx, kind: str, of: str, row_id: int, **beside: Any) -> None:
    """Seal the row as it is now. `of` is a word of `SEALED`; `beside` are of those names that it never has."""
    row = _ROW[of].one(tx.conn, row_id=row_id)
    record(tx, row.hall_id, kind, {**_facts(of, row), **beside})


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
                self.latest[about] = (entry.n, _digest(_lasting(about[0], entry.body)))
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
        if n == 0 and what.from_before:
            continue
        if n == 0:
            yield Finding(
                f"{what.zh} {row.id} 没有审计记录：不是经系统产生的",
                f"{of} {row.id} has no audit entry: it did not come by the program",
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


def _lasting(of: str, body: str) -> str:
    """An entry's text without the columns that do not stay."""
    never = SEALED[of].never if of in SEALED else ()
    if not any(f'"{name}"' in body for name in never):
        return body
    return canonical({name: value for name, value in json.loads(body).items() if name not in never})


def _facts(of: str, row: Record) -> dict[str, Any]:
    later, never = SEALED[of].later, SEALED[of].never
    held = {
        name: value
        for name, value in row._asdict().items()
        if name not in never and (value is not None or name not in later)
    }
    return {"of": of, **{name: _plain(value) for name, value in held.items()}}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
