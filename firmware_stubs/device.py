"""What every stub shares: a cable, faults, counters, and word of each change."""

import random
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping
from typing import ClassVar

from firmware_stubs.bytelog import ByteLog
from firmware_stubs.faults import LINE_FAULTS, FaultValue, Reader, misread, read_fault
from firmware_stubs.late import Late
from firmware_stubs.lines import End
from firmware_stubs.refusal import RefusedError


class Device(ABC):
    """One device at the far end of one cable. Its methods may be called from any thread.

    `FAULTS` are those of its kind, beside `LINE_FAULTS`; one of the same name is the kind's own affair.
    """

    kind: ClassVar[str]
    FAULTS: ClassVar[Mapping[str, Reader]]
    KEYS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, end: End, *, seed: int = 0, log: ByteLog | None = None) -> None:
        self.end = end
        self.faults: dict[str, FaultValue] = {}
        self.counters: Counter[str] = Counter()
        self.on_change: Callable[[], None] = lambda: None
        self._random = random.Random(seed)  # noqa: S311 - repeatable faults, no secrets
        self._log = log or ByteLog()
        self._lock = threading.RLock()
        self._late = Late(end.send)
        end.receiver = self._arrived

    def __enter__(self) -> "Device":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        if not self.fault("unplug"):
            self.end.plug()

    def stop(self) -> None:
        self._late.stop()
        self.end.stop()

    @classmethod
    def known_faults(cls) -> Mapping[str, Reader]:
        return {**cls.FAULTS, **{name: reader for name, reader in LINE_FAULTS.items() if name not in cls.FAULTS}}

    def set_fault(self, name: str, value: object = True) -> None:
        """Switch a fault. Raises RefusedError for a name or value that this device does not have."""
        name, read = read_fault(self.known_faults(), name, value)
        with self._lock:
            before, self.faults[name] = self.faults.get(name, False), read
        if name == "unplug" and bool(read) != bool(before):
            self._late.forget()
            self.end.unplug() if read else self.end.plug()
        self._fault_set(name)
        self.on_change()

    def fault(self, name: str) -> FaultValue:
        return self.faults.get(name, False)

    def _line_fault(self, name: str) -> FaultValue:
        """One that the cable has by itself, and not one that the kind of device plays in its own way."""
        return False if name in self.FAULTS else self.fault(name)

    def press(self, key: str) -> None:
        """A finger on a key. Raises RefusedError when there is no such key, or when it is locked just now."""
        raise RefusedError("该设备没有按键。", "This device has no keys.")

    @abstractmethod
    def state(self) -> dict[str, object]:
        """What a person standing before the device sees, and what the stub counted."""

    def _common(self) -> dict[str, object]:
        return {
            "kind": self.kind,
            self.end.transport: self.end.address,
            "plugged": self.end.plugged,
            "faults": {name: self.fault(name) for name in self.known_faults()},
            "keys": list(self.KEYS),
            "counters": dict(self.counters),
        }

    def _arrived(self, data: bytes) -> None:
        self.counters["bytes_in"] += len(data)
        self._log.bytes_in(self.end.address, data)
        self._receive(misread(data) if self._line_fault("wrong_baud") else data)

    @abstractmethod
    def _receive(self, data: bytes) -> None:
        """Bytes from the host."""

    def _fault_set(self, name: str) -> None:  # noqa: B027 - most devices have nothing to do here
        """A fault was switched, on or off."""

    def _send(self, frame: bytes) -> None:
        """A frame to the host, through whatever the line does to it."""
        with self._lock:
            if self._lost():
                return
            burst = frame * 2 if self.fault("duplicate") else frame
            if self.fault("noise") or self.fault("garbage"):
                burst = self._noise() + burst + self._noise()
            self._put(burst)

    def _put(self, data: bytes) -> None:
        self.counters["bytes_out"] += len(data)
        self._log.bytes_out(self.end.address, data)
        if self._line_fault("half"):
            data = data[: len(data) // 2]
        if self._line_fault("wrong_baud"):
            data = misread(data)
        self._late.send(data, float(self._line_fault("delay")))

    def _lost(self) -> bool:
        """The dice for one frame; only thrown while the fault is on, so a seed repeats."""
        lost = bool(self.fault("loss")) and self._random.random() < self.fault("loss")
        self.counters["frames_lost"] += lost
        return lost

    def _noise(self) -> bytes:
        return self._random.randbytes(self._random.randint(1, 8))
