"""Kokoro: how words are written for it, the engine on a model that hums, and the clips that stand in meanwhile."""

import dataclasses
import math
import os
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin.contrib.tone_convert import to_tone3
from pypinyin.pinyin_dict import pinyin_dict

from devices.base import DeviceState
from display.announce import clips, window_clip
from display.config import VoiceSettings
from display.hub import Hub
from display.voice import kokoro as kokoro_module
from display.voice.cache import Cache
from display.voice.clips import NO_ENGINE, NO_KOKORO, Clips
from display.voice.engines import EngineError, Espeak
from display.voice.kokoro import RATE, Kokoro
from display.voice.phonemes import IDS, LETTERS, MOST_SYMBOLS, UnreadableError, phonemes, token_ids
from display.voice.pinyin import left_out
from display.voice.sound import Sound, from_wav
from display.voice.voice import Voice
from display.web import create_app
from docs.wall_screens import BOARD
from tests.display.standin_model import FLOAT, INT32, SAMPLES, model, pitch, voice
from tests.display.test_voice_parts import FakeEngine, tone
from tests.display.test_voice_reading import CALL, READ, SAMPLE

# The words. Syllables as Kokoro's own transcription has them, with _ for the tone; apart from the product's table.
SAID = {
    "零": "li_ŋ", "一": "i_", "二": "ɚ_", "三": "sa_n", "四": "sɨ_", "五": "u_", "六": "ljou_", "七": "ʨʰi_",
    "八": "pa_", "九": "ʨjou_", "十": "ʂɨ_", "百": "pai_", "请": "ʨʰi_ŋ", "号": "xau_", "到": "tau_",
    "窗": "ꭧʰwa_ŋ", "口": "kʰou_", "办": "pa_n", "理": "li_",
}  # fmt: skip
ARROWS = {"1": "→", "2": "↗", "3": "↓", "4": "↘"}


def expected(text: str) -> str:
    pieces = [" ".join(spoken(piece)) for piece in text.split("，")]
    return f"{', '.join(pieces)}."


def spoken(piece: str) -> list[str]:
    tones = [READ[c][-1] if c in READ else "" for c in piece]
    for i in range(len(piece)):
        if piece[i : i + 2] == "一百":
            tones[i] = "4"
        elif tones[i] == "3" and READ.get(piece[i + 1 : i + 2], "")[-1:] == "3":
            tones[i] = "2"
    return [SAID[c].replace("_", ARROWS[t]) if t else LETTERS[c] for c, t in zip(piece, tones, strict=True)]


@pytest.mark.parametrize(("number", "window"), SAMPLE)
def test_fifty_calls_are_written_right(number: str, window: str) -> None:
    for text in clips(dataclasses.replace(CALL, number=number, window=window)):
        assert phonemes(text) == expected(text), text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("九五号", "ʨjou↗ u↓ xau↘."),
        ("五九五号", "u↗ ʨjou↗ u↓ xau↘."),
        ("五零五号", "u↓ li↗ŋ u↓ xau↘."),
        ("到五窗口办理", "tau↘ u↓ ꭧʰwa→ŋ kʰou↓ pa↘n li↓."),
        ("请，五", "ʨʰi↓ŋ, u↓."),
        ("到综合一窗口办理", "tau↘ ʦʊ→ŋ xɤ↗ i→ ꭧʰwa→ŋ kʰou↓ pa↘n li↓."),
        ("请，绿", "ʨʰi↓ŋ, ly↘."),
        ("请，女士", "ʨʰi↓ŋ, ny↓ ʂɨ↘."),
        ("请，养老", "ʨʰi↓ŋ, ja↗ŋ lau↓."),
        ("请，军", "ʨʰi↓ŋ, ʨy→n."),
        ("请，a", "ʨʰi↓ŋ, ei→."),
    ],
)
def test_third_tones_give_way_and_other_characters_are_written_too(text: str, written: str) -> None:
    assert phonemes(text) == written


