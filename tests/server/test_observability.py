"""Figures for whoever runs the machine, and a log in which everything is found and nobody is."""

import json
import re
from io import StringIO
from pathlib import Path

import pytest
import structlog

from server.cli import LOG
from server.web.api import ROUTES, Command
from server.web.request_log import HEADER

ROOT = Path(__file__).parents[2]
DASHBOARD = ROOT / "deploy" / "grafana" / "jiaohao.json"
NAME = re.compile(r"\bjiaohao_[a-z_]+")
PHONE, LINK, PERSON = "13812345678", "k3y-of-a-paper-that-nobody-may-read", "张某某"


def figures(hall, token=True):
    header = {"Authorization": f"Bearer {hall.server.metrics_token}"} if token else {}
    return hall.app.test_client().get("/metrics", headers=header).text


def values(text, name):
    return {
        line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name)
    }


@pytest.fixture
def logged():
    before, log = structlog.get_config(), StringIO()
    structlog.configure(processors=LOG, logger_factory=structlog.PrintLoggerFactory(log))
    yield log
    structlog.configure(**before)


def test_figures_of_the_day(hall):
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    for _ in range(3):
        kiosk.take()
    hall.clock.forward(minutes=7)
    assert clerk.do("/windows/01/call-next")[0] == 200
    text = figures(hall, token=False)
    assert values(text, "jiaohao_takes_total") == {'jiaohao_takes_total{hall="HQ",series="A"}': 3}
    assert values(text, "jiaohao_calls_total") == {'jiaohao_calls_total{hall="HQ"}': 1}
    waits = values(text, "jiaohao_wait_seconds")
    assert waits['jiaohao_wait_seconds_bucket{hall="HQ",le="300"}'] == 0
    assert (
        waits['jiaohao_wait_seconds_bucket{hall="HQ",le="600"}']
        == waits['jiaohao_wait_seconds_count{hall="HQ"}']
        == 1
    )
    assert waits['jiaohao_wait_seconds_sum{hall="HQ"}'] == 420
    assert values(text, "jiaohao_longest_wait_seconds")['jiaohao_longest_wait_seconds{hall="HQ",queue="A"}'] == 420
    hall.clock.forward(days=1)
    assert values(figures(hall, token=False), "jiaohao_calls_total") == {'jiaohao_calls_total{hall="HQ"}': 0}


def test_figures_of_the_process_are_for_its_token_alone(hall):
    """A count of requests or commits that anybody sees tells when the last citizen rated."""
    kiosk = hall.device("kiosk")
    kiosk.take()
    own = ("jiaohao_request_seconds", "jiaohao_commit_seconds", "jiaohao_writes_total", "jiaohao_sockets")
    for said in ("", "Bearer ", "Bearer wrong", f"bearer {hall.server.metrics_token}", "Bearer é"):
        text = hall.app.test_client().get("/metrics", headers={"Authorization": said}).text
        assert "jiaohao_waiting" in text and not any(name in text for name in own), said
    text = figures(hall)
    assert all(values(text, name) for name in own)
    count = 'jiaohao_request_seconds_count{method="POST",route="/api/v1/tickets",status="201"}'
    assert values(text, "jiaohao_request_seconds_count")[count] == 1
    assert hall.data_dir.joinpath("metrics.token").stat().st_mode & 0o777 == 0o600


def test_made_up_addresses_and_methods_make_no_figures_of_their_own(hall):
    client = hall.app.test_client()
    for n in range(20):
        client.get(f"/nowhere/{n}")
        client.open("/", method=f"M{n}")
        client.get(f"/t/{n}/{LINK}")
    rows = set(values(figures(hall), "jiaohao_request_seconds_count"))
    assert len(rows) < 8 and not any(LINK in row for row in rows)


def test_what_prometheus_reads_is_written_as_it_reads_it(hall):
    hall.device("kiosk").take()
    described = set()
    for line in figures(hall).splitlines():
        if line.startswith("#"):
            described.add(line.split()[2])
        else:
            assert re.fullmatch(r'[a-z_]+\{([a-z_]+="(\\.|[^"\\])*"(,(?!\}))?)*\} -?[0-9.e+-]+', line), line
            name = line.split("{")[0]
            assert name in described or re.sub("_(bucket|sum|count)$", "", name) in described, line


