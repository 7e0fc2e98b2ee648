"""Follow a hall's news: what to apply, what to drop, when to fetch the board again. Pure: no clock inside.

Shared by kiosk and display. `now` is any clock in seconds that never goes back (`time.monotonic()`). A
caller runs one fetch at a time and, when told REFETCH during a fetch, fetches once more after it.
"""

from enum import StrEnum

from server.contract.board import Board
from server.contract.news import STALE_AFTER_S, Heartbeat, News


class Verdict(StrEnum):
    """DROP: known already. APPLY: the next thing in order. REFETCH: something is missing, fetch the board."""

    DROP = "drop"
    APPLY = "apply"
    REFETCH = "refetch"


class Follower:
    """Knows up to which `seq` the caller's picture reaches, and since when that was last confirmed."""

    def __init__(self, now: float) -> None:
        self._known: int | None = None
        self._confirmed_at = now

    @property
    def confirmed_at(self) -> float:
        """When anything last said that the picture is complete, in the caller's seconds."""
        return self._confirmed_at

    def snapshot(self, board: Board, now: float) -> Verdict:
        """A fetched board came. APPLY: show it. DROP: news has overtaken it on the way, keep the picture."""
        if self._known is not None and board.seq < self._known:
            return Verdict.DROP
        return self._confirm(board.seq, now)

    def news(self, news: News, now: float) -> Verdict:
        """One news came. It may be applied only if everything before it is known."""
        if self._known is None or news.seq > self._known + 1:
            return Verdict.REFETCH
        if news.seq <= self._known:
            return Verdict.DROP
        return self._confirm(news.seq, now)

    def heartbeat(self, heartbeat: Heartbeat, now: float) -> Verdict:
        """The newest seq there is. DROP: nothing is missing. A seq that went back is a restored server."""
        if heartbeat.seq == self._known:
            self._confirmed_at = now
            return Verdict.DROP
        if self._known is not None and heartbeat.seq < self._known:
            self._known = None  # else the restored board would be dropped as old for ever
        return Verdict.REFETCH

    def stale(self, now: float) -> bool:
        """True when for 7 s nothing confirmed that the picture is complete: say so, keep the picture."""
        return now - self._confirmed_at > STALE_AFTER_S

    def _confirm(self, seq: int, now: float) -> Verdict:
        self._known = seq
        self._confirmed_at = now
        return Verdict.APPLY
