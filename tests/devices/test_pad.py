"""Pads of every make on their lines: acknowledged, asked, shown to, absent while the line is open."""

import time

import pytest

from devices.base import Counters, DeviceState
from devices.bus import Bus
from devices.evaluator import LinePad, load_profile, open_evaluator
from firmware_stubs.evaluator import DIALECTS, EvaluatorStub, pads_on
from firmware_stubs.lines import PtyEnd, TcpEnd
from tests.devices.pad_frames import STRANGE_ADDRESS, crc_modbus, slip, strange, strange_frame

ON_LINES = sorted(set(DIALECTS) - {"hid_raw"})


class Clock:
    """Goes as clocks go, and may be put forward."""

    ahead = 0.0

    def __call__(self):
        return time.monotonic() + self.ahead


def slow():
    """A busy machine may hold up a stuck key's next frame past the time within which it is the same press."""
    return time.monotonic() / 10


@pytest.fixture(params=["pty", "tcp"])
def end(request, tmp_path):
    return PtyEnd(tmp_path / "line") if request.param == "pty" else TcpEnd()


def url(end):
    return f"serial://{end.address}?baudrate=115200" if end.transport == "pty" else f"tcp://{end.address}"


def online(pad):
    return lambda: pad.status.state is DeviceState.ONLINE


@pytest.mark.parametrize("make", ON_LINES)
def test_each_make_end_to_end(make, end, run, wait):
    with EvaluatorStub(end, profile=make, resend_s=0.3) as stub:
        heard = []
        pad = open_evaluator("pad", url(end), make, heard.append)
        run(pad)
        wait(lambda: online(pad)() and not pad._reader._mid_line)  # lines count from the first silence
        keys = stub.state()["keys"]
        for key in keys:
            stub.press(key)
            wait(lambda key=key: heard and heard[-1].label == key)
            wait(lambda: stub.state()["pending"] is None)
        assert [press.label for press in heard] == keys
        assert stub.counters["unacked"] == 0
        if pad._profile.said["prompt"]:
            pad.prompt()
            wait(lambda: stub.state()["prompting"])
            pad.thank()
            wait(lambda: stub.state()["thanking"])
        if pad._profile.said["waiting"]:
            pad.show_waiting(1012)
            wait(lambda: "999" in stub.state()["digits"])
            pad.show_number("A007")
            wait(lambda: "007" in stub.state()["digits"])
        assert pad.counters.frames >= len(keys)


def test_the_number_stands_over_the_waiting_on_digits_that_are_for_both(tmp_path, run, wait):
    with EvaluatorStub(PtyEnd(tmp_path / "line"), profile="ff68") as stub:
        pad = open_evaluator("pad", url(stub.end), "ff68", print)
        run(pad)
        wait(online(pad))

        def shows(digits):
            wait(lambda: pad._shown and not pad._wishes.qsize() and stub.state()["digits"].strip() == digits)

        pad.show_number("A007")
        shows("007")
        before = pad.counters.bytes_out
        pad.show_waiting(12)
        wait(lambda: pad.counters.bytes_out > before)
        shows("007")
        pad.show_number("")
        shows("012")


@pytest.mark.parametrize("fault", ["noise", "garbage", "duplicate", "stuck"])
@pytest.mark.parametrize("make", ["ff68", "jt905", "5aa5_crc"])
def test_a_press_counts_once_through_a_fault(make, fault, tmp_path, run, wait):
    with EvaluatorStub(PtyEnd(tmp_path / "line"), profile=make) as stub:
        heard = []
        pad = open_evaluator("pad", url(stub.end), make, heard.append)
        run(Bus(pad.url, [pad], clock=slow))
        wait(online(pad))
        stub.set_fault(fault)
        stub.press("satisfied")
        sent = stub.counters["bytes_out"]
        wait(lambda: heard)
        if fault == "stuck":
            wait(lambda: stub.counters["bytes_out"] >= sent * 5)
        stub.set_fault(fault, False)
        stub.press("dissatisfied") if stub.state()["pending"] is None else None
        wait(lambda: stub.state()["pending"] is None)
        assert [press.label for press in heard].count("satisfied") == 1


