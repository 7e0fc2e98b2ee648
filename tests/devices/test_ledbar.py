"""Bars on a line, spoken to by the real driver over real ptys and sockets, with the stubs at the other end."""

import pytest

from devices.base import DeviceState
from devices.bus import one_owner_per_line
from devices.ledbar import bar as bars
from devices.ledbar import open_bar
from devices.supervisor import Supervisor
from firmware_stubs.ledbar import bars_on
from firmware_stubs.lines import PtyEnd, TcpEnd


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(bars, "POLL_S", 0.3)
    monkeypatch.setattr(bars, "REFRESH_S", 0.3)
    monkeypatch.setattr(bars, "RETRY_S", 0.3)


@pytest.fixture
def line(tmp_path):
    """Stubs on one end, drivers on the other; `answer_s` is short, that silence need not be waited for long."""
    plugged, supervisors = [], []

    def make(addresses=(1,), profile="bx5", tcp=False, answer_s=0.15):
        end = TcpEnd() if tcp else PtyEnd(tmp_path / "bars")
        stubs = bars_on(end, addresses, profile)
        plugged.extend(stubs)
        for stub in stubs:
            stub.start()
        url = f"tcp://{end.address}" if tcp else f"serial://{end.address}?baudrate=115200"
        drivers = [open_bar(f"bar {address}", url, profile, address=address) for address in addresses]
        for driver in drivers:
            driver._answer_s = answer_s
        supervisors.append(Supervisor(one_owner_per_line(drivers)))
        supervisors[-1].start()
        return stubs, drivers

    yield make
    for supervisor in supervisors:
        supervisor.stop()
    for stub in plugged:
        stub.stop()


def state(driver):
    return driver.status.state


@pytest.mark.parametrize("tcp", [False, True])
@pytest.mark.parametrize("profile", ["bx5", "text_sum8", "text_at_cr"])
def test_each_window_shows_its_own(line, wait, profile, tcp):
    stubs, drivers = line((1, 7, 0x5A), profile, tcp)
    for driver, text in zip(drivers, ("A001 办理中", "暂停服务", "请到3号窗口"), strict=True):
        driver.show(text)
    wait(lambda: [stub.text for stub in stubs] == ["A001 办理中", "暂停服务", "请到3号窗口"])
    wait(lambda: all(state(driver) is DeviceState.ONLINE for driver in drivers))
    assert {stub.counters["frames_bad"] for stub in stubs} == {0}


def test_every_special_screen_number(line, wait):
    stubs, drivers = line((0xA5, 0xA6, 0x5A, 0x5B, 0xA55A, 0x5BA6))
    for driver in drivers:
        driver.show(driver.name)
    wait(lambda: [stub.text for stub in stubs] == [driver.name for driver in drivers])


def test_a_silent_bar_is_absent_and_the_others_are_not(line, wait, quick):
    stubs, drivers = line((1, 2, 3))
    wait(lambda: all(state(driver) is DeviceState.ONLINE for driver in drivers))
    stubs[1].set_fault("unplug")
    wait(lambda: state(drivers[1]) is DeviceState.ABSENT)
    drivers[0].show("A001")
    drivers[1].show("A002")
    drivers[2].show("A003")
    wait(lambda: stubs[0].text == "A001" and stubs[2].text == "A003", 1.5)
    assert [state(driver) for driver in drivers] == [DeviceState.ONLINE, DeviceState.ABSENT, DeviceState.ONLINE]
    stubs[1].set_fault("unplug", False)
    wait(lambda: state(drivers[1]) is DeviceState.ONLINE and stubs[1].text == "A002")


def test_a_bar_that_was_switched_off_is_told_again(line, wait, quick):
    stubs, drivers = line((1, 2))
    drivers[1].show("A001")
    wait(lambda: stubs[1].text == "A001")
    stubs[1].set_fault("unplug")
    wait(lambda: state(drivers[1]) is DeviceState.ABSENT)
    stubs[1]._areas.clear()
    stubs[1].set_fault("unplug", False)
    wait(lambda: stubs[1].text == "A001")


