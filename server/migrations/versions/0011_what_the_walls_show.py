"""What the walls show: notices with their days, duty leaders, staff cards, the playlist and the ticker."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

HALL = sa.table("hall", sa.column("id", sa.Integer), sa.column("notices", sa.JSON))
NOTICE = sa.table("notice", *(sa.column(name) for name in ("id", "hall_id", "text")))


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=True),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_notice_hall", "notice", ["hall_id"])
    op.create_table(
        "duty_day",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.String(), nullable=False),
        sa.Column("tel", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"]),
        sa.PrimaryKeyConstraint("hall_id", "day"),
    )
    op.add_column("hall", sa.Column("playlist", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("hall", sa.Column("ticker", sa.String(), nullable=False, server_default=""))
    op.add_column("hall", sa.Column("shown_told", sa.String(), nullable=False, server_default=""))
    op.add_column("account", sa.Column("card_name", sa.String(), nullable=False, server_default=""))
    op.add_column("account", sa.Column("position", sa.String(), nullable=False, server_default=""))
    op.add_column("account", sa.Column("badges", sa.JSON(), nullable=False, server_default="[]"))
    conn = op.get_bind()
    for hall in conn.execute(sa.select(HALL)).all():
        for text in hall.notices:
            conn.execute(sa.insert(NOTICE).values(hall_id=hall.id, text=text))
    op.drop_column("hall", "notices")  # not in a batch: SQLite cannot make anew a table that others refer to


def downgrade() -> None:
    """All texts go back into the one list: it knows no days, and an admin can strike out what is over."""
    op.add_column("hall", sa.Column("notices", sa.JSON(), nullable=False, server_default="[]"))
    conn = op.get_bind()
    texts: dict[int, list[str]] = {}
    for notice in conn.execute(sa.select(NOTICE).order_by(NOTICE.c.id)).all():
        texts.setdefault(notice.hall_id, []).append(notice.text)
    for hall_id, notices in texts.items():
        conn.execute(sa.update(HALL).where(HALL.c.id == hall_id).values(notices=notices))
    for name in ("badges", "position", "card_name"):
        op.drop_column("account", name)
    for name in ("shown_told", "ticker", "playlist"):
        op.drop_column("hall", name)
    op.drop_table("duty_day")
    op.drop_table("notice")
