"""Since when a window is free, paused or closed."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("window", sa.Column("since", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("window") as batch_op:
        batch_op.drop_column("since")
