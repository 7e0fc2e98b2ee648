"""What makes the sound of a clip: the hall's own recordings, or espeak-ng; a third one is in kokoro.py. The first
that can say a text says it."""

import os
import re
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Protocol

from display.announce import DIGITS
from display.voice.pinyin import pinyin
from display.voice.sound import Sound, SoundError, clip, from_wav, joined, within_bounds

LARGEST_FILE = 5_000_000
DIGIT_GAP_S = 0.06


class EngineError(Exception):
    """This text could not be said; the message is for the log."""


class Engine(Protocol):
    """`quick`: so soon ready with a clip that a call can wait for it."""

    name: str
    quick: bool

    def key(self, text: str) -> str | None:
        """Names how `text` would sound now, for a cache; None when this engine cannot say it. Cheap."""
        ...

    def speak(self, text: str) -> Sound:
        """Say a text that has a key; takes its time. Raises EngineError."""
        ...


class Recordings:
    """A folder of WAV files, each named after what it says: `请，A.wav`.

    A number needs no file of its own: `零零一号` is put together from `零.wav`, `一.wav` and `号.wav`.
    """

    name = "recordings"
    quick = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def key(self, text: str) -> str | None:
        try:
            stamps = [(file.name, stat.st_size, stat.st_mtime_ns) for file, stat in self._stats(text)]
        except (OSError, ValueError):
            return None
        return f"{self.name} {stamps}"

    def speak(self, text: str) -> Sound:
        try:
            sounds = [clip(from_wav(_read(file))) for file, _ in self._stats(text)]
            return within_bounds(joined(sounds, DIGIT_GAP_S))
        except OSError as error:
            raise EngineError(f"{text}: {error}") from None
        except SoundError as error:
            raise EngineError(f"{text} in {self._folder}: {error}") from None

    def _stats(self, text: str) -> list[tuple[Path, os.stat_result]]:
        whole = self._folder / f"{text}.wav"
        if whole.parent != self._folder:
            raise ValueError("a text with a path in it")
        files = [whole] if whole.is_file() or not in_parts(text) else [whole.with_name(f"{c}.wav") for c in text]
        return [(file, file.stat()) for file in files]


def in_parts(text: str) -> bool:
    """Whether recordings of single characters make this text."""
    return re.fullmatch(f"[{DIGITS}]+号", text) is not None


def _read(file: Path) -> bytes:
    with file.open("rb") as opened:
        data = opened.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise SoundError(f"{file.name} is larger than {LARGEST_FILE} bytes")
    return data


class Espeak:
    """Debian's espeak-ng, fed with pinyin: its reading of characters (`-v cmn`) is broken in Debian 12."""

    name = "espeak-ng"
    quick = True
    VOICE = "cmn-latn-pinyin"
    WORDS_PER_MINUTE = 150
    AMPLITUDE = 50
    """At its usual 100 a 二 goes beyond what 16 bits hold, and is cut off flat."""
    TIMEOUT_S = 10.0

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version: str | None = None

    def key(self, text: str) -> str | None:
        version = self._found()
        return version and " ".join((self.name, version, *self._manner(), pinyin(text)))

    def speak(self, text: str) -> Sound:
        said = self._run(*self._manner(), "--stdout", "--", pinyin(text))
        try:
            return clip(from_wav(said))
        except SoundError as error:
            raise EngineError(f"{text}: {self.name} gave {error}") from None

    def _manner(self) -> tuple[str, ...]:
        return "-v", self.VOICE, "-s", str(self.WORDS_PER_MINUTE), "-a", str(self.AMPLITUDE)

    def _found(self) -> str | None:
        """Its version; asked for once, when it is there."""
        with self._lock:
            if self._version is None and shutil.which(self.name):
                try:
                    self._version = self._run("--version").split(b"Data at")[0].decode("ascii", "replace").strip()
                except EngineError:
                    return None
            return self._version

    def _run(self, *words: str) -> bytes:
        try:
            return subprocess.run([self.name, *words], capture_output=True, check=True, timeout=self.TIMEOUT_S).stdout
        except subprocess.CalledProcessError as error:
            raise EngineError(f"{self.name}: {error.stderr.decode('utf-8', 'replace').strip()[:200]}") from None
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EngineError(f"{self.name}: {error}") from None
