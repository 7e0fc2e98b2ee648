"""The hall's own words of the message that asks for a rating."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("hall", sa.Column("sms_text", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    """The message has its usual words again."""
    op.drop_column("hall", "sms_text")  # a batch makes the table anew, which rows of others forbid
