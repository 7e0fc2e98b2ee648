"""The voice's parts: sound, recordings, the cache on disk, clips made ahead, and who may speak."""

import math
import os
import threading
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from display.voice import clips as clips_module
from display.voice.cache import Cache
from display.voice.clips import NO_DISK, NO_ENGINE, Clips
from display.voice.election import LEASE_S, MAX_ZONES, Ask, Election
from display.voice.engines import EngineError, Espeak, Recordings
from display.voice.sound import LEVEL, LONGEST_S, Sound, SoundError, clip, from_wav, joined, level, to_wav


def tone(seconds: float = 0.3, height: float = 0.5, rate: int = 8000, silence: float = 0.0) -> Sound:
    quiet = [0] * int(silence * rate)
    wave = [round(height * 32767 * math.sin(i / 3)) for i in range(int(seconds * rate))]
    return Sound(rate, array("h", [*quiet, *wave, *quiet]))


# Sound


@pytest.mark.parametrize("height", [0.05, 0.5, 1.0])
def test_a_clip_has_no_silence_and_the_common_loudness(height: float) -> None:
    made = clip(tone(0.4, height, silence=0.5))
    assert made.seconds == pytest.approx(0.4, abs=0.05)
    assert level(made) == pytest.approx(LEVEL, rel=0.05)
    assert made.samples[0] == 0


@pytest.mark.parametrize("sound", [tone(0.3, 0.0), tone(LONGEST_S + 0.5), Sound(8000, array("h"))])
def test_silence_and_speeches_are_no_clips(sound: Sound) -> None:
    with pytest.raises(SoundError):
        clip(sound)


def test_wav_goes_in_and_out_also_of_two_channels() -> None:
    sound = tone(0.1)
    assert from_wav(to_wav(sound)) == sound
    stereo = bytearray(to_wav(Sound(8000, array("h", [100, 200, -5, -7]))))
    stereo[22], stereo[28:30], stereo[32] = 2, (32000).to_bytes(2, "little"), 4
    assert list(from_wav(bytes(stereo)).samples) == [150, -6]


@given(st.binary(max_size=200))
def test_bytes_that_are_no_wav_are_refused_by_name(data: bytes) -> None:
    with pytest.raises(SoundError):
        from_wav(data)


def test_damaged_wav_is_refused_or_short() -> None:
    good = to_wav(tone(0.1))
    for cut in range(0, len(good), 37):
        try:
            assert len(from_wav(good[:cut]).samples) <= 800
        except SoundError:
            continue


def test_pieces_of_several_rates_are_joined() -> None:
    whole = joined([tone(0.2, rate=8000), tone(0.3, rate=16000)], 0.1)
    assert (whole.rate, whole.seconds) == (8000, pytest.approx(0.6))


# Recordings


def record(folder: Path, *texts: str) -> Recordings:
    for text in texts:
        (folder / f"{text}.wav").write_bytes(to_wav(tone(0.3, silence=0.2)))
    return Recordings(folder)


def test_a_number_is_put_together_from_its_digits_unless_it_was_recorded_whole(tmp_path: Path) -> None:
    hall = record(tmp_path, "零", "一", "号", "请，A")
    assert hall.key("零零二号") is None
    assert hall.key("到三号窗口办理") is None
    assert hall.speak("请，A").seconds == pytest.approx(0.33, abs=0.02)
    key = hall.key("零零一号")
    assert hall.speak("零零一号").seconds == pytest.approx(4 * 0.33 + 3 * 0.06, abs=0.05)
    record(tmp_path, "零零一号")
    assert hall.speak("零零一号").seconds == pytest.approx(0.33, abs=0.02)
    assert hall.key("零零一号") not in (None, key)


def test_a_number_that_is_put_together_is_no_speech_either(tmp_path: Path) -> None:
    """Three clips must fit into what a page is granted at a time."""
    for text in "零一号":
        (tmp_path / f"{text}.wav").write_bytes(to_wav(tone(1.2)))
    with pytest.raises(EngineError, match=r"零零一号.*longer than"):
        Recordings(tmp_path).speak("零零一号")


