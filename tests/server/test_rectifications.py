"""A bad rating and what the hall does about it, over HTTP. On PostgreSQL once more: test_postgresql.py."""

import json
import threading
from datetime import UTC, date, datetime

import pytest

from server import background
from server.contract.rectifications import Rates
from server.domain.paper_key import paper_key
from server.models import Account, CalendarDay, Hall, RatingExclusion, ReRating
from server.services import audit
from server.services.halls import hall_of
from server.services.paper_ratings import TAGS
from server.services.rectification_list import rates

OURS = {"Origin": "http://localhost"}
CASE = "20260302-A001"
MONDAY = date(2026, 3, 2)
REPLY = "已增开窗口，今后高峰时段不再让您久等。"


class People:
    """Everybody around window 01: who takes numbers, serves, rates, and puts right."""

    def __init__(self, hall):
        self.hall = hall
        self.kiosk, self.clerk = hall.device("kiosk"), hall.clerk_at("01")
        self.evaluator = hall.device("evaluator", "ev01", "01")
        self.li, self.wang = hall.person("li", "supervisor"), hall.person("wang", "supervisor")
        self.boss = hall.person("boss", "admin")

    def later(self, moment):
        """Set the clock, and sign in again who puts right: sessions have ended meanwhile."""
        self.hall.clock.now = at(moment)
        self.li, self.wang, self.boss = map(self.hall.sign_in, ("li", "wang", "boss"))

    def serve(self, clerk=None, **wish):
        ticket = self.kiosk.take(**wish)
        for action in ("call-next", "begin", "finish"):
            assert (clerk or self.clerk).do(f"/windows/01/{action}")[0] == 200
        return f"/t/{ticket['id']}/{paper_key(self.hall.store.key, ticket['id'])}"

    def press(self, label="dissatisfied"):
        assert self.evaluator.do("/ratings", label=label)[1]["accepted"]

    def bad(self):
        link = self.serve()
        self.press()
        return link

    def case(self, who=None, number=CASE):
        status, answer = (who or self.li).get(f"/rectifications/{number}")
        assert status == 200, answer
        return answer["case"]

    def step(self, step, text="已核实", who=None, number=CASE, **body):
        who = who or self.li
        body.setdefault("version", self.case(who, number)["version"])
        return who.do(f"/rectifications/{number}/steps", step=step, text=text, **body)

    def steps(self, *steps, number=CASE):
        for step in steps:
            more = {"kind": "simple"} if step == "verify" else {}
            text = REPLY if step == "feed_back" else "已核实"
            status, answer = self.step(step, text, number=number, **more)
            assert status == 200, (step, answer)

    def say(self, link, satisfied="yes", **said):
        phone = self.hall.app.test_client()
        return phone.post(f"{link}/reply", data={"satisfied": satisfied, **said}, headers=OURS)

    def look(self, link):
        return self.hall.app.test_client().get(link)


@pytest.fixture
def people(hall):
    return People(hall)


def at(text):
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


def events(hall):
    return [what for (what,) in hall.rows("SELECT what FROM rectification_event ORDER BY id")]


def outcomes(hall):
    return hall.rows("SELECT state, outcome FROM rectification")


def whole(hall):
    with hall.store.read() as conn:
        return list(audit.verify(conn, hall.store.key, 1))


WHOLE_LOOP = ("verify", "reach", "rectify", "feed_back")


# ── a case is opened ──


@pytest.mark.parametrize(("label", "opened"), [("satisfied", 0), ("basically_satisfied", 0), ("dissatisfied", 1)])
def test_a_bad_press_opens_a_case_and_a_good_one_none(hall, people, label, opened):
    people.serve()
    people.press(label)
    assert hall.rows("SELECT count(*) FROM rectification") == [(opened,)]


