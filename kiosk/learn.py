"""`jiaohao-kiosk learn` and `replay`: profiles of evaluators and call pads, made and tried on the spot."""

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from devices.evaluator import REPORTS
from devices.evaluator.capture import Heard, Misfit, misfits, parse_capture, replay, said
from devices.evaluator.learning import (
    MISSING_EN,
    MISSING_ZH,
    SPOKEN,
    learn_keyboard,
    learn_line,
    learn_reports,
)
from devices.evaluator.profile import LineProfile, load_profile
from devices.evaluator.rules import RATINGS, WORDS
from devices.input_device import EV_KEY, SCHEME, input_path, open_input
from devices.transport import Lost, Transport, open_transport

WRONG, NONE_KNOWN = 2, 1
TICK_S = 0.05

Next = Callable[[float], bytes | None]
"""Waits so many seconds for one press; None when nothing came."""


class GivenUpError(Exception):
    """Nobody pressed, or what came makes no sense; the message says so in both languages."""


@click.command()
@click.argument("url")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="写到哪个文件 / the .toml to write")
@click.option(
    "--key", "words", type=click.Choice(WORDS), multiple=True, default=RATINGS[1:4], help="要学的键 / buttons"
)
@click.option("--times", type=click.IntRange(2, 20), default=3, help="每键按几次 / presses of each (3)")
@click.option("--title", default="自学的配置 learned", help="名称 / title")
@click.option(
    "--quiet-ms", type=click.IntRange(20, 5000), default=800, help="键与键之间的静默 / silence between keys"
)
@click.option(
    "--repeat-ms",
    type=click.IntRange(50, 5000),
    default=1500,
    help="这段时间内重复的字节算同一次 / the same bytes again within this time are the same press",
)
@click.option(
    "--wait", type=click.IntRange(1, 3600), default=60, help="等一次按键的秒数 / seconds to wait for a press"
)
def learn(
    url: str, out: Path, words: tuple[str, ...], times: int, title: str, quiet_ms: int, repeat_ms: int, wait: int
) -> None:
    """按键学习：把每个键按几下，写出一份配置。Press each button a few times; a profile is written.

    URL is the device: serial:///dev/ttyUSB0?baudrate=9600, tcp://…, evdev:by-path/… or hidraw:by-path/…
    """
    _check_out(out)
    try:
        with listening(url) as listen:
            ear = Ear(listen, repeat_ms / 1000, wait, whole=url.startswith(REPORTS))
            heard = {word: _presses(ear, word, times, quiet_ms / 1000) for word in words}
        text = learned(url, heard, title, ear.repeat_s)
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except (GivenUpError, Lost, ValueError, OSError) as error:
        click.echo(f"没有学成 / not learned: {error}", err=True)
        sys.exit(WRONG)
    click.echo(f"已写入 {out}；请核对后在 kiosk.toml 中使用。Written; check it, then name it in kiosk.toml.")
    if MISSING_EN in text:
        click.echo(f"{MISSING_ZH}。{MISSING_EN}.")


def _check_out(out: Path) -> None:
    """Nobody shall press twelve times for a file that cannot be written."""
    wrong = None
    if out.suffix != ".toml":
        wrong = "文件名须以 .toml 结尾 / must end in .toml"
    elif out.exists():
        wrong = f"{out} 已存在，请换一个文件名 / exists already: choose another name"
    elif not out.parent.is_dir() or not os.access(out.parent, os.W_OK):
        wrong = f"文件夹 {out.parent} 不存在或不可写 / no such folder, or it cannot be written to"
    if wrong:
        raise click.BadParameter(wrong, param_hint="--out")


def learned(url: str, heard: dict[str, list[bytes]], title: str, repeat_s: float) -> str:
    """The profile, as the text of its file. Raises `LearnError`."""
    if url.startswith(SCHEME):
        codes = {word: [int.from_bytes(one, "big") for one in presses] for word, presses in heard.items()}
        return learn_keyboard(codes, title, repeat_s)
    return (learn_reports if url.startswith(REPORTS) else learn_line)(heard, title, repeat_s)


class Ear:
    """Presses, one at a time: the same bytes again within `within_s` are repeats, until that long passes without.

    `repeat_s` is the longest time seen between two repeats. Whoever presses a button faster than that is not heard.
    `whole`: each burst is a report, and other ones, such as that of the key let go, belong to the press as well.
    """

    def __init__(
        self,
        listen: Next,
        within_s: float,
        wait_s: float,
        clock: Callable[[], float] = time.monotonic,
        *,
        whole: bool = False,
    ) -> None:
        self._listen, self._within_s, self._wait_s, self._clock = listen, within_s, wait_s, clock
        self._whole = whole
        self._ahead: bytes | None = None
        self.repeat_s = 0.0

    def settle(self, quiet_s: float) -> None:
        """What a pad repeats of the button before is let pass."""
        self._ahead = None
        until = self._clock() + self._wait_s
        while self._listen(quiet_s) is not None:
            self._bear(until)

    def press(self) -> tuple[bytes, int]:
        """And how often it came again. Raises `GivenUpError`."""
        press = self._ahead or self._listen(self._wait_s)
        if press is None:
            raise GivenUpError(f"{self._wait_s:g} 秒内没有收到按键 / no press within {self._wait_s:g} s")
        at = self._clock()
        until, repeats = at + self._wait_s, 0
        while (ahead := self._listen(self._within_s)) == press or (ahead and self._whole):
            self._bear(until)
            if ahead == press:
                before, at, repeats = at, self._clock(), repeats + 1
                self.repeat_s = max(self.repeat_s, at - before)
        self._ahead = ahead
        return press, repeats

    def _bear(self, until: float) -> None:
        if self._clock() > until:
            raise GivenUpError("设备一直在发送，停不下来 / the device does not stop sending")


