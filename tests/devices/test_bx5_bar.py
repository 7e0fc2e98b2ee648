import time

import pytest

from devices.base import DeviceState
from devices.ledbar import bx5_bar
from devices.ledbar.bx5 import AnswerReader, encode
from devices.ledbar.bx5_bar import Bx5Bar
from devices.transport import Lost

ACK, NACK = b"\xa0\x00\x00\x00\x00", b"\xa0\x01\x05\x00\x00"


class TinyBar:
    """Reads requests (which have the shape of answers) and answers as it is told."""

    def __init__(self) -> None:
        self.answer = ACK
        self.skip = 0
        self.texts: list[str] = []
        self.polls = 0
        self._reader = AnswerReader()

    def __call__(self, peer, data: bytes) -> None:
        for request in self._reader.feed(data):
            if self.skip:
                self.skip -= 1
                continue
            if (request.group, request.command) == (0xA3, 0x06):
                self.texts.append(request.data[4 + 27 :].decode("gb2312"))
            self.polls += (request.group, request.command) == (0xA1, 0x02)
            if self.answer:
                peer.send(b"\x00noise" + encode(self.answer, destination=0x8000, source=1))


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(bx5_bar, "ANSWER_S", 0.15)
    monkeypatch.setattr(bx5_bar, "POLL_S", 0.3)


def online(bar) -> bool:
    return bar.status.state is DeviceState.ONLINE


def test_the_latest_text_is_shown_once(run, tcp_peer, wait):
    tiny = TinyBar()
    bar = Bx5Bar("bar 3", tcp_peer(tiny).url)
    bar.show("暂停")
    bar.show("3 号窗口")
    run(bar)
    wait(lambda: tiny.texts == ["3 号窗口"])
    bar.show("请A001号")
    wait(lambda: len(tiny.texts) == 2)
    bar.show("请A001号")
    bar.show("请A002号")
    wait(lambda: tiny.texts[-1] == "请A002号")
    assert tiny.texts.count("请A001号") == 1


def test_a_lost_frame_is_sent_again(run, tcp_peer, wait, quick):
    tiny = TinyBar()
    bar = Bx5Bar("bar", tcp_peer(tiny).url)
    run(bar)
    wait(lambda: online(bar))
    tiny.skip = 2
    bar.show("请A001号")
    wait(lambda: tiny.texts == ["请A001号"])
    assert online(bar)


def test_the_text_is_kept_while_away_and_shown_again(run, pty_peer, wait):
    tiny = TinyBar()
    peer = pty_peer(tiny)
    bar = Bx5Bar("bar", peer.url)
    running = run(bar)
    bar.show("请A001号")
    wait(lambda: tiny.texts)
    peer.pull()
    wait(lambda: running.ended)
    assert isinstance(running.error, Lost) and bar.status.state is DeviceState.ABSENT
    peer.insert()
    again = run(bar)
    wait(lambda: tiny.texts == ["请A001号", "请A001号"])  # the bar may have been switched off
    peer.pull()
    wait(lambda: again.ended)
    bar.show("请A002号")
    peer.insert()
    run(bar)
    wait(lambda: tiny.texts[2:] == ["请A002号"])


def test_a_bar_that_falls_silent_is_lost_by_the_poll(run, tcp_peer, wait, quick):
    tiny = TinyBar()
    bar = Bx5Bar("bar", tcp_peer(tiny).url)
    running = run(bar)
    wait(lambda: tiny.polls)
    tiny.answer = b""
    wait(lambda: running.ended)
    assert isinstance(running.error, Lost)


def test_a_listening_port_is_not_yet_a_bar(run, tcp_peer, wait, quick):
    bar = Bx5Bar("bar", tcp_peer().url)
    running = run(bar)
    wait(lambda: running.ended)
    assert bar.status.state is DeviceState.ABSENT and bar.status.detail == "no answer from the bar"


def test_a_refused_text_is_a_fault_until_one_is_accepted(run, tcp_peer, wait):
    tiny = TinyBar()
    bar = Bx5Bar("bar", tcp_peer(tiny).url)
    run(bar)
    wait(lambda: online(bar))
    tiny.answer = NACK
    bar.show("甲")
    wait(lambda: bar.status.state is DeviceState.FAULT)
    time.sleep(0.3)
    assert tiny.texts == ["甲"]  # not again and again
    tiny.answer = ACK
    bar.show("乙")
    wait(lambda: online(bar))


def test_a_text_that_noise_spoiled_is_shown_in_the_end(run, tcp_peer, wait, quick):
    """The bar refuses a frame whose checksum is wrong; the call must stand on it all the same."""
    tiny = TinyBar()
    bar = Bx5Bar("bar", tcp_peer(tiny).url)
    run(bar)
    wait(lambda: online(bar))
    tiny.answer = NACK
    bar.show("请A001号")
    wait(lambda: bar.status.state is DeviceState.FAULT)
    tiny.answer = ACK
    wait(lambda: online(bar))
    assert set(tiny.texts) == {"请A001号"} and len(tiny.texts) >= 2


def test_a_long_text_moves(run, tcp_peer, wait):
    tiny = TinyBar()
    peer = tcp_peer(tiny)
    bar = Bx5Bar("bar", peer.url)
    bar.show("字" * 30)
    run(bar)
    wait(lambda: tiny.texts)
    assert b"\x02\x02\x03\x00\x04\x05" + (60).to_bytes(4, "little") in peer.got


def test_a_bad_url_is_refused_when_made():
    with pytest.raises(ValueError, match="设备地址"):
        Bx5Bar("bar", "led://x")
