"""电话回访评价 and 纸质评价表: what citizens said or wrote, entered for them by somebody who did not serve them."""

import json
import threading
from collections import Counter
from datetime import timedelta

import pytest

from server import background
from server.audit_key import audit_key
from server.services import audit
from server.services.paper_ratings import TAGS
from tests.server.conftest import OURS
from tests.server.test_ratings import serve_one

DAY = "2026-03-02"


@pytest.fixture
def bureau(hall):
    """A kiosk, a clerk at window 01, and a supervisor who served nobody."""
    return hall.device("kiosk"), hall.clerk_at("01"), hall.person("su", "supervisor")


def served(hall, bureau, much_later=True):
    """The number of a service that nobody rated; its window's time is over unless told otherwise."""
    kiosk, clerk, _ = bureau
    serve_one(hall, kiosk, clerk)
    if much_later:
        hall.clock.forward(minutes=30)
        background.tick(hall.store)
    return hall.rows("SELECT number FROM ticket ORDER BY id DESC LIMIT 1")[0][0]


def enter(person, number="A001", label="satisfied", source="paper", **more):
    return person.do("/ratings/entered", source=source, day=DAY, number=number, label=label, **more)


def call(hall, person, number="A001", label="satisfied", ago=5, **more):
    at = (hall.clock.now - timedelta(minutes=ago)).isoformat()
    return enter(person, number, label, "telephone", called_at=at, **more)


def made(hall, columns="level, source, text, reason_declined"):
    return hall.rows(f"SELECT {columns} FROM rating ORDER BY id")


def look(person, number="A001", day=DAY):
    return person.get(f"/ratings/entered/{day}/{number}")


def test_what_was_said_by_telephone_is_a_rating_that_says_who_entered_it_and_when_it_was_said(hall, bureau):
    number, su = served(hall, bureau), bureau[2]
    tags = list(TAGS[2])[:2]
    assert call(hall, su, number, "dissatisfied", ago=10, tags=tags, text="等了 很久") == (201, {})
    assert made(hall) == [(2, "telephone", "等了 很久", 0)]
    assert json.loads(made(hall, "tags")[0][0]) == tags
    entered_by, said_at, at = made(hall, "entered_by, said_at, at")[0]
    assert hall.rows(f"SELECT username FROM account WHERE id = {entered_by}") == [("su",)]
    assert at - said_at == 10 * 60 * 1_000_000
    assert hall.rows("SELECT t.rating_state, i.state FROM ticket t JOIN invitation i ON i.ticket_id = t.id") == [
        ("rated", "rated")
    ]
    ((body,),) = hall.rows("SELECT body FROM audit_entry WHERE kind = 'rating.made'")
    assert json.loads(body)["entered_by"] == entered_by and json.loads(body)["said_at"]


def test_what_was_written_on_a_form_is_a_rating(hall, bureau):
    number, su = served(hall, bureau), bureau[2]
    seen = look(su, number)[1]
    assert (seen["number"], seen["window"], seen["refusal"]) == ("A001", "01", "") and seen["served_at"]
    assert enter(su, "ａ００１", "very_satisfied")[0] == 201  # as a Chinese keyboard types it
    assert made(hall) == [(5, "paper", "", 0)]
    assert hall.rows("SELECT count(*) FROM news WHERE kind = 'invitation.closed'") == [(1,)]  # nobody hears of it


def test_a_form_without_a_reason_stays_without_one_and_by_telephone_one_asks(hall, bureau):
    number, su = served(hall, bureau), bureau[2]
    assert call(hall, su, number, "very_dissatisfied")[1]["code"] == "reason_wanted"
    assert enter(su, number, "very_dissatisfied")[0] == 201
    assert made(hall) == [(1, "paper", "", 0)]
    number = served(hall, bureau)
    assert call(hall, su, number, "dissatisfied", declined=True)[0] == 201
    assert made(hall)[1] == (2, "telephone", "", 1)


def test_one_service_is_rated_once_and_what_was_given_is_told_to_nobody(hall, bureau):
    number, su = served(hall, bureau), bureau[2]
    assert enter(su, number, "very_dissatisfied")[0] == 201
    for again in (enter(su, number, "satisfied"), call(hall, su, number, "satisfied")):
        assert (again[0], again[1]["code"]) == (409, "rated_once") and number in again[1]["detail"]
    seen = look(su, number)[1]
    assert "已经评价过" in seen["refusal"] and "dissatisfied" not in json.dumps(seen)
    assert len(made(hall)) == 1


def test_a_repeat_of_the_same_request_is_the_same_rating(hall, bureau):
    number, su = served(hall, bureau), bureau[2]
    assert enter(su, number, request_id="request-0001") == enter(su, number, request_id="request-0001") == (201, {})
    assert len(made(hall)) == 1


