"""The modem's driver against the stub, over a real pty and over TCP."""

import threading
import time
from datetime import datetime, timedelta, timezone

import pytest
import serial
from structlog.testing import capture_logs

from devices.base import DeviceState, SmsOutcome, SmsPart
from devices.setting_error import SettingError
from devices.sms import at, modem
from devices.sms.at import Answer, LineReader
from devices.sms.health import network_health, sim_health
from devices.sms.modem import STORE_S, AtModem
from devices.sms.parts import PATIENCE_S
from devices.supervisor import Retry, Supervisor
from firmware_stubs.lines import PtyEnd, TcpEnd
from firmware_stubs.modem import ModemStub
from firmware_stubs.modem.modem import PLACES
from firmware_stubs.modem.tpdu import write_deliver

PHONE, NUMBER = "+8613900001234", "13812345678"
LONG = "您的号码A001请到3号窗口😀" * 12  # three parts
AT = datetime(2026, 11, 23, 12, 34, tzinfo=timezone(timedelta(hours=8)))


class Clock:
    """Goes as clocks go, and may be put forward."""

    ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


@pytest.fixture(params=["pty", "tcp"])
def stub(request, tmp_path):
    with ModemStub(PtyEnd(tmp_path / "modem") if request.param == "pty" else TcpEnd()) as made:
        yield made


@pytest.fixture
def one_stub(tmp_path):
    with ModemStub(PtyEnd(tmp_path / "modem")) as made:
        yield made


def url_of(stub):
    return f"tcp://{stub.end.address}" if stub.end.transport == "tcp" else f"serial://{stub.end.address}"


@pytest.fixture
def bench(run, wait):
    """A driver that is online, or in the state asked for; what it received; its run; and its clock."""

    def make(stub, on_sms=None, state=DeviceState.ONLINE):
        received, clock = [], Clock()
        driver = AtModem("modem", url_of(stub), on_sms or received.append, clock=clock)
        running = run(driver)
        wait(lambda: driver.status.state is state)
        return driver, received, running, clock

    return make


def texts(stub):
    return [(sent["number"], sent["text"]) for sent in stub.sent]


# -- sending


@pytest.mark.parametrize(
    ("text", "parts"), [(LONG, 3), ("A001 {window} 3 €" * 30, 4), ("😀", 1), ("A" * 160, 1), ("", 1)]
)
def test_a_text_is_sent_in_its_parts(stub, bench, text, parts):
    driver, *_ = bench(stub)
    outcome = driver.send(NUMBER, text)
    assert outcome == SmsOutcome(tuple(SmsPart("taken", n) for n in range(1, parts + 1)))
    assert (outcome.result, outcome.failed_part) == ("sent", None)
    assert stub.sent == [{"number": NUMBER, "text": text, "parts": parts}]
    assert stub.counters["malformed"] == 0 and driver.counters.frames == parts


def test_the_part_that_is_refused_is_named(stub, bench):
    driver, *_ = bench(stub)
    stub.set_fault("refuse_part", 2)
    outcome = driver.send(NUMBER, LONG)
    assert [part.result for part in outcome.parts] == ["taken", "refused", "not_tried"]
    assert (outcome.result, outcome.failed_part) == ("failed", 2)
    refused = outcome.parts[1]
    assert (refused.code, refused.zh, refused.en) == (
        "+CMS ERROR: 38", "网络故障，可能持续一段时间", "The network is out of order",
    )  # fmt: skip
    assert stub.sent == [] and stub.state()["waiting_parts"] == 1
    stub.set_fault("refuse_part", 2)
    assert driver.send(NUMBER, LONG).failed_part == 2
    assert stub.state()["waiting_parts"] == 2  # another reference each time: parts of two messages do not mix
    assert driver.send(NUMBER, LONG).result == "sent"
    assert texts(stub) == [(NUMBER, LONG)]