def test_a_bad_rating_by_paper_opens_one_too_with_its_reasons(hall, people):
    link = people.serve()
    tag, words = next(iter(TAGS[1].items()))
    said = {"label": "very_dissatisfied", "tag": tag, "text": "等了两个小时"}
    assert hall.app.test_client().post(f"{link}/rate", data=said, headers=OURS).status_code == 303
    case = people.case()
    assert (case["level"], case["tags"], case["text"]) == (1, [words], "等了两个小时")
    assert (case["window"], case["ticket"], case["state"]) == ("01", "A001", "to_verify")
    assert (case["due"], case["deadline"], case["deadline_en"]) == (
        "2026-03-03", "还有 1 个工作日", "1 working day left",
    )  # fmt: skip


def test_a_case_is_opened_in_the_commit_of_its_rating_or_neither_is_there(hall, people):
    people.serve()
    hall.store.write(lambda tx: tx.conn.exec_driver_sql("ALTER TABLE rectification RENAME TO away"))
    assert people.evaluator.do("/ratings", label="dissatisfied")[0] >= 500
    assert hall.rows("SELECT count(*) FROM rating") == [(0,)]


def test_who_thinks_better_of_it_closes_the_case_openly_and_back_again_opens_it(hall, people):
    hall.store.write(lambda tx: tx.change(Hall, 1, change_seconds=5))
    people.bad()
    people.press("satisfied")
    assert outcomes(hall) == [("closed", "changed")]
    people.press("dissatisfied")
    assert outcomes(hall) == [("to_verify", "")] and people.case()["due"] == "2026-03-03"
    people.press("satisfied")
    assert outcomes(hall) == [("closed", "changed")]
    assert events(hall) == ["opened", "change", "return", "change"]
    assert whole(hall) == []


def test_who_turns_a_good_press_into_a_bad_one_opens_a_case(hall, people):
    hall.store.write(lambda tx: tx.change(Hall, 1, change_seconds=5))
    people.serve()
    people.press("satisfied")
    people.press("dissatisfied")
    assert outcomes(hall) == [("to_verify", "")] and events(hall) == ["opened"]


def test_the_supervisor_with_the_fewest_cases_owns_the_next_and_never_who_served(hall, people):
    for _ in range(3):
        people.bad()
    owners = "SELECT a.username FROM rectification r JOIN account a ON a.id = r.owner_id ORDER BY r.id"
    assert hall.rows(owners) == [("li",), ("wang",), ("li",)]
    assert people.clerk.do("/windows/01/sign-out")[0] == 200
    assert people.wang.do("/windows/01/sign-in")[0] == 200
    people.serve(people.wang)
    people.press()
    assert hall.rows(owners)[-1] == ("li",)


def test_a_hall_without_any_supervisor_opens_a_case_for_an_admin_or_for_nobody(hall):
    kiosk, evaluator = hall.device("kiosk"), hall.device("evaluator", "ev01", "01")
    boss = hall.person("boss", "admin")
    boss.do("/windows/01/sign-in")
    kiosk.take()
    for action in ("call-next", "begin", "finish"):
        assert boss.do(f"/windows/01/{action}")[0] == 200
    assert evaluator.do("/ratings", label="dissatisfied")[1]["accepted"]
    assert hall.rows("SELECT owner_id FROM rectification") == [(None,)]
    other = hall.person("other", "admin")
    taken = other.do(f"/rectifications/{CASE}/steps", step="verify", kind="simple", version=1)
    assert taken[1] == {"number": CASE, "version": 2, "state": "to_contact"}
    assert other.get(f"/rectifications/{CASE}")[1]["case"]["mine"]


# ── the loop ──


def test_the_whole_loop_with_the_citizens_answer_by_paper(hall, people):
    link = people.bad()
    assert people.look(f"{link}/reply").status_code == 404
    people.steps(*WHOLE_LOOP)
    assert REPLY in people.look(f"{link}/reply").text and "/reply" in people.look(link).text
    assert people.say(link, "yes", text="谢谢").status_code == 303
    assert outcomes(hall) == [("closed", "satisfied")]
    assert hall.rows("SELECT n, satisfied, source, text, recorded_by FROM re_rating") == [(1, 1, "qr", "谢谢", None)]
    assert hall.rows("SELECT level, label FROM rating") == [(2, "dissatisfied")]
    assert events(hall) == ["opened", *WHOLE_LOOP, "satisfied"]
    assert "已收到" in people.look(f"{link}/reply").text
    again = people.say(link, "no")
    assert again.status_code == 409 and "已经收到" in again.text
    assert whole(hall) == []


