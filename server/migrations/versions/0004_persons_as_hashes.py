"""A key for each hall, and tickets that may know their person by a keyed hash."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("hall", sa.Column("secret", sa.String(), nullable=False, server_default=""))
    for (hall_id,) in op.get_bind().execute(sa.text("SELECT id FROM hall")).all():
        values = {"secret": secrets.token_hex(32), "id": hall_id}
        op.get_bind().execute(sa.text("UPDATE hall SET secret = :secret WHERE id = :id"), values)
    op.add_column("ticket", sa.Column("person_hash", sa.String(), nullable=True))
    op.create_index("ix_ticket_person", "ticket", ["person_hash", "state"])


def downgrade() -> None:
    op.drop_index("ix_ticket_person", "ticket")
    with op.batch_alter_table("ticket") as batch_op:
        batch_op.drop_column("person_hash")
    with op.batch_alter_table("hall") as batch_op:
        batch_op.drop_column("secret")
