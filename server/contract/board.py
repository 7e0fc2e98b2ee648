"""The hall at one moment: the snapshot that walls, consoles and kiosks start from and come back to."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from server.contract.tickets import Wait
from server.contract.windows import WindowState


@dataclass(frozen=True)
class Call:
    """One call or recall. `seq` orders calls and names this one: nobody shows or says the same seq twice."""

    seq: int
    number: str
    window: str
    window_name: str
    zone: str
    floor: int
    queue: str
    at: datetime
    recall: bool = False


@dataclass(frozen=True)
class WindowStatus:
    """What hangs over a window. `number` is the ticket called or served there, empty when none."""

    no: str
    name: str
    zone: str
    floor: int
    state: WindowState
    pause_reason: str
    number: str
    serving: bool
    staff_no: str = ""
    inviting: bool = False
    """A rating invitation is open: the evaluator should be lit."""
    invitation: int | None = None
    """Which one it is."""


@dataclass(frozen=True)
class QueueStatus:
    """`order` holds the next numbers in calling order (at most ten); `windows` counts those open for it.

    `open` says whether it issues tickets while the hall does; `note` is why not, when there is more to say than that
    it is closed ("今天的号已取完").
    """

    code: str
    name: str
    name_en: str
    open: bool
    waiting: int
    windows: int
    order: tuple[str, ...]
    note: str = ""
    note_en: str = ""
    wait: Wait | None = None
    """For somebody who would take a number now in the normal lane; None when nobody can say."""


@dataclass(frozen=True)
class ItemView:
    """A public service item with its ten public fields (W3)."""

    code: str
    name: str
    queue: str
    legal_basis: str
    handling_body: str
    process: tuple[str, ...]
    materials: tuple[str, ...]
    promise: str
    fee: str
    location: str
    supervisor: str
    complaint_tel: str
    minutes: int
    pinyin: str = ""
    """How the name is read, for looking it up by letters: one syllable per character, with all its readings:
    "yin hang/heng/xing"."""


@dataclass(frozen=True)
class Leader:
    """值班领导: who answers for the hall today. `position` and `tel` may be empty."""

    name: str
    position: str
    tel: str


@dataclass(frozen=True)
class StaffCard:
    """服务监督牌 of who sits at a window now. `name` is what the hall wants shown, perhaps a surname alone, or "".
    `photo` names a photograph at `/api/v1/staff-photos/`, "" for none."""

    window: str
    name: str
    staff_no: str
    position: str
    badges: tuple[str, ...]
    photo: str = ""


@dataclass(frozen=True)
class RatingFigures:
    """公示的评价数据 of whole service days, both included. Shares are in thousandths; those of the content and of
    who rated are never rounded up, and 未评率 is the rest.

    好评率, `good_permille`, is of those who rated. It never stands without 主动评价率, `rated_permille`, of the
    services that were asked to be rated, and 未评率, the rest: who did not rate is not counted as content.
    差评办结率, `closed_permille`, is of the rectifications of 差评 of the eight weeks before, which have had
    their time; None of too few.
    """

    from_day: date
    to_day: date
    asked: int
    rated: int
    good_permille: int
    rated_permille: int
    unrated_permille: int
    closed_permille: int | None = None


class SlideKind(StrEnum):
    """What a slide of the walls draws."""

    NOTICES = "notices"
    ITEMS = "items"
    LEADER = "leader"
    STAFF = "staff"
    RATINGS = "ratings"


@dataclass(frozen=True)
class Slide:
    """One turn on the walls: all pages of its kind, each for `seconds`; but of the items one each time it comes
    round. On walls of `zone` alone, or on all."""

    kind: SlideKind
    seconds: int
    zone: str = ""


@dataclass(frozen=True)
class Board:
    """Everything public about a hall as of `seq`. `calls` are the latest of this service day that still stand
    (see `WITHDRAWS_CALLS`), newest last.

    `at` carries the offset of the hall's own zone: walls take their clock from it. `open`: tickets are issued now;
    `closed_reason` says why not and when again, in English too unless it is an admin's own words.
    """

    hall: str
    hall_name: str
    seq: int
    at: datetime
    open: bool
    closed_reason: str
    calls: tuple[Call, ...]
    windows: tuple[WindowStatus, ...]
    queues: tuple[QueueStatus, ...]
    items: tuple[ItemView, ...]
    notices: tuple[str, ...] = ()
    """Those that are valid on this service day."""
    closed_reason_en: str = ""
    hours: str = ""
    hours_en: str = ""
    """The week in words; empty when tickets are issued at any time."""
    appointments: bool = False
    """Whether this hall takes appointments, so that a kiosk asks for their codes."""
    leader: Leader | None = None
    """值班领导 of this service day; None when nobody is entered."""
    staff: tuple[StaffCard, ...] = ()
    """By window."""
    playlist: tuple[Slide, ...] = ()
    """The walls' slides in order, then again; empty: notices, then items."""
    ticker: str = ""
    """One line that rolls at the foot; empty: none."""
    ratings: RatingFigures | None = None
    """None while too few have rated for a figure."""