def test_the_paper_leads_to_the_reply_also_when_its_own_time_is_over(hall, people):
    link = people.bad()
    people.later("2026-03-06 09:00")
    assert people.look(link).status_code == 410
    people.steps(*WHOLE_LOOP)
    led = people.look(link)
    assert led.status_code == 303 and led.location.startswith(f"{link}/reply")
    assert people.say(link).status_code == 303
    hall.clock.forward(hours=23)
    assert people.look(f"{link}/reply").status_code == 200
    hall.clock.forward(hours=2)
    assert people.look(f"{link}/reply").status_code == 404 and people.look(link).status_code == 410


def test_not_satisfied_reopens_once_with_a_new_deadline_and_then_it_stays_so(hall, people):
    link = people.bad()
    people.steps(*WHOLE_LOOP)
    people.later("2026-03-04 09:00")
    assert people.say(link, "no", text="还是一样").status_code == 303
    case = people.case()
    assert (case["state"], case["reopened"], case["due"]) == ("to_rectify", True, "2026-03-11")
    assert "再处理一次" in people.look(f"{link}/reply").text
    people.steps("rectify", "feed_back")
    assert people.say(link, "no").status_code == 303
    assert outcomes(hall) == [("closed", "not_satisfied")]
    assert hall.rows("SELECT n, satisfied FROM re_rating ORDER BY n") == [(1, 0), (2, 0)]
    assert whole(hall) == []


def test_the_answer_may_be_given_by_telephone_and_says_who_wrote_it_down(hall, people):
    people.bad()
    people.steps(*WHOLE_LOOP)
    assert people.step("satisfied", "", who=people.wang)[1]["code"] == "case_text_wanted"
    assert people.step("satisfied", "说可以了", who=people.wang)[0] == 200
    (row,) = hall.rows("SELECT r.source, r.text, a.username FROM re_rating r JOIN account a ON a.id = r.recorded_by")
    assert row == ("phone", "说可以了", "wang") and whole(hall) == []


def test_a_citizen_who_would_rather_not_say_gives_no_re_rating(hall, people):
    people.bad()
    people.steps(*WHOLE_LOOP)
    assert people.step("decline", "不愿评价")[0] == 200
    assert outcomes(hall) == [("closed", "unanswered")] and hall.rows("SELECT * FROM re_rating") == []


def let_lapse(hall, people):
    people.later("2026-03-20 09:00")
    background.tick(hall.store)


def decline(hall, people):
    assert people.step("decline", "不愿评价")[0] == 200


def lapse_after_a_no(hall, people):
    assert people.say(people.link, "no").status_code == 303
    people.steps("rectify", "feed_back")
    let_lapse(hall, people)


def change(hall, people):
    people.press("satisfied")


@pytest.mark.parametrize("end", [let_lapse, decline, lapse_after_a_no, change])
def test_who_did_not_answer_is_not_thanked_and_told_that_it_is_too_late(hall, people, end):
    hall.store.write(lambda tx: tx.change(Hall, 1, change_seconds=600))
    people.link = people.bad()
    people.steps(*WHOLE_LOOP)
    end(hall, people)
    assert outcomes(hall)[0][0] == "closed"
    kept = hall.rows("SELECT count(*) FROM re_rating")
    for language, over in (("zh", "答复期已过，没有收到您的回答"), ("en", "no answer of yours was received")):
        seen = people.look(f"{people.link}/reply?lang={language}").text
        assert over in seen and "谢谢" not in seen and "Thank you" not in seen
    late = people.say(people.link, "no")
    assert late.status_code == 409 and "没有记下" in late.text and "已经收到" not in late.text
    assert hall.rows("SELECT count(*) FROM re_rating") == kept


