"""Accounts through the front door: grants, passwords, sessions, second factors, tokens."""

import json
import threading

import pytest
from sqlalchemy import bindparam, literal, select

from server.contract.admin import UserSettings
from server.contract.problems import ProblemError
from server.domain import totp
from server.models import Account
from server.models import Hall as HallRow
from server.services import accounts, admin, audit
from tests.server.conftest import PASSWORD
from tests.server.test_news import Listener

ACTING = select(Account, literal(None).label("window_id")).where(Account.username == bindparam("username"))
NEW = "a new one of my own"
DAY = {"from_day": "2026-03-02", "to_day": "2026-03-06"}


def session(hall, username="clerk", password=PASSWORD, **more):
    """A sign-in as a browser sends it; the answer."""
    client = hall.app.test_client()
    where = {"REMOTE_ADDR": more.pop("address", "127.0.0.1")}
    sent = client.post(
        "/api/v1/session", json={"username": username, "password": password, **more}, environ_overrides=where
    )
    return sent, client


def signed_in(hall, like, *said, **more):
    sent, client = session(hall, *said, **more)
    assert sent.status_code == 200, sent.text
    return type(like)(client, {"X-CSRF-Token": sent.json["csrf"]})


def mine(caller, path, **body):
    sent = caller.client.post(f"/api/v1/me{path}", json=body, headers=caller.headers)
    return sent.status_code, sent.json


def chain(hall):
    return [(kind, json.loads(body)) for kind, body in hall.rows("SELECT kind, body FROM audit_entry ORDER BY n")]


def findings(hall):
    with hall.store.read() as conn:
        return list(audit.verify(conn, hall.store.key, 1))


@pytest.fixture
def boss(hall):
    return hall.person("boss", "admin")


@pytest.fixture
def clerk(hall):
    return hall.person("clerk")


# Grants -------------------------------------------------------------------------------------------------------------


def give(giver, username="clerk", permission="desk", reason="首席代表", **days):
    return giver.do("/grants", username=username, permission=permission, reason=reason, **{**DAY, **days})


def test_a_grant_opens_its_pages_from_day_to_day_and_ends_by_itself(hall, boss, clerk):
    assert clerk.get("/desk")[0] == 403
    status, told = give(boss, from_day="2026-03-03", to_day="2026-03-03")
    assert (status, told["grants"][0]["state"]) == (201, "future")
    assert clerk.get("/desk")[0] == 403
    hall.clock.forward(days=1)
    clerk = hall.sign_in("clerk")
    assert clerk.get("/desk")[0] == 200
    me = clerk.get("/session")[1]
    assert me["may"] == ["desk", "serve"] and me["grants"] == [{"permission": "desk", "to_day": "2026-03-03"}]
    hall.restart()
    clerk = hall.sign_in("clerk")
    assert clerk.get("/desk")[0] == 200
    hall.clock.forward(hours=15)  # past midnight in the hall
    clerk = hall.sign_in("clerk")
    assert clerk.get("/desk")[0] == 403 and clerk.get("/session")[1]["may"] == ["serve"]
    assert hall.sign_in("boss").get("/grants")[1]["grants"][0]["state"] == "over"


def test_what_is_done_under_a_grant_says_so_and_what_the_role_allows_does_not(hall, boss, clerk):
    give(boss)
    ticket = clerk.take(lane="priority", lane_reason="elderly")
    assert clerk.do("/windows/01/sign-in")[0] == 200
    whys = hall.rows("SELECT kind, why FROM news WHERE actor = 'clerk:clerk' ORDER BY seq")
    assert [why.endswith("[grant 1 desk]") for _, why in whys] == [True, False]
    (event,) = boss.get(f"/tickets/{ticket['id']}/story")[1]["events"]
    assert "授权 1：导办台与预约" in event["who"] and "grant 1" in event["who_en"]
    assert (event["why"], event["why_en"]) == ("elderly", "elderly")


