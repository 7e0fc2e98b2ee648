"""How often one address may do a thing. Kept in memory only: an address is personal, and a restart may forgive."""

import threading
from collections import deque
from datetime import datetime, timedelta

MOST_ADDRESSES = 10_000


class Limit:
    """At most `times` within `span` for each address. Safe from several threads."""

    def __init__(self, times: int, span: timedelta) -> None:
        self._times, self._span = times, span
        self._lock = threading.Lock()
        self._seen: dict[str, deque[datetime]] = {}

    def allows(self, address: str, now: datetime) -> bool:
        """Counts this time when it is allowed."""
        with self._lock:
            self._forget(now)
            seen = self._lately(address, now)
            if len(seen) >= self._times:
                return False
            seen.append(now)
            return True

    def take_back(self, address: str, now: datetime) -> None:
        """The time counted last turned out to be none of those that are limited."""
        with self._lock:
            if address in self._seen and (seen := self._lately(address, now)):
                seen.pop()

    def spent(self, address: str, now: datetime) -> bool:
        """Whether `allows` would refuse; counts nothing."""
        with self._lock:
            return address in self._seen and len(self._lately(address, now)) >= self._times

    def _lately(self, address: str, now: datetime) -> deque[datetime]:
        seen = self._seen.setdefault(address, deque())
        while seen and seen[0] <= now - self._span:
            seen.popleft()
        return seen

    def _forget(self, now: datetime) -> None:
        """Let go of addresses that have been silent, once there are many."""
        if len(self._seen) >= MOST_ADDRESSES:
            self._seen = {who: seen for who, seen in self._seen.items() if seen and seen[-1] > now - self._span}