def test_calls_that_reach_nobody_are_all_kept(hall, people):
    people.bad()
    people.steps("verify")
    for _ in range(3):
        assert people.step("miss", "")[0] == 200
    assert people.step("miss", "")[1]["code"] == "tries_used_up"
    assert people.case()["steps"] == ["reach", "give_up", "assign"]
    assert people.step("give_up", "三次无人接听")[1]["state"] == "to_rectify"
    told = people.li.get(f"/rectifications/{CASE}")[1]["events"]
    assert [one["reached"] for one in told] == [None, None, False, False, False, None]
    assert {one["who"] for one in told[1:]} == {"li"}


def test_nobody_is_made_to_record_calls_of_a_number_that_is_only_a_mask(hall, people):
    give_mask(hall, people)
    people.steps("verify")
    assert people.case()["steps"] == ["reach", "miss", "give_up", "assign"]
    assert people.step("give_up", "业务系统里也没有号码")[1]["state"] == "to_rectify"
    with hall.store.read() as conn:
        assert rates(conn, 1, MONDAY, MONDAY).called_back == 0


def give_mask(hall, people):
    """A bad rating whose ticket came from an appointment: of its telephone number only the mask was kept."""
    link = people.bad()
    with_phone = (
        "INSERT INTO appointment (public_id, request_key, hall_id, code, queue_id, mode, starts_at, ends_at,"
        " phone_masked, contact, state, ticket_id, created_at, created_by)"
        " SELECT 'p', 'k', 1, '12345678', queue_id, 'hall', 0, 0, '138****5678', '', 'arrived', id, 0, '' FROM ticket"
    )
    hall.store.write(lambda tx: tx.conn.exec_driver_sql(with_phone))
    assert people.case()["phone"] == "138****5678"
    return link


# ── appeals ──


def test_an_appeal_that_is_upheld_keeps_the_rating_and_takes_it_out_of_the_figures(hall, people):
    people.bad()
    assert people.step("appeal", "按错键，群众当场说明")[1]["state"] == "appealed"
    for step in ("uphold", "refuse"):
        assert people.step(step)[1]["code"] == "second_person_wanted"
    assert people.step("uphold", "监控可见按错", who=people.wang)[0] == 200
    assert outcomes(hall) == [("closed", "excluded")]
    assert hall.rows("SELECT level FROM rating") == [(2,)]
    (row,) = hall.rows(
        "SELECT a.username, d.username, e.reason, e.decision FROM rating_exclusion e"
        " JOIN account a ON a.id = e.asked_by JOIN account d ON d.id = e.decided_by"
    )
    assert row == ("li", "wang", "按错键，群众当场说明", "监控可见按错") and whole(hall) == []
    hall.clock.forward(days=7)
    background.tick(hall.store)
    with hall.store.read() as conn:
        counted = hall_of(conn, 1).published
    assert (counted["asked"], counted["rated"]) == (1, 1)  # nobody is left out of these


def test_an_appeal_that_is_refused_goes_on_under_the_old_deadline_and_cannot_be_made_again(hall, people):
    people.bad()
    people.step("appeal")
    people.later("2026-03-03 09:00")
    assert people.step("refuse", "无依据", who=people.wang)[1]["state"] == "to_verify"
    case = people.case()
    assert (case["due"], case["deadline"]) == ("2026-03-03", "今天到期")
    assert people.step("appeal")[1]["code"] == "appealed_already"
    assert hall.rows("SELECT * FROM rating_exclusion") == []


