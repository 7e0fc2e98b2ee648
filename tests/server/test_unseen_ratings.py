"""Nothing that a clerk can reach tells who rated what: the same day with good and with bad ratings looks the same."""

import json
import re
from io import StringIO

import pytest
import structlog

from server import background
from server.cli import LOG
from server.web.api import CLERKS, DESK, ROUTES, Query
from server.web.pages import SHELLS
from tests.server.conftest import Hall

KEYS = re.compile(r"\b[0-9a-f]{16,64}\b|[A-Za-z0-9_-]{30,}")
"""Ids and tokens, which are never the same twice."""
WORDS = {"no": "01", "ticket": "", "number": "A001", "day": "2026-03-02", "queue": "A", "mode": "hall"}
ALIKE = (("satisfied", "01", "等候合适"), ("dissatisfied", "03", "等候太久"))
"""Two days: what everybody presses, the key's bytes, and what one writes."""


def day(hall, label, raw_key, text):
    """One service rated at the window and one by paper."""
    kiosk, clerk, evaluator = hall.device("kiosk"), hall.clerk_at("01"), hall.device("evaluator", "ev01", "01")
    codes = []
    for _ in range(2):
        ticket = kiosk.take(request_id=f"request-000{len(codes)}")
        codes.append(ticket["id"])
        for action in ("call-next", "begin", "finish"):
            assert clerk.do(f"/windows/01/{action}")[0] == 200
        if len(codes) == 1:
            assert evaluator.do("/ratings", label=label, raw_key=raw_key)[1]["accepted"]
        else:
            said = {"label": f"very_{label}", "text": text}
            link = f"/t/{ticket['id']}/{ticket['paper_key']}/rate"
            sent = hall.app.test_client().post(link, data=said, headers={"Origin": "http://localhost"})
            assert sent.status_code == 303
    hall.clock.forward(seconds=61)
    background.tick(hall.store)
    return clerk, codes[0]


def reach(hall, person, code):
    """Every answer of every address that this person may ask, with all pages and everything that was ever told."""
    words = {**WORDS, "ticket": code}
    seen = {}
    for route in ROUTES:
        if isinstance(route, Query) and person.role in route.who:
            path = re.sub(r"<(\w+)>", lambda word: words[word[1]], route.path)
            seen[path.replace(code, "…")] = person.get(path)
    for name in SHELLS:
        seen[f"/{name}"] = person.client.get(f"/{name}").text
    seen["/t/…"] = person.client.get(f"/t/{code}").text
    seen["/figures"] = person.client.get("/figures").text
    seen["told"] = hall.rows("SELECT seq, kind, at, actor, why, data FROM news ORDER BY seq")
    return KEYS.sub("…", json.dumps(seen, ensure_ascii=False, default=str))


@pytest.mark.parametrize("role", ["clerk", "guide"])
def test_days_of_good_and_of_bad_ratings_look_the_same(tmp_path, role):
    found = []
    before = structlog.get_config()
    for n, (label, raw_key, text) in enumerate(ALIKE):
        log = StringIO()
        structlog.configure(processors=LOG, logger_factory=structlog.PrintLoggerFactory(log))
        folder = tmp_path / str(n)
        folder.mkdir()
        hall = Hall(folder)
        try:
            clerk, code = day(hall, label, raw_key, text)
            person = clerk if role == "clerk" else hall.person("guide", "guide")
            person.role = role
            found.append(reach(hall, person, code))
        finally:
            hall.server.close()
            structlog.configure(**before)
        assert not any(word in found[-1] + log.getvalue() for word in (label, text)), label
    assert found[0] == found[1]


def test_the_crawl_reaches_what_clerks_and_guides_may_ask():
    """So that a route which is added is crawled, or this file learns its words."""
    paths = [route.path for route in ROUTES if isinstance(route, Query) and route.who & (CLERKS | DESK)]
    assert {word for path in paths for word in re.findall(r"<(\w+)>", path)} <= set(WORDS)
    assert len([path for path in paths if "/tickets/" in path]) >= 3
