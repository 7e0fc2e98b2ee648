"""What stands on a ticket. Pure: the contract's ticket to a layout, before any printer's bytes.

Kept under 300 bytes composed, so that it is on the wire in a third of a second even at 9600 baud.
"""

import unicodedata

from devices.paper import Cut, Element, Feed, Layout, Qr, Rule, Text
from server.contract.tickets import Ticket

LARGEST = 8
"""What `GS !` can do: a number 1.2 cm high."""
QR_SIZE = 5


def layout(ticket: Ticket, columns: int, public_url: str = "") -> Layout:
    """The ticket's lines on paper of so many ASCII columns (32 or 48). With `public_url` a QR code leads to the
    citizen's own page of this ticket."""
    lines: list[Element] = [
        Text(ticket.hall_name),
        Feed(),
        Text(ticket.number, size=min(LARGEST, columns // len(ticket.number)), bold=True),
        *(Text(line, size=2) for line in _lines(ticket.item_name or ticket.queue_name, columns // 2)),
        Text(f"前面还有 {ticket.ahead} 人" if ticket.ahead else "前面无人", size=2),
        Feed(),
        Text(f"{ticket.issued_at:%Y-%m-%d %H:%M}"),
    ]
    if ticket.location:
        lines.append(Text(f"请到 {ticket.location} 等候"))
    code = (Qr(f"{public_url}/t/{ticket.id}", size=QR_SIZE),) if public_url else (Rule(),)
    return (*lines, Feed(), *code, Feed(), Text("请留意叫号，过号请到导办台"), Cut())


def _lines(text: str, cells: int) -> list[str]:
    """`text` on at most two lines of so many cells; what still does not fit is cut, and the cut is shown."""
    end = _fitting(text, cells)
    first, rest = text[:end], text[end:]
    if not rest:
        return [first]
    end = _fitting(rest, cells)
    return [first, rest if end == len(rest) else rest[: end - 1] + "…"]


def _fitting(text: str, cells: int) -> int:
    """How many characters of `text` fit, a full-width one being two cells."""
    width = 0
    for end, char in enumerate(text):
        width += 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if width > cells:
            return end
    return len(text)
