"""Whatever the line does to the news, each call is shown once and in order."""

import dataclasses
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from display.board import KEPT_CALLS, apply, wall
from display.picture import Picture
from server.contract.board import Board, Call, QueueStatus, WindowStatus
from server.contract.codec import ContractError, to_json
from server.contract.news import STALE_AFTER_S, Heartbeat, News, NewsKind
from server.contract.windows import WindowState

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
EMPTY = Board(
    hall="h",
    hall_name="大厅",
    seq=0,
    at=AT,
    open=True,
    closed_reason="",
    calls=(),
    windows=(WindowStatus("01", "一号", "A区", 1, WindowState.OPEN, "", "", False),),
    queues=(QueueStatus("A", "综合", "General", True, 2, 1, ("A001", "A002")),),
    items=(),
)


def call_news(seq: int, number: str = "A001", kind: NewsKind = NewsKind.TICKET_CALLED) -> News:
    call = Call(seq, number, "01", "一号", "A区", 1, "A", AT, kind is NewsKind.TICKET_RECALLED)
    data = {"ticket_id": "t", "number": number, "queue": "A", "window": "01", "call": to_json(call)}
    return News("h", seq, kind, AT, data)


def news(kind: NewsKind, seq: int = 1, number: str = "A001") -> News:
    return News("h", seq, kind, AT, {"ticket_id": "t", "number": number, "queue": "A", "window": "01"})


class TrueHall:
    """The server's side: applies everything, in order."""

    def __init__(self) -> None:
        self.board = EMPTY
        self.told: list[News] = []

    def happen(self, kind: NewsKind) -> None:
        seq = self.board.seq + 1
        calls = kind in (NewsKind.TICKET_CALLED, NewsKind.TICKET_RECALLED)
        one = call_news(seq, f"A{seq:03}", kind) if calls else news(kind, seq, f"A{seq:03}")
        self.board = apply(self.board, one)
        self.told.append(one)


class Shown:
    """What a page announces of successive states: each call beyond the last one."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.calls: list[int] = []

    def look(self) -> None:
        for call in self.picture.wall(0.0).calls:
            if not self.calls or call.seq > self.calls[-1]:
                self.calls.append(call.seq)


KINDS = st.sampled_from(
    [NewsKind.TICKET_CALLED, NewsKind.TICKET_RECALLED, NewsKind.TICKET_ISSUED, NewsKind.TICKET_FINISHED,
     NewsKind.DEVICE_CHANGED, NewsKind.WINDOW_CHANGED]
)  # fmt: skip
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("happen"), KINDS),
        st.tuples(st.just("deliver"), st.integers(0, 200)),
        st.tuples(st.sampled_from(["ask", "answer", "fail", "beat", "reconnect"]), st.none()),
    ),
    max_size=60,
)


class Line:
    """Between hall and picture: loses, doubles, delays and reorders as the steps say."""

    def __init__(self) -> None:
        self.hall = TrueHall()
        self.picture = Picture(0.0)
        self.now = 0.0
        self.answer: Board | None = None
        self.shown = Shown(self.picture)
        self.picture.fetch_began(0.0)
        self.picture.fetched(EMPTY, 0.0)

    def step(self, what: str, how: object) -> None:
        self.now += 0.3
        getattr(self, f"do_{what}")(how)
        self.shown.look()

    def do_happen(self, kind: NewsKind) -> None:
        if kind not in (NewsKind.TICKET_CALLED, NewsKind.TICKET_RECALLED) or self._room():
            self.hall.happen(kind)

    def _room(self) -> bool:
        """A snapshot holds only the latest calls: more than that unseen is beyond anyone's promise."""
        last = self.shown.calls[-1] if self.shown.calls else 0
        return sum(c.seq > last for c in self.hall.board.calls) < KEPT_CALLS

    def do_deliver(self, which: int) -> None:
        if self.hall.told:
            self.picture.news(self.hall.told[which % len(self.hall.told)], self.now)

    def do_ask(self, _: object) -> None:
        """The server makes up its answer now; it arrives at a later step."""
        if self.picture.wants_fetch(self.now):
            self.picture.fetch_began(self.now)
            self.answer = self.hall.board

    def do_answer(self, _: object) -> None:
        if self.answer:
            self.picture.fetched(self.answer, self.now)
            self.answer = None

    def do_fail(self, _: object) -> None:
        if self.answer:
            self.picture.fetch_failed(self.now)
            self.answer = None

    def do_beat(self, _: object) -> None:
        self.picture.heartbeat(Heartbeat("h", self.hall.board.seq, AT), self.now)

    def do_reconnect(self, _: object) -> None:
        self.picture.connected(self.now)

    def calm(self) -> None:
        for _ in range(3):
            for what in ("answer", "beat", "ask", "answer"):
                self.now += 1.0
                self.step(what, None)


@given(STEPS)
def test_each_call_is_shown_once_in_order_and_none_is_lost(steps: list[tuple[str, object]]) -> None:
    line = Line()
    for what, how in steps:
        line.step(what, how)
    line.calm()
    called = [one.seq for one in line.hall.told if "call" in one.data]
    assert line.shown.calls == called
    assert line.picture.board == line.hall.board
    assert not line.picture.stale(line.now)


def fetched(board: Board = EMPTY, now: float = 0.0) -> Picture:
    picture = Picture(now)
    picture.fetch_began(now)
    picture.fetched(board, now)
    return picture


def test_news_that_overtook_the_board_is_kept() -> None:
    picture = Picture(0.0)
    picture.fetch_began(0.0)
    picture.news(call_news(1), 0.1)
    picture.fetched(EMPTY, 0.2)
    assert [call.number for call in picture.wall(0.2).calls] == ["A001"]


