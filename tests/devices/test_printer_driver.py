"""The printer's driver against a tiny printer at the other end of a real pty or socket."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from devices.base import DeviceState
from devices.escpos import compose as composer
from devices.escpos import driver as printer_driver
from devices.escpos.driver import EscPosPrinter
from devices.escpos.profile import load_profile
from devices.paper import Cut, Text
from devices.transport import Lost, open_transport

PROFILE = load_profile("generic-80")


def compose(layout):
    return composer.compose(layout, PROFILE)


TICKET = compose((Text("A001", size=4), Text("养老保险"), Cut()))
COMMAND = re.compile(
    rb"\x10\x04(?P<query>[\x01-\x04])|\x1d\x28\x48\x06\x00\x30\x30(?P<fence>.{4})|\x1dr(?P<paper>\x01)"
    rb"|\x1da(?P<auto>.)|(?P<cut>\x1dV\x42\x00)",
    re.DOTALL,
)
FENCE = b"\x1d\x28\x48\x06\x00\x30\x30"
OK = {1: 0x12, 2: 0x12, 3: 0x12, 4: 0x12}


class TinyPrinter:
    """Answers the commands it finds; `held` keeps back queued answers, as if it could not print."""

    def __init__(self, fence: bool = True, paper_query: bool = True) -> None:
        self.fence, self.paper_query = fence, paper_query
        self.real_time = dict(OK)
        self.mute = self.held = False
        self.on_cut = lambda peer: None
        self.cuts = 0
        self._rest = b""

    def __call__(self, peer, data: bytes) -> None:
        self._rest += data
        end = 0
        for found in COMMAND.finditer(self._rest):
            end = found.end()
            self._obey(peer, found)
        self._rest = self._rest[max(end, len(self._rest) - 16) :]

    def _obey(self, peer, found) -> None:
        if self.mute:
            return
        if found["query"]:
            peer.send(bytes([self.real_time[found["query"][0]]]))
        elif found["fence"] and self.fence and not self.held:
            peer.send(b"\x37\x22" + found["fence"] + b"\x00")
        elif found["paper"] and self.paper_query and not self.held:
            peer.send(b"\x00")
        elif found["cut"]:
            self.cuts += 1
            self.on_cut(peer)

    def paper_out(self, peer=None) -> None:
        self.real_time.update({1: 0x1A, 2: 0x32, 4: 0x72})
        self.held = True
        if peer is not None:
            peer.send(b"\x18\x00\x0f\x00")

    def paper_in(self, peer) -> None:
        self.real_time = dict(OK)
        self.held = False
        peer.send(b"\x10\x00\x00\x00")


@pytest.fixture
def bench(run, pty_peer, wait):
    """A printer on a pty, its driver running and ready."""

    def make(tiny: TinyPrinter, ready: bool = True):
        peer = pty_peer(tiny)
        printer = EscPosPrinter("printer", peer.url)
        running = run(printer)
        if ready:
            wait(lambda: printer.confidence and printer.status.state is DeviceState.ONLINE)
        return peer, printer, running

    return make


def test_a_ticket_is_printed_and_the_fence_says_so(bench):
    tiny = TinyPrinter()
    peer, printer, _ = bench(tiny)
    assert printer.status.state is DeviceState.ONLINE
    outcome = printer.print_job(TICKET)
    assert (outcome.result, outcome.confidence) == ("printed", "fence")
    assert TICKET[:-4] in peer.got and peer.got.count(FENCE) == 3  # the probe's, the lines' and the whole ticket's
    assert tiny.cuts == 1


def test_the_same_over_tcp(run, tcp_peer, wait):
    printer = EscPosPrinter("printer", tcp_peer(TinyPrinter()).url)
    run(printer)
    wait(lambda: printer.confidence and printer.status.state is DeviceState.ONLINE)
    assert printer.print_job(TICKET).result == "printed"


def test_jobs_from_many_threads_are_each_printed_once(bench):
    tiny = TinyPrinter()
    _, printer, _ = bench(tiny)
    jobs = [compose((Text(f"A{n:03}"), Cut())) for n in range(20)]
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(printer.print_job, jobs))
    assert [outcome.result for outcome in outcomes] == ["printed"] * 20
    assert tiny.cuts == 20


def test_without_a_fence_a_queued_reply_is_relied_on_and_the_fence_never_sent(bench):
    peer, printer, _ = bench(TinyPrinter(fence=False))
    assert printer.confidence == "status"
    outcome = printer.print_job(TICKET)
    assert (outcome.result, outcome.confidence) == ("printed", "status")
    assert peer.got.count(FENCE) == 1  # the probe's


def test_a_printer_that_cannot_say_leaves_every_job_unknown(bench):
    tiny = TinyPrinter(fence=False, paper_query=False)
    _, printer, _ = bench(tiny)
    outcome = printer.print_job(TICKET)
    assert (outcome.result, outcome.confidence) == ("unknown", "none")


def test_paper_out_before_a_job_fails_it_and_sends_nothing(bench, wait):
    tiny = TinyPrinter()
    peer, printer, _ = bench(tiny)
    tiny.paper_out()
    started = time.monotonic()
    outcome = printer.print_job(TICKET)
    assert (outcome.result, outcome.detail) == ("failed", "paper_out")
    assert time.monotonic() - started < 1.5
    assert b"\x1dV\x42\x00" not in peer.got
    assert printer.status.state is DeviceState.FAULT
    assert printer.status.faults == {"paper_out", "offline"}


@pytest.mark.parametrize(("asb", "fault"), [(b"\x38\x00\x00\x00", "cover_open"), (b"\x18\x08\x00\x00", "cutter")])
def test_faults_are_seen_at_once_by_automatic_status(bench, wait, asb, fault):
    tiny = TinyPrinter()
    peer, printer, _ = bench(tiny)
    tiny.real_time = {1: 0x1A, 2: 0x16 if fault == "cover_open" else 0x52, 3: 0x1A, 4: 0x12}
    peer.send(asb)
    wait(lambda: fault in printer.status.faults)
    assert printer.print_job(TICKET).result == "failed"
    tiny.paper_in(peer)
    wait(lambda: printer.status.state is DeviceState.ONLINE)
    assert printer.print_job(TICKET).result == "printed"


@pytest.mark.parametrize("heard", [b"\x10\x08\x00\x00", b"\x10\x28\x00\x00"])
def test_a_cutter_fault_out_of_noise_does_not_stay(bench, wait, heard):
    """The printer is well, and automatic status comes only when something changes: the poll must find out."""
    peer, printer, _ = bench(TinyPrinter())
    peer.send(heard)
    wait(lambda: "cutter" in printer.status.faults)
    wait(lambda: printer.status.state is DeviceState.ONLINE, 3)
    assert printer.print_job(TICKET).result == "printed"


def test_a_cutter_that_is_freed_is_seen_without_automatic_status(bench, wait):
    tiny = TinyPrinter()
    _, printer, _ = bench(tiny)
    tiny.real_time = {1: 0x1A, 2: 0x52, 3: 0x1A, 4: 0x12}
    wait(lambda: "cutter" in printer.status.faults)
    tiny.real_time = dict(OK)
    wait(lambda: printer.status.state is DeviceState.ONLINE, 3)


def test_a_late_queued_answer_does_not_count_for_the_next_ticket(bench, wait):
    """It is anonymous: what was not answered in time must be over before the next ticket relies on it."""
    tiny = TinyPrinter(fence=False)
    peer, printer, _ = bench(tiny)
    tiny.held = True
    assert printer.print_job(TICKET, timeout_s=0.5).result == "unknown"
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(printer.print_job, TICKET, 5)
        wait(lambda: peer.got.count(FENCE) == 2)  # probed anew
        peer.send(b"\x00")  # the first ticket's
        assert second.result().result == "unknown"


def test_little_paper_is_told_and_prints_on(bench, wait):
    tiny = TinyPrinter()
    _, printer, _ = bench(tiny)
    tiny.real_time[4] = 0x1E
    wait(lambda: printer.status.faults == {"paper_low"})
    assert printer.status.state is DeviceState.ONLINE
    assert printer.print_job(TICKET).result == "printed"


def test_paper_out_in_the_middle_of_a_job_is_unknown_soon(bench):
    tiny = TinyPrinter()
    _, printer, _ = bench(tiny)
    tiny.on_cut = tiny.paper_out
    started = time.monotonic()
    outcome = printer.print_job(TICKET, timeout_s=10)
    assert (outcome.result, outcome.detail) == ("unknown", "paper_out")
    assert time.monotonic() - started < 4


def test_paper_that_ends_just_behind_a_ticket_does_not_spoil_it(bench):
    tiny = TinyPrinter()
    _, printer, _ = bench(tiny)

    def ends(peer):
        peer.send(b"\x18\x00\x0f\x00")
        time.sleep(0.3)  # the blade takes its time; then the fence follows, as the ticket is out

    tiny.on_cut = ends
    assert printer.print_job(TICKET).result == "printed"


def test_a_lost_fence_is_unknown_after_the_time_given_and_the_next_job_prints(bench):
    tiny = TinyPrinter()
    _, printer, _ = bench(tiny)
    tiny.held = True
    started = time.monotonic()
    assert printer.print_job(TICKET, timeout_s=0.5).result == "unknown"
    assert 0.4 < time.monotonic() - started < 2
    tiny.held = False
    assert printer.print_job(TICKET).result == "printed"


def test_an_earlier_prints_late_fence_does_not_count_for_a_reprint(bench, wait):
    tiny = TinyPrinter()
    peer, printer, _ = bench(tiny)
    tiny.held = True
    assert printer.print_job(TICKET, timeout_s=0.3).result == "unknown"
    late = peer.got.rpartition(FENCE)[2][:4]
    peer.send(b"\x37\x22" + late + b"\x00")
    time.sleep(0.3)  # let the driver take it in
    assert printer.print_job(TICKET, timeout_s=0.3).result == "unknown"


def test_unplugged_in_the_middle_is_unknown_and_replugged_prints(bench, run, wait):
    tiny = TinyPrinter()
    peer, printer, running = bench(tiny)
    cut = threading.Event()
    tiny.on_cut = lambda _: cut.set()
    tiny.held = True
    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(printer.print_job, TICKET)
        assert cut.wait(5)
        peer.pull()
        assert job.result().result == "unknown"
    wait(lambda: running.ended)
    assert isinstance(running.error, Lost)
    assert printer.status.state is DeviceState.ABSENT
    assert printer.print_job(TICKET).result == "failed"
    tiny.held = False
    peer.insert()
    run(printer)
    wait(lambda: printer.status.state is DeviceState.ONLINE)
    assert printer.print_job(TICKET).result == "printed"


def test_jobs_waiting_behind_a_loss_failed_for_sure(bench):
    tiny = TinyPrinter()
    peer, printer, _ = bench(tiny)
    cut = threading.Event()
    tiny.on_cut = lambda _: cut.set()
    tiny.held = True
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(printer.print_job, TICKET)
        assert cut.wait(5)
        waiting = [pool.submit(printer.print_job, TICKET) for _ in range(2)]
        while printer._jobs.qsize() < 2:
            time.sleep(0.01)
        peer.pull()
        assert first.result().result == "unknown"
        assert [job.result().result for job in waiting] == ["failed", "failed"]


def test_a_job_whose_time_passed_while_it_waited_was_not_sent(bench):
    tiny = TinyPrinter()
    _, printer, _ = bench(tiny)
    cut = threading.Event()
    tiny.on_cut = lambda _: cut.set()
    tiny.held = True
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(printer.print_job, TICKET, 1.5)
        assert cut.wait(5)
        assert printer.print_job(TICKET, 0.2).result == "failed"
        assert slow.result().result == "unknown"
    assert tiny.cuts == 1


LONG_TICKET = compose((Text("㐂" * 200), Text("x" * 60_000), Cut()))


def test_a_slow_line_prints(run, pty_peer, wait):
    tiny = TinyPrinter()

    def slow(peer, data):
        time.sleep(len(data) / 50_000)
        tiny(peer, data)

    printer = EscPosPrinter("printer", pty_peer(slow).url)
    run(printer)
    wait(lambda: printer.confidence and printer.status.state is DeviceState.ONLINE)
    assert printer.print_job(LONG_TICKET).result == "printed"


def test_a_line_that_stops_taking_bytes_leaves_the_job_unknown_in_time(run, pty_peer, wait):
    tiny, going_on = TinyPrinter(), threading.Event()

    def stalls(peer, data):
        if b"xxx" in data:
            going_on.wait(10)
        tiny(peer, data)

    printer = EscPosPrinter("printer", pty_peer(stalls).url)
    run(printer)
    wait(lambda: printer.confidence and printer.status.state is DeviceState.ONLINE)
    outcome = printer.print_job(LONG_TICKET, timeout_s=0.5)
    going_on.set()
    assert outcome.result == "unknown" and "timed out" in outcome.detail


def test_a_line_that_takes_nothing_of_a_job_failed(bench, monkeypatch):
    _, printer, _ = bench(TinyPrinter())

    def refuse(link, data, *rest):
        raise Lost("unplugged", sent=0)

    monkeypatch.setattr(printer_driver.Link, "send_between_fences", refuse)
    assert printer.print_job(TICKET).result == "failed"


def test_a_printer_that_answers_nothing_is_absent(bench, wait):
    tiny = TinyPrinter()
    tiny.mute = True
    _, printer, running = bench(tiny, ready=False)
    wait(lambda: running.ended)
    assert printer.status.state is DeviceState.ABSENT
    assert "no answer" in printer.status.detail
    assert printer.print_job(TICKET).result == "failed"


def test_a_printer_that_falls_silent_is_lost(bench, wait):
    tiny = TinyPrinter()
    _, printer, running = bench(tiny)
    tiny.mute = True
    assert printer.print_job(TICKET).result == "failed"
    wait(lambda: running.ended)
    assert printer.status.state is DeviceState.ABSENT


def test_a_printer_without_paper_is_probed_when_it_has_some(bench, wait):
    tiny = TinyPrinter()
    tiny.paper_out()
    peer, printer, _ = bench(tiny, ready=False)
    wait(lambda: printer.status.state is DeviceState.FAULT)
    assert printer.confidence is None
    tiny.paper_in(peer)
    wait(lambda: printer.confidence == "fence")


def test_before_it_ever_ran_a_job_fails():
    printer = EscPosPrinter("printer", "tcp://127.0.0.1:9")
    assert printer.status.state is DeviceState.STARTING
    assert printer.print_job(TICKET).result == "failed"


def test_an_error_inside_the_driver_leaves_the_job_unknown_and_is_raised(run, pty_peer, wait):
    printer = EscPosPrinter("printer", pty_peer(TinyPrinter()).url, connect=open_transport)
    running = run(printer)
    wait(lambda: printer.confidence and printer.status.state is DeviceState.ONLINE)
    outcome = printer.print_job(None)  # type: ignore[arg-type]
    assert outcome.result == "unknown"
    wait(lambda: running.ended)
    assert isinstance(running.error, AttributeError)


def test_a_bad_url_is_refused_when_made():
    with pytest.raises(ValueError, match="设备地址"):
        EscPosPrinter("printer", "usb")
