"""The evaluator that a hall can build: its C core, built here with sanitizers, on a pty with the real driver.

Most tests run it with `--step`: its time moves by the word `wait` alone, so a minute costs nothing and a bounce of
three milliseconds is three milliseconds.
"""

import json
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.base import DeviceState, Press
from devices.evaluator import open_evaluator
from devices.supervisor import Supervisor

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "firmware_stubs" / "reference_evaluator"
CC = (
    *(
        "cc",
        "-std=c99",
        "-pedantic",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-Wconversion",
        "-Wshadow",
        "-Wstrict-prototypes",
    ),
    *("-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", f"-I{SOURCE}"),
)
ADDRESS = 3
DEBOUNCE_MS = 20
DRIVER_DEBOUNCE_MS = 300
LABELS = {1: "satisfied", 2: "basically_satisfied", 3: "dissatisfied"}
DARK, BLINK, THANKS = "00000", "11100", "00010"
LAMP = {1: "10000", 2: "01000", 3: "00100"}


def frame(command: int, data: str = "", address: int = ADDRESS) -> str:
    return wrapped(bytes((address, command)) + bytes.fromhex(data)).hex()


def wrapped(body: bytes) -> bytes:
    return b"\xff\x68" + bytes((len(body),)) * 2 + b"\x68" + body + bytes((sum(body) & 0xFF, 0x16))


RATING = {key: frame(0x11, f"{key:02x}") for key in LABELS}
ACK = {key: frame(0x01, f"{key:02x}") for key in LABELS}
PROMPT, STARS, BEEP = frame(0x01, "0b"), frame(0x02, "05"), frame(0x03)


