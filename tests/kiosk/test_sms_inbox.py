"""What phones wrote on its way to the server: a real journal and HTTP, an answer of each kind, clocks that jump."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from devices.base import ReceivedSms
from devices.sms.modem import AtModem
from devices.supervisor import Supervisor
from firmware_stubs.lines import TcpEnd
from firmware_stubs.modem import ModemStub
from kiosk import sms
from kiosk.client import Client
from kiosk.sms import Inbox, Outbox
from kiosk.spool import Spool
from server.contract.problems import PROBLEMS
from tests.kiosk.conftest import until

ONE, OTHER = "+8613812345678", "+8613987654321"


class Answers:
    """A server that refuses as often as told, and takes everything else down."""

    def __init__(self) -> None:
        self.refusals: list[str] = []
        self.asked = 0
        self.taken: list[dict[str, Any]] = []
        self._http = make_server("127.0.0.1", 0, self._answer)
        self.client = Client(f"http://127.0.0.1:{self._http.server_port}", "token")
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self.client.close()

    def texts(self, sender: str) -> list[str]:
        return [one["text"] for one in self.taken if one["sender"] == sender]

    def _answer(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        self.asked += 1
        if self.refusals:
            problem = {"code": self.refusals.pop(0)}
            status = PROBLEMS[problem["code"]].status if problem["code"] in PROBLEMS else 503
            return Response(json.dumps(problem), status)(environ, start_response)
        if request.path.endswith("/received"):
            self.taken.append(json.loads(request.data))
            return Response("{}")(environ, start_response)
        return Response('{"messages": []}')(environ, start_response)


class Wall:
    """A wall clock that somebody sets."""

    def __init__(self) -> None:
        self.now = 1_770_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def answers() -> Iterator[Answers]:
    answers = Answers()
    yield answers
    answers.close()


@pytest.fixture
def box(tmp_path: Path, answers: Answers, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Inbox]]:
    """An inbox of the same journal, for each life of the gateway; `deliver` lets it run."""
    monkeypatch.setattr(sms, "RETRY_S", 0.05)
    spools: list[Spool] = []

    def make(clock: Wall) -> Inbox:
        for before in spools[-1:]:
            before.close()
        spools.append(Spool(tmp_path / "in.jsonl"))
        return Inbox(spools[-1], answers.client, clock)

    yield make
    spools[-1].close()


def deliver(inbox: Inbox | Outbox, done: Callable[[], Any]) -> None:
    """Let it run until this is done."""
    stopping = threading.Event()
    thread = threading.Thread(target=inbox.run, args=(stopping,))
    thread.start()
    try:
        until(done, 20)
    finally:
        stopping.set()
        inbox.wake()
        thread.join()


def written(text: str, sender: str = ONE) -> ReceivedSms:
    return ReceivedSms(sender, text, datetime(2026, 3, 2, tzinfo=UTC), None)


def test_what_one_phone_wrote_arrives_in_its_order_and_holds_up_no_other(
    box: Callable[..., Inbox], answers: Answers
) -> None:
    """Or a second thought would be the rating."""
    inbox = box(Wall())
    answers.refusals = ["storage"]
    for message in (written("5"), written("1"), written("3", OTHER)):
        inbox.keep(message)
    deliver(inbox, lambda: len(answers.taken) == 3)
    assert answers.texts(ONE) == ["5", "1"] and answers.taken[0]["text"] == "3"


@pytest.mark.parametrize("code", ["wrong_state", "ticket_not_found", "sign_in_required", "forbidden"])
def test_a_refusal_that_may_pass_loses_no_reply(box: Callable[..., Inbox], answers: Answers, code: str) -> None:
    inbox = box(Wall())
    answers.refusals = [code] * 2
    inbox.keep(written("5"))
    deliver(inbox, lambda: answers.taken)
    assert answers.texts(ONE) == ["5"]


@pytest.mark.parametrize("code", ["bad_field", "bad_request"])
def test_what_the_server_will_never_understand_is_dropped(
    box: Callable[..., Inbox], answers: Answers, code: str
) -> None:
    inbox = box(Wall())
    answers.refusals = [code]
    inbox.keep(written("5"))
    inbox.keep(written("4"))
    deliver(inbox, lambda: answers.taken)
    assert answers.texts(ONE) == ["4"]


def test_a_refused_token_is_said_once_and_once_when_it_is_taken_again(
    box: Callable[..., Inbox], answers: Answers
) -> None:
    inbox = box(Wall())
    answers.refusals = ["sign_in_required"] * 4
    inbox.keep(written("5"))
    inbox.keep(written("5", OTHER))
    with capture_logs() as logs:
        deliver(inbox, lambda: len(answers.taken) == 2)
    said = [line["event"] for line in logs if line["log_level"] in ("warning", "info")]
    assert said == ["the server refuses this gateway", "the server takes this gateway again"]


def test_a_gateway_that_gets_no_messages_says_so_once(
    tmp_path: Path, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sms, "ASK_S", 0.05)
    answers.refusals = ["sign_in_required"] * 4
    with ModemStub(TcpEnd()) as stub:
        modem = AtModem("modem", f"tcp://{stub.end.address}", lambda _: None)
        supervisor = Supervisor([modem], lambda *_: None)
        supervisor.start()
        spool = Spool(tmp_path / "out.jsonl")
        with capture_logs() as logs:
            deliver(Outbox(spool, answers.client, modem), lambda: answers.asked > 5)
        supervisor.stop()
        spool.close()
    said = [line["event"] for line in logs if "gateway" in line["event"]]
    assert said == ["the server refuses this gateway", "the server takes this gateway again"]


def test_what_was_delivered_just_before_a_kill_does_not_stay_on_the_disk(
    box: Callable[..., Inbox], answers: Answers, tmp_path: Path
) -> None:
    message = {"sender": ONE, "text": "非常满意", "sent_at": None, "reference": None, "complete": True, "age_s": 0}
    lines = ({"id": "r1", "at": 0.0, "message": {"request_id": "r1", **message}}, {"id": "r1", "delivered": True})
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    box(Wall())
    assert (tmp_path / "in.jsonl").read_text() == ""


def test_a_clock_that_is_set_makes_no_reply_older_or_newer(box: Callable[..., Inbox], answers: Answers) -> None:
    for jump in (-10_000.0, 40 * 86400.0):
        wall = Wall()
        inbox = box(wall)
        inbox.keep(written(str(jump)))
        wall.now += jump
        before = len(answers.taken)
        deliver(inbox, lambda before=before: len(answers.taken) > before)
        assert answers.taken[-1]["age_s"] in range(30)


@pytest.mark.parametrize(("passed", "age_s"), [(600.0, 600), (-600.0, None)])
def test_of_another_life_the_wall_clock_tells_unless_it_was_put_back(
    box: Callable[..., Inbox], answers: Answers, passed: float, age_s: int | None
) -> None:
    wall = Wall()
    box(wall).keep(written("5"))
    wall.now += passed
    deliver(box(wall), lambda: answers.taken)
    assert answers.taken[0]["age_s"] == age_s
