"""What is kept. Constraints live here: what must never happen twice is UNIQUE, not only checked.

Services speak SQLAlchemy Core with these classes' columns: no identity map, nothing to expire after a commit.
"""

import secrets
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Dialect, ForeignKey, Index, String, TypeDecorator, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Instant(TypeDecorator[datetime]):
    """A moment, kept as whole microseconds since 1970 UTC: exact, sortable, the same in every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Base(DeclarativeBase):
    type_annotation_map: ClassVar = {
        datetime: Instant, str: String, dict[str, Any]: JSON, list[str]: JSON, list[list[int]]: JSON,
        list[dict[str, Any]]: JSON,
    }  # fmt: skip


def _new_secret() -> str:
    return secrets.token_hex(32)


def _where_set(column: str, name: str, *columns: str) -> Index:
    """An index of the few rows where `column` is set; all others cost it no page to write."""
    few = text(f"{column} IS NOT NULL")
    return Index(name, *columns, sqlite_where=few, postgresql_where=few)


def _one_open(name: str, *columns: str) -> Index:
    """UNIQUE among the rows that have not ended."""
    running = text("ended_at IS NULL")
    return Index(name, *columns, unique=True, sqlite_where=running, postgresql_where=running)


class Hall(Base):
    """`seq` numbers everything that happens in this hall, without a hole. `secret` keys the hashes of persons.

    `sessions` holds each `work_calendar.Session` as three numbers; a hall without any is always open. `doors_told` is
    what the clients were last told of what is closed; see `services.hours`; `shown_told` the same of what the walls
    show by the calendar; see `services.screens`. `playlist` holds `contract.board.Slide`s as JSON, `published` what
    `services.published` counted last, `upload_code` what the province calls the hall,
    empty while its ratings are not uploaded; `alarm_rules` what differs from the usual limits of alarms.
    """

    __tablename__ = "hall"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    zone: Mapped[str] = mapped_column(default="Asia/Shanghai")
    rollover_hour: Mapped[int] = mapped_column(default=0)
    open: Mapped[bool] = mapped_column(default=True)
    closed_reason: Mapped[str] = mapped_column(default="")
    recall_limit: Mapped[int] = mapped_column(default=3)
    recall_seconds: Mapped[int] = mapped_column(default=5)
    invitation_seconds: Mapped[int] = mapped_column(default=60)
    change_seconds: Mapped[int] = mapped_column(default=0)
    no_show_policy: Mapped[str] = mapped_column(default="desk")
    no_show_after: Mapped[int] = mapped_column(default=3)
    no_show_limit: Mapped[int] = mapped_column(default=2)
    fairness_cap: Mapped[int] = mapped_column(default=3)
    aging_minutes: Mapped[int] = mapped_column(default=45)
    appointment_early_minutes: Mapped[int] = mapped_column(default=15)
    appointment_late_minutes: Mapped[int] = mapped_column(default=15)
    seq: Mapped[int] = mapped_column(BigInteger, default=0)
    secret: Mapped[str] = mapped_column(default=_new_secret)
    sessions: Mapped[list[list[int]]] = mapped_column(default=list)
    cutoff_minutes: Mapped[int] = mapped_column(default=0)
    one_live_ticket: Mapped[bool] = mapped_column(default=False)
    doors_told: Mapped[str] = mapped_column(default="")
    playlist: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    ticker: Mapped[str] = mapped_column(default="")
    shown_told: Mapped[str] = mapped_column(default="")
    published: Mapped[dict[str, Any]] = mapped_column(default=dict)
    sms_on: Mapped[bool] = mapped_column(default=False)
    sms_delay_minutes: Mapped[int] = mapped_column(default=10)
    sms_reply_hours: Mapped[int] = mapped_column(default=48)
    sms_text: Mapped[str] = mapped_column(default="")
    rectify_contact_days: Mapped[int] = mapped_column(default=1)
    rectify_simple_days: Mapped[int] = mapped_column(default=5)
    rectify_complex_days: Mapped[int] = mapped_column(default=15)
    upload_code: Mapped[str] = mapped_column(default="")
    empty_minutes: Mapped[int] = mapped_column(default=10)
    late_minutes: Mapped[int] = mapped_column(default=5)
    totp_admins: Mapped[bool] = mapped_column(default=False)
    alarm_rules: Mapped[dict[str, Any]] = mapped_column(default=dict)
    first_run: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Of the first-run guide: which steps were `skipped`, and whether it is `done`."""


