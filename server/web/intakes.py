"""What is done with a file that was sent: the slow part beside all other work, then one write.

`server` is `app.Server`.
"""

from typing import Any

from server.contract.books import BookCheck, BookDone
from server.services import item_book, photos, settings_history, staff_book
from server.services.actors import Actor

APPLY_ITEMS = "/admin/items/import/<plan>"


def photo(server: Any, actor: Actor, data: bytes, username: str) -> dict[str, Any]:
    """Put a photograph on a staff card"""
    jpeg = server.aside(photos.jpeg_of, data)
    answer: dict[str, Any] = server.store.write(lambda tx: photos.put_photo(tx, actor, jpeg, username))
    return answer


def check_items(server: Any, actor: Actor, data: bytes) -> BookCheck:
    """What a workbook of items would do, and its wrong cells"""
    brought = server.aside(item_book.BOOK.read, data)
    with server.store.read() as conn:
        return item_book.plan(conn, actor, brought).check()


def apply_items(server: Any, actor: Actor, data: bytes, plan: str) -> BookDone:
    """Do what a check said of this workbook of items"""
    brought = server.aside(item_book.BOOK.read, data)
    run = settings_history.noting(APPLY_ITEMS, item_book.apply)
    done: BookDone = server.store.write(lambda tx: run(tx, actor, brought, asked=plan))
    return done


def check_staff(server: Any, actor: Actor, data: bytes) -> BookCheck:
    """What a workbook of staff would do, and its wrong cells"""
    brought = server.aside(staff_book.BOOK.read, data)
    with server.store.read() as conn:
        return staff_book.plan(conn, actor, brought).check()


def apply_staff(server: Any, actor: Actor, data: bytes, plan: str) -> BookDone:
    """Do what a check said of this workbook of staff; the answer alone has the start passwords"""
    brought = server.aside(staff_book.BOOK.read, data)
    with server.store.read() as conn:
        found = staff_book.plan(conn, actor, brought)
    found.refuse(plan)
    passwords = staff_book.start_passwords(found)
    hashes = server.aside(staff_book.hashed, passwords)
    done = server.store.write(lambda tx: staff_book.apply(tx, actor, brought, plan, hashes))
    return staff_book.told(done, found, passwords)