def test_grants_are_sealed_and_a_changed_one_is_found(hall, boss, clerk):
    give(boss)
    assert boss.do("/grants/1/revoke", reason="回岗")[1]["grants"][0]["state"] == "revoked"
    assert [(kind, body["revoked_why"]) for kind, body in chain(hall)] == [
        ("grant.given", ""),
        ("grant.revoked", "回岗"),
    ]
    assert findings(hall) == []
    hall.store.write(lambda tx: tx.conn.exec_driver_sql("UPDATE power_grant SET revoked_at = NULL"))
    assert ["授权 1" in finding.zh for finding in findings(hall)] == [True]


def test_revoked_it_ends_at_once_and_once(hall, boss, clerk):
    give(boss, to_day=None)
    assert clerk.get("/desk")[0] == 200
    assert boss.do("/grants/1/revoke", reason="回岗")[0] == 200
    assert clerk.get("/desk")[0] == 403
    assert boss.do("/grants/1/revoke", reason="回岗")[1]["code"] == "grant_over"
    for nobodys in ("2", "0", "x", "9" * 30, "²"):
        assert boss.do(f"/grants/{nobodys}/revoke", reason="回岗")[1]["code"] == "grant_not_found"


@pytest.mark.parametrize("permission", ["supervise", "administer", *accounts.DEVICE_KINDS])
@pytest.mark.parametrize("role", ["clerk", "guide"])
def test_no_grant_breaks_the_rules_of_ratings(hall, boss, role, permission):
    caller = hall.person("who", role)
    status, problem = give(boss, "who", permission)
    assert (status, problem["field"]) == (422, "permission")
    paths = {"supervise": "/reports/rating-patterns", "administer": "/admin"}
    assert caller.get(paths.get(permission, "/tablet"))[0] == 403
    assert hall.rows("SELECT count(*) FROM power_grant") == [(0,)]


def test_a_grant_written_into_the_database_past_the_rules_opens_nothing(hall, clerk):
    hall.store.write(
        lambda tx: tx.conn.exec_driver_sql(
            "INSERT INTO power_grant (hall_id, account_id, permission, from_day, reason, given_at, revoked_why)"
            " SELECT 1, id, 'supervise', '2026-03-01', 'x', 0, '' FROM account WHERE username = 'clerk'"
        )
    )
    assert clerk.get("/reports/rating-patterns")[0] == 403
    assert ["没有审计记录" in finding.zh for finding in findings(hall)] == [True]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"username": "nobody"}, "username"),
        ({"username": "boss"}, "username"),
        ({"permission": "robot"}, "permission"),
        ({"permission": "serve"}, "permission"),  # held by the role
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 101}, "reason"),
        ({"from_day": "2026-03-01"}, "from_day"),
        ({"to_day": "2026-03-01"}, "to_day"),
        ({"from_day": "soon"}, "from_day"),
    ],
)
def test_a_wrong_grant_is_refused_at_its_field(hall, boss, clerk, said, field):
    status, problem = give(boss, **said)
    assert (status, problem["field"]) == (422, field)


def test_a_supervisor_lends_own_powers_with_an_end_and_sees_own_grants_alone(hall, boss, clerk):
    supervisor, guide = hall.person("super", "supervisor"), hall.person("guide", "guide")
    assert give(supervisor, to_day=None)[1]["field"] == "to_day"
    assert give(supervisor, "boss", "administer")[1]["field"] == "permission"
    assert give(supervisor)[0] == 201
    assert give(boss)[0] == 201
    assert [grant["id"] for grant in supervisor.get("/grants")[1]["grants"]] == [1]
    assert [grant["id"] for grant in boss.get("/grants")[1]["grants"]] == [2, 1]
    assert supervisor.do("/grants/2/revoke", reason="回岗")[1]["code"] == "grant_not_found"
    assert give(guide)[0] == give(clerk, "guide")[0] == 403
    colleagues = {one["username"]: one["may_get"] for one in supervisor.get("/grants")[1]["colleagues"]}
    assert colleagues == {"clerk": ["desk"]}


def test_a_power_that_was_lent_ends_with_the_lenders_own(hall, boss, clerk):
    supervisor = hall.person("super", "supervisor")
    give(supervisor), give(boss, to_day=None)
    assert boss.do("/admin/people/super/role", method="PUT", role="guide")[0] == 200
    assert [grant["state"] for grant in boss.get("/grants")[1]["grants"]] == ["on", "revoked"]
    boss.do("/admin/users/clerk", method="PUT", active=False)
    assert [grant["state"] for grant in boss.get("/grants")[1]["grants"]] == ["revoked", "revoked"]


