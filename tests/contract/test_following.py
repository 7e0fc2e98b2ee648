"""The rules of docs/wire.md for who follows the news."""

from datetime import UTC, datetime

from server.contract.board import Board
from server.contract.following import Follower, Verdict
from server.contract.news import Heartbeat, News, NewsKind

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def board(seq: int) -> Board:
    return Board("h", "厅", seq, AT, True, "", (), (), (), ())


def news(seq: int) -> News:
    return News("h", seq, NewsKind.TICKET_ISSUED, AT)


def beat(seq: int) -> Heartbeat:
    return Heartbeat("h", seq, AT)


def following(seq: int) -> Follower:
    follower = Follower(0.0)
    assert follower.snapshot(board(seq), 0.0) is Verdict.APPLY
    return follower


def test_before_the_first_board_everything_asks_for_it() -> None:
    follower = Follower(0.0)
    assert follower.news(news(1), 0.0) is Verdict.REFETCH
    assert follower.heartbeat(beat(0), 0.0) is Verdict.REFETCH


def test_old_news_is_dropped_the_next_applied_once() -> None:
    follower = following(10)
    assert [follower.news(news(s), 0.0) for s in (9, 10, 11, 11)] == ["drop", "drop", "apply", "drop"]


def test_a_gap_asks_for_the_board_until_it_comes() -> None:
    follower = following(10)
    assert follower.news(news(12), 0.0) is Verdict.REFETCH
    assert follower.news(news(13), 0.0) is Verdict.REFETCH
    assert follower.snapshot(board(13), 0.0) is Verdict.APPLY
    assert follower.news(news(14), 0.0) is Verdict.APPLY


def test_a_heartbeat_finds_the_loss_of_the_last_news() -> None:
    follower = following(10)
    assert follower.heartbeat(beat(10), 0.0) is Verdict.DROP
    assert follower.heartbeat(beat(11), 0.0) is Verdict.REFETCH


def test_a_board_overtaken_by_news_is_dropped() -> None:
    follower = following(10)
    follower.news(news(11), 0.0)
    assert follower.snapshot(board(10), 0.0) is Verdict.DROP
    assert follower.news(news(12), 0.0) is Verdict.APPLY


def test_a_restored_server_counts_from_lower_down() -> None:
    follower = following(10)
    assert follower.heartbeat(beat(4), 0.0) is Verdict.REFETCH
    assert follower.snapshot(board(4), 0.0) is Verdict.APPLY
    assert follower.news(news(5), 0.0) is Verdict.APPLY


def test_silence_is_stale_and_a_heartbeat_heals_it() -> None:
    follower = following(10)
    assert not follower.stale(7.0)
    assert follower.stale(7.1)
    follower.heartbeat(beat(10), 8.0)
    assert not follower.stale(15.0)


def test_hearing_of_news_one_cannot_fetch_is_stale_too() -> None:
    follower = following(10)
    for second in range(1, 9):
        assert follower.heartbeat(beat(11), float(second)) is Verdict.REFETCH
    assert follower.stale(8.0)
