"""A thousand services with whatever citizens do: exactly their ratings come of it, the rest stays unrated."""

import json
import random
from collections import Counter
from dataclasses import dataclass

import pytest

from server import background
from server.audit_key import audit_key
from server.domain.rating import LEVELS
from server.services import audit

SERVICES = 1000
WINDOWS = ("01", "02", "03")
INVITED_S, CHANGE_S = 60, 5
BUTTONS = ("satisfied", "basically_satisfied", "dissatisfied")
HABITS = {
    "silent": 30, "press": 30, "double": 10, "changes": 5, "changes too late": 5, "late": 10, "early": 5,
    "unplugged": 10, "by paper": 10, "both": 5,
}  # fmt: skip
"""What a citizen does, and how often of so many."""


@dataclass
class Visit:
    """One service; `level` is what it must be rated in the end, None for unrated."""

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
        self.phone = hall.app.test_client()
        self.strays = Counter()

    def visit(self):
        no = self.rng.choice(WINDOWS)
        habit = self.rng.choices(list(HABITS), weights=HABITS.values())[0]
        ticket = self.kiosk.take("A")
        visit = Visit(ticket["number"], habit)
        self.hall.clock.forward(seconds=self.rng.randint(61, 200))  # whatever was open is over
        self._clerk(no, "call-next"), self._clerk(no, "begin")
        if habit == "early":
            self._press(no, counts=False)
        self._clerk(no, "finish")
        self._after(visit, no, ticket)
        return visit

    def _after(self, visit, no, ticket):
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
        if visit.habit in ("by paper", "both"):
            visit.level = self._write(ticket, counts=True)
        if visit.habit == "both":
            self._press(no, counts=False)
            self._write(ticket, counts=False)

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
    given = dict(hall.rows("SELECT t.number, r.level FROM ticket t JOIN invitation i ON i.ticket_id = t.id"
                           " LEFT JOIN rating r ON r.invitation_id = i.id"))  # fmt: skip
    assert given == {visit.number: visit.level for visit in visits}
    assert set(HABITS) == {visit.habit for visit in visits}
    rated = [visit.level for visit in visits if visit.level is not None]
    assert Counter(state for (state,) in hall.rows("SELECT rating_state FROM ticket")) == {
        "rated": len(rated), "unrated": SERVICES - len(rated),
    }  # fmt: skip
    assert dict(hall.rows("SELECT reason, count(*) FROM stray_press GROUP BY reason")) == dict(+crowd.strays)
    check_figures(hall, rated)
    with hall.store.read() as conn:
        assert list(audit.verify(conn, audit_key(hall.data_dir / "audit.key"), 1)) == []


def check_figures(hall, rated):
    hall.clock.forward(days=1)
    background.tick(hall.store)
    counted = json.loads(hall.rows("SELECT published FROM hall")[0][0])
    good = sum(level >= 3 for level in rated)
    assert (counted["asked"], counted["rated"], counted["good"]) == (SERVICES, len(rated), good)
