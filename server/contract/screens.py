"""What an admin's page sends of the walls. Each change is a whole form, not a patch."""

from dataclasses import dataclass
from datetime import date

from server.contract.board import Slide


@dataclass(frozen=True)
class NoticeSettings:
    """A notice and its service days, both included; None leaves that end open."""

    request_id: str
    text: str
    from_day: date | None = None
    to_day: date | None = None


@dataclass(frozen=True)
class DutySettings:
    """值班领导 of a day; without a name nobody is."""

    day: date
    name: str
    position: str = ""
    tel: str = ""


@dataclass(frozen=True)
class DutyRoster:
    """These days as they shall be. Other days stay as they are."""

    request_id: str
    days: tuple[DutySettings, ...]


@dataclass(frozen=True)
class StaffCardSettings:
    """What the public sees of somebody beside the staff no.; `name` as it shall be shown, "" for none."""

    request_id: str
    name: str = ""
    position: str = ""
    badges: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlaylistSettings:
    """The walls' slides in order; none: notices, then items."""

    request_id: str
    slides: tuple[Slide, ...]


@dataclass(frozen=True)
class TickerSettings:
    request_id: str
    ticker: str
