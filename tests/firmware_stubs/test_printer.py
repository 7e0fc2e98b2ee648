"""The printer over real TCP and ptys: paper, faults, status."""

import io
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import serial
from escpos.printer import Dummy
from PIL import Image

from firmware_stubs.lines import PtyEnd, TcpEnd
from firmware_stubs.printer import PrinterStub
from firmware_stubs.printer.render import png, qr_matrix
from firmware_stubs.refusal import RefusedError

QR = "http://hall.example/t/8f2c1a"
FENCE = bytes.fromhex("1d284806003030") + b"q7Z~"
FENCED = b"\x37\x22q7Z~\x00"


def ticket(number: str = "A001", chinese: bool = True) -> bytes:
    """As python-escpos composes it, with the mode that it forgets."""
    printer = Dummy()
    printer.hw("INIT")
    if chinese:
        printer._raw(b"\x1c&")
    printer.set_with_default(align="center", custom_size=True, width=2, height=2)
    printer._raw("社保大厅\n".encode("gbk"))
    printer.set_with_default(align="center", custom_size=True, width=6, height=6)
    printer.text(f"{number}\n")
    printer.set_with_default(align="center", custom_size=True, width=1, height=1)
    printer._raw("前面还有 3 人，请稍候。\n".encode("gbk"))
    printer.qr(QR, native=True, size=6)
    printer.cut()
    return bytes(printer.output) + FENCE


@pytest.fixture
def printer() -> Iterator[PrinterStub]:
    stub = PrinterStub(TcpEnd(), speed=0)
    with stub:
        yield stub


def until(true: Callable[[], object], timeout_s: float = 5.0) -> None:
    end = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < end, "the condition never came"
        time.sleep(0.005)


def test_a_ticket_comes_out_and_the_fence_says_so(printer: PrinterStub, tcp_host) -> None:
    host = tcp_host(printer.end.address)
    host.write(ticket())
    assert host.read(7) == FENCED
    (paper,) = printer.papers
    assert paper.complete
    assert paper.lines == ("社保大厅", "A001", "前面还有 3 人，请稍候。")
    assert paper.qr == (QR,)
    sizes = {item["text"]: item["size"] for item in paper.record()["items"] if item["kind"] == "text"}
    assert sizes["A001"] == 6


def test_without_fs_and_it_is_rubbish(printer: PrinterStub, tcp_host) -> None:
    host = tcp_host(printer.end.address)
    host.write(ticket(chinese=False))
    host.read(7)
    assert printer.papers[0].lines[0] == "╔τ▒ú┤≤╠ⁿ"
    assert printer.papers[0].lines[1] == "A001"


def test_the_picture_shows_the_ticket(printer: PrinterStub, tcp_host) -> None:
    host = tcp_host(printer.end.address)
    host.write(ticket())
    host.read(7)
    paper = printer.papers[0]
    picture = Image.open(io.BytesIO(png(paper.piece)))
    assert picture.size == (576, paper.piece.length)
    number = next(item for item in paper.record()["items"] if item.get("text") == "A001")
    strip = picture.convert("L").crop((0, number["top"], 576, number["top"] + number["height"]))
    dark = [x for x in range(576) if min(strip.crop((x, 0, x + 1, strip.height)).tobytes()) == 0]
    assert dark[0] >= 144 and dark[-1] < 576 - 144 and dark[-1] - dark[0] > 200  # four cells of 72, centred


def test_a_cut_without_a_feed_leaves_the_last_lines_inside(printer: PrinterStub, tcp_host) -> None:
    host = tcp_host(printer.end.address)
    host.write(b"first\n" + b"\n" * 4 + b"last\n\x1dV\x00" + b"next\n" + b"\x1dVA\x00" + FENCE)
    host.read(7)
    assert [paper.lines for paper in printer.papers] == [("first",), ("last", "next")]
    assert [paper.complete for paper in printer.papers] == [False, False]


def test_narrow_paper(tcp_host) -> None:
    with PrinterStub(TcpEnd(), paper_mm=58, speed=0) as stub:
        host = tcp_host(stub.end.address)
        host.write(ticket())
        host.read(7)
        assert Image.open(io.BytesIO(png(stub.papers[0].piece))).width == 384


def test_paper_out_in_mid_ticket_stops_and_a_new_roll_lets_the_rest_out(tcp_host) -> None:
    with PrinterStub(TcpEnd(), speed=150) as stub:
        host = tcp_host(stub.end.address)
        host.write(b"\x1b@" + b"".join(b"line %d\n" % n for n in range(40)) + b"\x1dVA\x00" + FENCE)
        until(lambda: len(stub.state()["mouth"]["lines"]) >= 3)
        stub.set_fault("paper_out")
        host.write(b"\x10\x04\x02")
        assert host.read(1) == b"\x32"  # answered while off-line, and before the fence
        stopped = len(stub.state()["mouth"]["lines"])
        assert stopped < 40
        stub.set_fault("paper_out", False)
        assert host.read(7) == FENCED
        torn, rest = stub.papers
        assert (torn.ended, torn.complete, rest.ended, rest.complete) == ("torn", False, "cut", False)
        assert list(torn.lines + rest.lines) == [f"line {n}" for n in range(40)]