@pytest.mark.parametrize(
    ("model", "change"), [(ReRating, {"satisfied": True}), (ReRating, None), (RatingExclusion, {"decision": "x"})]
)
def test_what_is_kept_beside_the_rating_cannot_be_changed_unseen(hall, people, model, change):
    link = people.bad()
    people.steps(*WHOLE_LOOP)
    people.say(link, "no")
    people.bad()
    people.step("appeal", number="20260302-A002")
    people.step("uphold", number="20260302-A002", who=people.wang)
    assert whole(hall) == []
    if change:
        hall.store.write(lambda tx: tx.change(model, 1, **change))
    else:
        hall.store.write(lambda tx: tx.conn.exec_driver_sql(f"DELETE FROM {model.__tablename__}"))
    assert len(whole(hall)) == 1


# ── who may ──


def test_whoever_served_sees_no_trace_of_the_case(hall, people):
    assert people.clerk.do("/windows/01/sign-out")[0] == 200
    assert people.li.do("/windows/01/sign-in")[0] == 200
    people.serve(people.li)
    people.press()
    unseen = people.li.get("/rectifications?filter=all")[1]
    assert unseen["cases"] == [] and set(unseen["counts"].values()) == {0}
    missing = people.li.get("/rectifications/20260302-A099")[1]
    hidden = people.li.get(f"/rectifications/{CASE}")[1]
    assert hidden["detail"].replace("A001", "A099") == missing["detail"]
    refused = people.li.do(f"/rectifications/{CASE}/steps", step="verify", kind="simple", version=1)
    assert (refused[0], refused[1]["code"]) == (404, "rectification_not_found")
    assert people.case(people.wang)["number"] == CASE
    assert people.step("assign", owner="li", who=people.wang)[1]["code"] == "owner_not_fit"


@pytest.mark.parametrize("owner", ["", "nobody", "clerk-01", "retired"])
def test_a_case_is_given_only_to_those_who_may_have_it(hall, people, owner):
    hall.person("retired", "supervisor")
    row = hall.rows("SELECT id FROM account WHERE username = 'retired'")[0][0]
    hall.store.write(lambda tx: tx.change(Account, row, active=False))
    people.bad()
    assert people.step("assign", owner=owner)[1]["code"] == "owner_not_fit"
    assert people.step("assign", owner="wang")[0] == 200
    assert people.case()["owner"] == "wang" and people.case(people.wang)["mine"]


@pytest.mark.parametrize("role", ["clerk", "guide"])
def test_clerks_and_guides_reach_nothing_of_it(hall, people, role):
    """Nor those who did not serve: they sit beside the one who did."""
    people.bad()
    other = hall.person("other", role)
    step = {"step": "verify", "kind": "simple", "version": 1}
    answers = [other.get("/rectifications"), other.get(f"/rectifications/{CASE}")]
    answers.append(other.do(f"/rectifications/{CASE}/steps", **step))
    assert [(status, answer["code"]) for status, answer in answers] == [(403, "forbidden")] * 3
    assert events(hall) == ["opened"]


def test_no_name_but_the_owners_is_in_a_case(hall, people):
    people.bad()
    assert "clerk-01" not in json.dumps(people.li.get("/rectifications")[1])
    assert "clerk-01" not in json.dumps(people.li.get(f"/rectifications/{CASE}")[1])


def test_of_a_case_nothing_is_told_and_nothing_is_logged_in_a_story(hall, people):
    link = people.bad()
    people.steps(*WHOLE_LOOP)
    people.say(link, "no", text="还是一样")
    told = str(hall.rows("SELECT kind, data, why, actor FROM news"))
    assert "rectif" not in told and "还是一样" not in told
    code = link.split("/")[2]
    story = json.dumps(people.boss.get(f"/tickets/{code}/story")[1])
    assert "整改" not in story and "rectif" not in story


# ── refusals ──


