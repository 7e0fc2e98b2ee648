"""Hours of the hall, its holidays and make-up workdays, quotas and campaigns of its queues."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("hall", sa.Column("sessions", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("hall", sa.Column("cutoff_minutes", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("hall", sa.Column("one_live_ticket", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("hall", sa.Column("doors_told", sa.String(), nullable=False, server_default=""))
    op.add_column("queue", sa.Column("quota_day", sa.Integer(), nullable=True))
    op.add_column("queue", sa.Column("quota_session", sa.Integer(), nullable=True))
    op.add_column("queue", sa.Column("from_day", sa.Date(), nullable=True))
    op.add_column("queue", sa.Column("to_day", sa.Date(), nullable=True))
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
    with op.batch_alter_table("queue") as batch_op:
        for name in ("to_day", "from_day", "quota_session", "quota_day"):
            batch_op.drop_column(name)
    with op.batch_alter_table("hall") as batch_op:
        for name in ("doors_told", "one_live_ticket", "cutoff_minutes", "sessions"):
            batch_op.drop_column(name)
