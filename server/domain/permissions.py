"""Who may do what: the permissions, which of them each role holds, and which nobody may be given beside a role.

A person holds what the role says, and what was granted from day to day (授权). A device holds its kind and nothing
else. The API's rows name permissions (`server/web/api.py`), the pages ask for the same words.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

Words = tuple[str, str]
"""In Chinese and in English."""

SERVE, DESK, SUPERVISE, ADMINISTER = "serve", "desk", "supervise", "administer"

OF_DEVICES = ("kiosk", "display", "evaluator", "call_pad", "tablet", "sms_gateway")
"""Held by the token of a device of that kind."""

PERMISSIONS: dict[str, Words] = {
    SERVE: ("窗口叫号", "serving at a window"),
    DESK: ("导办台与预约", "guide desk and appointments"),
    SUPERVISE: ("评价统计、录入与整改", "rating figures, rating entry and rectifications"),
    ADMINISTER: ("系统管理", "administration"),
}
"""What people may hold, as the pages call it."""

ROLES: dict[str, frozenset[str]] = {
    "admin": frozenset({SERVE, DESK, SUPERVISE, ADMINISTER}),
    "supervisor": frozenset({SERVE, DESK, SUPERVISE}),
    "clerk": frozenset({SERVE}),
    "guide": frozenset({SERVE, DESK}),
}


@dataclass(frozen=True)
class Barred:
    """`permissions` are never given to who has one of `roles`, for this reason."""

    permissions: frozenset[str]
    roles: frozenset[str]
    zh: str
    en: str


SERVING = frozenset({"clerk", "guide"})
"""Roles whose work is at the windows and the desk."""

BARRED = (
    Barred(
        frozenset(OF_DEVICES),
        frozenset(ROLES),
        "这是设备令牌的权限：评价只能由群众在设备上给出，任何人都不能代按",
        "belongs to device tokens: citizens rate on devices, and nobody may press for them",
    ),
    Barred(
        frozenset({SUPERVISE}),
        SERVING,
        "在窗口服务的人不能查看、录入或处理评价，以免得知谁作了什么评价",
        "is never for who serves at windows: they may neither learn nor enter who rated what",
    ),
    Barred(
        frozenset({ADMINISTER}),
        SERVING,
        "在窗口服务的人不能发放设备令牌，以免自行评价",
        "is never for who serves at windows: the tokens of evaluators are made there",
    ),
)
"""The rules of ratings, as pairs that no hall may make. A supervisor who helps out at a window is held by the service
itself: of what one served nobody enters a rating or has the case."""


@dataclass(frozen=True)
class Grant:
    """A permission given to a person from the first to the last service day, both included; `to_day` None: until it
    is revoked."""

    id: int
    permission: str
    from_day: date
    to_day: date | None
    revoked: bool = False

    def holds(self, today: date) -> bool:
        return not self.revoked and self.from_day <= today and (self.to_day is None or today <= self.to_day)


def barred(permission: str, role: str) -> Barred | None:
    """Why a person of this role may never be given the permission, if so."""
    return next((bar for bar in BARRED if permission in bar.permissions and role in bar.roles), None)


def may_give(giver_role: str, permission: str) -> bool:
    """What the giver's own role holds, and nothing that was itself given; who serves gives nothing away."""
    return giver_role not in SERVING and permission in ROLES.get(giver_role, frozenset())


def of_role(role: str) -> frozenset[str]:
    """What an account's role or a device's kind holds by itself; nothing for a word that is neither."""
    return ROLES.get(role, frozenset({role} & {*OF_DEVICES}))


def in_force(role: str, grants: Iterable[Grant], today: date) -> list[Grant]:
    """The grants that add something today. One that the role has since come to bar adds nothing."""
    own = of_role(role)
    return [g for g in grants if g.holds(today) and g.permission not in own and not barred(g.permission, role)]


_UNDER = re.compile(r"\n?\[grant (\d+) (\w+)\]\Z")


def under(why: str, grant_id: int, permission: str) -> str:
    """The `why` of what is done under a grant: the reason as given, and which grant."""
    return f"{why}\n[grant {grant_id} {permission}]".lstrip("\n")


def apart(why: str) -> tuple[str, Words | None]:
    """A `why` without the grant, and the grant in words where there is one."""
    found = _UNDER.search(why)
    if found is None:
        return why, None
    zh, en = PERMISSIONS.get(found[2], (found[2], found[2]))
    return why[: found.start()], (f"授权 {found[1]}：{zh}", f"grant {found[1]}: {en}")
