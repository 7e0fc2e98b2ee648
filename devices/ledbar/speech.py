"""What all makes of bar have in common for whoever talks to them: requests out, replies in. No I/O."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Request:
    """`frame` is for the wire; `body` tells the codec later what an answer belongs to."""

    frame: bytes
    body: bytes = b""


@dataclass(frozen=True)
class Reply:
    """The bar's word on the request in hand. `detail` is of use when it was refused."""

    accepted: bool
    detail: str = ""


class Speech(Protocol):
    """How one bar at one address is spoken to. One object for each bar, as it holds half an answer."""

    @property
    def answers(self) -> bool:
        """False: the bar never says a word, and is there as long as its line is."""
        ...

    @property
    def resyncs(self) -> int:
        """How often bytes had to be thrown away."""
        ...

    def show(self, text: str) -> Request:
        """Show `text`, as far as the bar has room and letters for it; "" is a dark bar."""
        ...

    def dim(self, percent: int) -> Request | None:
        """Brightness; None where the bar has no such command."""
        ...

    def probe(self) -> Request | None:
        """A question that changes nothing; None where the bar knows none."""
        ...

    def hear(self, data: bytes, request: Request | None) -> Iterable[Reply]:
        """What came on the line, for whomever. Gives this bar's replies to `request`."""
        ...

    def forget(self) -> None:
        """The line was opened anew: half an answer will not be completed."""
        ...