def test_a_recording_that_is_none_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "请，A.wav").write_bytes(b"RIFF")
    with pytest.raises(EngineError, match="请，A"):
        Recordings(tmp_path).speak("请，A")


@pytest.mark.parametrize("text", ["../secret", "a/b", "a\0b", "x" * 300])
def test_no_text_leads_out_of_the_folder(tmp_path: Path, text: str) -> None:
    (tmp_path / "hall").mkdir()
    record(tmp_path, "secret")
    assert Recordings(tmp_path / "hall").key(text) is None


# The cache


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def test_a_damaged_clip_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 1000)
    cache.put("a", b"sound")
    assert cache.get("a") == b"sound"
    for damage in (b"", b"x" * 10, files(tmp_path)[0].read_bytes()[:-1] + b"!"):
        files(tmp_path)[0].write_bytes(damage)
        assert cache.get("a") is None
        assert files(tmp_path) == []
        cache.put("a", b"sound")


def test_the_folder_keeps_its_bounds_and_what_was_used_last(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "made" / "here", 5 * 132)
    for i in range(5):
        cache.put(str(i), bytes(100))
        os.utime(cache._file(str(i)), (i, i))
    assert cache.get("0")
    cache.put("new", bytes(100))
    assert [cache.get(key) is not None for key in ("0", "1", "2", "3", "4", "new")] == [1, 0, 1, 1, 1, 1]


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    cache = Cache(tmp_path, 1000)
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        cache.put("a", b"sound")
    assert files(tmp_path) == []


# Clips made ahead


class FakeEngine:
    """Says each text as one tone; counts."""

    name = "fake"
    quick = True

    def __init__(self) -> None:
        self.said: list[str] = []
        self.may = threading.Event()
        self.may.set()
        self.broken = False

    def key(self, text: str) -> str:
        return text

    def speak(self, text: str) -> Sound:
        self.said.append(text)
        assert self.may.wait(10)
        if self.broken:
            raise EngineError("broken")
        return tone()


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def made(tmp_path: Path, engine: FakeEngine) -> Iterator[Clips]:
    clips = Clips([engine], Cache(tmp_path, 1_000_000))
    clips.start()
    yield clips
    engine.may.set()
    clips.stop()


def test_what_is_wanted_is_made_once_the_newest_call_first(
    made: Clips, engine: FakeEngine, wait_until: Callable[..., Any]
) -> None:
    engine.may.clear()
    made.want(["window 1"])
    wait_until(lambda: engine.said)
    made.want(["window 2", "window 3"])
    made.want(["old call", "new call"], urgent=True)
    made.want(["window 2"])
    assert made.get("new call") is None
    engine.may.set()
    wait_until(lambda: made.get("window 3"))
    assert engine.said == ["window 1", "new call", "old call", "window 2", "window 3"]
    made.want(engine.said)
    made.want(["last"])
    wait_until(lambda: made.get("last"))
    assert len(engine.said) == 6


def test_a_missing_engine_is_a_fault_that_ends(
    made: Clips, engine: FakeEngine, wait_until: Callable[..., Any]
) -> None:
    engine.broken = True
    made.want(["a"])
    wait_until(lambda: made.fault == NO_ENGINE)
    engine.broken = False
    made.want(["a"])
    wait_until(lambda: made.fault == "")
    assert made.get("a")


def test_what_failed_is_tried_again_also_while_news_come_and_come(
    made: Clips, engine: FakeEngine, wait_until: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clips_module, "RETRY_S", 0.5)
    engine.broken = True
    made.want(["a"])
    wait_until(lambda: made.fault == NO_ENGINE)
    engine.broken = False
    wait_until(lambda: made.want([]) or made.get("a"))


