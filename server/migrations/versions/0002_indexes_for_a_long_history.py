"""Indexes for a long history: the day's end each second, and a window's latest calls, read no past years."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_ticket_day", "ticket", ["hall_id", "state", "service_day"])
    op.create_index("ix_call_window", "call", ["window_id", "seq"])
    op.drop_index("ix_call_window_id", "call")


def downgrade() -> None:
    op.create_index("ix_call_window_id", "call", ["window_id"])
    op.drop_index("ix_call_window", "call")
    op.drop_index("ix_ticket_day", "ticket")