def test_while_the_window_still_asks_only_the_citizens_own_hand_rates(hall, bureau):
    number, su = served(hall, bureau, much_later=False), bureau[2]
    tablet = hall.device("tablet", "tab01", "01")
    assert enter(su, number)[1]["code"] == "still_rating"
    said = tablet.do("/ratings", label="dissatisfied", invitation=tablet.get("/tablet")[1]["invitation"])
    assert said[1]["accepted"] and enter(su, number)[1]["code"] == "rated_once"
    assert made(hall, "level, source") == [(2, "tablet")]


def test_nobody_enters_a_rating_of_a_service_in_which_they_had_a_hand(hall, bureau):
    """Also who only called it and passed it on."""
    kiosk, _, su = bureau
    boss = hall.person("boss", "admin")
    assert su.do("/windows/02/sign-in")[0] == 200 and boss.do("/windows/03/sign-in")[0] == 200
    kiosk.take("A")
    assert su.do("/windows/02/call-next")[0] == su.do("/windows/02/begin")[0] == 200
    assert su.do("/windows/02/transfer", window="03")[0] == 200
    for action in ("call-next", "begin", "finish"):
        assert boss.do(f"/windows/03/{action}")[0] == 200
    hall.clock.forward(minutes=30)
    background.tick(hall.store)
    for own in (su, boss):
        for refused in (enter(own), call(hall, own)):
            assert (refused[0], refused[1]["code"]) == (403, "own_service")
        assert "您自己办理" in look(own)[1]["refusal"]
    assert made(hall) == []
    assert enter(hall.person("other", "supervisor"))[0] == 201


@pytest.mark.parametrize("role", ["clerk", "guide"])
def test_clerks_and_guides_enter_nothing_and_learn_nothing(hall, bureau, role):
    number, person = served(hall, bureau), hall.person("x", role)
    for answer in (enter(person, number), look(person, number), person.get("/ratings/entered")):
        assert (answer[0], answer[1]["code"]) == (403, "forbidden")
    for device in (hall.device("tablet", "t", "02"), hall.device("evaluator", "e", "02"), bureau[0]):
        assert enter(device, number)[0] == look(device, number)[0] == 403
    assert made(hall) == []


def test_only_what_was_served_and_not_too_long_ago(hall, bureau):
    kiosk, _, su = bureau
    kiosk.take("A")
    assert enter(su, "A001")[1]["code"] == "not_served_yet"
    assert enter(su, "A999")[1]["code"] == enter(su, "nonsense")[1]["code"] == "ticket_not_found"
    assert look(su, "A001", "2026-03-01")[0] == 404 and look(su, "A001", "yesterday")[1]["code"] == "bad_field"
    bureau[1].do("/windows/01/call-next"), bureau[1].do("/windows/01/begin"), bureau[1].do("/windows/01/finish")
    hall.clock.forward(days=30, seconds=1)
    background.tick(hall.store)
    assert enter(hall.sign_in("su"), "A001")[1]["code"] == "served_long_ago" and made(hall) == []


def test_a_call_was_after_the_service_and_not_in_the_future(hall, bureau):
    number, su = served(hall, bureau), bureau[2]
    for ago in (31, 60 * 24, -5):
        assert call(hall, su, number, ago=ago)[1]["code"] == "bad_call_time"
    assert enter(su, number, source="telephone")[1]["code"] == "bad_call_time"
    assert enter(su, number, called_at=hall.clock.now.isoformat())[1]["code"] == "call_without_telephone"
    assert made(hall) == []


@pytest.mark.parametrize(
    "said", [{"source": "evaluator"}, {"source": "qr"}, {"tags": ["999"]}, {"tags": [next(iter(TAGS[1]))]},
             {"text": "长" * 301}, {"text": "\x00"}, {"source": "nonsense"}, {"label": "good"}]
)  # fmt: skip
def test_what_no_page_of_ours_sends_is_refused(hall, bureau, said):
    number, su = served(hall, bureau), bureau[2]
    assert enter(su, number, **{"label": "satisfied", **said})[0] == 422 and made(hall) == []


def test_how_many_somebody_entered_is_there_for_all_supervisors(hall, bureau):
    su, other = bureau[2], hall.person("other", "admin")
    for enters in (enter, enter, lambda person, number: call(hall, person, number)):
        assert enters(su, served(hall, bureau))[0] == 201
    assert enter(other, served(hall, bureau))[0] == 201
    assert other.do("/ratings/entered/unnumbered") == (201, {})
    counts = [{"username": "other", "name": "other", "telephone": 0, "paper": 1},
              {"username": "su", "name": "su", "telephone": 1, "paper": 2}]  # fmt: skip
    report = su.get("/ratings/entered")[1]
    assert (report["entered"], report["unnumbered"], report["today"], report["days"]) == (counts, 1, DAY, 30)
    assert other.get("/reports/rating-patterns")[1]["entered"] == counts
    assert other.get("/reports/rating-patterns?day=2026-03-01")[1]["entered"] == []
    hall.clock.forward(days=31)
    assert hall.sign_in("su").get("/ratings/entered")[1]["entered"] == []


