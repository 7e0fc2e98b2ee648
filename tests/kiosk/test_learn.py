"""What counts as one press, told by a clock of the test's own; and where nothing is written."""

import pytest
from click.testing import CliRunner

from kiosk.cli import main
from kiosk.learn import Ear, GivenUpError


class Pad:
    """Bursts at given times, heard at once; time passes only while somebody listens."""

    def __init__(self, *bursts: tuple[float, bytes]) -> None:
        self._bursts, self.now = list(bursts), 0.0

    def listen(self, wait_s: float) -> bytes | None:
        if self._bursts and self._bursts[0][0] <= self.now + wait_s:
            self.now, burst = self._bursts.pop(0)
            return burst
        self.now += wait_s
        return None

    def ear(self, whole: bool = False) -> Ear:
        return Ear(self.listen, 1.5, 20, lambda: self.now, whole=whole)


def test_what_a_pad_repeats_is_one_press() -> None:
    pad = Pad(*((1 + n / 2, b"\x01") for n in range(4)), (5, b"\x01"), (5.3, b"\x02"))
    ear = pad.ear()
    assert [ear.press() for _ in range(3)] == [(b"\x01", 3), (b"\x01", 0), (b"\x02", 0)]
    assert ear.repeat_s == 0.5
    with pytest.raises(GivenUpError, match="20 秒内没有收到"):
        ear.press()


def test_the_report_of_a_key_let_go_is_no_press() -> None:
    ear = Pad((1, b"\x02\x01"), (1.4, b"\x02\x00"), (4, b"\x02\x02"), (4.3, b"\x02\x00")).ear(whole=True)
    assert [ear.press() for _ in range(2)] == [(b"\x02\x01", 0), (b"\x02\x02", 0)] and ear.repeat_s == 0


def test_a_pad_that_never_stops_is_given_up() -> None:
    for act in (Ear.press, lambda ear: ear.settle(0.8)):
        with pytest.raises(GivenUpError, match="停不下来"):
            act(Pad(*((n / 2, b"\x01") for n in range(100))).ear())


def test_a_file_that_cannot_be_written_is_refused_before_the_first_press(tmp_path) -> None:
    (tmp_path / "mine.toml").write_text("mine")
    for name, why in (("mine.toml", "已存在"), ("none/own.toml", "不存在"), ("own.txt", ".toml")):
        done = CliRunner().invoke(main, ["learn", "serial:///dev/null", "--out", str(tmp_path / name)])
        assert done.exit_code == 2 and why in done.output
    assert (tmp_path / "mine.toml").read_text() == "mine"


def test_a_replay_tells_what_it_threw_away_and_fails_when_nothing_fits(tmp_path) -> None:
    capture = tmp_path / "c.hex"

    def replayed(text: str) -> tuple[int, str]:
        capture.write_text(text, encoding="utf-8")
        done = CliRunner().invoke(main, ["replay", "ff68", str(capture)])
        return done.exit_code, done.output

    good, bad = "ff680303680111011316", "ff680303680111019916"
    code, said = replayed(f"00\n{good}\n{bad}\n{good}")
    assert code == 0 and "31 bytes read, 11 thrown away, 1 wrong checksums" in said
    assert "at byte 11: got 99, computed 13" in said and "answer: ff 68 03 03 68 01 01 01 03 16" in said
    assert "thanks: " in said and "to prompt, sends: ff 68" in said
    code, said = replayed(bad)
    assert code == 1 and "No frame was recognised" in said and "got 99, computed 13" in said
    code, said = replayed(f"{good}\nff 68 xx")
    assert code == 2 and "line 2" in said
