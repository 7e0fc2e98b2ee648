"""扫码评价: whoever holds the paper rates once, in five levels, by a page that needs no script."""

import json
from html import unescape

import pytest

from server import background
from server.domain.paper_key import paper_key
from server.services.paper_ratings import TAGS
from server.web.phone import WRONG_LINKS

OURS = {"Origin": "http://localhost"}


@pytest.fixture
def phone(hall):
    return hall.app.test_client()


@pytest.fixture
def served(hall):
    """The link on the paper of a ticket that was served, whose evaluator nobody has touched."""
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    link = link_of(kiosk.take())
    for action in ("call-next", "begin", "finish"):
        assert clerk.do(f"/windows/01/{action}")[0] == 200
    return link


def link_of(ticket):
    return f"/t/{ticket['id']}/{ticket['paper_key']}"


def rate(phone, link, label="satisfied", headers=OURS, **said):
    return phone.post(f"{link}/rate", data={"label": label, **said}, headers=headers)


def ratings(hall):
    return hall.rows("SELECT level, source, text, reason_declined, device_id FROM rating ORDER BY id")


def states(hall):
    return hall.rows("SELECT t.rating_state, i.state FROM ticket t JOIN invitation i ON i.ticket_id = t.id")


@pytest.mark.parametrize(
    ("label", "level"),
    [
        ("very_satisfied", 5),
        ("satisfied", 4),
        ("basically_satisfied", 3),
        ("dissatisfied", 2),
        ("very_dissatisfied", 1),
    ],
)
def test_five_levels_each_with_its_own_reasons(hall, phone, served, label, level):
    text = phone.get(served).text
    assert f'href="{served}/rate?lang=zh"' in text
    levels = unescape(phone.get(f"{served}/rate").text)
    assert levels.count('class="way level-') == 5 and f"label={label}&" in levels
    form = phone.get(f"{served}/rate?label={label}").text
    assert all(words in form for words in TAGS[level].values())
    assert ("不说明原因" in form) == (level < 3)
    tag = next(iter(TAGS[level]))
    assert rate(phone, served, label, tag=tag, text="等得 有点久 😀").status_code == 303
    assert ratings(hall) == [(level, "qr", "等得 有点久 😀", 0, None)]
    assert json.loads(hall.rows("SELECT tags FROM rating")[0][0]) == [tag]
    assert states(hall) == [("rated", "rated")]
    assert "评价已收到" in phone.get(f"{served}/rate").text


def test_one_service_is_rated_once_by_whatever_way(hall, phone, served):
    assert rate(phone, served).status_code == 303
    again = rate(phone, served, "very_dissatisfied", declined="on")
    assert again.status_code == 409 and "已经评价过" in again.text
    evaluator = hall.device("evaluator", "ev01", "01")
    assert evaluator.do("/ratings", label="dissatisfied")[1] == {"accepted": False, "reason": "already_rated"}
    assert [level for level, *_ in ratings(hall)] == [4]


def test_who_pressed_the_evaluator_cannot_rate_again_by_paper(hall, phone, served):
    assert hall.device("evaluator", "ev01", "01").do("/ratings", label="dissatisfied")[1]["accepted"]
    assert rate(phone, served).status_code == 409
    text = phone.get(served).text
    assert "已评价" in text and "不满意" not in text  # the paper may have passed into other hands
    assert "不满意" not in phone.get(f"{served}/rate").text.replace("非常不满意", "")


def test_after_the_evaluators_time_the_paper_still_rates(hall, phone, served):
    hall.clock.forward(seconds=61)
    background.tick(hall.store)
    assert states(hall) == [("unrated", "unrated")]
    assert rate(phone, served).status_code == 303
    assert states(hall) == [("rated", "rated")]
    told = hall.rows("SELECT count(*) FROM news WHERE kind = 'invitation.closed'")
    assert told == [(1,)]  # of the time that was over; of the rating nobody hears


def test_a_link_that_is_used_the_day_after_the_next_rates_nothing(hall, phone, served):
    hall.clock.forward(days=2)
    assert rate(phone, served).status_code == 410
    assert phone.get(served).status_code == 410 and ratings(hall) == []


def test_nothing_is_rated_before_the_service(hall, phone):
    link = link_of(hall.device("kiosk").take())
    assert "/rate" not in phone.get(link).text
    assert "办结后才能评价" in phone.get(f"{link}/rate").text
    assert rate(phone, link).status_code == 409 and ratings(hall) == []


def test_a_bad_rating_is_asked_for_a_reason_which_may_be_declined(hall, phone, served):
    asked = rate(phone, served, "dissatisfied", text="   ")
    assert asked.status_code == 422 and "不想说明" in asked.text and ratings(hall) == []
    assert rate(phone, served, "dissatisfied", declined="on").status_code == 303
    assert ratings(hall) == [(2, "qr", "", 1, None)]


def test_what_is_refused_is_asked_again_with_all_that_was_said(hall, phone, served):
    tag = next(iter(TAGS[2]))
    asked = rate(phone, served, "dissatisfied", tag=tag, text="长" * 301)
    assert asked.status_code == 422 and "300" in asked.text
    assert "长" * 301 in asked.text and f'value="{tag}" checked' in asked.text and ratings(hall) == []


@pytest.mark.parametrize(
    "said", [{"tag": "999"}, {"tag": next(iter(TAGS[5]))}, {"text": "a\x00b"}, {"text": "\x1b[2J"}]
)
def test_what_no_page_of_ours_sends_is_refused(hall, phone, served, said):
    assert rate(phone, served, "dissatisfied", **said).status_code == 422
    assert ratings(hall) == []


