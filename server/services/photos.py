"""Photographs on staff cards (服务监督牌): what is taken for one, how it is kept, and who gets it.

What somebody uploads is decoded and drawn anew: of the file itself nothing stays, neither where it was taken nor
anything that hides behind the picture.
"""

import hashlib
import threading
from io import BytesIO
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from server.contract.news import NewsKind
from server.contract.problems import ProblemError, bad_field
from server.contract.windows import WindowCommand
from server.db import Tx
from server.models import Account, StaffPhoto
from server.services import audit
from server.services.actors import Actor
from server.services.admin import overview
from server.services.events import tell
from server.services.files import Picture

MAX_BYTES = 2 * 1024 * 1024
MAX_PIXELS = 16_000_000
"""More than a telephone takes by itself; decoded they are 64 MB for a moment."""
LEAST_SIDE = 200
SIZE = (480, 640)
"""Upright, as on a pass; sharp on a wall of 4K too."""
QUALITY = 85
FORMATS = ("JPEG", "PNG")

_one_at_a_time = threading.Lock()
"""So that several photographs are never decoded in memory at once."""


def too_large() -> ProblemError:
    return _wrong("must be at most 2 MB", "不能超过 2 MB，请用手机或电脑缩小后再选")


def jpeg_of(data: bytes) -> bytes:
    """The photograph in the one form that is kept: SIZE, upright, nothing but the picture. Raises bad_field. Slow:
    call it beside all other work."""
    with _one_at_a_time:
        out = BytesIO()
        _fitted(data).save(out, "JPEG", quality=QUALITY)
        return out.getvalue()


def _fitted(data: bytes) -> Any:
    from PIL import Image, ImageOps  # here: a server to which nobody gives a photograph keeps its memory

    try:
        with Image.open(BytesIO(data), formats=FORMATS) as found:
            _refuse_size(found)
            found.draft("RGB", (SIZE[0] * 2, SIZE[1] * 2))
            upright = ImageOps.exif_transpose(found).convert("RGBA")
    except ProblemError:
        raise
    except Exception:  # noqa: BLE001 - a decoder given bytes of a stranger says what is wrong in any way
        raise _wrong("must be a whole JPEG or PNG picture", "不是完整的 JPEG 或 PNG 图片，请换一张") from None
    plain = Image.new("RGB", upright.size, "white")
    plain.paste(upright, mask=upright)
    return ImageOps.fit(plain, SIZE, Image.Resampling.LANCZOS, centering=(0.5, 0.3))


def _refuse_size(found: Any) -> None:
    """By what its head says, before anything is decoded."""
    width, height = found.size
    if width * height > MAX_PIXELS:
        raise _wrong("must have at most 16 million pixels", "像素太多，最多 1600 万像素，请缩小后再选")
    if min(width, height) < LEAST_SIDE:
        raise _wrong(
            f"must be at least {LEAST_SIDE} pixels wide and high",
            f"太小，宽和高至少 {LEAST_SIDE} 像素，请换一张清楚的",
        )


def _wrong(en: str, zh: str) -> ProblemError:
    return bad_field("photo", en, zh, "照片")


def put_photo(tx: Tx, actor: Actor, jpeg: bytes, username: str) -> dict[str, Any]:
    """`jpeg` as `jpeg_of` made it. Raises user_not_found."""
    account_id = _account_id(tx.conn, actor, username)
    mine = StaffPhoto.account_id == account_id
    digest = hashlib.sha256(jpeg).hexdigest()
    if tx.conn.execute(select(StaffPhoto.digest).where(mine)).scalar() == digest:
        return overview(tx.conn, actor, tx.now)
    tx.erased = tx.conn.execute(delete(StaffPhoto).where(mine)).rowcount > 0
    tx.conn.execute(insert(StaffPhoto).values(account_id=account_id, digest=digest, jpeg=jpeg))
    return _changed(tx, actor, "staff.photo", username)


def remove_photo(tx: Tx, actor: Actor, body: WindowCommand, username: str) -> dict[str, Any]:
    """Raises user_not_found, photo_not_found."""
    mine = StaffPhoto.account_id == _account_id(tx.conn, actor, username)
    if tx.conn.execute(delete(StaffPhoto).where(mine)).rowcount != 1:
        raise ProblemError("photo_not_found")
    tx.erased = True
    return _changed(tx, actor, "staff.photo_removed", username)


def photo(conn: Connection, actor: Actor, digest: str) -> Picture:
    """The photograph on a staff card of this hall"""
    known = (
        select(StaffPhoto.jpeg)
        .join(Account, Account.id == StaffPhoto.account_id)
        .where(StaffPhoto.digest == digest, Account.hall_id == actor.hall_id, Account.active.is_(True))
    )
    jpeg = conn.execute(known).scalars().first()
    if jpeg is None:
        raise ProblemError("photo_not_found")
    return Picture("image/jpeg", jpeg)


def _account_id(conn: Connection, actor: Actor, username: str) -> int:
    mine = select(Account.id).where(Account.hall_id == actor.hall_id, Account.username == username)
    found = conn.execute(mine).scalar_one_or_none()
    if found is None:
        raise ProblemError("user_not_found")
    return found


def _changed(tx: Tx, actor: Actor, kind: str, username: str) -> dict[str, Any]:
    audit.record(tx, actor.hall_id, kind, {"account": username, **actor.by})
    tell(tx, actor, NewsKind.HALL_CHANGED, {}, why=f"{kind} {username}")
    return overview(tx.conn, actor, tx.now)
