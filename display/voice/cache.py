"""Clips on disk. A file is whole or it is as if it were not there; the folder stays within its bounds."""

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

SUFFIX = ".clip"
_DIGEST = 32


class Cache:
    """For one thread that puts and any number that get. Keys are of any length."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes

    def get(self, key: str) -> bytes | None:
        """What was put, or None. A damaged file is taken away. Marks it as used."""
        file = self._file(key)
        try:
            stored = file.read_bytes()
            if hashlib.sha256(stored[_DIGEST:]).digest() != stored[:_DIGEST]:
                file.unlink()
                return None
        except OSError:
            return None
        with contextlib.suppress(OSError):  # a full or read-only disk still gives what is on it
            os.utime(file)
        return stored[_DIGEST:]

    def put(self, key: str, data: bytes) -> None:
        """Raises OSError when the disk does not take it; nothing half-written remains."""
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._folder, prefix="new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(data).digest() + data)
            Path(name).replace(self._file(key))
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        self._prune()

    def drop(self, key: str) -> None:
        with contextlib.suppress(OSError):
            self._file(key).unlink()

    def _file(self, key: str) -> Path:
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:40]}{SUFFIX}"

    def _prune(self) -> None:
        """The clips longest unused go first: numbers of long ago before windows of today."""
        known = [(stat.st_mtime_ns, stat.st_size, file) for file, stat in self._files()]
        excess = sum(size for _, size, _ in known) - self._max_bytes
        for _, size, file in sorted(known, key=lambda one: one[0]):
            if excess <= 0:
                return
            file.unlink(missing_ok=True)
            excess -= size

    def _files(self) -> list[tuple[Path, os.stat_result]]:
        """Also what a kill left half-written: it grows old and is pruned like the rest."""
        found = []
        for file in self._folder.iterdir():
            with contextlib.suppress(OSError):
                found.append((file, file.stat()))
        return found