def test_who_administers_by_grant_changes_settings_but_nobodys_power(hall, boss, clerk):
    supervisor = hall.person("super", "supervisor")
    assert give(boss, "super", "administer")[0] == 201
    assert supervisor.get("/admin")[0] == supervisor.get("/admin/people")[0] == 200
    assert supervisor.do("/admin/screens/ticker", method="PUT", ticker="今天人多")[0] == 200
    (why,) = hall.rows("SELECT why FROM news WHERE actor = 'supervisor:super' ORDER BY seq DESC LIMIT 1")
    assert why == ("ticker\n[grant 1 administer]",)
    for path, said in (
        ("/admin/people/clerk/role", {"role": "admin"}),
        ("/admin/people/rule", {"totp_admins": False}),
        ("/admin/users/boss", {"active": False}),
    ):
        assert supervisor.do(path, method="PUT", **said)[1]["code"] == "forbidden", path
    for path, said in (
        ("/admin/people", {"username": "x", "role": "admin"}),
        ("/admin/users", {"username": "x", "role": "admin", "password": PASSWORD}),
        ("/admin/people/boss/password", {}),
        ("/admin/people/boss/totp/remove", {}),
        ("/admin/people/boss/sessions/end", {}),
    ):
        assert supervisor.do(path, **said)[1]["code"] == "forbidden", path


def test_two_admins_who_switch_each_other_off_at_once_leave_one(hall, boss):
    """Both were let in before either was off."""
    hall.person("other", "admin")

    def off(by, who):
        with hall.store.read() as conn:
            actor = accounts.person(conn.execute(ACTING, {"username": by}).one())
        return lambda tx: admin.change_user(tx, actor, UserSettings("r1", False), who)

    first, second = off("boss", "other"), off("other", "boss")
    hall.store.write(first)
    with pytest.raises(ProblemError) as refused:
        hall.store.write(second)
    assert refused.value.problem.code == "last_admin"
    assert hall.rows("SELECT username FROM account WHERE active") == [("boss",)]


def test_settings_changed_under_a_grant_are_sealed_with_it(hall, boss):
    supervisor = hall.person("super", "supervisor")
    give(boss, "super", "administer")
    supervisor.do("/admin/screens/ticker", method="PUT", ticker="今天人多")
    kept = supervisor.get("/operations")[1]["settings"]
    status, answer = supervisor.do("/operations", method="PUT", **{**kept, "warn_days": 9, "request_id": "9" * 16})
    assert status == 200, answer
    sealed = [body for kind, body in chain(hall) if kind in ("settings", "operations.changed")]
    assert [(body["by"], body["grant"]) for body in sealed] == [("supervisor:super", 1)] * 2


# Passwords ----------------------------------------------------------------------------------------------------------


def test_a_weak_password_is_refused_with_its_reason_wherever_one_is_set(hall, boss, clerk):
    status, problem = mine(clerk, "/password", old=PASSWORD, password="woaini1314520")
    assert (status, problem["code"], problem["field"]) == (422, "weak_password", "password")
    assert "常见" in problem["detail"] and "commonest" in problem["detail_en"]
    name = hall.rows("SELECT name FROM hall")[0][0]
    assert mine(clerk, "/password", old=PASSWORD, password=f"{name}2026")[1]["code"] == "weak_password"
    said = {"username": "wangli", "role": "clerk", "password": "wangli123456"}
    assert boss.do("/admin/users", **said)[1]["code"] == "weak_password"
    assert hall.rows("SELECT count(*) FROM account") == [(2,)]


def test_ones_own_password_is_changed_with_the_old_one_and_ends_the_other_sessions(hall, clerk):
    other = hall.sign_in("clerk")
    assert mine(clerk, "/password", old="wrong", password=NEW)[1]["code"] == "bad_password"
    assert mine(clerk, "/password", old=PASSWORD, password=PASSWORD)[1]["field"] == "password"
    assert other.get("/session")[0] == 200
    assert mine(clerk, "/password", old=PASSWORD, password=NEW)[0] == 200
    assert (clerk.get("/session")[0], other.get("/session")[0]) == (200, 401)
    assert session(hall)[0].json["code"] == "bad_credentials"
    assert session(hall, password=NEW)[0].status_code == 200
    assert chain(hall) == [("account.own_password", {"account": "clerk", "by": "clerk:clerk"})]


