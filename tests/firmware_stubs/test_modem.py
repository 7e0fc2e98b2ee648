"""The modem stub at the wire: what a terminal program would see. PDUs are written out by hand."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import requests

from firmware_stubs.lines import PtyEnd, TcpEnd
from firmware_stubs.modem import ModemStub
from firmware_stubs.modem.modem import PLACES
from firmware_stubs.modem.tpdu import BadPduError, read_submit, write_deliver
from firmware_stubs.refusal import RefusedError

ROOT = Path(__file__).parents[2]
HELLO = "0011000B916407281553F80000AA0AE8329BFD4697D9EC37"
PART = "0051000D91683118325476F800080B0A0500032A02"
EMOJI = [PART + "015230D83D", PART + "02DE0053F7"]
AT = datetime(2026, 11, 23, 12, 34, tzinfo=timezone(timedelta(hours=8)))
HELLO_RECEIVED = "0891683108200105F0040B918310325476F800006211322143002305C8329BFD06"


@pytest.fixture
def modem(tmp_path: Path):
    with ModemStub(PtyEnd(tmp_path / "modem")) as made:
        yield made


@pytest.fixture
def talk(modem: ModemStub, serial_host: Callable):
    """Say one line and read exactly what is expected."""
    host = serial_host(modem.end.address, 1.0)

    def say(line: str, *answers: str) -> None:
        host.write(line.encode() if line[-1] in "\x1a\x1b" else f"{line}\r".encode())
        expected = "".join(answers).encode()
        assert host.read(len(expected)) == expected

    say.host = host
    say("ATE0", "ATE0\r", lines("OK"))
    return say


def lines(*texts: str) -> str:
    return "".join(f"\r\n{text}\r\n" for text in texts)


PROMPT = "\r\n> "


def test_it_starts_as_from_the_factory(modem: ModemStub, serial_host: Callable) -> None:
    host = serial_host(modem.end.address, 1.0)
    expected = b"noise AT\r\r\nOK\r\nAT+CMGD=9\r\r\nERROR\r\nAT+CMEE=1\r\r\nOK\r\nAT+CMGD=9\r\r\n+CMS ERROR: 321\r\n"
    for line in (b"noise AT\r", b"AT+CMGD=9\r", b"AT+CMEE=1\r", b"AT+CMGD=9\r"):
        host.write(line)
    assert host.read(len(expected)) == expected
    modem.receive("+8613800138000", "hello")
    host.write(b"at\r")
    assert host.read(9) == b"at\r\r\nOK\r\n"  # nothing was said of what arrived


def test_a_message_is_sent(modem: ModemStub, talk: Callable) -> None:
    talk("AT+CMGF=0", lines("OK"))
    talk("AT+CMGS=23", PROMPT)
    talk(HELLO + "\x1a", lines("+CMGS: 1", "OK"))
    assert modem.sent == [{"number": "+46708251358", "text": "hellohello", "parts": 1}]
    assert talk.host.silent()


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_parts_are_shown_as_one_text(modem: ModemStub, talk: Callable, order) -> None:
    """An emoji cut in two is whole on the phone."""
    for number, at in enumerate(order, 1):
        talk("AT+CMGS=25", PROMPT)
        assert modem.state()["waiting_parts"] == number - 1
        talk(EMOJI[at] + "\x1a", lines(f"+CMGS: {number}", "OK"))
    assert modem.sent == [{"number": "+8613812345678", "text": "到😀号", "parts": 2}]
    assert modem.state()["waiting_parts"] == 0


@pytest.mark.parametrize(
    ("pdu", "octets"),
    [
        (HELLO, 22),
        (HELLO[:-2], 22),
        (HELLO + "00", 24),
        (HELLO[:-1], 23),
        ("", 0),
        ("00", 0),
        ("zz", 1),
        (HELLO.replace("0011", "0010", 1), 23),
        (HELLO.replace("0000AA", "0004AA"), 23),
        (HELLO.replace("F80000", "FF0000"), 23),
        (HELLO.replace("0B91", "0B11"), 23),
    ],
)
def test_a_wrong_pdu_is_refused(modem: ModemStub, talk: Callable, pdu: str, octets: int) -> None:
    with pytest.raises(BadPduError):
        read_submit(pdu, octets)
    talk("AT+CMEE=1", lines("OK"))
    talk(f"AT+CMGS={octets}", PROMPT)
    talk(pdu + "\x1a", lines("+CMS ERROR: 304"))
    assert modem.sent == []


def test_escape_leaves_the_prompt(modem: ModemStub, talk: Callable) -> None:
    talk("AT+CMGS=23", PROMPT)
    talk("AT\r001100\x1b", lines("OK"))
    talk("AT", lines("OK"))
    assert modem.sent == [] and modem.counters["parts"] == 0


def test_text_mode_is_another_thing(modem: ModemStub, talk: Callable) -> None:
    talk("AT+CMGF=1", lines("OK"))
    talk("AT+CMGS=23", lines("ERROR"))


def test_a_reply_is_told_listed_read_and_deleted(modem: ModemStub, talk: Callable) -> None:
    talk('AT+CPMS="SM","SM","SM"', lines("+CPMS: 0,30,0,30,0,30", "OK"))
    talk("AT+CNMI=2,1,0,0,0", lines("OK"))
    modem.receive("+38012345678", "Hello", AT)
    talk("AT", lines('+CMTI: "SM",1', "OK"))
    listed = '+CMGL: 1,{},"",24'
    assert modem.stored == {1: (0, HELLO_RECEIVED)}
    talk("AT+CMGL=1", lines("OK"))
    talk("AT+CMGL=0", lines(listed.format(0)), HELLO_RECEIVED + "\r\n", lines("OK"))
    talk("AT+CMGL=4", lines(listed.format(1)), HELLO_RECEIVED + "\r\n", lines("OK"))
    talk("AT+CMGR=1", lines("+CMGR: 1,,24"), HELLO_RECEIVED + "\r\n", lines("OK"))
    talk("AT+CMGD=1", lines("OK"))
    talk("AT+CMGD=1", lines("ERROR"))
    talk("AT+CMGR=1", lines("ERROR"))
    assert modem.stored == {}


def test_what_a_phone_writes_in_bytes() -> None:
    head = "0891683108200105F0"
    stamp = "62113221430023"
    assert write_deliver("10086", "好", AT, 1) == [head + "0405A10180F6" + "0008" + stamp + "02597D"]
    assert write_deliver("Jiaohao", "€", AT, 1) == [head + "040DD0CA74F88D0EBF01" + "0000" + stamp + "029B32"]
    west = AT.astimezone(timezone(timedelta(hours=-5)))
    assert write_deliver("10086", "@", west, 1) == [head + "0405A10180F6" + "0000" + "6211223243000A" + "0100"]
    first, second = write_deliver("10086", "号" * 71, AT, 0xBEEF)
    assert first == head + "4405A10180F60008" + stamp + "8B" + "060804BEEF0201" + "53F7" * 66
    assert second == head + "4405A10180F60008" + stamp + "11" + "060804BEEF0202" + "53F7" * 5


def test_faults_of_the_card_and_the_network(modem: ModemStub, talk: Callable) -> None:
    talk("AT+CPIN?", lines("+CPIN: READY", "OK"))
    talk("AT+CREG?", lines("+CREG: 0,0", "OK"))
    talk("AT+CEREG?", lines("+CEREG: 0,1", "OK"))
    talk("AT+CSQ", lines("+CSQ: 21,99", "OK"))
    talk("AT+CMEE=1", lines("OK"))
    modem.set_fault("no_sim")
    talk("AT+CPIN?", lines("+CME ERROR: 10"))
    talk("AT+CMGS=23", lines("+CMS ERROR: 310"))
    modem.set_fault("no_sim", False)
    modem.set_fault("pin")
    talk("AT+CPIN?", lines("+CPIN: SIM PIN", "OK"))
    talk("AT+CMGL=4", lines("+CMS ERROR: 311"))
    modem.set_fault("pin", False)
    modem.set_fault("no_signal")
    talk("AT+CSQ", lines("+CSQ: 99,99", "OK"))
    talk("AT+CEREG?", lines("+CEREG: 0,0", "OK"))
    modem.set_fault("no_signal", False)
    modem.set_fault("not_registered")
    talk("AT+CMGS=23", PROMPT)
    talk(HELLO + "\x1a", lines("+CMS ERROR: 331"))


def test_the_nth_part_is_refused_and_only_that(modem: ModemStub, talk: Callable) -> None:
    talk("AT+CMEE=1", lines("OK"))
    modem.set_fault("refuse_part", 2)
    for answer in (["+CMGS: 1", "OK"], ["+CMS ERROR: 38"], ["+CMGS: 2", "OK"]):
        talk("AT+CMGS=23", PROMPT)
        talk(HELLO + "\x1a", lines(*answer))
    assert len(modem.sent) == 2


def test_echo_chatter_silence_and_a_slow_prompt(modem: ModemStub, talk: Callable) -> None:
    modem.set_fault("echo")
    talk("AT", "AT\r", lines("OK"))
    modem.set_fault("echo", False)
    modem.set_fault("chatter")
    talk("AT", "RING\r\n^RSSI:18\r\n", lines("OK"))
    modem.set_fault("chatter", False)
    modem.set_fault("no_result")
    talk("AT+CMGS=23", PROMPT)
    talk(HELLO + "\x1a", "")
    assert talk.host.silent() and len(modem.sent) == 1
    modem.set_fault("no_result", False)
    modem.set_fault("slow_prompt", 0.3)
    talk("AT+CMGS=23", "")
    talk(HELLO + "\x1a", PROMPT)  # who does not wait is not heard
    talk(HELLO + "\x1a", lines("+CMGS: 2", "OK"))
    modem.set_fault("mute")
    talk("AT", "")
    assert talk.host.silent()


def test_a_restart_forgets_settings_and_keeps_the_card(modem: ModemStub, talk: Callable) -> None:
    modem.receive("+8613800138000", "hello")
    modem.press("restart")
    talk("AT", lines("RDY"), "AT\r", lines("OK"))
    assert len(modem.stored) == 1


def test_what_no_hand_can_do() -> None:
    modem = ModemStub(TcpEnd())
    with pytest.raises(RefusedError, match="restart"):
        modem.press("nuclear")
    for number, text in (("", "a"), ("+8613800138000", ""), ("+8613800138000", "a" * 2001), ("1-2", "a")):
        with pytest.raises(RefusedError, match="not right"):
            modem.receive(number, text)
    for value in (0, 256, True, "1"):
        with pytest.raises(RefusedError, match="1 to 255"):
            modem.set_fault("refuse_part", value)
    for _ in range(PLACES):
        modem.receive("10086", "a")
    with pytest.raises(RefusedError, match="full"):
        modem.receive("10086", "a")


def test_by_hand_over_http(tcp_host: Callable) -> None:
    command = [sys.executable, "-m", "firmware_stubs", "modem", "--tcp", "127.0.0.1:0", "--control", "127.0.0.1:0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout
    try:
        line = json.loads(process.stdout.readline())
        url = f"http://{line['control']}"
        reply = {"number": "+8613800138000", "text": "好的😀"}
        state = requests.post(f"{url}/receive", json=reply, timeout=5).json()
        assert (state["kind"], state["stored"]) == ("modem", 1)
        host = tcp_host(line["tcp"])
        host.write(b"ATE0\rAT+CMGS=23\r")
        expected = b"ATE0\r\r\nOK\r\n\r\n> "
        assert host.read(len(expected)) == expected
        host.write(HELLO.encode() + b"\x1a")
        assert host.read(18) == lines("+CMGS: 1", "OK").encode()
        (device,) = requests.get(f"{url}/state", timeout=5).json()["devices"]
        assert device["sent"] == [{"number": "+46708251358", "text": "hellohello", "parts": 1}]
        wrong = requests.post(f"{url}/receive", json={"number": "?", "text": "a"}, timeout=5)
        assert (wrong.status_code, "号码" in wrong.json()["detail"]) == (400, True)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
