"""Service items as a workbook: one row an item."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, select

from server.contract.books import BookDone
from server.contract.items import ItemSettings
from server.db import Tx
from server.domain.settings import PLACES
from server.models import Queue
from server.services import books
from server.services.actors import Actor
from server.services.books import Book, Brought, Plan, Words
from server.services.files import File
from server.services.halls import hall_of
from server.services.items_admin import all_fields, keep_item, told

BOOK: Book[ItemSettings] = Book(
    "items",
    "事项",
    (
        books.text_column("编码", "code"),
        books.text_column("事项名称", "name"),
        books.text_column("队列", "queue"),
        books.text_column("法律依据", "legal_basis"),
        books.text_column("办理主体", "handling_body"),
        books.lines_column("办理流程", "process"),
        books.lines_column("申报材料", "materials"),
        books.text_column("承诺时限", "promise"),
        books.text_column("收费标准及依据", "fee"),
        books.text_column("办理地点", "location"),
        books.text_column("监督机构", "supervisor"),
        books.text_column("投诉电话", "complaint_tel"),
        books.number_column("预计用时（分钟）", "minutes"),
        books.yes_column("在用", "active"),
    ),
    lambda code, **fields: ItemSettings(**fields),
)


def file(conn: Connection, actor: Actor, now: datetime) -> File:
    return BOOK.file(hall_of(conn, actor.hall_id), now, _known(conn, actor))


def plan(conn: Connection, actor: Actor, brought: Brought[ItemSettings]) -> Plan[ItemSettings]:
    """What the workbook would do to the items as they are now."""
    known = _known(conn, actor)
    queues = set(conn.execute(select(Queue.code).where(Queue.hall_id == actor.hall_id)).scalars())

    def judge(code: str, item: ItemSettings) -> Iterator[tuple[str, Words]]:
        rule = PLACES["item_code"]
        if code not in known and not rule.holds(code):
            yield "code", (rule.problem_zh, rule.problem)
        if item.queue not in queues:
            yield "queue", ("没有这个队列", "must be the code of a queue of the hall")

    return brought.against(known, judge)


def apply(tx: Tx, actor: Actor, brought: Brought[ItemSettings], asked: str) -> BookDone:
    """All of it, each change a version, told once. Raises import_wrong and import_moved."""
    found = plan(tx.conn, actor, brought)
    found.refuse(asked)
    for code, item in {**found.added, **found.changed}.items():
        keep_item(tx, actor, code, item)
    if found.added or found.changed:
        told(tx, actor, "items imported")
    return BookDone(len(found.added), len(found.changed))


def _known(conn: Connection, actor: Actor) -> dict[str, ItemSettings]:
    return {code: ItemSettings(**vars(item)) for code, item in all_fields(conn, actor.hall_id).items()}
