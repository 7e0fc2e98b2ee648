"""Who is asking, as the services see it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """A signed-in person or a device. `role` is the account's role or the device's kind.

    `window_id` is the window that a device's token is bound to, or the window a clerk is signed in at. `via` names
    the device through which a person acts without being at the console.
    """

    hall_id: int
    name: str
    role: str
    account_id: int | None = None
    device_id: int | None = None
    window_id: int | None = None
    via: str = ""

    @property
    def signature(self) -> str:
        """As the record of what happened says it: who, and by which way."""
        return f"{self.role}:{self.name}" + (f" via {self.via}" if self.via else "")


def system(hall_id: int) -> Actor:
    """The server itself: timers and the day's end."""
    return Actor(hall_id, "system", "system")
