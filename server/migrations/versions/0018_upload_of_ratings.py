"""Upload of ratings to the province: the outbox, and what the province calls halls and items."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

CODES = (("hall", "upload_code"), ("service_item", "task_code"), ("service_item", "task_handle_item"))


def upgrade() -> None:
    for table, column in CODES:
        op.add_column(table, sa.Column(column, sa.String(), nullable=False, server_default=""))
    op.create_table(
        "upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("rating_id", sa.Integer(), nullable=False),
        sa.Column("project_no", sa.String(), nullable=False),
        sa.Column("service_number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"]),
        sa.ForeignKeyConstraint(["rating_id"], ["rating.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("rating_id"),
        sa.UniqueConstraint("project_no", "service_number"),
    )
    op.create_index("ix_upload_due", "upload", ["state", "due_at"])
    op.create_index("ix_upload_hall", "upload", ["hall_id", "state", "ended_at"])


def downgrade() -> None:
    """What waits for the province is lost."""
    op.drop_table("upload")
    for table, column in reversed(CODES):
        op.drop_column(table, column)  # a batch makes the table anew, which rows of others forbid
