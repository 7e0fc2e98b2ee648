"""Which page speaks for a zone. Pure; times (seconds of a steady clock) are passed in.

A page asks about every second whether it may speak. A grant holds for `LEASE_S` after the agent gave it; the page
counts from when it asked, which was before, and begins nothing that would not end in time. So two never speak at
once, even when the network or a machine fails between them, and after a silence of `LEASE_S` another takes over.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

LEASE_S = 16.0
"""Three clips of the greatest length (sound.py), after the chime, with a second to spare for asking."""
MAX_ZONES = 64


@dataclass(frozen=True)
class Ask:
    """`able`: this page may and can sound. `said`: the seq of the last call that it said or passed over. `knew`: whom
    it last took for the speaker, "" when nobody. `leaving`: it is being closed."""

    page: str
    zone: str
    able: bool = False
    said: int = 0
    knew: str = ""
    leaving: bool = False


@dataclass(frozen=True)
class Speaker:
    """Who speaks for `zone`, "" for nobody, and how far it came."""

    zone: str
    page: str
    said: int
    until: float


class Election:
    def __init__(self, zones: Collection[str] | None = None) -> None:
        """`zones`: for which of them anybody may speak; None for all."""
        self._zones = zones
        self._speakers: dict[str, Speaker] = {}

    def ask(self, ask: Ask, now: float) -> Speaker:
        """Who speaks in the asker's zone from now on: perhaps itself."""
        known = self._known(ask, now)
        if known.page == ask.page:
            stays = ask.able and not ask.leaving
            known = replace(known, page=ask.page if stays else "", said=ask.said, until=now + LEASE_S)
        elif not known.page and ask.able and not ask.leaving and self._may_speak(ask.zone):
            known = replace(known, page=ask.page, until=now + LEASE_S)
        self._speakers.pop(ask.zone, None)
        self._speakers[ask.zone] = known
        if len(self._speakers) > MAX_ZONES:
            del self._speakers[next(iter(self._speakers))]  # the one not asked about for longest
        return known

    def speakers(self, now: float) -> tuple[Speaker, ...]:
        """Of all zones that have one."""
        return tuple(one for one in self._speakers.values() if one.page and one.until > now)

    def _known(self, ask: Ask, now: float) -> Speaker:
        known = self._speakers.get(ask.zone)
        if known is None:
            # We were started anew, and another page may still be speaking: it keeps its turn.
            return Speaker(ask.zone, ask.knew if self._may_speak(ask.zone) else "", ask.said, now + LEASE_S)
        return known if known.until > now else replace(known, page="")

    def _may_speak(self, zone: str) -> bool:
        return self._zones is None or zone in self._zones
