"""Paper that ends in the middle of the day: what the citizen reads, what staff hear, and what lies in the tray."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing

from tests.kiosk.conftest import Kiosk, PrinterStub, RealServer, Weather, Wire, until
from tests.kiosk.test_road import FAIR, press_id, until_reported

MakeKiosk = Callable[..., Kiosk]
MM = 8


def whole(printer: PrinterStub, number: str) -> int:
    """How many whole papers, cut from end to end, bear this number."""
    return sum(paper["complete"] and number in paper["lines"] for paper in printer.papers())


def pieces(printer: PrinterStub, number: str) -> int:
    return sum(number in paper["lines"] for paper in printer.papers())


def take(kiosk: Kiosk, *stages: str) -> tuple[str, str]:
    """A touch, until one of these stages: its id and its number."""
    press = press_id()
    kiosk.touch(press)
    return press, str(kiosk.until_stage(press, *stages)["ticket"]["number"])


def first_of_five(kiosk: Kiosk, printer: PrinterStub) -> str:
    """Ticket 1 prints; then the roll is cut down to half of the next."""
    kiosk.until_ready()
    number = take(kiosk, "taken")[1]
    printer.fault("roll", printer.papers()[0]["length"] / MM / 2)
    return number


def new_roll(kiosk: Kiosk, printer: PrinterStub) -> None:
    printer.fault("paper_out", False)
    until(lambda: kiosk.picture()["printer"]["ready"])


def health(server: RealServer) -> tuple[str, list[str]]:
    """What the server was told of the printer, as the admin page reads it."""
    with closing(sqlite3.connect(f"file:{server.data / 'jiaohao.db'}?mode=ro", uri=True)) as db:
        state, faults = db.execute("SELECT state, faults FROM device_health WHERE name = 'printer'").fetchone()
    return state, json.loads(faults) if isinstance(faults, str) else faults


def test_paper_out_in_the_second_of_five(
    real_server: RealServer, printer: PrinterStub, make_kiosk: MakeKiosk
) -> None:
    """The printer drops the half ticket, and after paper is back each missing ticket comes out once, in order."""
    kiosk = make_kiosk(real_server.url, printer.url)
    first = first_of_five(kiosk, printer)
    waiting = [take(kiosk, "waiting_paper") for _ in range(4)]
    assert "paper_out" in kiosk.picture()["printer"]["faults"]
    until(lambda: health(real_server) == ("fault", ["offline", "paper_low", "paper_out"]))
    for press, _ in waiting:
        until_reported(real_server, press, "failed")
    assert [whole(printer, number) for _, number in waiting] == [0, 0, 0, 0]
    new_roll(kiosk, printer)
    for press, number in waiting:
        kiosk.until_stage(press, "taken")
        assert until_reported(real_server, press, "printed")["print_count"] == 1
        assert whole(printer, number) == 1
    assert whole(printer, first) == 1
    in_order = [number for paper in printer.papers()[::-1] if paper["complete"] for number in paper["lines"][1:2]]
    assert in_order == [first, *(number for _, number in waiting)]
    assert len(printer.papers()) == 6, "five tickets, and the half that was torn off the old roll"
    until(lambda: health(real_server) == ("online", []))


def test_a_printer_that_cannot_drop_goes_on_and_is_believed(
    real_server: RealServer, printer: PrinterStub, make_kiosk: MakeKiosk
) -> None:
    """Nobody knows of ticket 2 until the printer, with paper again, says that it is out: it is not printed again."""
    printer.fault("no_clear")
    kiosk = make_kiosk(real_server.url, printer.url)
    first_of_five(kiosk, printer)
    second, number = take(kiosk, "paper_unknown")
    waiting = [take(kiosk, "waiting_paper") for _ in range(3)]
    until_reported(real_server, second, "unknown")
    new_roll(kiosk, printer)
    kiosk.until_stage(second, "taken")
    assert until_reported(real_server, second, "printed")["print_count"] == 1
    for press, later in waiting:
        kiosk.until_stage(press, "taken")
        until_reported(real_server, press, "printed")
        assert whole(printer, later) == 1
    assert pieces(printer, number) == 1, "its number stands on the half from the old roll alone"


def test_switched_off_in_the_middle_it_stays_unknown_and_a_person_decides(
    real_server: RealServer, printer: PrinterStub, make_kiosk: MakeKiosk
) -> None:
    printer.fault("no_clear")
    kiosk = make_kiosk(real_server.url, printer.url)
    first_of_five(kiosk, printer)
    second, number = take(kiosk, "paper_unknown")
    third, later = take(kiosk, "waiting_paper")
    printer.fault("power_off")
    printer.fault("paper_out", False)
    printer.fault("power_off", False)
    kiosk.until_stage(third, "taken")
    assert whole(printer, later) == 1
    assert until_reported(real_server, second, "unknown")
    assert kiosk.stage(second) == "paper_unknown" and whole(printer, number) == 0


def test_killed_while_tickets_wait_for_paper(
    real_server: RealServer, wire: Wire, printer: PrinterStub, make_kiosk: MakeKiosk
) -> None:
    """The server had heard of the one, and not yet of the other."""
    kiosk = make_kiosk(wire.url, printer.url)
    first_of_five(kiosk, printer)
    told = take(kiosk, "waiting_paper")
    until_reported(real_server, told[0], "failed")
    wire.weather = Weather("/print-result", cut=True)
    untold = take(kiosk, "waiting_paper")
    kiosk.kill()
    wire.weather = FAIR
    kiosk.start()
    until_reported(real_server, untold[0], "failed")
    new_roll(kiosk, printer)
    for press, number in (told, untold):
        kiosk.until_stage(press, "taken")
        until_reported(real_server, press, "printed")
        assert whole(printer, number) == 1


def test_a_number_that_may_have_been_called_gets_no_paper(
    real_server: RealServer, wire: Wire, printer: PrinterStub, make_kiosk: MakeKiosk
) -> None:
    """While the server is away nobody knows. Then the one that was settled gets none, and the other comes out."""
    kiosk = make_kiosk(wire.url, printer.url)
    first_of_five(kiosk, printer)
    (gone, number), (press, later) = (take(kiosk, "waiting_paper") for _ in range(2))
    for each in (gone, press):
        until_reported(real_server, each, "failed")
    wire.weather = away = Weather("/tickets", "GET", cut=True)
    new_roll(kiosk, printer)
    until(away.reached.is_set)
    assert (whole(printer, number), whole(printer, later)) == (0, 0)
    real_server.cancel(gone)
    wire.weather = FAIR
    kiosk.until_stage(press, "taken")
    assert (whole(printer, number), whole(printer, later)) == (0, 1)
    kiosk.until_stage(gone, "no_paper")


def test_whoever_stands_there_goes_first(real_server: RealServer, make_kiosk: MakeKiosk) -> None:
    printer = PrinterStub("--fault", "paper_out")  # with a real machine's slowness
    try:
        kiosk = make_kiosk(real_server.url, printer.url)
        until(lambda: "paper_out" in kiosk.picture()["printer"]["faults"])
        waiting = [take(kiosk, "waiting_paper") for _ in range(3)]
        for press, _ in waiting:
            until_reported(real_server, press, "failed")
        printer.fault("paper_out", False)
        kiosk.until_stage(waiting[0][0], "printing", "taken")
        _, number = take(kiosk, "taken")
        kiosk.until_stage(waiting[2][0], "taken")
        printed = [line for paper in printer.papers()[::-1] for line in paper["lines"][1:2]]
        assert sorted(printed) == sorted([number, *(number for _, number in waiting)])
        assert printed.index(number) < printed.index(waiting[2][1])
    finally:
        printer.stop()
