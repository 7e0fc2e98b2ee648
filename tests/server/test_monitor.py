"""The live picture and the replay through the front door: what is in them, and that they agree."""

import random

import pytest

from server import background
from server.domain.service_day import hall_time


@pytest.fixture
def su(hall):
    return hall.person("su", "supervisor")


def picture(person):
    status, seen = person.get("/monitor")
    assert status == 200, seen
    return seen["picture"]


def replayed(person, path=""):
    status, film = person.get(f"/replay{path}")
    assert status == 200, film
    return film


def at_end(film, moment="9999"):
    """What stands at the end, or at a moment, as the page draws it."""
    queues, windows = dict(film["start"]["queues"]), dict(film["start"]["windows"])
    for step in film["steps"]:
        if step["at"] > moment:
            break
        queues.update(step["queues"])
        windows.update(step["windows"])
    return {"queues": queues, "windows": windows}


def test_queues_windows_and_people(hall, su):
    kiosk = hall.device("kiosk")
    first = kiosk.take()
    hall.clock.forward(minutes=7)
    kiosk.take(lane="priority", lane_reason="老年人")
    queue = picture(su)["queues"]["A"]
    assert (queue["waiting"], queue["lanes"]) == (2, {"normal": 1, "priority": 1})
    assert (queue["oldest"], queue["oldest_id"], queue["oldest_from"]) == ("A001", first["id"], first["issued_at"])
    clerk = hall.clerk_at("01")
    clerk.do(f"/windows/01/call/{first['id']}", reason="x")
    window = picture(su)["windows"]["01"]
    assert (window["state"], window["number"], window["serving"]) == ("open", "A001", False)
    assert picture(su)["queues"]["A"]["called"] == 1
    seen = su.get("/monitor")[1]
    assert seen["names"]["clerk-01"] and window["staff"] == "clerk-01"
    assert {"name": "su", "role": "supervisor"} in seen["others"]
    clerk.do("/windows/01/begin")
    clerk.do("/windows/01/pause", reason="会议")
    clerk.do("/windows/01/finish")
    window = picture(su)["windows"]["01"]
    assert (window["state"], window["pause_reason"], window["number"]) == ("paused", "会议", "")
    assert su.get("/reports/out-of-order")[1]["calls"][0]["number"] == "A001"


def test_a_supervisor_reads_a_tickets_whole_story(hall, su):
    ticket = hall.device("kiosk").take()
    clerk = hall.clerk_at("01")
    clerk.do("/windows/01/call-next")
    code = picture(su)["windows"]["01"]["ticket_id"]
    status, story = su.get(f"/tickets/{code}/story")
    assert status == 200 and code == ticket["id"]
    assert [event["kind"] for event in story["events"]] == ["ticket.issued", "ticket.called"]
    assert su.get(f"/tickets/numbered/{ticket['number']}")[1]["id"] == code
    for path in ("/monitor", "/replay", "/alarms"):
        assert clerk.get(path)[1]["code"] == "forbidden"


def test_devices_printers_and_machines(hall, su):
    kiosk = hall.device("kiosk", "k1")
    said = [
        {"name": "p", "kind": "printer", "state": "online", "faults": ["paper_low"]},
        {"name": "bar", "kind": "evaluator", "state": "online", "faults": []},
    ]
    assert kiosk.do("/devices/health", devices=said)[0] == 200
    seen = su.get("/monitor")[1]
    assert [(one["machine"], one["device"], one["faults"]) for one in seen["devices"]] == [("k1", "p", ["paper_low"])]
    assert (seen["devices_well"], seen["silent"]) == (1, [])
    assert seen["printers"] == [{"machine": "k1", "state": "online", "faults": ["paper_low"], "silent": False}]
    hall.clock.forward(minutes=3)
    assert su.get("/monitor")[1]["silent"] == ["k1"]


