"""Papers that the guide desk asks for, over the real stub: once each, marked, and told whatever is killed."""

import dataclasses
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from devices.paper import Text
from kiosk import issuing
from kiosk.issuing import Job, PaperResult, Step, next_step, replay
from kiosk.ticket_layout import layout
from server.contract.desk import PrintWish, Reprint
from server.contract.tickets import PrintState
from tests.kiosk.conftest import Desk, Kiosk, PrinterStub, RealServer, Weather, Wire, until
from tests.kiosk.test_issuing import NOW, TICKET

MakeKiosk = Callable[..., Kiosk]
FAIR = Weather(path="\0")
MARK = "补打 Reprint"

WISH = PrintWish("w-1", "t-1", "A012")
INTENT = Job("w-1-abcdef", NOW, wish=WISH)
TAKEN = dataclasses.replace(INTENT, ticket=TICKET, copy=1)
FAILED = PaperResult(PrintState.FAILED, "none", "given up")

TABLE = [
    (INTENT, Step.ISSUE, Step.DROP),
    (dataclasses.replace(INTENT, abandoned=True), Step.DROP, Step.DROP),
    (TAKEN, Step.PRINT, Step.DROP),
    (dataclasses.replace(TAKEN, printing=True), Step.MARK_UNKNOWN, Step.MARK_UNKNOWN),
    (dataclasses.replace(INTENT, result=FAILED), Step.REPORT, Step.REPORT),
    (dataclasses.replace(TAKEN, result=FAILED, ended="reported"), Step.NOTHING, Step.NOTHING),
]


@pytest.mark.parametrize(("job", "young", "old"), TABLE)
def test_what_comes_next_of_a_wish(job: Job, young: Step, old: Step) -> None:
    assert (next_step(job, NOW + 1), next_step(job, NOW + 121), next_step(job, NOW - 3600)) == (young, old, old)


def test_a_wish_is_in_the_journal_before_it_is_taken_and_comes_back_whole() -> None:
    records = [issuing.wished("w-1-abcdef", NOW, WISH), issuing.taken(INTENT, Reprint(TICKET, 1))]
    assert replay(json.loads(json.dumps(records[:1])))["w-1-abcdef"] == INTENT
    assert replay(json.loads(json.dumps(records)))["w-1-abcdef"] == TAKEN
    assert next_step(replay(records, damaged=True)["w-1-abcdef"], NOW) is Step.MARK_UNKNOWN


def test_a_copy_says_so_and_the_first_paper_does_not() -> None:
    def words(copy: int) -> str:
        return "\n".join(line.text for line in layout(TICKET, 32, copy=copy) if isinstance(line, Text))

    assert MARK not in words(0) and f"{MARK} 2" in words(2)


class Reprinter(Desk):
    def story(self, ticket: str) -> Any:
        return self.get(f"/tickets/{ticket}/story")

    def paper(self, ticket: str) -> str:
        """What became of the last paper that was asked for."""
        return str(self.story(ticket)["papers"][-1]["state"])

    def ask(self, ticket: str) -> None:
        """Ask as soon as the server knows that the kiosk's printer can print."""
        path, body = f"/tickets/{ticket}/reprint", {"device": "kiosk-1", "request_id": uuid.uuid4().hex}
        until(lambda: self.post(path, **body).ok)


@pytest.fixture(scope="module")
def desk(real_server: RealServer) -> Iterator[Reprinter]:
    desk = Reprinter(real_server)
    try:
        yield desk
    finally:
        desk.close()


def ticket_of_a_touch(kiosk: Kiosk, desk: Reprinter) -> tuple[str, str]:
    """A citizen's ticket, printed and told, once the kiosk can print; its id and number."""
    kiosk.until_ready()
    press = uuid.uuid4().hex
    kiosk.touch(press)
    ticket = kiosk.until_stage(press, "taken")["ticket"]
    until(lambda: desk.story(ticket["id"])["ticket"]["print_state"] == "printed")
    return ticket["id"], ticket["number"]


def copies(printer: PrinterStub, number: str) -> int:
    """Papers with this number that say that they are a copy."""
    papers = [json.dumps(paper, ensure_ascii=False) for paper in printer.papers()]
    return sum(number in paper and MARK in paper for paper in papers)


def journal(kiosk: Kiosk) -> str:
    return (kiosk.folder / "data" / "tickets.jsonl").read_text()


