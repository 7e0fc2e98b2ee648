"""Ratings on their way to the province: the real server, the real stub of the far side, and HTTP between them."""

import random
import socket
import threading
import tracemalloc
from collections import defaultdict
from contextlib import contextmanager
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import text, update
from structlog.testing import capture_logs

from server import background, models, upload
from server.cli import cli
from server.contract.ratings import Label, Source, SubmitRating
from server.contract.tickets import TakeTicket
from server.contract.windows import Finish, SignIn, WindowCommand
from server.domain.paper_key import paper_key
from server.domain.rating import LEVELS
from server.domain.service_day import hall_time
from server.domain.upload import CHANNELS
from server.models import EPOCH, Upload
from server.provinces import Answer, Outcome, json_sm2
from server.services import accounts, calls, deliveries, ratings, tickets, windows
from server.services.actors import Actor
from server.upload import judged
from tests.server.conftest import Hall
from tests.server.province import province, set_up

DAY = 2500


@pytest.fixture
def far():
    with province() as far:
        yield far


def switched_on(hall, far, name="xml_sm4"):
    set_up(hall.data_dir, far, name)
    hall.restart()
    return hall


def rate(hall, label="satisfied", item=None):
    """One citizen served at window 01 and rating at its evaluator; the ticket's number."""
    if getattr(hall, "staffed", None) is not hall.app:  # not yet, or not since it was restarted
        before, hall.staffed = hasattr(hall, "staffed"), hall.app
        hall.clerk = hall.sign_in("clerk-01") if before else hall.clerk_at("01")
        hall.kiosk, hall.evaluator = hall.device("kiosk"), hall.device("evaluator", "ev01", "01")
    ticket = hall.kiosk.take(item=item)
    for action in ("call-next", "begin", "finish"):
        assert hall.clerk.do(f"/windows/01/{action}")[0] == 200
    if label:
        assert hall.evaluator.do("/ratings", label=label)[1]["accepted"]
    return ticket["number"]


def states(hall):
    return [row[0] for row in hall.rows("SELECT state FROM upload ORDER BY id")]


def deliver(hall, far, count):
    """Turn after turn of the timer, the clock going on, until the far side has so many records."""
    for _ in range(20_000):
        hall.server.sender.turn()
        if far.count >= count:
            return
        hall.clock.forward(seconds=5)
    raise AssertionError(f"{far.count} of {count} came; {hall.rows('SELECT DISTINCT reason FROM upload')}")


@pytest.mark.parametrize("name", ["json_sm2", "xml_sm4"])
def test_a_rating_comes_whole_by_either_envelope(hall, far, name):
    switched_on(hall, far, name)
    rate(hall, "dissatisfied", item="SB-03")
    hall.server.sender.turn()
    assert far.records == {
        ("QH01-20260302-A001", 1): {
            "projectNo": "QH01-20260302-A001", "serviceNumber": "1", "taskCode": "", "taskHandleItem": "",
            "taskName": "灵活就业人员参保登记", "pf": "5", "satisfaction": "2", "evalDetail": "",
            "writingEvaluation": "",
            "assessTime": "2026-03-02 09:00:00", "userName": "", "userProp": "", "certKey": "",
            "proDepart": "清禾市人社局", "deptCode": "11330000MB0", "promisetime": "当场办结", "dataSource": "31",
        }
    }  # fmt: skip
    assert states(hall) == ["sent"]
    hall.server.sender.turn()
    assert far.counters["requests"] == 1


def test_words_and_reasons_by_paper_come_too(hall, far):
    switched_on(hall, far)
    number = rate(hall, label=None)
    link = hall.rows("SELECT code FROM ticket")[0][0]
    said = {"label": "dissatisfied", "tags": "", "text": "等候 <太久> & “不快”\n𠮷 \ufffe"}
    path = f"/t/{link}/{paper_key(hall.store.key, link)}/rate"
    assert hall.app.test_client().post(path, data=said, headers={"Origin": "http://localhost"}).status_code == 303
    hall.server.sender.turn()
    [fields] = far.records.values()
    assert fields["projectNo"].endswith(number) and fields["pf"] == "3"
    assert fields["writingEvaluation"] == "等候 <太久> & “不快”\n𠮷 \ufffd", "what no XML may hold is replaced"