def test_a_second_supervisor_at_the_same_step_is_told_so(hall, people):
    people.bad()
    version = people.case()["version"]
    answers = []
    ready = threading.Barrier(2)

    def act(who):
        ready.wait()
        answers.append(people.step("verify", who=who, kind="simple", version=version))

    threads = [threading.Thread(target=act, args=[who]) for who in (people.li, people.wang)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (won, _), (lost, problem) = sorted(answers, key=lambda one: one[0])
    assert (won, lost, problem["code"]) == (200, 409, "rectification_moved")
    assert "待联系" in problem["detail"] and "to contact" in problem["detail_en"]
    assert events(hall) == ["opened", "verify"]


def test_a_step_repeated_under_its_request_id_is_one_step(hall, people):
    people.bad()
    body = {"step": "verify", "kind": "simple", "version": 1, "request_id": "step-0001"}
    answers = [people.li.do(f"/rectifications/{CASE}/steps", **body) for _ in range(3)]
    assert answers == [(200, {"number": CASE, "version": 2, "state": "to_contact"})] * 3
    assert events(hall) == ["opened", "verify"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"step": "verify"}, "kind_wanted"),
        ({"step": "verify", "kind": "enormous"}, "bad_field"),
        ({"step": "reach"}, "step_not_possible"),
        ({"step": "change"}, "step_not_possible"),
        ({"step": "lapse"}, "step_not_possible"),
        ({"step": "appeal", "text": " \n "}, "case_text_wanted"),
        ({"step": "appeal", "text": "长" * 301}, "rating_text_too_long"),
        ({"step": "appeal", "text": "a\u0085b"}, "rating_text_unreadable"),
        ({"step": "forget"}, "bad_field"),
        ({"step": "verify", "kind": "simple", "version": 7}, "rectification_moved"),
    ],
)
def test_what_cannot_be_done_is_refused_in_both_languages(hall, people, body, code):
    people.bad()
    status, problem = people.step(**{"text": "x", **body})
    assert status in (409, 422) and problem["code"] == code
    assert problem["detail"] and problem["detail_en"] and events(hall) == ["opened"]


def test_closed_cases_are_counted_where_they_are_asked_for_alone(hall, people):
    """They are all that ever were, and the page asks every few seconds."""
    people.bad()
    people.steps(*WHOLE_LOOP)
    people.step("satisfied", "可以了")
    assert people.li.get("/rectifications?filter=all")[1]["counts"] == {"all": 0, "mine": 0, "overdue": 0}
    listed = people.li.get("/rectifications?filter=closed")[1]
    assert listed["counts"] == {"all": 0, "mine": 0, "overdue": 0, "closed": 1} and len(listed["cases"]) == 1


def test_an_unknown_filter_is_refused(hall, people):
    assert people.li.get("/rectifications?filter=everything")[1]["code"] == "bad_field"


@pytest.mark.parametrize(
    ("said", "status"),
    [({}, 422), ({"satisfied": "maybe"}, 422), ({"satisfied": "no", "text": "长" * 301}, 422),
     ({"satisfied": "no", "text": "a\x00b"}, 422)],
)  # fmt: skip
def test_what_no_page_of_ours_sends_gives_no_answer(hall, people, said, status):
    link = people.bad()
    people.steps(*WHOLE_LOOP)
    phone = hall.app.test_client()
    assert phone.post(f"{link}/reply", data=said, headers=OURS).status_code == status
    assert phone.post(f"{link}/reply", data={"satisfied": "yes"}).status_code == 403  # of no page at all
    wrong = f"{link.rpartition('/')[0]}/aaaaaaaa"
    assert phone.post(f"{wrong}/reply", data={"satisfied": "yes"}, headers=OURS).status_code == 404
    assert phone.get(f"{wrong}/reply").status_code == 404
    assert hall.rows("SELECT * FROM re_rating") == []


def test_hostile_words_are_shown_as_words(hall, people):
    link = people.bad()
    people.steps("verify", "reach", "rectify")
    people.step("feed_back", "<script>alert(1)</script>")
    text = people.look(f"{link}/reply").text
    assert "<script>alert" not in text and "&lt;script&gt;" in text


# ── deadlines ──


