"""网上评价: who booked on the web rates on the page of the booking; nobody else who knows the booking can."""

import pytest

from server import background
from server.domain.paper_key import booking_key, paper_key
from server.web.booking import WRONG_LINKS
from tests.server.conftest import OURS
from tests.server.test_booking import PLAN, send


@pytest.fixture
def booked(hall):
    """A citizen's browser, and the address that they were led to."""
    assert hall.person("boss", "admin").do("/admin/slot-plans", **PLAN)[0] == 201
    page = hall.app.test_client()
    return page, send(page).location.partition("?")[0]


@pytest.fixture
def served(hall, booked):
    """As `booked`, of somebody who came and was served; the evaluator was not touched."""
    page, where = booked
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    hall.clock.forward(hours=1)
    assert kiosk.do("/tickets", appointment=id_of(where))[0] == 201
    for action in ("call-next", "begin", "finish"):
        assert clerk.do(f"/windows/01/{action}")[0] == 200
    return page, where


def id_of(where):
    return where.split("/")[2]


def rate(page, where, label="satisfied", headers=OURS, **said):
    return page.post(f"{where}/rate", data={"label": label, **said}, headers=headers)


def ratings(hall):
    return hall.rows("SELECT level, source, text, reason_declined FROM rating ORDER BY id")


def test_after_the_service_the_bookings_page_offers_its_rating(hall, served):
    page, where = served
    assert f'href="{where}/rate?lang=zh"' in page.get(where).text
    assert page.get(f"{where}/rate").text.count('class="way level-') == 5
    assert "哪里做得不好" in page.get(f"{where}/rate?label=dissatisfied").text
    assert rate(page, where, "dissatisfied").status_code == 422
    sent = rate(page, where, "dissatisfied", text="等了很久")
    assert sent.status_code == 303 and sent.location.startswith(f"{where}/rate")
    assert ratings(hall) == [(2, "web", "等了很久", 0)]
    assert "评价已收到" in page.get(f"{where}/rate").text
    text = page.get(where).text
    assert "已评价" in text and "不满意" not in text
    assert page.post(f"{where}/comment", data={"text": "后来想到"}, headers=OURS).status_code == 303
    assert hall.rows("SELECT text FROM rating_comment") == [("后来想到",)]


def test_one_service_is_rated_once_by_whatever_way_came_first(hall, served):
    page, where = served
    code = hall.rows("SELECT code FROM ticket")[0][0]
    paper = f"/t/{code}/{paper_key(hall.store.key, code)}"
    assert rate(page, where).status_code == 303
    assert rate(page, paper, "very_satisfied").status_code == 409
    assert rate(page, where, "very_satisfied").status_code == 409
    assert [level for level, *_ in ratings(hall)] == [4]


def test_before_the_service_nothing_is_offered_and_nothing_taken(hall, booked):
    page, where = booked
    assert "/rate" not in page.get(where).text
    assert page.get(f"{where}/rate").status_code == rate(page, where).status_code == 409
    hall.clock.forward(hours=1)
    hall.device("kiosk").do("/tickets", appointment=id_of(where))
    assert "/rate" not in page.get(where).text
    assert rate(page, where).status_code == 409 and ratings(hall) == []


def test_as_long_as_the_paper_of_that_day_would(hall, served):
    page, where = served
    hall.clock.forward(days=2)
    background.tick(hall.store)
    shown = page.get(where)
    assert shown.status_code == 200 and "/rate" not in shown.text
    assert rate(page, where).status_code == 410 and ratings(hall) == []


def test_the_desk_knows_the_booking_and_cannot_rate_it(hall, served):
    """Its public id is in the desk's book, its key nowhere."""
    page, where = served
    guide, key = hall.person("g", "guide"), where.split("/")[3]
    seen = str([guide.get("/appointments/days/2026-03-02"), guide.get("/desk")])
    assert id_of(where) in seen and key not in seen and key not in page.get(f"/book/{id_of(where)}").text
    for way in (f"/book/{id_of(where)}", f"/book/{id_of(where)}/{'a' * 8}", f"/book/{id_of(where)}/"):
        guide.client.post(f"{way}/rate", data={"label": "very_satisfied"}, headers={**OURS, **guide.headers})
    assert "/rate" not in page.get(f"/book/{id_of(where)}").text and ratings(hall) == []
    for table in hall.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
        assert key not in str(hall.rows(f"SELECT * FROM {table[0]}")), table


def test_the_code_that_staff_scan_holds_no_key(hall, booked):
    page, where = booked
    key = where.split("/")[3]
    assert key == booking_key(hall.store.key, id_of(where)) != paper_key(hall.store.key, id_of(where))
    picture = page.get(where).text.split("<svg")[1].split("</svg>")[0]
    assert picture == page.get(f"/book/{id_of(where)}").text.split("<svg")[1].split("</svg>")[0]


@pytest.mark.parametrize("key", ["a" * 8, "x", "é", "0" * 300])
def test_a_wrong_key_is_a_wrong_address(hall, served, key):
    page, where = served
    wrong = f"/book/{id_of(where)}/{key}"
    for answer in (page.get(wrong), page.get(f"{wrong}/rate"), rate(page, wrong)):
        assert answer.status_code == 404 and "没有找到这个预约" in answer.text
    assert ratings(hall) == []


def test_keys_cannot_be_tried_out(hall, served):
    page, where = served
    for n in range(WRONG_LINKS[0]):
        assert rate(page, f"/book/{id_of(where)}/{n:08d}").status_code == 404
    assert rate(page, where).status_code == 429 and ratings(hall) == []
    assert page.get(f"/book/{id_of(where)}").status_code == 200  # the booking itself is nobody's secret


def test_no_other_page_can_send_a_rating(hall, served):
    page, where = served
    assert rate(page, where, headers={"Origin": "http://evil.example"}).status_code == 403
    assert ratings(hall) == []


def test_cancelling_keeps_the_key(hall, booked):
    page, where = booked
    assert f'href="{where}/cancel?lang=zh"' in page.get(where).text
    assert f'action="{where}/cancel"' in page.get(f"{where}/cancel").text
    gone = page.post(f"{where}/cancel", headers=OURS)
    assert gone.status_code == 303 and gone.location.startswith(where)
