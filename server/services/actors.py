"""Who is asking, as the services see it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """A signed-in person or a device. `role` is the account's role or the device's kind.

    `window_id` is the window an evaluator's token is bound to, or the window a clerk is signed in at.
    """

    hall_id: int
    name: str
    role: str
    account_id: int | None = None
    device_id: int | None = None
    window_id: int | None = None


def system(hall_id: int) -> Actor:
    """The server itself: timers and the day's end."""
    return Actor(hall_id, "system", "system")
