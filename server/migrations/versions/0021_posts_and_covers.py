"""AB岗: posts with their pairs, leave, covers, the rota, who sat where and when, handovers, empty windows."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

RUNNING: dict[str, Any] = {
    "sqlite_where": sa.text("ended_at IS NULL"),
    "postgresql_where": sa.text("ended_at IS NULL"),
}
SETTINGS = (("empty_minutes", "10"), ("late_minutes", "5"))
TABLES = ("empty_spell", "handover", "sitting", "rota_day", "cover", "staff_leave", "post")


def _id(name: str, to: str = "", *, nullable: bool = False) -> "sa.Column[Any]":
    key = [sa.ForeignKey(f"{to}.id")] if to else []
    return sa.Column(name, sa.Integer(), *key, nullable=nullable)


def _text(name: str) -> "sa.Column[Any]":
    return sa.Column(name, sa.String(), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> "sa.Column[Any]":
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _table(name: str, *columns: "sa.Column[Any]") -> None:
    key = sa.Column("id", sa.Integer(), primary_key=True)
    op.create_table(name, key, _id("hall_id", "hall"), *columns)


def _said_of_days(name: str, *columns: "sa.Column[Any]") -> None:
    days = [sa.Column(day, sa.Date(), nullable=False) for day in ("from_day", "to_day")]
    by = (_id("by_id", "account"), _moment("at"), _moment("withdrawn_at", nullable=True))
    _table(name, *columns, *days, *by)
    op.create_index(f"ix_{name}", name, ["hall_id", "to_day"])


def upgrade() -> None:
    """Who sits at a window now begins a stay: since when is known of a free or paused window only."""
    for column, value in SETTINGS:
        op.add_column("hall", sa.Column(column, sa.Integer(), nullable=False, server_default=value))
    _table(
        "post", _text("kind"), _text("name"), _id("window_id", "window", nullable=True),
        _id("primary_id", "account", nullable=True), _id("backup_id", "account", nullable=True), _text("weekdays"),
        _text("part"), sa.Column("removed", sa.Boolean(), nullable=False),
    )  # fmt: skip
    _said_of_days("staff_leave", _id("account_id", "account"), _text("reason"))
    _said_of_days("cover", _id("post_id", "post"), _id("account_id", "account"))
    op.create_table(
        "rota_day",
        sa.Column("post_id", sa.Integer(), sa.ForeignKey("post.id"), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        _id("account_id", "account"),
    )
    _table(
        "sitting", _id("window_id", "window", nullable=True), _id("post_id", "post", nullable=True),
        _id("account_id", "account"), _moment("began_at"), _moment("ended_at", nullable=True), _text("began_by"),
        _text("ended_by"),
    )  # fmt: skip
    op.create_index("ix_sitting_day", "sitting", ["hall_id", "began_at"])
    op.create_index("ux_sitting_window", "sitting", ["window_id"], unique=True, **RUNNING)
    op.create_index("ux_sitting_post", "sitting", ["post_id", "account_id"], unique=True, **RUNNING)
    _table(
        "handover", _id("window_id", "window"), _id("from_id", "account"), _id("to_id", "account"), _text("kind"),
        _text("note"), _id("ticket_id", "ticket", nullable=True), _text("state"), _moment("offered_at"),
        _moment("ended_at", nullable=True),
    )  # fmt: skip
    op.create_index("ix_handover_day", "handover", ["hall_id", "offered_at"])
    op.create_index("ux_handover", "handover", ["window_id"], unique=True, **RUNNING)
    _table(
        "empty_spell", _id("window_id", "window"), _text("post"), _text("reason"), _moment("since"),
        _moment("told_at", nullable=True), _moment("ended_at", nullable=True),
    )  # fmt: skip
    op.create_index("ix_empty_spell", "empty_spell", ["hall_id", "since"])
    op.create_index("ux_empty_spell", "empty_spell", ["window_id"], unique=True, **RUNNING)
    op.execute(
        "INSERT INTO sitting (hall_id, window_id, account_id, began_at, began_by, ended_by)"
        " SELECT hall_id, id, staff_id, COALESCE(since, 0), 'sign_in', '' FROM \"window\" WHERE staff_id IS NOT NULL"
    )


def downgrade() -> None:
    """Pairs, rosters and attendance are lost."""
    for table in TABLES:
        op.drop_table(table)
    for column, _ in reversed(SETTINGS):
        op.drop_column("hall", column)
