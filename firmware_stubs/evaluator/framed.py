"""Frames with a head and a length: enough to find them in what the host says. Holds at most one frame."""

from collections.abc import Callable


class Finder:
    """`size` gives the whole frame's length from its first bytes, 0 while they are too few, and a negative number
    when they cannot begin a frame; `good` judges a whole one."""

    def __init__(self, head: bytes, size: Callable[[bytes], int], good: Callable[[bytes], bool]) -> None:
        self._head, self._size, self._good = head, size, good
        self._held = b""
        self.bad = 0

    def feed(self, data: bytes) -> list[bytes]:
        self._held += data
        frames = []
        while self._held:
            size = self._size(self._held) if self._held.startswith(self._head) else self._short()
            if size == 0 or size > len(self._held):
                break
            whole = self._held[:size]
            if size > 0 and self._good(whole):
                frames.append(whole)
                self._held = self._held[size:]
            else:
                self.bad += 1
                self._held = self._held[1:]
        return frames

    def _short(self) -> int:
        return 0 if self._head.startswith(self._held) else -1
