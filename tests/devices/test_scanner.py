"""Scanners: what is read from bytes and keys, and the drivers over a real pty and a pipe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.base import DeviceState
from devices.scanner import open_scanner
from devices.scanner.keyboard import KeyboardScanner
from devices.scanner.text import GAP, LINE, MOST_CHARACTERS, ScannedText, TypedText

URL = "https://hall.example:8443/t/aZ_9-Qxyz012345"
SHIFT, ENTER = 42, 28
UPPER = {char: code for first, chars in ((2, "!@#$%^&*()_+"), (16, "QWERTYUIOP{}"), (30, 'ASDFGHJKL:"~'),
         (43, "|ZXCVBNM<>?")) for code, char in enumerate(chars, first)}  # fmt: skip
LOWER = {char: code for first, chars in ((2, "1234567890-="), (16, "qwertyuiop[]"), (30, "asdfghjkl;'`"),
         (43, "\\zxcvbnm,./"), (57, " ")) for code, char in enumerate(chars, first)}  # fmt: skip


def typed(text):
    for char in text:
        if char in UPPER:
            yield from ((SHIFT, 1), (UPPER[char], 1), (UPPER[char], 0), (SHIFT, 0))
        else:
            yield from ((LOWER[char], 1), (LOWER[char], 2), (LOWER[char], 0))
    yield from ((ENTER, 1), (ENTER, 0))


@pytest.mark.parametrize("ending", [b"\r", b"\n", b"\r\n"])
def test_lines_whole_and_byte_by_byte(ending):
    data = URL.encode() + ending + b"6901234567892" + ending
    assert ScannedText().feed(data) == [URL, "6901234567892"]
    text = ScannedText()
    assert [scan for byte in data for scan in text.feed(bytes([byte]))] == [URL, "6901234567892"]


def test_silence_ends_a_scan_or_gives_half_of_one_up():
    gap, line = ScannedText(GAP), ScannedText(LINE)
    assert gap.feed(b"123") == line.feed(b"123") == []
    assert (gap.silence(), line.silence()) == (["123"], [])
    assert (gap.silence(), gap.dropped, line.dropped) == ([], 0, 1)
    assert line.feed(b"456\r") == ["456"]


def test_what_is_too_long_is_dropped_whole():
    text = ScannedText()
    assert text.feed(b"x" * (MOST_CHARACTERS + 1) + b"\r" + b"next\r") == ["next"]
    assert text.feed(b"x" * MOST_CHARACTERS + b"\r") == ["x" * MOST_CHARACTERS]
    assert text.dropped == 1


@given(st.lists(st.binary(max_size=700), max_size=8), st.sampled_from((LINE, GAP)))
def test_any_bytes_in_any_pieces(pieces, end):
    whole, split = ScannedText(end), ScannedText(end)
    scans = whole.feed(b"".join(pieces))
    assert [scan for piece in pieces for scan in split.feed(piece)] == scans
    assert all(0 < len(scan) <= MOST_CHARACTERS and "\r" not in scan and "\n" not in scan for scan in scans)
    assert len(whole._held) <= MOST_CHARACTERS
    split.silence()
    assert split.feed(URL.encode() + b"\r") == [URL]


@given(st.lists(st.tuples(st.integers(0, 767), st.integers(0, 2)), max_size=200))
def test_any_keys(events):
    text = TypedText()
    for code, value in events:
        scan = text.key(code, value)
        assert scan is None or 0 < len(scan) <= MOST_CHARACTERS
    text.key(ENTER, 1)
    for shift in (42, 54):
        text.key(shift, 0)
    assert [scan for event in typed(URL) if (scan := text.key(*event))] == [URL]


def test_keys_on_the_us_layout():
    text, all_characters = TypedText(), "".join([*LOWER, *UPPER]).replace(" ", "") + " x"
    assert [scan for event in typed(all_characters) if (scan := text.key(*event))] == [all_characters]
    assert text.key(ENTER, 1) is None
    for _ in range(MOST_CHARACTERS + 1):
        text.key(2, 1)
    assert (text.key(ENTER, 1), text.dropped) == (None, 1)


def test_a_code_with_a_gap_is_dropped_whole():
    text = TypedText()
    for code in (3, 4):
        assert text.key(code, 1) is None
    text.lost()
    assert [text.key(code, 1) for code in (5, 28, 6, 28)] == [None, None, None, "5"]
    assert text.dropped == 1


@pytest.mark.parametrize("end", [LINE, GAP])
def test_a_serial_scanner(pty_peer, run, wait, end):
    peer, scans = pty_peer(), []
    scanner = open_scanner("scanner", peer.url, scans.append, end=end)
    run(scanner)
    wait(lambda: scanner.status.state is DeviceState.ONLINE)
    peer.send(URL.encode() + (b"\r" if end == LINE else b""))
    wait(lambda: scans == [URL])
    assert (scanner.counters.frames, scanner.counters.resyncs) == (1, 0)


def test_a_keyboard_scanner_is_grabbed_and_a_failing_listener_loses_one_scan(input_port, tmp_path, run, wait):
    port, scans = input_port(tmp_path / "by-path/scan"), []

    def listener(text):
        scans.append(text)
        raise RuntimeError("listener")

    port.plug()
    scanner = KeyboardScanner("scanner", "evdev:by-path/scan", listener, open_device=port.open)
    run(scanner)
    wait(lambda: scanner.status.state is DeviceState.ONLINE)
    assert port.device.grabbed
    for text in ("abc", URL):
        for code, value in typed(text):
            port.device.type(code, value)
    wait(lambda: scans == ["abc", URL])
    port.unplug()
    wait(lambda: scanner.status.state is DeviceState.ABSENT)


@pytest.mark.parametrize("url", ["", "scanner", "evdev:", "tcp://host"])
def test_a_bad_url_is_refused_in_two_languages(url):
    with pytest.raises(ValueError, match=r"设备地址"):
        open_scanner("scanner", url, print)
