import socket
import termios
import time

import pytest

from devices.setting_error import SettingError
from devices.transport import Lost, SerialAddress, TcpAddress, open_transport, parse_url


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("serial:///dev/ttyUSB0?baudrate=115200", SerialAddress("/dev/ttyUSB0", 115200)),
        ("serial:///tmp/ev1", SerialAddress("/tmp/ev1", 9600)),
        ("serial:///tmp/a%20hall/ev1", SerialAddress("/tmp/a hall/ev1", 9600)),
        ("tcp://10.0.0.5:9100", TcpAddress("10.0.0.5", 9100)),
        ("tcp://[::1]:5005", TcpAddress("::1", 5005)),
    ],
)
def test_urls(url, address):
    assert parse_url(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "", "printer", "serial://ttyUSB0", "serial:///dev/ttyUSB0?baud=9600", "serial:///dev/x?baudrate=fast",
        "serial:///dev/x?baudrate=0", "serial:///", "tcp://host", "tcp://host:99999", "tcp://:80", "tcp://h:80/x",
        "http://h:80", "tcp://[::1:80", "tcp://192.168..1.50:9100", "serial:///dev/x?baudrate=99999999999",
        "serial:///dev/%00x",
    ],
)  # fmt: skip
def test_a_bad_url_is_refused_in_two_languages(url):
    with pytest.raises(ValueError, match=r"设备地址.*Device URL") as error:
        open_transport(url)
    assert url in str(error.value)


@pytest.mark.parametrize(
    ("url", "zh", "en"),
    [
        ("serial:///dev/ttyS1?baud=9600", "没有 baud 这个选项", "has no option baud, only baudrate"),
        ("serial://tmp/x", "三条斜线，如 serial:///tmp/x", "three slashes, as in serial:///tmp/x"),
        ("serial://ttyS1", "如 serial:///dev/ttyS1", "as in serial:///dev/ttyS1"),
    ],
)
def test_what_is_wrong_in_a_url_is_said(url, zh, en):
    with pytest.raises(SettingError) as error:
        parse_url(url)
    assert zh in error.value.zh and en in error.value.en
    assert error.value.en.isascii() and not error.value.en.endswith(".")


@pytest.mark.parametrize("kind", ["pty_peer", "tcp_peer"])
def test_bytes_go_both_ways_and_a_loss_is_lost(request, kind, wait):
    peer = request.getfixturevalue(kind)(lambda peer, data: peer.send(data.upper()))
    line = open_transport(peer.url)
    try:
        assert line.read(0.0) == b""
        line.write(b"hello\x00\x11\x13\n")
        got = b""
        while len(got) < 9:
            got += line.read(2.0)
        assert got == b"HELLO\x00\x11\x13\n"
        peer.unplug()
        with pytest.raises(Lost):
            line.read(2.0)
    finally:
        line.close()


@pytest.mark.parametrize("kind", ["pty_peer", "tcp_peer"])
def test_a_write_that_does_not_drain_is_lost_in_time_and_says_how_much_went(request, kind):
    peer = request.getfixturevalue(kind)(lambda peer, data: time.sleep(2))
    line = open_transport(peer.url)
    try:
        started = time.monotonic()
        with pytest.raises(Lost, match="timed out") as lost:
            line.write(bytes(20_000_000), timeout_s=0.3)
        assert time.monotonic() - started < 1.5
        assert 0 < lost.value.sent < 20_000_000
    finally:
        line.close()


def test_what_arrived_before_the_hang_up_is_still_read(tcp_peer, wait):
    peer = tcp_peer()
    line = open_transport(peer.url)
    try:
        wait(lambda: peer.connections and peer._thread)
        peer.send(b"last words")
        peer.unplug()
        assert line.read(2.0) == b"last words"
        with pytest.raises(Lost):
            line.read(2.0)
        with pytest.raises(Lost):
            for _ in range(50):
                line.write(b"into the void")
    finally:
        line.close()


def test_a_serial_line_is_opened_by_one_only(pty_peer):
    peer = pty_peer()
    line = open_transport(peer.url)
    try:
        with pytest.raises(Lost):
            open_transport(peer.url)
    finally:
        line.close()
    open_transport(peer.url).close()


def test_a_port_that_vanishes_while_it_is_set_up_is_lost(pty_peer, monkeypatch):
    def gone(*_):
        raise termios.error(5, "Input/output error")

    monkeypatch.setattr(termios, "tcsetattr", gone)
    with pytest.raises(Lost):
        open_transport(pty_peer().url)


def test_what_is_not_there_is_lost(tmp_path):
    with pytest.raises(Lost):
        open_transport(f"serial://{tmp_path}/none")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(Lost):
        open_transport(f"tcp://127.0.0.1:{port}")
