"""Operations: when and where backups are made, how long personal data is kept, and what came of each backup."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

NOT_OF_RATINGS = (
    "kind NOT IN ('service.done', 'rating.made', 'rating.changed', 'rating.reasoned', 'comment.made',"
    " 'press.ignored', 'reply.received', 're_rating.made', 'rating.excluded', 'contact.given', 'contact.removed')"
)


def upgrade() -> None:
    op.create_table(
        "operations",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("backup_on", sa.Boolean(), nullable=False),
        sa.Column("backup_minute", sa.Integer(), nullable=False),
        sa.Column("backup_folder", sa.String(), nullable=False),
        sa.Column("backup_keys", sa.Boolean(), nullable=False),
        sa.Column("backup_drill", sa.Boolean(), nullable=False),
        sa.Column("keep_days", sa.Integer(), nullable=False),
        sa.Column("keep_weeks", sa.Integer(), nullable=False),
        sa.Column("keep_months", sa.Integer(), nullable=False),
        sa.Column("warn_days", sa.Integer(), nullable=False),
        sa.Column("contact_days", sa.Integer(), nullable=False),
        sa.Column("note_days", sa.Integer(), nullable=False),
        sa.Column("case_days", sa.Integer(), nullable=False),
        sa.Column("event_days", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"]),
        sa.PrimaryKeyConstraint("hall_id"),
    )
    op.create_table(
        "operation_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("zh", sa.String(), nullable=False),
        sa.Column("en", sa.String(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_operation_run", "operation_run", ["hall_id", "kind", "asked_at"])
    op.create_index(
        "ix_operation_run_open", "operation_run", ["state"],
        sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL"),
    )  # fmt: skip
    op.create_table(
        "purge_tally",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"]),
        sa.PrimaryKeyConstraint("hall_id", "day", "what"),
    )
    op.create_index(
        "ix_ticket_note", "ticket", ["hall_id", "service_day"],
        sqlite_where=sa.text("note != ''"), postgresql_where=sa.text("note != ''"),
    )  # fmt: skip
    op.create_index(
        "ix_audit_of_settings", "audit_entry", ["hall_id", "n"], sqlite_where=sa.text(NOT_OF_RATINGS),
        postgresql_where=sa.text(NOT_OF_RATINGS),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_audit_of_settings", "audit_entry")
    op.drop_index("ix_ticket_note", "ticket")
    for table in ("purge_tally", "operation_run", "operations"):
        op.drop_table(table)