def build(target: Path, *sources: Path) -> Path:
    done = subprocess.run([*CC, *map(str, sources), "-o", str(target)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sources = (*sorted(SOURCE.glob("*.c")), *sorted(SOURCE.glob("host/*.c")))
    return build(tmp_path_factory.mktemp("built") / "evaluator", *sources)


class Pad:
    """The program, spoken to in its own words. `events` is all it ever said."""

    def __init__(self, program: Path, *options: str, power_on: bool = True) -> None:
        self.events: list[dict[str, Any]] = []
        self._said = threading.Condition()
        self._answers = 0
        pipe = subprocess.PIPE
        self._process = subprocess.Popen([str(program), *options], stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.until(lambda: self.events)
        self.ready = self.events[0]
        if power_on and "--step" in options:
            self.do(f"wait {DEBOUNCE_MS}")  # until then, a key that is down was so before power came

    def _read(self) -> None:
        assert self._process.stdout
        for text in self._process.stdout:
            with self._said:
                self.events.append(json.loads(text))
                self._said.notify_all()

    def until(self, condition: Callable[[], Any], timeout_s: float = 10.0) -> None:
        with self._said:
            assert self._said.wait_for(condition, timeout_s), self.events[-20:]

    def do(self, *words: str) -> list[dict[str, Any]]:
        """Say these and wait for the answers; returns what came meanwhile."""
        before = len(self.events)
        self._answers += len(words)
        assert self._process.stdin
        self._process.stdin.write("".join(f"{word}\n" for word in words))
        self._process.stdin.flush()
        self.until(lambda: len(self.all("done")) + len(self.all("refused")) >= self._answers)
        return self.events[before:]

    def all(self, what: str) -> list[Any]:
        return [event[what] for event in self.events if what in event]

    @property
    def leds(self) -> str:
        return str((self.all("leds") or [DARK])[-1])

    def push(self, key: int) -> None:
        """By the book: closed until believed, open until believed."""
        self.do(f"press {key}", f"wait {DEBOUNCE_MS}", f"release {key}", f"wait {DEBOUNCE_MS}")

    def until_acked(self, count: int) -> None:
        """The driver has answered so many frames with our address, three."""
        self.until(lambda: sum("".join(self.all("rx")).count(ack) for ack in ACK.values()) >= count)

    def end(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        _, complaint = self._process.communicate(timeout=10)
        self._reader.join(10)
        assert (self._process.returncode, complaint) == (0, "")  # a sanitizer would have complained


@contextmanager
def powered(program: Path, *options: str, **more: bool) -> Iterator[Pad]:
    pad = Pad(program, *options, **more)
    try:
        yield pad
    finally:
        pad.end()


class Bench:
    """A pad and the driver that serves it, as in a kiosk."""

    def __init__(self, pad: Pad, address: int = ADDRESS) -> None:
        self.pad = pad
        self.presses: list[Press] = []
        url = f"serial://{pad.ready['pty']}?baudrate=9600"
        self.driver = open_evaluator("window 1", url, "ff68", self.presses.append, address=address)
        self.supervisor = Supervisor([self.driver])
        self.supervisor.start()
        self.until(lambda: self.driver.status.state is DeviceState.ONLINE)

    @property
    def labels(self) -> list[str]:
        return [press.label for press in self.presses]

    @staticmethod
    def until(condition: Callable[[], Any], timeout_s: float = 10.0) -> None:
        deadline = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.005)


@contextmanager
def served(pad: Pad, address: int = ADDRESS) -> Iterator[Bench]:
    bench = Bench(pad, address)
    try:
        yield bench
    finally:
        bench.supervisor.stop()


def serial(folder: Path, address: int = ADDRESS) -> Sequence[str]:
    return ("--pty", str(folder / f"ev{address}"), "--address", str(address))


@pytest.fixture
def pad(program: Path, tmp_path: Path) -> Iterator[Pad]:
    with powered(program, *serial(tmp_path), "--step") as made:
        yield made


@pytest.fixture
def bench(pad: Pad) -> Iterator[Bench]:
    with served(pad) as made:
        yield made


# ---- the framing alone, against golden bytes and against its definition


@pytest.fixture(scope="module")
def framing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], list[str]]]:
    target = tmp_path_factory.mktemp("built") / "ff68_filter"
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [str(build(target, SOURCE / "ff68.c", HERE / "ff68_filter.c"))], stdin=pipe, stdout=pipe, text=True
    ) as process:
        assert process.stdin and process.stdout

        def ask(words: str) -> list[str]:
            assert process.stdin and process.stdout
            process.stdin.write(words + "\n")
            process.stdin.flush()
            return [line.strip() for line in iter(process.stdout.readline, ".\n")]

        yield ask
        process.stdin.close()
        assert process.wait(10) == 0


GOLDEN = {
    "0103": "ff6802026801030416",
    "031101": "ff680303680311011516",
    "07010c": "ff6803036807010c1416",
    "02020001020a0a0a": "ff6808086802020001020a0a0a2516",
}


@pytest.mark.parametrize("body", GOLDEN)
def test_golden_frames(framing: Callable[[str], list[str]], body: str) -> None:
    assert framing(f"w {body}") == [GOLDEN[body]]
    assert framing(f"r {GOLDEN[body]}") == [body]
    assert framing(f"r ffff680068{GOLDEN[body]}ff{GOLDEN[body]}") == [body, body]


def frames_by_definition(line: bytes) -> list[str]:
    """Front to back; a place where no frame can begin is passed over, one where it may still end is waited at."""
    found, at = [], 0
    while at < len(line):
        head = line[at : at + 5]
        length = head[2] if len(head) > 2 else 2
        whole = b"\xff\x68" + bytes((length, length)) + b"\x68"
        body, tail = line[at + 5 : at + 5 + length], line[at + 5 + length : at + 7 + length]
        if not 2 <= length <= 34 or head != whole[: len(head)]:
            at += 1
        elif len(tail) < 2:
            break
        elif tail == bytes((sum(body) & 0xFF, 0x16)):
            found.append(body.hex())
            at += 7 + length
        else:
            at += 1
    return found


