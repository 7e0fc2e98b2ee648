"""短信评价 through HTTP: numbers that are given, messages that go once, replies that make one rating."""

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from server import background
from server.domain import sms_text
from server.services import audit, sms
from tests.server.conftest import Hall
from tests.server.test_audit import verify

PHONE, OTHER = "13812345678", "13987654321"
OURS = {"Origin": "http://localhost"}
MIDNIGHT = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)


class Office:
    """A hall that sends short messages, with everybody in it; who has a gateway is who wants one."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.kiosk, self.clerk = hall.device("kiosk"), hall.clerk_at("01")
        self.guide, self.admin = hall.person("guide", "guide"), hall.person("boss", "admin")
        self.gateway = hall.device("sms_gateway", "gw1")
        self.set()

    def set(self, **changes):
        body = {"sms_on": True, "sms_delay_minutes": 10, "sms_reply_hours": 48, **changes}
        assert self.admin.do("/admin/sms", method="PUT", **body)[0] == 200

    def contact(self, ticket, phone=PHONE):
        return self.guide.do(f"/tickets/{ticket['id']}/sms", method="PUT", phone=phone)

    def serve(self, phone=PHONE):
        ticket = self.kiosk.take()
        if phone:
            assert self.contact(ticket, phone)[0] == 200
        for action in ("call-next", "begin", "finish"):
            assert self.clerk.do(f"/windows/01/{action}")[0] == 200
        return ticket

    def later(self, **delta):
        self.hall.clock.forward(**delta)
        background.tick(self.hall.store)

    def unrated(self, phone=PHONE):
        """A service that nobody has rated, whose message is due."""
        ticket = self.serve(phone)
        self.later(seconds=61)
        self.later(minutes=11)
        return ticket

    def take(self, gateway=None):
        status, answer = (gateway or self.gateway).do("/sms/take")
        assert status == 200, answer
        return answer["messages"][0] if answer["messages"] else None

    def report(self, message, result="sent", gateway=None, **more):
        return (gateway or self.gateway).do(f"/sms/{message['id']}/report", result=result, **more)

    def asked(self, phone=PHONE):
        ticket = self.unrated(phone)
        message = self.take()
        assert message["number"] == phone
        assert self.report(message, taken=2)[0] == 200
        return ticket

    def reply(self, text, sender="+86" + PHONE, **changes):
        """A message of its own each time, written when the modem had it, unless `sent_at` says otherwise."""
        self.hall.clock.forward(seconds=1)
        written = self.hall.clock.now - timedelta(seconds=changes.get("age_s") or 0)
        body = {
            "sender": sender, "text": text, "sent_at": written.isoformat(), "reference": None, "complete": True,
            "age_s": 0, **changes,
        }  # fmt: skip
        answer = self.gateway.do("/sms/received", **body)
        assert answer == (200, {}), answer
        return body

    def ratings(self):
        return [tuple(row) for row in self.hall.rows("SELECT level, source FROM rating ORDER BY id")]

    def rating_of(self, ticket):
        """Its level, None while it is unrated."""
        found = self.hall.rows(
            "SELECT rating.level FROM rating JOIN invitation ON invitation.id = rating.invitation_id"
            f" JOIN ticket ON ticket.id = invitation.ticket_id WHERE ticket.code = '{ticket['id']}'"
        )  # fmt: skip
        return found[0][0] if found else None

    def outcomes(self):
        return [row[0] for row in self.hall.rows("SELECT outcome FROM sms_reply ORDER BY id")]

    def states(self):
        return [tuple(row) for row in self.hall.rows("SELECT kind, state FROM sms_message ORDER BY id")]

    def numbers(self):
        """Wherever a number stands."""
        return self.hall.rows("SELECT number FROM sms_contact WHERE number <> '' UNION SELECT number FROM sms_message"
            " WHERE number <> ''")  # fmt: skip


@pytest.fixture
def office(hall):
    return Office(hall)


# ── a number for a ticket ──


def test_the_desk_gives_changes_and_takes_back_a_number_that_is_shown_masked(office):
    ticket = office.kiosk.take()
    path = f"/tickets/{ticket['id']}/sms"
    assert office.guide.get(path) == (200, {"phone": ""})
    assert office.contact(ticket, "+86 138-1234-5678") == (200, {"phone": "138****5678"})
    assert office.guide.get(path) == (200, {"phone": "138****5678"})
    assert office.contact(ticket, OTHER)[1] == {"phone": "139****4321"}
    assert office.contact(ticket, "") == (200, {"phone": ""})
    assert office.numbers() == []
    told = "SELECT kind FROM audit_entry WHERE kind LIKE 'contact.%' ORDER BY n"
    assert office.hall.rows(told) == [("contact.given",), ("contact.given",), ("contact.removed",)]
    assert verify(office.hall).exit_code == 0


@pytest.mark.parametrize("phone", ["1381234567", "12345678901", "abc", "010-88886666", "11010519491231002X"])
def test_what_is_no_mobile_number_is_refused(office, phone):
    status, problem = office.contact(office.kiosk.take(), phone)
    assert (status, problem["code"], problem["field"]) == (422, "bad_phone", "phone")


def test_a_hall_that_sends_nothing_takes_no_number_and_forgets_those_it_has(office):
    ticket = office.kiosk.take()
    office.contact(ticket)
    office.set(sms_on=False)
    office.later(seconds=1)
    assert office.numbers() == [] and office.guide.get(f"/tickets/{ticket['id']}/sms")[1] == {"phone": ""}
    assert office.contact(ticket)[1]["code"] == "sms_off"


def test_after_the_service_the_desk_sees_and_gives_nothing_any_more(office):
    """Or it would see when the number goes, and so that somebody rated."""
    ticket = office.serve()
    assert office.guide.get(f"/tickets/{ticket['id']}/sms") == (200, {"phone": ""})
    assert office.contact(ticket, OTHER)[1]["code"] == "wrong_state"


def test_one_phone_stands_for_three_services_at_most(office):
    tickets = [office.kiosk.take() for _ in range(4)]
    assert [office.contact(ticket)[0] for ticket in tickets] == [200, 200, 200, 409]
    assert office.contact(tickets[0])[0] == 200  # its own place is not counted
    assert office.contact(tickets[3])[1]["code"] == "sms_too_many"


@pytest.mark.parametrize("end", ["cancel", "day"])
def test_without_a_service_the_number_goes(office, end):
    ticket = office.kiosk.take()
    office.contact(ticket)
    if end == "cancel":
        office.kiosk.do(f"/tickets/{ticket['id']}/cancel", reason="kiosk")
        office.later(seconds=1)
    else:
        office.later(days=1)
        office.later(seconds=1)
    assert office.numbers() == [] and office.hall.rows("SELECT 1 FROM sms_contact WHERE phone_hash IS NOT NULL") == []


# ── the message ──


def test_an_unrated_service_is_asked_about_once(office):
    office.serve()
    office.later(seconds=61)
    assert office.take() is None
    office.later(minutes=10)
    message = office.take()
    assert (
        message["number"] == PHONE
        and "清禾市社会保险经办服务大厅" in message["text"]
        and "3 月 2 日" in message["text"]
    )
    assert office.report(message, taken=2)[0] == 200
    office.later(hours=1)
    assert office.take() is None and office.states() == [("invitation", "sent")] and office.numbers() == []


def test_who_rated_is_not_asked_and_the_number_goes(office):
    evaluator = office.hall.device("evaluator", "ev01", "01")
    office.serve()
    evaluator.do("/ratings", label="satisfied", raw_key="01")
    office.later(minutes=20)
    assert office.take() is None and office.numbers() == [] and office.states() == []
    assert office.hall.rows("SELECT 1 FROM sms_contact WHERE phone_hash IS NOT NULL") == []


def test_who_rates_by_paper_while_the_message_waits_is_not_asked(office):
    ticket = office.unrated()
    link = f"/t/{ticket['id']}/{ticket['paper_key']}/rate"
    assert office.hall.app.test_client().post(link, data={"label": "satisfied"}, headers=OURS).status_code == 303
    assert office.take() is None
    office.later(seconds=1)
    assert office.states() == [("invitation", "dropped")] and office.numbers() == []


def test_nobody_is_asked_at_night(office):
    office.serve()
    office.later(seconds=61)
    office.hall.clock.now = MIDNIGHT
    background.tick(office.hall.store)
    assert office.states() == []
    office.later(hours=7)  # 7:30
    assert office.states() == []
    office.later(minutes=31)
    assert office.take()["number"] == PHONE


def test_a_message_that_waited_into_the_night_goes_in_the_morning(office):
    office.hall.clock.forward(hours=10, minutes=45)  # 19:45
    office.unrated()  # 19:57
    office.hall.clock.forward(minutes=10)
    assert office.take() is None
    office.later(hours=12)
    assert office.take()["number"] == PHONE


def test_what_no_gateway_takes_within_a_day_is_dropped(office):
    office.unrated()
    office.later(hours=25)
    assert office.take() is None and office.states() == [("invitation", "dropped")] and office.numbers() == []


def test_a_restart_asks_nobody_twice(office):
    office.asked()
    office.hall.restart()
    office.later(hours=1)
    background.tick(office.hall.store)
    assert office.states() == [("invitation", "sent")]


# ── gateways ──


def test_two_gateways_never_get_the_same_message(office):
    other = office.hall.device("sms_gateway", "gw2")
    office.unrated()
    message = office.take()
    assert office.take(other) is None
    assert office.take() == message  # to whom it was given it is offered until it says what became of it
    assert office.report(message, gateway=other)[1]["code"] == "sms_not_yours"
    office.later(minutes=11)
    assert office.take() is None and office.take(other) is None
    assert office.states() == [("invitation", "unknown")] and office.numbers() == []


def test_many_gateways_at_one_instant_get_each_message_once(office):
    for n in range(3):
        office.unrated(f"1380000000{n}")
    gateways = [office.hall.device("sms_gateway", f"g{n}") for n in range(6)]
    begin, found = threading.Barrier(6), []

    def ask(gateway):
        begin.wait()
        found.append(office.take(gateway))

    threads = [threading.Thread(target=ask, args=(gateway,)) for gateway in gateways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = sorted(message["number"] for message in found if message)
    assert numbers == ["13800000000", "13800000001", "13800000002"]


def test_a_gateway_that_was_cut_off_puts_unknown_right_and_nothing_goes_twice(office):
    office.unrated()
    message = office.take()
    office.later(minutes=11)
    assert office.report(message, taken=2)[0] == 200
    assert office.states() == [("invitation", "sent")]
    assert office.report(message, "failed")[0] == 200  # said already
    assert office.states() == [("invitation", "sent")] and office.take() is None


def test_unknown_is_never_sent_again_by_itself(office):
    office.unrated()
    office.report(office.take(), "unknown", detail="没有回音", detail_en="No word")
    office.later(hours=2)
    assert office.take() is None and office.states() == [("invitation", "unknown")]
    assert office.admin.get("/admin")[1]["sms"]["trouble"]["zh"] == "没有回音"


def test_of_which_surely_nothing_went_out_is_tried_three_times(office):
    office.unrated()
    for _ in range(3):
        message = office.take()
        office.report(message, "failed", detail="网络拥塞", detail_en="Congested")
        assert office.take() is None
        office.later(minutes=11)
    assert office.take() is None and office.states() == [("invitation", "failed")] and office.numbers() == []


def test_of_which_a_part_went_out_is_not_tried_again(office):
    office.unrated()
    office.report(office.take(), "failed", taken=1)
    office.later(minutes=30)
    assert office.take() is None and office.states() == [("invitation", "failed")]


# ── replies ──


def test_a_reply_from_the_phone_that_was_asked_is_one_rating_and_sealed(office):
    ticket = office.asked()
    office.reply("２")
    assert office.ratings() == [(2, "sms")] and office.outcomes() == ["rated"]
    row = office.hall.rows(
        "SELECT label, raw_key, reason_declined, CAST(tags AS TEXT), text, device_id FROM rating"
    )[0]  # fmt: skip
    assert tuple(row) == ("dissatisfied", "２".encode().hex(), 0, "[]", "", None)
    state = office.hall.rows(f"SELECT rating_state FROM ticket WHERE code = '{ticket['id']}'")
    assert state[0][0] == "rated"
    entry = office.hall.rows("SELECT body FROM audit_entry WHERE kind = 'rating.made'")[0][0]
    assert '"source":"sms"' in entry and PHONE not in entry
    assert verify(office.hall).exit_code == 0


@pytest.mark.parametrize("sender", [PHONE, "+86" + PHONE, "0086" + PHONE, "86" + PHONE])
def test_the_number_is_known_with_and_without_its_country(office, sender):
    office.asked()
    office.reply("5非常满意", sender)
    assert office.ratings() == [(5, "sms")]


@pytest.mark.parametrize("sender", ["+86" + OTHER, "10086", "银行", "", "+4915112345678"])
def test_another_phone_rates_nothing(office, sender):
    office.asked()
    office.reply("1", sender)
    assert office.ratings() == [] and office.outcomes() == ["not_asked"] and office.take() is None


def test_before_it_was_asked_a_phone_rates_nothing(office):
    office.unrated()
    office.reply("5")
    assert office.ratings() == [] and office.outcomes() == ["not_asked"]


def test_a_second_reply_is_kept_and_rates_nothing(office):
    office.asked()
    office.reply("5")
    office.reply("1")
    assert office.ratings() == [(5, "sms")] and office.outcomes() == ["rated", "already_rated"]
    assert verify(office.hall).exit_code == 0


def test_the_same_message_from_the_network_twice_is_one(office):
    office.asked()
    first = office.reply("5")
    office.reply("5", sent_at=first["sent_at"])
    office.reply("5", sent_at=first["sent_at"], age_s=30)
    assert office.outcomes() == ["rated"]


def test_without_the_networks_time_the_same_digit_counts_once_for_each_service(office):
    tickets = []
    for _ in range(2):
        tickets.append(office.asked())
        office.reply("5", sent_at=None)
        office.reply("5", sent_at=None)  # delivered again
    assert [office.rating_of(ticket) for ticket in tickets] == [5, 5] and office.outcomes() == ["rated", "rated"]


def test_a_late_reply_is_kept_and_rates_nothing(office):
    office.asked()
    office.later(hours=49)
    office.reply("5")
    assert office.ratings() == [] and office.outcomes() == ["late"]


def test_a_reply_counts_by_when_the_modem_had_it(office):
    office.asked()
    office.later(hours=50)
    office.reply("4", age_s=3 * 3600)
    assert office.ratings() == [(4, "sms")]


def test_what_cannot_be_read_is_answered_once(office):
    office.asked()
    office.reply("办得挺好的，谢谢张师傅")
    answer = office.take()
    assert answer["number"] == PHONE and "没有看懂" in answer["text"]
    office.report(answer, taken=1)
    office.reply("？？")
    assert office.take() is None and office.outcomes() == ["unreadable", "unreadable"]
    raws = {row[0] for row in office.hall.rows("SELECT raw FROM sms_reply")}
    assert raws == {""}  # what people write may name anybody
    office.reply("4")
    assert office.ratings() == [(4, "sms")] and office.numbers() == []


def test_a_message_that_came_in_part_is_no_rating(office):
    office.asked()
    office.reply("5", complete=False, reference=7)
    assert office.ratings() == [] and office.outcomes() == ["unreadable"]


def test_of_two_services_a_reply_is_about_the_one_asked_about_last_and_only_that(office):
    first, second = office.asked(), office.asked()
    office.reply("5")
    office.reply("1")
    states = {row[0]: row[1] for row in office.hall.rows("SELECT code, rating_state FROM ticket")}
    assert (states[first["id"]], states[second["id"]]) == ("unrated", "rated")
    assert office.ratings() == [(5, "sms")] and office.outcomes() == ["rated", "already_rated"]


def test_a_reply_that_was_under_way_counts_for_the_question_it_answers(office):
    first = office.asked()
    office.asked()
    office.reply("5", age_s=5 * 60)  # written before the second was asked
    states = {row[0]: row[1] for row in office.hall.rows("SELECT code, rating_state FROM ticket")}
    assert states[first["id"]] == "rated" and office.ratings() == [(5, "sms")]


# ── which service a reply is about ──


@pytest.mark.parametrize("tries", [1, 3])
def test_a_message_that_never_went_out_takes_over_no_replies(office, tries):
    """A SIM card out of credit: the citizen has the older message only."""
    first, second = office.asked(), office.unrated()
    for _ in range(tries):
        office.report(office.take(), "failed", detail="欠费", detail_en="No credit")
        office.later(minutes=11)
    office.reply("1")
    office.reply("2")
    assert (office.rating_of(first), office.rating_of(second)) == (1, None)
    assert office.outcomes() == ["rated", "already_rated"] and verify(office.hall).exit_code == 0


def test_a_message_that_went_out_at_the_second_try_is_answered(office):
    first, second = office.asked(), office.unrated()
    office.report(office.take(), "failed")
    office.later(minutes=11)
    office.report(office.take(), taken=2)
    office.reply("4")
    assert (office.rating_of(first), office.rating_of(second)) == (None, 4)


def test_of_whom_surely_nothing_was_asked_nothing_is_kept(office):
    office.unrated()
    for _ in range(3):
        office.report(office.take(), "failed")
        office.later(minutes=11)
    assert office.hall.rows("SELECT 1 FROM sms_contact WHERE phone_hash IS NOT NULL") == []
    office.reply("1")
    assert office.ratings() == [] and office.outcomes() == ["not_asked"]


def test_an_answer_that_could_not_be_sent_leaves_the_question_asked(office):
    ticket = office.asked()
    office.reply("好")
    office.report(office.take(), "failed")
    office.reply("4")
    assert office.rating_of(ticket) == 4


@pytest.mark.parametrize("fate", [None, {"result": "unknown"}, {"result": "failed", "taken": 1}])
@pytest.mark.parametrize("rated", [False, True])
def test_while_nobody_knows_whether_the_newer_question_went_out_a_digit_rates_neither(office, fate, rated):
    first = office.asked()
    if rated:
        office.reply("5")
    second = office.unrated()
    message = office.take()
    if fate:
        office.report(message, **fate)
    office.reply("1")
    assert (office.rating_of(first), office.rating_of(second)) == (5 if rated else None, None)
    assert office.outcomes()[-1] == "unclear"
    if fate is None:
        office.report(message, taken=2)
        office.reply("2")
        assert office.rating_of(second) == 2


def test_who_was_asked_about_one_service_rates_it_whatever_the_gateway_could_say(office):
    ticket = office.unrated()
    office.report(office.take(), "unknown")
    office.reply("4")
    assert office.rating_of(ticket) == 4


def test_a_reply_that_the_network_kept_back_is_about_the_question_it_answers(office):
    """A modem without signal: the reply lay with the service centre while the next question was asked."""
    first = office.asked()
    written = office.hall.clock.now + timedelta(minutes=5)
    office.later(hours=2)
    second = office.asked()
    office.reply("1", sent_at=written.isoformat())
    assert (office.rating_of(first), office.rating_of(second)) == (1, None)


def test_what_was_written_as_the_newer_question_went_out_is_about_neither(office):
    """The network's clock and the hall's differ by minutes."""
    first, second = office.asked(), office.asked()
    office.reply("1", sent_at=(office.hall.clock.now - timedelta(minutes=5)).isoformat())
    assert (office.rating_of(first), office.rating_of(second)) == (None, None)
    assert office.outcomes() == ["unclear"]


def test_what_was_written_in_time_counts_however_late_it_comes(office):
    office.asked()
    written = office.hall.clock.now + timedelta(hours=47)
    office.later(hours=100)
    office.reply("4", sent_at=written.isoformat())
    assert office.ratings() == [(4, "sms")]


@pytest.mark.parametrize("sent_at", ["2000-01-01T00:00:00+08:00", "2099-12-31T00:00:00+08:00", None])
def test_a_network_without_a_clock_counts_by_the_modems_reading(office, sent_at):
    first = office.asked()
    second = office.asked()
    office.later(hours=3)
    office.reply("4", sent_at=sent_at, age_s=3600)
    office.reply("2", sent_at=sent_at, age_s=3 * 3600 + 5 * 60)
    assert (office.rating_of(first), office.rating_of(second)) == (2, 4)


@pytest.mark.parametrize("age_s", [None, -7200, 40 * 86400, 5 * 86400])
def test_a_gateways_clock_that_jumped_chooses_no_service(office, age_s):
    """The network's time tells, and says that the gateway's is wrong."""
    office.set(sms_reply_hours=1)
    first = office.asked()
    office.later(hours=3)
    second = office.asked()
    office.reply("1", sent_at=(office.hall.clock.now).isoformat(), age_s=age_s)
    assert (office.rating_of(first), office.rating_of(second)) == (None, 1)


@pytest.mark.parametrize("age_s", [None, -7200, 40 * 86400])
def test_of_which_nobody_knows_when_it_was_written_rates_none_of_two(office, age_s):
    first = office.asked()
    second = office.asked()
    office.reply("1", sent_at=None, age_s=age_s)
    assert (office.rating_of(first), office.rating_of(second)) == (None, None)
    assert office.outcomes() == ["unclear"]


@pytest.mark.parametrize("age_s", [None, -7200, 40 * 86400])
def test_of_which_nobody_knows_when_it_was_written_is_about_the_only_question(office, age_s):
    ticket = office.asked()
    office.reply("2", sent_at=None, age_s=age_s)
    assert office.rating_of(ticket) == 2
    late = office.asked(OTHER)
    office.later(days=5)
    office.reply("1", OTHER, sent_at=None, age_s=age_s)
    assert office.rating_of(late) is None and office.outcomes() == ["rated", "late"]


def test_what_lay_for_days_is_about_no_service_that_came_after(office):
    """The card was read after the holidays, and of the question before them nobody knows any more."""
    ticket = office.asked()
    office.reply("1", sent_at=(office.hall.clock.now - timedelta(days=9)).isoformat())
    assert office.rating_of(ticket) is None and office.outcomes() == ["not_asked"]


def test_paper_and_message_at_one_instant_make_one_rating(office):
    for n in range(8):
        phone = f"1370000000{n}"
        ticket = office.asked(phone)
        begin = threading.Barrier(2)
        link = f"/t/{ticket['id']}/{ticket['paper_key']}/rate"

        def by_paper(link=link, begin=begin):
            begin.wait()
            office.hall.app.test_client().post(link, data={"label": "very_satisfied"}, headers=OURS)

        def by_message(phone=phone, begin=begin):
            begin.wait()
            office.reply("2", phone)

        threads = [threading.Thread(target=work) for work in (by_paper, by_message)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(office.ratings()) == n + 1
    assert verify(office.hall).exit_code == 0


# ── 退订 ──


def test_who_opts_out_is_told_once_and_never_asked_again(office):
    office.asked()
    office.reply("TD")
    answer = office.take()
    assert answer["number"] == PHONE and "已退订" in answer["text"]
    office.report(answer, taken=1)
    office.reply("退订")
    assert office.take() is None and office.numbers() == []
    assert office.contact(office.kiosk.take())[1]["code"] == "sms_opted_out"
    assert office.hall.rows("SELECT 1 FROM sms_opt_out WHERE length(phone_hash) <> 64") == []


def test_a_full_stop_behind_it_makes_no_difference(office):
    office.asked()
    office.reply("退订。")
    assert office.outcomes() == ["opt_out"] and "已退订" in office.take()["text"]


def test_what_waits_for_a_phone_that_opts_out_does_not_go(office):
    tickets = [office.kiosk.take() for _ in range(2)]
    for ticket in tickets:
        office.contact(ticket)
    for action in ("call-next", "begin", "finish"):
        office.clerk.do(f"/windows/01/{action}")
    office.later(seconds=61)
    office.later(minutes=11)
    assert office.states() == [("invitation", "waiting")]
    office.reply("TD")
    assert office.states() == [("invitation", "dropped"), ("opted_out", "waiting")]
    office.report(office.take(), taken=1)
    for action in ("call-next", "begin", "finish"):
        office.clerk.do(f"/windows/01/{action}")
    office.later(seconds=61)
    office.later(minutes=11)
    assert office.take() is None and office.numbers() == []


def test_what_a_gateway_has_is_not_offered_again_after_opting_out(office):
    office.unrated()
    office.take()
    office.reply("TD")
    assert office.states() == [("invitation", "unknown"), ("opted_out", "waiting")]
    assert "已退订" in office.take()["text"]


def test_a_rating_after_opting_out_still_counts(office):
    office.asked()
    office.reply("TD")
    office.reply("5")
    assert office.ratings() == [(5, "sms")]


# ── what is left ──


def bytes_of(hall):
    return b"".join(file.read_bytes() for file in hall.data_dir.iterdir() if file.name.startswith("jiaohao.db"))


def test_the_number_is_gone_from_the_files_bytes(office):
    office.unrated()
    assert PHONE.encode() in bytes_of(office.hall)
    office.report(office.take(), taken=2)
    office.hall.store.checkpoint()
    assert PHONE.encode() not in bytes_of(office.hall) and b"138****5678" not in bytes_of(office.hall)


def test_a_number_that_was_taken_back_or_changed_is_gone_too(office):
    ticket = office.kiosk.take()
    office.contact(ticket)
    office.contact(ticket, OTHER)
    office.hall.store.checkpoint()
    assert PHONE.encode() not in bytes_of(office.hall) and OTHER.encode() in bytes_of(office.hall)
    office.contact(ticket, "")
    office.hall.store.checkpoint()
    assert OTHER.encode() not in bytes_of(office.hall)


def test_after_the_time_for_late_replies_nobody_knows_the_phone(office):
    office.asked()
    office.later(hours=48 + 7 * 24 + 1)
    assert office.hall.rows("SELECT 1 FROM sms_contact WHERE phone_hash IS NOT NULL") == []
    office.reply("5")
    assert office.ratings() == [] and office.outcomes() == ["not_asked"]


def test_a_week_later_nothing_in_the_database_ties_a_reply_to_its_phone(office):
    """Or whoever has a copy of it and a number to try would know who rated what."""
    office.asked()
    first = office.reply("4")
    office.reply("办得好", "+86" + OTHER)
    assert not any("message_key" in body for (body,) in office.hall.rows("SELECT body FROM audit_entry"))
    keys = {row[0] for row in office.hall.rows("SELECT message_key FROM sms_reply")}
    office.later(days=7, seconds=1)
    assert keys.isdisjoint(row[0] for row in office.hall.rows("SELECT message_key FROM sms_reply"))
    assert verify(office.hall).exit_code == 0
    office.reply("4", sent_at=first["sent_at"])
    office.later(seconds=1)
    assert office.outcomes() == ["rated", "not_asked", "already_rated"] and office.ratings() == [(4, "sms")]


def test_a_reply_that_was_sealed_with_its_key_stays_as_sealed(office):
    """As replies were at first."""
    office.asked()
    office.reply("4")
    body = office.hall.rows("SELECT body FROM audit_entry WHERE kind = 'reply.received'")[0][0]
    facts = {**json.loads(body), "message_key": office.hall.rows("SELECT message_key FROM sms_reply")[0][0]}
    office.hall.store.write(lambda tx: audit.record(tx, 1, "reply.received", facts))
    assert verify(office.hall).exit_code == 0
    office.later(days=8)
    assert verify(office.hall).exit_code == 0
    office.hall.store.write(lambda tx: tx.conn.exec_driver_sql("UPDATE sms_reply SET outcome = 'late'"))
    assert verify(office.hall).exit_code != 0


def test_the_last_trouble_is_told_in_the_halls_time(office):
    office.unrated()
    office.report(office.take(), "unknown", detail="没有回音", detail_en="No word")
    assert office.admin.get("/admin")[1]["sms"]["trouble"]["at"].startswith("2026-03-02T09:12")
    assert office.hall.clock.now.isoformat().startswith("2026-03-02T01:12")


def test_numbers_that_wait_cost_the_timer_no_statement_of_their_own(office):
    def statements():
        sent = []

        def tick(tx):
            driver = tx.conn.connection.dbapi_connection
            driver.set_trace_callback(sent.append)
            sms.by_the_clock(tx)
            driver.set_trace_callback(None)

        office.hall.store.write(tick)
        return len(sent)

    assert office.contact(office.kiosk.take())[0] == 200
    few = statements()
    for n in range(5):
        assert office.contact(office.kiosk.take(), f"1380000000{n}")[0] == 200
    assert statements() == few > 0


def test_the_admin_sees_the_message_its_parts_and_what_became_of_them(office):
    office.asked()
    seen = office.admin.get("/admin")[1]["sms"]
    assert (
        seen["sms_on"] and seen["parts"] == 2 and "回复 5 非常满意" in seen["text"] and seen["counts"] == {"sent": 1}
    )
    assert seen["trouble"] is None
    status, problem = office.admin.do(
        "/admin/sms", method="PUT", sms_on=True, sms_delay_minutes=-1, sms_reply_hours=48
    )
    assert (status, problem["field"]) == (422, "sms_delay_minutes")


def test_a_halls_messages_are_off_as_they_come(hall):
    assert hall.person("boss", "admin").get("/admin")[1]["sms"]["sms_on"] is False


@pytest.mark.parametrize("begun", [False, True])
def test_of_who_was_never_served_the_number_goes_with_the_day(office, begun):
    """A missed call may still be reinstated on that day; a service that nobody finished is closed by the clock."""
    ticket = office.kiosk.take()
    assert office.contact(ticket)[0] == 200
    office.clerk.do("/windows/01/call-next")
    assert office.clerk.do("/windows/01/begin" if begun else "/windows/01/no-show")[0] == 200
    office.later(minutes=1)
    assert office.hall.rows("SELECT number FROM sms_contact") == [(PHONE,)]
    office.later(days=1)
    office.later(seconds=1)
    assert office.hall.rows("SELECT state, number, masked, phone_hash FROM sms_contact") == [("over", "", "", None)]


def test_messages_of_long_ago_cost_the_timer_and_the_gateways_nothing(office):
    sent = set()

    def note(_conn, _cursor, statement, parameters, *_):
        sent.add((statement, tuple(parameters)))

    event.listen(office.hall.store.engine, "before_cursor_execute", note)
    office.asked()
    office.later(seconds=1)
    event.remove(office.hall.store.engine, "before_cursor_execute", note)
    mine = [one for one in sent if "FROM sms_message" in one[0] and one[0].startswith("SELECT")]
    assert len(mine) >= 3
    with office.hall.store.engine.connect() as conn:
        for statement, parameters in mine:
            steps = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            assert not any(row[3].startswith("SCAN sms_message") for row in steps), statement


# ── the hall's own words ──

OWN = "{大厅}：您 {日期}办的“{事项}”办得怎样？回复 {选项}。{退订}"


def test_a_hall_words_the_message_itself_and_goes_back_to_the_usual_words(office):
    usual = office.admin.get("/admin")[1]["sms"]
    assert usual["sms_text"] == "" and usual["usual"] == sms_text.DEFAULT
    office.set(sms_text=f" {OWN} ")
    seen = office.admin.get("/admin")[1]["sms"]
    assert seen["sms_text"] == OWN and seen["text"].endswith("非常不满意。退订回 TD") and "{" not in seen["text"]
    office.set(sms_delay_minutes=10)
    assert office.admin.get("/admin")[1]["sms"]["sms_text"] == OWN, "left out, it stays"
    office.unrated()
    sent = office.take()["text"]
    assert "办得怎样？回复 5 非常满意 4 满意" in sent and sent.endswith("退订回 TD") and "3 月 2 日" in sent
    for back in ("", sms_text.DEFAULT, f" {sms_text.DEFAULT} ", "  "):
        office.set(sms_text=OWN)
        office.set(sms_text=back)
        assert office.admin.get("/admin")[1]["sms"] == {**usual, "counts": {"leased": 1}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (OWN + "{地点}", "没有 {地点} 这一项"), (OWN + "{", "花括号不成对"),
        (OWN.replace("{退订}", ""), "缺少 {退订}"),
        (OWN + "长" * 150, "最多 4 条"), (OWN + "长" * 200, "最多 200 个字"), (OWN + "\n好", "不能换行"),
        (OWN + "\x00", "控制字符"), (OWN + "\u202e", "控制字符"), (OWN + "\ud800", "控制字符"),
    ],
)  # fmt: skip
def test_words_that_cannot_be_are_refused_at_their_field_and_nothing_is_saved(office, text, said):
    before = office.admin.get("/admin")[1]["sms"]
    body = {"sms_on": False, "sms_delay_minutes": 10, "sms_reply_hours": 48, "sms_text": text}
    status, problem = office.admin.do("/admin/sms", method="PUT", **body)
    assert (status, problem["field"]) == (422, "sms_text"), problem
    assert said in problem["detail"] and "短信内容" in problem["detail"]
    assert office.admin.get("/admin")[1]["sms"] == before


def test_the_words_are_of_the_settings_document_and_can_be_undone(office):
    office.set(sms_text=OWN)
    document = office.admin.client.get("/api/v1/admin/settings.json", headers=office.admin.headers).json
    assert document["sms"]["sms_text"] == OWN
    change = office.admin.get("/admin/settings/history")[1]["changes"][0]
    assert change["changes"][0]["zh"].startswith("短信·短信内容：")
    assert office.admin.do("/admin/settings/undo", change=change["id"])[0] == 200
    assert office.admin.get("/admin")[1]["sms"]["sms_text"] == ""
    bad = {**document, "sms": {**document["sms"], "sms_text": "{大厅}"}}
    status, draft = office.admin.do("/admin/draft/import", document=bad)
    assert status == 200, draft
    (finding,) = [one for one in draft["draft"]["findings"] if one["path"] == "sms.sms_text"]
    assert finding["weight"] == "error" and "缺少 {选项}" in finding["zh"]
