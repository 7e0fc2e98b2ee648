"""What this process counts of itself: requests, commits, sockets. For whoever runs the machine, and nobody else: a
count that moves with each request tells that the last citizen rated. So it is shown for a token alone, which lies in
a file beside the data."""

import bisect
import hmac
import os
import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from server.services.figures import Figure

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Upper ends of the buckets."""
Key = tuple[str, ...]


@dataclass
class Timings:
    """How long something took, by its labels."""

    name: str
    help: str
    labels: tuple[str, ...]
    _held: dict[Key, list[int]] = field(default_factory=dict)
    _sums: dict[Key, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, key: Key, seconds: float) -> None:
        with self._lock:
            counts = self._held.setdefault(key, [0] * (len(SECONDS) + 1))
            counts[bisect.bisect_left(SECONDS, seconds)] += 1
            self._sums[key] = self._sums.get(key, 0.0) + seconds

    def figures(self) -> list[Figure]:
        with self._lock:
            held = {key: list(counts) for key, counts in self._held.items()}
            sums = dict(self._sums)
        return histogram(self.name, self.help, self.labels, SECONDS, held, sums)


def histogram(
    name: str, about: str, labels: tuple[str, ...], ends: tuple[float, ...], held: dict[Key, list[int]],
    sums: dict[Key, float],
) -> list[Figure]:  # fmt: skip
    """`held`: how many fell into each bucket, those beyond the last end at the end."""
    buckets: dict[Key, float] = {}
    for key, counts in held.items():
        below = 0
        for end, count in zip((*(f"{one:g}" for one in ends), "+Inf"), counts, strict=True):
            below += count
            buckets[*key, end] = below
    totals = {key: float(sum(counts)) for key, counts in held.items()}
    return [
        Figure(name, about, (*labels, "le"), buckets, "histogram", "_bucket"),
        Figure(name, "", labels, dict(sums), "", "_sum"),
        Figure(name, "", labels, totals, "", "_count"),
    ]


class Gauges:
    """Of one process since its start."""

    def __init__(self) -> None:
        self.requests = Timings(
            "jiaohao_request_seconds", "Time to answer, by route and status", ("method", "route", "status")
        )
        self.commits = Timings("jiaohao_commit_seconds", "Time of a commit, with all that share it", ())
        self._works = 0

    def committed(self, seconds: float, works: int) -> None:
        self.commits.note((), seconds)
        self._works += works

    def figures(self, sockets: int) -> list[Figure]:
        return [
            *self.requests.figures(),
            *self.commits.figures(),
            Figure(
                "jiaohao_writes_total", "Pieces of work done by the writer", (), {(): float(self._works)}, "counter"
            ),
            Figure("jiaohao_sockets", "Sockets that listen to this process", (), {(): float(sockets)}),
        ]


def metrics_token(path: Path) -> str:
    """Made at the first start, readable by its owner only. Raises OSError."""
    with (
        suppress(FileExistsError),
        os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file,
    ):
        file.write(secrets.token_hex(24) + "\n")
    return path.read_text("ascii").strip()


def allowed(said: str, token: str) -> bool:
    """Whether the header Authorization has the token. An empty file opens nothing."""
    return bool(token) and hmac.compare_digest(said.encode("utf-8", "replace"), f"Bearer {token}".encode())
