"""Nothing that a clerk can reach tells who rated what: the same day with good and with bad ratings looks the same."""

import json
import re
from io import StringIO

import pytest
import structlog
from sqlalchemy import update

from server import background
from server.cli import LOG
from server.domain.permissions import of_role
from server.models import Hall as HallRow
from server.web.api import ADMIN, CLERKS, DESK, ROUTES, Query
from server.web.pages import SHELLS
from tests.server.conftest import Hall

KEYS = re.compile(r"\b[0-9a-f]{16,64}\b|[A-Za-z0-9_-]{30,}")
"""Ids and tokens, which are never the same twice."""
STAMPS = re.compile(r"timestamp='[^']+'")
"""When a line was logged: its microseconds may be any digits, so also those of a phone."""
WORDS = {"no": "01", "ticket": "", "number": "A001", "day": "2026-03-02", "queue": "A", "mode": "hall",
         "rectification": "20260302-A001",
         "digest": "0" * 64, "code": "SB-01", "job": "no-such-job"}  # fmt: skip
ALIKE = (("satisfied", "01", "等候合适", "413", "5"), ("dissatisfied", "03", "等候太久", "214", "2"))
"""Two days: what everybody presses, the key's bytes, what one writes, a reason, and what one answers by message."""
PHONE = "13812345678"
SUPERVISORS_ONLY = (
    "/monitor",
    "/replay?day=2026-03-02&hour=9",
    "/alarms?from=2026-03-01&to=2026-03-31",
    "/audit",
    "/reports/ratings?by=staff&from=2026-03-02&to=2026-03-02",
    "/reports/ratings.xlsx?from=2026-03-02&to=2026-03-02",
    "/reports/appraisal.xlsx?month=2026-02",
    "/statistics?by=staff&from=2026-03-02&to=2026-03-02",
    "/statistics.xlsx?from=2026-03-02&to=2026-03-02",
    "/ledger.xlsx?from=2026-03-02&to=2026-03-02",
    "/ledger.csv?from=2026-03-02&to=2026-03-02",
)
OF_SERVICES = tuple(path for path in SUPERVISORS_ONLY if path.startswith(("/statistics?", "/ledger.csv")))
"""What supervisors see of services, every line, says nothing of ratings."""


def day(hall, role, label, raw_key, text, tag, digit):
    """One service rated at the window, one by paper, one on the tablet with a reason, one by short message, and two
    that are entered; what is bad is worked on as far as the citizen's answer. Who serves may be a supervisor."""
    kiosk, evaluator = hall.device("kiosk"), hall.device("evaluator", "ev01", "01")
    clerk = hall.person("clerk-01", "supervisor" if role == "supervisor" else "clerk")
    assert clerk.do("/windows/01/sign-in")[0] == 200
    admin, gateway = hall.person("boss", "admin"), hall.device("sms_gateway", "gw")
    admin.do("/admin/sms", method="PUT", sms_on=True, sms_delay_minutes=0, sms_reply_hours=48)
    tablet, codes = hall.device("tablet", "tab01", "01"), []
    for _ in range(6):
        ticket = kiosk.take(request_id=f"request-000{len(codes)}")
        codes.append(ticket["id"])
        if len(codes) == 6:
            assert admin.do(f"/tickets/{ticket['id']}/sms", method="PUT", phone=PHONE)[0] == 200
        for action in ("call-next", "begin", "finish"):
            assert clerk.do(f"/windows/01/{action}")[0] == 200
        if len(codes) == 1:
            assert evaluator.do("/ratings", label=label, raw_key=raw_key)[1]["accepted"]
        elif len(codes) == 2:
            invitation = tablet.get("/tablet")[1]["invitation"]
            assert tablet.do("/ratings", label=label, invitation=invitation)[1]["accepted"]
            assert tablet.do("/ratings/reasons", invitation=invitation, tags=[tag])[0] == 200
        elif len(codes) == 3:
            said = {"label": f"very_{label}", "text": text}
            link = f"/t/{ticket['id']}/{ticket['paper_key']}/rate"
            sent = hall.app.test_client().post(link, data=said, headers={"Origin": "http://localhost"})
            assert sent.status_code == 303
    put_right(admin, text)
    hall.clock.forward(seconds=61)
    background.tick(hall.store)
    by_message(gateway, digit)
    supervisor, at = hall.person("su", "supervisor"), hall.clock.now.isoformat()
    for number, source, more in (("A004", "paper", {}), ("A005", "telephone", {"called_at": at})):
        said = {"day": "2026-03-02", "number": number, "label": label, "tags": [tag], "text": text, **more}
        assert supervisor.do("/ratings/entered", source=source, **said)[0] == 201
    assert hall.rows("SELECT count(*) FROM rating") == [(6,)]
    codes.append(kiosk.take(request_id="request-0007")["id"])  # somebody who waits now and gave the same number
    assert admin.do(f"/tickets/{codes[-1]}/sms", method="PUT", phone=PHONE)[0] == 200
    background.tick(hall.store)
    assert hall.rows("SELECT count(*) FROM upload") == [(6,)]
    watch(hall)
    return clerk, codes


