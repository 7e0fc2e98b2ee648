"""Snapshot + news → board, and board → what the wall and the bars show. Pure; times are passed in.

News says too little to know everything (who is next depends on lanes), so `apply` shows at once what is
certain, calls above all, and `unsettled` says when the board must be fetched again for the rest.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from display.announce import clips, spoken, written
from server.contract.board import (
    Board,
    Call,
    ItemView,
    Leader,
    QueueStatus,
    RatingFigures,
    Slide,
    StaffCard,
    WindowStatus,
)
from server.contract.codec import ContractError, from_json
from server.contract.news import WITHDRAWS_CALLS, News, NewsKind

KEPT_CALLS = 30
"""Calls a wall state holds. More than the page lists, so that a burst is still announced one by one."""
ORDER_SHOWN = 10


def apply(board: Board, news: News) -> Board:
    """The board after `news`, the next in order. Raises ContractError when it cannot be read."""
    change = _CHANGES.get(news.kind, _nothing)
    return replace(change(board, news), seq=news.seq, at=news.at)


def unsettled(news: News) -> bool:
    """True when `apply` could only guess a part, and a fetched board must follow soon."""
    return news.kind in _CHANGES or news.kind in _UNTOLD


def untold(news: News) -> bool:
    """True when the news says only that something changed, not what: fetch at once."""
    return news.kind in _UNTOLD


def catch_up(board: Board, later: Iterable[News]) -> Board:
    """A fetched board plus the news which overtook it on the way; stops at the first hole."""
    for news in sorted(later, key=lambda one: one.seq):
        if news.seq == board.seq + 1:
            board = apply(board, news)
    return board


def _text(news: News, key: str) -> str:
    value = news.data.get(key)
    return value if isinstance(value, str) else ""


def _nothing(board: Board, news: News) -> Board:
    return board


def _issued(board: Board, news: News) -> Board:
    return _with_queue(board, _text(news, "queue"), lambda queue: _joined(queue, _text(news, "number")))


def _joined(queue: QueueStatus, number: str) -> QueueStatus:
    """Last in line, as far as one can tell: shown in the order only when the order showed everyone."""
    everyone = len(queue.order) == queue.waiting < ORDER_SHOWN
    return replace(queue, waiting=queue.waiting + 1, order=(*queue.order, number) if everyone else queue.order)


def _called(board: Board, news: News) -> Board:
    call = from_json(Call, news.data.get("call"), "data.call", strict=False)
    if any(call.seq == known.seq for known in board.calls):
        return board
    board = replace(board, calls=(*board.calls, call)[-KEPT_CALLS:])
    board = _with_window(board, call.window, number=call.number, serving=False)
    return _with_queue(board, call.queue, lambda queue: _left(queue, call.number))


def _left(queue: QueueStatus, number: str) -> QueueStatus:
    if number not in queue.order:
        return queue
    order = tuple(other for other in queue.order if other != number)
    return replace(queue, waiting=max(0, queue.waiting - 1), order=order)


def _serving(board: Board, news: News) -> Board:
    return _with_window(board, _text(news, "window"), number=_text(news, "number"), serving=True)


def _gone(board: Board, news: News) -> Board:
    """The ticket left its window, or its queue, or both."""
    number = _text(news, "number")
    for window in board.windows:
        if number and window.number == number:
            board = _with_window(board, window.no, number="", serving=False)
    return _with_queue(board, _text(news, "queue"), lambda queue: _left(queue, number))


def _withdrawn(board: Board, news: News) -> Board:
    """Gone, and nobody is to go where it was called to."""
    number = _text(news, "number")
    return _gone(replace(board, calls=tuple(call for call in board.calls if call.number != number)), news)


def _with_window(board: Board, no: str, *, number: str, serving: bool) -> Board:
    windows = tuple(
        replace(window, number=number, serving=serving) if window.no == no else window for window in board.windows
    )
    return replace(board, windows=windows)


def _with_queue(board: Board, code: str, change: Callable[[QueueStatus], QueueStatus]) -> Board:
    return replace(board, queues=tuple(change(q) if q.code == code else q for q in board.queues))


_CHANGES: dict[NewsKind, Callable[[Board, News], Board]] = {
    NewsKind.TICKET_ISSUED: _issued,
    NewsKind.TICKET_CALLED: _called,
    NewsKind.TICKET_RECALLED: _called,
    NewsKind.TICKET_SERVING: _serving,
    NewsKind.TICKET_FINISHED: _gone,
    NewsKind.TICKET_NO_SHOW: _gone,
    NewsKind.TICKET_EXPIRED: _gone,
    **dict.fromkeys(WITHDRAWS_CALLS, _withdrawn),
}
_UNTOLD = {NewsKind.WINDOW_CHANGED, NewsKind.HALL_CHANGED}


@dataclass(frozen=True)
class WallCall:
    """A call with its words. `seq` names it: a page shows and says each seq once, in order. `clips`: what is spoken,
    in pieces. `answered`: who was called is being served there, so that nobody need be told any more."""

    seq: int
    number: str
    window: str
    window_name: str
    zone: str
    floor: int
    at: datetime
    recall: bool
    written: str
    spoken: str
    clips: tuple[str, ...]
    answered: bool = False


@dataclass(frozen=True)
class Wall:
    """All that a page needs to draw, except what to read meanwhile (`Reading`) and the clock.

    A `seq` lower than a call that was shown before is a server restored from a backup: calls start anew.
    A call with the seq `calls_from` or a later one that is not in `calls` no longer stands.
    `confirmed_at` is the hall's time when the picture was last known to be complete; None while it is.
    `resting` is True when the hall is closed and nobody is left in it.
    """

    hall: str
    hall_name: str
    seq: int
    open: bool
    resting: bool
    closed_reason: str
    closed_reason_en: str
    stale: bool
    confirmed_at: datetime | None
    calls: tuple[WallCall, ...] = ()
    calls_from: int = 0
    queues: tuple[QueueStatus, ...] = ()


@dataclass(frozen=True)
class Staffed:
    """A staff card and the zone of its window, which walls of another zone leave out. `photo` is the last part of the
    address of a photograph that this machine has, "" for none."""

    window: str
    zone: str
    name: str
    staff_no: str
    position: str
    badges: tuple[str, ...]
    photo: str = ""


@dataclass(frozen=True)
class Reading:
    """What is told on slides and on the ticker. Sent apart from `Wall`: it is large and hardly ever changes."""

    items: tuple[ItemView, ...] = ()
    notices: tuple[str, ...] = ()
    leader: Leader | None = None
    staff: tuple[Staffed, ...] = ()
    playlist: tuple[Slide, ...] = ()
    ticker: str = ""
    ratings: RatingFigures | None = None


def wall(board: Board | None, stale: bool, confirmed_at: datetime | None = None) -> Wall:
    """What the pages show of `board`; with None, that the hall was never reached."""
    if board is None:
        return Wall("", "", 0, False, False, "", "", True, None)
    calls = sorted(board.calls, key=lambda call: call.seq)[-KEPT_CALLS:]
    served = {(window.no, window.number) for window in board.windows if window.serving}
    return Wall(
        hall=board.hall,
        hall_name=board.hall_name,
        seq=board.seq,
        open=board.open,
        resting=_resting(board),
        closed_reason=board.closed_reason,
        closed_reason_en=board.closed_reason_en,
        stale=stale,
        confirmed_at=confirmed_at,
        calls=tuple(_wall_call(call, (call.window, call.number) in served) for call in calls),
        calls_from=calls[0].seq if len(calls) == KEPT_CALLS else 0,
        queues=board.queues,
    )


def reading(board: Board | None, photos: frozenset[str] = frozenset()) -> Reading:
    """What the pages tell meanwhile; nothing when the hall was never reached. `photos` are those at hand: a card
    whose photograph is still to come is shown without."""
    if board is None:
        return Reading()
    zones = {window.no: window.zone for window in board.windows}
    staff = tuple(_staffed(card, zones.get(card.window, ""), photos) for card in board.staff)
    return Reading(board.items, board.notices, board.leader, staff, board.playlist, board.ticker, board.ratings)


def _staffed(card: StaffCard, zone: str, photos: frozenset[str]) -> Staffed:
    photo = card.photo if card.photo in photos else ""
    return Staffed(card.window, zone, card.name, card.staff_no, card.position, card.badges, photo)


def _resting(board: Board) -> bool:
    """After the cut-off people still wait and are called: the wall is closed only after them."""
    return not (board.open or any(q.waiting for q in board.queues) or any(w.number for w in board.windows))


def _wall_call(call: Call, answered: bool) -> WallCall:
    return WallCall(
        seq=call.seq,
        number=call.number,
        window=call.window,
        window_name=call.window_name,
        zone=call.zone,
        floor=call.floor,
        at=call.at,
        recall=call.recall,
        written=written(call),
        spoken=spoken(call),
        clips=clips(call),
        answered=answered,
    )


def window_of(board: Board, no: str) -> WindowStatus | None:
    """The window called `no`, or None when the hall has none such (yet)."""
    return next((window for window in board.windows if window.no == no), None)


__all__ = [
    "ContractError",
    "Reading",
    "Staffed",
    "Wall",
    "WallCall",
    "apply",
    "catch_up",
    "reading",
    "unsettled",
    "untold",
    "wall",
    "window_of",
]
