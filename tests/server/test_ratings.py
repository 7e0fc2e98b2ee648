"""No rating but from the citizen's own press, and none invented."""

import json

import pytest

from server import background
from server.models import Hall


def serve_one(hall, kiosk, clerk, window="01"):
    kiosk.take()
    for action in ("call-next", "begin", "finish"):
        assert clerk.do(f"/windows/{window}/{action}")[0] == 200


@pytest.fixture
def desk(hall):
    return hall.device("kiosk"), hall.clerk_at("01"), hall.device("evaluator", "ev01", "01")


@pytest.mark.parametrize(
    ("label", "level"), [("satisfied", 4), ("basically_satisfied", 3), ("dissatisfied", 2), ("very_satisfied", 5)]
)
def test_a_press_becomes_the_rating_of_the_ticket_served(hall, desk, label, level):
    kiosk, clerk, evaluator = desk
    serve_one(hall, kiosk, clerk)
    assert evaluator.do("/ratings", label=label, raw_key="01") == (201, {"accepted": True, "reason": ""})
    rows = hall.rows("SELECT t.number, r.level, r.label, r.raw_key, r.source, i.state FROM rating r "
                     "JOIN invitation i ON i.id = r.invitation_id JOIN ticket t ON t.id = i.ticket_id")  # fmt: skip
    assert rows == [("A001", level, label, "01", "evaluator", "rated")]


def test_a_press_without_invitation_is_kept_and_is_no_rating(hall, desk):
    status, answer = desk[2].do("/ratings", label="satisfied", raw_key="01")
    assert (status, answer) == (200, {"accepted": False, "reason": "no_invitation"})
    assert hall.rows("SELECT count(*) FROM rating") == [(0,)]
    assert hall.rows("SELECT label, reason FROM stray_press") == [("satisfied", "no_invitation")]


def test_the_first_press_counts(hall, desk):
    kiosk, clerk, evaluator = desk
    serve_one(hall, kiosk, clerk)
    assert evaluator.do("/ratings", label="dissatisfied")[1]["accepted"]
    assert evaluator.do("/ratings", label="satisfied")[1] == {"accepted": False, "reason": "already_rated"}
    assert hall.rows("SELECT level FROM rating") == [(2,)]


def test_who_thinks_better_of_it_within_seconds_may_and_both_presses_are_kept(hall, desk):
    kiosk, clerk, evaluator = desk
    hall.store.write(lambda tx: tx.change(Hall, 1, change_seconds=5))
    serve_one(hall, kiosk, clerk)
    assert evaluator.do("/ratings", label="dissatisfied", raw_key="03")[1]["accepted"]
    hall.clock.forward(seconds=4)
    assert evaluator.do("/ratings", label="satisfied", raw_key="01")[1] == {"accepted": True, "reason": ""}
    hall.clock.forward(seconds=1)
    assert evaluator.do("/ratings", label="dissatisfied", raw_key="03")[1]["reason"] == "already_rated"
    assert hall.rows("SELECT level, label, raw_key FROM rating") == [(4, "satisfied", "01")]
    kept = [
        (kind, json.loads(body).get("raw_key"))
        for kind, body in hall.rows("SELECT kind, body FROM audit_entry ORDER BY n")
    ]
    assert kept[1:] == [("rating.made", "03"), ("rating.changed", "01"), ("press.ignored", "03")]


def test_nobody_thinks_better_of_what_somebody_else_pressed(hall, desk):
    kiosk, clerk, evaluator = desk
    hall.store.write(lambda tx: tx.change(Hall, 1, change_seconds=5))
    serve_one(hall, kiosk, clerk)
    evaluator.do("/ratings", label="dissatisfied")
    other = hall.device("evaluator", "ev01b", "01")
    assert other.do("/ratings", label="satisfied")[1]["reason"] == "already_rated"
    before = hall.rows("SELECT max(id) FROM invitation")[0][0]
    assert evaluator.do("/ratings", label="satisfied", invitation=before - 1)[1]["reason"] == "already_rated"
    serve_one(hall, kiosk, clerk)  # a press now is the next citizen's
    assert evaluator.do("/ratings", label="satisfied")[1]["accepted"]
    assert hall.rows("SELECT level FROM rating ORDER BY id") == [(2,), (4,)]


