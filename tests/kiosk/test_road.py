"""The whole road from touch to paper, with the real server, the real bytes and the faults of a real day."""

import random
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from tests.kiosk.conftest import ENV, ROOT, Kiosk, PrinterStub, RealServer, Weather, Wire, until

MakeKiosk = Callable[..., Kiosk]
FAIR = Weather(path="\0")


def press_id() -> str:
    return uuid.uuid4().hex


def until_reported(server: RealServer, press: str, state: str) -> dict[str, object]:
    until(lambda: (server.ticket(press) or {}).get("print_state") == state)
    return server.ticket(press) or {}


def test_a_touch_becomes_paper_and_the_server_hears_of_it(
    real_server: RealServer, printer: PrinterStub, make_kiosk: MakeKiosk
) -> None:
    kiosk = make_kiosk(real_server.url, printer.url)
    kiosk.until_ready()
    press = press_id()
    for _ in range(3):
        assert kiosk.touch(press).status_code == 200
    number = kiosk.until_stage(press, "taken")["ticket"]["number"]
    assert kiosk.touch(press).json()["ticket"]["number"] == number
    assert printer.printed(number) == 1
    until_reported(real_server, press, "printed")


def test_many_hands_at_once_get_a_number_and_a_paper_each(
    real_server: RealServer, printer: PrinterStub, make_kiosk: MakeKiosk
) -> None:
    kiosk = make_kiosk(real_server.url, printer.url)
    kiosk.until_ready()
    presses = [press_id() for _ in range(8)]
    threads = [threading.Thread(target=kiosk.touch, args=(press,)) for press in presses * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = [kiosk.until_stage(press, "taken")["ticket"]["number"] for press in presses]
    assert len(set(numbers)) == 8
    assert [printer.printed(number) for number in numbers] == [1] * 8


def test_killed_before_the_server_answered(
    real_server: RealServer, wire: Wire, printer: PrinterStub, make_kiosk: MakeKiosk
) -> None:
    """The server has the ticket, the journal only the intent: the same ticket comes out, once."""
    kiosk = make_kiosk(wire.url, printer.url)
    kiosk.until_ready()
    press = press_id()
    held = wire.weather = Weather("/tickets", "POST", after=threading.Event())
    kiosk.touch(press)
    until(lambda: real_server.ticket(press))
    kiosk.kill()
    assert held.after
    held.after.set()
    wire.weather = FAIR
    kiosk.start()
    number = kiosk.until_stage(press, "taken")["ticket"]["number"]
    assert printer.printed(number) == 1
    assert until_reported(real_server, press, "printed")["number"] == number


def test_killed_with_a_number_but_before_the_first_byte(
    real_server: RealServer, wire: Wire, make_kiosk: MakeKiosk
) -> None:
    """The printer has not answered yet, so the agent waits for it with the ticket noted."""
    printer = PrinterStub("--fast", "--fault", "mute")
    try:
        kiosk = make_kiosk(wire.url, printer.url)
        press = press_id()
        kiosk.touch(press)
        until(lambda: '"issued"' in (kiosk.folder / "data" / "tickets.jsonl").read_text(), 5)
        kiosk.kill()
        assert '"printing"' not in (kiosk.folder / "data" / "tickets.jsonl").read_text()
        printer.fault("mute", False)
        kiosk.start()
        number = kiosk.until_stage(press, "taken")["ticket"]["number"]
        assert printer.printed(number) == 1
        until_reported(real_server, press, "printed")
    finally:
        printer.stop()


def test_killed_while_printing_is_unknown_and_never_printed_again(
    real_server: RealServer, make_kiosk: MakeKiosk
) -> None:
    printer = PrinterStub()  # with a real machine's slowness
    try:
        kiosk = make_kiosk(real_server.url, printer.url)
        kiosk.until_ready()
        press = press_id()
        kiosk.touch(press)
        until(lambda: '"printing"' in (kiosk.folder / "data" / "tickets.jsonl").read_text())
        kiosk.kill()
        kiosk.start()
        visit = kiosk.until_stage(press, "paper_unknown")
        until_reported(real_server, press, "unknown")
        kiosk.until_ready()
        assert printer.printed(visit["ticket"]["number"]) <= 1
    finally:
        printer.stop()


@pytest.mark.parametrize("line", ["intent", "issued", "printing"])
def test_a_damaged_line_of_the_journal_neither_prints_again_nor_leaves_the_ticket_open(
    real_server: RealServer, make_kiosk: MakeKiosk, line: str
) -> None:
    printer = PrinterStub()  # with a real machine's slowness
    try:
        kiosk = make_kiosk(real_server.url, printer.url)
        kiosk.until_ready()
        press = press_id()
        kiosk.touch(press)
        journal = kiosk.folder / "data" / "tickets.jsonl"
        until(lambda: '"printing"' in journal.read_text())
        kiosk.kill()
        lines = journal.read_text().splitlines(keepends=True)
        journal.write_text("".join(("\0" * 40 + "\n") if f'"{line}"' in each else each for each in lines))
        kiosk.start()
        number = str(until_reported(real_server, press, "unknown")["number"])
        kiosk.until_ready()
        assert printer.printed(number) <= 1
        later = press_id()
        kiosk.touch(later)
        kiosk.until_stage(later, "taken")
        until_reported(real_server, later, "printed")
        assert printer.printed(number) <= 1
    finally:
        printer.stop()


def test_killed_before_the_report_arrived(
    real_server: RealServer, wire: Wire, printer: PrinterStub, make_kiosk: MakeKiosk
) -> None:
    kiosk = make_kiosk(wire.url, printer.url)
    kiosk.until_ready()
    press = press_id()
    wire.weather = Weather("/print-result", cut=True)
    kiosk.touch(press)
    number = kiosk.until_stage(press, "taken")["ticket"]["number"]
    until(wire.weather.reached.is_set)
    kiosk.kill()
    wire.weather = FAIR
    kiosk.start()
    until_reported(real_server, press, "printed")
    assert printer.printed(number) == 1


def test_killed_at_random_moments_paper_and_database_agree(
    real_server: RealServer, printer: PrinterStub, make_kiosk: MakeKiosk
) -> None:
    kiosk = make_kiosk(real_server.url, printer.url)
    kiosk.until_ready()
    chance = random.Random(20260302)
    presses = []
    for _ in range(8):
        presses.append(press_id())
        killer = threading.Timer(chance.uniform(0.0, 0.06), kiosk.kill)
        killer.start()
        with suppress(requests.RequestException):  # killed under the touch
            kiosk.touch(presses[-1])
        killer.join()
        kiosk.start()
    for press in presses:
        agree(real_server, printer, press)


def agree(server: RealServer, printer: PrinterStub, press: str) -> None:
    """What the server says in the end is what lies in the paper tray."""
    ticket = server.ticket(press)
    if ticket is None:
        return  # killed before the touch was noted: the page would have touched again
    until(lambda: (server.ticket(press) or {})["print_state"] != "pending")
    ticket = server.ticket(press) or {}
    papers = printer.printed(ticket["number"])
    assert papers <= 1
    assert papers == 1 or ticket["print_state"] != "printed"
    assert papers == 0 or ticket["print_state"] in ("printed", "unknown")


def test_a_server_that_is_away_leaves_no_ghost_ticket(
    real_server: RealServer, wire: Wire, printer: PrinterStub, make_kiosk: MakeKiosk
) -> None:
    """The server made the ticket, its answers were lost, the citizen was told so: the ticket is cancelled."""
    kiosk = make_kiosk(wire.url, printer.url)
    kiosk.until_ready()
    press = press_id()
    wire.weather = held = Weather("/tickets", after=threading.Event())
    kiosk.touch(press)
    kiosk.until_stage(press, "away")
    assert held.after
    held.after.set()
    wire.weather = FAIR
    until(lambda: (real_server.ticket(press) or {}).get("state") == "cancelled")
    assert printer.papers() == []
    assert {path for method, path, _ in wire.passed if method == "POST" and path.endswith("/tickets")} != set()


def test_errors_of_the_server_are_tried_again_under_the_same_name(
    real_server: RealServer, wire: Wire, printer: PrinterStub, make_kiosk: MakeKiosk
) -> None:
    kiosk = make_kiosk(wire.url, printer.url)
    kiosk.until_ready()
    press = press_id()
    for answer in ((500, b"oops"), (201, b"{}"), (201, b"\xff not json"), (503, b'{"code": "busy"}')):
        wire.weather = Weather("/tickets", "POST", answer=answer)
        kiosk.touch(press)
        until(wire.weather.reached.is_set)
        time.sleep(0.05)
    wire.weather = FAIR
    number = kiosk.until_stage(press, "taken")["ticket"]["number"]
    assert printer.printed(number) == 1


def test_a_refusal_reaches_the_citizen_in_words(
    real_server: RealServer, printer: PrinterStub, make_kiosk: MakeKiosk
) -> None:
    kiosk = make_kiosk(real_server.url, printer.url)
    kiosk.until_ready()
    press = press_id()
    kiosk.touch(press, queue="nope")
    refusal = kiosk.until_stage(press, "refused")["refusal"]
    assert refusal["code"] == "queue_not_found" and "重新选择" in refusal["zh"]
    assert real_server.ticket(press) is None


def test_a_printer_without_paper_costs_no_number_and_prints_it_when_there_is_some(
    real_server: RealServer, printer: PrinterStub, make_kiosk: MakeKiosk
) -> None:
    kiosk = make_kiosk(real_server.url, printer.url)
    kiosk.until_ready()
    printer.fault("paper_out")
    until(lambda: "paper_out" in kiosk.picture()["printer"]["faults"])
    press = press_id()
    kiosk.touch(press)
    number = kiosk.until_stage(press, "waiting_paper")["ticket"]["number"]
    until_reported(real_server, press, "failed")
    assert printer.printed(number) == 0
    printer.fault("paper_out", False)
    kiosk.until_stage(press, "taken")
    assert printer.printed(number) == 1


def test_a_full_disk_takes_no_ticket(real_server: RealServer, printer: PrinterStub, make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk(real_server.url, printer.url)
    kiosk.until_ready()
    press = press_id()
    limit_file_size(kiosk.pid, (kiosk.folder / "data" / "tickets.jsonl").stat().st_size)
    answer = kiosk.touch(press)
    assert answer.status_code == 503 and "导办台" in answer.json()["refusal"]["zh"]
    assert real_server.ticket(press) is None
    limit_file_size(kiosk.pid, -1)
    kiosk.touch(press)
    kiosk.until_stage(press, "taken")


def limit_file_size(pid: int, size: int) -> None:
    """The kernel refuses to let this process's files grow, as a full disk does."""
    import resource

    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, -1))


