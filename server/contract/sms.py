"""Short messages (短信): a telephone number for a ticket, and what a gateway with a modem takes and brings."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True)
class SmsContact:
    """The mobile number to which one request to rate may go; empty takes it back."""

    request_id: str
    phone: str


@dataclass(frozen=True)
class SmsContactView:
    """`phone` as 138****5678, empty without one and for every ticket whose service is over: when a number goes would
    tell whether somebody has rated."""

    phone: str


@dataclass(frozen=True)
class SmsSettings:
    """Whether unrated services are asked about by short message, how many minutes after the invitation's end, and for
    how many hours a reply counts. `sms_text`: the hall's own words (`domain.sms_text`), empty for the usual ones;
    left out, they stay as they are."""

    request_id: str
    sms_on: bool
    sms_delay_minutes: int
    sms_reply_hours: int
    sms_text: str | None = None


@dataclass(frozen=True)
class TakeSms:
    request_id: str


@dataclass(frozen=True)
class SmsToSend:
    """Leased to the gateway that asked, and offered again to it alone until it reports. A gateway that has begun with
    this `id` before must not send it again."""

    id: str
    number: str
    text: str
    valid_minutes: int


@dataclass(frozen=True)
class SmsTaken:
    """At most one."""

    messages: tuple[SmsToSend, ...]


class SmsResult(StrEnum):
    """As `devices.base.SmsOutcome.result`."""

    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class SmsReport:
    """What became of a message. `taken`: of how many parts the network has taken; nothing of it may name a phone."""

    request_id: str
    result: SmsResult
    taken: int = 0
    detail: str = ""
    detail_en: str = ""


@dataclass(frozen=True)
class SmsReceived:
    """A text from a phone, as `devices.base.ReceivedSms`; it may come again and is taken once. `age_s`: whole seconds
    since the modem gave it, an age and no moment, for machines' clocks differ; None when the gateway's clock was
    changed since, and it cannot say."""

    request_id: str
    sender: str
    text: str
    sent_at: datetime | None
    reference: int | None
    complete: bool
    age_s: int | None


@dataclass(frozen=True)
class SmsKept:
    """It is kept durably, for the first time or already."""