def test_who_did_not_rate_is_sent_as_nothing(hall, far):
    switched_on(hall, far)
    rate(hall, label=None)
    hall.clock.forward(seconds=3600)
    hall.store.write(ratings.close_due)
    hall.server.sender.turn()
    assert (states(hall), far.records) == ([], {})


def test_rows_are_kept_from_the_moment_on_which_upload_is_switched_on(hall, far):
    rate(hall)
    assert states(hall) == []
    switched_on(hall, far)
    rate(hall)
    deliver(hall, far, 1)
    assert [key[0] for key in far.records] == ["QH01-20260302-A002"]
    (hall.data_dir / "upload.toml").unlink()
    hall.restart()
    rate(hall)
    assert (states(hall), hall.server.sender) == (["sent"], None)


@contextmanager
def another_server(hall, folder):
    """On the same database, with a data folder of its own."""
    other = Hall(folder, database_of(hall))
    try:
        yield other
    finally:
        other.server.close()


def database_of(hall):
    return hall.store.engine.url.difference_update_query(["options"]).render_as_string(False)


def test_a_hall_that_is_switched_off_is_named_in_the_log_and_on_the_page(hall, far):
    switched_on(hall, far)
    (hall.data_dir / "upload.toml").unlink()
    with capture_logs() as logs:
        hall.restart()
    assert [line["event"] for line in logs if "HQ" in line["event"] and line["log_level"] == "error"]
    found = hall.person("boss", "admin").get("/uploads")[1]
    assert not found["on"] and "HQ" in found["trouble"][0]["zh"] and "HQ" in found["trouble"][0]["en"]


def test_no_command_switches_upload_off(hall, far, tmp_path_factory):
    switched_on(hall, far)
    folder = str(tmp_path_factory.mktemp("other"))
    command = ["device-token", "x", "--kind", "display", "--data", folder, "--database-url", database_of(hall)]
    assert CliRunner().invoke(cli, command).exit_code == 0
    rate(hall)
    assert states(hall) == ["waiting"]


def test_another_server_that_lacks_the_file_or_a_hall_switches_nothing_off_and_says_so(hall, far, tmp_path_factory):
    switched_on(hall, far)
    hall.store.write(lambda tx: tx.add(models.Hall, code="B", name="分厅"))
    folder = tmp_path_factory.mktemp("other")
    with another_server(hall, folder) as other:
        found = other.person("boss", "admin").get("/uploads")[1]
        assert found["on"] and "HQ" in found["trouble"][0]["zh"] and "HQ" in found["trouble"][0]["en"]
    set_up(folder, far, hall="B")
    with another_server(hall, folder) as other:
        assert ["QH01" in str(sentence) for sentence in other.server.upload_trouble] == [False, True]
    toml = folder / "upload.toml"
    toml.write_text(toml.read_text().replace("QH01", "QH02"))
    with another_server(hall, folder) as other:
        [said] = other.server.upload_trouble
        rate(hall)
        other.server.sender.turn()
        assert "HQ" in said.zh and (states(hall), far.count) == (["waiting"], 0), "it knows not of which department"
    assert hall.rows("SELECT code, upload_code FROM hall ORDER BY code") == [("B", "QH02"), ("HQ", "QH01")]
    toml.write_text(toml.read_text().replace("QH02", ""))
    with another_server(hall, folder) as other:
        said = [sentence.zh for sentence in other.server.upload_trouble]
        assert ["大厅 B " in words for words in said] == [False, True], "HQ stays on, B goes off"
    assert hall.rows("SELECT code, upload_code FROM hall ORDER BY code") == [("B", ""), ("HQ", "QH01")]
    hall.server.sender.turn()
    assert states(hall) == ["sent"]