def calendar(hall, **days):
    for day, kind in days.items():
        when = date.fromisoformat(day.removeprefix("d").replace("_", "-"))
        hall.store.write(
            lambda tx, when=when, kind=kind: tx.add(
                CalendarDay, hall_id=1, day=when, kind=kind, name="节", as_weekday=1
            )
        )


def test_deadlines_skip_a_holiday_and_count_a_make_up_workday(hall, people):
    calendar(hall, d2026_03_03="holiday", d2026_03_07="workday")
    people.bad()
    assert people.case()["due"] == "2026-03-04"  # Tuesday is free
    people.steps("verify", "reach")
    assert people.case()["due"] == "2026-03-09"  # the Saturday is worked
    people.steps("rectify")
    assert people.case()["due"] == "2026-03-09"
    people.steps("feed_back")
    assert people.case()["due"] == "2026-03-09"


def test_a_rating_by_paper_at_night_counts_from_the_next_working_day(hall, people):
    sessions = [[weekday, 510, 990] for weekday in range(1, 6)]
    people.later("2026-03-06 08:30")
    people.clerk = hall.sign_in("clerk-01")
    people.clerk.do("/windows/01/sign-in")
    link = people.serve()
    hall.store.write(lambda tx: tx.change(Hall, 1, sessions=sessions))
    people.later("2026-03-06 20:00")  # a Friday
    said = {"label": "dissatisfied", "declined": "on"}
    assert hall.app.test_client().post(f"{link}/rate", data=said, headers=OURS).status_code == 303
    assert people.case(number="20260306-A001")["due"] == "2026-03-10"


def test_an_admin_sets_the_days_for_deadlines_that_begin_later(hall, people):
    people.bad()
    hall_ = people.boss.get("/admin")[1]["hall"]
    assert (hall_["rectify_contact_days"], hall_["rectify_simple_days"], hall_["rectify_complex_days"]) == (1, 5, 15)
    for days in (0, 61):
        refused = people.boss.do("/admin/hall", method="PUT", **{**hall_, "rectify_simple_days": days})[1]
        assert refused["code"] == "bad_field" and "1 到 60" in refused["detail"]
    assert people.boss.do("/admin/hall", method="PUT", **{**hall_, "rectify_simple_days": 2})[0] == 200
    assert people.case()["due"] == "2026-03-03"
    people.steps("verify", "reach")
    assert people.case()["due"] == "2026-03-04"


def test_each_deadline_is_reminded_of_once_and_escalated_once(hall, people):
    hall.store.write(lambda tx: tx.change(Hall, 1, rectify_contact_days=3))
    people.bad()  # due on Thursday
    seen = []
    for day in range(2, 8):
        for hour in (9, 23):
            hall.clock.now = at(f"2026-03-0{day} {hour:02}:30")
            background.tick(hall.store)
            background.tick(hall.store)
            seen.append(events(hall)[1:])
    assert seen[:4] == [[]] * 4  # Monday, Tuesday
    assert seen[4:8] == [["reminded"]] * 4  # Wednesday, and Thursday to its end
    assert seen[8:] == [["reminded", "escalated"]] * 4


def test_an_overdue_case_stands_first_until_the_step_is_taken(hall, people):
    people.bad()
    people.bad()
    people.steps("verify", "reach", number="20260302-A001")
    people.later("2026-03-04 09:00")
    background.tick(hall.store)
    listed = people.boss.get("/rectifications?filter=all")[1]
    assert [(one["number"], one["escalated"], one["deadline"]) for one in listed["cases"]] == [
        ("20260302-A002", True, "已逾期 1 个工作日"), ("20260302-A001", False, "还有 3 个工作日"),
    ]  # fmt: skip
    assert listed["counts"] == {"mine": 1, "overdue": 1, "all": 2}  # an admin's as well, from now on
    assert people.li.get("/rectifications")[1]["counts"]["mine"] == 1
    assert [one["number"] for one in people.li.get("/rectifications?filter=overdue")[1]["cases"]] == ["20260302-A002"]
    people.steps("verify", "reach", number="20260302-A002")
    assert not people.case(number="20260302-A002")["escalated"]


