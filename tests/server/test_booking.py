"""The citizen's booking page over HTTP: its steps, its refusals, and what a foreign page cannot do."""

import re
import threading
from html import unescape

import pytest

from server.domain.appointments import DAYS_AHEAD
from server.web.booking import BOOKINGS

PLAN = {"queue": "A", "mode": "hall", "weekdays": [1, 2, 3, 4, 5], "start_minute": 600, "end_minute": 660,
        "slot_minutes": 30, "capacity": 2}  # fmt: skip
AT_TEN = "2026-03-02T10:00:00+08:00"  # the test clock stands at 09:00 that day
PHONE = "13812345678"
OURS = {"Origin": "http://localhost"}


@pytest.fixture
def boss(hall):
    return hall.person("boss", "admin")


@pytest.fixture
def citizen(hall, boss):
    """Slots on working days, and a browser."""
    assert boss.do("/admin/slot-plans", **PLAN)[0] == 201
    return hall.app.test_client()


def form(**more):
    return {"queue": "A", "mode": "hall", "at": AT_TEN, "request_id": "0123456789abcdef", **more}


def send(client, headers=OURS, **more):
    return client.post("/book", data=form(**more), headers=headers)


def test_the_steps_lead_from_business_to_code(hall, citizen):
    def follow(text, inside):
        links = [unescape(link) for link in re.findall(r'href="([^"]+)"', text)]
        return citizen.get(next(link for link in links if inside in link)).text

    first = citizen.get("/book").text
    assert "个人综合" in first and "最早 3月2日 周一 10:00" in first
    times = follow(first, "queue=A&mode=hall")
    assert "10:00–10:30" in times and "余 2" in times and "3月7日" not in times
    last = follow(times, "T10:00")
    request_id = re.search('name="request_id" value="([^"]+)"', last)[1]
    answer = send(citizen, request_id=request_id, item="SB-03", phone=PHONE)
    assert answer.status_code == 303
    page = citizen.get(answer.location)
    code = re.search(r"(\d{4}) (\d{4})</p>", page.text)
    assert "预约成功" in page.text and page.headers["Cache-Control"] == "no-store"
    kiosk = hall.device("kiosk")
    assert kiosk.do("/tickets", appointment=code[1] + code[2])[1]["item"] == "SB-03"
    assert "已取号" in citizen.get(answer.location).text


def test_sent_twice_it_is_one_booking_and_cancelling_gives_the_place_back(hall, citizen):
    first, second = send(citizen), send(citizen)
    assert first.location == second.location
    assert hall.rows("SELECT taken FROM slot_taken") == [(1,)]
    where = first.location.partition("?")[0]
    assert citizen.get(f"{where}/cancel").status_code == 200
    assert hall.rows("SELECT taken FROM slot_taken") == [(1,)]  # looking cancels nothing
    for _ in range(2):
        assert citizen.post(f"{where}/cancel", headers=OURS).status_code == 303
    assert hall.rows("SELECT taken FROM slot_taken") == [(0,)]
    assert "预约已取消" in citizen.get(where).text


def test_what_is_used_cannot_be_cancelled_and_the_page_says_so(hall, citizen):
    where = send(citizen).location.partition("?")[0]
    hall.device("kiosk").do("/tickets", appointment=where.split("/")[2])
    answer = citizen.post(f"{where}/cancel", headers=OURS)
    assert answer.status_code == 409 and "状态已经变了" in answer.text and "已取号" in answer.text


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Referer": "http://evil.example/book"}]
)
def test_a_foreign_page_books_and_cancels_nothing(hall, citizen, headers):
    where = send(citizen).location.partition("?")[0]
    assert send(citizen, headers, request_id="another-request").status_code == 403
    assert citizen.post(f"{where}/cancel", headers=headers).status_code == 403
    assert hall.rows("SELECT state FROM appointment") == [("booked",)]


def test_behind_a_proxy_with_tls_the_host_is_what_counts(citizen):
    assert send(citizen, {"Origin": "https://localhost"}).status_code == 303
    assert send(citizen, {"Referer": "http://localhost/book?x"}, request_id="second-request").status_code == 303


@pytest.mark.parametrize(
    ("more", "status", "says"),
    [({"phone": "123"}, 422, "请填 11 位手机号码，或留空不填。"), ({"request_id": "x"}, 422, "重新选择业务和时间"),
     ({"mode": "moon"}, 422, "重新选择业务和时间"), ({"at": "soon"}, 422, "重新选择业务和时间"),
     ({"contact": "一\x01"}, 422, "请写明上门地址和联系人"), ({"at": "2026-03-02T10:05:00+08:00"}, 409, "不能预约了"),
     ({"queue": "ZZ"}, 404, "没有这个队列"), ({"item": "SB-01"}, 404, "没有这个事项"),
     ({"phone": "\ud800".encode("utf-8", "surrogatepass")}, 422, "手机号码")],
)  # fmt: skip
def test_a_refusal_is_a_page_with_a_sentence(hall, citizen, more, status, says):
    answer = send(citizen, **more)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    problem = re.search(r'class="problem"[^>]*>([^<]*)<', answer.text)[1]
    assert says in problem and not re.search("字段|不正确|重发|_", problem)
    assert hall.rows("SELECT count(*) FROM appointment") == [(0,)]


