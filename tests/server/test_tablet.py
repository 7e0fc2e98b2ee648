"""平板评价 over HTTP: how a tablet is paired and cut off, what it may see, and what its presses come to."""

import json
from datetime import timedelta

import pytest

from server.models import Hall
from server.services.accounts import PAIR_WITHIN
from server.services.paper_ratings import TAGS
from server.services.tablet import REASONS_WITHIN
from server.web.identity import TABLET_COOKIE
from server.web.tablet import WRONG_CODES
from tests.server.conftest import OURS
from tests.server.test_ratings import serve_one


@pytest.fixture
def stand(hall):
    return hall.device("kiosk"), hall.clerk_at("01"), hall.device("tablet", "tab01", "01")


def asked(tablet):
    return tablet.get("/tablet")[1]["invitation"]


def press(tablet, label="satisfied", **more):
    return tablet.do("/ratings", label=label, **{"invitation": asked(tablet), **more})


def row(hall, columns="level, source, tags, reason_declined"):
    (found,) = hall.rows(f"SELECT {columns} FROM rating")
    return tuple(json.loads(value) if isinstance(value, str) and value[0] == "[" else value for value in found)


@pytest.mark.parametrize("label", ["very_satisfied", "very_dissatisfied"])
def test_a_press_is_the_rating_of_the_service_that_was_asked_for(hall, stand, label):
    kiosk, clerk, tablet = stand
    before = tablet.get("/tablet")[1]
    assert (before["window"], before["invitation"], before["number"], before["seconds_left"]) == ("01", None, "", 0)
    serve_one(hall, kiosk, clerk)
    hall.clock.forward(seconds=20)
    now = tablet.get("/tablet")[1]
    assert now["invitation"] and (now["number"], now["seconds_left"], now["state"]) == ("A001", 40, "open")
    assert press(tablet, label) == (201, {"accepted": True, "reason": ""})
    assert row(hall, "label, source") == (label, "tablet") and asked(tablet) is None
    assert press(tablet, label)[1] == {"accepted": False, "reason": "already_rated"}


def test_a_press_of_before_never_rates_the_next_citizens_service(hall, stand):
    kiosk, clerk, tablet = stand
    serve_one(hall, kiosk, clerk)
    first = asked(tablet)
    serve_one(hall, kiosk, clerk)
    assert asked(tablet) not in (None, first)
    assert not tablet.do("/ratings", label="dissatisfied", invitation=first)[1]["accepted"]
    assert hall.rows("SELECT count(*) FROM rating") == [(0,)]
    assert hall.rows("SELECT count(*) FROM stray_press") == [(1,)]


def test_a_lost_answer_is_asked_for_again_and_rates_once(hall, stand):
    kiosk, clerk, tablet = stand
    serve_one(hall, kiosk, clerk)
    said = {"label": "satisfied", "invitation": asked(tablet), "request_id": "press-0001"}
    first = tablet.do("/ratings", **said)
    serve_one(hall, kiosk, clerk)
    assert tablet.do("/ratings", **said) == first == (201, {"accepted": True, "reason": ""})
    assert hall.rows("SELECT count(*) FROM rating") == [(1,)]


def test_an_invitation_whose_time_is_over_is_not_asked_for(hall, stand):
    kiosk, clerk, tablet = stand
    serve_one(hall, kiosk, clerk)
    number = asked(tablet)
    hall.clock.forward(seconds=61)
    assert asked(tablet) is None
    assert press(tablet, invitation=number)[1] == {"accepted": False, "reason": "expired"}


