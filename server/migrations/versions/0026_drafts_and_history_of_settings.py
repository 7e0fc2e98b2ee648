"""Drafts and the history of settings, and how far the first-run guide has come."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A hall that has queues was set up before there was a guide, and is not asked to begin anew."""
    op.add_column("hall", sa.Column("first_run", sa.JSON(), nullable=False, server_default="{}"))
    op.execute("""UPDATE hall SET first_run = '{"done": true}' WHERE id IN (SELECT hall_id FROM queue)""")
    op.create_table(
        "settings_draft",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("base", sa.JSON(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"]),
        sa.PrimaryKeyConstraint("hall_id"),
    )
    op.create_table(
        "settings_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("more", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_settings_change", "settings_change", ["hall_id", "id"])


def downgrade() -> None:
    """Drafts and the history are lost; what is live stays."""
    op.drop_table("settings_change")
    op.drop_table("settings_draft")
    op.drop_column("hall", "first_run")  # a batch makes the table anew, which rows of others forbid