def test_a_reason_is_given_once(hall, phone, served):
    said = {"label": "dissatisfied", "tag": ["207"] * 2}
    assert phone.post(f"{served}/rate", data=said, headers=OURS).status_code == 422
    assert ratings(hall) == []


@pytest.mark.parametrize("label", ["", "5", "excellent", "SATISFIED"])
def test_no_level_makes_no_rating(hall, phone, served, label):
    rate(phone, served, label)
    assert ratings(hall) == []


def test_hostile_words_are_shown_as_words(hall, phone, served):
    asked = rate(phone, served, "dissatisfied", text="<script>alert(1)</script>" + "x" * 300)
    assert "<script>alert" not in asked.text and "&lt;script&gt;" in asked.text


def test_one_comment_later_and_the_rating_stays(hall, phone, served):
    assert phone.post(f"{served}/comment", data={"text": "x"}, headers=OURS).status_code == 409
    rate(phone, served)
    assert phone.post(f"{served}/comment", data={"text": " "}, headers=OURS).status_code == 422
    assert phone.post(f"{served}/comment", data={"text": "后来\r\n想到"}, headers=OURS).status_code == 303
    assert phone.post(f"{served}/comment", data={"text": "again"}, headers=OURS).status_code == 409
    assert hall.rows("SELECT text FROM rating_comment") == [("后来\n想到",)]
    assert [level for level, *_ in ratings(hall)] == [4]
    kinds = [kind for (kind,) in hall.rows("SELECT kind FROM audit_entry ORDER BY n")]
    assert kinds == ["service.done", "rating.made", "comment.made"]


def test_the_key_is_on_paper_and_nowhere_else(hall, phone):
    kiosk, guide, clerk = hall.device("kiosk"), hall.person("g", "guide"), hall.clerk_at("01")
    ticket = kiosk.take(request_id="request-0001")
    key = ticket["paper_key"]
    assert len(key) == 8 and key == paper_key(hall.store.key, ticket["id"])
    assert kiosk.take(request_id="request-0001")["paper_key"] == key  # a repeat prints the same paper
    assert kiosk.get("/tickets?request_id=request-0001")[1]["paper_key"] == key
    assert guide.take()["paper_key"] == "" and kiosk.get(f"/tickets/{ticket['id']}")[1]["paper_key"] == ""
    clerk.do("/windows/01/call-next")
    seen = [clerk.get(f"/tickets/{ticket['id']}"), clerk.get("/windows/01"), clerk.get("/windows/01/queue")]
    seen += [guide.get(f"/tickets/{ticket['id']}/story"), guide.get("/desk"), clerk.get("/board")]
    assert key not in json.dumps(seen)
    for table in hall.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
        assert key not in str(hall.rows(f"SELECT * FROM {table[0]}")), table


def test_a_reprint_is_the_paper_again(hall):
    kiosk, guide = hall.device("kiosk"), hall.person("g", "guide")
    printer = {"name": "printer", "kind": "printer", "state": "online"}
    assert kiosk.do("/devices/health", devices=[printer])[0] == 200
    ticket = kiosk.take()
    kiosk.do(f"/tickets/{ticket['id']}/print-result", result="printed")
    wish = guide.do(f"/tickets/{ticket['id']}/reprint", device="kiosk", reason="lost")[1]
    taken = kiosk.do(f"/tickets/reprints/{wish['id']}/take")[1]
    assert taken["ticket"]["paper_key"] == ticket["paper_key"]


@pytest.mark.parametrize("key", ["a" * 8, "x", "é", "0" * 300])
def test_a_wrong_key_is_a_wrong_link(hall, phone, served, key):
    wrong = f"{served.rpartition('/')[0]}/{key}"
    for answer in (phone.get(wrong), phone.get(f"{wrong}/rate"), rate(phone, wrong)):
        assert answer.status_code == 404 and "没有找到" in answer.text
    assert ratings(hall) == []


def test_keys_cannot_be_tried_out(hall, phone, served):
    most, _ = WRONG_LINKS
    for n in range(most):
        assert rate(phone, f"{served.rpartition('/')[0]}/{n:08d}").status_code == 404
    assert rate(phone, served).status_code == 429 and ratings(hall) == []


def test_no_other_page_can_send_a_rating(hall, phone, served):
    assert rate(phone, served, headers={"Origin": "http://evil.example"}).status_code == 403
    assert ratings(hall) == []


def test_a_clerks_session_is_worth_nothing_here(hall, served):
    """A clerk knows the ticket's id, and that is not enough."""
    clerk = hall.person("clever")
    without_key = served.rpartition("/")[0]
    for way in (f"{without_key}/rate", f"{without_key}//rate", f"{without_key}/{'a' * 8}/rate"):
        clerk.client.post(way, data={"label": "very_satisfied"}, headers={**OURS, **clerk.headers})
    assert ratings(hall) == []


def test_my_turn_and_cancelling_keep_the_key(hall, phone):
    link = link_of(hall.device("kiosk").take())
    page = phone.get(link).text
    assert f'href="{link}/cancel?lang=zh"' in page and f'href="{link}?lang=zh"' in page
    assert f'href="{link}?lang=zh"' in phone.get(f"{link}/cancel").text
    gone = phone.post(f"{link}/cancel", headers=OURS)
    assert gone.status_code == 303 and gone.location.startswith(link)
    assert "已取消" in phone.get(link).text


def test_ratings_by_paper_are_counted_with_the_others(hall, phone, served):
    rate(phone, served, "very_dissatisfied", declined="on")
    hall.clock.forward(days=7)  # weeks are published, when they are over
    background.tick(hall.store)
    counted = json.loads(hall.rows("SELECT published FROM hall")[0][0])
    assert (counted["asked"], counted["rated"], counted["good"]) == (1, 1, 0)