def test_no_press_stays_unrated(hall, desk):
    kiosk, clerk, evaluator = desk
    serve_one(hall, kiosk, clerk)
    hall.clock.forward(seconds=61)
    background.tick(hall.store)
    assert hall.rows("SELECT rating_state FROM ticket") == [("unrated",)]
    assert evaluator.do("/ratings", label="satisfied")[1] == {"accepted": False, "reason": "expired"}
    assert hall.rows("SELECT count(*) FROM rating") == [(0,)]


def test_a_late_press_is_refused_even_before_the_timer_saw_it(hall, desk):
    kiosk, clerk, evaluator = desk
    serve_one(hall, kiosk, clerk)
    hall.clock.forward(seconds=61)
    assert evaluator.do("/ratings", label="satisfied")[1]["reason"] == "expired"


def test_the_next_citizen_cannot_rate_for_the_one_before(hall, desk):
    kiosk, clerk, evaluator = desk
    serve_one(hall, kiosk, clerk)
    kiosk.take()
    clerk.do("/windows/01/call-next"), clerk.do("/windows/01/begin")
    assert not evaluator.do("/ratings", label="satisfied")[1]["accepted"]
    assert [row[0] for row in hall.rows("SELECT rating_state FROM ticket ORDER BY n")] == ["unrated", "not_invited"]


def test_a_repeated_press_message_is_one_rating(hall, desk):
    kiosk, clerk, evaluator = desk
    serve_one(hall, kiosk, clerk)
    answers = [evaluator.do("/ratings", label="satisfied", request_id="press-0001")[1] for _ in range(3)]
    assert answers == [{"accepted": True, "reason": ""}] * 3
    assert hall.rows("SELECT count(*) FROM rating") == [(1,)]
    assert hall.rows("SELECT count(*) FROM stray_press") == [(0,)]


def test_nobody_but_the_windows_own_evaluator_can_rate(hall, desk):
    kiosk, clerk, _ = desk
    serve_one(hall, kiosk, clerk)
    neighbour = hall.device("evaluator", "ev02", "02")
    assert neighbour.do("/ratings", label="satisfied")[1]["reason"] == "no_invitation"
    for stranger in (kiosk, clerk, hall.device("display"), hall.person("boss", "admin")):
        assert stranger.do("/ratings", label="satisfied")[1]["code"] == "forbidden"
    assert hall.rows("SELECT count(*) FROM rating") == [(0,)]


def test_what_is_told_of_an_invitation_is_the_same_whether_somebody_rated_or_not(hall, desk):
    kiosk, clerk, evaluator = desk
    told = []
    for label in ("dissatisfied", "satisfied", None):
        serve_one(hall, kiosk, clerk)
        if label:
            evaluator.do("/ratings", label=label, raw_key="03")
        else:
            hall.clock.forward(seconds=61)
            background.tick(hall.store)
        (data,) = hall.rows("SELECT data FROM news WHERE kind = 'invitation.closed' ORDER BY seq DESC LIMIT 1")[0]
        told.append(set(json.loads(data)))
    assert told == [{"window", "number", "invitation"}] * 3


def test_a_press_that_comes_late_never_rates_for_the_next_citizen(hall, desk):
    kiosk, clerk, evaluator = desk
    serve_one(hall, kiosk, clerk)
    meant = next(w["invitation"] for w in kiosk.get("/board")[1]["windows"] if w["no"] == "01")
    serve_one(hall, kiosk, clerk)  # while the press was on its way
    assert evaluator.do("/ratings", label="dissatisfied", invitation=meant)[1] == {
        "accepted": False,
        "reason": "expired",
    }
    assert [row[0] for row in hall.rows("SELECT rating_state FROM ticket ORDER BY n")] == ["unrated", "invited"]
    now_open = next(w["invitation"] for w in kiosk.get("/board")[1]["windows"] if w["no"] == "01")
    assert evaluator.do("/ratings", label="satisfied", invitation=now_open)[1]["accepted"]
