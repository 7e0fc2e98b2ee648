"""What is kept. Constraints live here: what must never happen twice is UNIQUE, not only checked.

Services speak SQLAlchemy Core with these classes' columns: no identity map, nothing to expire after a commit.
"""

import secrets
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Dialect, ForeignKey, Index, String, TypeDecorator, UniqueConstraint
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


class Hall(Base):
    """`seq` numbers everything that happens in this hall, without a hole. `secret` keys the hashes of persons.

    `sessions` holds each `work_calendar.Session` as three numbers; a hall without any is always open. `doors_told` is
    what the clients were last told of what is closed; see `services.hours`; `shown_told` the same of what the walls
    show by the calendar; see `services.screens`. `playlist` holds `contract.board.Slide`s as JSON, `published` what
    `services.published` counted last.
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
    """`public` holds the ten public fields under the names of `contract.board.ItemView`."""

    __tablename__ = "service_item"
    __table_args__ = (UniqueConstraint("hall_id", "code"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"))
    code: Mapped[str]
    name: Mapped[str]
    public: Mapped[dict[str, Any]]


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

    `name` is for colleagues; `card_name`, `position` and `badges` are for everybody (服务监督牌).
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


class WebSession(Base):
    """A signed-in browser. Only the hash of its cookie is kept; deleting the row signs it out."""

    __tablename__ = "web_session"
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    csrf: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class DeviceToken(Base):
    """A machine or device that may speak to the server. Only the token's hash is kept."""

    __tablename__ = "device_token"
    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    window_id: Mapped[int | None] = mapped_column(ForeignKey("window.id"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]


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
        Index("ix_ticket_bound", "bound_window_id", "state"),
        Index("ix_ticket_bound_staff", "bound_staff_id", "state"),
        Index("ix_ticket_person", "person_hash", "state"),
    )
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
    """A citizen's own rating; at most one for an invitation. `raw_key` is the key's bytes in hex, of a device only.
    `source` is the contract's. Each is sealed in the audit chain as `services.audit` says."""

    __tablename__ = "rating"
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


class RatingComment(Base):
    """What somebody adds to their rating later (补充评价); the rating stays as it is. At most one."""

    __tablename__ = "rating_comment"
    id: Mapped[int] = mapped_column(primary_key=True)
    rating_id: Mapped[int] = mapped_column(ForeignKey("rating.id"), unique=True)
    text: Mapped[str]
    at: Mapped[datetime]


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


class AuditEntry(Base):
    """The audit chain of a hall, only ever added to; see `domain.chain`. `body` is the text that was sealed."""

    __tablename__ = "audit_entry"
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