def test_guessing_the_old_password_locks_as_guessing_at_sign_in_does(hall, clerk):
    for _ in range(5):
        assert mine(clerk, "/password", old="a wrong guess", password=NEW)[1]["code"] == "bad_password"
    assert mine(clerk, "/password", old=PASSWORD, password=NEW)[1]["code"] == "locked_out"
    assert session(hall)[0].json["code"] == "locked_out"


def test_ones_own_account_needs_a_session_and_its_token(hall, clerk):
    stranger = type(clerk)(hall.app.test_client(), {})
    assert mine(stranger, "/password", old=PASSWORD, password=NEW)[1]["code"] == "sign_in_required"
    assert stranger.get("/me/account")[0] == 401
    clerk.headers["X-CSRF-Token"] = "wrong"
    for path, said in (
        ("/password", {"old": PASSWORD, "password": NEW}), ("/sessions/end", {}), ("/totp/offer", {"old": PASSWORD}),
        ("/totp", {"old": PASSWORD, "secret": "", "code": ""}), ("/totp/remove", {"old": PASSWORD}),
    ):  # fmt: skip
        assert mine(clerk, path, **said)[1]["code"] == "bad_csrf", path


def test_a_start_password_opens_nothing_but_its_own_change(hall, boss, clerk):
    started = boss.do("/admin/people/clerk/password")[1]
    assert clerk.get("/session")[0] == 401
    assert session(hall)[0].json["code"] == "bad_credentials"
    clerk = signed_in(hall, boss, "clerk", started["password"])
    assert clerk.get("/session")[1]["must"] == "password_change_required"
    for status, problem in (
        clerk.get("/board"), clerk.get("/me/day"), clerk.do("/windows/01/sign-in"),
        mine(clerk, "/totp/offer", old=started["password"]),
    ):  # fmt: skip
        assert (status, problem["code"]) == (403, "password_change_required")
    assert mine(clerk, "/password", old=started["password"], password=NEW)[0] == 200
    assert clerk.get("/session")[1]["must"] == "" and clerk.do("/windows/01/sign-in")[0] == 200
    assert session(hall, password=started["password"])[0].json["code"] == "bad_credentials"
    everything = str(hall.rows("SELECT * FROM news") + hall.rows("SELECT * FROM audit_entry"))
    everything += str(hall.rows("SELECT * FROM client_request") + hall.rows("SELECT * FROM account"))
    assert started["password"] not in everything
    assert ("account.password", {"account": "clerk", "by": "admin:boss"}) in chain(hall)


def test_a_new_person_begins_with_a_start_password(hall, boss):
    status, started = boss.do("/admin/people", username="wang", name="王丽", role="guide", staff_no="SB9")
    assert (status, started["username"]) == (201, "wang")
    assert session(hall, "wang", started["password"])[0].json["must"] == "password_change_required"
    (wang,) = (one for one in boss.get("/admin/people")[1]["people"] if one["username"] == "wang")
    assert (wang["name"], wang["role"], wang["must_change"], len(wang["sessions"])) == ("王丽", "guide", True, 1)
    for said, field in (({"username": " ", "role": "clerk"}, "username"), ({"username": "y", "role": "x"}, "role")):
        assert boss.do("/admin/people", **said)[1]["field"] == field
    assert boss.do("/admin/people", username="wang", role="clerk")[1]["code"] == "name_taken"


def test_a_reset_takes_the_lock_off(hall, boss, clerk):
    for _ in range(5):
        session(hall, password="wrong password")
    assert boss.get("/admin/people")[1]["people"][1]["locked"]
    started = boss.do("/admin/people/clerk/password")[1]
    assert session(hall, password=started["password"])[0].status_code == 200