def test_a_line_pulled_out_and_put_back_shows_the_latest(line, wait):
    stubs, drivers = line((1, 2))
    drivers[0].show("A001")
    wait(lambda: stubs[0].text == "A001")
    for stub in stubs:
        stub.set_fault("unplug")
    wait(lambda: all(state(driver) is DeviceState.ABSENT for driver in drivers))
    drivers[0].show("A002")
    for stub in stubs:
        stub.set_fault("unplug", False)
    wait(lambda: stubs[0].text == "A002")
    wait(lambda: [state(driver) for driver in drivers] == [DeviceState.ONLINE] * 2)
    wait(lambda: [driver.counters.reconnects for driver in drivers] == [1, 1])


@pytest.mark.parametrize("profile", ["bx5", "text_sum8"])
def test_frames_get_through_loss_noise_and_delay(line, wait, quick, profile):
    stubs, drivers = line((1, 2), profile)
    for fault, value in (("loss", 0.3), ("garbage", True), ("delay", 0.02)):
        for stub in stubs:
            stub.set_fault(fault, value)
    for n in range(5):
        drivers[n % 2].show(f"A{n:03d}")
        wait(lambda n=n: stubs[n % 2].text == f"A{n:03d}")
    assert drivers[0].counters.resyncs and drivers[0].counters.frames


@pytest.mark.parametrize("profile", ["bx5", "text_sum8"])
def test_a_refused_text_is_a_fault_until_one_is_accepted(line, wait, quick, profile):
    (stub,), (driver,) = line((1,), profile)
    wait(lambda: state(driver) is DeviceState.ONLINE)
    stub.set_fault("refuse")
    driver.show("甲")
    wait(lambda: state(driver) is DeviceState.FAULT)
    assert "refused" in driver.status.detail and stub.text == ""
    stub.set_fault("refuse", False)
    wait(lambda: state(driver) is DeviceState.ONLINE)
    assert stub.text == "甲"


def test_only_the_latest_text_counts_and_is_sent_once(line, wait):
    (stub,), (driver,) = line()
    driver.show("暂停")
    driver.show("3号窗口")
    wait(lambda: stub.text == "3号窗口")
    told = stub.counters["frames_ok"]
    driver.show("3号窗口")
    driver.show("A001")
    wait(lambda: stub.text == "A001")
    assert stub.counters["frames_ok"] <= told + 2  # the text, and perhaps a poll


@pytest.mark.parametrize("profile", ["bx5", "text_sum8", "text_at_cr"])
def test_an_empty_text_is_a_dark_bar(line, wait, profile):
    (stub,), (driver,) = line((1,), profile)
    driver.show("A001")
    wait(lambda: stub.text == "A001")
    driver.show("")
    wait(lambda: stub.text == "")


def test_brightness_where_the_bar_knows_it(line, wait):
    stubs, drivers = line((1, 2), "text_sum8")
    for driver in drivers:
        driver.dim(50)
    wait(lambda: [stub.level for stub in stubs] == [8, 8])


def test_a_listening_port_is_not_yet_a_bar(line, wait):
    (stub,), (driver,) = line(tcp=True)
    stub.set_fault("mute")
    wait(lambda: state(driver) is DeviceState.ABSENT)
    assert "no answer" in driver.status.detail
    stub.set_fault("mute", False)
    wait(lambda: state(driver) is DeviceState.ONLINE)


def test_a_bar_that_never_answers_gets_its_text_again(line, wait, quick):
    """It may have been switched off and on, and nobody can tell."""
    (stub,), (driver,) = line((1,), "text_at_cr")
    driver.show("A001")
    wait(lambda: stub.counters["frames_ok"] >= 3)
    assert stub.text == "A001" and state(driver) is DeviceState.ONLINE


def test_a_bad_url_is_refused_when_made():
    with pytest.raises(ValueError, match="设备地址"):
        open_bar("bar", "led://x")