def test_a_network_lost_between_two_looks_refuses_in_words(one_stub, bench):
    driver, *_ = bench(one_stub)
    one_stub.set_fault("not_registered")
    (part,) = driver.send(NUMBER, "A").parts
    assert (part.result, part.code, part.zh) == ("refused", "+CMS ERROR: 331", "没有网络")


def test_nobody_knows_what_the_modem_does_not_say(one_stub, bench, wait, run, monkeypatch):
    monkeypatch.setattr(at, "NETWORK_S", 0.3)
    driver, _, running, _ = bench(one_stub)
    one_stub.set_fault("no_result")
    outcome = driver.send(NUMBER, "请到 3 号窗口")
    assert (outcome.result, outcome.parts[0].result) == ("unknown", "unknown")
    assert texts(one_stub) == [(NUMBER, "请到 3 号窗口")]
    outcome = driver.send(NUMBER, LONG)  # the line is opened anew after such a silence, or already was
    assert outcome.result == "failed" and outcome.failed_part == 1
    wait(lambda: running.ended)
    one_stub.set_fault("no_result", False)
    run(driver)
    wait(lambda: driver.status.state is DeviceState.ONLINE)
    assert driver.send(NUMBER, LONG).result == "sent"


def test_word_that_comes_late_is_nobody_elses(one_stub, bench):
    driver, *_ = bench(one_stub)
    for _ in range(3):
        one_stub._say("+CMGS: 77", "OK")
        assert driver.send(NUMBER, "A").parts[0].reference != 77
    one_stub._say("OK")
    assert driver.send(NUMBER, "A").result == "sent"
    assert len(one_stub.sent) == 4


class LateWord(ModemStub):
    """Says what became of an older message before it answers what it is asked, and that takes it a while."""

    def _set_mode(self, text):
        self._say("+CMGS: 77", "OK")
        time.sleep(0.2)
        super()._set_mode(text)


class NoWord(ModemStub):
    """Says OK to a message, and not under which number the network took it."""

    def _take(self, part):
        self._say("OK")


class Arrows(ModemStub):
    """Something on the line makes it look as if a PDU were wanted, all the time."""

    def _line(self, text):
        self._send_plain(b"\r\n>\r\n")
        super()._line(text)


def test_only_who_asked_for_a_prompt_sees_one(tmp_path, bench, wait):
    with Arrows(PtyEnd(tmp_path / "modem")) as stub:
        driver, received, *_ = bench(stub)
        assert driver.send(NUMBER, LONG).result == "sent"
        stub.receive(PHONE, LONG)
        wait(lambda: received and not stub.stored)


def test_late_word_is_not_taken_for_the_answer_to_a_question(tmp_path, bench):
    with LateWord(PtyEnd(tmp_path / "modem")) as stub:
        driver, *_ = bench(stub)
        assert driver.send(NUMBER, LONG).parts == tuple(SmsPart("taken", n) for n in (1, 2, 3))


def test_an_ok_by_itself_is_no_word_of_a_message(tmp_path, bench):
    with NoWord(PtyEnd(tmp_path / "modem")) as stub:
        driver, *_ = bench(stub)
        outcome = driver.send(NUMBER, LONG)
        assert [part.result for part in outcome.parts] == ["unknown", "not_tried", "not_tried"]


def test_a_slow_prompt_is_waited_for(one_stub, bench):
    driver, *_ = bench(one_stub)
    one_stub.set_fault("slow_prompt", 0.3)
    assert driver.send(NUMBER, LONG).result == "sent"
    assert texts(one_stub) == [(NUMBER, LONG)]


def test_without_a_prompt_nothing_was_sent(one_stub, bench, wait, monkeypatch):
    monkeypatch.setattr(at, "PROMPT_S", 0.2)
    driver, _, running, _ = bench(one_stub)
    one_stub.set_fault("slow_prompt", 60)
    outcome = driver.send(NUMBER, LONG)
    assert [part.result for part in outcome.parts] == ["refused", "not_tried", "not_tried"]
    wait(lambda: running.ended)
    assert driver.status.state is DeviceState.ABSENT and "AT+CMGS" in driver.status.detail
    assert NUMBER not in driver.status.detail


