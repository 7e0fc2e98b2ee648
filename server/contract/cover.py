"""What pages send of posts (AB岗), leave, covers, rosters and handovers."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class PostKind(StrEnum):
    """UNRESOLVED: the 办不成事 desk, which may have a window of its own. LEADER: 值班领导, who names covers."""

    WINDOW = "window"
    UNRESOLVED = "unresolved"
    GUIDE = "guide"
    LEADER = "leader"


class Part(StrEnum):
    DAY = "day"
    MORNING = "morning"
    AFTERNOON = "afternoon"


@dataclass(frozen=True)
class CoverSettings:
    """After how long an empty window is told, and how late somebody is who is called late, in minutes."""

    request_id: str
    empty_minutes: int
    late_minutes: int


@dataclass(frozen=True)
class PostSettings:
    """A post as it shall be. `weekdays` from 1 (Monday) to 7; people by user name, None for nobody. A post with a
    window is kept by signing in there, any other on the duty page."""

    request_id: str
    kind: PostKind
    name: str
    weekdays: tuple[int, ...]
    part: Part = Part.DAY
    window: str | None = None
    primary: str | None = None
    backup: str | None = None


@dataclass(frozen=True)
class NewLeave:
    """请假 of whole days, both included."""

    request_id: str
    username: str
    from_day: date
    to_day: date
    reason: str = ""


@dataclass(frozen=True)
class NameCover:
    """顶岗 at a post on these days, both included."""

    request_id: str
    username: str
    from_day: date
    to_day: date


@dataclass(frozen=True)
class RotaCell:
    """Who is at a post on a day, by user name; "" leaves it to the post's pair."""

    post: int
    day: date
    username: str = ""


@dataclass(frozen=True)
class Rota:
    """These cells as they shall be. Others stay as they are."""

    request_id: str
    cells: tuple[RotaCell, ...]


@dataclass(frozen=True)
class HandOver:
    """交接 of the window to this person (user name). `note` is for them: what is in hand and what is left to do."""

    request_id: str
    to: str
    note: str = ""
