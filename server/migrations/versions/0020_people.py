"""People: grants, second factors, start passwords, and tokens that are changed without a gap."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

COLUMNS: tuple[tuple[str, sa.Column[Any]], ...] = (
    ("hall", sa.Column("totp_admins", sa.Boolean(), nullable=False, server_default=sa.false())),
    ("account", sa.Column("must_change", sa.Boolean(), nullable=False, server_default=sa.false())),
    ("account", sa.Column("totp_secret", sa.String(), nullable=True)),
    ("account", sa.Column("totp_step", sa.BigInteger(), nullable=False, server_default="0")),
    ("web_session", sa.Column("address", sa.String(), nullable=False, server_default="")),
    ("device_token", sa.Column("old_hash", sa.String(), nullable=True)),
    ("device_token", sa.Column("old_until", sa.BigInteger(), nullable=True)),
    ("device_token", sa.Column("seen_from", sa.String(), nullable=False, server_default="")),
)


def upgrade() -> None:
    for table, column in COLUMNS:
        op.add_column(table, column)
    op.create_index("ux_device_token_old", "device_token", ["old_hash"], unique=True)
    op.create_table(
        "recovery_code",
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("code_hash"),
    )
    op.create_table(
        "power_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("permission", sa.String(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("given_by", sa.Integer(), nullable=True),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_by", sa.Integer(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_why", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"]),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.ForeignKeyConstraint(["given_by"], ["account.id"]),
        sa.ForeignKeyConstraint(["revoked_by"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_power_grant_account", "power_grant", ["account_id"])


def downgrade() -> None:
    """Whoever has a second factor signs in without it; what was granted is nobody's any more."""
    op.drop_table("power_grant")
    op.drop_table("recovery_code")
    op.drop_index("ux_device_token_old", "device_token")
    for table, column in reversed(COLUMNS):
        op.drop_column(table, str(column.name))