def test_every_syllable_of_mandarin_is_written_with_symbols_that_the_model_knows() -> None:
    first = {chr(c): sounds.split(",")[0] for c, sounds in pinyin_dict.items() if not left_out(chr(c))}
    characters = {to_tone3(sound, neutral_tone_with_five=True): c for c, sound in first.items()}
    sighs = {one for one in characters if re.fullmatch("(hm|hng|m|n|ng|ê)[1-5]", one)}
    assert len(characters) > 1200 and len(sighs) < 15
    for syllable in characters.keys() - sighs:
        assert token_ids(characters[syllable])[-1] == IDS["."], syllable


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("请，自从", "21 162 51 169 112 3 16 20 101 173 16 20 162 135 172 112 4"),
        ("十二月军训", "130 101 172 16 85 173 16 99 47 173 16 21 67 171 56 16 77 67 173 56 4"),
        ("勇者刷和", "52 135 172 112 16 23 140 169 16 130 65 43 171 16 66 140 172 4"),
        ("偏去", "58 162 52 86 171 56 16 21 162 67 173 4"),
        ("翁佛", "65 83 171 112 16 48 63 172 4"),
        ("三四九零", "61 43 171 56 16 61 101 173 16 21 52 57 63 169 16 54 51 172 112 4"),
        ("跑北卡", "58 162 43 63 172 16 58 47 51 172 16 53 162 43 169 4"),
        ("特忙人", "62 162 140 173 16 55 43 172 112 16 126 83 172 56 4"),
    ],
)
def test_symbols_have_the_numbers_of_the_vocabulary_that_comes_with_the_model(text: str, ids: str) -> None:
    """All that are used, looked up there by hand."""
    assert " ".join(map(str, token_ids(text))) == ids


def test_letters_are_written_with_symbols_that_the_model_knows() -> None:
    assert "".join(LETTERS) == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    for letter in LETTERS:
        assert len(token_ids(f"请，{letter}")) > len(token_ids("请"))


@pytest.mark.parametrize(
    "text",
    ["请，あ", "到Ω窗口办理", "到３窗口办理", "到①窗口办理", "到🚪窗口办理", "零1号", "", "，", "-", "零" * 200],
)
def test_what_has_no_reading_is_refused_and_never_left_out(text: str, hall: Path) -> None:
    with pytest.raises(UnreadableError):
        phonemes(text)
    assert Kokoro(hall).key(text) is None
    with pytest.raises(EngineError):
        Kokoro(hall).speak(text)


@given(st.text(max_size=70))
def test_any_text_is_written_whole_or_refused(text: str) -> None:
    try:
        ids = token_ids(text)
    except UnreadableError:
        return
    assert 1 < len(ids) <= MOST_SYMBOLS
    assert len(phonemes(text).split()) >= len([c for c in text if c.isalnum()])


def test_punctuation_is_no_word() -> None:
    assert phonemes("到A-三（东）窗口办理") == phonemes("到A三东窗口办理")
    assert phonemes("到〇窗口办理") == phonemes("到零窗口办理")


# The engine, on the real onnxruntime


@pytest.fixture
def hall(tmp_path: Path) -> Path:
    folder = tmp_path / "kokoro"
    folder.mkdir()
    (folder / "model.onnx").write_bytes(model())
    (folder / "voice.bin").write_bytes(voice())
    return folder


def radians_a_sample(sound: Sound) -> float:
    turns = sum(a < 0 <= b for a, b in zip(sound.samples, sound.samples[1:], strict=False))
    return turns * 2 * math.pi / len(sound.samples)


@pytest.mark.parametrize(("symbols", "speed"), [("tokens", FLOAT), ("input_ids", INT32)])
@pytest.mark.parametrize("text", ["请，A", "零零一号", "到一百零二号窗口办理"])
def test_the_model_gets_every_symbol_and_the_style_of_so_many(
    hall: Path, text: str, symbols: str, speed: int
) -> None:
    (hall / "model.onnx").write_bytes(model(symbols, speed))
    sound, ids = Kokoro(hall).speak(text), token_ids(text)
    assert sound.rate == RATE
    assert len(sound.samples) == pytest.approx(SAMPLES * sum(ids), rel=0.02)
    assert radians_a_sample(sound) == pytest.approx(pitch(len(ids)), rel=0.02)


def test_a_key_is_another_with_other_files_or_another_text(hall: Path) -> None:
    engine = Kokoro(hall)
    keys = {engine.key("零零一号"), engine.key("零零二号")}
    for name in ("model.onnx", "voice.bin"):
        os.utime(hall / name, (1, 1))
        keys.add(engine.key("零零一号"))
    (hall / "voice.bin").rename(hall / "zf_xiaoyi.bin")
    keys.add(engine.key("零零一号"))
    assert None not in keys and len(keys) == 5
    assert engine.key("零零一号") == Kokoro(hall).key("零零一号")