def test_a_timer_that_stood_still_says_only_what_is_so_now(hall, people):
    people.bad()
    hall.clock.forward(days=9)
    background.tick(hall.store)
    assert events(hall) == ["opened", "escalated"]


def test_the_wait_for_an_answer_ends_by_itself_when_its_time_is_over(hall, people):
    people.bad()
    people.steps(*WHOLE_LOOP)
    people.later("2026-03-09 23:59")
    background.tick(hall.store)
    assert people.case()["state"] == "to_re_rate"
    hall.clock.forward(minutes=1)
    background.tick(hall.store)
    assert outcomes(hall) == [("closed", "unanswered")] and events(hall)[-1] == "lapse"


def test_the_wait_for_an_answer_ends_too_where_a_number_is_only_a_mask(hall, people):
    give_mask(hall, people)
    people.steps(*WHOLE_LOOP)
    people.later("2026-03-10 00:00")
    background.tick(hall.store)
    assert outcomes(hall) == [("closed", "unanswered")] and events(hall)[-1] == "lapse"


def test_a_case_outlives_a_restart(hall, people):
    people.bad()
    people.steps("verify")
    hall.restart()
    assert hall.sign_in("li").get(f"/rectifications/{CASE}")[1]["case"]["state"] == "to_contact"


# ── figures ──


def test_the_counts_for_figures(hall, people):
    def counted(first=MONDAY, last=MONDAY):
        with hall.store.read() as conn:
            return rates(conn, 1, first, last)

    assert counted() == Rates(0, 0, 0, 0, 0, 0, 0, 0, 0)
    links = [people.bad() for _ in range(4)]
    people.serve()
    people.press("satisfied")
    assert counted() == Rates(bad=4, opened=4, contacted_in_time=0, called_back=0, reached=0, closed=0, re_rated=0,
                              satisfied=0, excluded=0)  # fmt: skip
    people.steps(*WHOLE_LOOP)
    people.say(links[0], "no")
    people.steps("rectify", "feed_back")
    people.say(links[0], "yes")
    people.step("appeal", number="20260302-A002")
    people.step("uphold", number="20260302-A002", who=people.wang)
    people.steps("verify", "miss", number="20260302-A003")
    people.later("2026-03-04 09:00")
    people.steps(*WHOLE_LOOP, number="20260302-A004")
    people.say(links[3], "no")
    assert counted() == Rates(bad=4, opened=4, contacted_in_time=1, called_back=3, reached=2, closed=2, re_rated=2,
                              satisfied=1, excluded=1)  # fmt: skip
    assert counted(date(2026, 3, 3), date(2026, 3, 31)).bad == 0


def test_who_served_before_it_was_sent_on_sees_no_trace_of_the_case(hall, people):
    """Not only who finished: whoever called it, at whichever window."""
    assert people.li.do("/windows/02/sign-in")[0] == 200
    evaluator, last = hall.device("evaluator", "ev03", "03"), hall.clerk_at("03")
    people.kiosk.take()
    for action, said in (("call-next", {}), ("begin", {}), ("transfer", {"window": "03"})):
        assert people.li.do(f"/windows/02/{action}", **said)[0] == 200
    for action in ("call-next", "begin", "finish"):
        assert last.do(f"/windows/03/{action}")[0] == 200
    assert evaluator.do("/ratings", label="dissatisfied")[1]["accepted"]
    assert people.li.get("/rectifications?filter=all")[1]["cases"] == []
    (case,) = people.wang.get("/rectifications?filter=all")[1]["cases"]
    assert case["number"] == CASE and people.li.get(f"/rectifications/{CASE}")[0] == 404
    assert hall.rows("SELECT username FROM account a JOIN rectification r ON r.owner_id = a.id") == [("wang",)]
    assert people.step("assign", who=people.wang, owner="li")[1]["code"] == "owner_not_fit"