def test_foreign_pages_are_kept_out(real_server: RealServer, printer: PrinterStub, make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk(real_server.url, printer.url)
    body = {"press_id": press_id(), "queue": "A"}
    guard = {"X-Jiaohao-Kiosk": "1"}
    url = kiosk.url + "take"
    assert requests.post(url, json=body, timeout=5).status_code == 403
    foreign = {**guard, "Origin": "http://evil.example"}
    assert requests.post(url, json=body, headers=foreign, timeout=5).status_code == 403
    rebound = {**guard, "Host": "evil.example"}
    assert requests.post(url, json=body, headers=rebound, timeout=5).status_code == 403
    assert requests.post(url, json={**body, "queue": "\ud800"}, headers=guard, timeout=5).status_code == 200
    for wrong in ({}, [], {"press_id": "x", "queue": "A"}, {**body, "queue": 5}, {**body, "queue": "x" * 99}):
        assert requests.post(url, json=wrong, headers=guard, timeout=5).status_code == 400
    assert requests.post(url, data="x" * 9999, headers=guard, timeout=5).status_code in (400, 413)
    policy = requests.get(kiosk.url, timeout=5).headers["Content-Security-Policy"]
    assert "unsafe" not in policy and "frame-ancestors 'none'" in policy


def test_it_stops_within_two_seconds_even_with_a_dead_server(
    wire: Wire, printer: PrinterStub, make_kiosk: MakeKiosk
) -> None:
    kiosk = make_kiosk(wire.url, printer.url)
    kiosk.until_ready()
    wire.weather = Weather(before=threading.Event())
    kiosk.touch(press_id())
    until(wire.weather.reached.is_set)
    started = time.monotonic()
    assert kiosk.stop() == 0
    assert time.monotonic() - started < 2.5
    assert wire.weather.before
    wire.weather.before.set()


def test_the_agent_is_small(real_server: RealServer, printer: PrinterStub, make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk(real_server.url, printer.url)
    kiosk.until_ready()
    press = press_id()
    kiosk.touch(press)
    kiosk.until_stage(press, "taken")
    status = Path(f"/proc/{kiosk.pid}/status").read_text()
    resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    assert resident < 80 * 1024, f"{resident} kB"


def test_a_port_in_use_is_said_in_both_languages(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (tmp_path / "token").write_text("token-token")
        settings = f'server = "http://127.0.0.1:9"\ntoken_file = "token"\ndata_dir = "data"\nport = {port}\n'
        (tmp_path / "kiosk.toml").write_text(settings + '[printer]\nurl = "tcp://127.0.0.1:9"\n')
        command = [sys.executable, "-m", "kiosk.cli", "run", "--config", str(tmp_path / "kiosk.toml")]
        answer = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=ENV, timeout=20)
    assert answer.returncode == 1 and answer.stdout == ""
    assert "端口被占用" in answer.stderr and "port in use" in answer.stderr and "Traceback" not in answer.stderr


def test_a_second_agent_on_the_same_folder_is_refused(
    real_server: RealServer, printer: PrinterStub, make_kiosk: MakeKiosk
) -> None:
    kiosk = make_kiosk(real_server.url, printer.url)
    config = str(kiosk.folder / "kiosk.toml")
    command = [sys.executable, "-m", "kiosk.cli", "run", "--config", config]
    second = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=ENV, timeout=20)
    assert second.returncode == 1
    assert "数据目录" in second.stderr and second.stdout == ""