def test_a_full_time_leads_back_to_the_times(citizen):
    for n in range(2):
        send(citizen, request_id=f"request-000{n}")
    answer = send(citizen, request_id="request-0002")
    assert answer.status_code == 409 and "刚刚约满" in answer.text
    assert "10:30–11:00" in answer.text and re.search(r"10:00–10:30</b><span>约满", answer.text)


def test_one_telephone_number_does_not_hoard_and_who_never_comes_is_asked_to_come(hall, citizen):
    for n, at in enumerate(("2026-03-02T10:00", "2026-03-03T10:00", "2026-03-04T10:00")):
        assert send(citizen, at=f"{at}:00+08:00", request_id=f"request-000{n}", phone=PHONE).status_code == 303
    more = {"at": "2026-03-05T10:00:00+08:00", "phone": "138 1234 5678"}
    answer = send(citizen, request_id="request-0003", **more)
    assert answer.status_code == 409 and "已有 3 个待办预约" in answer.text
    hall.store.write(lambda tx: tx.conn.exec_driver_sql("UPDATE appointment SET state = 'missed'"))
    hall.clock.forward(hours=60)
    answer = send(citizen, request_id="request-0004", **more)
    assert answer.status_code == 409 and "预约未到" in answer.text
    assert send(citizen, request_id="request-0005", at=more["at"]).status_code == 303


def test_an_address_books_only_so_often(hall, boss):
    boss.do("/admin/slot-plans", **{**PLAN, "capacity": 500})
    client, most = hall.app.test_client(), BOOKINGS[0]
    sent = [send(client, request_id=f"request-{n:04}").status_code for n in range(most + 1)]
    assert sent == [303] * most + [429]
    behind_proxy = {**OURS, "X-Forwarded-For": "203.0.113.9"}
    assert send(client, behind_proxy, request_id="request-from-afar").status_code == 303
    elsewhere = {"REMOTE_ADDR": "192.168.1.9"}
    spoof = {**OURS, "X-Forwarded-For": "203.0.113.77"}
    for n in range(most + 1):
        data = form(request_id=f"spoofed-{n:04}")
        last = client.post("/book", data=data, headers=spoof, environ_base=elsewhere)
    assert last.status_code == 429  # a header from elsewhere is not believed
    hall.clock.forward(minutes=11)
    assert send(client, request_id="request-later").status_code == 303


def test_many_citizens_want_the_last_place(hall, citizen):
    answers = []

    def want(n):
        client = hall.app.test_client()
        answers.append(send(client, request_id=f"request-{n:04}").status_code)

    threads = [threading.Thread(target=want, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [303] * 2 + [409] * 8


def test_empty_and_made_up_addresses_say_what_to_do(hall, citizen, boss):
    unknown = citizen.get("/book/" + "0" * 32)
    assert unknown.status_code == 404 and "没有找到这个预约" in unknown.text
    assert citizen.post("/book/" + "0" * 32 + "/cancel", headers=OURS).status_code == 404
    assert "现在没有可以预约的时间" in citizen.get("/book?queue=Q&mode=hall").text
    assert "10:30" in citizen.get("/book?queue=A&mode=hall&at=nonsense&day=2020-01-01").text
    key = boss.get("/slot-plans")[1]["plans"][0]["id"]
    boss.do(f"/admin/slot-plans/{key}/remove")
    assert "现在没有可以预约的时间" in citizen.get("/book").text
    assert "Nothing can be booked now" in citizen.get("/book?lang=en").text


def test_only_the_days_ahead_are_offered(hall, citizen):
    days = re.findall(r"day=(2026-[0-9-]+)", citizen.get("/book?queue=A&mode=hall").text)
    assert days[0] == "2026-03-02" and max(days) == f"2026-03-{2 + DAYS_AHEAD}"
    hall.clock.forward(minutes=31)  # 09:31: less than half an hour before ten
    assert "10:00–10:30" not in citizen.get("/book?queue=A&mode=hall&day=2026-03-02").text


def test_names_and_answers_cannot_break_the_page(hall, citizen, boss):
    boss.do("/admin/queues/A", method="PUT", name="<script>alert(1)</script>", open=True)
    answer = send(citizen, phone='"><script>alert(2)</script>')
    assert "<script>alert" not in citizen.get("/book").text + answer.text
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
