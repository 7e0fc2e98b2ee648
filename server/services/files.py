"""What is answered as a file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """`make` gives its bytes and touches no database. `name` is ASCII: it becomes a header."""

    name: str
    media_type: str
    make: Callable[[], bytes]


@dataclass(frozen=True)
class Picture:
    """Served under an address of its own for just this content, so that it may be kept for good."""

    media_type: str
    data: bytes


@dataclass(frozen=True)
class Stream:
    """A file that is made while it is sent, for no memory holds it. `chunks` reads what it needs by itself."""

    name: str
    media_type: str
    chunks: Callable[[], Iterator[bytes]]