def test_what_is_sent_is_the_rating_after_the_time_to_think_better_of_it(hall, far):
    switched_on(hall, far)
    hall.store.write(lambda tx: tx.conn.execute(text("UPDATE hall SET change_seconds = 30")))
    rate(hall, "dissatisfied")
    hall.clock.forward(seconds=29)
    hall.server.sender.turn()
    assert far.records == {}
    assert hall.evaluator.do("/ratings", label="satisfied")[1]["accepted"]
    hall.clock.forward(seconds=1)
    hall.server.sender.turn()
    assert [fields["satisfaction"] for fields in far.records.values()] == ["4"]


LABELS = (Label.SATISFIED, Label.BASICALLY_SATISFIED, Label.DISSATISFIED)


class Window01:
    """Citizens served and rating by the services themselves: a day of them would take minutes by HTTP."""

    def __init__(self, hall):
        self.hall = hall
        tokens = hall.token("kiosk"), hall.token("evaluator", "ev01", "01")
        with hall.store.read() as conn:
            self.kiosk, self.evaluator = (accounts.device(accounts.device_of(conn, token)) for token in tokens)
        self.clerk = hall.store.write(self._seated)

    def _seated(self, tx):
        clerk = Actor(1, "clerk", "clerk", account_id=accounts.add_user(tx, 1, "clerk", "clerk", ""))
        windows.sign_in(tx, clerk, SignIn("s"), "01")
        return clerk

    def rated(self, count):
        """In one commit; the levels by project number."""

        def work(tx):
            return dict(self.one(tx, LABELS[n % 3]) for n in range(count))

        return self.hall.store.write(work)

    def one(self, tx, label):
        ticket = tickets.take_ticket(tx, self.kiosk, TakeTicket("t", "A"))
        calls.call_next(tx, self.clerk, WindowCommand("c"), "01")
        calls.begin(tx, self.clerk, WindowCommand("b"), "01")
        calls.finish(tx, self.clerk, Finish("f"), "01")
        assert ratings.submit_rating(tx, self.evaluator, SubmitRating("r", label)).accepted
        return f"QH01-20260302-{ticket.number}", str(LEVELS[label])


def test_a_rating_and_its_row_are_one_commit(hall, far):
    """Neither without the other."""
    switched_on(hall, far)
    window = Window01(hall)

    def broken(tx):
        window.one(tx, Label.SATISFIED)
        raise NothingCameOfItError

    with pytest.raises(NothingCameOfItError):
        hall.store.write(broken)
    counts = "SELECT (SELECT count(*) FROM rating), (SELECT count(*) FROM upload)"
    assert hall.rows(counts) == [(0, 0)]
    window.rated(1)
    assert hall.rows(counts) == [(1, 1)]


class NothingCameOfItError(Exception):
    pass


def as_cases(hall, each):
    """So many services in a row become one case, its later services due first. A ticket is one service today; a
    case that is worked on in several visits will have several."""
    numbers = hall.rows("SELECT id, project_no, made_at FROM upload ORDER BY id")
    case_of = {}

    def work(tx):
        for place, (key, number, made_at) in enumerate(numbers):
            case, service = numbers[place - place % each][1], place % each + 1
            case_of[number] = (case, service)
            tx.conn.execute(
                update(Upload).where(Upload.id == key).values(
                    project_no=case, service_number=service, due_at=EPOCH + timedelta(microseconds=made_at - service)
                )
            )  # fmt: skip

    hall.store.write(work)
    return case_of


def in_order(records):
    """Whether the services of each case came one after the other, none left out."""
    services = defaultdict(list)
    for case, service in records:
        services[case].append(service)
    return all(came == list(range(1, len(came) + 1)) for came in services.values())


