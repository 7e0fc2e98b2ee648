"""What the pages send and are told of people: roles, grants, sessions, second factors."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class GiveGrant:
    """授权: `username` holds `permission` as well, from the first to the last day, both included. None: until it is
    revoked, which only an admin may give. `permission`: serve, desk, supervise or administer."""

    request_id: str
    username: str
    permission: str
    from_day: date
    to_day: date | None
    reason: str


@dataclass(frozen=True)
class RevokeGrant:
    request_id: str
    reason: str


@dataclass(frozen=True)
class GrantView:
    """`state`: future, on, over, revoked, or barred where the holder's role has come to forbid it or is off.
    `given_by`: a name, empty where a command of the server's machine did it."""

    id: int
    username: str
    name: str
    permission: str
    from_day: date
    to_day: date | None
    reason: str
    state: str
    given_by: str
    given_at: datetime
    revoked_by: str
    revoked_why: str
    may_revoke: bool


@dataclass(frozen=True)
class Colleague:
    """`may_get`: the permissions that who asks may grant them."""

    username: str
    name: str
    role: str
    may_get: tuple[str, ...]


@dataclass(frozen=True)
class Grants:
    """An admin sees all; everybody else those that they gave. Newest first, at most 200."""

    today: date
    open_end: bool
    grants: tuple[GrantView, ...]
    colleagues: tuple[Colleague, ...]


@dataclass(frozen=True)
class NewPerson:
    """An account that begins with a start password."""

    request_id: str
    username: str
    role: str
    name: str = ""
    staff_no: str = ""


@dataclass(frozen=True)
class ChangeRole:
    """`role`: admin, supervisor, clerk or guide."""

    request_id: str
    role: str


@dataclass(frozen=True)
class ResetPassword:
    request_id: str


@dataclass(frozen=True)
class StartPassword:
    """Shown once. It opens nothing but its own change."""

    username: str
    password: str


@dataclass(frozen=True)
class SecondFactorRule:
    """`totp_admins`: admins must have a second factor to do anything."""

    request_id: str
    totp_admins: bool


@dataclass(frozen=True)
class Session:
    """A signed-in browser. `here`: the one that asks. `address`: of the machine, or of the proxy before it."""

    id: str
    created_at: datetime
    seen_at: datetime
    address: str
    here: bool


@dataclass(frozen=True)
class Person:
    username: str
    name: str
    staff_no: str
    role: str
    active: bool
    locked: bool
    must_change: bool
    totp: bool
    sessions: tuple[Session, ...]


@dataclass(frozen=True)
class People:
    totp_admins: bool
    people: tuple[Person, ...]


@dataclass(frozen=True)
class RotatedToken:
    """Shown once. The token of before is good until this one is first used, and not beyond `old_until`."""

    name: str
    token: str
    old_until: datetime