def watch(hall):
    """Look for alarms, and again when those there are have settled."""
    hall.server.watch.look()
    hall.clock.forward(seconds=100)
    hall.server.watch.look()


def put_right(boss, text):
    """By somebody who did not serve; good days have nothing for them."""
    for one in boss.get("/rectifications")[1]["cases"]:
        for n, step in enumerate(("verify", "reach", "rectify", "feed_back", "dissatisfied")):
            said = {"text": text, **({"kind": "simple"} if step == "verify" else {})}
            path = f"/rectifications/{one['number']}/steps"
            assert boss.do(path, step=step, version=one["version"] + n, **said)[0] == 200


def by_message(gateway, digit):
    (message,) = gateway.do("/sms/take")[1]["messages"]
    assert gateway.do(f"/sms/{message['id']}/report", result="sent", taken=2)[0] == 200
    reply = {"sender": f"+86{PHONE}", "text": digit, "sent_at": None, "reference": None, "complete": True, "age_s": 0}
    assert gateway.do("/sms/received", **reply)[0] == 200


def services(person):
    told = {path: person.client.get(f"/api/v1{path}") for path in OF_SERVICES}
    assert {answer.status_code for answer in told.values()} == {200}
    assert all("A001" in answer.text or answer.is_json for answer in told.values())
    return {path: answer.text for path, answer in told.items()}


def reach(hall, person, codes, told=True):
    """Every answer of every address that this person may ask, with all pages and, if `told`, everything that was ever
    told to who listened."""
    seen = {}
    for n, code in enumerate(codes):
        words = {**WORDS, "ticket": code}
        for route in ROUTES:
            if isinstance(route, Query) and of_role(person.role) & route.who:
                path = re.sub(r"<(\w+)>", lambda word, words=words: words[word[1]], route.path)
                seen[path.replace(code, str(n))] = person.get(path)
        seen[f"/t/{n}"] = person.client.get(f"/t/{code}").text
    for name in SHELLS:
        seen[f"/{name}"] = person.client.get(f"/{name}").text
    seen["/me/account"] = person.get("/me/account")
    seen["/figures"] = person.client.get("/figures").text
    seen["/metrics"] = person.client.get("/metrics").text
    for path in SUPERVISORS_ONLY:
        assert person.role == "supervisor" or person.get(path)[0] == 403
    seen |= services(person) if person.role == "supervisor" else {}
    if told:
        seen["told"] = hall.rows("SELECT seq, kind, at, actor, why, data FROM news ORDER BY seq")
    return KEYS.sub("…", json.dumps(seen, ensure_ascii=False, default=str))


