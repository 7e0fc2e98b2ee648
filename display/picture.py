"""What this display knows of its hall, and when it must ask again. Pure: `now` (steady seconds) is passed in.

Three rules make sure that no call is lost and none is shown twice: news is applied only in unbroken order, a
fetched board is brought up to date with the news that overtook it, and a seq that went back is believed only
after asking.
"""

from collections import deque
from datetime import datetime, timedelta

from display.board import ContractError, Wall, apply, catch_up, unsettled, untold, wall
from server.contract.board import Board
from server.contract.following import Follower, Verdict
from server.contract.news import Heartbeat, News

SETTLE_S = 0.25
"""Pause between news and the fetch that settles its guesses, so that a burst costs one fetch."""
SETTLE_EVERY_S = 1.0
RETRY_S = 1.0
FRESH_S = 30.0
"""Waits change though nothing happens: a board older than this is fetched anew."""
SPACING_S = 0.1
"""Least time between two fetches: a server that answers with an old board is not to be hammered."""
TAIL = 512
BEHIND_S = 2.0
"""What news and heartbeats may be late on their way. Those that say an earlier time piled up while we slept."""


class Picture:
    """Feed it what came; ask it what to show and whether to fetch."""

    def __init__(self, now: float) -> None:
        self.board: Board | None = None
        self._follower = Follower(now)
        self._tail: deque[News] = deque(maxlen=TAIL)
        self._fetch = _Fetching(now)
        self._clock: tuple[datetime, float] | None = None
        self._refused = False

    def connected(self, now: float) -> None:
        """The socket is up, perhaps again: whatever was said meanwhile is in the board."""
        self._fetch.due(now)

    def news(self, news: News, now: float) -> None:
        self._hint_time(news.at, now)
        self._tail.append(news)
        verdict = self._follower.news(news, now)
        if verdict is Verdict.REFETCH:
            self._fetch.due(now)
        elif verdict is Verdict.APPLY:
            self._apply(news, now)

    def _apply(self, news: News, now: float) -> None:
        assert self.board is not None  # noqa: S101 - the follower applies nothing before a snapshot
        try:
            self.board = apply(self.board, news)
        except ContractError:
            self._fetch.due(now)
            return
        if untold(news):
            self._fetch.due(now)
        elif unsettled(news):
            self._fetch.due(max(now + SETTLE_S, self._fetch.began_at + SETTLE_EVERY_S))

    def heartbeat(self, beat: Heartbeat, now: float) -> None:
        self._hint_time(beat.at, now)
        if self.board and beat.seq < self.board.seq:
            # A restored server, or a beat that news overtook: only a board asked for after this can tell.
            self._tail.clear()
            self._fetch.distrust()
        if self._follower.heartbeat(beat, now) is Verdict.REFETCH:
            self._fetch.due(now)

    def wants_fetch(self, now: float) -> bool:
        """True when a fetch should begin; then call `fetch_began`, and `fetched` or `fetch_failed` once."""
        return self._fetch.wanted(now)

    def fetch_began(self, now: float) -> None:
        self._fetch.began(now)

    def doubted(self, now: float) -> None:
        """Something makes it doubtful that the server still talks to us: ask."""
        self._fetch.due(now)

    def fetch_failed(self, now: float, refused: bool = False) -> None:
        """`refused`: the server does not take our token, so the picture is stale until a board comes again."""
        self._refused = self._refused or refused
        self._fetch.failed(now)

    def fetched(self, board: Board, now: float) -> None:
        """A board came. Brought up to date by the tail, it is shown unless it is older than what is shown."""
        if not self._fetch.ended(now):
            return
        self._refused = False
        self._tell_time(board.at, now)
        try:
            board = catch_up(board, self._tail)
        except ContractError:
            self._tail.clear()  # unreadable news: the next board holds what it said
            self._fetch.due(now)
        if self._follower.snapshot(board, now) is not Verdict.APPLY:
            self._fetch.due(now)
            return
        self.board = board
        self._fetch.due(now + FRESH_S)
        self._forget(now)

    def _forget(self, now: float) -> None:
        assert self.board is not None  # noqa: S101 - set just before
        later = [news for news in self._tail if news.seq > self.board.seq]
        self._tail = deque(later, maxlen=TAIL)
        if later:
            self._fetch.due(now)

    def stale(self, now: float) -> bool:
        return self.board is None or self._refused or self._follower.stale(now)

    def wall(self, now: float) -> Wall:
        confirmed_at = self.hall_time(self._follower.confirmed_at) if self.stale(now) else None
        return wall(self.board, self.stale(now), confirmed_at)

    def hall_time(self, now: float) -> datetime | None:
        """The hall's own time, told by the server and carried on by our steady clock; None before any word.

        The zone is the board's: news may be stamped in another one.
        """
        clock = self._carried_on(now)
        return clock.astimezone(self.board.at.tzinfo) if clock and self.board else None

    def _hint_time(self, at: datetime, now: float) -> None:
        """A time that may be of long ago. A clock that was really set back the next board tells."""
        clock = self._carried_on(now)
        if clock is None or (clock - at).total_seconds() <= BEHIND_S:
            self._tell_time(at, now)

    def _carried_on(self, now: float) -> datetime | None:
        if self._clock is None:
            return None
        said, heard_at = self._clock
        return said + timedelta(seconds=now - heard_at)

    def _tell_time(self, at: datetime, now: float) -> None:
        self._clock = (at, now)


class _Fetching:
    """One fetch at a time: when the next is due, and whether the running one may be believed."""

    def __init__(self, now: float) -> None:
        self.began_at = now - SETTLE_EVERY_S
        self._due_at: float | None = now
        self._running = False
        self._believed = True

    def due(self, at: float) -> None:
        self._due_at = at if self._due_at is None else min(at, self._due_at)

    def wanted(self, now: float) -> bool:
        if self._running or self._due_at is None:
            return False
        return now >= max(self._due_at, self.began_at + SPACING_S)

    def began(self, now: float) -> None:
        self.began_at, self._due_at, self._running, self._believed = now, None, True, True

    def distrust(self) -> None:
        self._believed = False

    def ended(self, now: float) -> bool:
        """True when the answer may be used."""
        self._running = False
        if not self._believed:
            self.due(now)
        return self._believed

    def failed(self, now: float) -> None:
        self._running, self._due_at = False, now + RETRY_S
