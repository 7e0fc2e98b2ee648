"""A thousand services with whatever citizens do: exactly their ratings come of it, the rest stays unrated."""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select

from server import background
from server.audit_key import audit_key
from server.domain.rating import LEVELS
from server.models import Hall
from server.services import audit
from server.services.rating_report import GROUPINGS

SERVICES = 1000
WINDOWS = ("01", "02", "03")
INVITED_S, CHANGE_S = 60, 5
BUTTONS = ("satisfied", "basically_satisfied", "dissatisfied")
HABITS = {
    "silent": 30, "press": 30, "double": 10, "changes": 5, "changes too late": 5, "late": 10, "early": 5,
    "unplugged": 10, "by paper": 10, "both": 5, "tablet": 10, "tablet and form": 5, "form": 5, "called": 5,
}  # fmt: skip
"""What a citizen does, and how often of so many."""


@dataclass
class Visit:
    """One service; `level` is what it must be rated in the end, None for unrated. A thousand take more than a day, so
    numbers come twice and tickets' ids do not."""

    id: str
    day: str
    number: str
    habit: str
    level: int | None = None


class Crowd:
    """Citizens at three windows, one after the other."""

    def __init__(self, hall, seed):
        self.hall, self.rng = hall, random.Random(seed)
        self.kiosk = hall.device("kiosk")
        self.clerks = {no: hall.clerk_at(no) for no in WINDOWS}
        self.pads = {no: hall.device("evaluator", f"pad-{no}", no) for no in WINDOWS}
        self.tablets = {no: hall.device("tablet", f"tablet-{no}", no) for no in WINDOWS}
        self.supervisor = hall.person("supervisor", "supervisor")
        self.signed_in = hall.clock.now
        self.phone = hall.app.test_client()
        self.strays = Counter()
        self.last = None  # whose form or answer is to be entered, once the window's own time is over

    def visit(self):
        no = self.rng.choice(WINDOWS)
        habit = self.rng.choices(list(HABITS), weights=HABITS.values())[0]
        ticket = self.kiosk.take("A")
        visit = Visit(ticket["id"], ticket["service_day"], ticket["number"], habit)
        self.hall.clock.forward(seconds=self.rng.randint(61, 200))  # whatever was open is over
        self._sign_in_again()
        self.enter_last()
        self._clerk(no, "call-next"), self._clerk(no, "begin")
        if habit == "early":
            self._press(no, counts=False)
        self._clerk(no, "finish")
        self._after(visit, no, ticket)
        return visit

    def _sign_in_again(self):
        """In time: twelve hours end a sign-in."""
        if self.hall.clock.now - self.signed_in > timedelta(hours=11):
            self.signed_in = self.hall.clock.now
            self.clerks = {no: self.hall.sign_in(f"clerk-{no}") for no in WINDOWS}
            self.supervisor = self.hall.sign_in("supervisor")

    def _after(self, visit, no, ticket):
        self._at_buttons(visit, no)
        if visit.habit in ("tablet", "tablet and form"):
            visit.level = self._touch(no)
        if visit.habit in ("form", "called", "tablet and form"):
            self.last = visit
        if visit.habit in ("by paper", "both"):
            visit.level = self._write(ticket, counts=True)
        if visit.habit == "both":
            self._press(no, counts=False)
            self._write(ticket, counts=False)

    def _at_buttons(self, visit, no):
        if visit.habit in ("press", "double", "changes", "changes too late"):
            visit.level = self._press(no)
        if visit.habit in ("double", "changes too late"):
            self.hall.clock.forward(seconds=CHANGE_S if visit.habit == "changes too late" else 0)
            again = self._press(no, counts=visit.habit == "double")
            visit.level = again if visit.habit == "double" else visit.level
        if visit.habit == "changes":
            self.hall.clock.forward(seconds=CHANGE_S - 1)
            visit.level = self._press(no)
        if visit.habit == "late":
            self.hall.clock.forward(seconds=INVITED_S + 1)
            self._press(no, counts=False)

    def enter_last(self):
        """What the citizen before wrote or will say, when somebody gets to it."""
        visit, self.last = self.last, None
        if visit is None:
            return
        background.tick(self.hall.store)
        label, counts = self.rng.choice(list(LEVELS)), visit.level is None
        source = {"called": "telephone"}.get(visit.habit, "paper")
        at = self.hall.clock.now.isoformat() if source == "telephone" else None
        said = {"label": label.value, "declined": True, "called_at": at}
        status, answer = self.supervisor.do(
            "/ratings/entered", source=source, day=visit.day, number=visit.number, **said
        )
        assert status == (201 if counts else 409), answer
        visit.level = LEVELS[label] if counts else visit.level

    def _touch(self, no):
        label, tablet = self.rng.choice(list(LEVELS)), self.tablets[no]
        invitation = tablet.get("/tablet")[1]["invitation"]
        assert tablet.do("/ratings", label=label.value, invitation=invitation)[1]["accepted"]
        return LEVELS[label]

    def _press(self, no, counts=True):
        label = self.rng.choice(BUTTONS)
        answer = self.pads[no].do("/ratings", label=label, raw_key="01")[1]
        assert answer["accepted"] == counts, answer
        self.strays[answer["reason"]] += not counts
        return LEVELS[label]

    def _write(self, ticket, counts):
        label = self.rng.choice(list(LEVELS))
        said = {"label": label.value, "declined": "on"}
        link = f"/t/{ticket['id']}/{ticket['paper_key']}/rate"
        answer = self.phone.post(link, data=said, headers={"Origin": "http://localhost"})
        assert answer.status_code == (303 if counts else 409)
        return LEVELS[label]

    def _clerk(self, no, action):
        status, answer = self.clerks[no].do(f"/windows/{no}/{action}")
        assert status == 200, answer


