"""Statements that the driver runs as they are: what they promise, on a real database of each kind."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.exc import IntegrityError, MultipleResultsFound, NoResultFound

from server.app import migrate
from server.db import make_engine, writing
from server.models import CalendarDay, Hall, Instant
from server.statement import Statement

HALLS = Statement(select(Hall).order_by(Hall.id))
BY_CODE = Statement(select(Hall.id, Hall.name, Hall.open, Hall.sessions).where(Hall.code == bindparam("code")))
DAY = {name: bindparam(name) for name in ("hall_id", "day", "kind", "name")}
ADD = Statement(insert(CalendarDay).values(as_weekday=1, **DAY))


@pytest.fixture(params=["sqlite", "postgresql"])
def conn(request, tmp_path):
    url = f"sqlite:///{tmp_path / 'x.db'}"
    engine = make_engine(url if request.param == "sqlite" else request.getfixturevalue("cluster").new_database())
    migrate(engine)
    with writing(engine) as conn:
        for code in ("A", "B"):
            conn.execute(insert(Hall).values(code=code, name=code, sessions=[[1, 0, 60]]))
        yield conn
    engine.dispose()


def test_rows_are_those_of_sqlalchemy(conn):
    assert [tuple(row) for row in HALLS.all(conn)] == [tuple(row) for row in conn.execute(HALLS.clause)]
    row = BY_CODE.one(conn, code="A", nobody="asks for this")
    assert (row.name, row.open, row.sessions) == ("A", True, [[1, 0, 60]])


def test_one_is_one(conn):
    assert BY_CODE.one_or_none(conn, code="C") is None
    with pytest.raises(NoResultFound):
        BY_CODE.one(conn, code="C")
    with pytest.raises(MultipleResultsFound):
        HALLS.one_or_none(conn)
    with pytest.raises(KeyError):
        BY_CODE.one(conn)


def test_values_go_there_and_come_back_whole(conn):
    moment = datetime(2026, 2, 28, 23, 59, 59, 999_999, UTC)
    there_and_back = Statement(select(bindparam("moment", type_=Instant).label("moment")))
    assert there_and_back.one(conn, moment=moment).moment == moment


def test_the_drivers_errors_are_sqlalchemys(conn):
    day = {"hall_id": BY_CODE.one(conn, code="A").id, "day": datetime(2026, 1, 1, tzinfo=UTC).date(), "name": ""}
    assert ADD.run(conn, kind="holiday", **day) == 1
    conn.exec_driver_sql("SAVEPOINT again")
    with pytest.raises(IntegrityError):
        ADD.run(conn, kind="holiday", **day)
    conn.exec_driver_sql("ROLLBACK TO again")
    assert Statement(delete(CalendarDay)).run(conn) == 1


def test_what_has_no_fixed_text_is_refused(conn):
    with pytest.raises(TypeError, match="would change"):
        Statement(select(Hall.id).where(Hall.code.in_(bindparam("codes", expanding=True)))).all(conn, codes=["A"])


def test_no_default_is_silently_left_out(conn):
    with pytest.raises(TypeError, match="as_weekday must be given"):
        Statement(insert(CalendarDay).values(DAY)).run(conn)
