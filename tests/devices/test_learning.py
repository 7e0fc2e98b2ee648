"""Presses in, a profile out that reads them, and captures read through profiles."""

import tomllib

import pytest

from devices.evaluator.capture import CaptureError, misfits, parse_capture, replay
from devices.evaluator.learning import LearnError, debounce_ms, learn_keyboard, learn_line, learn_reports
from devices.evaluator.profile import KIND, load_profile, parse_profile
from devices.profile_file import Table
from tests.devices.pad_frames import SHIPPED, crc_modbus

RATINGS = ("satisfied", "basically_satisfied", "dissatisfied")


def parsed(text):
    return parse_profile(KIND.parse(text.encode(), "learned"))


def words(profile, bursts):
    return [heard.word for heard in replay(profile, bursts)]


def of_shipped(name):
    return {word: [bytes.fromhex(code)] * 3 for code, word in SHIPPED[name].presses.items() if word in RATINGS}


@pytest.mark.parametrize(
    ("name", "kind"),
    [("ff68", "sum8"), ("jt905", "xor8"), ("5aa5", None), ("5aa5_crc", "crc16-modbus"), ("ascii", None)],
)
def test_a_shipped_make_is_learned_from_its_presses(name, kind):
    samples = of_shipped(name)
    text = learn_line(samples, "学来的")
    assert tomllib.loads(text)["frame"].get("check", {}).get("kind") == kind
    for word, presses in samples.items():
        assert words(parsed(text), presses) == [word] * 3


def test_a_running_number_and_a_checksum_high_byte_first():
    def frame(running, key):
        body = bytes([0x10, running, 0x40, key, 0x00])
        return b"\xaa" + body + crc_modbus(body) + b"\x0d"

    samples = {word: [frame(n + 3 * k, k) for n in range(3)] for k, word in enumerate(RATINGS, 1)}
    table = tomllib.loads(learn_line(samples, "学来的"))
    assert table["frame"]["fields"] == ["aa", "10", "changing_1", "40", "data", "00", "check", "0d"]
    assert table["frame"]["check"] == {"kind": "crc16-modbus", "endian": "big", "covers": "2..6"}
    learned = parse_profile(Table(table, KIND, "learned"))
    assert words(learned, [frame(200, 2)]) == ["basically_satisfied"]
    assert words(learned, [frame(200, 2)[:-2] + b"\x00\x0d"]) == []


@pytest.mark.parametrize(
    ("samples", "why"),
    [
        ({"satisfied": [b"\xaa\x01\x0d", b"\xaa\x01"]}, "字节数不同"),
        ({"satisfied": []}, "字节数不同"),
        ({"satisfied": [b"\xaa\x01"] * 2, "dissatisfied": [b"\xaa\x01"] * 2}, "满意 与 不满意 发来的数据相同"),
        (
            {"satisfied": [b"\xaa\x01\x05\x02", b"\xaa\x01\x06\x02"], "dissatisfied": [b"\xaa\x02\x07\x03"]},
            "自己变化",
        ),
        ({"satisfied": [b"\x01"], "dissatisfied": [b"\x02"]}, "噪声|在哪里结束"),
    ],
)
def test_presses_that_make_no_profile_are_refused_with_a_reason(samples, why):
    with pytest.raises(ValueError, match=why):
        learn_line(samples, "t")


def test_reports_and_keyboards():
    reports = {word: [bytes([2, 0, k, 0])] * 2 for k, word in enumerate(RATINGS, 1)}
    learned = parsed(learn_reports(reports, "HID"))
    assert words(learned, [bytes([2, 0, 3, 0]), bytes(4)]) == ["dissatisfied", None]
    assert parsed(learn_keyboard({"satisfied": [2, 2], "call": [59, 59]}, "键盘")).words == {
        2: "satisfied",
        59: "call",
    }
    for codes in ({"satisfied": [2, 3]}, {"satisfied": [2], "call": [2]}, {"satisfied": [400]}):
        with pytest.raises(LearnError, match=r"types nothing fixed|same bytes"):
            learn_keyboard(codes, "键盘")