def some_day(hall, rng, steps, check):
    """A hall in which anybody does anything, allowed or not; the clock goes on."""
    kiosk, guide, codes = hall.device("kiosk"), hall.person("guide", "guide"), []
    clerks = {no: hall.clerk_at(no) for no in ("01", "07", "11")}
    queues = sorted({queue for no in clerks for queue in windows_of(guide, no)})
    assert len(queues) >= 3
    for n in range(steps):
        hall.clock.forward(seconds=rng.choice((0, 1, 7, 40, 200)))
        no, code = rng.choice(list(clerks)), rng.choice(codes or ["x"])
        here, queue = f"/windows/{no}/", rng.choice(queues)
        if rng.random() < 0.5:
            clerks[no].do(here + "sign-in", take_over=True)
            clerks[no].do(here + "resume")
        rng.choice((
            lambda q=queue: codes.append(kiosk.take(q, lane=rng.choice(("normal", "express")))["id"]),
            *[lambda q=queue: codes.append(kiosk.take(q)["id"])] * 3,
            *[lambda h=here, c=clerks[no]: c.do(h + "call-next")] * 3,
            lambda h=here, c=clerks[no]: c.do(h + "recall"),
            *[lambda h=here, c=clerks[no]: c.do(h + "begin")] * 2,
            *[lambda h=here, c=clerks[no]: c.do(h + "finish")] * 2,
            *[lambda h=here, c=clerks[no]: c.do(h + "undo")] * 2,
            lambda h=here, c=clerks[no]: c.do(h + "no-show"),
            lambda h=here, c=clerks[no], t=code: c.do(f"{h}call/{t}", reason="x"),
            *[lambda h=here, c=clerks[no]: [c.do(f"{h}resume-ticket/{t}") for t in codes]] * 2,
            *[lambda h=here, c=clerks[no]: c.do(h + "hold", kind=rng.choice(("any_window", "same_window")))] * 3,
            *[lambda h=here, c=clerks[no], q=queue: c.do(h + "transfer", queue=q, reason="queue B: x")] * 3,
            lambda h=here, c=clerks[no]: c.do(h + "transfer", window="07"),
            lambda h=here, c=clerks[no]: c.do(h + "transfer", staff="clerk-11"),
            lambda h=here, c=clerks[no]: c.do(h + "pause", reason=rng.choice("ab")),
            lambda h=here, c=clerks[no]: c.do(h + "resume"),
            lambda h=here, c=clerks[no]: c.do(h + "sign-out"),
            lambda h=here, c=clerks[no]: c.do(h + "sign-in", take_over=True),
            lambda c=clerks[no]: c.do("/windows/01/sign-in", take_over=True),
            lambda t=code: guide.do(f"/tickets/{t}/cancel"),
            lambda t=code: guide.do(f"/tickets/{t}/reinstate"),
            lambda t=code: guide.do(f"/tickets/{t}/release"),
            lambda t=code: guide.do(f"/tickets/{t}/lane", lane="priority", reason="老年人"),
        ))()  # fmt: skip
        if n % 20 == 19:
            check()


def windows_of(person, no):
    return next(seat["queues"] for seat in person.get("/windows")[1]["windows"] if seat["no"] == no)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_replay_of_any_day_ends_in_the_live_picture(hall, su, seed):
    looks = []

    def check():
        hall.clock.forward(seconds=2)
        live = picture(su)
        assert at_end(replayed(su)) == live
        looks.append((hall_time(hall.clock.now, "Asia/Shanghai"), live))
        hall.clock.forward(seconds=2)

    some_day(hall, random.Random(seed), 240, check)
    assert len(looks) == 12 and any(cell["number"] for _, live in looks for cell in live["windows"].values())
    told = "SELECT kind, count(*) FROM news WHERE why LIKE 'queue %' OR why IN ('undo', 'resumed') GROUP BY kind"
    assert {kind for kind, _ in hall.rows(told)} == {"ticket.transferred", "ticket.requeued", "ticket.serving"}
    for at, live in looks:  # what was seen then is what is drawn of then
        assert at_end(replayed(su, f"?hour={at.hour}"), at.isoformat()) == live


def test_an_hour_is_that_hour_and_an_earlier_days_windows_are_where_they_were(hall, su):
    clerk, kiosk = hall.clerk_at("01"), hall.device("kiosk")
    clerk.do("/windows/01/pause", reason="会议")
    kiosk.take()
    hall.clock.forward(hours=2, seconds=1)
    kiosk.take()
    late = replayed(su, "?hour=11")
    assert late["start"]["queues"]["A"]["waiting"] == 1 and len(late["steps"]) == 1
    assert (late["begin"], late["end"]) == ("2026-03-02T11:00:00+08:00", "2026-03-02T11:00:01+08:00")
    hall.clock.forward(hours=22)
    background.tick(hall.store)
    su = hall.sign_in("su")
    today = replayed(su)["start"]
    assert today["windows"]["01"]["state"] == "paused" and today["queues"]["A"]["waiting"] == 0
    assert today == picture(su)
    before = replayed(su, "?day=2026-03-02")
    assert before["day"] == "2026-03-02" and at_end(before)["queues"]["A"]["waiting"] == 2
    assert replayed(su, "?day=2026-03-02&hour=10")["steps"] == []
    assert replayed(su, "?day=2026-02-27")["steps"] == []


@pytest.mark.parametrize(
    ("path", "field"), [("?hour=24", "hour"), ("?hour=-1", "hour"), ("?hour=", "hour"), ("?hour=9.5", "hour"),
                        ("?day=today", "day"), ("?day=1999-01-01", "day"), ("?hour=٣", "hour"),
                        ("?day=2026-03-03", "day")],
)  # fmt: skip
def test_a_time_that_cannot_be_is_refused(su, path, field):
    status, refused = su.get(f"/replay{path}")
    assert (status, refused["code"], refused["field"]) == (422, "bad_field", field)


def test_nothing_of_a_rating_is_in_either(hall, su):
    """A service that was rated, and one that was not, look the same."""
    clerk, kiosk = hall.clerk_at("01"), hall.device("kiosk")
    evaluator, seen = hall.device("evaluator", "ev", "01"), []
    for rated in (False, True):
        kiosk.take()
        for action in ("call-next", "begin", "finish"):
            clerk.do(f"/windows/01/{action}")
        before = [su.get("/monitor")[1], replayed(su)]
        if rated:
            assert evaluator.do("/ratings", label="dissatisfied")[1]["accepted"]
        after = [su.get("/monitor")[1], replayed(su)]
        for monitor in (before[0], after[0]):
            monitor.pop("seq")
        assert before == after
        seen.append(after)
    assert "invitation" not in str(seen) and "rating" not in str(seen)
