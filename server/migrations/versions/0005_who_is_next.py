"""The policy's settings, bindings to persons, why each call was made, and the time that a ticket spent in each state.

Tickets from before get their times from the moments that were kept; a part that cannot be known is 0.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

import server.models

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

HALL = {
    "no_show_after": "3", "no_show_limit": "2", "fairness_cap": "3", "aging_minutes": "45",
    "appointment_early_minutes": "15", "appointment_late_minutes": "15",
}  # fmt: skip
MOMENT, NUMBER, LONG, TEXT = server.models.Instant(), sa.Integer(), sa.BigInteger(), sa.String()
TICKET: dict[str, tuple[sa.types.TypeEngine[Any], str | None]] = {
    "due_at": (MOMENT, None), "ended_at": (MOMENT, None), "since": (MOMENT, "0"), "no_shows": (NUMBER, "0"),
    "call_rule": (TEXT, ""), "hold_kind": (TEXT, ""), "note": (TEXT, ""),
    "waited_us": (LONG, "0"), "called_us": (LONG, "0"), "served_us": (LONG, "0"), "held_us": (LONG, "0"),
}  # fmt: skip
CALL: dict[str, tuple[sa.types.TypeEngine[Any], str | None]] = {
    "rule": (TEXT, ""), "reason": (TEXT, ""), "passed_over": (NUMBER, "0"), "run": (NUMBER, "0"),
}  # fmt: skip

LATEST = """
UPDATE ticket SET since = COALESCE(
  CASE state WHEN 'waiting' THEN issued_at WHEN 'called' THEN called_at WHEN 'serving' THEN begun_at
    WHEN 'finished' THEN finished_at END,
  (SELECT MAX(news.at) FROM news WHERE news.ticket_id = ticket.id AND news.kind = 'ticket.' || ticket.state),
  queued_at)
"""
SPENT = """
UPDATE ticket SET
  ended_at = CASE WHEN state IN ('finished', 'no_show', 'cancelled', 'expired') THEN since END,
  waited_us = CASE WHEN state = 'waiting' THEN 0
    WHEN COALESCE(called_at, since) > issued_at THEN COALESCE(called_at, since) - issued_at ELSE 0 END,
  called_us = CASE WHEN called_at IS NULL OR state IN ('waiting', 'called') THEN 0
    WHEN begun_at >= called_at THEN begun_at - called_at WHEN since > called_at THEN since - called_at ELSE 0 END,
  served_us = CASE WHEN begun_at >= called_at AND state NOT IN ('waiting', 'called') AND since > begun_at
    THEN since - begun_at ELSE 0 END
"""


def upgrade() -> None:
    op.add_column("hall", sa.Column("no_show_policy", sa.String(), nullable=False, server_default="desk"))
    for name, value in HALL.items():
        op.add_column("hall", sa.Column(name, sa.Integer(), nullable=False, server_default=value))
    # In words that both databases know: a table that others refer to cannot be made anew, as Alembic would in SQLite.
    op.execute("ALTER TABLE ticket ADD COLUMN bound_staff_id INTEGER REFERENCES account (id)")
    op.execute("ALTER TABLE call ADD COLUMN staff_id INTEGER REFERENCES account (id)")
    for table, columns in (("ticket", TICKET), ("call", CALL)):
        for name, (kind, default) in columns.items():
            op.add_column(table, sa.Column(name, kind, nullable=default is None, server_default=default))
    op.add_column("call", sa.Column("undone", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_ticket_bound_staff", "ticket", ["bound_staff_id", "state"])
    op.execute(LATEST)
    op.execute(SPENT)


def downgrade() -> None:
    op.drop_index("ix_ticket_bound_staff", "ticket")
    for name in ("staff_id", "undone", *CALL):
        op.drop_column("call", name)
    for name in ("bound_staff_id", *TICKET):
        op.drop_column("ticket", name)
    for name in ("no_show_policy", *HALL):
        op.drop_column("hall", name)
