# ruff: noqa: S608 - the queries are put together of our own words
"""What must hold between the rows of a hall, each as the query that finds what breaks it. The four that nothing may
break come first: no number lost, none given twice, none called twice, no rating that nobody gave.

The database forbids much of this itself; here it is asked of the rows as they are, for a file may have been mended by
hand, restored in part, or lain on a disk that lies.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from server.domain.paper import TEST_SERIES

SHOWN = 3


@dataclass(frozen=True)
class Rule:
    """`found` selects one column: what to call each thing that breaks the rule."""

    zh: str
    en: str
    found: str
    fails: bool = True


_DAY = "t.service_day || ' ' || t.number"
_HAND = "('called', 'serving')"
_NO_TEST = f"t.series <> '{TEST_SERIES}'"
"""A test ticket is asked for, not issued, and is born called, at no window."""
_ENDED = "('finished', 'no_show', 'cancelled', 'expired')"

RULES: tuple[Rule, ...] = (
    Rule(
        "没有重号", "no number was given twice",
        f"SELECT {_DAY} FROM ticket t GROUP BY t.hall_id, t.service_day, t.number HAVING count(*) > 1",
    ),
    Rule(
        "号码与号段一致", "each number is the one of its place in the series",
        "SELECT service_day || ' ' || series || ' ' || n FROM ticket"
        " GROUP BY hall_id, service_day, series, n HAVING count(*) > 1",
    ),
    Rule(
        "号段计数不小于已发的号", "no series goes back behind a number that was given",
        "SELECT t.service_day || ' ' || t.series FROM (SELECT hall_id, service_day, series, max(n) AS n FROM ticket"
        " GROUP BY hall_id, service_day, series) t LEFT JOIN series_counter c ON c.hall_id = t.hall_id"
        " AND c.service_day = t.service_day AND c.series = t.series WHERE c.last IS NULL OR c.last < t.n",
    ),
    Rule(
        "没有丢号", "no number is missing from its series",
        "SELECT c.service_day || ' ' || c.series FROM series_counter c JOIN (SELECT hall_id, service_day, series,"
        " count(*) AS held, min(n) AS least, max(n) AS most FROM ticket GROUP BY hall_id, service_day, series) t"
        " ON c.hall_id = t.hall_id AND c.service_day = t.service_day AND c.series = t.series"
        " WHERE t.held <> t.most - t.least + 1 OR c.last > t.most",
        fails=False,  # a day that was restored with --numbers-after has a gap
    ),
    Rule(
        "每张取号都有记录", "each ticket's issue is on record",
        f"SELECT {_DAY} FROM ticket t JOIN (SELECT hall_id, min(at) AS began FROM news GROUP BY hall_id) f"
        f" ON f.hall_id = t.hall_id WHERE {_NO_TEST} AND t.issued_at >= f.began AND NOT EXISTS (SELECT 1 FROM news e"
        " WHERE e.ticket_id = t.id AND e.kind = 'ticket.issued')",
    ),
    Rule(
        "叫到的号都在一个窗口手里", "each called ticket is in the hands of a window",
        f"SELECT {_DAY} FROM ticket t WHERE {_NO_TEST} AND t.state IN {_HAND} AND NOT EXISTS"
        " (SELECT 1 FROM \"window\" w WHERE w.ticket_id = t.id AND w.id = t.window_id)",
    ),
    Rule(
        "窗口手里的号都叫到该窗口", "each ticket in a window's hands was called there",
        "SELECT w.no FROM \"window\" w LEFT JOIN ticket t ON t.id = w.ticket_id WHERE w.ticket_id IS NOT NULL"
        f" AND (t.id IS NULL OR t.state NOT IN {_HAND} OR t.window_id <> w.id)",
    ),
    Rule(
        "没有号同时在两个窗口", "no ticket is at two windows",
        "SELECT min(no) || '…' || max(no) FROM \"window\" WHERE ticket_id IS NOT NULL"
        " GROUP BY ticket_id HAVING count(*) > 1",
    ),
    Rule(
        "没有人同时在两个窗口", "nobody sits at two windows",
        "SELECT min(no) || '…' || max(no) FROM \"window\" WHERE staff_id IS NOT NULL"
        " GROUP BY staff_id HAVING count(*) > 1",
    ),
    Rule(
        "一次服务只有一次评价", "each service was rated once at most",
        "SELECT 'rating ' || min(id) FROM rating GROUP BY invitation_id HAVING count(*) > 1",
    ),
    Rule(
        "评价都有邀请", "each rating answers an invitation",
        "SELECT 'rating ' || r.id FROM rating r LEFT JOIN invitation i ON i.id = r.invitation_id WHERE i.id IS NULL",
    ),
    Rule(
        "没有凭空的评价", "what was not rated says so",
        "SELECT 'invitation ' || i.id FROM invitation i LEFT JOIN rating r ON r.invitation_id = i.id"
        " WHERE (i.state = 'rated') <> (r.id IS NOT NULL)",
    ),
    Rule(
        "邀请评价的号都已办结", "only finished services were asked about",
        f"SELECT {_DAY} FROM invitation i JOIN ticket t ON t.id = i.ticket_id WHERE t.state <> 'finished'",
    ),
    Rule(
        "每个号只有一个状态", "each ticket is in one known state",
        f"SELECT {_DAY} FROM ticket t WHERE t.state NOT IN ('waiting', 'held', 'called', 'serving', 'finished',"
        " 'no_show', 'cancelled', 'expired')",
    ),
    Rule(
        "结束的号有结束时间，其余没有", "tickets that are over have an end, others none",
        f"SELECT {_DAY} FROM ticket t WHERE (t.state IN {_ENDED}) <> (t.ended_at IS NOT NULL)",
    ),
    Rule(
        "事件连续", "events have no gap",
        "SELECT h.code FROM hall h JOIN (SELECT hall_id, count(*) AS held, min(seq) AS least, max(seq) AS most"
        " FROM news GROUP BY hall_id) n ON n.hall_id = h.id WHERE n.held <> n.most - n.least + 1 OR n.most <> h.seq",
    ),
    Rule(
        "每条评价上报一次", "each rating goes to the province once",
        "SELECT 'rating ' || rating_id FROM upload GROUP BY rating_id HAVING count(*) > 1",
    ),
    Rule(
        "每次预约只取一个号", "each booking made one ticket at most",
        "SELECT min(code) FROM appointment WHERE ticket_id IS NOT NULL GROUP BY ticket_id HAVING count(*) > 1",
    ),
)  # fmt: skip


def broken(conn: Connection, rule: Rule) -> tuple[int, list[str]]:
    """How many things break the rule, and the first of them."""
    found = [str(row[0]) for row in conn.execute(text(rule.found))]
    return len(found), found[:SHOWN]