def peak_of(work):
    """Bytes that were taken meanwhile, at most."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_day_without_the_province_then_flapping_then_slow(hall, far, monkeypatch):
    """Everything arrives, nothing twice, each case in its order, and the backlog is never in memory."""
    monkeypatch.setattr(upload.random, "random", random.Random(1).random)
    switched_on(hall, far)
    window, sender = Window01(hall), hall.server.sender
    far.fault("down")
    levels = {}
    for _ in range(DAY // 25):
        levels |= window.rated(25)
        hall.clock.forward(minutes=5)
        sender.turn()
    hall.clock.forward(hours=15)
    assert far.records == {} and states(hall) == ["waiting"] * DAY
    assert peak_of(sender.turn) < 400_000, "2,500 rows are due at this moment"
    case_of = as_cases(hall, 5)

    far.fault("down", False)
    far.fault("flapping", 7)
    assert peak_of(lambda: deliver(hall, far, 60)) < 800_000
    deliver(hall, far, 1500)
    far.fault("flapping", 0)
    far.fault("slow", 0.005)
    deliver(hall, far, DAY)

    records = far.records
    assert {key: fields["satisfaction"] for key, fields in records.items()} == {
        case_of[number]: level for number, level in levels.items()
    }
    assert in_order(records)
    assert far.counters["duplicates"] == 0 and set(states(hall)) == {"sent"}


def test_while_the_province_is_away_it_is_asked_seldom(hall, far):
    switched_on(hall, far)
    Window01(hall).rated(50)
    far.fault("error_500")
    for _ in range(3600):
        hall.server.sender.turn()
        hall.clock.forward(seconds=1)
    assert far.counters["requests"] < 150, "once a minute, but for the first ones"
    far.fault("error_500", False)
    deliver(hall, far, 50)


def test_a_clock_that_is_set_back_holds_nothing_up(hall, far):
    switched_on(hall, far)
    hall.clock.forward(hours=2)
    Window01(hall).rated(5)
    far.fault("error_500")
    for _ in range(60):
        hall.server.sender.turn()
        hall.clock.forward(seconds=5)
    far.fault("error_500", False)
    hall.clock.forward(hours=-1)
    for _ in range(61):
        hall.server.sender.turn()
        hall.clock.forward(seconds=10)
    assert states(hall) == ["sent"] * 5, "all within ten minutes, the longest wait"


def test_an_answer_that_was_lost_makes_no_second_record(hall, far):
    switched_on(hall, far)
    Window01(hall).rated(10)
    far.fault("lose_answer", 4)
    deliver(hall, far, 10)
    for _ in range(20):
        hall.clock.forward(seconds=61)
        hall.server.sender.turn()
    assert set(states(hall)) == {"sent"} and len(far.records) == 10
    assert far.counters["duplicates"] == 4


def test_an_answer_that_comes_too_late_is_asked_for_again(hall, far, monkeypatch):
    monkeypatch.setattr(upload, "READ_S", 0.3)
    switched_on(hall, far)
    Window01(hall).rated(1)
    far.fault("slow", 2)
    hall.server.sender.turn()
    assert hall.rows("SELECT state, reason, attempts FROM upload") == [("waiting", "timeout", 1)]
    far.fault("slow", 0)
    hall.clock.forward(seconds=61)
    hall.server.sender.turn()
    assert states(hall) == ["sent"] and len(far.records) == 1


HEAD = b"HTTP/1.1 200 OK\r\n"
TRICKLES = {
    "head": HEAD + b"X-",
    "body": HEAD + b"Content-Length: 4000\r\n\r\n",
    "body without its length": HEAD + b"\r\n",
    "chunk's length": HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
    "another head": b"HTTP/1.1 100 Continue\r\nX-",
}


@contextmanager
def trickling(begin):
    """The port of a far side whose answer goes on with a byte now and then, until nobody listens any more."""

    def answer():
        with listener, listener.accept()[0] as line:
            line.recv(65536)
            line.sendall(begin)
            while not over.wait(0.3):
                try:
                    line.sendall(b"0")
                except OSError:
                    return

    over, listener = threading.Event(), socket.create_server(("127.0.0.1", 0))
    port, thread = listener.getsockname()[1], threading.Thread(target=answer)
    thread.start()
    try:
        yield port
    finally:
        over.set()
        thread.join()


@pytest.mark.parametrize("part", TRICKLES)
def test_an_answer_that_drips_is_not_waited_for(hall, far, monkeypatch, part):
    monkeypatch.setattr(upload, "READ_S", 5.0)
    monkeypatch.setattr(upload, "ANSWER_S", 1.0)
    with trickling(TRICKLES[part]) as port:
        far.address = f"127.0.0.1:{port}"
        switched_on(hall, far)
        Window01(hall).rated(1)
        turn = threading.Thread(target=hall.server.sender.turn, daemon=True)
        turn.start()
        turn.join(20)
        assert not turn.is_alive(), "it would go on for ever"
    assert hall.rows("SELECT state, reason, attempts FROM upload") == [("waiting", "timeout", 1)]


def test_what_the_province_refuses_holds_up_only_its_own_case(hall, far):
    switched_on(hall, far)
    Window01(hall).rated(9)
    as_cases(hall, 3)  # the cases A001, A004 and A007
    far.fault("refuse", 4)
    deliver(hall, far, 6)
    hall.clock.forward(hours=1)
    hall.server.sender.turn()
    assert states(hall) == ["sent"] * 3 + ["dead", "waiting", "waiting"] + ["sent"] * 3
    boss = hall.person("boss", "admin")
    found = boss.get("/uploads")[1]
    assert (found["waiting"], found["dead"], found["sent_today"]) == (2, 1, 6)
    [letter] = found["letters"]
    assert (letter["project_no"], letter["service_number"]) == ("QH01-20260302-A004", 1)
    assert letter["reason"] == "事项编码不存在，请核对后重新上报" and "satisf" not in str(letter)

    far.fault("refuse", 0)
    assert boss.do(f"/uploads/{letter['id']}/retry") == (200, {"count": 1})
    assert boss.do(f"/uploads/{letter['id']}/retry")[1]["code"] == "upload_not_dead"
    deliver(hall, far, 9)
    assert in_order(far.records) and set(states(hall)) == {"sent"}


def test_all_dead_letters_are_sent_again_with_the_codes_given_meanwhile(hall, far):
    switched_on(hall, far)
    far.fault("refuse", 1)
    for _ in range(3):
        rate(hall, item="SB-03")
    hall.server.sender.turn()
    assert states(hall) == ["dead"] * 3
    boss = hall.person("boss", "admin")
    code = "/uploads/items/SB-03"
    wrong = boss.do(code, method="PUT", task_code="1" * 30, task_handle_item="")[1]
    assert (wrong["code"], "31 位" in wrong["detail"]) == ("bad_field", True)
    missing = boss.do("/uploads/items/none", method="PUT", task_code="", task_handle_item="")[1]
    assert missing["code"] == "item_not_found"
    assert boss.do(code, method="PUT", task_code="1" * 31, task_handle_item="2" * 33)[0] == 200
    far.fault("refuse", 0)
    assert boss.do("/uploads/retry") == (200, {"count": 3})
    hall.server.sender.turn()
    codes = {(fields["taskCode"], fields["taskHandleItem"]) for fields in far.records.values()}
    assert (len(far.records), codes) == (3, {("1" * 31, "2" * 33)})
    assert boss.do("/uploads/retry") == (200, {"count": 0})


def test_one_row_that_cannot_be_packed_stops_no_other(hall, far):
    switched_on(hall, far)
    Window01(hall).rated(3)
    hall.store.write(lambda tx: tx.conn.execute(text("UPDATE rating SET source = 'by pigeon' WHERE id = 2")))
    hall.server.sender.turn()
    assert hall.rows("SELECT state, reason FROM upload") == [("sent", ""), ("waiting", "internal"), ("sent", "")]


def test_two_servers_on_one_database_send_nothing_twice(hall, far, tmp_path_factory):
    switched_on(hall, far)
    Window01(hall).rated(120)
    folder = tmp_path_factory.mktemp("other")
    set_up(folder, far)
    with another_server(hall, folder) as other:
        threads = [threading.Thread(target=one.server.sender.turn) for one in (hall, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(far.records) == 120 and set(states(hall)) == {"sent"}
    assert (far.counters["requests"], far.counters["duplicates"]) == (120, 0)


def test_a_row_in_a_dead_servers_hands_is_due_when_its_lease_is_over(hall, far):
    switched_on(hall, far)
    Window01(hall).rated(1)
    hall.store.write(lambda tx: deliveries.take(tx, "elsewhere", ["HQ"]))
    hall.server.sender.turn()
    assert far.records == {}
    hall.clock.forward(seconds=120)
    hall.server.sender.turn()
    assert len(far.records) == 1


def test_who_lost_the_lease_notes_nothing(hall, far):
    switched_on(hall, far)
    Window01(hall).rated(1)
    row = hall.store.write(lambda tx: deliveries.take(tx, "slow", ["HQ"]))
    hall.clock.forward(seconds=120)
    hall.server.sender.turn()
    assert states(hall) == ["sent"]
    hall.store.write(lambda tx: deliveries.faltered(tx, row, "slow", "timeout", 1))
    assert states(hall) == ["sent"]
    hall.store.write(lambda tx: tx.conn.execute(text("UPDATE upload SET state = 'waiting', holder = 'quick'")))
    hall.store.write(lambda tx: deliveries.refused(tx, row, "slow", "编码"))
    assert states(hall) == ["waiting"]


def words(outcome, reason=""):
    return lambda body: Answer(outcome, reason)


def nonsense(body):
    raise ValueError


@pytest.mark.parametrize(
    ("status", "read", "expected"),
    [
        (200, words(Outcome.ARRIVED), Answer(Outcome.ARRIVED)),
        (200, words(Outcome.REFUSED, "缺"), Answer(Outcome.REFUSED, "缺")),
        (200, nonsense, Answer(Outcome.LATER, "http 200")),
        (302, words(Outcome.ARRIVED), Answer(Outcome.LATER, "http 302")),
        (400, words(Outcome.REFUSED, "缺"), Answer(Outcome.REFUSED, "缺")),
        (400, nonsense, Answer(Outcome.LATER, "http 400")),
        (401, words(Outcome.REFUSED, "签名"), Answer(Outcome.LATER, "签名")),
        (404, nonsense, Answer(Outcome.LATER, "http 404")),
        (429, words(Outcome.REFUSED, "慢"), Answer(Outcome.LATER, "慢")),
        (500, words(Outcome.REFUSED, "错"), Answer(Outcome.LATER, "错")),
        (503, words(Outcome.ARRIVED), Answer(Outcome.LATER, "http 503")),
    ],
)
def test_only_the_provinces_own_words_about_a_record_are_final(status, read, expected):
    assert upload.judged(status, b"", read) == expected


def test_every_source_of_ratings_has_a_channel():
    assert {source.value for source in Source} <= set(CHANNELS)


def test_figures_for_watchers_do_not_move_with_each_rating(hall, far):
    """/metrics is open to everybody in the hall."""
    switched_on(hall, far)
    client = hall.app.test_client()

    def figures():
        lines = client.get("/metrics").text.splitlines()
        return {line.split("{")[0].removeprefix("jiaohao_uploads_"): line.split()[-1]
                for line in lines if line.startswith("jiaohao_uploads")}  # fmt: skip

    none = {"waiting": "0", "dead": "0", "oldest_age_seconds": "0"}
    window = Window01(hall)
    hall.clock.forward(minutes=17)
    window.rated(2)
    hall.clock.forward(minutes=42)
    assert figures() == none
    hall.clock.forward(minutes=1)
    assert figures() == {"waiting": "2", "dead": "0", "oldest_age_seconds": "3600"}
    hall.server.sender.turn()
    assert figures() == none


def test_reasons_on_the_tablet_arrive_with_their_rating(hall, far):
    switched_on(hall, far)
    clerk, kiosk, tablet = hall.clerk_at("01"), hall.device("kiosk"), hall.device("tablet", "tab01", "01")
    kiosk.take()
    for action in ("call-next", "begin", "finish"):
        assert clerk.do(f"/windows/01/{action}")[0] == 200
    invitation = tablet.get("/tablet")[1]["invitation"]
    assert tablet.do("/ratings", label="dissatisfied", invitation=invitation)[1]["accepted"]
    hall.clock.forward(seconds=100)
    hall.server.sender.turn()
    assert tablet.do("/ratings/reasons", invitation=invitation, tags=["207"])[0] == 200
    hall.clock.forward(seconds=21)
    hall.server.sender.turn()
    assert [record["evalDetail"] for record in far.records.values()] == ["207"]


def test_what_was_said_by_telephone_was_said_then_and_not_when_it_was_typed(hall, far):
    switched_on(hall, far)
    rate(hall, None)
    hall.clock.forward(minutes=5)
    background.tick(hall.store)
    said = hall.clock.now
    hall.clock.forward(days=3)
    call = {"day": "2026-03-02", "number": "A001", "label": "satisfied", "called_at": said.isoformat()}
    assert hall.person("su", "supervisor").do("/ratings/entered", source="telephone", **call)[0] == 201
    hall.server.sender.turn()
    (record,) = far.records.values()
    assert record["assessTime"] == f"{hall_time(said, 'Asia/Shanghai'):%Y-%m-%d %H:%M:%S}"


def test_rows_that_the_province_never_takes_do_not_stand_before_the_others(hall, far):
    switched_on(hall, far)
    for _ in range(20):
        rate(hall, "dissatisfied")
    sender, arrived = hall.server.sender, []

    def sent(row):
        if row.rating_id <= 20:
            return Answer(Outcome.LATER, "http 500")
        arrived.append(row.rating_id)
        return Answer(Outcome.ARRIVED)

    sender._sent = sent

    def for_seconds(seconds):
        for _ in range(seconds):
            sender.turn()
            hall.clock.forward(seconds=1)

    for_seconds(3600)
    rate(hall, "satisfied")
    for_seconds(130)
    assert arrived == [21], "two pauses at most, however many rows are stuck"


def test_a_sentence_that_cannot_be_kept_is_kept_without_what_cannot_be(hall, far):
    switched_on(hall, far)
    rate(hall, "satisfied")
    half = b'{"code":100,"msg":"\\u5dee\\ud83d\\u0000"}'
    hall.server.sender._sent = lambda _row: judged(200, half, lambda text: json_sm2.read(text, {}))
    hall.server.sender.turn()
    assert hall.rows("SELECT attempts, reason LIKE '%差%' FROM upload") == [(1, 1)]


def test_who_served_is_not_told_by_a_dead_letter_what_was_rated(hall, far):
    switched_on(hall, far)
    boss, other = hall.person("boss", "admin"), hall.person("other", "admin")
    kiosk, evaluator = hall.device("kiosk"), hall.device("evaluator", "e", "01")
    assert boss.do("/windows/01/sign-in")[0] == 200
    kiosk.take()
    for action in ("call-next", "begin", "finish"):
        assert boss.do(f"/windows/01/{action}")[0] == 200
    assert evaluator.do("/ratings", label="dissatisfied")[1]["accepted"]
    hall.server.sender._sent = lambda _row: Answer(Outcome.REFUSED, "差评必须填写 evalDetail")
    hall.server.sender.turn()
    seen, shown = (person.get("/uploads")[1] for person in (boss, other))
    assert (seen["dead"], seen["letters"]) == (0, []) and (shown["dead"], len(shown["letters"])) == (1, 1)
    assert boss.do("/uploads/retry")[1]["count"] == 0, "not even by the answer"
    hall.server.sender.turn()
    hall.clock.forward(hours=1)
    assert boss.get("/uploads")[1]["dead"] == 1


def test_the_counts_do_not_tell_an_admin_that_the_last_citizen_rated(hall, far):
    switched_on(hall, far)
    boss = hall.person("boss", "admin")

    def seen():
        found = boss.get("/uploads")[1]
        return found["waiting"], found["oldest_at"], found["fault"], found["sent_today"], found["dead"]

    none = (0, None, "", 0, 0)
    hall.clock.forward(minutes=17)
    rate(hall)
    assert seen() == none
    far.fault("error_500")
    hall.server.sender.turn()
    assert seen() == none
    hall.clock.forward(minutes=43)
    assert seen() == (1, "2026-03-02T09:17:00+08:00", "系统繁忙", 0, 0)
    far.fault("error_500", False)
    rate(hall)
    hall.server.sender.turn()
    assert (states(hall), seen()) == (["sent", "sent"], (0, None, "", 1, 0))