def test_unplugged_while_a_text_is_sent(one_stub, bench, wait):
    driver, _, running, _ = bench(one_stub)
    one_stub.set_fault("no_result")
    outcomes = []
    sender = threading.Thread(target=lambda: outcomes.append(driver.send(NUMBER, LONG)))
    sender.start()
    wait(lambda: one_stub.counters["parts"] == 1)
    one_stub.set_fault("unplug")
    sender.join(10)
    assert [part.result for part in outcomes[0].parts] == ["unknown", "not_tried", "not_tried"]
    assert outcomes[0].result == "failed"
    wait(lambda: running.ended)
    assert driver.send(NUMBER, "A").parts == (SmsPart("refused", zh="短信模块未连接", en="The modem is away"),)


def test_who_waits_behind_another_may_run_out_of_time(one_stub, bench, wait):
    driver, *_ = bench(one_stub)
    one_stub.set_fault("no_result")
    first = threading.Thread(target=driver.send, args=(NUMBER, LONG))
    first.start()
    wait(lambda: one_stub.counters["parts"] == 1)
    (part,) = driver.send(NUMBER, "late", timeout_s=0.1).parts
    assert (part.result, part.en) == ("refused", "The modem was busy for too long")
    one_stub.set_fault("unplug")
    first.join(10)
    assert one_stub.sent == []


def test_no_part_is_begun_when_time_is_over(one_stub, bench):
    driver, *_ = bench(one_stub)
    one_stub.set_fault("slow_prompt", 1.0)
    outcome = driver.send(NUMBER, LONG, timeout_s=0.5)
    assert outcome.result == "failed" and outcome.parts[-1].result == "not_tried"
    assert one_stub.sent == []


def test_a_modem_in_text_mode(one_stub, bench):
    """There AT+CMGS=25 would be a message to the number 25."""
    driver, *_ = bench(one_stub)
    one_stub._text_mode = True
    assert driver.send(NUMBER, "A").result == "sent"