@pytest.mark.parametrize("role", ["clerk", "guide", "supervisor"])
def test_days_of_good_and_of_bad_ratings_look_the_same(tmp_path, role):
    found = []
    before = structlog.get_config()
    for n, said in enumerate(ALIKE):
        log = StringIO()
        structlog.configure(processors=LOG, logger_factory=structlog.PrintLoggerFactory(log))
        folder = tmp_path / str(n)
        folder.mkdir()
        hall = Hall(folder)
        hall.store.write(lambda tx: tx.conn.execute(update(HallRow).values(upload_code="QH01")))
        try:
            clerk, codes = day(hall, role, *said)
            person = hall.person("guide", "guide") if role == "guide" else clerk
            person.role = role
            found.append(reach(hall, person, codes))
        finally:
            hall.server.close()
            structlog.configure(**before)
        everything = found[-1] + KEYS.sub("…", STAMPS.sub("", log.getvalue()))
        assert not any(word in everything for word in (said[0], said[2], PHONE, PHONE[3:7]))
        # The desk sees a number, masked, of who waits; of who was served nobody does, nor anybody that there was one.
        assert everything.count("138****5678") == (role in ("guide", "supervisor"))
    assert found[0] == found[1]
    assert "rectifications" in found[0]


def one_service(hall, by):
    """Served, and rated at once by one of the ways or by none; its time is over. Then somebody takes the next number,
    so that what is told is as much on every such day. Everybody's code and who served."""
    kiosk, clerk = hall.device("kiosk"), hall.person("clerk-01")
    evaluator, tablet = hall.device("evaluator", "ev01", "01"), hall.device("tablet", "tab01", "01")
    assert clerk.do("/windows/01/sign-in")[0] == 200
    ticket = kiosk.take()
    for action in ("call-next", "begin", "finish"):
        assert clerk.do(f"/windows/01/{action}")[0] == 200
    hall.clock.forward(seconds=5)
    if by == "evaluator":
        assert evaluator.do("/ratings", label="dissatisfied")[1]["accepted"]
    elif by == "tablet":
        assert tablet.do("/ratings", label="dissatisfied", invitation=tablet.get("/tablet")[1]["invitation"])[1]
    elif by == "qr":
        said = {"label": "dissatisfied", "text": "等候太久"}
        link = f"/t/{ticket['id']}/{ticket['paper_key']}/rate"
        assert hall.app.test_client().post(link, data=said, headers={"Origin": "http://localhost"}).status_code == 303
    hall.clock.forward(seconds=56)
    background.tick(hall.store)
    assert hall.rows("SELECT count(*) FROM rating") == [(int(by != "nothing"),)]
    assert hall.rows("SELECT actor FROM news WHERE kind = 'invitation.closed'") == [("system:system",)]
    return clerk, [ticket["id"], kiosk.take()["id"]]


@pytest.mark.parametrize("role", ["clerk", "guide", "supervisor"])
def test_a_service_that_was_rated_looks_like_one_that_was_not(tmp_path, role):
    """Once its time is over; to supervisors by its story: how many rated they may know, and the cases of bad ones."""
    found = []
    for by in ("nothing", "evaluator", "tablet", "qr"):
        (tmp_path / by).mkdir()
        hall = Hall(tmp_path / by)
        try:
            clerk, codes = one_service(hall, by)
            person = clerk if role == "clerk" else hall.person("other", role)
            person.role = role
            if role == "supervisor":
                stories = [person.get(f"/tickets/{code}/story") for code in codes]
                found.append(KEYS.sub("…", json.dumps(stories, ensure_ascii=False)))
            else:
                found.append(reach(hall, person, codes, told=False))
        finally:
            hall.server.close()
    assert set(found) == {found[0]}
    assert role == "clerk" or "办结，01 号窗口" in found[0]