def test_a_full_disk_is_a_fault_and_nothing_more(
    made: Clips, monkeypatch: pytest.MonkeyPatch, wait_until: Callable[..., Any]
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Cache, "put", full)
        made.want(["a"])
        wait_until(lambda: made.fault == NO_DISK)
        assert made.get("a") is None
    made.want(["a"])
    wait_until(lambda: made.fault == "")
    assert made.get("a")


def test_a_clip_that_was_not_recorded_is_said_by_the_next_engine(tmp_path: Path) -> None:
    (tmp_path / "hall").mkdir()
    hall = record(tmp_path / "hall", "请，A")
    (tmp_path / "hall" / "请，C.wav").write_bytes(b"damaged")
    clips = Clips([hall, Espeak()], Cache(tmp_path / "cache", 1_000_000))
    assert [clips.engine(text) for text in ("请，A", "请，B", "请，C")] == ["recordings", "espeak-ng", "recordings"]
    rates = [from_wav(clips.make(text)).rate for text in ("请，A", "请，B", "请，C")]
    assert rates == [8000, 22050, 22050]
    assert clips.get("请，C") == clips.make("请，C")


# The election


def test_one_page_speaks_and_the_next_takes_over_when_it_leaves_or_is_silent() -> None:
    election = Election()
    assert election.ask(Ask("a", "", able=True), 0).page == "a"
    assert election.ask(Ask("b", "", able=True), 1).page == "a"
    assert election.ask(Ask("c", "B区", able=True), 1).page == "c"
    election.ask(Ask("a", "", able=True, said=7), 2)
    taken = election.ask(Ask("b", "", able=True), 2 + LEASE_S + 0.1)
    assert (taken.page, taken.said) == ("b", 7)
    election.ask(Ask("b", "", able=True, said=8, leaving=True), 13)
    assert [one.zone for one in election.speakers(10.9)] == ["B区"]
    taken = election.ask(Ask("a", "", able=True), 13)
    assert (taken.page, taken.said) == ("a", 8)


def test_who_cannot_sound_or_is_of_another_zone_does_not_speak() -> None:
    election = Election(["A区"])
    assert election.ask(Ask("a", "A区"), 0).page == ""
    assert election.ask(Ask("b", "", able=True, knew="x"), 0).page == ""
    assert election.ask(Ask("c", "A区", able=True), 0).page == "c"
    assert election.ask(Ask("c", "A区", able=False), 1).page == ""


def test_a_restarted_agent_lets_the_one_go_on_who_may_be_speaking() -> None:
    election = Election()
    assert election.ask(Ask("b", "", able=True, knew="a", said=5), 0).page == "a"
    assert election.ask(Ask("a", "", able=True, knew="a", said=6), 1).page == "a"
    assert Election().ask(Ask("a", "", able=True, knew="a"), 0).page == "a"


def test_zones_are_forgotten_in_the_end() -> None:
    election = Election()
    for i in range(MAX_ZONES * 2):
        election.ask(Ask("a", str(i), able=True), 0)
    assert len(election.speakers(0)) == MAX_ZONES


class SimulatedPage:
    """Asks, and may speak as long as its grant covers, by its own count from when it asked."""

    def __init__(self, name: str) -> None:
        self.name, self.until, self.knew = name, -1.0, ""

    def ask(self, election: Election, asked_at: float, heard_at: float) -> None:
        speaker = election.ask(Ask(self.name, "", able=True, knew=self.knew), heard_at)
        self.knew = speaker.page or self.knew
        self.until = asked_at + LEASE_S if speaker.page == self.name else -1.0


@given(st.lists(st.tuples(st.integers(0, 2), st.floats(0, 9), st.floats(0, 6)), max_size=60))
def test_never_two_at_once_however_late_questions_come(steps: list[tuple[int, float, float]]) -> None:
    """Questions take up to six seconds to arrive, pages fall silent for as long as they like."""
    election, pages, now = Election(), [SimulatedPage(name) for name in "abc"], 0.0
    for who, pause, delay in steps:
        now += pause
        pages[who].ask(election, now, now + delay)
        now += delay
        assert sum(page.until > now for page in pages) <= 1
