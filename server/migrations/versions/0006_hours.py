"""Hours of the hall, its holidays and make-up workdays, quotas and campaigns of its queues."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None

HALL: tuple[sa.Column[Any], ...] = (
    sa.Column("sessions", sa.JSON(), nullable=False, server_default="[]"),
    sa.Column("cutoff_minutes", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("one_live_ticket", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("doors_told", sa.String(), nullable=False, server_default=""),
)
QUEUE: tuple[sa.Column[Any], ...] = (
    sa.Column("quota_day", sa.Integer(), nullable=True),
    sa.Column("quota_session", sa.Integer(), nullable=True),
    sa.Column("from_day", sa.Date(), nullable=True),
    sa.Column("to_day", sa.Date(), nullable=True),
)


def upgrade() -> None:
    for table, columns in (("hall", HALL), ("queue", QUEUE)):
        for column in columns:
            op.add_column(table, column.copy())
    op.create_table(
        "calendar_day",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("as_weekday", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"]),
        sa.PrimaryKeyConstraint("hall_id", "day"),
    )


def downgrade() -> None:
    op.drop_table("calendar_day")
    for table, columns in (("queue", QUEUE), ("hall", HALL)):
        with op.batch_alter_table(table) as batch_op:
            for column in columns:
                batch_op.drop_column(column.name)
