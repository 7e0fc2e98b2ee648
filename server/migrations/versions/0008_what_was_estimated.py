"""Tickets remember what wait they were promised, so that the promise can be measured."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("estimate_low_s", "estimate_high_s", "estimate_ahead"):
        op.add_column("ticket", sa.Column(name, sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("ticket") as batch_op:
        for name in ("estimate_ahead", "estimate_high_s", "estimate_low_s"):
            batch_op.drop_column(name)
