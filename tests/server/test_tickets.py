"""Taking numbers through HTTP: unique, gapless, repeatable, and refused with a clear sentence."""

import threading
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import requests


def test_a_ticket_has_the_next_number_of_its_series(hall):
    kiosk = hall.device("kiosk")
    first, second, other = kiosk.take("A"), kiosk.take("A"), kiosk.take("B")
    assert [t["number"] for t in (first, second, other)] == ["A001", "A002", "B001"]
    assert (first["ahead"], second["ahead"], other["ahead"]) == (0, 1, 0)
    assert first["state"] == "waiting" and first["print_state"] == "pending"


def test_an_item_leads_to_its_queue(hall):
    ticket = hall.device("kiosk").do("/tickets", item="SB-05")[1]
    assert (ticket["queue"], ticket["item_name"]) == ("B", "企业职工退休待遇核定申请")


def test_a_repeated_request_gives_the_same_answer_and_no_second_ticket(hall):
    kiosk = hall.device("kiosk")
    request_id = uuid4().hex
    answers = [kiosk.do("/tickets", queue="A", request_id=request_id) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert kiosk.take("A")["number"] == "A002"


def test_a_request_id_is_not_reused_for_something_else(hall):
    kiosk = hall.device("kiosk")
    request_id = uuid4().hex
    kiosk.take("A", request_id=request_id)
    status, problem = kiosk.do("/tickets", queue="B", request_id=request_id)
    assert (status, problem["code"]) == (409, "request_id_reused")


def test_two_kiosks_may_choose_the_same_request_id(hall):
    request_id = uuid4().hex
    numbers = [hall.device("kiosk", f"k{i}").take("A", request_id=request_id)["number"] for i in range(2)]
    assert numbers == ["A001", "A002"]


def test_did_my_request_arrive(hall):
    kiosk, other = hall.device("kiosk", "k1"), hall.device("kiosk", "k2")
    ticket = kiosk.take("A", request_id="request-0001")
    assert kiosk.get("/tickets?request_id=request-0001")[1]["id"] == ticket["id"]
    assert kiosk.get("/tickets?request_id=request-0002")[1]["code"] == "ticket_not_found"
    assert other.get("/tickets?request_id=request-0001")[1]["code"] == "ticket_not_found"


def test_threads_take_unique_gapless_numbers_and_each_request_counts_once(hall):
    kiosk = hall.device("kiosk")
    numbers: list[str] = []

    def take_some() -> None:
        mine = type(kiosk)(hall.app.test_client(), kiosk.headers)
        for _ in range(25):
            request_id = uuid4().hex
            once, again = (mine.take("A", request_id=request_id)["number"] for _ in range(2))
            assert once == again
            numbers.append(once)

    threads = [threading.Thread(target=take_some) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == [f"A{n:03d}" for n in range(1, 401)]
    assert [row[0] for row in hall.rows("SELECT seq FROM news ORDER BY seq")] == list(range(1, 401))


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        (datetime(2026, 3, 2, 15, 59, 59, tzinfo=UTC), "A002"),  # 23:59:59 in the hall
        (datetime(2026, 3, 2, 16, 0, 0, tzinfo=UTC), "A001"),  # midnight in the hall
        (datetime(2028, 2, 28, 16, 0, 0, tzinfo=UTC), "A001"),  # a leap day begins
    ],
)
def test_the_series_starts_anew_with_the_halls_own_day(hall, moment, number):
    kiosk = hall.device("kiosk")
    kiosk.take("A")
    hall.clock.now = moment
    assert kiosk.take("A")["number"] == number


def test_a_clock_stepped_back_gives_no_number_twice(hall):
    kiosk = hall.device("kiosk")
    kiosk.take("A")
    hall.clock.forward(days=1)
    assert kiosk.take("A")["number"] == "A001"
    hall.clock.forward(days=-1)
    assert kiosk.take("A")["number"] == "A002"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"queue": "Q"}, 404, "queue_not_found"),
        ({"item": "XX"}, 404, "item_not_found"),
        ({}, 404, "queue_not_found"),
        ({"queue": 7}, 422, "bad_field"),
        ({"queue": "A", "lane": "vip"}, 422, "bad_field"),
        ({"queue": "A", "surprise": 1}, 422, "bad_field"),
        ({"queue": "A", "request_id": "short"}, 422, "bad_field"),
        ({"queue": "A" * 501}, 422, "bad_field"),
        ({"queue": "A\x00"}, 422, "bad_field"),
        ({"queue": "A\ud800"}, 422, "bad_field"),
    ],
)
def test_bad_input_is_refused_in_two_languages(hall, body, status, code):
    answer, problem = hall.device("kiosk").do("/tickets", **body)
    assert (answer, problem["code"]) == (status, code)
    assert any("\u4e00" <= c <= "\u9fff" for c in problem["detail"])
    assert "a" in problem["detail_en"]
    assert hall.rows("SELECT count(*) FROM ticket")[0][0] == 0


