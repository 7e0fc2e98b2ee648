"""The audit chain; ratings by other ways than a device, with words; a press thought better of."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"]),
        sa.PrimaryKeyConstraint("hall_id", "n"),
    )
    op.add_column("hall", sa.Column("change_seconds", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("rating") as rating:
        rating.add_column(sa.Column("source", sa.String(), nullable=False, server_default="evaluator"))
        rating.add_column(sa.Column("tags", sa.JSON(), nullable=False, server_default="[]"))
        rating.add_column(sa.Column("text", sa.String(), nullable=False, server_default=""))
        rating.add_column(sa.Column("reason_declined", sa.Boolean(), nullable=False, server_default=sa.false()))
        rating.alter_column("device_id", existing_type=sa.Integer(), nullable=True)
        rating.drop_column("channel")  # it follows from the source
    op.create_table(
        "rating_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rating_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["rating_id"], ["rating.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("rating_id"),
    )


def downgrade() -> None:
    """Ratings that came by no device have no place in the old table: refused rather than lost. Comments are lost."""
    if op.get_bind().execute(sa.text("SELECT 1 FROM rating WHERE device_id IS NULL LIMIT 1")).first():
        raise RuntimeError("ratings without a device cannot be kept by an older version")
    op.drop_table("rating_comment")
    with op.batch_alter_table("rating") as rating:
        rating.add_column(sa.Column("channel", sa.Integer(), nullable=False, server_default="5"))
        rating.alter_column("device_id", existing_type=sa.Integer(), nullable=False)
        for name in ("reason_declined", "text", "tags", "source"):
            rating.drop_column(name)
    op.drop_column("hall", "change_seconds")
    op.drop_table("audit_entry")