def queries():
    board = json.loads(DASHBOARD.read_text("utf-8"))
    return [target["expr"] for panel in board["panels"] for target in panel["targets"]]


def test_every_query_of_the_dashboard_names_a_figure_that_there_is(hall):
    described = {line.split()[2] for line in figures(hall).splitlines() if line.startswith("# TYPE")}
    kinds = {line.split()[2]: line.split()[3] for line in figures(hall).splitlines() if line.startswith("# TYPE")}
    assert len(queries()) > 10
    for query in queries():
        for name in NAME.findall(query):
            plain = re.sub("_(bucket|sum|count)$", "", name)
            assert name in described or kinds.get(plain) == "histogram", (name, query)
            assert ("rate(" in query) == (kinds.get(plain, kinds.get(name)) in ("counter", "histogram")), query


def test_the_dashboard_asks_for_no_place_that_is_not_there():
    board = json.loads(DASHBOARD.read_text("utf-8"))
    ids = [panel["id"] for panel in board["panels"]]
    places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in board["panels"]}
    assert len(set(ids)) == len(ids) == len(places) and board["templating"]["list"][0]["name"] == "source"


def test_a_request_keeps_its_id_and_a_strange_one_gets_ours(hall):
    client = hall.app.test_client()
    given = "8f14e45fceea167a5a36dedd4bea2543"
    assert client.get("/healthz", headers={HEADER: given}).headers[HEADER] == given
    for strange in ("", "x", PHONE, "110101199003071234", "a" * 65, "a b c d e f", "é" * 20, "<script>abcdef"):
        answered = client.get("/healthz", headers={HEADER: strange}).headers[HEADER]
        assert re.fullmatch("[0-9a-f]{16}", answered) and answered != strange
    ids = {client.get("/nowhere").headers[HEADER] for _ in range(5)}
    assert len(ids) == 5


def test_lines_have_the_requests_id_and_the_routes_name(hall, logged):
    hall.app.test_client().get("/api/v1/board", headers={HEADER: "an-id-with-letters"})
    (line,) = [one for one in logged.getvalue().splitlines() if "refused" in one]
    assert "request_id='an-id-with-letters'" in line and "route='/api/v1/board'" in line and "status=401" in line


def test_a_surprise_is_logged_under_the_id_that_its_answer_has(hall, logged, monkeypatch):
    monkeypatch.setattr("server.web.public.document", lambda: 1 / 0)
    answer = hall.app.test_client().get("/api/v1/openapi.json")
    assert answer.status_code == 500
    lines = [one for one in logged.getvalue().splitlines() if answer.headers[HEADER] in one]
    assert any("request failed" in one for one in lines)


def test_no_line_has_anything_of_a_citizen(hall, logged):
    """Every address that there is, with a telephone number, a key and a name wherever a word fits in: nothing of them
    comes out in the log."""
    boss, kiosk = hall.person("boss", "admin"), hall.device("kiosk")
    ticket = kiosk.take()
    for caller in (boss, kiosk):
        for route in ROUTES:
            for word in (PHONE, LINK, PERSON, ticket["id"]):
                path = re.sub(r"<\w+>", word, route.path) + f"?day={word}&month={word}&request_id={word}&actor={word}"
                if isinstance(route, Command):
                    body = {
                        "phone": PHONE,
                        "name": PERSON,
                        "text": PERSON,
                        "queue": PHONE,
                        "code": PHONE,
                        "person": PHONE,
                    }
                    caller.do(path, method=route.method, **body)
                else:
                    caller.get(path)
    client = hall.app.test_client()
    for rule in {rule.rule for rule in hall.app.url_map.iter_rules()}:
        path = re.sub(r"<[^>]+>", LINK, rule)
        for method in ("GET", "POST"):
            data = {"phone": PHONE, "code": PHONE, "text": PERSON}
            client.open(f"{path}?key={LINK}&phone={PHONE}", method=method, data=data, headers={HEADER: PHONE})
    text = logged.getvalue()
    assert text.count("request_id=") > 100
    for secret in (PHONE, LINK, PERSON, ticket["id"], ticket["paper_key"], hall.server.metrics_token):
        assert secret not in text, next(line for line in text.splitlines() if secret in line)
