"""Who had a service in hand, by whatever way, is not the one to enter its rating or to see what follows from it. On
PostgreSQL once more: test_postgresql.py."""

import pytest

from server import background

CASE = "20260302-A001"


@pytest.fixture
def cover(hall):
    """A supervisor who stands in for clerks."""
    return hall.person("cover", "supervisor")


@pytest.fixture
def wang(hall):
    return hall.person("wang", "supervisor")


def do(who, window, *steps):
    for step in steps:
        said = {"sign-in": {"take_over": True}, "transfer": {"window": "03"}, "hold": {"kind": "any_window"}}
        status, answer = who.do(f"/windows/{window}/{step}", **said.get(step, {}))
        assert status == 200, answer


def numbers(who):
    listed = who.get("/rectifications")[1]
    return [case["number"] for case in listed["cases"]]


def enters(who):
    """The status of entering a rating of A001, with the code of a refusal."""
    said = {"source": "paper", "day": "2026-03-02", "number": "A001", "label": "very_satisfied"}
    status, answer = who.do("/ratings/entered", **said)
    return status, answer.get("code")


def rate_badly(hall, window):
    evaluator = hall.device("evaluator", f"ev{window}", window)
    assert evaluator.do("/ratings", label="dissatisfied")[1]["accepted"]


def test_who_took_a_service_over_and_sent_it_on_sees_no_trace_of_its_case(hall, cover, wang):
    hall.device("kiosk").take()
    do(hall.clerk_at("01"), "01", "call-next", "begin")
    do(cover, "01", "sign-in")
    do(cover, "01", "transfer")
    do(hall.clerk_at("03"), "03", "call-next", "begin", "finish")
    rate_badly(hall, "03")
    assert numbers(cover) == [] and numbers(wang) == [CASE]
    assert cover.get(f"/rectifications/{CASE}")[1]["code"] == "rectification_not_found"
    step = {"step": "assign", "owner": "cover", "version": 1}
    assert wang.do(f"/rectifications/{CASE}/steps", **step)[1]["code"] == "owner_not_fit"


@pytest.mark.parametrize("did", ["transfer", "hold", "no-show"])
def test_what_was_done_before_takeovers_told_the_ticket_counts_too(hall, cover, did):
    ticket = hall.device("kiosk").take()
    do(hall.clerk_at("01"), "01", "call-next")
    do(cover, "01", "sign-in", did)
    hall.store.write(lambda tx: tx.conn.exec_driver_sql("DELETE FROM news WHERE kind = 'window.changed'"))
    if did == "no-show":
        assert hall.person("desk", "guide").do(f"/tickets/{ticket['id']}/reinstate")[0] == 200
    last = hall.clerk_at("03")
    assert last.do(f"/windows/03/call/{ticket['id']}")[0] == 200
    do(last, "03", *([] if did == "hold" else ["begin"]), "finish")
    rate_badly(hall, "03")
    assert numbers(cover) == []


def test_who_stood_in_for_a_while_does_not_enter_the_rating(hall, cover, wang):
    hall.device("kiosk").take()
    clerk = hall.clerk_at("01")
    do(clerk, "01", "call-next", "begin")
    do(cover, "01", "sign-in")
    do(clerk, "01", "sign-in")
    do(clerk, "01", "finish")
    hall.clock.forward(minutes=5)
    background.tick(hall.store)
    assert enters(cover)[1] == "own_service"
    assert enters(wang)[0] == 201


def test_who_took_over_a_window_at_which_nobody_was_has_served_nobody(hall, cover):
    hall.device("kiosk").take()
    clerk = hall.clerk_at("01")
    do(cover, "01", "sign-in")
    do(clerk, "01", "sign-in")
    do(clerk, "01", "call-next", "begin", "finish")
    rate_badly(hall, "01")
    assert numbers(cover) == [CASE]


def test_a_story_says_who_took_over(hall, cover):
    ticket = hall.device("kiosk").take()
    do(hall.clerk_at("01"), "01", "call-next")
    do(cover, "01", "sign-in")
    *_, last = hall.person("desk", "guide").get(f"/tickets/{ticket['id']}/story")[1]["events"]
    assert (last["zh"], last["en"]) == ("换人接手，01 号窗口", "Somebody else took over at window 01")
    assert (last["who"], last["window"]) == ("督导 cover", "01")


@pytest.mark.parametrize(("served", "other"), [("CORP\\li", "CORPli"), ("axb", "a_b"), ("100x", "100%")])
def test_who_served_by_the_keys_of_a_call_pad_is_known_by_the_whole_name(hall, served, other):
    server, colleague = (hall.person(name, "supervisor") for name in (served, other))
    pad = hall.device("call_pad", "pad", "01")
    hall.device("kiosk").take()
    do(server, "01", "sign-in")
    do(pad, "01", "call-next", "begin", "finish")
    rate_badly(hall, "01")
    assert numbers(server) == [] and numbers(colleague) == [CASE]
