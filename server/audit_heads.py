"""Heads of the audit chain, noted beside the database: entries cut off at a chain's end are seen by them alone.

One line a head: time, hall's id, number, seal. A copy that somebody else keeps is worth more than this file, which
whoever owns the machine may cut too: `jiaohao-server audit head` prints what to keep.
"""

from datetime import datetime
from pathlib import Path

from server.domain.chain import Head


class Heads:
    """Notes each head once. `path` need not be there yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._noted: dict[int, Head] = {}

    def note(self, heads: dict[int, Head], now: datetime) -> None:
        """Raises OSError; then the same heads are noted at the next turn."""
        new = {hall: head for hall, head in heads.items() if self._noted.get(hall) != head}
        if not new:
            return
        with self._path.open("a", encoding="ascii") as file:
            # The line end comes first: what a power cut left torn takes no later line with it.
            file.writelines(f"\n{now.isoformat()} {hall} {head.n} {head.seal}" for hall, head in new.items())
        self._noted |= new


def noted(path: Path) -> list[tuple[int, Head]]:
    """Every head in the file with its hall's id. A line that a power cut left torn is passed over."""
    if not path.exists():
        return []
    words = [line.split() for line in path.read_text("ascii", "replace").splitlines()]
    return [
        (int(hall), Head(int(n), seal))
        for _, hall, n, seal in (line for line in words if len(line) == 4)
        if hall.isdecimal() and n.isdecimal() and len(seal) == 64
    ]