@pytest.mark.parametrize("seed", [1])
def test_exactly_the_right_ratings_and_the_rest_unrated(hall, seed):
    settings = hall.person("boss", "admin")
    body = {"name": "大厅", "open": True, "invitation_seconds": INVITED_S, "change_seconds": CHANGE_S}
    assert settings.do("/admin/hall", method="PUT", **body)[0] == 200
    crowd = Crowd(hall, seed)
    visits = [crowd.visit() for _ in range(SERVICES)]
    hall.clock.forward(seconds=INVITED_S + 1)
    background.tick(hall.store)
    crowd.enter_last()
    given = dict(hall.rows("SELECT t.code, r.level FROM ticket t JOIN invitation i ON i.ticket_id = t.id"
                           " LEFT JOIN rating r ON r.invitation_id = i.id"))  # fmt: skip
    assert given == {visit.id: visit.level for visit in visits}
    assert set(HABITS) == {visit.habit for visit in visits}
    rated = [visit.level for visit in visits if visit.level is not None]
    assert Counter(state for (state,) in hall.rows("SELECT rating_state FROM ticket")) == {
        "rated": len(rated), "unrated": SERVICES - len(rated),
    }  # fmt: skip
    assert dict(hall.rows("SELECT reason, count(*) FROM stray_press GROUP BY reason")) == dict(+crowd.strays)
    check_figures(hall, rated)
    check_reports(hall, visits, crowd)
    with hall.store.read() as conn:
        assert list(audit.verify(conn, audit_key(hall.data_dir / "audit.key"), 1)) == []


def check_figures(hall, rated):
    hall.clock.forward(days=7)
    background.tick(hall.store)
    with hall.store.read() as conn:
        counted = conn.execute(select(Hall.published)).scalar_one()
    good = sum(level >= 3 for level in rated)
    assert (counted["asked"], counted["rated"], counted["good"]) == (SERVICES, len(rated), good)


def check_reports(hall, visits, crowd):
    """Of each grouping: the groups add up to the whole, and the whole is what the citizens did."""
    boss = hall.sign_in("boss")
    levels = Counter(visit.level for visit in visits)
    rated = SERVICES - levels[None]
    for by in GROUPINGS:
        status, told = boss.get(f"/reports/ratings?from=2026-03-02&to=2026-03-08&by={by}")
        assert status == 200
        total, rows = told["total"], told["rows"]
        assert (total["asked"], total["rated"], total["unrated"]) == (SERVICES, rated, levels[None])
        assert total["levels"] == [levels[level] for level in (5, 4, 3, 2, 1)]
        assert total["unrated_permille"] == 1000 - total["rated_permille"]
        assert sum(row["rated"] for row in rows) == rated
        sources = sum((Counter(row["sources"]) for row in rows), Counter())
        assert sources == Counter(total["sources"]) and sources.total() == rated
        if by == "channel":
            assert {row["key"] for row in rows} == {way for (way,) in hall.rows("SELECT DISTINCT source FROM rating")}
            assert {(row["asked"], row["unrated"]) for row in rows} == {(SERVICES, levels[None])}
        else:
            assert sum(row["asked"] for row in rows) == SERVICES
            assert sum(row["unrated"] for row in rows) == levels[None]
        shown = [row["levels"] for row in rows if row["levels"] is not None]
        if len(shown) == len(rows):
            assert [sum(level) for level in zip(*shown, strict=True)] == total["levels"]
        devices = told["devices"]
        assert sum(one["strays"] for one in devices) == (crowd.strays.total() if by == "window" else 0)
        assert not any(one["silent"] for one in devices)
