"""The newest state, ready for any number of browsers. A slow one skips states and delays no other."""

import json
import threading
import time
from collections.abc import Callable, Generator
from datetime import datetime
from typing import Any

from server.contract.codec import to_json

HEARTBEAT_S = 2.0
"""A page that hears nothing for three of these says itself that it was cut off."""
MAX_BROWSERS = 512


class FullError(Exception):
    """No room for another browser."""


class Hub:
    """Named topics, each with its newest value and the version at which it changed."""

    def __init__(self, hall_time: Callable[[], datetime | None]) -> None:
        self._hall_time = hall_time
        self._changed = threading.Condition()
        self._topics: dict[str, tuple[int, bytes]] = {}
        self._version = 0
        self._browsers = 0
        self._closed = False

    def publish(self, topic: str, value: Any) -> None:
        """Make `value`, a contract-like dataclass, the newest of `topic`. Called only when it changed."""
        data = json.dumps(to_json(value), ensure_ascii=False, separators=(",", ":"))
        with self._changed:
            self._version += 1
            self._topics[topic] = (self._version, _frame(topic, data, self._version))
            self._changed.notify_all()

    def close(self) -> None:
        """End every stream."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def stream(self) -> Generator[bytes]:
        """Server-sent events for one browser: all topics, then changes and heartbeats. Raises FullError.

        The place is taken when iteration begins and given back when the generator is closed.
        """
        with self._changed:
            if self._browsers >= MAX_BROWSERS:
                raise FullError
            self._browsers += 1
        try:
            yield b"retry: 1000\n\n"
            yield from self._frames()
        finally:
            with self._changed:
                self._browsers -= 1

    def _frames(self) -> Generator[bytes]:
        seen = 0
        beat_at = 0.0
        while True:
            with self._changed:
                self._wait_for_newer(seen, max(0.0, beat_at - time.monotonic()))
                if self._closed:
                    return
                frames = [frame for version, frame in self._topics.values() if version > seen]
                seen = self._version
            if time.monotonic() >= beat_at:
                frames.insert(0, self._heartbeat())  # the time first: by it a page knows which calls are old
                beat_at = time.monotonic() + HEARTBEAT_S
            yield b"".join(frames)

    def _wait_for_newer(self, seen: int, timeout_s: float) -> None:
        self._changed.wait_for(lambda: self._closed or self._version > seen, timeout_s)

    def _heartbeat(self) -> bytes:
        now = self._hall_time()
        return _frame("heartbeat", json.dumps({"now": now.isoformat() if now else None}))


def _frame(event: str, data: str, version: int | None = None) -> bytes:
    head = "" if version is None else f"id: {version}\n"
    return f"{head}event: {event}\ndata: {data}\n\n".encode()
