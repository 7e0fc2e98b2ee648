"""What devices count, and when each last said anything."""

import sqlalchemy as sa
from alembic import op

import server.models

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COUNTS = ("bytes_in", "bytes_out", "frames", "resyncs", "reconnects")


def upgrade() -> None:
    for name in COUNTS:
        op.add_column("device_health", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("device_health", sa.Column("seen_at", server.models.Instant(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("device_health") as batch_op:
        for name in (*COUNTS, "seen_at"):
            batch_op.drop_column(name)
