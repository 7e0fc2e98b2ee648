"""What was held before the scanner, looked up for whoever stands there. One at a time; the newest counts."""

import queue
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from kiosk.client import Away, Client, Refused
from server.contract.codec import to_json
from server.contract.tickets import Ticket

_TICKET_URL = re.compile(r"https?://[^\s/?#]+(?:/[^\s?#]*)?/t/([A-Za-z0-9_-]{6,64})(?:/[a-z2-7]{8})?/?")
_BOOKING_URL = re.compile(r"https?://[^\s/?#]+(?:/[^\s?#]*)?/book/([0-9a-f]{32})/?(?:\?[^\s#]*)?")
_BOOKING_CODE = re.compile(r"[0-9]{8}")
MOST_WAITING = 4


def ticket_code(text: str) -> str | None:
    """The ticket that a scanned text names, as the QR code on our paper does; None for anything else."""
    match = _TICKET_URL.fullmatch(text.strip())
    return match[1] if match else None


def booking(text: str) -> str | None:
    """The appointment that a scanned text names: the link of the booking page as its id, or the bare code."""
    said = text.strip()
    match = _BOOKING_URL.fullmatch(said)
    if match:
        return match[1]
    return said if _BOOKING_CODE.fullmatch(said) else None


@dataclass(frozen=True)
class Scan:
    """`stage`: ticket, appointment, not_found, unknown (no code of ours) or away (the server did not answer).

    An appointment is only named here: the page touches for it, and so it takes the road of every touch.
    """

    number: int
    stage: str
    ticket: Ticket | None = None
    appointment: str | None = None

    def shown(self) -> dict[str, Any]:
        ticket = to_json(self.ticket)
        return {"id": self.number, "stage": self.stage, "ticket": ticket, "appointment": self.appointment}


class Scans:
    def __init__(self, client: Client, on_change: Callable[[], None]) -> None:
        self._client = client
        self._on_change = on_change
        self._texts: queue.Queue[str | None] = queue.Queue(MOST_WAITING)
        self.latest: Scan | None = None

    def scanned(self, text: str) -> None:
        """From the scanner's thread. While the server is slow, more than a few are not waited for."""
        with suppress(queue.Full):
            self._texts.put_nowait(text)

    def wake(self) -> None:
        with suppress(queue.Full):
            self._texts.put_nowait(None)

    def run(self, stopping: threading.Event) -> None:
        number = 0
        while not stopping.is_set():
            text = self._texts.get()
            if text is not None:
                number += 1
                self.latest = self._look_up(number, text)
                self._on_change()

    def _look_up(self, number: int, text: str) -> Scan:
        if (named := booking(text)) is not None:
            return Scan(number, "appointment", appointment=named)
        code = ticket_code(text)
        if code is None:
            return Scan(number, "unknown")
        try:
            return Scan(number, "ticket", self._client.ticket(code))
        except Refused as refused:
            return Scan(number, "not_found" if refused.code == "ticket_not_found" else "away")
        except Away:
            return Scan(number, "away")