def test_reasons_may_follow_once_and_are_sealed(hall, stand):
    kiosk, clerk, tablet = stand
    serve_one(hall, kiosk, clerk)
    number = asked(tablet)
    assert tablet.do("/ratings/reasons", invitation=number, tags=["207"])[1]["code"] == "too_late_for_reasons"
    press(tablet, "dissatisfied")
    assert row(hall) == (2, "tablet", [], 0)  # nothing is invented
    assert tablet.do("/ratings/reasons", invitation=number, tags=["510"])[1]["code"] == "unknown_tag"
    assert tablet.do("/ratings/reasons", invitation=number)[1]["code"] == "reason_wanted"
    assert tablet.do("/ratings/reasons", invitation=number, tags=["207", "214"])[0] == 200
    assert row(hall) == (2, "tablet", ["207", "214"], 0)
    again = tablet.do("/ratings/reasons", invitation=number, declined=True)
    assert again[1]["code"] == "too_late_for_reasons"
    assert hall.rows("SELECT kind FROM audit_entry ORDER BY n") == [
        ("service.done",), ("rating.made",), ("rating.reasoned",)
    ]  # fmt: skip


def test_who_would_rather_not_say_is_taken_at_that(hall, stand):
    kiosk, clerk, tablet = stand
    for label, declined in (("very_dissatisfied", 1), ("satisfied", 0)):
        serve_one(hall, kiosk, clerk)
        number = asked(tablet)
        press(tablet, label)
        tablet.do("/ratings/reasons", invitation=number, declined=True)
        assert hall.rows("SELECT reason_declined FROM rating ORDER BY id DESC LIMIT 1") == [(declined,)]


def test_reasons_are_of_the_tablet_that_was_pressed_and_of_that_moment(hall, stand):
    kiosk, clerk, tablet = stand
    other = hall.device("tablet", "tab02", "02")
    serve_one(hall, kiosk, clerk)
    number = asked(tablet)
    press(tablet, "dissatisfied")
    assert other.do("/ratings/reasons", invitation=number, tags=["207"])[1]["code"] == "too_late_for_reasons"
    hall.clock.now += REASONS_WITHIN + timedelta(seconds=1)
    assert tablet.do("/ratings/reasons", invitation=number, tags=["207"])[1]["code"] == "too_late_for_reasons"
    assert row(hall) == (2, "tablet", [], 0)


def test_who_thinks_better_of_it_leaves_no_reason_of_the_first_choice(hall, stand):
    kiosk, clerk, tablet = stand
    hall.store.write(lambda tx: tx.change(Hall, 1, change_seconds=5))
    serve_one(hall, kiosk, clerk)
    number = asked(tablet)
    press(tablet, "dissatisfied")
    tablet.do("/ratings/reasons", invitation=number, tags=["207"])
    assert press(tablet, "satisfied", invitation=number)[1]["accepted"]
    assert row(hall) == (4, "tablet", [], 0)


def test_the_card_is_as_the_walls_have_it(hall, stand):
    _, clerk, tablet = stand
    assert tablet.get("/tablet")[1]["card"] is None  # nobody wants to be known
    boss = hall.person("boss", "admin")
    boss.do("/admin/screens/staff/clerk-01", method="PUT", name="王", position="综合岗", badges=["党员"])
    seen = tablet.get("/tablet")[1]
    assert seen["card"] == {
        "window": "01", "name": "王", "staff_no": "", "position": "综合岗", "badges": ["党员"], "photo": "",
    }  # fmt: skip
    assert "clerk-01" not in json.dumps(seen)
    clerk.do("/windows/01/sign-out")
    seen = tablet.get("/tablet")[1]
    assert (seen["card"], seen["state"]) == (None, "closed")


def test_the_reasons_are_the_national_ones(stand):
    assert stand[2].get("/ratings/tags")[1] == {str(level): tags for level, tags in TAGS.items()}


# ── pairing ──


def code_of(hall, name="tab01", window="01"):
    boss = hall.sign_in("boss") if hall.rows("SELECT 1 FROM account WHERE username = 'boss'") else None
    boss = boss or hall.person("boss", "admin")
    return boss.do("/admin/devices", name=name, kind="tablet", window=window)[1]["token"]


def pair(client, code, headers=OURS):
    return client.post("/tablet", data={"code": code}, headers=headers)