def test_entered_ratings_are_sealed_and_older_seals_still_hold(hall, bureau):
    """Of a rating without them the columns are in no seal: so it was sealed before there were any."""
    kiosk, clerk, su = bureau
    serve_one(hall, kiosk, clerk)
    assert hall.device("evaluator", "ev01", "01").do("/ratings", label="satisfied")[1]["accepted"]
    assert enter(su, served(hall, bureau))[0] == 201
    sealed = hall.rows("SELECT body FROM audit_entry WHERE kind = 'rating.made' ORDER BY n")
    bodies = [json.loads(body) for (body,) in sealed]
    assert "entered_by" not in bodies[0] and "said_at" not in bodies[0] and bodies[1]["entered_by"]
    assert findings(hall) == []
    for forgery in ("entered_by = NULL WHERE source = 'paper'", "entered_by = 1 WHERE source = 'evaluator'",
                    "source = 'evaluator' WHERE source = 'paper'"):  # fmt: skip
        with hall.store.engine.connect() as conn:
            conn.exec_driver_sql(f"UPDATE rating SET {forgery}")
            assert list(audit.verify(conn, audit_key(hall.data_dir / "audit.key"), 1)), forgery


def findings(hall):
    with hall.store.read() as conn:
        return list(audit.verify(conn, audit_key(hall.data_dir / "audit.key"), 1))


def test_by_all_ways_at_the_same_instant_one_rating_comes_of_it(hall, bureau):
    kiosk, clerk, su = bureau
    other = hall.person("other", "admin")
    for n in range(5):
        ticket = kiosk.take()
        for action in ("call-next", "begin", "finish"):
            assert clerk.do(f"/windows/01/{action}")[0] == 200
        hall.clock.forward(minutes=30)
        background.tick(hall.store)
        link = f"/t/{ticket['id']}/{ticket['paper_key']}/rate"
        page, said = hall.app.test_client(), {"label": "very_satisfied"}
        status = Counter(together(
            lambda number=ticket["number"]: enter(su, number)[0],
            lambda number=ticket["number"]: call(hall, other, number, "basically_satisfied")[0],
            lambda link=link, page=page, said=said: page.post(link, data=said, headers=OURS).status_code,
        ))  # fmt: skip
        assert status[201] + status[303] == 1 and status[409] == 2, status
        assert len(made(hall)) == n + 1


def test_a_press_and_a_form_at_the_same_instant_are_the_citizens_press(hall, bureau):
    tablet, su = hall.device("tablet", "tab01", "01"), bureau[2]
    for n in range(5):
        number = served(hall, bureau, much_later=False)
        invitation = tablet.get("/tablet")[1]["invitation"]
        press, form = together(
            lambda invitation=invitation: tablet.do("/ratings", label="satisfied", invitation=invitation),
            lambda number=number: enter(su, number, "very_dissatisfied"),
        )
        assert press[1]["accepted"] and form[0] == 409
        assert made(hall, "source")[n:] == [("tablet",)]


def together(*works):
    """What each answers, all begun at once."""
    gate, answers = threading.Barrier(len(works)), [None] * len(works)

    def run(n, work):
        gate.wait()
        answers[n] = work()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_who_only_resumed_it_between_two_others_had_a_hand_in_it(hall):
    kiosk, first, last = hall.device("kiosk"), hall.clerk_at("01"), hall.clerk_at("03")
    between = hall.person("between", "supervisor")
    assert between.do("/windows/02/sign-in")[0] == 200
    ticket = kiosk.take()
    steps = (
        (first, "/windows/01/call-next", {}), (first, "/windows/01/begin", {}),
        (first, "/windows/01/hold", {"kind": "pending_step"}),
        (between, f"/windows/02/resume-ticket/{ticket['id']}", {}),
        (between, "/windows/02/transfer", {"window": "03"}), (last, "/windows/03/call-next", {}),
        (last, "/windows/03/begin", {}), (last, "/windows/03/finish", {}),
    )  # fmt: skip
    for who, path, said in steps:
        status, told = who.do(path, **said)
        assert status == 200, (path, told)
    hall.clock.forward(seconds=70)
    background.tick(hall.store)
    said = {"source": "paper", "day": "2026-03-02", "number": ticket["number"], "label": "very_satisfied"}
    assert between.do("/ratings/entered", **said)[1]["code"] == "own_service"
    assert hall.person("other", "supervisor").do("/ratings/entered", **said)[0] == 201
