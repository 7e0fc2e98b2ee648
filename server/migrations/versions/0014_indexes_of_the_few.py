"""Of most tickets no window, clerk or person is known: these indexes hold only the others, and most writes spare
three pages."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

INDEXES = (
    ("bound_window_id", "ix_ticket_bound", ["bound_window_id", "state"]),
    ("bound_staff_id", "ix_ticket_bound_staff", ["bound_staff_id", "state"]),
    ("person_hash", "ix_ticket_person", ["hall_id", "service_day", "person_hash"]),
)


def upgrade() -> None:
    for column, name, columns in INDEXES:
        few = sa.text(f"{column} IS NOT NULL")
        op.drop_index(name, "ticket")
        op.create_index(name, "ticket", columns, sqlite_where=few, postgresql_where=few)


def downgrade() -> None:
    for column, name, _ in INDEXES:
        op.drop_index(name, "ticket")
        op.create_index(name, "ticket", [column, "state"])
