"""Messages made whole from their parts, in whatever order these come. No clock, no I/O.

The modem's store keeps each part until its message has been handed on, so every part comes with its place there.
"""

from dataclasses import dataclass, field

from devices.base import ReceivedSms
from devices.sms.pdu import Concat, Part

PATIENCE_S = 600.0
"""Parts are sent within seconds, and a network that could not reach us tries all of them again at about one time."""

MOST_OPEN = 100
"""Messages held at a time: a store has tens of places, yet nobody promises that."""


@dataclass(frozen=True)
class Whole:
    """A message, and the places to clear once it was handed on: in this order, so that after a crash in between what
    is left still has the first part's `sent_at` and `reference`, and is known again."""

    message: ReceivedSms
    slots: tuple[int, ...]


@dataclass
class _Open:
    """What came of one message. Kept when complete as well: networks repeat parts that were confirmed too late."""

    since: float
    total: int
    parts: dict[int, Part] = field(default_factory=dict)
    slots: list[tuple[int, int]] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return len(self.parts) == self.total

    def whole(self) -> Whole:
        """And nothing is left to clear."""
        parts = [part for _, part in sorted(self.parts.items())]
        slots, self.slots = self.slots, []
        return Whole(_message(parts, self.complete), tuple(slot for _, slot in sorted(slots, reverse=True)))


class Parts:
    """Times are seconds of one monotonic clock."""

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._open: dict[tuple[str, Concat], _Open] = {}

    def add(self, part: Part, slot: int, at: float) -> list[Whole]:
        """What is whole with this part, and what is given up for it. A repeated part of a message that was whole
        gives that message again: it is for whoever takes it to know it again."""
        concat = part.concat
        if concat is None or concat.total == 1:
            return [Whole(_message([part], True), (slot,))]
        key = (part.sender, Concat(concat.reference, concat.total, 1, concat.wide))
        given_up = self._make_room(key, part)
        one = self._open.setdefault(key, _Open(at, concat.total))
        one.parts[concat.number] = part
        one.slots.append((concat.number, slot))
        return [*given_up, *([one.whole()] if one.complete else [])]

    def expired(self, at: float) -> list[Whole]:
        """What has waited for its missing parts for too long: what came of it, as not complete."""
        old = [key for key, one in self._open.items() if at - one.since >= self._patience_s]
        return [whole for key in old for whole in self._give_up(key)]

    def _make_room(self, key: tuple[str, Concat], part: Part) -> list[Whole]:
        """Another text in the same place is another message, whose sender counts to 255 and begins anew."""
        one, concat = self._open.get(key), part.concat
        if one is None:
            return self._give_up(next(iter(self._open))) if len(self._open) >= MOST_OPEN else []
        before = one.parts.get(concat.number) if concat else None
        return self._give_up(key) if before and before.text != part.text else []

    def _give_up(self, key: tuple[str, Concat]) -> list[Whole]:
        one = self._open.pop(key)
        return [one.whole()] if one.slots else []


def _message(parts: list[Part], complete: bool) -> ReceivedSms:
    """Half a surrogate pair without its other half becomes a question mark in a diamond; NUL, which databases refuse
    and nobody types, is dropped."""
    units = "".join(part.text for part in parts).encode("utf-16-le", "surrogatepass")
    first = parts[0]
    return ReceivedSms(
        sender=first.sender,
        text=units.decode("utf-16-le", "replace").replace("\0", ""),
        sent_at=first.sent_at,
        reference=first.concat.reference if first.concat else None,
        complete=complete,
    )
