"""Tablets that are paired by a code; who entered a rating that was said by telephone or written on a form."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("device_token", sa.Column("pair_until", sa.BigInteger(), nullable=True))
    # Not in batches: SQLite cannot make anew a table that others refer to.
    by = sa.Column("entered_by", sa.Integer(), sa.ForeignKey("account.id"), nullable=True)
    op.add_column("rating", by, inline_references=True)
    op.add_column("rating", sa.Column("said_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_rating_entered", "rating", ["entered_by", "at"])
    op.create_table(
        "unnumbered_form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"]),
        sa.ForeignKeyConstraint(["entered_by"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_unnumbered_form", "unnumbered_form", ["hall_id", "at"])


def downgrade() -> None:
    """Ratings that somebody entered have no place in the old table: refused rather than made a device's. The count
    of forms without a number is lost, and a pairing code that nobody used is worth nothing."""
    if op.get_bind().execute(sa.text("SELECT 1 FROM rating WHERE entered_by IS NOT NULL LIMIT 1")).first():
        raise RuntimeError("ratings entered for citizens cannot be kept by an older version")
    op.drop_table("unnumbered_form")
    op.drop_index("ix_rating_entered", "rating")
    for name in ("said_at", "entered_by"):
        op.drop_column("rating", name)
    op.execute("UPDATE device_token SET revoked_at = pair_until WHERE pair_until IS NOT NULL AND revoked_at IS NULL")
    op.drop_column("device_token", "pair_until")