frames = st.binary(min_size=2, max_size=34).map(wrapped)
wrong_length = (st.binary(max_size=1) | st.binary(min_size=35, max_size=36)).map(wrapped)
one_wrong_byte = st.tuples(frames, st.integers(0, 40), st.integers(0, 255)).map(
    lambda t: t[0][: t[1]] + bytes((t[2],)) + t[0][t[1] + 1 :]
)
cut_short = st.tuples(frames, st.integers(0, 40)).map(lambda t: t[0][: t[1]])
alike = st.lists(st.sampled_from((0xFF, 0x68, 0x16, 0x02, 0x22, 0x23)), max_size=40).map(bytes)
lines = st.lists(
    st.one_of(frames, wrong_length, one_wrong_byte, cut_short, alike, st.binary(max_size=12)), max_size=12
).map(b"".join)


@settings(max_examples=150, deadline=None)
@given(line=lines)
def test_reads_what_the_definition_reads(framing: Callable[[str], list[str]], line: bytes) -> None:
    assert framing(f"r {line.hex()}") == frames_by_definition(line)


# ---- one push is one rating, with the real driver


def test_three_buttons(bench: Bench) -> None:
    for count, key in enumerate(LABELS, start=1):
        bench.pad.do(f"press {key}", f"wait {DEBOUNCE_MS}")
        bench.pad.until_acked(count)
        bench.pad.do(f"release {key}", f"wait {DEBOUNCE_MS}")
    assert bench.pad.all("tx") == list(RATING.values())
    assert [(press.label, press.raw.hex()) for press in bench.presses] == [(LABELS[k], RATING[k]) for k in LABELS]


bounces = st.lists(st.integers(1, DEBOUNCE_MS - 1), max_size=15)


def bounce(key: int, closed: bool, flips: list[int]) -> list[str]:
    """The contact goes to its new place, leaves it and comes back, never resting for the debounce time."""
    words = (f"press {key}", f"release {key}") if closed else (f"release {key}", f"press {key}")
    pairs = zip(flips[::2], flips[1::2], strict=False)
    chatter = [word for on, off in pairs for word in (words[0], f"wait {on}", words[1], f"wait {off}")]
    return [*chatter, words[0]]


