"""Who may do what: every route of the table against every role, tokens, sessions, lockout."""

import re

import pytest

from server.domain.permissions import PERMISSIONS, of_role
from server.web.api import ANY, ROUTES, SMS_GATEWAY, Query

PASSWORD = "correct horse battery"


def test_every_route_refuses_every_role_not_named_for_it(hall):
    callers = {
        "kiosk": hall.device("kiosk"), "display": hall.device("display"),
        "evaluator": hall.device("evaluator", "ev", "01"), "call_pad": hall.device("call_pad", "pad", "01"),
        "sms_gateway": hall.device("sms_gateway", "gw"),
        "tablet": hall.device("tablet", "tab", "01"),
        **{role: hall.person(role, role) for role in ("clerk", "guide", "supervisor", "admin")},
    }  # fmt: skip
    assert {permission for role in callers for permission in of_role(role)} == ANY | SMS_GATEWAY | {*PERMISSIONS}
    for route in ROUTES:
        path = re.sub(r"<\w+>", "01", route.path)
        for role in (role for role in callers if not of_role(role) & route.who):
            caller = callers[role]
            status, problem = caller.get(path) if isinstance(route, Query) else caller.do(path, method=route.method)
            assert (status, problem["code"]) == (403, "forbidden"), f"{role} {route.method} {path}"


def test_every_route_refuses_strangers(hall):
    stranger = type(hall.device("kiosk"))(hall.app.test_client(), {})
    for route in ROUTES:
        path = re.sub(r"<\w+>", "01", route.path)
        status, problem = stranger.get(path) if isinstance(route, Query) else stranger.do(path, method=route.method)
        assert (status, problem["code"]) == (401, "sign_in_required"), path


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer ", "Basic abc", "Bearer ünïcode", "x" * 5000])
def test_a_wrong_token_is_refused(hall, header):
    caller = type(hall.device("kiosk"))(hall.app.test_client(), {"Authorization": header})
    assert caller.do("/tickets", queue="A")[1]["code"] == "sign_in_required"


def test_a_revoked_token_stops_working_and_a_new_one_starts(hall):
    kiosk, admin = hall.device("kiosk", "k1"), hall.person("boss", "admin")
    kiosk.take()
    assert admin.do("/admin/devices/k1/revoke")[0] == 200
    assert kiosk.do("/tickets", queue="A")[1]["code"] == "sign_in_required"
    fresh = admin.do("/admin/devices", name="k1", kind="kiosk")[1]["token"]
    again = type(kiosk)(kiosk.client, {"Authorization": f"Bearer {fresh}"})
    assert again.take()["number"] == "A002"


def test_secrets_are_not_in_the_database(hall):
    token = hall.token("kiosk", "k1")
    hall.person("clerk")
    everything = " ".join(
        str(row) for (name,) in hall.rows("SELECT name FROM sqlite_master WHERE type='table'")
        for row in hall.rows(f'SELECT * FROM "{name}"')
    )  # fmt: skip
    assert token not in everything and PASSWORD not in everything and "argon2id" in everything


def test_a_persons_write_needs_the_csrf_token(hall):
    clerk = hall.person("clerk")
    clerk.headers["X-CSRF-Token"] = "wrong"
    assert clerk.do("/windows/01/sign-in")[1]["code"] == "bad_csrf"
    clerk.headers.clear()
    assert clerk.do("/windows/01/sign-in")[1]["code"] == "bad_csrf"


def test_five_wrong_passwords_lock_the_account_for_a_while(hall):
    hall.person("clerk")
    client = hall.app.test_client()

    def attempt(password):
        return client.post("/api/v1/session", json={"username": "clerk", "password": password}).json

    for _ in range(5):
        assert attempt("wrong password")["code"] == "bad_credentials"
    assert attempt(PASSWORD)["code"] == "locked_out"
    hall.clock.forward(minutes=11)
    assert attempt(PASSWORD)["username"] == "clerk"


def test_an_unknown_user_and_a_wrong_password_get_the_same_answer(hall):
    hall.person("clerk")
    client = hall.app.test_client()
    answers = [
        client.post("/api/v1/session", json={"username": name, "password": "wrong password"}).json
        for name in ("clerk", "nobody")
    ]
    assert answers[0] == answers[1]


def test_sign_out_ends_the_session(hall):
    clerk = hall.person("clerk")
    assert clerk.get("/session")[1]["username"] == "clerk"
    assert clerk.client.delete("/api/v1/session", headers=clerk.headers).status_code == 200
    assert clerk.get("/session")[0] == 401


def test_an_account_switched_off_is_out_at_once(hall):
    clerk, admin = hall.person("clerk"), hall.person("boss", "admin")
    assert admin.do("/admin/users/clerk", method="PUT", active=False)[0] == 200
    assert clerk.get("/session")[0] == 401
    assert admin.do("/admin/users/boss", method="PUT", active=False)[1]["code"] == "forbidden"


def test_the_first_admin_is_made_once_by_the_printed_code(hall):
    client = hall.app.test_client()

    def set_up(code, password=PASSWORD):
        return client.post("/api/v1/setup", json={"code": code, "username": "boss", "password": password})

    code = hall.server.setup_code
    assert set_up("guess").json["code"] == "bad_setup_code"
    assert set_up(code, "short").json["code"] == "weak_password"
    assert set_up(code).json["role"] == "admin"
    assert set_up(code).json["code"] == "setup_done"
    hall.restart()
    assert hall.server.setup_code is None


def test_every_answer_has_a_policy_and_no_answer_is_cached(hall):
    for path in ("/healthz", "/api/v1/board", "/nowhere"):
        answer = hall.app.test_client().get(path)
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert hall.app.test_client().get("/api/v1/board").headers["Cache-Control"] == "no-store"


def test_unknown_paths_and_methods_are_problems_too(hall):
    client = hall.app.test_client()
    assert client.get("/nowhere").json["code"] == "not_found"
    for path, kind in (("/nowhere", "text/html"), ("/api/v1/nowhere", "application/problem+json")):
        answer = client.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
        assert (answer.status_code, answer.mimetype) == (404, kind)
        assert "没有这个地址" in answer.text
    wrong = client.delete("/api/v1/tickets")
    assert wrong.json["code"] == "method_not_allowed" and "POST" in wrong.headers["Allow"]


def test_a_refusal_of_http_itself_does_not_blame_the_json(hall):
    answer = hall.app.test_client().get("/faces/tokens.css", headers={"Range": "bytes=9999999-"})
    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")


def test_openapi_describes_every_route(hall):
    paths = hall.app.test_client().get("/api/v1/openapi.json").json["paths"]
    described = {(method.upper(), re.sub(r"{\w+}", "<>", path)) for path, ops in paths.items() for method in ops}
    served = {
        (method, re.sub(r"<[^>]+>", "<>", rule.rule))
        for rule in hall.app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }  # fmt: skip
    assert described == served - {("GET", "/api/v1/openapi.json")}


def test_metrics_count_and_tell_nothing_else(hall):
    hall.device("kiosk").take("A")
    hall.clerk_at("02")
    text = hall.app.test_client().get("/metrics").text
    assert 'jiaohao_waiting{queue="A"} 1' in text and 'jiaohao_waiting{queue="B"} 0' in text
    assert 'jiaohao_windows{state="open"} 1' in text and "clerk-02" not in text
