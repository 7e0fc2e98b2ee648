"""What staff must see to now: machines in the hall that cannot do their work."""

from sqlalchemy import Connection, bindparam, select

from server.contract.devices import PrinterAlarm
from server.models import DeviceHealth, DeviceToken

_PRINTERS = (
    select(DeviceToken.name, DeviceHealth.state, DeviceHealth.faults)
    .join(DeviceHealth, DeviceHealth.token_id == DeviceToken.id)
    .where(
        DeviceToken.hall_id == bindparam("hall_id"),
        DeviceToken.revoked_at.is_(None),
        DeviceHealth.kind == "printer",
        DeviceHealth.state != "starting",
    )
    .order_by(DeviceToken.name)
)


def printer_alarms(conn: Connection, hall_id: int) -> list[PrinterAlarm]:
    """Ticket printers of the hall that want a hand, paper that runs low included."""
    rows = conn.execute(_PRINTERS, {"hall_id": hall_id})
    return [PrinterAlarm(r.name, r.state, tuple(r.faults)) for r in rows if r.state != "online" or r.faults]
