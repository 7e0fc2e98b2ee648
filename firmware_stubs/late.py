"""Bytes that arrive later than they were sent, in their order: a slow serial server, a radio link."""

import threading
import time
from collections import deque
from collections.abc import Callable


class Late:
    """Without a delay bytes pass straight through, unless earlier ones are still on the way."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._on_the_way: deque[tuple[float, bytes]] = deque()
        self._changed = threading.Condition()
        self._carrier: threading.Thread | None = None
        self._stopped = False

    def send(self, data: bytes, delay_s: float) -> None:
        with self._changed:
            if delay_s or self._on_the_way:
                self._on_the_way.append((time.monotonic() + delay_s, data))
                self._employ()
                return
        self._send(data)

    def forget(self) -> None:
        """The cable was pulled: what was on the way is lost."""
        with self._changed:
            self._on_the_way.clear()
            self._changed.notify_all()

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._on_the_way.clear()
            self._changed.notify_all()
        if self._carrier:
            self._carrier.join(5)

    def _employ(self) -> None:
        if self._carrier is None:
            self._carrier = threading.Thread(target=self._carry, daemon=True)
            self._carrier.start()
        self._changed.notify_all()

    def _carry(self) -> None:
        while (data := self._next()) is not None:
            self._send(data)

    def _next(self) -> bytes | None:
        with self._changed:
            while not self._stopped:
                left = self._on_the_way[0][0] - time.monotonic() if self._on_the_way else None
                if left is not None and left <= 0:
                    return self._on_the_way.popleft()[1]
                self._changed.wait(left)
        return None
