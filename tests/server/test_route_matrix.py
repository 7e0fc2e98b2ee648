"""Who reaches what: every route that the app has, asked by everybody there is, against docs/access.md."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from server.realtime import NAMESPACE
from tests.server.conftest import OURS, Caller, Hall

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "access.md"
MACHINES = ("kiosk", "display", "evaluator", "call_pad", "tablet", "sms_gateway")
PEOPLE = ("clerk", "guide", "supervisor", "admin")
EVERYBODY = ("anybody", *MACHINES, *PEOPLE)
AT_A_WINDOW = ("evaluator", "call_pad", "tablet")
SHUT = {"sign_in_required", "forbidden"}
OPEN, CLOSED = "●", "·"


@pytest.fixture
def callers(hall: Hall) -> dict[str, Caller]:
    machines = {kind: hall.device(kind, kind, "01" if kind in AT_A_WINDOW else None) for kind in MACHINES}
    return (
        {"anybody": Caller(hall.app.test_client(), {})}
        | machines
        | {role: hall.person(role, role) for role in PEOPLE}
    )


def routes(hall: Hall) -> Iterator[tuple[str, Rule]]:
    for rule in sorted(hall.app.url_map.iter_rules(), key=lambda rule: rule.rule):
        yield from ((method, rule) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))


def address(rule: Rule) -> str:
    return re.sub(r"<(\w+:)?\w+>", "01", rule.rule)


def ask(caller: Caller, method: str, path: str) -> Any:
    """An empty request, for a door is judged before what is carried through it."""
    headers = {} if method == "DELETE" else caller.headers  # to sign out without the token: who could is told so
    return caller.client.open(path, method=method, headers=headers, json={} if method != "GET" else None)


def reached(answer: Any) -> bool:
    """Whether the door opened; what is wrong with an empty request behind it is another matter."""
    return answer.status_code not in (401, 403) or (answer.json or {}).get("code") not in SHUT


def test_everybody_reaches_what_the_page_says_and_nothing_else(hall: Hall, callers: dict[str, Caller]) -> None:
    """A new route fails until it has its line, which is a decision and not a formality."""
    lines = []
    for method, rule in routes(hall):
        marks = [OPEN if reached(ask(callers[who], method, address(rule))) else CLOSED for who in EVERYBODY]
        lines.append(f"| {method} | `{rule.rule}` | {' | '.join(marks)} |")
    found, said = "\n".join(lines), PAGE.read_text("utf-8").partition("|---")[2].partition("\n")[2].strip()
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / "access.md").write_text(found + "\n", "utf-8")
    assert found.splitlines() == said.splitlines(), "if this is meant, lay build/access.md into docs/access.md"


def test_a_person_writes_nothing_without_the_sessions_own_token(hall: Hall, callers: dict[str, Caller]) -> None:
    """What a foreign page could send with somebody's cookie. Citizens' forms know nobody and look at the origin."""
    for who in PEOPLE:
        for method, rule in routes(hall):
            if method == "GET" or not rule.rule.startswith("/api/v1/"):
                continue
            if rule.endpoint in ("session.sign_in", "session.set_up"):
                continue  # these begin a session
            for forged in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "wrong"}, {"X-CSRF-Token": "ü"}):
                answer = callers[who].client.open(
                    address(rule), method=method, headers=forged, json={"request_id": uuid4().hex}
                )
                assert answer.json["code"] == "bad_csrf", f"{who} {method} {rule.rule} {forged}"
    assert all(callers[who].get("/session")[0] == 200 for who in PEOPLE), "and none was signed out"


def test_a_foreign_page_sends_no_form_of_ours(hall: Hall) -> None:
    """A citizen's link is no session, but nobody shall cancel a number by luring its holder to another page."""
    client = hall.app.test_client()
    for method, rule in routes(hall):
        if method == "GET" or rule.rule.startswith("/api/v1/"):
            continue
        for origin in ("https://elsewhere.example", "null"):
            answer = client.open(address(rule), method=method, headers={"Origin": origin}, data={})
            assert answer.status_code in (403, 404), f"{rule.rule} {origin} {answer.status_code}"


def test_sockets_refuse_whom_http_refuses(hall: Hall, callers: dict[str, Caller]) -> None:
    for who, caller in callers.items():
        token = caller.headers.get("Authorization", "").removeprefix("Bearer ")
        auth = {"as": "tablet"} if who == "tablet" else {"token": token}
        socket = hall.server.socketio.test_client(
            hall.app, namespace=NAMESPACE, auth=auth, flask_test_client=caller.client
        )
        assert socket.is_connected(NAMESPACE) == (who not in ("anybody", "sms_gateway")), who


def pages(hall: Hall) -> Iterator[str]:
    return (address(rule) for method, rule in routes(hall) if method == "GET" and not rule.rule.startswith("/api/"))


INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*type=\"importmap\")|<style|\son\w+\s*=|\sstyle\s*=|javascript:", re.I
)


def test_every_page_has_a_policy_and_keeps_to_it(hall: Hall) -> None:
    client = hall.app.test_client()
    for path in pages(hall):
        answer = client.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy and "unsafe" not in policy and "object-src 'none'" in policy, path
        assert "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy and "form-action 'self'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["Referrer-Policy"], path
        assert "camera=()" in answer.headers["Permissions-Policy"], path
        if answer.mimetype == "text/html":
            assert not INLINE.search(answer.text), f"{path}: {INLINE.search(answer.text)}"
            assert re.search(r"<html[^>]* lang=", answer.text), path


CLIMBS = (
    "../models.py", "..%2fmodels.py", "%2e%2e/models.py", "..%5cmodels.py", "....//models.py", "/etc/passwd",
    "%2fetc%2fpasswd", "..%252f..%252fmodels.py", "vendor/../../../models.py", "\x00.css", "%00.css",
)  # fmt: skip


@pytest.mark.parametrize("folder", ["/static/", "/faces/", "/items/", "/t/", "/book/"])
def test_no_address_leads_out_of_its_folder(hall: Hall, folder: str) -> None:
    for climb in CLIMBS:
        answer = hall.app.test_client().get(folder + climb)
        assert answer.status_code in (301, 302, 308, 400, 404, 410), f"{folder}{climb}: {answer.status_code}"
        assert "class Hall" not in answer.text and "root:" not in answer.text


def test_a_session_cookie_is_for_our_own_pages_alone(hall: Hall) -> None:
    hall.person("clerk")
    for scheme, secure in (("http", False), ("https", True)):
        answer = hall.app.test_client().post(
            "/api/v1/session", json={"username": "clerk", "password": "correct horse battery"},
            base_url=f"{scheme}://hall.example", headers=OURS,
        )  # fmt: skip
        (cookie,) = answer.headers.getlist("Set-Cookie")
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and ("Secure" in cookie) == secure, cookie


def test_no_secret_is_in_any_address(hall: Hall, callers: dict[str, Caller]) -> None:
    """A token in an address ends in logs, histories and Referer lines; it is refused there as if it were not."""
    token = callers["kiosk"].headers["Authorization"].removeprefix("Bearer ")
    client: FlaskClient = hall.app.test_client()
    for query in (f"token={token}", f"access_token={token}", f"Authorization=Bearer%20{token}"):
        assert client.get(f"/api/v1/board?{query}").status_code == 401