@pytest.mark.parametrize("fault", ["cover_open", "cutter", "offline"])
def test_other_stops_keep_the_ticket_whole(printer: PrinterStub, tcp_host, fault: str) -> None:
    host = tcp_host(printer.end.address)
    printer.set_fault(fault)
    host.write(ticket())
    until(lambda: printer.state()["buffered"] > 0)
    assert printer.papers == []
    printer.set_fault(fault, False)
    assert host.read(7) == FENCED
    assert [paper.complete for paper in printer.papers] == [True]


@pytest.mark.parametrize(
    ("fault", "answers"),
    [
        (None, "12 12 12 12"),
        ("offline", "1a 12 12 12"),
        ("cover_open", "1a 16 12 12"),
        ("cutter", "1a 52 1a 12"),
        ("paper_out", "1a 32 12 72"),
        ("paper_low", "12 12 12 1e"),
    ],
)
def test_real_time_status(printer: PrinterStub, tcp_host, fault: str | None, answers: str) -> None:
    if fault:
        printer.set_fault(fault)
    host = tcp_host(printer.end.address)
    host.write(b"\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04")
    assert host.read(4) == bytes.fromhex(answers)


def test_automatic_status_tells_changes_by_itself(printer: PrinterStub, tcp_host) -> None:
    host = tcp_host(printer.end.address)
    host.write(b"\x1da\x0e")
    assert host.read(4) == bytes.fromhex("10000000")
    for fault, on, off in [
        ("cover_open", "38000000", "10000000"),
        ("paper_low", "10000300", "10000000"),
        ("paper_out", "18000c00", "10000000"),
        ("cutter", "18080000", "10000000"),
    ]:
        printer.set_fault(fault)
        assert host.read(4) == bytes.fromhex(on)
        printer.set_fault(fault, False)
        assert host.read(4) == bytes.fromhex(off)


def test_queued_status(printer: PrinterStub, tcp_host) -> None:
    printer.set_fault("paper_low")
    host = tcp_host(printer.end.address)
    host.write(b"\x1dr\x01\x1dr\x02")
    assert host.read(2) == b"\x03\x00"


def test_mute_and_no_fence(printer: PrinterStub, tcp_host) -> None:
    host = tcp_host(printer.end.address, 0.3)
    printer.set_fault("no_fence")
    host.write(ticket() + b"\x1dr\x01")
    assert host.read(1) == b"\x00"
    printer.set_fault("mute")
    host.write(ticket() + b"\x10\x04\x01")
    printer.wait_papers(2)
    assert host.silent()


def test_garbage_to_the_host_repeats_with_its_seed(tcp_host) -> None:
    heard = []
    for _ in range(2):
        with PrinterStub(TcpEnd(), speed=0, seed=7) as stub:
            host = tcp_host(stub.end.address)
            host.write(b"\x10\x04\x01")
            host.read(1)
            stub.set_fault("garbage")
            heard.append(host.read(64))
    assert heard[0] == heard[1]


def test_slow_drains_at_its_rate(tcp_host) -> None:
    with PrinterStub(TcpEnd(), speed=0) as stub:
        stub.set_fault("slow", 2000)
        host = tcp_host(stub.end.address)
        began = time.monotonic()
        host.write(b"x" * 1000 + FENCE)
        host.read(7)
        assert 0.4 < time.monotonic() - began < 3


def test_a_full_buffer_holds_the_host_back(printer: PrinterStub) -> None:
    printer.set_fault("offline")
    name, port = printer.end.address.split(":")
    with socket.create_connection((name, int(port))) as host:
        host.settimeout(0.3)
        with pytest.raises(TimeoutError):
            while True:
                host.sendall(b"x" * 65536)
        assert 65536 <= printer.state()["buffered"] < 65536 + 64
        began = time.monotonic()
        printer.set_fault("unplug")
        assert time.monotonic() - began < 2


def test_printing_takes_its_time(tcp_host) -> None:
    with PrinterStub(TcpEnd(), speed=150) as stub:
        host = tcp_host(stub.end.address)
        began = time.monotonic()
        host.write(b"\x1b@" + b"\n" * 20 + FENCE)  # 75 mm
        host.read(7)
        assert 0.45 < time.monotonic() - began < 3


def test_tcp_unplug_refuses_and_replug_serves_at_the_same_port(printer: PrinterStub, tcp_host) -> None:
    address = printer.end.address
    host = tcp_host(address)
    host.write(b"\x10\x04\x01")
    host.read(1)
    printer.set_fault("unplug")
    assert host.silent()
    with pytest.raises(ConnectionRefusedError):
        tcp_host(address)
    with socket.socket() as thief, pytest.raises(OSError, match="in use"):
        thief.bind(("127.0.0.1", int(address.split(":")[1])))
    printer.set_fault("unplug", False)
    again = tcp_host(address)
    again.write(b"\x10\x04\x01")
    assert again.read(1) == b"\x12"


