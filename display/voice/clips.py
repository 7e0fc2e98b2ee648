"""Clips made beforehand, in a thread of their own, so that a call finds all that it needs on disk."""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence

import structlog

from display.voice.cache import Cache
from display.voice.engines import Engine, EngineError
from display.voice.sound import VERSION, to_wav

log = structlog.get_logger(__name__)

MOST_WANTED = 5000
RETRY_S = 30.0

NO_ENGINE = "voice_engine"
NO_DISK = "voice_disk"
NO_KOKORO = "voice_kokoro"
WHY = {
    NO_ENGINE: (
        "没有可用的语音，只响提示音：请安装 espeak-ng，或在 [voice] 的 recordings 里放好录音。"
        " / No voice, chime only: install espeak-ng, or give recordings in [voice]."
    ),
    NO_DISK: ("语音文件写不下，只响提示音：请检查磁盘。 / Clips cannot be written, chime only: look after the disk."),
}
"""Of each fault of the voice, what is wrong and what to do; of NO_KOKORO kokoro.py says which."""


class Clips:
    """Ask for texts early with `want`, get their sound at the call with `get`.

    Where the preferred engine is slow, a quick one stands in first: a number may be called as soon as it is issued.
    """

    def __init__(self, engines: Sequence[Engine], cache: Cache) -> None:
        self._engines = tuple(engines)
        self._cache = cache
        self._changed = threading.Condition()
        self._wanted: OrderedDict[str, None] = OrderedDict()
        self._better: OrderedDict[str, None] = OrderedDict()
        self._failed: dict[str, str] = {}
        self._retry_at = 0.0
        self._told: set[str] = set()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="voice", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Does not wait for a clip that is being made."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def want(self, texts: Iterable[str], urgent: bool = False) -> None:
        """Have these made; urgent ones before all others, the newest first. Returns at once."""
        with self._changed:
            for text in texts:
                if text in self._wanted and not urgent:
                    continue
                self._wanted[text] = None
                self._wanted.move_to_end(text, last=not urgent)
            while len(self._wanted) > MOST_WANTED:
                self._wanted.popitem()
            self._changed.notify_all()

    def get(self, text: str) -> bytes | None:
        """The WAV of `text` if it was made; nothing is made here."""
        for _, key in self._keys(text):
            if data := self._cache.get(key):
                return data
        return None

    def stands_in(self, text: str) -> bool:
        """Whether what `get` gives is only for now: a preferred engine could say it, and has not yet."""
        return any(self._cache.get(key) is None for _, key in self._keys(text)[:1])

    def make(self, text: str, quickly: bool = False) -> bytes:
        """Its WAV, from the cache or made now; `quickly`, by a quick engine. Raises EngineError, or OSError when it
        cannot be kept."""
        problem = EngineError(f"{text}: no engine can say it")
        keys = self._keys(text)
        for i, (engine, key) in enumerate(keys):
            if data := self._cache.get(key):
                return data
            if quickly and not engine.quick:
                continue
            try:
                data = to_wav(engine.speak(text))
            except EngineError as error:
                problem = error
                self._tell_once(key, str(error))
                continue
            self._cache.put(key, data)
            for _, stood_in in keys[i + 1 :]:
                self._cache.drop(stood_in)
            return data
        raise problem

    def engine(self, text: str) -> str:
        """The name of the engine that is to say it, "" for none."""
        return next((engine.name for engine, _ in self._keys(text)), "")

    @property
    def fault(self) -> str:
        """NO_ENGINE, NO_DISK, or "" when all that was wanted could be made so far."""
        with self._changed:
            return next(iter(self._failed.values()), "")

    def _keys(self, text: str) -> list[tuple[Engine, str]]:
        keys = [(engine, engine.key(text)) for engine in self._engines]
        return [(engine, f"{VERSION} {key}") for engine, key in keys if key is not None]

    def _tell_once(self, key: str, problem: str) -> None:
        if key not in self._told and len(self._told) < MOST_WANTED:
            self._told.add(key)
            log.warning("a clip could not be made", problem=problem)

    def _run(self) -> None:
        while (task := self._next()) is not None:
            text, quickly = task
            try:
                self._try(text, quickly)
            except Exception:  # the wall must outlive a mistake of ours; this clip is only missing
                log.exception("the voice stumbled", text=text)
            if not quickly:
                with self._changed:
                    self._better.pop(text, None)

    def _next(self) -> tuple[str, bool] | None:
        """Waits for work: a text, and whether a quick engine shall say it. What failed is tried again now and then: a
        disk is cleared, a program installed."""
        with self._changed:
            while not self._stopping:
                self._want_failed_again(time.monotonic())
                if self._wanted:
                    return self._wanted.popitem(last=False)[0], True
                if self._better:
                    return next(iter(self._better)), False
                self._changed.wait(max(0.0, self._retry_at - time.monotonic()) if self._failed else None)
            return None

    def _want_failed_again(self, now: float) -> None:
        """Also while more and more is wanted."""
        if self._failed and now >= self._retry_at:
            self._retry_at = now + RETRY_S
            self._wanted.update(dict.fromkeys(self._failed))

    def _try(self, text: str, quickly: bool) -> None:
        before, fault = self.fault, ""
        better = quickly and self._queued_for_better(text)
        try:
            self.make(text, quickly)
        except EngineError:
            fault = "" if better else NO_ENGINE
        except OSError as error:
            fault = NO_DISK
            log.debug("clip not kept", error=str(error))
        self._note(text, fault)
        if self.fault != before:
            log.warning(WHY[self.fault]) if self.fault else log.info("the voice is complete again")

    def _queued_for_better(self, text: str) -> bool:
        """Have a slow engine say it, when nothing else is to be made."""
        if not self._slow_one_is_due(text):
            return False
        with self._changed:
            if len(self._better) < MOST_WANTED:
                self._better[text] = None
        return True

    def _slow_one_is_due(self, text: str) -> bool:
        for engine, key in self._keys(text):
            if not engine.quick:
                return self._cache.get(key) is None
            if self._cache.get(key):
                return False
        return False

    def _note(self, text: str, fault: str) -> None:
        with self._changed:
            self._failed.pop(text, None)
            if fault and not self._failed:
                self._retry_at = time.monotonic() + RETRY_S
            if fault:
                self._failed[text] = fault
            while len(self._failed) > MOST_WANTED:
                self._failed.pop(next(iter(self._failed)))