def test_a_guess_is_settled_by_a_fetch_but_not_more_than_once_a_second() -> None:
    picture = fetched()
    picture.news(news(NewsKind.TICKET_ISSUED), 0.1)
    assert not picture.wants_fetch(0.9)
    assert picture.wants_fetch(1.0)


def test_a_failed_fetch_is_tried_again_after_a_second() -> None:
    picture = Picture(0.0)
    assert picture.wants_fetch(0.0)
    picture.fetch_began(0.0)
    assert not picture.wants_fetch(5.0)
    picture.fetch_failed(5.0)
    assert not picture.wants_fetch(5.9)
    assert picture.wants_fetch(6.0)


def test_a_beat_overtaken_by_news_does_not_bring_back_the_past() -> None:
    picture = fetched()
    picture.fetch_began(2.0)
    picture.news(call_news(1), 2.1)
    picture.heartbeat(Heartbeat("h", 0, AT), 2.2)
    picture.fetched(EMPTY, 2.3)
    assert picture.wall(2.3).seq == 1
    assert picture.wants_fetch(2.3)


def test_a_restored_server_is_followed() -> None:
    picture = fetched(dataclasses.replace(EMPTY, seq=500))
    picture.heartbeat(Heartbeat("h", 400, AT), 1.0)
    assert picture.wants_fetch(1.0)
    picture.fetch_began(1.0)
    picture.fetched(dataclasses.replace(EMPTY, seq=400), 1.1)
    assert picture.wall(1.1).seq == 400


def test_unreadable_news_leads_to_a_fetch() -> None:
    picture = fetched()
    picture.news(News("h", 1, NewsKind.TICKET_CALLED, AT, {"call": {"seq": "one"}}), 0.5)
    assert picture.wants_fetch(0.5)
    assert picture.board == EMPTY


def test_stale_after_silence_and_before_the_first_board() -> None:
    assert Picture(0.0).wall(0.0).stale
    picture = fetched()
    assert not picture.wall(STALE_AFTER_S).stale
    assert picture.wall(STALE_AFTER_S + 0.1).stale
    assert picture.wall(STALE_AFTER_S + 0.1).confirmed_at == AT


def test_a_stale_wall_names_the_last_contact_not_the_last_news() -> None:
    picture = fetched()
    picture.heartbeat(Heartbeat("h", 0, AT + timedelta(minutes=10)), 600.0)
    assert picture.wall(600.0 + STALE_AFTER_S).confirmed_at is None
    assert picture.wall(601.0 + STALE_AFTER_S).confirmed_at == AT + timedelta(minutes=10)
    picture.heartbeat(Heartbeat("h", 5, AT + timedelta(minutes=20)), 1200.0)
    told = picture.wall(1200.0).confirmed_at
    assert told == AT + timedelta(minutes=10), "a heartbeat of what was missed confirms nothing"


def test_hall_time_goes_on_by_the_steady_clock_in_the_zone_of_the_hall() -> None:
    east = timezone(timedelta(hours=8))
    picture = fetched(dataclasses.replace(EMPTY, at=AT.astimezone(east)))
    picture.heartbeat(Heartbeat("h", 0, AT + timedelta(seconds=9)), 10.0)
    told = picture.hall_time(12.5)
    assert told == AT + timedelta(seconds=11.5)
    assert told.utcoffset() == timedelta(hours=8)


def test_what_piled_up_while_the_agent_slept_does_not_set_the_clock_back() -> None:
    """Else calls of long ago would be announced as new."""
    picture = fetched()
    picture.news(call_news(1), 40.0)
    picture.heartbeat(Heartbeat("h", 1, AT + timedelta(seconds=30)), 40.1)
    assert picture.hall_time(41.0) == AT + timedelta(seconds=41)
    picture.fetch_began(41.0)
    picture.fetched(dataclasses.replace(EMPTY, seq=1, at=AT - timedelta(minutes=5)), 41.1)
    assert picture.hall_time(41.1) == AT - timedelta(minutes=5), "a clock that was set back"


@pytest.mark.parametrize(
    ("kind", "waiting", "order", "number"),
    [
        (NewsKind.TICKET_ISSUED, 3, ("A001", "A002", "A009"), ""),
        (NewsKind.TICKET_CANCELLED, 2, ("A001", "A002"), ""),
        (NewsKind.TICKET_SERVING, 2, ("A001", "A002"), "A009"),
        (NewsKind.DEVICE_CHANGED, 2, ("A001", "A002"), ""),
    ],
)
def test_apply(kind: NewsKind, waiting: int, order: tuple[str, ...], number: str) -> None:
    after = apply(EMPTY, news(kind, number="A009"))
    assert (after.queues[0].waiting, after.queues[0].order, after.windows[0].number) == (waiting, order, number)
    assert after.seq == 1


def test_a_call_leaves_the_queue_for_the_window_and_is_listed_once() -> None:
    board = apply(EMPTY, call_news(1))
    board = apply(board, dataclasses.replace(call_news(1), seq=2))
    assert len(board.calls) == 1
    assert (board.queues[0].waiting, board.queues[0].order) == (1, ("A002",))
    assert (board.windows[0].number, board.windows[0].serving) == ("A001", False)
    board = apply(board, news(NewsKind.TICKET_FINISHED, seq=3))
    assert board.windows[0].number == ""


def test_a_call_without_its_call_cannot_be_applied() -> None:
    with pytest.raises(ContractError):
        apply(EMPTY, news(NewsKind.TICKET_CALLED))


def test_the_hall_rests_only_when_nobody_is_left() -> None:
    closed = dataclasses.replace(EMPTY, open=False)
    assert not wall(closed, False).resting
    nobody = dataclasses.replace(closed, queues=(dataclasses.replace(EMPTY.queues[0], waiting=0, order=()),))
    assert wall(nobody, False).resting