@pytest.mark.parametrize(
    ("data", "kind", "status", "code"),
    [
        (b"{not json", "application/json", 400, "bad_json"),
        (b"\xff\xfe", "application/json", 400, "bad_json"),
        (b"[" * 60_000, "application/json", 400, "bad_json"),
        (b"[]", "application/json", 422, "bad_field"),
        (b'{"request_id": 1e999}', "application/json", 422, "bad_field"),
        (b"queue=A", "application/x-www-form-urlencoded", 415, "bad_media_type"),
        (b"x" * 70_000, "application/json", 413, "body_too_large"),
        (b'{"request_id": "abcdefgh", "queue": "A", "\\ud800": 1}', "application/json", 422, "bad_field"),
    ],
)
def test_hostile_bodies(hall, data, kind, status, code):
    kiosk = hall.device("kiosk")
    answer = kiosk.client.post("/api/v1/tickets", data=data, content_type=kind, headers=kiosk.headers)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert answer.mimetype == "application/problem+json"


def test_a_chunked_body_is_refused_beyond_the_limit_and_never_cut(hall, url):
    kiosk = hall.device("kiosk")
    body = b'{"request_id": "abcdefgh", "queue": "A"}'.ljust(70_000) + b"and no JSON"
    headers = {**kiosk.headers, "Content-Type": "application/json"}
    answer = requests.post(f"{url}/api/v1/tickets", data=iter([body]), headers=headers, timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert kiosk.take()["number"] == "A001"


def test_a_closed_hall_and_a_closed_queue_say_so(hall):
    kiosk, admin = hall.device("kiosk"), hall.person("boss", "admin")
    assert admin.do("/admin/queues/B", method="PUT", name="养老", open=False)[0] == 200
    assert kiosk.do("/tickets", queue="B")[1]["code"] == "queue_closed"
    assert admin.do("/admin/hall", method="PUT", name="大厅", open=False, closed_reason="盘点")[0] == 200
    assert kiosk.do("/tickets", queue="A")[1]["code"] == "hall_closed"


def test_print_results_are_kept_and_nothing_unprints_a_ticket(hall):
    kiosk = hall.device("kiosk")
    path = f"/tickets/{kiosk.take()['id']}/print-result"
    assert kiosk.do(path, result="failed", detail="paper_out")[1]["print_state"] == "failed"
    printed = kiosk.do(path, result="printed", confidence="fence")[1]
    assert (printed["print_state"], printed["print_count"]) == ("printed", 1)
    assert kiosk.do(path, result="unknown")[1]["print_state"] == "printed"
    assert kiosk.do(path, result="pending")[1]["code"] == "bad_field"


def test_a_kiosk_changes_only_its_own_tickets(hall):
    ticket = hall.device("kiosk", "k1").take()
    other = hall.device("kiosk", "k2")
    assert other.do(f"/tickets/{ticket['id']}/print-result", result="printed")[1]["code"] == "not_your_ticket"
    assert other.do(f"/tickets/{ticket['id']}/cancel")[1]["code"] == "not_your_ticket"


def test_a_cancelled_ticket_is_called_by_nobody(hall):
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    ticket = kiosk.take()
    assert kiosk.do(f"/tickets/{ticket['id']}/cancel", reason="never_printed")[1]["state"] == "cancelled"
    assert clerk.do("/windows/01/call-next")[1]["ticket"] is None
    assert kiosk.do(f"/tickets/{ticket['id']}/cancel")[1]["code"] == "wrong_state"


def test_everything_survives_a_restart(hall):
    ticket = hall.device("kiosk").take()
    hall.restart()
    assert hall.rows("SELECT number FROM ticket") == [(ticket["number"],)]
    assert hall.device("kiosk").take()["number"] == "A002"


def test_times_carry_the_halls_own_offset(hall):
    kiosk = hall.device("kiosk")
    assert kiosk.take()["issued_at"] == "2026-03-02T09:00:00+08:00"
    assert kiosk.get("/board")[1]["at"] == "2026-03-02T09:00:00+08:00"