def test_a_copy_comes_out_once_and_says_so_while_citizens_are_served(
    real_server: RealServer, printer: PrinterStub, make_kiosk: MakeKiosk, desk: Reprinter
) -> None:
    kiosk = make_kiosk(real_server.url, printer.url)
    ticket, number = ticket_of_a_touch(kiosk, desk)
    desk.ask(ticket)
    _, other = ticket_of_a_touch(kiosk, desk)
    until(lambda: desk.paper(ticket) == "printed")
    assert (printer.printed(number), copies(printer, number)) == (2, 1)
    assert (printer.printed(other), copies(printer, other)) == (1, 0)
    assert desk.story(ticket)["ticket"]["print_count"] == 2
    assert set(kiosk.picture()["visits"]) == {visit for visit in kiosk.picture()["visits"] if "-" not in visit}


def test_a_ticket_from_the_desk_comes_out_as_its_first_paper(
    real_server: RealServer, printer: PrinterStub, make_kiosk: MakeKiosk, desk: Reprinter
) -> None:
    kiosk = make_kiosk(real_server.url, printer.url)
    kiosk.until_ready()
    ticket = desk.do("/tickets", queue="B", lane="priority", lane_reason="老年人")
    desk.ask(ticket["id"])
    until(lambda: desk.paper(ticket["id"]) == "printed")
    assert (printer.printed(ticket["number"]), copies(printer, ticket["number"])) == (1, 0)


def test_killed_before_it_learned_that_it_may_print(
    real_server: RealServer, wire: Wire, printer: PrinterStub, make_kiosk: MakeKiosk, desk: Reprinter
) -> None:
    """The server has given the wish away, the journal only knows of it: it comes out, once."""
    kiosk = make_kiosk(wire.url, printer.url)
    ticket, number = ticket_of_a_touch(kiosk, desk)
    held = wire.weather = Weather("/take", "POST", after=threading.Event())
    desk.ask(ticket)
    until(lambda: desk.paper(ticket) == "taken")
    kiosk.kill()
    assert held.after
    held.after.set()
    wire.weather = FAIR
    kiosk.start()
    until(lambda: desk.paper(ticket) == "printed")
    assert copies(printer, number) == 1


def test_killed_while_it_prints_is_unknown_and_never_printed_again(
    real_server: RealServer, make_kiosk: MakeKiosk, desk: Reprinter
) -> None:
    printer = PrinterStub()  # with a real machine's slowness
    try:
        kiosk = make_kiosk(real_server.url, printer.url)
        ticket, number = ticket_of_a_touch(kiosk, desk)
        before = journal(kiosk).count('"printing"')
        desk.ask(ticket)
        until(lambda: journal(kiosk).count('"printing"') > before)
        kiosk.kill()
        kiosk.start()
        until(lambda: desk.paper(ticket) == "unknown")
        kiosk.until_ready()
        assert copies(printer, number) <= 1
        assert desk.story(ticket)["ticket"]["print_state"] == "printed"
    finally:
        printer.stop()


def test_killed_before_its_report_arrived(
    real_server: RealServer, wire: Wire, printer: PrinterStub, make_kiosk: MakeKiosk, desk: Reprinter
) -> None:
    kiosk = make_kiosk(wire.url, printer.url)
    ticket, number = ticket_of_a_touch(kiosk, desk)
    wire.weather = Weather("/print-result", cut=True)
    desk.ask(ticket)
    until(wire.weather.reached.is_set)
    kiosk.kill()
    wire.weather = FAIR
    kiosk.start()
    until(lambda: desk.paper(ticket) == "printed")
    assert copies(printer, number) == 1


def test_no_paper_is_told_at_once_and_nothing_comes_later(
    real_server: RealServer, wire: Wire, printer: PrinterStub, make_kiosk: MakeKiosk, desk: Reprinter
) -> None:
    kiosk = make_kiosk(wire.url, printer.url)
    ticket, number = ticket_of_a_touch(kiosk, desk)
    held = wire.weather = Weather("/take", "POST", before=threading.Event())
    desk.ask(ticket)
    until(held.reached.is_set)
    printer.fault("paper_out")
    until(lambda: "paper_out" in kiosk.picture()["printer"]["faults"])
    assert held.before
    held.before.set()
    until(lambda: desk.paper(ticket) == "failed")
    printer.fault("paper_out", False)
    _, later = ticket_of_a_touch(kiosk, desk)
    assert (copies(printer, number), printer.printed(later)) == (0, 1)
