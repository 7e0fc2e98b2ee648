"""Notices that something is plugged in: Linux tells (inotify) when a name appears or its permissions change.

udev makes the node first and grants the permissions a moment later, so both count. libc is called by ctypes: these
are three functions that every Linux has, and no package is needed for them.
"""

import ctypes
import errno
import os
import select
import struct
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

_ATTRIB, _MOVED_TO, _CREATE = 0x4, 0x80, 0x100
_ONLYDIR = 0x01000000
_HEAD = struct.Struct("iIII")


class Inotify:
    """The kernel's watch over folders."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self.fd = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self.fd < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")

    def add(self, folder: Path) -> int | None:
        """Watch; the same folder gives the same number again. None when the folder is not there."""
        watch: int = self._libc.inotify_add_watch(
            self.fd, os.fsencode(folder), _ATTRIB | _MOVED_TO | _CREATE | _ONLYDIR
        )
        if watch >= 0:
            return watch
        if ctypes.get_errno() == errno.ENOSPC:
            log.warning("the kernel allows no more watches (fs.inotify.max_user_watches)", folder=str(folder))
        return None

    def read(self) -> Iterator[tuple[int, str]]:
        """Number of the watch and name in its folder, of each thing that appeared or changed."""
        try:
            data = os.read(self.fd, 65536)
        except BlockingIOError:
            return
        at = 0
        while at < len(data):
            watch, _, _, length = _HEAD.unpack_from(data, at)
            name = data[at + _HEAD.size : at + _HEAD.size + length].rstrip(b"\0")
            yield watch, os.fsdecode(name)
            at += _HEAD.size + length

    def close(self) -> None:
        os.close(self.fd)


class PlugWatch:
    """Sets the events of each path when it may have appeared. A last name that ends in `*` stands for any number.

    Made before anybody looks whether the devices are there, so nothing appears unseen in between. Every folder on
    the way is watched, for `/dev/input/by-path` itself comes and goes with its first and last link.
    """

    def __init__(self, wakes: Mapping[Path, Sequence[threading.Event]]) -> None:
        self._wakes = wakes
        self._inotify = Inotify()
        self._stop = os.eventfd(0, os.EFD_CLOEXEC)
        self._wanted = {path: self._cover(path) for path in wakes}

    def run(self) -> None:
        """Until `stop`, in a thread of its own that sleeps in the kernel."""
        poll = select.poll()
        for fd in (self._inotify.fd, self._stop):
            poll.register(fd, select.POLLIN)
        while self._stop not in (ready := [fd for fd, _ in poll.poll()]):
            if self._inotify.fd in ready:
                self._hear()

    def stop(self) -> None:
        os.eventfd_write(self._stop, 1)

    def close(self) -> None:
        """After `run` has ended."""
        self._inotify.close()
        os.close(self._stop)

    def _hear(self) -> None:
        for watch, name in self._inotify.read():
            for path, wanted in self._wanted.items():
                if any(watch == folder and _matches(name, one) for folder, one in wanted):
                    self._wanted[path] = self._cover(path)
                    for event in self._wakes[path]:
                        event.set()

    def _cover(self, path: Path) -> set[tuple[int, str]]:
        """Watch what is there of the way: the folders' numbers, and what is waited for in each.

        A link's target is watched as well, for that has the permissions.
        """
        wanted = set()
        for way in {path, Path(os.path.realpath(path))}:
            for folder, name in zip(reversed(way.parents), way.parts[1:], strict=True):
                watch = self._inotify.add(folder)
                if watch is None:
                    break  # not there yet: what is watched above tells when it is
                wanted.add((watch, name))
        return wanted


def _matches(name: str, wanted: str) -> bool:
    return name == wanted or (wanted.endswith("*") and name.startswith(wanted[:-1]))