def test_many_send_at_once(stub, bench):
    driver, *_ = bench(stub)
    outcomes = []
    wanted = [(f"1381234{n:04d}", f"{n} 号，{LONG}") for n in range(20)]
    threads = [threading.Thread(target=lambda pair=pair: outcomes.append(driver.send(*pair))) for pair in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [outcome.result for outcome in outcomes] == ["sent"] * 20
    assert sorted(texts(stub)) == sorted(wanted)


def test_what_never_can_be_sent_is_said_at_once():
    driver = AtModem("modem", "tcp://h:1", print)
    for number, text in (("大厅", "A"), (NUMBER, "\ud83d"), (NUMBER, "号" * 67 * 256)):
        with pytest.raises(SettingError, match=r"[一-鿿].*[a-z]"):
            driver.send(number, text)
    for wrong in ("", "modem", "tcp://h"):
        with pytest.raises(ValueError, match="设备地址"):
            AtModem("modem", wrong, print)


# -- receiving


def test_a_reply_is_handed_over_and_cleared_after(stub, bench, wait):
    stored = []

    def on_sms(message):
        stored.append((message, dict(stub.stored)))

    stub.receive(PHONE, "before you came", AT)
    bench(stub, on_sms)
    wait(lambda: len(stored) == 1 and not stub.stored)
    stub.receive("Jiaohao", LONG, AT)
    wait(lambda: len(stored) == 2 and not stub.stored)
    (first, then), (second, later) = stored
    assert (first.sender, first.text, first.sent_at, first.reference) == (PHONE, "before you came", AT, None)
    assert (second.sender, second.text, second.sent_at) == ("Jiaohao", LONG, AT)
    assert second.reference is not None and second.complete
    assert len(then) == 1 and len(later) == 3  # when it was handed over all of it was still on the card


def test_a_full_card_is_read_and_cleared(stub, bench, wait):
    for n in range(PLACES):
        stub.receive(PHONE, "号" * 60 + str(n))
    _, received, *_ = bench(stub)
    wait(lambda: not stub.stored)
    assert [message.text for message in received] == ["号" * 60 + str(n) for n in range(PLACES)]


def test_a_listener_that_fails_hears_it_again(one_stub, bench, wait):
    heard = []

    def on_sms(message):
        heard.append(message)
        if len(heard) < 3:
            raise RuntimeError("the disk is full")

    *_, clock = bench(one_stub, on_sms)
    one_stub.receive(PHONE, LONG, AT)
    for times in (1, 2):
        wait(lambda times=times: len(heard) == times)
        assert len(one_stub.stored) == 3
        clock.ahead += STORE_S
    wait(lambda: not one_stub.stored)
    assert [message.text for message in heard] == [LONG] * 3


def test_what_a_crash_leaves_is_known_again(one_stub, bench, wait, run):
    """The cable is pulled after the handing over and before the clearing."""
    heard = []

    def on_sms(message):
        heard.append(message)
        if len(heard) == 1:
            threading.Thread(target=one_stub.set_fault, args=("unplug",)).start()
            wait(lambda: not one_stub.end.plugged)

    driver, _, running, _ = bench(one_stub, on_sms)
    one_stub.receive(PHONE, LONG, AT)
    wait(lambda: running.ended)
    assert len(one_stub.stored) == 3
    one_stub.set_fault("unplug", False)
    run(driver)
    wait(lambda: not one_stub.stored)
    assert len(heard) == 2 and heard[0] == heard[1]


def test_a_missing_part_is_given_up_after_a_time(one_stub, bench, wait):
    _, received, _, clock = bench(one_stub)
    first, _, third = write_deliver(PHONE, "号" * 66 + "到" * 66 + "窗口", AT, 9)
    one_stub.deliver(third, first)
    one_stub.receive(PHONE, "B")
    wait(lambda: [message.text for message in received] == ["B"] and len(one_stub.stored) == 2)
    clock.ahead += PATIENCE_S + 1
    wait(lambda: not one_stub.stored)
    assert (received[1].text, received[1].complete) == ("号" * 66 + "窗口", False)
    assert (received[1].sent_at, received[1].reference) == (AT, 9)


def test_what_cannot_be_read_is_read_again_and_then_given_up(one_stub, bench, wait):
    """Once it may have been the line. A status report and data go at once. They are there when it first looks: told
    one by one, those that came in the middle of a look would be read once more than it counts."""
    (good,) = write_deliver(PHONE, "B", AT, 1)
    report = "0891683108200105F0" + "06" + "2A0B813118325476F8" + "62113221430023" * 2 + "00"
    data = good.replace("0000621132", "0004621132")
    one_stub.stored.update((place, (0, pdu)) for place, pdu in enumerate(("0891FF", "00", report, good, data), 1))
    driver, received, _, clock = bench(one_stub)
    for looks in (1, 2):
        wait(lambda looks=looks: driver.counters.resyncs == 2 * looks and set(one_stub.stored) == {1, 2})
        assert len(received) == 1
        clock.ahead += STORE_S
    wait(lambda: not one_stub.stored)
    assert [message.text for message in received] == ["B"]


def test_what_was_written_on_the_card_and_not_received_is_left_alone(one_stub, bench, wait):
    one_stub.stored[1] = (2, "0011000B916407281553F80000AA0AE8329BFD4697D9EC37")
    driver, received, _, clock = bench(one_stub)
    for looks in range(1, 6):
        one_stub.receive(PHONE, "B")
        wait(lambda looks=looks: len(received) == looks and len(one_stub.stored) == 1)
        clock.ahead += STORE_S
    assert list(one_stub.stored) == [1] and driver.counters.resyncs == 0


# -- states


@pytest.mark.parametrize(
    ("fault", "faults", "says"),
    [
        ("no_sim", {"sim_missing"}, ("未插入 SIM 卡", "There is no SIM card")),
        (
            "pin",
            {"pin_wanted"},
            ("SIM 卡要求输入 PIN，请先用手机取消 PIN", "The SIM card wants its PIN; take it off with a phone"),
        ),
        ("not_registered", {"not_registered"}, ("尚未登记到网络", "Not registered with the network")),
        ("no_signal", {"not_registered", "no_signal"}, ("没有信号，请检查天线", "No signal; look at the aerial")),
    ],
)  # fmt: skip
def test_what_keeps_it_from_sending_is_seen_and_passes(one_stub, bench, wait, fault, faults, says):
    one_stub.set_fault(fault)
    one_stub.receive(PHONE, "B")
    driver, received, _, clock = bench(one_stub, state=DeviceState.FAULT)
    assert (driver.status.faults, driver.status.detail) == (faults, " / ".join(says))
    (part,) = driver.send(NUMBER, "A").parts
    assert (part.result, part.code, part.zh, part.en) == ("refused", "", *says)
    one_stub.set_fault(fault, False)
    clock.ahead += modem.UNWELL_S
    wait(lambda: driver.status.state is DeviceState.ONLINE and received and not one_stub.stored)
    assert driver.send(NUMBER, "A").result == "sent"
    one_stub.set_fault(fault)
    clock.ahead += modem.HEALTH_S
    wait(lambda: driver.status.state is DeviceState.FAULT)


def test_another_card_is_another_store(one_stub, bench, wait):
    """The same place of the new card holds another message."""
    driver, received, _, clock = bench(one_stub)
    first, _ = write_deliver(PHONE, "号" * 70 + "!", AT, 9)
    one_stub.deliver(first)
    wait(lambda: one_stub.stored[1][0] == 1)
    one_stub.set_fault("no_sim")
    clock.ahead += modem.HEALTH_S
    wait(lambda: driver.status.faults == {"sim_missing"})
    one_stub.stored = {1: (0, write_deliver(PHONE, "B", AT, 1)[0])}
    one_stub.set_fault("no_sim", False)
    clock.ahead += STORE_S
    wait(lambda: received and not one_stub.stored)
    assert received[0].text == "B"


def test_silent_from_the_start_or_later(one_stub, bench, run, wait, monkeypatch):
    monkeypatch.setattr(at, "SILENCE_S", 0.02)
    one_stub.set_fault("mute")
    driver = AtModem("modem", url_of(one_stub), print)
    running = run(driver)
    wait(lambda: running.ended)
    assert (driver.status.state, driver.status.detail) == (DeviceState.ABSENT, "no answer to AT")
    one_stub.set_fault("mute", False)
    driver, _, running, clock = bench(one_stub)
    one_stub.set_fault("mute")
    clock.ahead += modem.HEALTH_S
    wait(lambda: running.ended)
    assert driver.status.state is DeviceState.ABSENT
    assert driver.status.detail in ("no answer to AT+CPIN?", "no answer to AT+CMGL")  # whichever was due first


@pytest.mark.parametrize("fault", ["echo", "chatter", "garbage"])
def test_noise_echo_and_chatter_in_between(stub, bench, wait, fault):
    stub.set_fault(fault)
    stub.receive(PHONE, LONG)
    driver, received, *_ = bench(stub)
    wait(lambda: not stub.stored)
    for _ in range(5):
        assert driver.send(NUMBER, LONG).result == "sent"
    stub.receive(PHONE, LONG)
    wait(lambda: len(received) == 2 and not stub.stored)
    assert texts(stub) == [(NUMBER, LONG)] * 5
    assert [message.text for message in received] == [LONG] * 2


def test_a_modem_left_in_the_middle_of_a_message(one_stub, bench):
    with serial.Serial(one_stub.end.address, exclusive=True) as before:
        before.write(b"AT+CMGS=23\r")
        assert before.read_until(b"> ").endswith(b"> ")
        before.write(b"0011")
    driver, *_ = bench(one_stub)
    assert driver.send(NUMBER, "A").result == "sent"
    assert texts(one_stub) == [(NUMBER, "A")]


def test_it_vanishes_and_comes_back(stub, wait):
    received = []
    driver = AtModem("modem", url_of(stub), received.append)
    supervisor = Supervisor([driver], retry=Retry(waits_s=(0.05,)))
    supervisor.start()
    try:
        wait(lambda: driver.status.state is DeviceState.ONLINE)
        for away, back in (
            (lambda: stub.set_fault("unplug"), lambda: stub.set_fault("unplug", False)),
            (lambda: stub.press("restart"), lambda: None),
        ):
            reconnects = driver.counters.reconnects
            away()
            wait(lambda: driver.status.state is DeviceState.ABSENT)
            stub.receive(PHONE, LONG)
            back()
            wait(lambda before=reconnects: driver.counters.reconnects > before and not stub.stored)
            assert driver.send(NUMBER, LONG).result == "sent"
    finally:
        supervisor.stop()
    assert [message.text for message in received] == [LONG] * 2
    assert texts(stub) == [(NUMBER, LONG)] * 2


def test_no_log_holds_a_number_or_a_text(one_stub, bench, wait):
    def on_sms(message):
        raise RuntimeError("listener")

    with capture_logs() as logs:
        driver, *_ = bench(one_stub, on_sms)
        one_stub.set_fault("refuse_part", 1)
        driver.send(NUMBER, LONG)
        driver.send(NUMBER, LONG)
        one_stub.receive(PHONE, "我的身份证号")
        wait(lambda: any(line["event"] == "listener failed" for line in logs))
    said = repr([{key: value for key, value in line.items() if key != "exc_info"} for line in logs])
    assert "138****5678" in said and "+86139****1234" in said and "+CMS ERROR: 38" in said
    assert not any(secret in said for secret in (NUMBER, PHONE, "13900001234", "A001", "身份证"))


# -- answers without a modem


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (Answer("OK", ("+CPIN: READY",)), None),
        (Answer("OK", ("+CPIN: SIM PUK",)), "pin_wanted"),
        (Answer("OK", ("+CPIN: PH-NET PIN",)), "pin_wanted"),
        (Answer("+CME ERROR: 11"), "pin_wanted"),
        (Answer("+CMS ERROR: 310"), "sim_missing"),
        (Answer("+CME ERROR: 13"), "sim_error"),
        (Answer("+CME ERROR: 14"), "sim_error"),
        (Answer("ERROR"), "sim_error"),
        (Answer("OK"), "sim_error"),
    ],
)
def test_what_a_card_says(answer, fault):
    health = sim_health(answer)
    assert health.faults == ({fault} if fault else set())
    assert bool(health.detail) == bool(fault)