def test_one_address_that_guesses_is_shut_out_before_it_locks_everybody(hall):
    for n in range(8):
        hall.person(f"c{n}")
    codes = [session(hall, f"c{n % 8}", "wrong password", address="10.0.0.9")[0].json["code"] for n in range(30)]
    assert set(codes[:20]) == {"bad_credentials"} and set(codes[20:]) == {"too_many_sign_ins"}
    refused, _ = session(hall, "c0", address="10.0.0.9")
    assert (refused.status_code, refused.json["code"]) == (429, "too_many_sign_ins")
    assert session(hall, "c0", address="10.0.0.8")[0].status_code == 200
    hall.clock.forward(minutes=11)
    assert session(hall, "c0", address="10.0.0.9")[0].status_code == 200


def test_signing_in_right_is_never_limited(hall, clerk):
    assert {session(hall)[0].status_code for _ in range(25)} == {200}


# Sessions -----------------------------------------------------------------------------------------------------------


def test_a_session_ends_at_night_however_busy(hall, clerk):
    for _ in range(15):
        hall.clock.forward(hours=1)
        assert clerk.get("/session")[0] == 200
    hall.clock.forward(hours=1)
    assert clerk.get("/session")[0] == 401
    hall.sign_in("clerk")
    assert hall.rows("SELECT count(*) FROM web_session") == [(1,)]


def test_the_eleventh_session_ends_the_one_unused_longest(hall, clerk):
    others = [hall.sign_in("clerk") for _ in range(9)]
    hall.clock.forward(minutes=6)
    assert all(one.get("/session")[0] == 200 for one in (clerk, *others[1:]))
    hall.sign_in("clerk")
    assert [one.get("/session")[0] for one in (clerk, *others)] == [200, 401] + [200] * 8


def test_i_see_my_sessions_and_sign_out_everywhere_else(hall, clerk):
    other = hall.sign_in("clerk")
    seen = clerk.get("/me/account")[1]["sessions"]
    assert sorted(one["here"] for one in seen) == [False, True] and seen[0]["address"] == "127.0.0.1"
    assert mine(clerk, "/sessions/end") == (200, {"ended": 1})
    assert (clerk.get("/session")[0], other.get("/session")[0]) == (200, 401)


def test_an_admin_sees_and_ends_sessions(hall, boss, clerk):
    other = hall.sign_in("clerk")
    people = boss.get("/admin/people")[1]["people"]
    first, second = (one["id"] for one in people[1]["sessions"])
    assert boss.do(f"/admin/people/clerk/sessions/{first}/end")[0] == 200
    assert sorted((clerk.get("/session")[0], other.get("/session")[0])) == [200, 401]
    assert boss.do(f"/admin/people/clerk/sessions/{first}/end")[1]["code"] == "session_not_found"
    assert boss.do("/admin/people/clerk/sessions/end")[1]["people"][1]["sessions"] == []
    assert {clerk.get("/session")[0], other.get("/session")[0]} == {401} and second
    assert boss.do("/admin/people/nobody/sessions/end")[1]["code"] == "user_not_found"
    assert boss.do("/admin/people/boss/sessions/end")[1]["code"] == "forbidden"


def test_another_role_begins_with_another_session(hall, boss, clerk):
    assert boss.do("/admin/people/clerk/role", method="PUT", role="supervisor")[0] == 200
    assert clerk.get("/session")[0] == 401
    assert hall.sign_in("clerk").get("/reports/rating-patterns")[0] == 200
    kind, body = chain(hall)[-1]
    assert (kind, body["account"], body["by"]) == ("account.role", "clerk", "admin:boss")
    assert (body["before"], body["role"]) == ("clerk", "supervisor")
    assert boss.do("/admin/people/clerk/role", method="PUT", role="robot")[1]["field"] == "role"
    assert boss.do("/admin/people/boss/role", method="PUT", role="clerk")[1]["code"] == "forbidden"