class Notice(Base):
    """公告. Shown from its first to its last service day, both included; either may be open."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_hall", "hall_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    text: Mapped[str]
    from_day: Mapped[date | None]
    to_day: Mapped[date | None]


class DutyDay(Base):
    """值班领导 of one service day."""

    __tablename__ = "duty_day"
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str]
    position: Mapped[str] = mapped_column(default="")
    tel: Mapped[str] = mapped_column(default="")


class CalendarDay(Base):
    """A holiday or a make-up workday; see `work_calendar.SpecialDay`."""

    __tablename__ = "calendar_day"
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    as_weekday: Mapped[int] = mapped_column(default=1)


class Queue(Base):
    """A queue of a campaign takes numbers on its dates alone, both ends included. Quotas are in tickets."""

    __tablename__ = "queue"
    __table_args__ = (UniqueConstraint("hall_id", "code"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    code: Mapped[str]
    name: Mapped[str]
    name_en: Mapped[str] = mapped_column(default="")
    series: Mapped[str]
    location: Mapped[str] = mapped_column(default="")
    open: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)
    quota_day: Mapped[int | None]
    quota_session: Mapped[int | None]
    from_day: Mapped[date | None]
    to_day: Mapped[date | None]


class ServiceItem(Base):
    """`public` holds the ten public fields under the names of `contract.board.ItemView`. `task_code` and
    `task_handle_item` are what the province calls it, empty while nobody has said. One that is not `active` is
    offered to nobody any more, and what was done under it keeps its name."""

    __tablename__ = "service_item"
    __table_args__ = (UniqueConstraint("hall_id", "code"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"))
    code: Mapped[str]
    name: Mapped[str]
    public: Mapped[dict[str, Any]]
    task_code: Mapped[str] = mapped_column(default="")
    task_handle_item: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)


class ItemVersion(Base):
    """What was shown of an item, append-only: version `n`, from `at` until the next one. Sealed in the audit chain.

    `at` is None of how an item was before its first change, and `by`, who changed it, is then empty. `shown` holds
    all fields of `contract.items.ItemFields`. `copy_of` is the version that this one brought back.
    """

    __tablename__ = "item_version"
    __table_args__ = (UniqueConstraint("item_id", "n"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("service_item.id"))
    n: Mapped[int]
    at: Mapped[datetime | None]
    by: Mapped[str] = mapped_column(default="")
    copy_of: Mapped[int | None]
    shown: Mapped[dict[str, Any]]


class Window(Base):
    """`ticket_id` is the ticket in hand; UNIQUE, so that no ticket is ever at two windows.

    It is no foreign key, for `ticket.window_id` is one already and a ring of them cannot be created in any order.
    `since` is when it became free, paused or closed; a ticket in hand has times of its own.
    """

    __tablename__ = "window"
    __table_args__ = (UniqueConstraint("hall_id", "no"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    no: Mapped[str]
    name: Mapped[str]
    zone: Mapped[str] = mapped_column(default="")
    floor: Mapped[int] = mapped_column(default=1)
    kind: Mapped[str] = mapped_column(default="general")
    state: Mapped[str] = mapped_column(default="closed")
    pause_reason: Mapped[str] = mapped_column(default="")
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), unique=True)
    ticket_id: Mapped[int | None] = mapped_column(unique=True)
    since: Mapped[datetime | None]


class WindowQueue(Base):
    __tablename__ = "window_queue"
    window_id: Mapped[int] = mapped_column(ForeignKey("window.id"), primary_key=True)
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"), primary_key=True)
    weight: Mapped[int] = mapped_column(default=1)


class Account(Base):
    """A person. Names of roles: admin, supervisor, clerk, guide.

    `name` is for colleagues; `card_name`, `position` and `badges` are for everybody (服务监督牌). `must_change`: the
    password was given by an admin and opens nothing but its own change. `totp_secret` is sealed (`domain.totp`), None
    without a second factor; `totp_step` the newest step of which a code was used.
    """

    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    staff_no: Mapped[str] = mapped_column(default="")
    role: Mapped[str]
    password_hash: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    card_name: Mapped[str] = mapped_column(default="")
    position: Mapped[str] = mapped_column(default="")
    badges: Mapped[list[str]] = mapped_column(default=list)
    must_change: Mapped[bool] = mapped_column(default=False)
    totp_secret: Mapped[str | None]
    totp_step: Mapped[int] = mapped_column(BigInteger, default=0)


class RecoveryCode(Base):
    """Stands in for a code of the telephone, once: using it deletes the row. Only the hash is kept."""

    __tablename__ = "recovery_code"
    code_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))


class PowerGrant(Base):
    """授权: a permission beside the role, from day to day; see `domain.permissions.Grant`. `given_by` is None where a
    command on the server's own machine gave it."""

    __tablename__ = "power_grant"
    __table_args__ = (Index("ix_power_grant_account", "account_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    permission: Mapped[str]
    from_day: Mapped[date]
    to_day: Mapped[date | None]
    reason: Mapped[str]
    given_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    given_at: Mapped[datetime]
    revoked_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    revoked_at: Mapped[datetime | None]
    revoked_why: Mapped[str] = mapped_column(default="")


class StaffPhoto(Base):
    """The photograph on somebody's staff card: a JPEG as `services.photos` makes it. `digest` names its content, in
    the address under which it is served too."""

    __tablename__ = "staff_photo"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(index=True)
    jpeg: Mapped[bytes]


class WebSession(Base):
    """A signed-in browser. Only the hash of its cookie is kept; deleting the row signs it out."""

    __tablename__ = "web_session"
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    csrf: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    address: Mapped[str] = mapped_column(default="")


class DeviceToken(Base):
    """A machine or device that may speak to the server. Only the token's hash is kept. While there is a `pair_until`,
    it is no token's but a pairing code's, which is good until then and for nothing but pairing. After a rotation
    `old_hash` is good as well, until the new token is first used and never beyond `old_until`. `seen_at` and
    `seen_from`: when and from which address it was last used, within some minutes."""

    __tablename__ = "device_token"
    __table_args__ = (Index("ux_device_token_old", "old_hash", unique=True),)
    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    window_id: Mapped[int | None] = mapped_column(ForeignKey("window.id"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    pair_until: Mapped[datetime | None]
    old_hash: Mapped[str | None]
    old_until: Mapped[datetime | None]
    seen_from: Mapped[str] = mapped_column(default="")


class DeviceHealth(Base):
    """What a machine last said of one of its devices. `seen_at`: when the device itself last said anything."""

    __tablename__ = "device_health"
    __table_args__ = (UniqueConstraint("token_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    token_id: Mapped[int] = mapped_column(ForeignKey("device_token.id"))
    name: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str]
    faults: Mapped[list[str]]
    detail: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    bytes_in: Mapped[int] = mapped_column(BigInteger, default=0)
    bytes_out: Mapped[int] = mapped_column(BigInteger, default=0)
    frames: Mapped[int] = mapped_column(BigInteger, default=0)
    resyncs: Mapped[int] = mapped_column(BigInteger, default=0)
    reconnects: Mapped[int] = mapped_column(BigInteger, default=0)
    seen_at: Mapped[datetime | None]


class SeriesCounter(Base):
    """The last number given in a series on a service day. Numbers come from here and from nowhere else."""

    __tablename__ = "series_counter"
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    service_day: Mapped[date] = mapped_column(primary_key=True)
    series: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


class TicketRow(Base):
    """`code` is the public, unguessable id. `queued_at` is its place in the line. `person_hash` is of whoever told
    who they are, which nobody need; see `services.people`.

    `since` is when it came into its state; the `…_us` are the microseconds spent in each state before that, and their
    sum is the time in the hall. Only `tickets.move` writes these. `begun_at` leaves out holds; see `WindowView`.
    A binding (to a window or a person) stays through a call, so that undoing the call leaves all as it was.
    `estimate_low_s`, `estimate_high_s`: the promise at issue (P50, P90), with `estimate_ahead` people ahead;
    None when nothing could be said. `note` is what the last window left for the next: why it was moved or held.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("hall_id", "service_day", "series", "n"),
        Index("ix_ticket_line", "hall_id", "state", "queue_id", "lane", "queued_at"),
        Index("ix_ticket_day", "hall_id", "state", "service_day"),
        _where_set("bound_window_id", "ix_ticket_bound", "bound_window_id", "state"),
        _where_set("bound_staff_id", "ix_ticket_bound_staff", "bound_staff_id", "state"),
        _where_set("person_hash", "ix_ticket_person", "hall_id", "service_day", "person_hash"),
        Index(
            "ix_ticket_note", "hall_id", "service_day", sqlite_where=text("note != ''"),
            postgresql_where=text("note != ''"),
        ),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    service_day: Mapped[date]
    series: Mapped[str]
    n: Mapped[int]
    number: Mapped[str]
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("service_item.id"))
    lane: Mapped[str]
    lane_reason: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    window_id: Mapped[int | None] = mapped_column(ForeignKey("window.id"))
    bound_window_id: Mapped[int | None] = mapped_column(ForeignKey("window.id"))
    bound_staff_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device_token.id"))
    issued_at: Mapped[datetime]
    queued_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    called_at: Mapped[datetime | None]
    begun_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    recalls: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str] = mapped_column(default="")
    call_reason: Mapped[str] = mapped_column(default="")
    call_rule: Mapped[str] = mapped_column(default="")
    no_shows: Mapped[int] = mapped_column(default=0)
    hold_kind: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    since: Mapped[datetime]
    waited_us: Mapped[int] = mapped_column(BigInteger, default=0)
    called_us: Mapped[int] = mapped_column(BigInteger, default=0)
    served_us: Mapped[int] = mapped_column(BigInteger, default=0)
    held_us: Mapped[int] = mapped_column(BigInteger, default=0)
    ended_at: Mapped[datetime | None]
    print_state: Mapped[str] = mapped_column(default="pending")
    print_count: Mapped[int] = mapped_column(default=0)
    rating_state: Mapped[str] = mapped_column(default="not_invited")
    person_hash: Mapped[str | None]
    estimate_low_s: Mapped[int | None]
    estimate_high_s: Mapped[int | None]
    estimate_ahead: Mapped[int | None]


class PrintWishRow(Base):
    """补打: a paper that the desk asked a kiosk for. `state` as in `contract.desk.PaperState`.

    `open_ticket_id` is the ticket until it is known what became of the paper; UNIQUE, so that no ticket is ever on
    its way to two printers.
    """

    __tablename__ = "print_wish"
    __table_args__ = (
        Index("ix_print_wish_ticket", "ticket_id"),
        Index("ix_print_wish_state", "state", "device_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    open_ticket_id: Mapped[int | None] = mapped_column(unique=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device_token.id"))
    copy: Mapped[int] = mapped_column(default=0)
    state: Mapped[str]
    asked_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]


class NewsRow(Base):
    """Everything that happened, append-only: who, where, when, why. Also the outbox that clients hear."""

    __tablename__ = "news"
    __table_args__ = (
        Index(
            "ix_news_window",
            "window_id",
            "seq",
            sqlite_where=text("kind = 'window.changed'"),
            postgresql_where=text("kind = 'window.changed'"),
        ),
    )
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str]
    at: Mapped[datetime]
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    window_id: Mapped[int | None] = mapped_column(ForeignKey("window.id"))
    actor: Mapped[str]
    why: Mapped[str] = mapped_column(default="")
    data: Mapped[dict[str, Any]]


class CallRow(Base):
    """One row for each call and recall, named by its `seq`; what the wall shows.

    Of a call: which `rule` chose and why, how many waiting people were `passed_over` when none did, and the window's
    `run` of fast calls with this one. An `undone` call is no part of the window's history.
    """

    __tablename__ = "call"
    __table_args__ = (
        Index("ix_call_day", "hall_id", "service_day", "seq"),
        Index("ix_call_window", "window_id", "seq"),
    )
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    service_day: Mapped[date]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    window_id: Mapped[int] = mapped_column(ForeignKey("window.id"))
    lane: Mapped[str]
    recall: Mapped[bool]
    at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    rule: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    passed_over: Mapped[int] = mapped_column(default=0)
    run: Mapped[int] = mapped_column(default=0)
    undone: Mapped[bool] = mapped_column(default=False)


class Invitation(Base):
    """一次一评: one ticket served, one invitation. `state`: open, rated, unrated."""

    __tablename__ = "invitation"
    __table_args__ = (
        Index("ix_invitation_window", "window_id", "state"),
        Index("ix_invitation_due", "state", "expires_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), unique=True)
    window_id: Mapped[int] = mapped_column(ForeignKey("window.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("service_item.id"))
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    state: Mapped[str]


class Rating(Base):
    """A citizen's own rating; at most one for an invitation. `raw_key` is the key's bytes in hex, or a message's.
    `source` is the contract's. Each is sealed in the audit chain as `services.audit` says.

    `entered_by`: who typed what a citizen said or wrote, None of a rating by the citizen's own hand; `said_at`: when
    it was said by telephone."""

    __tablename__ = "rating"
    __table_args__ = (Index("ix_rating_entered", "entered_by", "at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id"), unique=True)
    level: Mapped[int]
    label: Mapped[str]
    raw_key: Mapped[str] = mapped_column(default="")
    source: Mapped[str]
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device_token.id"))
    tags: Mapped[list[str]] = mapped_column(default=list)
    text: Mapped[str] = mapped_column(default="")
    reason_declined: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    said_at: Mapped[datetime | None]


class RatingComment(Base):
    """What somebody adds to their rating later (补充评价); the rating stays as it is. At most one."""

    __tablename__ = "rating_comment"
    id: Mapped[int] = mapped_column(primary_key=True)
    rating_id: Mapped[int] = mapped_column(ForeignKey("rating.id"), unique=True)
    text: Mapped[str]
    at: Mapped[datetime]


class UnnumberedForm(Base):
    """A paper form without a ticket's number: of no service, so no rating. Counted and nothing else."""

    __tablename__ = "unnumbered_form"
    __table_args__ = (Index("ix_unnumbered_form", "hall_id", "at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    entered_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class Upload(Base):
    """A rating on its way to the province; see `services.outbox`. `state`: waiting, sent, dead. Not tried before
    `due_at`, which while a server (`holder`) sends it is the end of its lease. `reason`: of a dead letter what the
    province said, of a waiting row the last fault. `ended_at`: when it was sent or refused."""

    __tablename__ = "upload"
    __table_args__ = (
        UniqueConstraint("project_no", "service_number"),
        Index("ix_upload_due", "state", "due_at"),
        Index("ix_upload_hall", "hall_id", "state", "ended_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    rating_id: Mapped[int] = mapped_column(ForeignKey("rating.id"), unique=True)
    project_no: Mapped[str]
    service_number: Mapped[int]
    state: Mapped[str] = mapped_column(default="waiting")
    made_at: Mapped[datetime]
    due_at: Mapped[datetime]
    holder: Mapped[str] = mapped_column(default="")
    attempts: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(default="")
    ended_at: Mapped[datetime | None]


class StrayPress(Base):
    """A press that was no rating. Kept, because the use of the device is a figure and a quarrel needs facts."""

    __tablename__ = "stray_press"
    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    window_id: Mapped[int] = mapped_column(ForeignKey("window.id"))
    device_id: Mapped[int] = mapped_column(ForeignKey("device_token.id"))
    label: Mapped[str]
    raw_key: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]


NOT_OF_RATINGS = (
    "kind NOT IN ('service.done', 'rating.made', 'rating.changed', 'rating.reasoned', 'comment.made',"
    " 'press.ignored', 'reply.received', 're_rating.made', 'rating.excluded', 'contact.given', 'contact.removed')"
)
"""What is many and of no viewer's business is not in the index of the rest."""


class AuditEntry(Base):
    """The audit chain of a hall, only ever added to; see `domain.chain`. `body` is the text that was sealed."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index(
            "ix_audit_of_settings", "hall_id", "n", sqlite_where=text(NOT_OF_RATINGS),
            postgresql_where=text(NOT_OF_RATINGS),
        ),
    )  # fmt: skip
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    kind: Mapped[str]
    body: Mapped[str]
    seal: Mapped[str]


class ClientRequest(Base):
    """The answer given to a `request_id`, so that repeating the request repeats the answer."""

    __tablename__ = "client_request"
    __table_args__ = (Index("ix_client_request_at", "at"),)
    actor: Mapped[str] = mapped_column(primary_key=True)
    request_id: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    answer: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class SlotPlanRow(Base):
    """Times of a queue that may be booked, every week; see `contract.appointments.SlotPlan`. `weekdays`: "135"."""

    __tablename__ = "slot_plan"
    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"))
    mode: Mapped[str]
    weekdays: Mapped[str]
    start_minute: Mapped[int]
    end_minute: Mapped[int]
    slot_minutes: Mapped[int]
    capacity: Mapped[int]
    from_day: Mapped[date | None]
    to_day: Mapped[date | None]


class SlotTaken(Base):
    """How many places of a slot are taken. Not of a plan: plans change, bookings stay."""

    __tablename__ = "slot_taken"
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"), primary_key=True)
    mode: Mapped[str] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    taken: Mapped[int]


class AppointmentRow(Base):
    """`public_id` cannot be guessed and stands in the citizen's link; `code` is what a person types. `contact` is
    where a home visit goes; what tells the person is gone at `purge_at`. `request_key` makes a repeated booking the
    same booking: what was sent holds a telephone number, so neither it nor a plain hash of it is kept."""

    __tablename__ = "appointment"
    __table_args__ = (
        UniqueConstraint("hall_id", "code"),
        Index("ix_appointment_day", "hall_id", "starts_at"),
        Index("ix_appointment_due", "hall_id", "state", "ends_at"),
        Index("ix_appointment_person", "person_hash", "state"),
        Index("ix_appointment_purge", "purge_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    request_key: Mapped[str] = mapped_column(unique=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    code: Mapped[str]
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("service_item.id"))
    mode: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    phone_masked: Mapped[str] = mapped_column(default="")
    person_hash: Mapped[str | None]
    contact: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), unique=True)
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    purge_at: Mapped[datetime | None]


class WrongCode(Base):
    """A wrong appointment code that somebody typed; kept for a minute, against guessing."""

    __tablename__ = "wrong_code"
    __table_args__ = (Index("ix_wrong_code", "actor", "at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    actor: Mapped[str]
    at: Mapped[datetime]


class SmsContactRow(Base):
    """A telephone number that somebody gave for a ticket, for one short message. `state`: "waiting" holds `number`
    and `masked`; "asked" has handed the number on to the message; "over" is done. After `forget_at` the hash is gone
    too, and what is left is that a number was given. The row itself stays: nobody is asked twice."""

    __tablename__ = "sms_contact"
    __table_args__ = (
        Index("ix_sms_contact_state", "state"),
        Index("ix_sms_contact_phone", "phone_hash"),
        Index("ix_sms_contact_forget", "forget_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), unique=True)
    number: Mapped[str]
    masked: Mapped[str]
    phone_hash: Mapped[str | None]
    state: Mapped[str]
    given_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    reply_until: Mapped[datetime | None]
    forget_at: Mapped[datetime | None]


class SmsMessageRow(Base):
    """A short message on its way out. `state`: waiting, leased (to `device_id`, until `lease_until`), sent, failed,
    unknown, dropped; the latter four hold no `number`, and nothing leaves them for "waiting"."""

    __tablename__ = "sms_message"
    __table_args__ = (
        UniqueConstraint("contact_id", "kind"),
        Index("ix_sms_message_state", "hall_id", "state", "at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("sms_contact.id"))
    kind: Mapped[str]
    number: Mapped[str]
    text: Mapped[str]
    state: Mapped[str]
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device_token.id"))
    tries: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    expires_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    at: Mapped[datetime]
    detail: Mapped[str] = mapped_column(default="")
    detail_en: Mapped[str] = mapped_column(default="")


class SmsOptOut(Base):
    """退订: a phone, by its keyed hash only, to which nothing is ever sent again."""

    __tablename__ = "sms_opt_out"
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    phone_hash: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class SmsReply(Base):
    """A message that came, once however often it is delivered; sealed like a press. `raw` is the text's UTF-8 in hex
    where it is a level, else empty: what people write may name anybody. `invitation_id` is what it was about.
    `message_key` is a keyed hash of the message, as long as a phone is known by its own, and nothing of it after."""

    __tablename__ = "sms_reply"
    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitation.id"))
    device_id: Mapped[int] = mapped_column(ForeignKey("device_token.id"))
    message_key: Mapped[str] = mapped_column(unique=True)
    outcome: Mapped[str]
    raw: Mapped[str]
    at: Mapped[datetime]


class RectificationRow(Base):
    """整改单 of a bad rating, one at most; see `domain.rectification`. `number` is the service day and the ticket's
    number: a count would show who may not see a case that there is one. `due` ends with that local day.

    `counts_from` is the day from which `due` was counted, `contact_due` and `contacted_at` keep the first deadline
    and how it was met. `tries` are the calls of the present state that reached nobody; `reply` is what the citizen is
    told. `reminded_for` and `escalated_for`: the `due` of which that was done."""

    __tablename__ = "rectification"
    __table_args__ = (
        UniqueConstraint("hall_id", "number"),
        Index("ix_rectification_state", "hall_id", "state", "due"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    rating_id: Mapped[int] = mapped_column(ForeignKey("rating.id"), unique=True)
    number: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[str]
    kind: Mapped[str] = mapped_column(default="")
    outcome: Mapped[str] = mapped_column(default="")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    counts_from: Mapped[date | None]
    due: Mapped[date | None]
    contact_due: Mapped[date | None]
    contacted_at: Mapped[datetime | None]
    appealed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    answered: Mapped[bool] = mapped_column(default=False)
    tries: Mapped[int] = mapped_column(default=0)
    reply: Mapped[str] = mapped_column(default="")
    reminded_for: Mapped[date | None]
    escalated_for: Mapped[date | None]


class RectificationEvent(Base):
    """What happened to a case, append-only: in a list of its own, for `news` is told to every window. `what` as in
    `contract.rectifications.CaseEvent`; `reached` of a call to the citizen. `once` is UNIQUE, so that no deadline is
    reminded of or escalated twice."""

    __tablename__ = "rectification_event"
    __table_args__ = (Index("ix_rectification_event", "rectification_id", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    rectification_id: Mapped[int] = mapped_column(ForeignKey("rectification.id"))
    at: Mapped[datetime]
    what: Mapped[str]
    state: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    text: Mapped[str] = mapped_column(default="")
    reached: Mapped[bool | None]
    due: Mapped[date | None]
    once: Mapped[str | None] = mapped_column(unique=True)


class ReRating(Base):
    """Whether the handling of a bad rating satisfies (整改满意度), in the citizen's own words. The first answer may
    be no; then there is a second, `n` 2. `source` as in `contract.rectifications`; of a call, who recorded it.
    Sealed."""

    __tablename__ = "re_rating"
    __table_args__ = (UniqueConstraint("rectification_id", "n"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    rectification_id: Mapped[int] = mapped_column(ForeignKey("rectification.id"))
    n: Mapped[int]
    satisfied: Mapped[bool]
    source: Mapped[str]
    text: Mapped[str] = mapped_column(default="")
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class RatingExclusion(Base):
    """误评: a rating that an upheld appeal takes out of the figures. The rating itself stays as it is. Sealed."""

    __tablename__ = "rating_exclusion"
    id: Mapped[int] = mapped_column(primary_key=True)
    rating_id: Mapped[int] = mapped_column(ForeignKey("rating.id"), unique=True)
    asked_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    decided_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str]
    decision: Mapped[str]
    at: Mapped[datetime]


class PostRow(Base):
    """岗位: what `domain.cover` calls a post; of one with a window, who sits there stands at it. A post is never
    deleted, only `removed`: rosters and attendance name it. `weekdays`: "12345"."""

    __tablename__ = "post"
    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    kind: Mapped[str]
    name: Mapped[str]
    window_id: Mapped[int | None] = mapped_column(ForeignKey("window.id"))
    primary_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    backup_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    weekdays: Mapped[str]
    part: Mapped[str]
    removed: Mapped[bool] = mapped_column(default=False)


class LeaveRow(Base):
    """请假 of whole days, both included."""

    __tablename__ = "staff_leave"
    __table_args__ = (Index("ix_staff_leave", "hall_id", "to_day"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    from_day: Mapped[date]
    to_day: Mapped[date]
    reason: Mapped[str] = mapped_column(default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class CoverRow(Base):
    """顶岗: whom a duty leader named for a post, both days included."""

    __tablename__ = "cover"
    __table_args__ = (Index("ix_cover", "hall_id", "to_day"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    from_day: Mapped[date]
    to_day: Mapped[date]
    by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class RotaDay(Base):
    """值班表: who is at a post on a day, in place of its primary."""

    __tablename__ = "rota_day"
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))


class Sitting(Base):
    """One person's stay at a window, or at a post without one: from signing in to leaving. The stays at a window
    follow one another without overlap, so that each moment there is one person's. `began_by` and `ended_by` are
    words of `services.sittings`."""

    __tablename__ = "sitting"
    __table_args__ = (
        Index("ix_sitting_day", "hall_id", "began_at"),
        _one_open("ux_sitting_window", "window_id"),
        _one_open("ux_sitting_post", "post_id", "account_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    window_id: Mapped[int | None] = mapped_column(ForeignKey("window.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    began_by: Mapped[str]
    ended_by: Mapped[str] = mapped_column(default="")


class HandoverRow(Base):
    """交接: a window offered by who sits there to another, who receives it by signing in, or does not. `kind` as in
    `domain.cover.Handing`; `ticket_id` is what was in hand when it was received. `state`: open, done, withdrawn."""

    __tablename__ = "handover"
    __table_args__ = (Index("ix_handover_day", "hall_id", "offered_at"), _one_open("ux_handover", "window_id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    window_id: Mapped[int] = mapped_column(ForeignKey("window.id"))
    from_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    state: Mapped[str] = mapped_column(default="open")
    offered_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class EmptySpell(Base):
    """空岗: a window that stands empty, from `since` on. Told (news `post.empty`) at `told_at`, when that had lasted
    longer than the hall allows; what ends before is forgotten."""

    __tablename__ = "empty_spell"
    __table_args__ = (Index("ix_empty_spell", "hall_id", "since"), _one_open("ux_empty_spell", "window_id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    window_id: Mapped[int] = mapped_column(ForeignKey("window.id"))
    post: Mapped[str] = mapped_column(default="")
    reason: Mapped[str]
    since: Mapped[datetime]
    told_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class AlarmRow(Base):
    """An alarm, or what may become one while it has no `raised_at`; see `domain.alarms`. `code` names it on pages.
    `standing` names it until it is over; UNIQUE, so that the same thing never gives two. `gone_at`: since when it is
    no longer found. `value`, `more`, `more_en` and `faults` are what was found when it was raised. Of a case,
    `rectification_id`: who may not see that sees no alarm of it."""

    __tablename__ = "alarm"
    __table_args__ = (Index("ix_alarm_raised", "hall_id", "raised_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    kind: Mapped[str]
    subject: Mapped[str]
    standing: Mapped[str | None] = mapped_column(unique=True)
    value: Mapped[int] = mapped_column(BigInteger, default=0)
    more: Mapped[str] = mapped_column(default="")
    more_en: Mapped[str] = mapped_column(default="")
    faults: Mapped[list[str]] = mapped_column(default=list)
    rectification_id: Mapped[int | None] = mapped_column(ForeignKey("rectification.id"))
    seen_at: Mapped[datetime]
    raised_at: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    note: Mapped[str] = mapped_column(default="")


class Operations(Base):
    """How a hall's data is kept; a hall without a row has these defaults. `backup_minute` is of the hall's own day,
    `backup_folder` an absolute path on the server. The `…_days` at the end: how long what is kept; 0 days of
    `event_days` is for ever."""

    __tablename__ = "operations"
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    backup_on: Mapped[bool] = mapped_column(default=False)
    backup_minute: Mapped[int] = mapped_column(default=120)
    backup_folder: Mapped[str] = mapped_column(default="")
    backup_keys: Mapped[bool] = mapped_column(default=True)
    backup_drill: Mapped[bool] = mapped_column(default=True)
    keep_days: Mapped[int] = mapped_column(default=7)
    keep_weeks: Mapped[int] = mapped_column(default=4)
    keep_months: Mapped[int] = mapped_column(default=6)
    warn_days: Mapped[int] = mapped_column(default=2)
    contact_days: Mapped[int] = mapped_column(default=30)
    note_days: Mapped[int] = mapped_column(default=90)
    case_days: Mapped[int] = mapped_column(default=730)
    event_days: Mapped[int] = mapped_column(default=0)


class OperationRun(Base):
    """A backup or a verification that somebody or the clock asked for. `state`: waiting, running (by `holder`), done,
    failed; `zh` and `en` say what came of it."""

    __tablename__ = "operation_run"
    __table_args__ = (
        Index("ix_operation_run", "hall_id", "kind", "asked_at"),
        Index(
            "ix_operation_run_open", "state", sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    kind: Mapped[str]
    how: Mapped[str]
    asked_by: Mapped[str]
    state: Mapped[str] = mapped_column(default="waiting")
    holder: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    zh: Mapped[str] = mapped_column(default="")
    en: Mapped[str] = mapped_column(default="")
    file: Mapped[str] = mapped_column(default="")
    size: Mapped[int] = mapped_column(BigInteger, default=0)


class PurgeTally(Base):
    """How many rows of what were purged on a service day; sealed in the audit chain when it is over, and then gone
    from here."""

    __tablename__ = "purge_tally"
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(primary_key=True)
    rows: Mapped[int]


class DayFigures(Base):
    """What one group of services of a service day came to, counted when the day was over: see `services.kept_days`.
    `by` and `key` as in `domain.service_figures`; `figures` is its `Tally`. A day is kept whole or not at all, and
    the row of the whole is there for each that is: `seq` is the hall's when it was looked at."""

    __tablename__ = "day_figures"
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    by: Mapped[str] = mapped_column(primary_key=True)
    service_day: Mapped[date] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    seq: Mapped[int] = mapped_column(BigInteger)
    figures: Mapped[dict[str, Any]]


class DeviceBinding(Base):
    """What an admin says hangs at a machine, and where. A row never changes: another port, window or profile ends it
    and makes a new one, so that the past of a place is its rows.

    `end` is what `url` reaches (`contract.device_address`). `token_id` is the device's own token, which its machine
    fetches. `live_place` and `live_role` say what is taken while the binding lasts and are empty after: UNIQUE, so
    that no port and no window is given twice, whoever asks at the same time.
    """

    __tablename__ = "device_binding"
    __table_args__ = (Index("ix_device_binding_machine", "machine_id", "ended_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    machine_id: Mapped[int] = mapped_column(ForeignKey("device_token.id"))
    kind: Mapped[str]
    name: Mapped[str]
    url: Mapped[str]
    end: Mapped[str]
    profile: Mapped[str]
    window_id: Mapped[int | None] = mapped_column(ForeignKey("window.id"))
    address: Mapped[int] = mapped_column(BigInteger)
    columns: Mapped[int | None]
    scan_end: Mapped[str]
    transfer_queue: Mapped[str | None]
    transfer_window: Mapped[str | None]
    token_id: Mapped[int | None] = mapped_column(ForeignKey("device_token.id"))
    live_place: Mapped[str | None] = mapped_column(unique=True)
    live_role: Mapped[str | None] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(default="")


class MachineReportRow(Base):
    """What a machine last said of itself: `contract.machines.MachineReport`."""

    __tablename__ = "machine_report"
    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("device_token.id"), unique=True)
    at: Mapped[datetime]
    version: Mapped[str]
    source: Mapped[str]
    ports: Mapped[list[dict[str, Any]]]
    devices: Mapped[list[dict[str, Any]]]
    printers: Mapped[list[str]]
    pads: Mapped[list[str]]
    allow_hosts: Mapped[list[str]]
    trouble: Mapped[list[dict[str, Any]]]
    bars: Mapped[list[dict[str, Any]]]


class DeviceProfile(Base):
    """A profile of an evaluator or call pad that was learned in this hall, as the lines of its file."""

    __tablename__ = "device_profile"
    __table_args__ = (UniqueConstraint("hall_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    name: Mapped[str]
    lines: Mapped[list[str]]
    made_at: Mapped[datetime]
    made_by: Mapped[str]


class MachineJobRow(Base):
    """A test or a learning that an admin asked a machine for. `state` as in `contract.machines.JobState`.

    `open_machine_id` is the machine until the job ends; UNIQUE, so that a machine has one at a time.
    """

    __tablename__ = "machine_job"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    machine_id: Mapped[int] = mapped_column(ForeignKey("device_token.id"))
    open_machine_id: Mapped[int | None] = mapped_column(unique=True)
    kind: Mapped[str]
    device: Mapped[str]
    url: Mapped[str]
    title: Mapped[str]
    state: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    taken_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    seen: Mapped[list[dict[str, Any]]]
    zh: Mapped[str] = mapped_column(default="")
    en: Mapped[str] = mapped_column(default="")
    profile: Mapped[list[str]]


class SettingsDraftRow(Base):
    """The settings that an admin prepares, at most one of a hall. `base` is what was live when it was begun, so that
    a change of that since then is seen; both are `contract.settings_document.SettingsDocument` as JSON."""

    __tablename__ = "settings_draft"
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    version: Mapped[int]
    document: Mapped[dict[str, Any]]
    base: Mapped[dict[str, Any]]
    who: Mapped[str]
    at: Mapped[datetime]


class SettingsChangeRow(Base):
    """One change of the settings, with the document `before` it, so that it can be undone. `words` hold the first
    sentences of what changed, `more` counts the others."""

    __tablename__ = "settings_change"
    __table_args__ = (Index("ix_settings_change", "hall_id", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    at: Mapped[datetime]
    who: Mapped[str]
    how: Mapped[str]
    words: Mapped[list[dict[str, Any]]]
    more: Mapped[int] = mapped_column(default=0)
    before: Mapped[dict[str, Any]]