def test_pty_unplug_hangs_up_and_replug_serves_at_the_same_path(tmp_path: Path, serial_host) -> None:
    path = tmp_path / "printer"
    with PrinterStub(PtyEnd(path), speed=0) as stub:
        host = serial_host(str(path))
        host.write(ticket())
        assert host.read(7) == FENCED
        stub.set_fault("unplug")
        assert not path.is_symlink()
        with pytest.raises((serial.SerialException, OSError)):
            host.read(1)
        stub.set_fault("unplug", False)
        again = serial_host(str(path))
        again.write(ticket("A002"))
        assert again.read(7) == FENCED
        assert [paper.lines[1] for paper in stub.papers] == ["A001", "A002"]
    assert not path.is_symlink()


def test_a_job_begun_on_top_of_another_is_seen(printer: PrinterStub, tcp_host) -> None:
    host = tcp_host(printer.end.address)
    host.write(b"\x1b@half a ticket\n" + ticket())
    host.read(7)
    assert printer.papers[0].piece.restarts == 1
    assert printer.papers[0].lines[:2] == ("half a ticket", "社保大厅")


def test_endless_paper_is_torn_and_only_the_last_pieces_are_kept(printer: PrinterStub, tcp_host) -> None:
    host = tcp_host(printer.end.address)
    host.write(b"\x1bJ\xff" * 80 + FENCE)
    host.read(7)
    assert [paper.ended for paper in printer.papers] == ["torn"]
    host.write(b"x\n\x1dVA\x00" * 250 + FENCE)
    host.read(7)
    assert len(printer.papers) == 200
    assert printer.papers[-1].no == 251
    with pytest.raises(RefusedError, match="No such paper"):
        printer.paper(1)


def test_papers_on_disk_are_there_before_the_fence(tmp_path: Path, tcp_host) -> None:
    for round_no in (1, 2):  # the second run goes on counting
        with PrinterStub(TcpEnd(), speed=0, paper_dir=tmp_path) as stub:
            host = tcp_host(stub.end.address)
            host.write(ticket(f"A00{round_no}"))
            host.read(7)
            rows = [json.loads(row) for row in (tmp_path / "papers.jsonl").read_text("utf-8").splitlines()]
            assert [row["lines"][1] for row in rows] == [f"A00{n + 1}" for n in range(round_no)]
            assert rows[-1]["no"] == round_no
    with Image.open(tmp_path / "0002.png") as picture:
        assert picture.width == 576
    assert json.loads((tmp_path / "0002.json").read_text("utf-8"))["qr"] == [QR]


def test_a_qr_code_with_too_much_data_prints_nothing(printer: PrinterStub, tcp_host) -> None:
    host = tcp_host(printer.end.address)
    store = b"\x1d(k" + (3003).to_bytes(2, "little") + b"1P0" + b"x" * 3000
    host.write(store + b"\x1d(k\x03\x001Q0" + b"after\n\x1dVA\x00" + FENCE)
    assert host.read(7) == FENCED
    assert (printer.papers[0].lines, printer.papers[0].qr) == (("after",), ())


def test_unknown_faults_and_values_are_refused(printer: PrinterStub) -> None:
    with pytest.raises(RefusedError, match="没有这个故障"):
        printer.set_fault("on_fire")
    with pytest.raises(RefusedError, match="true or false"):
        printer.set_fault("paper_out", 3)
    with pytest.raises(RefusedError, match="0 or more"):
        printer.set_fault("slow", -1)


def test_a_file_in_the_way_of_the_pty_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "taken"
    path.write_text("mine")
    with pytest.raises(RefusedError, match="exists"):
        PtyEnd(path).plug()
    assert path.read_text() == "mine"


def test_a_stale_link_is_replaced(tmp_path: Path, serial_host) -> None:
    path = tmp_path / "printer"
    path.symlink_to("/dev/pts/99999")
    with PrinterStub(PtyEnd(path), speed=0):
        host = serial_host(str(path))
        host.write(b"\x10\x04\x01")
        assert host.read(1) == b"\x12"


def test_the_qr_code_on_paper_is_the_one_asked_for(printer: PrinterStub, tcp_host) -> None:
    host = tcp_host(printer.end.address)
    host.write(ticket())
    host.read(7)
    paper = printer.papers[0]
    modules = qr_matrix(QR.encode(), 0)
    place = next(item for item in paper.record()["items"] if item["kind"] == "qr")
    assert (place["module"], place["height"]) == (6, len(modules) * 6)
    left = (576 - place["height"]) // 2
    with Image.open(io.BytesIO(png(paper.piece))) as picture:
        read = [
            [picture.getpixel((left + 6 * x + 3, place["top"] + 6 * y + 3)) == 0 for x in range(len(modules))]
            for y in range(len(modules))
        ]
    assert read == [list(row) for row in modules]


def test_heavy_libraries_wait_until_they_are_needed() -> None:
    heavy = "import sys, firmware_stubs.__main__; sys.exit('PIL' in sys.modules or 'qrcode' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", heavy], check=False).returncode == 0
