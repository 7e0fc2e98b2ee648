"""Kokoro 82M, a voice learnt from people, run by onnxruntime: both are there only where a hall wants them."""

import importlib.util
import threading
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from display.voice.engines import EngineError
from display.voice.phonemes import UnreadableError, phonemes, token_ids
from display.voice.sound import FULL, Sound, SoundError, clip

if TYPE_CHECKING:
    from numpy.typing import NDArray

log = structlog.get_logger(__name__)

RUNTIME = "onnxruntime"
LIBRARIES = (RUNTIME, "numpy")
RATE = 24_000
THREADS = 1
"""A clip is made long before its call; the rest of the machine is the browser's, which draws the wall."""
SPEED = 1
"""As it learnt to speak. Slower, at 0.85, a recogniser understood fewer calls."""
STYLES, STYLE_SIZE = 510, 256
VOICE_BYTES = STYLES * STYLE_SIZE * 4
"""A voice is a style for each count of symbols, as 32-bit floats."""
INT32 = "tensor(int32)"


class _UnusableError(Exception):
    """The folder does not hold what it should; the message is for the hall."""


@dataclass(frozen=True)
class _Files:
    """The model and the voice; `stamps`: their names, sizes and times, so that another one is noticed."""

    model: Path
    voice: Path
    stamps: str


def _files(folder: Path) -> _Files:
    try:
        model, voice = _one(folder, "*.onnx"), _one(folder, "*.bin")
        stats = [(file.name, file.stat()) for file in (model, voice)]
    except OSError as error:
        raise _UnusableError(_sentence(f"{folder} 读不到", str(error))) from None
    if stats[1][1].st_size != VOICE_BYTES:
        size = f"{voice.name} has not the {VOICE_BYTES} bytes of a voice"
        raise _UnusableError(_sentence(f"{voice.name} 不是音色文件", size))
    return _Files(model, voice, str([(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]))


def _one(folder: Path, pattern: str) -> Path:
    found = list(folder.glob(pattern))
    if len(found) != 1:
        many = f"{folder} holds {len(found)} files {pattern} instead of one"
        raise _UnusableError(_sentence(f"{folder} 里应有一个 {pattern} 文件", many))
    return found[0]


def _sentence(zh: str, en: str) -> str:
    return f"Kokoro 不能报号：{zh}。 / Kokoro cannot speak: {en}."


class _Model:
    """In memory. Raises whatever onnxruntime raises."""

    def __init__(self, files: _Files) -> None:
        import numpy
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = THREADS
        options.enable_cpu_mem_arena = False  # it keeps the most that was ever needed
        options.log_severity_level = 3
        self.files = files
        self._session = onnxruntime.InferenceSession(files.model, options, providers=["CPUExecutionProvider"])
        self._styles = numpy.fromfile(files.voice, "<f4").reshape(STYLES, 1, STYLE_SIZE)
        self._types = {one.name: one.type for one in self._session.get_inputs()}

    def say(self, ids: list[int]) -> Sound:
        import numpy

        wave = numpy.ravel(self._session.run(None, self._inputs(ids))[0])
        if not numpy.isfinite(wave).all():
            raise ValueError("what it said is no sound")
        return Sound(RATE, array("h", (numpy.clip(wave, -1, 1) * FULL).astype("h").tobytes()))

    def _inputs(self, ids: list[int]) -> "dict[str, NDArray[Any]]":
        """Exports name the symbols tokens or input_ids, and some count the speed in whole numbers."""
        import numpy

        (symbols,) = self._types.keys() - {"style", "speed"}
        return {
            symbols: numpy.array([[0, *ids, 0]], numpy.int64),
            "style": self._styles[len(ids) - 1],
            "speed": numpy.array([SPEED], numpy.int32 if self._types["speed"] == INT32 else numpy.float32),
        }


class Kokoro:
    """A folder with one model, *.onnx, and one voice, *.bin. Loads them when the first clip is made, and keeps them.

    A model that failed is not asked again until its files are others: the next engine says its texts.
    """

    name = "kokoro"
    quick = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._missing = [name for name in LIBRARIES if importlib.util.find_spec(name) is None]
        self._lock = threading.Lock()
        self._model: _Model | None = None
        self._failed: tuple[_Files, str] | None = None
        self._told = ""

    @property
    def problem(self) -> str:
        """Why it says nothing, in Chinese and in English, or "". Cheap; logged when it becomes another one."""
        problem = self._problem()
        if problem != self._told:
            self._told = problem
            log.warning(problem) if problem else log.info("Kokoro can speak")
        return problem

    def key(self, text: str) -> str | None:
        """None as well for a text that its phonemes cannot write: nothing is left out of a number."""
        if self.problem:
            return None
        try:
            return f"{self.name} {SPEED} {_files(self._folder).stamps} {phonemes(text)}"
        except (UnreadableError, _UnusableError):
            return None

    def speak(self, text: str) -> Sound:
        try:
            return clip(self._said(token_ids(text)))
        except (UnreadableError, SoundError) as error:
            raise EngineError(f"{text}: {self.name} gave {error}") from None

    def _said(self, ids: list[int]) -> Sound:
        with self._lock:
            try:
                files = _files(self._folder)
            except _UnusableError as error:
                raise EngineError(str(error)) from None
            try:
                if self._model is None or self._model.files != files:
                    self._model = None  # the old one's memory first
                    self._model = _Model(files)
                return self._model.say(ids)
            except Exception as error:  # noqa: BLE001 - onnxruntime's errors have no class in common
                self._model, self._failed = None, (files, str(error)[:200])
                raise EngineError(f"{self.name}: {error}") from None

    def _problem(self) -> str:
        if self._missing:
            names = ", ".join(self._missing)
            return _sentence(f"没有安装 voice 附加库（{names}）", f"the extra 'voice' is not installed ({names})")
        try:
            files = _files(self._folder)
        except _UnusableError as error:
            return str(error)
        if self._failed and self._failed[0] == files:
            return _sentence("模型文件损坏或不适用", f"the model is damaged or another one: {self._failed[1]}")
        return ""
