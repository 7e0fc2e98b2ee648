"""A test ticket (测试票): a paper that really comes out of a kiosk, and no number that anybody waits with.

It is of a service day that never comes and of a series of its own, and it is born called, at no window. So it is in
no line, in no list of a clerk's, in no figure of any day, and takes no number from anybody. When it is known what
became of its paper, it is cancelled.
"""

import secrets

from sqlalchemy import Connection, bindparam, select

from server.contract.desk import AskReprint
from server.contract.first_run import PrintTest, TestPrint
from server.contract.problems import ProblemError
from server.contract.tickets import Lane, TicketState
from server.db import Record, Tx
from server.domain.numbers import number
from server.domain.paper import TEST_DAY, TEST_SERIES
from server.models import DeviceToken, PrintWishRow, Queue, TicketRow
from server.services.actors import Actor
from server.services.papers import ask_reprint
from server.services.tickets import next_number

_FIRST_QUEUE = select(Queue.id).where(Queue.hall_id == bindparam("hall_id")).order_by(Queue.position).limit(1)
_LAST = (
    select(TicketRow.number, DeviceToken.name, PrintWishRow.state)
    .join(PrintWishRow, PrintWishRow.ticket_id == TicketRow.id)
    .join(DeviceToken, DeviceToken.id == PrintWishRow.device_id)
    .where(TicketRow.hall_id == bindparam("hall_id"), TicketRow.service_day == TEST_DAY)
    .order_by(PrintWishRow.id.desc())
    .limit(1)
)


def print_test(tx: Tx, actor: Actor, body: PrintTest) -> TestPrint:
    """Ask a kiosk for a test ticket. Raises queues_first, device_not_found or printer_away."""
    queue_id = tx.conn.execute(_FIRST_QUEUE, {"hall_id": actor.hall_id}).scalar_one_or_none()
    if queue_id is None:
        raise ProblemError("queues_first")
    n, code = next_number(tx, actor.hall_id, TEST_DAY, TEST_SERIES), secrets.token_hex(8)
    text = number(TEST_SERIES, n)
    tx.add(
        TicketRow, code=code, hall_id=actor.hall_id, service_day=TEST_DAY, series=TEST_SERIES, n=n, number=text,
        queue_id=queue_id, lane=Lane.NORMAL.value, lane_reason="测试", state=TicketState.CALLED.value,
        issued_at=tx.now, queued_at=tx.now, since=tx.now,
    )  # fmt: skip
    ask_reprint(tx, actor, AskReprint(body.request_id, body.device, "测试"), code)
    return TestPrint(text, body.device, "asked")


def last_test(conn: Connection, hall_id: int) -> TestPrint | None:
    row: Record | None = conn.execute(_LAST, {"hall_id": hall_id}).one_or_none()
    return row and TestPrint(row.number, row.name, row.state)