@pytest.mark.parametrize(
    ("second", "third", "signal", "faults"),
    [
        ("0,1", "", "20,99", set()),
        ("0,5", "0,0", "99,99", set()),
        ('2,1,"1A2B","03C4"', "", "5,0", set()),
        ("0,0", "0,6", "20,99", set()),
        ("0,2", "0,0", "20,99", {"not_registered"}),
        ("0,3", "0,0", "20,99", {"not_registered"}),
        ("0,2", "", "99,99", {"not_registered", "no_signal"}),
        ("0,2", "", "0,0", {"not_registered", "no_signal"}),
        ("nonsense", "", "", {"not_registered"}),
    ],
)
def test_what_a_network_says(second, third, signal, faults):
    answers = [Answer("OK", (f"+CREG: {second}",)), Answer("OK", (f"+CEREG: {third}",)) if third else Answer("ERROR")]
    assert network_health(answers, Answer("OK", (f"+CSQ: {signal}",))).faults == faults


def test_lines_and_the_prompt():
    data = b"\x00AT\r\r\nOK\r\n\r\n> \r\n+CMGS: 1\r\n>x\r\n" + b"y" * 2000 + b"\r\nOK\n"
    expected = ["AT", "OK", ">", "+CMGS: 1", ">", "x", "OK"]
    assert LineReader().feed(data) == expected
    reader = LineReader()
    assert [line for byte in data for line in reader.feed(bytes([byte]))] == expected
    assert reader.dropped == 1
