"""Alarms with the hall's limits, and a way to a window's past that a replay goes."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

MOMENTS = ("raised_at", "gone_at", "ended_at", "escalated_at", "acknowledged_at")


def upgrade() -> None:
    op.add_column("hall", sa.Column("alarm_rules", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "alarm",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), nullable=True),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("more", sa.String(), nullable=False),
        sa.Column("more_en", sa.String(), nullable=False),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.Column("rectification_id", sa.Integer(), nullable=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in MOMENTS),
        sa.Column("acknowledged_by", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"]),
        sa.ForeignKeyConstraint(["rectification_id"], ["rectification.id"]),
        sa.ForeignKeyConstraint(["acknowledged_by"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
        sa.UniqueConstraint("standing"),
    )
    op.create_index("ix_alarm_raised", "alarm", ["hall_id", "raised_at"])
    changes = sa.text("kind = 'window.changed'")
    op.create_index(
        "ix_news_window", "news", ["window_id", "seq"], sqlite_where=changes, postgresql_where=changes
    )  # fmt: skip


def downgrade() -> None:
    """Alarms and their limits are lost."""
    op.drop_index("ix_news_window", "news")
    op.drop_table("alarm")
    op.drop_column("hall", "alarm_rules")
