"""The outbox of ratings for the province: a row in the commit that makes the rating, or none and no rating either.

Rows are kept from the moment on which a hall's upload was switched on, by a server that started with it in its
`upload.toml`; ratings from before are not sent. What was never rated never gets a row.

Several servers on one database each have a file of their own. What is missing in one of them may stand in another, so
there only an empty code switches a hall off.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from sqlalchemy import Connection, select, update

from server.contract.ratings import Source
from server.db import Record, Tx
from server.domain.rating import REASONS_WITHIN
from server.domain.sentence import Sentence
from server.domain.upload import project_no
from server.models import Hall, Invitation, Rating, TicketRow, Upload

_RATED = (
    select(Hall.id, Hall.upload_code, Hall.change_seconds, Rating.source, TicketRow.service_day, TicketRow.number)
    .select_from(Rating)
    .join(Invitation, Invitation.id == Rating.invitation_id)
    .join(TicketRow, TicketRow.id == Invitation.ticket_id)
    .join(Hall, Hall.id == Invitation.hall_id)
)


def rated(tx: Tx, rating_id: int) -> None:
    """Keep a row for this new rating, where its hall uploads. It is due once the citizen may no longer think better
    of it nor say why, and what is sent is the rating as it is then."""
    of = tx.conn.execute(_RATED.where(Rating.id == rating_id)).one()
    if of.upload_code:
        changes = timedelta(seconds=of.change_seconds)
        settled = changes + REASONS_WITHIN if of.source == Source.TABLET.value else changes
        tx.add(
            Upload,
            hall_id=of.id, rating_id=rating_id, project_no=project_no(of.upload_code, of.service_day, of.number),
            service_number=1, made_at=tx.now, due_at=tx.now + settled, ended_at=None,
        )  # fmt: skip


def switch(tx: Tx, codes: Mapping[str, str], shared: bool) -> list[Sentence]:
    """Switch upload on for these halls (our code → the province's, empty for off), and off for all others unless
    other servers share the database; what those still have waiting stays. Returns what somebody should know: what is
    wrong with the codes (a hall of which something is stays as it was), which halls are off from now on, and which
    are on and not named."""
    wanted, said = plan(tx.conn, codes, shared)
    for hall_id, code in wanted.items():
        tx.conn.execute(update(Hall).where(Hall.id == hall_id).values(upload_code=code))
    return said


def plan(conn: Connection, codes: Mapping[str, str], shared: bool) -> tuple[dict[int, str], list[Sentence]]:
    """What `switch` would change, by the hall's id, and what it would say. Changes nothing."""
    halls = conn.execute(select(Hall.id, Hall.code, Hall.upload_code).order_by(Hall.id)).all()
    known = {hall.code for hall in halls}
    said = [_no_such_hall(code) for code in codes if code not in known]
    stays = {hall.upload_code for hall in halls if shared and hall.code not in codes}
    wanted = {}
    for hall in halls:
        code = codes.get(hall.code, hall.upload_code if shared else "")
        if hall.code in codes and code and (code in stays or _of_another_hall(conn, hall.id, code)):
            said.append(_taken(hall.code, code))
        else:
            wanted[hall.id] = code
            said += _unlooked_for(hall, codes, code)
    return wanted, said


def _unlooked_for(hall: Record, codes: Mapping[str, str], code: str) -> Iterator[Sentence]:
    """Of a hall that is on: it goes off, or it stays on although nobody here says so."""
    if hall.upload_code and not code:
        yield _off(hall.code)
    elif hall.upload_code and hall.code not in codes:
        yield _not_here(hall.code)


def _of_another_hall(conn: Connection, hall_id: int, wanted: str) -> bool:
    """Two halls with one code would give the same number twice."""
    used = select(Upload.id).where(Upload.hall_id != hall_id, Upload.project_no.startswith(f"{wanted}-")).limit(1)
    return conn.execute(used).first() is not None


def _no_such_hall(code: str) -> Sentence:
    return Sentence(
        f"upload.toml 里的大厅 {code} 不存在，请改成已有大厅的代码",
        f"upload.toml names hall {code}, which does not exist; use the code of a hall that does",
    )


def _taken(code: str, wanted: str) -> Sentence:
    return Sentence(
        f"大厅 {code} 的上报编码 {wanted} 已被另一个大厅用过，请换省平台给本厅的编码",
        f"the code {wanted} of hall {code} was used by another hall; give the one that the province gave this hall",
    )


def _off(code: str) -> Sentence:
    return Sentence(
        f"upload.toml 里没有大厅 {code} 的编码，它的评价不再上报；如非本意，请补上并重启服务器",
        f"upload.toml gives no code for hall {code}, so its ratings are no longer uploaded; if that was not meant,"
        " put it back and start the server anew",
    )


def _not_here(code: str) -> Sentence:
    return Sentence(
        f"大厅 {code} 的评价在上报，但本服务器的 upload.toml 里没有它，本服务器不送；"
        '共用数据库的每台服务器都应有同一份文件，要停止上报请写 code = ""',
        f"the ratings of hall {code} are uploaded, but upload.toml of this server does not name it, so this server"
        ' sends none of them; give all servers on a database the same file, and write code = "" to switch it off',
    )
