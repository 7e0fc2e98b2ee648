"""The makes of LED bars that a machine says it knows."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("machine_report", sa.Column("bars", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("machine_report", "bars")
