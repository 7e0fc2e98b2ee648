"""The voice's commands, and what the agent tells its pages of the voice."""

import sys
from datetime import UTC, datetime, time
from pathlib import Path
from subprocess import run
from typing import Any

import pytest

from display.config import VoiceSettings
from display.voice.kokoro import RATE
from display.voice.sound import LEVEL, from_wav, level
from display.voice.voice import Voice
from tests.display.conftest import ENV, TOKEN
from tests.display.standin_model import model
from tests.display.standin_model import voice as standin_voice

MAIN = "from display.cli import main; main()"


def voice(folder: Path, server: str, *words: str, extra: str = "") -> tuple[int, str, str]:
    (folder / "token").write_text(TOKEN)
    config = folder / "display.toml"
    config.write_text(f'server = "{server}"\ntoken_file = "token"\n{extra}', "utf-8")
    done = run(
        [sys.executable, "-c", MAIN, "voice", *words, "--config", str(config)],
        capture_output=True, text=True, env=ENV, timeout=120,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def test_list_render_and_say(server: Any, tmp_path: Path) -> None:
    call = tmp_path / "call.wav"
    nowhere = '[voice]\ncache = "token/cache"\n'  # below a file: nobody can write there
    code, _, said = voice(tmp_path, server.url, "say", "A001", "102", "--out", str(call), extra=nowhere)
    assert (code, said) == (0, "")
    sound = from_wav(call.read_bytes())
    assert 3 < sound.seconds < 7 and level(sound) == pytest.approx(LEVEL, rel=0.2)
    code, said, _ = voice(tmp_path, server.url, "list")
    lines = said.splitlines()
    assert (code, len(lines)) == (0, 12 + 5 + 11)
    assert lines[0] == "espeak-ng    到一号窗口办理.wav" and lines[-1] == "espeak-ng    号.wav"
    code, said, _ = voice(tmp_path, server.url, "render", "--numbers", "5")
    assert (code, said) == (0, "已生成 22 段，失败 0 段。 / 22 clips, 0 failed.\n")
    assert len(list((tmp_path / "voice-cache").iterdir())) == 22, "without the window that was tried"


def test_kokoro_is_listed_and_tried(server: Any, tmp_path: Path) -> None:
    (tmp_path / "hall").mkdir()
    (tmp_path / "hall" / "model.onnx").write_bytes(model())
    extra = '[voice]\nkokoro = "hall"\n'
    code, said, log = voice(tmp_path, server.url, "list", extra=extra)
    assert (code, said.count("kokoro"), said.count("espeak-ng")) == (0, 0, 28)
    assert log.count("Kokoro 不能报号") == 1 and "*.bin" in log
    (tmp_path / "hall" / "zf_xiaoyi.bin").write_bytes(standin_voice())
    code, said, log = voice(tmp_path, server.url, "list", extra=extra)
    assert (code, said.count("kokoro"), log) == (0, 28, "")
    call = tmp_path / "call.wav"
    assert voice(tmp_path, server.url, "say", "A001", "3", "--out", str(call), extra=extra) == (0, "", "")
    assert from_wav(call.read_bytes()).rate == RATE


def test_what_cannot_be_done_is_said(server: Any, tmp_path: Path) -> None:
    none = '[voice]\nengine = "none"\n'
    code, said, _ = voice(tmp_path, server.url, "list", extra=none)
    assert code == 1 and "缺 missing" in said
    out = ("--out", str(tmp_path / "a.wav"))
    assert voice(tmp_path, server.url, "say", "A001", "1", *out, extra=none)[0] == 1
    assert voice(tmp_path, server.url, "say", "A001", "1", *out, extra="[voice]\nx = 1\n")[0] == 2
    server.kill()
    assert voice(tmp_path, server.url, "list")[0] == 4


def test_volume_follows_the_hour_of_the_hall(tmp_path: Path) -> None:
    settings = VoiceSettings(tmp_path, engine="none", volume=((time(7, 30), 90), (time(18), 0)))
    made = Voice(settings)
    hours = {hour: made.state(datetime(2026, 3, 2, hour, tzinfo=UTC)).volume for hour in (3, 8, 17, 18)}
    assert hours == {3: 0, 8: 90, 17: 90, 18: 0}
    assert made.state(None).volume == 100
    assert made.state(None).words is False
