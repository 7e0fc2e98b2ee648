"""Accounts with their staff cards as a workbook: one row a person. Passwords are never in it."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, select

from server.contract.books import BookDone, StaffRow, StartPassword
from server.contract.news import NewsKind
from server.db import Tx
from server.domain.passwords import start_password
from server.models import Account
from server.services import accounts, admin, audit, books, people_admin, staff_cards
from server.services.actors import Actor
from server.services.books import Book, Brought, Plan, Words
from server.services.events import tell
from server.services.files import File
from server.services.halls import hall_of

ROLES = {"admin": "管理员", "supervisor": "督导", "clerk": "窗口人员", "guide": "导办员"}
MOST_NEW = 60
"""Accounts made at once: each password takes a fifth of a second to hash."""

BOOK: Book[StaffRow] = Book(
    "staff",
    "人员",
    (
        books.text_column("用户名", "username"),
        books.text_column("姓名", "name"),
        books.text_column("工号", "staff_no"),
        books.choice_column("角色", "role", {role: ROLES.get(role, role) for role in accounts.ROLES}),
        books.text_column("监督牌姓名", "card_name"),
        books.text_column("岗位", "position"),
        books.lines_column("徽章", "badges", "、"),
        books.yes_column("在用", "active"),
    ),
    StaffRow,
)


def file(conn: Connection, actor: Actor, now: datetime) -> File:
    return BOOK.file(hall_of(conn, actor.hall_id), now, _known(conn, actor))


def plan(conn: Connection, actor: Actor, brought: Brought[StaffRow]) -> Plan[StaffRow]:
    """What the workbook would do to the accounts as they are now."""
    known = _known(conn, actor)
    taken = set(conn.execute(select(Account.username).where(Account.hall_id != actor.hall_id)).scalars())
    new = [username for username in brought.good if username not in known]

    def judge(username: str, person: StaffRow) -> Iterator[tuple[str, Words]]:
        if username in taken:
            yield "username", ("已被别的大厅使用，请换一个", "is in use in another hall: choose another")
        if username in new[MOST_NEW:]:
            most = (f"一次最多新建 {MOST_NEW} 个账号，请分几次导入", f"at most {MOST_NEW} new accounts at once")
            yield "username", most
        yield from _about_oneself(actor, known.get(username), person)

    return brought.against(known, judge)


def _about_oneself(actor: Actor, before: StaffRow | None, after: StaffRow) -> Iterator[tuple[str, Words]]:
    """So that an admin is left, and nobody locks themselves out."""
    if before is None or after.username != actor.name:
        return
    if after.role != before.role:
        yield "role", ("不能改自己的角色", "must not change: it is your own account")
    if not after.active:
        yield "active", ("不能停用自己的账号", "must not be switched off: it is your own account")


def start_passwords(found: Plan[StaffRow]) -> dict[str, str]:
    """One for each account that will be made."""
    return {name: start_password() for name in found.added}


def hashed(passwords: dict[str, str]) -> dict[str, str]:
    """Slow: call it beside all other work."""
    return {name: accounts.hash_password(password) for name, password in passwords.items()}


def apply(tx: Tx, actor: Actor, brought: Brought[StaffRow], asked: str, hashes: dict[str, str]) -> BookDone:
    """All of it, told once. Raises import_wrong, import_moved, last_admin, and forbidden under a grant."""
    found = plan(tx.conn, actor, brought)
    found.refuse(asked)
    for name, person in found.added.items():
        people_admin.make(tx, actor, name, person.role, hashes[name], person.name, person.staff_no)
        _write(tx, actor, name, person)
    for name, person in found.changed.items():
        _write(tx, actor, name, person)
    if found.added or found.changed:
        tell(tx, actor, NewsKind.HALL_CHANGED, {}, why="staff imported")
    return BookDone(len(found.added), len(found.changed))


def told(done: BookDone, found: Plan[StaffRow], passwords: dict[str, str]) -> BookDone:
    """With the passwords, which are seen in this answer and never again."""
    people = found.added
    said = tuple(StartPassword(name, people[name].name, password) for name, password in passwords.items())
    return BookDone(done.added, done.changed, said)


def _write(tx: Tx, actor: Actor, username: str, person: StaffRow) -> None:
    """By the roads of the page: whoever gets another role, or is switched off, is signed out and loses grants."""
    before = accounts.find_account(tx.conn, username)
    tx.change(Account, before.id, name=person.name, staff_no=person.staff_no)
    if person.name != before.name:
        audit.record_row(tx, "account.renamed", "account", before.id, before=before.name, **actor.by)
    card = {"card_name": person.card_name, "position": person.position, "badges": list(person.badges)}
    staff_cards.write(tx, actor, before, card)
    if person.role != before.role:
        people_admin.give_role(tx, actor, before, person.role)
    if person.active != before.active:
        admin.switch(tx, actor, before, person.active)


def _known(conn: Connection, actor: Actor) -> dict[str, StaffRow]:
    mine = select(Account).where(Account.hall_id == actor.hall_id).order_by(Account.id)
    return {
        row.username: StaffRow(
            row.username, row.name, row.staff_no, row.role, row.card_name, row.position, tuple(row.badges), row.active
        )
        for row in conn.execute(mine)
    }