@pytest.mark.parametrize("ending", ["password", "role", "off", "sessions", "own", "out", "time"])
def test_the_sockets_of_a_session_end_with_it(hall, url, boss, clerk, ending):
    gone = threading.Event()
    cookie = clerk.client.get_cookie("jiaohao_session").value
    listener = Listener(url, headers={"Cookie": f"jiaohao_session={cookie}"})
    staying = Listener(url, auth={"token": hall.token("display", "wall")})
    listener.client.on("disconnect", lambda *_: gone.set(), namespace="/news")
    try:
        if ending == "own":
            assert mine(hall.sign_in("clerk"), "/sessions/end")[0] == 200
        elif ending == "out":
            assert clerk.client.delete("/api/v1/session", headers=clerk.headers).status_code == 200
        elif ending == "time":
            hall.clock.forward(hours=13)
            hall.server.relay.heartbeat(hall.store)
        else:
            assert {
                "password": lambda: boss.do("/admin/people/clerk/password"),
                "role": lambda: boss.do("/admin/people/clerk/role", method="PUT", role="guide"),
                "off": lambda: boss.do("/admin/users/clerk", method="PUT", active=False),
                "sessions": lambda: boss.do("/admin/people/clerk/sessions/end"),
            }[ending]()[0] == 200
        assert gone.wait(10)
        hall.server.relay.heartbeat(hall.store)
        staying.wait(lambda: staying.beats)
    finally:
        listener.client.disconnect()
        staying.client.disconnect()


@pytest.mark.parametrize(
    ("address", "scheme", "secure"),
    [
        ("127.0.0.1", "https", True),
        ("127.0.0.1", "http", False),
        ("10.0.0.9", "https", False),
        ("127.0.0.1", "", False),
    ],
)
def test_the_cookie_is_no_scripts_and_secure_behind_the_proxy_of_this_machine(hall, clerk, address, scheme, secure):
    form = {"username": "clerk", "password": PASSWORD}
    sent = hall.app.test_client().post(
        "/api/v1/session",
        json=form,
        headers={"X-Forwarded-Proto": scheme},
        environ_overrides={"REMOTE_ADDR": address},
    )
    said = {part.strip() for part in sent.headers["Set-Cookie"].split(";")[1:]}
    assert said == {"HttpOnly", "Path=/", "SameSite=Strict", *(["Secure"] if secure else [])}


# The second factor --------------------------------------------------------------------------------------------------


def switch_on(hall, caller, password=PASSWORD):
    """As the page does it; the secret and the recovery codes."""
    offered = mine(caller, "/totp/offer", old=password)[1]
    secret = totp.from_base32(offered["secret"])
    status, told = mine(caller, "/totp", old=password, secret=offered["secret"], code=code(hall, secret))
    assert status == 200, told
    hall.clock.forward(seconds=30)
    return secret, told["recovery_codes"]


def code(hall, secret, steps=0):
    return totp.code_at(secret, totp.step_of(hall.clock()) + steps)


def test_a_second_factor_is_asked_for_and_each_code_is_good_once(hall, clerk):
    secret, _ = switch_on(hall, clerk)
    assert clerk.get("/session")[0] == 200 and clerk.get("/me/account")[1]["totp"]
    asked, _ = session(hall)
    assert (asked.status_code, asked.json["code"]) == (401, "code_required")
    assert session(hall, password="wrong password", code=code(hall, secret))[0].json["code"] == "bad_credentials"
    used = code(hall, secret)
    assert session(hall, code=f"{used[:3]} {used[3:]}")[0].status_code == 200
    assert session(hall, code=used)[0].json["code"] == "bad_code"
    assert session(hall, code=code(hall, secret, 2))[0].json["code"] == "bad_code"
    assert session(hall, code=code(hall, secret, 1))[0].status_code == 200


def test_wrong_codes_lock_the_account(hall, clerk):
    secret, _ = switch_on(hall, clerk)
    for _ in range(5):
        assert session(hall, code="000000")[0].json["code"] == "bad_code"
    assert session(hall, code=code(hall, secret))[0].json["code"] == "locked_out"


