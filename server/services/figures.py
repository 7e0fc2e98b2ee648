"""Counts of the moment, for whoever watches over the servers."""

from dataclasses import dataclass

from sqlalchemy import Connection, Select, and_, func, select

from server.contract.tickets import TicketState
from server.models import DeviceHealth, Hall, Queue, TicketRow, Window


@dataclass(frozen=True)
class Figure:
    """One gauge: its values by the one label it has. Label values are codes of ours, never a person's words."""

    name: str
    help: str
    label: str
    values: dict[str, int]


def hall_figures(conn: Connection) -> list[Figure]:
    waiting = (
        select(Queue.code, func.count(TicketRow.id))
        .outerjoin(
            TicketRow,  # with the hall, so that the index of lines serves and the tickets of past years are not read
            and_(
                TicketRow.hall_id == Queue.hall_id,
                TicketRow.state == TicketState.WAITING.value,
                TicketRow.queue_id == Queue.id,
            ),
        )
        .group_by(Queue.code)
    )
    windows = select(Window.state, func.count()).group_by(Window.state)
    devices = select(DeviceHealth.state, func.count()).group_by(DeviceHealth.state)
    return [
        Figure("jiaohao_waiting", "Tickets waiting", "queue", _counts(conn, waiting)),
        Figure("jiaohao_windows", "Windows by state", "state", _counts(conn, windows)),
        Figure("jiaohao_devices", "Devices by state, as last reported", "state", _counts(conn, devices)),
        Figure("jiaohao_events", "Events since the hall began", "hall", _counts(conn, select(Hall.code, Hall.seq))),
    ]


def _counts(conn: Connection, statement: Select[str, int]) -> dict[str, int]:
    return {str(row[0]): int(row[1]) for row in conn.execute(statement)}
