"""What stands on a ticket. Pure: the contract's ticket to a layout, before any printer's bytes.

Kept under 300 bytes composed, so that it is on the wire in a third of a second even at 9600 baud.
"""

from devices.paper import Cut, Element, Feed, Layout, Logo, Qr, Rule, Text, fitting, width, wrap
from server.contract.tickets import Lane, Ticket, Wait

LARGEST = 8
"""What `GS !` can do: a number 1.2 cm high."""
QR_SIZE = 5
ELLIPSIS = width("…")


def layout(
    ticket: Ticket, columns: int, public_url: str = "", logo: Logo | None = None, copy: int = 0
) -> Layout:  # fmt: skip
    """The ticket's lines on paper of so many ASCII columns (32 or 48). With `public_url` a QR code leads to the
    citizen's own page of this ticket. A `copy` above 0 says so over the number: two papers of one number must be
    told apart."""
    lines: list[Element] = [
        *([logo] if logo else []),
        Text(ticket.hall_name),
        Feed(),
        *([Text(f"补打 Reprint {copy}", size=2)] if copy else []),
        Text(ticket.number, size=min(LARGEST, columns // len(ticket.number)), bold=True),
        *(Text(line, size=2) for line in _lines(ticket.item_name or ticket.queue_name, columns // 2)),
        *([Text("优先叫号", size=2)] if ticket.lane is Lane.PRIORITY else []),
        Feed(),
        *_appointment(ticket),
        Text(f"前面还有 {ticket.ahead} 人" if ticket.ahead else "前面无人", size=2),
        *([Text(_wait(ticket.wait), size=2)] if ticket.wait else []),
        Feed(),
        Text(f"{ticket.issued_at:%Y-%m-%d %H:%M}"),
    ]
    if ticket.location:
        lines.append(Text(f"请到 {ticket.location} 等候"))
    return (*lines, Feed(), *_code(public_url, ticket), Text("请留意叫号，过号到导办台"), Cut())


def _code(public_url: str, ticket: Ticket) -> tuple[Element, ...]:
    """White on all sides, four modules at least (ISO/IEC 18004): printers put none around a code of theirs."""
    if not public_url:
        return (Rule(), Feed())
    return (Qr(_link(public_url, ticket), size=QR_SIZE), Feed(), Text("扫码看进度、评价"))


def _link(public_url: str, ticket: Ticket) -> str:
    """With the key, which stands on paper only, its holder may rate."""
    return "/".join(filter(None, (public_url, "t", ticket.id, ticket.paper_key)))


def _appointment(ticket: Ticket) -> list[Element]:
    """The time that was booked, and what it is worth now."""
    if ticket.appointment_at is None:
        return []
    if ticket.lane is Lane.APPOINTMENT:
        return [Text(f"预约 {ticket.appointment_at:%H:%M}", size=2), Text("到预约时间优先叫号"), Feed()]
    return [Text(f"预约 {ticket.appointment_at:%H:%M} 已过，按现在的顺序叫号"), Feed()]


def _wait(wait: Wait) -> str:
    """Plain digits and a hyphen: every printer's font has them, whatever its code page."""
    if wait.low_minutes == 0:
        return f"{wait.high_minutes} 分钟内叫到"
    if wait.low_minutes == wait.high_minutes:
        return f"约等 {wait.low_minutes} 分钟"
    return f"约等 {wait.low_minutes}-{wait.high_minutes} 分钟"


def _lines(text: str, cells: int) -> list[str]:
    """`text` on at most two lines of so many cells; what still does not fit is cut, and the cut is shown."""
    first, *rest = wrap(text, cells)
    if not rest:
        return [first]
    second = text[len(first) :].strip()
    return [first, rest[0] if len(rest) == 1 else second[: fitting(second, cells - ELLIPSIS)] + "…"]