@pytest.fixture(scope="module")
def lasting(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One pad for many examples."""
    with (
        powered(program, *serial(tmp_path_factory.mktemp("line")), "--step") as pad,
        served(pad) as bench,
    ):
        yield bench


@settings(max_examples=60, deadline=None)
@given(turn=st.integers(1, 2), down=bounces, held=st.integers(0, 3000), up=bounces)
def test_a_bouncing_push_is_one_rating(lasting: Bench, turn: int, down: list[int], held: int, up: list[int]) -> None:
    pad, before = lasting.pad, len(lasting.presses)
    key = (
        (LABELS_AT[lasting.labels[-1]] + turn - 1) % 3 + 1 if before else 1
    )  # another than last time: no 300 ms wait
    pad.do(*bounce(key, True, down), f"wait {DEBOUNCE_MS - 1}")
    assert len(pad.all("tx")) == before
    pad.do("wait 1")
    pad.until_acked(before + 1)
    pad.do(f"wait {held}", *bounce(key, False, up), f"wait {DEBOUNCE_MS}")
    assert pad.all("tx")[before:] == [RATING[key]]
    assert lasting.labels[before:] == [LABELS[key]]
    assert pad.leds == DARK


LABELS_AT = {label: key for key, label in LABELS.items()}


def test_a_spike_is_no_push(pad: Pad) -> None:
    pad.do(*["press 2", f"wait {DEBOUNCE_MS - 1}", "release 2", "wait 1"] * 5, "wait 500")
    assert pad.all("tx") == []


def test_two_keys_at_once_are_nobodys_answer(pad: Pad) -> None:
    pad.do("press 1", "wait 5", "press 3", "wait 100", "release 1", "wait 100", "release 3", "wait 100")
    assert pad.all("tx") == []
    pad.push(2)
    assert pad.all("tx") == [RATING[2]]


def test_a_second_key_under_a_held_one_is_nothing(bench: Bench) -> None:
    bench.pad.do("press 1", f"wait {DEBOUNCE_MS}")
    bench.pad.until_acked(1)
    bench.pad.do("wait 500", "press 2", "wait 500", "release 1", "wait 500", "release 2", "wait 500")
    assert bench.pad.all("tx") == [RATING[1]]
    assert bench.labels == [LABELS[1]]


def test_a_stuck_key_says_nothing_more_and_silences_nobody(pad: Pad) -> None:
    pad.do("press 1", f"wait {DEBOUNCE_MS}", f"hear {ACK[1]}", "wait 9000", "press 2", "wait 100", "release 2")
    assert pad.all("tx") == [RATING[1]]
    pad.do("wait 10100")
    pad.push(2)
    pad.do(f"hear {ACK[2]}", "wait 100")
    pad.push(3)
    pad.do(f"hear {ACK[3]}", "release 1", "wait 100")
    pad.push(1)
    assert pad.all("tx") == [RATING[key] for key in (1, 2, 3, 1)]


def test_a_key_held_while_power_comes_is_no_push(program: Path, tmp_path: Path) -> None:
    with powered(program, *serial(tmp_path), "--step", power_on=False) as pad:
        pad.do("press 3", "wait 2000", "release 3", "wait 100")
        assert pad.all("tx") == []
        pad.push(3)
        assert pad.all("tx") == [RATING[3]]


# ---- acknowledgements


@pytest.mark.parametrize("address", [1, 2, 3, 4])
def test_lost_answers_are_repetitions_and_still_one_rating(program: Path, tmp_path: Path, address: int) -> None:
    with powered(program, *serial(tmp_path, address), "--step") as pad, served(pad, address) as bench:
        pad.do("deaf on", "press 1", "wait 2000", "release 1", "wait 100")
        sent = [event["ms"] for event in pad.events if "tx" in event]
        pauses = {later - sooner for sooner, later in pairwise(sent)}
        assert len(sent) == 4 and pauses == {40 + 10 * (address % 4)}
        assert sent[-1] - sent[0] < DRIVER_DEBOUNCE_MS
        pad.do("deaf off", "press 2", f"wait {DEBOUNCE_MS}")
        pad.until(lambda: frame(0x01, "02", address) in "".join(pad.all("rx")))
        assert bench.labels == [LABELS[1], LABELS[2]]


def test_the_answer_ends_the_repetitions(pad: Pad) -> None:
    pad.do("press 1", "wait 100", f"hear {ACK[1]}", "wait 1000")
    assert pad.all("tx") == [RATING[1]] * 2


@pytest.mark.parametrize("wrong", [ACK[2], frame(0x01, "01", 2), frame(0x01, "0101"), frame(0x01), frame(0x11, "01")])
def test_another_answer_does_not(pad: Pad, wrong: str) -> None:
    pad.do("press 1", f"wait {DEBOUNCE_MS}", f"hear {wrong}", "wait 1000")
    assert pad.all("tx") == [RATING[1]] * 4


def test_keys_are_locked_until_answered_or_given_up(pad: Pad) -> None:
    pad.push(1)
    pad.push(2)
    assert set(pad.all("tx")) == {RATING[1]}
    pad.do("wait 280")
    pad.push(2)
    assert pad.all("tx")[-1] == RATING[2]


def test_does_not_speak_while_another_speaks(pad: Pad) -> None:
    pad.do("press 1", f"wait {DEBOUNCE_MS - 1}", "hear 00", "wait 3")
    assert pad.all("tx") == []
    pad.do("wait 1")
    assert pad.all("tx") == [RATING[1]]


def test_a_line_that_is_never_quiet_is_given_up(pad: Pad) -> None:
    pad.do("press 1", f"wait {DEBOUNCE_MS - 1}", *["hear 00", "wait 2"] * 200, "wait 1000")
    assert pad.all("tx") == []


# ---- lamps


def test_blinks_when_asked_and_thanks_when_told(bench: Bench) -> None:
    pad = bench.pad
    bench.driver.prompt()
    pad.until(lambda: pad.leds == BLINK)
    pad.do("wait 500")
    assert pad.leds == DARK
    pad.do("wait 500")
    assert pad.leds == BLINK
    pad.do("press 1", f"wait {DEBOUNCE_MS}")
    assert pad.all("leds")[-2:] in ([BLINK, LAMP[1]], [LAMP[1], DARK])  # the answer may be here already
    pad.until(lambda: pad.leds == DARK)
    bench.driver.thank()
    pad.until(lambda: "00011" in pad.all("leds") and pad.leds == "00011")  # thanks, and the buzzer
    pad.do("wait 100")
    assert pad.leds == THANKS
    pad.do("wait 5000")
    assert pad.leds == DARK


def test_an_unheard_push_lets_the_keys_blink_again(pad: Pad) -> None:
    pad.do(f"hear {PROMPT}", "press 3", f"wait {DEBOUNCE_MS}")
    assert pad.leds == LAMP[3]
    pad.do("wait 1500")
    assert LAMP[3] not in pad.all("leds")[-2:] and BLINK in pad.all("leds")[-2:]


def test_a_push_without_a_prompt_is_reported_and_thanks_nobody(pad: Pad) -> None:
    pad.push(2)
    pad.do(f"hear {ACK[2]}", "wait 100")
    assert pad.all("tx") == [RATING[2]]
    assert pad.all("leds") == [LAMP[2], DARK]


def test_the_next_citizens_push_ends_the_last_ones_thanks(pad: Pad) -> None:
    pad.do(f"hear {STARS}", "wait 1000", "press 1", f"wait {DEBOUNCE_MS}")
    assert pad.leds == LAMP[1]


def test_a_prompt_ends_by_itself(pad: Pad) -> None:
    pad.do(f"hear {PROMPT}", "wait 59999")
    assert set(pad.all("leds")) == {BLINK, DARK}
    shown = len(pad.all("leds"))
    pad.do("wait 5000")
    assert pad.leds == DARK and len(pad.all("leds")) <= shown + 1


def test_digits_are_for_pads_that_have_them(pad: Pad) -> None:
    pad.do(f"hear {frame(0x02, '0001020a0a0a')}", "wait 10")
    assert pad.all("leds") == []


# ---- the line


@pytest.mark.parametrize("word", [frame(0x01, "0b", 2), frame(0x02, "05", 4), frame(0x03, "", 0)])
def test_frames_for_other_windows_are_ignored(pad: Pad, word: str) -> None:
    pad.do(f"hear {word}", "wait 10")
    assert pad.all("leds") == []


@settings(max_examples=60, deadline=None)
@given(line=lines.filter(lambda line: len(line) < 200))
def test_a_prompt_after_garbage_is_obeyed(lasting: Bench, line: bytes) -> None:
    """At once, or when the line has been silent for 200 ms and what looked like a long frame is given up."""
    pad = lasting.pad
    pad.do(f"hear {line.hex()}{PROMPT}", "wait 200")
    assert pad.leds[:3] == BLINK[:3]
    pad.do(f"hear {STARS}", "wait 6000")
    assert pad.leds == DARK


def test_half_a_frame_holds_a_prompt_back_for_200_ms_at_most(pad: Pad) -> None:
    pad.do(f"hear ff68202068{PROMPT}", "wait 199")
    assert pad.leds == DARK
    pad.do("wait 1")
    assert pad.leds == BLINK


@pytest.mark.parametrize("garbage", ["00ffff68fe", "ff68202068", "ff680303680311", RATING[3][:-2] + "17", "ff" * 80])
def test_the_driver_hears_a_push_behind_noise(bench: Bench, garbage: str) -> None:
    bench.pad.do(f"say {garbage}", "press 1", f"wait {DEBOUNCE_MS}")
    bench.pad.until_acked(1)
    assert bench.labels == [LABELS[1]]


def test_unplugged_and_plugged_again(bench: Bench) -> None:
    pad = bench.pad
    bench.driver.prompt()
    pad.until(lambda: pad.leds == BLINK)
    pad.do("unplug")
    assert pad.leds == DARK
    bench.until(lambda: bench.driver.status.state is DeviceState.ABSENT)
    pad.do("press 1", "wait 100", "release 1", "wait 100")
    pad.do("plug", f"wait {DEBOUNCE_MS}")
    bench.until(lambda: bench.driver.status.state is DeviceState.ONLINE)
    pad.do("press 2", f"wait {DEBOUNCE_MS}")
    pad.until_acked(1)
    assert bench.labels == [LABELS[2]]


def test_in_real_time(program: Path, tmp_path: Path) -> None:
    with powered(program, *serial(tmp_path)) as pad, served(pad) as bench:
        pad.do("wait 40", "deaf on", "press 1", "wait 500", "release 1", "wait 40", "deaf off")
        assert 1 < len(pad.all("tx")) <= 4
        pad.do("press 2", "wait 40")
        pad.until(lambda: ACK[2] in "".join(pad.all("rx")))
        assert bench.labels == [LABELS[1], LABELS[2]]


# ---- the keyboard

TYPED = {key: f"0000{0x1D + key:02x}0000000000" for key in LABELS}
UP = "00" * 8


@pytest.fixture
def keyboard(program: Path) -> Iterator[Pad]:
    with powered(program, "--hid", "--step") as made:
        yield made


@pytest.mark.parametrize("key", LABELS)
def test_a_held_key_is_typed_once(keyboard: Pad, key: int) -> None:
    keyboard.do(*bounce(key, True, [3, 2, 7, 1]), "wait 5000", *bounce(key, False, [3, 2, 7, 1]), "wait 1000")
    assert keyboard.all("report") == [TYPED[key], UP]
    assert keyboard.all("leds") == [LAMP[key], DARK]


def test_a_busy_host_is_asked_again_and_a_sleeping_one_given_up(keyboard: Pad) -> None:
    keyboard.do("busy on", "press 1", "wait 200", "busy off", "wait 100", "release 1", "wait 400")
    assert keyboard.all("report") == [TYPED[1], UP]
    keyboard.do("busy on", "press 2", "wait 1000", "release 2", "wait 20", "busy off", "wait 100")
    assert keyboard.all("report") == [TYPED[1], UP]
    keyboard.push(3)
    keyboard.do("wait 100")
    assert keyboard.all("report")[2:] == [TYPED[3], UP]


def test_what_went_down_comes_up_before_the_next_goes_down(keyboard: Pad) -> None:
    keyboard.do("press 1", "wait 25", "busy on", "release 1", "wait 1000")
    keyboard.push(1)
    assert keyboard.all("report") == [TYPED[1]]
    keyboard.do("wait 1000", "busy off", "wait 10")
    keyboard.push(1)
    keyboard.do("wait 100")
    assert keyboard.all("report") == [TYPED[1], UP, TYPED[1], UP]


# ---- the program


def test_announces_its_line_and_takes_it_away(program: Path, tmp_path: Path) -> None:
    with powered(program, *serial(tmp_path), "--step") as pad:
        link = Path(pad.ready["pty"])
        assert pad.ready == {"kind": "reference_evaluator", "device": 0, "pty": str(tmp_path / f"ev{ADDRESS}")}
        assert link.is_symlink() and link.exists()
    assert not link.is_symlink()


@pytest.mark.parametrize("options", [(), ("--pty",), ("--hid", "--pty", "x"), ("--loud",)])
def test_bad_arguments_are_refused_with_usage(program: Path, options: Sequence[str]) -> None:
    done = subprocess.run([str(program), *options], capture_output=True, text=True, check=False, timeout=10)
    assert done.returncode == 2 and "--pty" in done.stderr and done.stdout == ""


@pytest.mark.parametrize("words", ["press 4", "press", "dance", "wait", "deaf maybe", "x" * 600])
def test_nonsense_is_refused_and_changes_nothing(pad: Pad, words: str) -> None:
    assert "refused" in pad.do(words)[0]
    pad.push(1)
    assert pad.all("tx") == [RATING[1]]