def damage(folder: Path, what: str) -> None:
    if what == "short model":
        (folder / "model.onnx").write_bytes(model()[:200])
    if what == "no model at all":
        (folder / "model.onnx").write_bytes(b"<html>404</html>" * 20)
    if what == "another model":
        (folder / "model.onnx").write_bytes(model("speech", speed=FLOAT).replace(b"style", b"stile"))
    if what == "no sound":
        (folder / "model.onnx").write_bytes(model(wave="Log"))


@pytest.mark.parametrize("what", ["short model", "no model at all", "another model", "no sound"])
def test_a_model_that_fails_is_not_asked_again_until_it_is_replaced(hall: Path, tmp_path: Path, what: str) -> None:
    damage(hall, what)
    engine = Kokoro(hall)
    clips = Clips([engine, Espeak()], Cache(tmp_path / "cache", 1_000_000))
    assert (clips.engine("请，A"), engine.problem) == ("kokoro", ""), "it is tried when there is something to say"
    assert from_wav(clips.make("请，A")).rate == 22050
    assert clips.engine("请，A") == "espeak-ng"
    assert "模型文件损坏或不适用" in engine.problem and "damaged" in engine.problem
    (hall / "model.onnx").write_bytes(model("input_ids"))
    assert engine.problem == ""
    assert from_wav(clips.make("请，A")).rate == RATE


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda folder: (folder / "model.onnx").unlink(), "holds 0 files *.onnx"),
        (lambda folder: (folder / "voice.bin").unlink(), "holds 0 files *.bin"),
        (lambda folder: (folder / "2.bin").write_bytes(b""), "holds 2 files *.bin"),
        (lambda folder: (folder / "voice.bin").write_bytes(voice()[:-4]), "has not the 522240 bytes of a voice"),
    ],
)
def test_what_is_missing_is_named_and_the_next_engine_speaks(
    hall: Path, tmp_path: Path, wrong: Callable[[Path], Any], said: str
) -> None:
    wrong(hall)
    made = Voice(VoiceSettings(tmp_path / "cache", kokoro=hall))
    assert made.clips.engine("请，A") == "espeak-ng"
    assert (made.status.state, made.status.faults) == (DeviceState.FAULT, {NO_KOKORO})
    assert said in made.status.detail and "Kokoro 不能报号" in made.status.detail
    with pytest.raises(EngineError):
        Kokoro(hall).speak("请，A")


