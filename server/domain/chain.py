"""The seal on what must not be changed unseen: each entry is bound to the one before by a keyed hash. Pure.

Whoever changes, adds, removes or reorders an entry must make every later seal anew, and cannot without the key
(HMAC-SHA-256, RFC 2104), which lies outside the database. Entries cut off at the end leave a chain that is whole in
itself: that is seen against a head noted elsewhere (`Head`).
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

FIRST_SEAL = ""
"""What the first entry is bound to."""


@dataclass(frozen=True)
class Entry:
    """`n` counts from 1 without a hole; `at` is aware; `body` is `canonical` JSON, sealed as it stands."""

    n: int
    at: datetime
    kind: str
    body: str
    seal: str


@dataclass(frozen=True)
class Head:
    """The last entry of a chain as it was noted at some moment."""

    n: int
    seal: str


def canonical(body: dict[str, Any]) -> str:
    """The one way to write these JSON values, so that what is compared later is equal to the letter."""
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def seal(key: bytes, chain: str, before: str, n: int, at: datetime, kind: str, body: str) -> str:
    """The seal of entry `n` of the chain called `chain`, in hex; `before` is that of entry n-1."""
    sealed = canonical({"chain": chain, "before": before, "n": n, "at": _utc(at), "kind": kind, "body": body})
    return hmac.new(key, sealed.encode(), hashlib.sha256).hexdigest()


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def broken(key: bytes, chain: str, entries: Iterable[Entry]) -> Iterator[int]:
    """The number of each entry (in order of `n`) that is not as it was sealed, or that is missing before it."""
    before, due = FIRST_SEAL, 1
    for entry in entries:
        right = seal(key, chain, before, due, entry.at, entry.kind, entry.body)
        if entry.n != due or not hmac.compare_digest(right, entry.seal):
            yield entry.n
        before, due = entry.seal, entry.n + 1