def test_a_code_pairs_once_and_the_token_is_in_a_cookie_alone(hall):
    client, code = hall.app.test_client(), code_of(hall)
    assert len(code) == 8 and "配对码" in client.get("/tablet").text
    typed = f" {code[:4].lower()}-{code[4:].lower()} ".replace("o", "0")
    sent = pair(client, typed)
    assert (sent.status_code, sent.location) == (303, "/tablet")
    cookie = sent.headers["Set-Cookie"]
    assert all(words in cookie for words in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age="))
    token = client.get_cookie(TABLET_COOKIE).value
    shown = client.get("/tablet")
    assert "tablet.mjs" in shown.text and token not in shown.text and code not in shown.text
    assert "Max-Age=" in shown.headers["Set-Cookie"]  # it begins anew
    assert pair(hall.app.test_client(), code).status_code == 422  # once
    stored = hall.rows("SELECT * FROM device_token")
    assert token not in str(stored) and code not in str(stored)


def test_a_code_is_no_token(hall):
    code = code_of(hall)
    for headers in ({"Authorization": f"Bearer {code}"}, {"Authorization": "Tablet"}):
        client = hall.app.test_client()
        client.set_cookie(TABLET_COOKIE, code)
        assert client.get("/api/v1/tablet", headers=headers).status_code == 401


def test_a_code_is_good_for_a_quarter_of_an_hour(hall):
    code = code_of(hall)
    hall.clock.now += PAIR_WITHIN + timedelta(seconds=1)
    sent = pair(hall.app.test_client(), code)
    assert sent.status_code == 422 and "15 分钟" in sent.text


def test_codes_cannot_be_tried_out(hall):
    client, code = hall.app.test_client(), code_of(hall)
    for n in range(WRONG_CODES[0]):
        assert pair(client, f"AAAA{n:04}").status_code == 422
    assert pair(client, code).status_code == 429
    hall.clock.forward(minutes=1)
    assert pair(client, code).status_code == 303


def test_no_other_page_can_pair_or_press(hall, stand):
    kiosk, clerk, tablet = stand
    evil = {"Origin": "http://evil.example"}
    assert pair(hall.app.test_client(), code_of(hall, "tab02"), evil).status_code == 403
    serve_one(hall, kiosk, clerk)
    body = {"label": "satisfied", "request_id": "request-0001"}
    bare = tablet.client.post("/api/v1/ratings", json=body, headers=evil)
    assert bare.status_code == 401  # the cookie alone, which is all that a foreign page could send, is nobody
    assert hall.rows("SELECT count(*) FROM rating") == [(0,)]


def test_revoked_it_is_nobody_at_once_and_asks_for_a_code(hall, stand):
    kiosk, clerk, tablet = stand
    serve_one(hall, kiosk, clerk)
    assert hall.person("boss", "admin").do("/admin/devices/tab01/revoke")[0] == 200
    assert press_status(tablet) == 401
    page = tablet.client.get("/tablet")
    assert "已停用" in page.text and "tablet.mjs" not in page.text
    assert hall.rows("SELECT count(*) FROM rating") == [(0,)]


def test_paired_anew_the_old_cookie_is_worth_nothing(hall, stand):
    _, _, tablet = stand
    code_of(hall)
    assert tablet.get("/tablet")[0] == 401


def test_a_restart_finds_the_tablet_paired(hall, stand):
    cookie = stand[2].client.get_cookie(TABLET_COOKIE).value
    hall.restart()
    client = hall.app.test_client()
    client.set_cookie(TABLET_COOKIE, cookie)
    assert client.get("/api/v1/tablet", headers={"Authorization": "Tablet"}).status_code == 200


def test_who_signed_in_on_the_tablets_browser_is_not_taken_for_it(hall, stand):
    """And the other way round: the page says which of both it is."""
    _, _, tablet = stand
    hall.person("boss", "admin")
    signed = tablet.client.post("/api/v1/session", json={"username": "boss", "password": "correct horse battery"})
    assert signed.status_code == 200
    assert tablet.client.get("/api/v1/tablet").status_code == 403
    assert tablet.get("/tablet")[0] == 200


def press_status(tablet):
    return tablet.do("/ratings", label="satisfied")[0]