def test_the_same_code_from_two_at_once_lets_one_in(hall, clerk):
    secret, _ = switch_on(hall, clerk)
    said, found, ready = code(hall, secret), [], threading.Barrier(4)

    def enter():
        ready.wait()
        found.append(session(hall, code=said)[0].status_code)

    threads = [threading.Thread(target=enter) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [200, 401, 401, 401]


def test_ten_recovery_codes_each_open_once(hall, clerk):
    _, codes = switch_on(hall, clerk)
    assert len({*codes}) == 10
    for n, one in enumerate(codes[:2]):
        assert session(hall, code=one.lower().replace("-", " "))[0].status_code == 200
        assert session(hall, code=one)[0].json["code"] == "bad_code"
        assert clerk.get("/me/account")[1]["recovery_codes"] == 9 - n


def test_neither_secret_nor_codes_stand_anywhere(hall, clerk):
    secret, codes = switch_on(hall, clerk)
    everything = " ".join(
        str(row) for (name,) in hall.rows("SELECT name FROM sqlite_master WHERE type='table'")
        for row in hall.rows(f'SELECT * FROM "{name}"')
    )  # fmt: skip
    assert totp.base32(secret) not in everything and secret.hex() not in everything
    assert not any(one in everything or one.replace("-", "") in everything for one in codes)
    assert "secret" not in clerk.get("/me/account")[1] and "secret" not in str(clerk.get("/session"))


def test_it_is_switched_on_with_a_code_of_the_secret_and_the_password(hall, clerk):
    assert mine(clerk, "/totp/offer", old="wrong password")[1]["code"] == "bad_password"
    offered = mine(clerk, "/totp/offer", old=PASSWORD)[1]
    assert offered["qr"]["path"].startswith("M") and offered["link"].startswith("otpauth://totp/")
    said = {"old": PASSWORD, "secret": offered["secret"], "code": "12"}
    assert mine(clerk, "/totp", **said)[1]["code"] == "bad_code"
    assert mine(clerk, "/totp", **{**said, "secret": "AAAA"})[1]["field"] == "secret"
    assert session(hall)[0].status_code == 200


def test_it_is_switched_off_by_oneself_and_by_an_admin_who_is_told_of(hall, boss, clerk):
    switch_on(hall, clerk)
    assert mine(clerk, "/totp/remove", old="wrong password")[1]["code"] == "bad_password"
    assert mine(clerk, "/totp/remove", old=PASSWORD)[0] == 200
    assert session(hall)[0].status_code == 200
    switch_on(hall, clerk)
    assert boss.do("/admin/people/clerk/totp/remove")[0] == 200
    assert clerk.get("/session")[0] == 401 and session(hall)[0].status_code == 200
    assert ("account.totp_off", {"account": "clerk", "by": "admin:boss"}) in chain(hall)
    assert hall.rows("SELECT count(*) FROM recovery_code") == [(0,)]


def test_a_hall_may_want_one_of_its_admins(hall, boss):
    supervisor = hall.person("super", "supervisor")
    assert boss.do("/admin/people/rule", method="PUT", totp_admins=True)[1]["code"] == "totp_required"
    other = hall.person("other", "admin")
    switch_on(hall, boss)
    assert boss.do("/admin/people/rule", method="PUT", totp_admins=True)[0] == 200
    assert boss.get("/admin")[0] == supervisor.get("/board")[0] == 200
    assert other.get("/admin")[1]["code"] == other.get("/board")[1]["code"] == "totp_required"
    assert other.get("/session")[1]["must"] == "totp_required"
    assert mine(boss, "/totp/remove", old=PASSWORD)[1]["code"] == "totp_required"
    assert give(boss, "super", "administer")[0] == 201
    assert supervisor.get("/admin")[1]["code"] == "totp_required"
    switch_on(hall, supervisor), switch_on(hall, other)
    assert supervisor.get("/admin")[0] == other.get("/admin")[0] == 200


# Tokens -------------------------------------------------------------------------------------------------------------


def bearer(hall, like, token):
    return type(like)(hall.app.test_client(), {"Authorization": f"Bearer {token}"})


def test_a_token_is_changed_without_a_gap(hall, boss):
    old = hall.device("kiosk", "k1")
    status, rotated = boss.do("/admin/devices/k1/rotate")
    assert status == 200 and rotated["old_until"] == "2026-03-02T10:00:00+08:00"
    hall.clock.forward(minutes=59)
    assert old.get("/board")[0] == 200
    new = bearer(hall, old, rotated["token"])
    assert new.get("/board")[0] == 200
    assert old.get("/board")[1]["code"] == "sign_in_required"
    assert hall.rows("SELECT old_hash FROM device_token") == [(None,)]
    assert [kind for kind, _ in chain(hall)] == ["device.rotated"]


def test_the_old_token_ends_in_an_hour_though_nobody_came_with_the_new_one(hall, boss):
    old = hall.device("kiosk", "k1")
    rotated = boss.do("/admin/devices/k1/rotate")[1]
    hall.clock.forward(minutes=61)
    assert old.get("/board")[0] == 401
    assert bearer(hall, old, rotated["token"]).get("/board")[0] == 200


def test_changed_twice_the_one_in_use_is_still_good_and_the_one_between_is_not(hall, boss):
    old = hall.device("kiosk", "k1")
    first, second = (boss.do("/admin/devices/k1/rotate")[1]["token"] for _ in range(2))
    assert old.get("/board")[0] == 200
    assert bearer(hall, old, first).get("/board")[0] == 401
    assert bearer(hall, old, second).get("/board")[0] == 200
    assert old.get("/board")[0] == 401


def test_a_revoked_device_has_no_old_token_either(hall, boss):
    old = hall.device("kiosk", "k1")
    boss.do("/admin/devices/k1/rotate")
    assert boss.do("/admin/devices/k1/revoke")[0] == 200
    assert old.get("/board")[0] == 401
    assert boss.do("/admin/devices/k1/rotate")[1]["code"] == "device_not_found"
    assert boss.do("/admin/devices/nobody/rotate")[1]["code"] == "device_not_found"


def test_a_tablet_keeps_its_token_until_the_new_code_is_typed(hall, boss):
    tablet = hall.device("tablet", "tab", "01")
    pairing = boss.do("/admin/devices/tab/rotate")[1]["token"]
    assert len(pairing) == accounts.PAIR_SIGNS and tablet.get("/tablet")[0] == 200
    client = hall.app.test_client()
    sent = client.post("/tablet", data={"code": pairing}, headers={"Origin": "http://localhost"})
    assert sent.status_code == 303
    assert tablet.get("/tablet")[0] == 401
    assert type(tablet)(client, {"Authorization": "Tablet"}).get("/tablet")[0] == 200


def test_when_and_where_a_token_was_last_used(hall, boss):
    kiosk = hall.device("kiosk", "k1")
    assert boss.get("/admin/people")[1] and hall.rows("SELECT seen_from FROM device_token") == [("",)]
    kiosk.get("/board")
    hall.clock.forward(minutes=3)
    kiosk.get("/board")
    device = boss.get("/admin")[1]["devices"][0]
    assert (device["used_at"], device["used_from"]) == ("2026-03-02T09:00:00+08:00", "127.0.0.1")
    hall.clock.forward(minutes=3)
    kiosk.get("/board")
    assert boss.get("/admin")[1]["devices"][0]["used_at"] == "2026-03-02T09:06:00+08:00"


@pytest.mark.parametrize("how", ["issued again", "rotated"])
def test_the_sockets_of_a_token_that_is_no_more_are_closed(hall, url, boss, how):
    gone = threading.Event()
    listener = Listener(url, auth={"token": hall.token("display", "wall")})
    listener.client.on("disconnect", lambda *_: gone.set(), namespace="/news")
    fresh = None
    try:
        if how == "issued again":
            token = boss.do("/admin/devices", name="wall", kind="display")[1]["token"]
        else:
            token = boss.do("/admin/devices/wall/rotate")[1]["token"]
            hall.server.relay.heartbeat(hall.store)
            listener.wait(lambda: listener.beats)  # the old one still listens
        fresh = Listener(url, auth={"token": token})
        hall.server.relay.heartbeat(hall.store)
        assert gone.wait(10)
        fresh.wait(lambda: fresh.beats)
    finally:
        listener.client.disconnect()
        if fresh:
            fresh.client.disconnect()


def test_no_hall_takes_over_a_device_of_another(hall, boss):
    def elsewhere(tx):
        other = tx.add(HallRow, code="B", name="another hall")
        return accounts.new_device_token(tx, other, "k1", "kiosk")

    token = hall.store.write(elsewhere)
    assert boss.do("/admin/devices", name="k1", kind="kiosk")[1]["code"] == "name_taken"
    assert bearer(hall, boss, token).get("/board")[0] == 200