def _presses(ear: Ear, word: str, times: int, quiet_s: float) -> list[bytes]:
    """Guide a person through one button."""
    ear.settle(quiet_s)
    click.echo(
        f"请按“{SPOKEN[word]}”键 {times} 次，每次等显示“收到”后再按。"
        f"Press {word} {times} times, each after “got” for the one before."
    )
    presses: list[bytes] = []
    while len(presses) < times:
        press, repeats = ear.press()
        presses.append(press)
        again = f"（又重发 {repeats} 次 sent again {repeats}×）" if repeats else ""
        click.echo(f"  收到 got {len(presses)}/{times}: {press.hex(' ')}{again}")
    return presses


@contextmanager
def listening(url: str) -> Iterator[Next]:
    """The device at `url`, opened for presses. Raises `Lost`, OSError or `SettingError`."""
    if url.startswith(SCHEME):
        with _keyboard(url) as listen:
            yield listen
    else:
        with closing(open_transport(url)) as line:
            yield lambda wait_s: _burst(line, wait_s, whole=url.startswith(REPORTS))


def _burst(line: Transport, wait_s: float, *, whole: bool) -> bytes | None:
    """Bytes up to the next silence; of a raw HID device the first report, while the others of the press pass by."""
    first = line.read(wait_s)
    if not first:
        return None
    rest = b"".join(iter(lambda: line.read(TICK_S * 2), b""))
    return first if whole else first + rest


@contextmanager
def _keyboard(url: str) -> Iterator[Next]:
    """The codes of keys going down, as two bytes each. The device is grabbed, so that nothing is typed elsewhere."""
    with closing(open_input(input_path(url))) as device:
        device.grab()

        def listen(wait_s: float) -> bytes | None:
            deadline = time.monotonic() + wait_s
            while time.monotonic() < deadline:
                try:
                    for event in device.read():
                        if event.type == EV_KEY and event.value == 1:
                            return event.code.to_bytes(2, "big")
                except BlockingIOError:
                    time.sleep(TICK_S)
            return None

        yield listen


@click.command(name="replay")
@click.argument("profile")
@click.argument("capture", type=click.File("rb"))
@click.option("--profiles", type=click.Path(path_type=Path), help="自有配置的文件夹 / the hall's own profiles")
def replay_command(profile: str, capture: BinaryIO, profiles: Path | None) -> None:
    """把录下的字节放进配置，看会发生什么。Feed a capture through a profile and print what it means.

    CAPTURE holds raw bytes, or lines of hex (one burst each; `> ff 68 …` of a stub's log as well). Exit codes: 0 a
    frame was recognised, 1 none was, 2 no such profile or a line that is not hex.
    """
    try:
        loaded = load_profile(profile, profiles)
    except ValueError as error:
        click.echo(str(error), err=True)
        sys.exit(WRONG)
    if not isinstance(loaded, LineProfile):
        click.echo("键盘式配置没有字节可以回放。A keyboard's profile has no bytes to replay.", err=True)
        sys.exit(WRONG)
    try:
        bursts = parse_capture(capture.read())
        story = list(replay(loaded, bursts))
    except ValueError as error:  # also an answer that does not fit its frame
        click.echo(str(error), err=True)
        sys.exit(WRONG)
    for heard in story:
        _tell_heard(heard)
    wrong = list(misfits(loaded.framing, bursts)) if loaded.framing else []
    for one in wrong:
        _tell_misfit(one)
    if story and (prompt := said(loaded, story[0].frame.numbers.get("address", 1), "prompt", "voice")):
        click.echo(f"请评价时发送 to prompt, sends: {_hexes(prompt)}")
    size, kept = sum(map(len, bursts)), sum(len(heard.frame.raw) for heard in story)
    click.echo(
        f"共 {len(story)} 帧 {len(story)} frames；读入 {size} 字节，丢弃 {size - kept} 字节，校验不符 {len(wrong)} 处"
        f" / {size} bytes read, {size - kept} thrown away, {len(wrong)} wrong checksums"
    )
    if not any(heard.known for heard in story):
        click.echo("没有认出任何一帧。No frame was recognised.", err=True)
        sys.exit(NONE_KNOWN)


def _tell_heard(heard: Heard) -> None:
    fields = " ".join(f"{name}={number:x}" for name, number in heard.frame.numbers.items())
    none = "（无键 no key）" if heard.known else "（不认识 not known）"
    word = f"{heard.word} {SPOKEN[heard.word]}" if heard.word else none
    click.echo(f"{word}\t{fields}\tdata={heard.frame.data.hex()}\t{heard.frame.raw.hex(' ')}")
    for name, sent in (("应答 answer", heard.answers), ("感谢 thanks", heard.thanks)):
        if sent:
            click.echo(f"  {name}: {_hexes(sent)}")


def _tell_misfit(one: Misfit) -> None:
    click.echo(
        f"校验不符：第 {one.at} 字节起（从 0 数），收到 {one.given.hex(' ')}，应为 {one.computed.hex(' ')}"
        f" / wrong checksum at byte {one.at}: got {one.given.hex(' ')}, computed {one.computed.hex(' ')}"
        f"\t{one.raw.hex(' ')}"
    )
    if one.fitting:
        kinds = "、".join(one.fitting)
        click.echo(f"  换成下列校验则相符 / would fit as: {kinds}")


def _hexes(sent: Iterable[bytes]) -> str:
    return " | ".join(one.hex(" ") for one in sent)
