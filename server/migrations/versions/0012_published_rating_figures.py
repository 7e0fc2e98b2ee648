"""The rating figures of the days before, counted once a day for walls and phones."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("hall", sa.Column("published", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("hall", "published")
