"""Who is asking, as the services see it."""

from dataclasses import dataclass

from server.domain.permissions import Grant, of_role, under


@dataclass(frozen=True)
class Actor:
    """A signed-in person or a device. `role` is the account's role or the device's kind.

    `window_id` is the window that a device's token is bound to, or the window a clerk is signed in at. `via` names
    the device through which a person acts without being at the console. `grant` is the one by which they may do what
    they do now, where the role alone would not allow it.
    """

    hall_id: int
    name: str
    role: str
    account_id: int | None = None
    device_id: int | None = None
    window_id: int | None = None
    via: str = ""
    grant: Grant | None = None

    @property
    def may(self) -> frozenset[str]:
        """The permissions of the role, with that of the grant."""
        return of_role(self.role) | ({self.grant.permission} if self.grant else frozenset())

    def reason(self, why: str) -> str:
        """`why` as the record keeps it: with the grant, where something is done under one."""
        return under(why, self.grant.id, self.grant.permission) if self.grant else why

    @property
    def by(self) -> dict[str, str | int]:
        """As an entry of the audit chain says it."""
        return {"by": self.signature, **({"grant": self.grant.id} if self.grant else {})}

    @property
    def signature(self) -> str:
        """As the record of what happened says it: who, and by which way."""
        return f"{self.role}:{self.name}" + (f" via {self.via}" if self.via else "")


def system(hall_id: int) -> Actor:
    """The server itself: timers and the day's end."""
    return Actor(hall_id, "system", "system")