def test_alarms_of_a_bad_rating_and_the_replay_are_nothing_to_who_served(tmp_path):
    """Weeks later the case is overdue: others see its alarm, who served sees what there is of a good day."""
    found = []
    for n, said in enumerate(ALIKE):
        (tmp_path / str(n)).mkdir()
        hall = Hall(tmp_path / str(n))
        try:
            hall.store.write(lambda tx: tx.conn.execute(update(HallRow).values(upload_code="QH01")))
            day(hall, "supervisor", *said)
            told = hall.rows("SELECT count(*) FROM news")
            hall.clock.forward(days=30)
            watch(hall)
            assert hall.rows("SELECT count(*) FROM news") == told, "no alarm is told to the windows"
            seen = {}
            for name in ("clerk-01", "su"):
                person = hall.sign_in(name)
                for path in ("/monitor", "/alarms?from=2026-03-01&to=2026-04-30", "/replay?day=2026-03-02"):
                    seen[name, path] = KEYS.sub("…", json.dumps(person.get(path), ensure_ascii=False))
            found.append(seen)
        finally:
            hall.server.close()
    good, bad = found
    for (name, path), answer in good.items():
        shows_cases = name == "su" and path != "/replay?day=2026-03-02"
        assert (bad[name, path] != answer) == shows_cases, (name, path)
        assert ("rectification_overdue" in bad[name, path]) == shows_cases


def test_a_service_that_was_handed_over_tells_neither_who_gave_nor_who_took_it(tmp_path):
    """Both are clerks; what each of them reaches is the same, rated badly or not at all."""
    found = []
    for rated in (False, True):
        (tmp_path / str(rated)).mkdir()
        hall = Hall(tmp_path / str(rated))
        try:
            giver, taker = hall.person("giver"), hall.person("taker")
            evaluator, code = hall.device("evaluator", "ev01", "01"), hall.device("kiosk").take()["id"]
            assert giver.do("/windows/01/sign-in")[0] == 200
            for action in ("call-next", "begin"):
                assert giver.do(f"/windows/01/{action}")[0] == 200
            assert giver.do("/windows/01/hand-over", to="taker", note="待录入")[0] == 200
            assert taker.do("/windows/01/receive")[0] == 200 == taker.do("/windows/01/finish")[0]
            if rated:
                assert evaluator.do("/ratings", label="dissatisfied")[1]["accepted"]
            hall.clock.forward(seconds=61)
            background.tick(hall.store)
            for person in (giver, taker):
                person.role = "clerk"
            found.append([reach(hall, person, [code], told=False) for person in (giver, taker)])
        finally:
            hall.server.close()
    assert found[0] == found[1] and all("/me/handovers" in one for one in found[0])


def test_a_day_with_and_one_without_ratings_look_the_same_to_who_watches_the_figures(tmp_path):
    """/metrics asks nobody to sign in: what waits for the province is counted by past hours."""
    found = []
    for rated in (True, False):
        (tmp_path / str(rated)).mkdir()
        hall = Hall(tmp_path / str(rated))
        try:
            hall.store.write(lambda tx: tx.conn.execute(update(HallRow).values(upload_code="QH01")))
            if rated:
                day(hall, "clerk", *ALIKE[0])
            lines = hall.app.test_client().get("/metrics").text.splitlines()
            found.append([line for line in lines if "jiaohao_uploads" in line])
        finally:
            hall.server.close()
    assert found[0] == found[1] != []


def test_the_upload_is_for_admins_alone():
    """It names the tickets that were rated, though not how."""
    assert {route.who for route in ROUTES if route.path.startswith("/uploads")} == {ADMIN}


def test_the_crawl_reaches_what_clerks_and_guides_may_ask():
    """So that a route which is added is crawled, or this file learns its words."""
    paths = [route.path for route in ROUTES if isinstance(route, Query) and route.who & (CLERKS | DESK)]
    assert {word for path in paths for word in re.findall(r"<(\w+)>", path)} <= set(WORDS)
    assert len([path for path in paths if "/tickets/" in path]) >= 3