def test_without_the_extra_the_product_runs_and_says_so_once(
    hall: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(kokoro_module, "LIBRARIES", ("no_such_runtime",))
    engine = Kokoro(hall)
    assert [engine.key("请，A"), engine.key("零零一号")] == [None, None]
    assert capsys.readouterr().out.count("没有安装 voice 附加库（no_such_runtime）") == 1


def test_kokoro_is_preferred_to_espeak_and_recordings_to_both(hall: Path, tmp_path: Path) -> None:
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    (recordings / "请，B.wav").write_bytes(b"")
    made = Voice(VoiceSettings(tmp_path / "cache", recordings=recordings, kokoro=hall))
    assert [made.clips.engine(f"请，{c}") for c in "ABあ"] == ["kokoro", "recordings", "espeak-ng"]
    assert made.status.state is DeviceState.ONLINE


# Clips that stand in


class SlowEngine(FakeEngine):
    name = "slow"
    quick = False

    def speak(self, text: str) -> Sound:
        super().speak(text)
        return tone(rate=16000)


class QuickEngine(FakeEngine):
    def key(self, text: str) -> str:
        return f"quick {text}"


@pytest.fixture
def pair(tmp_path: Path) -> Any:
    slow, quick = SlowEngine(), QuickEngine()
    slow.may.clear()
    clips = Clips([slow, quick], Cache(tmp_path / "cache", 1_000_000))
    clips.start()
    yield slow, quick, clips
    slow.may.set()
    clips.stop()


def rate(clips: Clips, text: str) -> int:
    data = clips.get(text)
    return from_wav(data).rate if data else 0


def test_a_quick_clip_stands_in_until_the_better_one_is_made(
    pair: Any, wait_until: Callable[..., Any], tmp_path: Path
) -> None:
    slow, quick, clips = pair
    clips.want(["a", "b"])
    wait_until(lambda: slow.said == ["a"])
    assert quick.said == ["a", "b"], "all that could be called has a clip before the slow one begins"
    assert (rate(clips, "a"), clips.stands_in("a"), clips.stands_in("b")) == (8000, True, True)
    slow.may.set()
    wait_until(lambda: not clips.stands_in("b"))
    assert (rate(clips, "a"), rate(clips, "b")) == (16000, 16000)
    assert len(list((tmp_path / "cache").iterdir())) == 2, "what stood in is gone"
    clips.want(["a", "c"])
    wait_until(lambda: rate(clips, "c") == 16000)
    assert (slow.said, quick.said) == (["a", "b", "c"], ["a", "b", "c"])


def test_what_the_slow_engine_cannot_make_stays_with_the_quick_one(pair: Any, wait_until: Callable[..., Any]) -> None:
    slow, quick, clips = pair
    slow.broken = True
    slow.may.set()
    clips.want(["a"])
    wait_until(lambda: slow.said == ["a"] and rate(clips, "a"))
    assert (rate(clips, "a"), clips.fault) == (8000, "")
    quick.broken = True
    clips.want(["b"])
    wait_until(lambda: clips.fault == NO_ENGINE)


def test_a_page_is_told_not_to_keep_what_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hall: Path, wait_until: Callable[..., Any]
) -> None:
    going = threading.Event()
    monkeypatch.setattr(Kokoro, "speak", lambda *_: going.wait(20) and tone(rate=RATE))
    made = Voice(VoiceSettings(tmp_path / "cache", kokoro=hall))
    made.start()
    try:
        made.issued("A001")
        page = create_app(Hub(lambda: None), made, "", "'none'").test_client()
        wait_until(lambda: page.get("/voice/clips/零零一号").status_code == 200)
        assert page.get("/voice/clips/零零一号").headers["Cache-Control"] == "no-store"
        going.set()
        wait_until(lambda: not made.stands_in("零零一号"))
        answer = page.get("/voice/clips/零零一号")
        assert answer.headers["Cache-Control"] != "no-store" and from_wav(answer.data).rate == RATE
    finally:
        going.set()
        made.stop()


def test_a_clip_that_became_better_while_it_was_read_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hall: Path, wait_until: Callable[..., Any]
) -> None:
    going, read = threading.Event(), Voice.clip
    monkeypatch.setattr(Kokoro, "speak", lambda *_: going.wait(20) and tone(rate=RATE))
    made = Voice(VoiceSettings(tmp_path / "cache", kokoro=hall))

    def read_slowly(self: Voice, text: str) -> bytes | None:
        data = read(self, text)
        going.set()
        wait_until(lambda: not made.stands_in(text))
        return data

    made.start()
    try:
        made.issued("A001")
        wait_until(lambda: made.clip("零零一号"))
        monkeypatch.setattr(Voice, "clip", read_slowly)
        answer = create_app(Hub(lambda: None), made, "", "'none'").test_client().get("/voice/clips/零零一号")
        assert from_wav(answer.data).rate != RATE and answer.headers["Cache-Control"] == "no-store"
    finally:
        going.set()
        made.stop()


def test_a_voice_that_is_completed_while_the_agent_runs_says_what_was_known_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hall: Path, wait_until: Callable[..., Any]
) -> None:
    monkeypatch.setattr(Kokoro, "speak", lambda *_: tone(rate=RATE))
    monkeypatch.setattr(Kokoro, "problem", "no voice yet")
    made = Voice(VoiceSettings(tmp_path / "cache", kokoro=hall))
    window = window_clip(BOARD.windows[0].no)
    made.start()
    try:
        made.show(BOARD)
        page = create_app(Hub(lambda: None), made, "", "'none'").test_client()
        wait_until(lambda: page.get(f"/voice/clips/{window}").data)
        assert from_wav(page.get(f"/voice/clips/{window}").data).rate != RATE
        monkeypatch.setattr(Kokoro, "problem", "")
        assert page.get(f"/voice/clips/{window}").headers["Cache-Control"] == "no-store", "no page keeps the old one"
        wait_until(lambda: from_wav(page.get(f"/voice/clips/{window}").data).rate == RATE, 30)
    finally:
        made.stop()