def test_captures_in_each_form():
    frames = SHIPPED["ff68"].frames[:2]
    raw = b"\x00\xff" + b"".join(frames)
    hex_lines = "\n".join(frame.hex(" ") for frame in frames).encode()
    log = f"10:00:00.123 /tmp/ev > {frames[0].hex(' ')}\n10:00:00.130 /tmp/ev < {frames[1].hex(' ')}\n".encode()
    ff68 = load_profile("ff68")
    assert words(ff68, parse_capture(raw)) == words(ff68, parse_capture(hex_lines)) == list(RATINGS[:2])
    assert words(ff68, parse_capture(log)) == ["satisfied"]
    assert parse_capture(b"1\r\n2\r\n") == [b"1\r\n2\r\n"]  # no hex: each line has one digit


def test_a_pad_that_repeats_itself_is_learned_with_a_debounce_that_outlasts_it():
    text = learn_line(of_shipped("ff68"), "学来的", repeat_s=0.512)
    assert {rule.debounce_s for rule in parsed(text).rules} == {0.8}
    assert all(word in text for word in ("answer", "prompt", "thanks", "512"))
    assert parsed(learn_line(of_shipped("ff68"), "学来的")).rules[0].debounce_s == 0.3
    assert [debounce_ms(repeat_s) for repeat_s in (0.01, 0.5, 60)] == [100, 800, 10_000]


def test_two_buttons_that_send_the_same_are_named():
    samples = of_shipped("ff68")
    samples["basically_satisfied"] = samples["satisfied"]
    for learn in (learn_line, learn_reports):
        with pytest.raises(LearnError, match=r"满意 与 基本满意 发来的数据相同，请重新按 / .*: press again"):
            learn(samples, "t")


def test_hex_as_terminal_programs_write_it():
    whole = SHIPPED["ff68"].frames[0]
    comma = ", ".join(f"0x{byte:02X}" for byte in whole)
    for line in (
        whole.hex(), comma, f"[2026-01-02 10:00:00.123] RX: {whole.hex(' ')}", f"10:00:00 rx {whole.hex(':')}"
    ):  # fmt: skip
        text = f"# 三键评价器\n\n10:00:01 TX {whole.hex()}\n{line}\n".encode()
        assert parse_capture(text) == [whole], line


@pytest.mark.parametrize("wrong", ["ff 68 0g", "pressed the left one", "ff 6"])
def test_a_line_that_is_not_hex_is_refused_by_its_number(wrong):
    with pytest.raises(CaptureError, match=r"第 3 行.*line 3"):
        parse_capture(f"# own\nff 68 03\n{wrong}\n".encode())
    with pytest.raises(CaptureError, match="line 2"):
        parse_capture(f"ff6803\n{wrong}\n".encode())


def test_what_has_a_wrong_checksum_is_told_with_what_would_fit():
    good = SHIPPED["ff68"].frames[0]
    bad = good[:-2] + b"\xa0\x16"
    (one,) = misfits(load_profile("ff68").framing, [good + bad + good])
    assert (one.at, one.raw, one.given, one.computed, one.fitting) == (10, bad, b"\xa0", b"\x13", ())
    body = b"\x83\x10\x00\x01\x00\x01"
    swapped = b"\x5a\xa5\x08" + body + crc_modbus(body)
    (one,) = misfits(load_profile("5aa5_crc").framing, [b"\x00", swapped])
    assert (one.at, one.given, one.computed) == (1, swapped[-2:], swapped[:-3:-1])
    assert one.fitting == ("crc16-modbus big",)


def test_what_the_host_would_say_to_an_event():
    (heard,) = replay(load_profile("ff68"), SHIPPED["ff68"].frames[:1])
    assert [sent.hex() for sent in heard.answers] == ["ff680303680101010316"]
    assert len(heard.thanks) == 2 and all(sent.startswith(b"\xff\x68") for sent in heard.thanks)
    (unsaid,) = replay(load_profile("ascii"), [b"1\r\n"])
    assert unsaid.known
