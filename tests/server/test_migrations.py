"""Databases of halls that were there before: what an upgrade makes of their rows."""

import json

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from server.db import make_engine

MINUTE = 60_000_000
TICKET = (
    "INSERT INTO ticket (code, hall_id, service_day, series, n, number, queue_id, lane, lane_reason, state,"
    " issued_at, queued_at, called_at, begun_at, finished_at, recalls, outcome, call_reason, print_state,"
    " print_count, rating_state) VALUES (:code, 1, '2026-03-02', 'A', :n, :code, 1, 'normal', '', :state, 0, 0,"
    " :called, :begun, :finished, 0, '', '', 'printed', 1, 'not_invited')"
)
NEWS = (
    "INSERT INTO news (hall_id, seq, kind, at, ticket_id, actor, why, data)"
    " VALUES (1, :n, :kind, :at, :n, '', '', '{}')"
)
ROWS = (
    # state, called, begun, finished, told of the state at → waited, called, served, since, ended
    ("finished", 5, 6, 16, 16, (5, 1, 10, 16, 16)),
    ("no_show", 5, None, None, 8, (5, 3, 0, 8, 8)),
    ("expired", None, None, None, 30, (30, 0, 0, 30, 30)),
    ("cancelled", None, None, None, 2, (2, 0, 0, 2, 2)),
    ("waiting", None, None, None, 0, (0, 0, 0, 0, None)),
    ("called", 5, None, None, 5, (5, 0, 0, 5, None)),
    ("serving", 5, 6, None, 6, (5, 1, 0, 6, None)),
    ("held", 5, 6, None, 9, (5, 1, 3, 9, None)),
)


def to(engine, revision, how=command.upgrade):
    alembic = Config()
    alembic.set_main_option("script_location", "server:migrations")
    with engine.connect() as conn, conn.execution_options(jiaohao_write=True).begin():
        alembic.attributes["connection"] = conn
        how(alembic, revision)


def test_tickets_from_before_get_their_times(tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path}/old.db")
    to(engine, "0004")
    with engine.connect() as conn:
        conn.execute(text("INSERT INTO hall (id, code, name, zone, rollover_hour, open, closed_reason, recall_limit,"
            " recall_seconds, invitation_seconds, notices, seq) VALUES (1, 'HQ', '厅', 'Asia/Shanghai', 0, 1, '', 3,"
            " 5, 60, '[]', 0)"))  # fmt: skip
        conn.execute(text("INSERT INTO queue (id, hall_id, code, name, name_en, series, location, open, position)"
            " VALUES (1, 1, 'A', '综合', '', 'A', '', 1, 0)"))  # fmt: skip
        for n, (state, called, begun, finished, told, _) in enumerate(ROWS, 1):
            times = {"called": called, "begun": begun, "finished": finished}
            moments = {name: m and m * MINUTE for name, m in times.items()}
            conn.execute(text(TICKET), {"code": f"A{n:03d}", "n": n, "state": state, **moments})
            conn.execute(text(NEWS), {"n": n, "kind": f"ticket.{state}", "at": told * MINUTE})
        conn.commit()
    to(engine, "0005")
    columns = "waited_us, called_us, served_us, since, ended_at, held_us, bound_staff_id, no_shows"
    with engine.connect() as conn:
        rows = conn.execute(text(f"SELECT {columns} FROM ticket ORDER BY n")).all()
        policy = conn.execute(text("SELECT no_show_policy, fairness_cap, aging_minutes FROM hall")).one()
    assert [tuple(m and m // MINUTE for m in row[:5]) for row in rows] == [row[5] for row in ROWS]
    assert {tuple(row[5:]) for row in rows} == {(0, None, 0)} and tuple(policy) == ("desk", 3, 45)
    to(engine, "0004", command.downgrade)
    to(engine, "0005")
    engine.dispose()


def test_notices_from_before_keep_their_words_and_their_order(tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path}/old.db")
    to(engine, "0010")
    texts = ["第一条", "<b>二</b>", "长" * 200]
    hall = (
        "INSERT INTO hall (id, code, name, zone, rollover_hour, open, closed_reason, recall_limit, recall_seconds,"
        " invitation_seconds, notices, seq, secret) VALUES (:id, :code, '厅', 'Asia/Shanghai', 0, 1, '', 3, 5, 60,"
        " :notices, 0, 'x')"
    )
    with engine.connect() as conn:
        for key, notices in ((1, texts), (2, []), (3, ["别的厅"])):
            conn.execute(text(hall), {"id": key, "code": f"H{key}", "notices": json.dumps(notices)})
        conn.commit()
    to(engine, "0011")
    with engine.connect() as conn:
        rows = conn.execute(text("SELECT hall_id, text, from_day, to_day FROM notice ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [*((1, words, None, None) for words in texts), (3, "别的厅", None, None)]
    to(engine, "0010", command.downgrade)
    with engine.connect() as conn:
        kept = conn.execute(text("SELECT notices FROM hall ORDER BY id")).scalars().all()
    assert [json.loads(one) for one in kept] == [texts, [], ["别的厅"]]
    to(engine, "0011")
    engine.dispose()


def test_a_hall_that_was_set_up_before_is_not_asked_to_begin_anew(tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path}/old.db")
    to(engine, "0018")
    hall = "INSERT INTO hall (id, code, name, zone, rollover_hour, open, closed_reason, recall_limit, recall_seconds,"
    with engine.connect() as conn:
        for key in (1, 2):
            conn.execute(text(f"""{hall} invitation_seconds, seq, secret) VALUES ({key}, 'H{key}', '厅',
                'Asia/Shanghai', 0, 1, '', 3, 5, 60, 0, 'x')"""))  # fmt: skip
        conn.execute(text("INSERT INTO queue (id, hall_id, code, name, name_en, series, location, open, position)"
            " VALUES (1, 1, 'A', '综合', '', 'A', '', 1, 0)"))  # fmt: skip
        conn.commit()
    to(engine, "0026")
    with engine.connect() as conn:
        told = conn.execute(text("SELECT first_run FROM hall ORDER BY id")).scalars().all()
    assert [json.loads(one) for one in told] == [{"done": True}, {}]
    to(engine, "0018", command.downgrade)
    to(engine, "0026")
    engine.dispose()


def test_a_hall_of_before_has_the_usual_words_of_its_message(tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path}/old.db")
    to(engine, "0018")
    with engine.connect() as conn:
        conn.execute(text("""INSERT INTO hall (id, code, name, zone, rollover_hour, open, closed_reason, recall_limit,
            recall_seconds, invitation_seconds, seq, secret)
            VALUES (1, 'H1', '厅', 'Asia/Shanghai', 0, 1, '', 3, 5, 60, 0, 'x')"""))  # fmt: skip
        conn.commit()
    to(engine, "0027")
    with engine.connect() as conn:
        assert conn.execute(text("SELECT sms_text FROM hall")).scalars().all() == [""]
    to(engine, "0026", command.downgrade)
    to(engine, "0027")
    engine.dispose()