def test_at_the_wrong_speed_nothing_is_heard_and_nothing_invented(tmp_path, run, wait):
    with EvaluatorStub(PtyEnd(tmp_path / "line"), resend_s=0.02) as stub:
        heard = []
        pad = open_evaluator("pad", url(stub.end), "ff68", heard.append)
        run(pad)
        wait(online(pad))
        stub.set_fault("wrong_baud")
        stub.press("satisfied")
        wait(lambda: stub.counters["unacked"])
        assert not heard


def test_two_windows_on_one_bus(tmp_path, run, wait):
    end = PtyEnd(tmp_path / "bus")
    stubs = pads_on(end, (1, 2))
    heard = {1: [], 2: []}
    pads = [open_evaluator(f"pad-{n}", url(end), "ff68", heard[n].append, address=n) for n in (1, 2)]
    try:
        for stub in stubs:
            stub.start()
        run(Bus(url(end), pads))
        wait(lambda: all(online(pad)() for pad in pads))
        stubs[1].press("satisfied")
        stubs[0].press("call")
        wait(lambda: heard[1] and heard[2])
        wait(lambda: all(stub.state()["pending"] is None for stub in stubs))
        pads[1].prompt()
        wait(lambda: stubs[1].state()["prompting"])
        assert not stubs[0].state()["prompting"]
        assert ([p.label for p in heard[1]], [p.label for p in heard[2]]) == (["call"], ["satisfied"])
        assert [pad.counters.resyncs for pad in pads] == [0, 0]  # another address is no garbage
    finally:
        for stub in stubs:
            stub.stop()


def test_a_device_that_is_polled_is_absent_though_its_line_is_open(tmp_path, run, wait):
    with EvaluatorStub(PtyEnd(tmp_path / "line"), profile="5aa5") as stub:
        clock = Clock()
        pad = open_evaluator("pad", url(stub.end), "5aa5", print)
        run(Bus(pad.url, [pad], clock=clock))
        wait(online(pad))
        stub.set_fault("mute")
        clock.ahead += 16
        wait(lambda: pad.status.state is DeviceState.ABSENT)
        assert "没有应答" in pad.status.detail
        stub.set_fault("mute", False)
        clock.ahead += 6
        wait(online(pad))


def test_a_strange_make_is_a_profile_and_no_code(pty_peer, run, wait):
    peer, heard = pty_peer(), []
    pad = LinePad("strange", peer.url, strange(), heard.append, address=STRANGE_ADDRESS)
    run(pad)
    wait(lambda: online(pad)() and peer._fd)
    peer.send(strange_frame(7, b"\x00\xc0", address=1) + b"\xdb\xc0" + strange_frame(8, b"\x00\xdb\x01"))
    wait(lambda: peer.got)
    assert [press.label for press in heard] == ["dissatisfied"]
    assert peer.got == strange_frame(8, b"\x00\xdb\x01\xc0", command=1)
    peer.got = b""
    pad.show_waiting(12)
    inner = STRANGE_ADDRESS.to_bytes(3, "little") + bytes([0, 0, 3]) + b"0012\x00\x0c"
    body = (len(inner) + 4).to_bytes(2, "little") + inner
    wait(lambda: peer.got == slip(body + crc_modbus(b"\xc0" + body)))


def test_an_address_that_no_frame_holds_is_refused():
    with pytest.raises(ValueError, match="address 300 does not fit"):
        LinePad("pad", "tcp://h:1", load_profile("ff68"), print, address=300)


class Reports:
    """A raw HID device as the transport gives it: one read is one report."""

    def __init__(self, reports):
        self._reports = reports

    def read(self, timeout_s):
        return self._reports.pop(0) if self._reports else b""

    def write(self, data, timeout_s=0.0):
        raise AssertionError("nothing is sent to a device of reports")

    def close(self):
        pass


def test_raw_reports_one_read_each(run, wait):
    heard, clock = [], Clock()
    reports = [bytes([key, *bytes(7)]) for key in (1, 1, 0, 3, 0, 9)]
    pad = open_evaluator("pad", "hidraw:by-path/pci-0000:00:14.0-usb-0:2:1.0", "hid_raw", heard.append)
    pad.prompt()
    run(Bus(pad.url, [pad], connect=lambda url, counters=Counters: Reports(reports), clock=clock))
    wait(lambda: len(heard) == 2)
    wait(lambda: not reports)
    assert [press.label for press in heard] == ["satisfied", "dissatisfied"]
