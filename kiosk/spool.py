"""A durable journal: JSON lines, each on the disk before `append` returns.

A torn last line (killed or power cut in the middle of a write) is passed over when it is opened: `append` never
returned. Damaged lines before it are passed over and counted. A failed write (disk full) leaves no half line
behind. One process owns a journal at a time.
"""

import fcntl
import json
import os
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog

log = structlog.get_logger(__name__)

Record = dict[str, Any]


class SpoolError(OSError):
    """The journal cannot be written (disk full, read-only): what should have been noted has not been."""


class SpoolBusyError(OSError):
    """Another process holds this data folder."""


class Spool:
    """One journal file. Opening rewrites it clean; `opened_with` are the records that were found, `damaged` says
    how many were lost to a bad disk or a stranger's hand."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._guard = _own(path.with_suffix(".lock"))
        self.opened_with, self.damaged = read_records(path)
        if self.damaged:
            log.error("journal is damaged", path=str(path), lines=self.damaged)
        self._fd, self._size = -1, 0
        try:
            self._reopen(self.opened_with)
        except OSError as error:
            raise SpoolError(error.errno, error.strerror, str(path)) from error

    def append(self, record: Record) -> None:
        """Write one record through to the disk, or raise `SpoolError` and leave the journal as it was."""
        line = _line(record)
        with self._lock:
            try:
                os.ftruncate(self._fd, self._size)  # clears what an earlier failed write left behind
                _write_all(self._fd, line)
                os.fsync(self._fd)
            except OSError as error:
                raise SpoolError(error.errno, error.strerror, str(self._path)) from error
            self._size += len(line)

    def size(self) -> int:
        """Bytes in the journal, to decide when to compact."""
        return self._size

    def compact(self, keep: Callable[[Record], bool]) -> None:
        """Drop every record that `keep` does not want. When the copy cannot be made all are kept."""
        with self._lock, suppress(OSError):
            records, _ = read_records(self._path)
            self._reopen([record for record in records if keep(record)])

    def close(self) -> None:
        with self._lock:
            os.close(self._fd)
            os.close(self._guard)

    def _reopen(self, records: Iterable[Record]) -> None:
        """Replace the file in one step by one with `records`, and write on behind them.

        Once the new file is in place it is the journal, even if the folder cannot be synced.
        """
        fd, size = _replace(self._path, b"".join(map(_line, records)))
        if self._fd >= 0:
            os.close(self._fd)
        self._fd, self._size = fd, size
        _sync_folder(self._path.parent)


def read_records(path: Path) -> tuple[list[Record], int]:
    """The readable records of a journal, and how many whole lines were not. A torn last line is none."""
    if not path.exists():
        return [], 0
    *lines, torn = path.read_bytes().split(b"\n")
    records = [_parse(line) for line in lines if line.strip()]
    return [record for record in (*records, _parse(torn)) if record is not None], records.count(None)


def _parse(line: bytes) -> Record | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _line(record: Record) -> bytes:
    """In ASCII: a touch may carry half a surrogate, which has no UTF-8."""
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def _own(path: Path) -> int:
    """Hold the folder until this process ends, however it ends: the kernel lets go of a flock."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(fd)
        raise SpoolBusyError(error.errno, "another kiosk process uses this data folder", str(path)) from error
    return fd


def _replace(path: Path, content: bytes) -> tuple[int, int]:
    fresh = path.with_suffix(".new")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        _write_all(fd, content)
        os.fsync(fd)
        fresh.replace(path)
    except OSError:
        os.close(fd)
        raise
    return fd, len(content)


def _write_all(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
