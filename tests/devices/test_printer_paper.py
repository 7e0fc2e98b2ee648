"""The driver and the composer against the printer stub: rare characters, paper that ends, profiles."""

import dataclasses
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from devices.base import Counters, DeviceState, PrintOutcome
from devices.escpos.compose import compose
from devices.escpos.driver import EscPosPrinter
from devices.escpos.fence import FENCE_HEAD
from devices.escpos.gauge import PaperGauge
from devices.escpos.glyphs import draw_line, has_glyph
from devices.escpos.link import CLEAR_BUFFERS
from devices.escpos.pictures import load_logo
from devices.escpos.profile import KIND, SHIPPED, PrinterProfile, load_profile, parse_profile
from devices.escpos.status import StatusReader
from devices.paper import Cut, Logo, Qr, Text
from devices.profile_file import ProfileError, Table
from firmware_stubs.bytelog import ByteLog
from firmware_stubs.lines import TcpEnd
from firmware_stubs.printer import PrinterStub
from firmware_stubs.printer.events import Bitmap, Cell, Line
from firmware_stubs.printer.render import png
from kiosk.ticket_layout import layout
from tests.kiosk.test_issuing import TICKET

SCREENS = Path(__file__).parents[2] / "build" / "screens"
RARE = "喆镕龻㐂𠀀¥€ʊ😀"
DRAWN = RARE[2:]
FOUR_BYTE = [char.encode("gb18030") for char in DRAWN if len(char.encode("gb18030")) == 4]
LINE_9600 = 10 / 9600
GENERIC = load_profile("generic-80")
LINES = tuple(Text(f"第 {n} 行") for n in range(12))


class Heard(ByteLog):
    """All that came over the line."""

    def __init__(self) -> None:
        super().__init__()
        self.data = b""

    def bytes_in(self, device: str, data: bytes) -> None:
        self.data += data


@pytest.fixture
def bench(run: Callable, wait: Callable) -> Iterator[Callable]:
    """A stub, a driver that is ready, and what the stub heard."""
    stubs: list[PrinterStub] = []

    def make(profile: PrinterProfile = GENERIC, **faults: bool) -> tuple[PrinterStub, EscPosPrinter, Heard]:
        heard, paper_mm = Heard(), 80 if profile.dots == 576 else 58
        stub = PrinterStub(TcpEnd(), paper_mm=paper_mm, cutter=profile.cutter, speed=0, log=heard)
        stubs.append(stub)
        for fault in faults:
            stub.set_fault(fault)
        stub.start()
        driver = EscPosPrinter("printer", f"tcp://{stub.end.address}", profile)
        run(driver)
        wait(lambda: driver.confidence and driver.status.state is DeviceState.ONLINE)
        return stub, driver, heard

    yield make
    for stub in stubs:
        stub.stop()


def length_mm(stub: PrinterStub) -> float:
    return stub.papers[-1].piece.length / 8


def test_a_ticket_with_rare_characters_prints_right(bench: Callable) -> None:
    stub, driver, heard = bench()
    before = len(heard.data)
    ticket = compose(layout(dataclasses.replace(TICKET, hall_name=RARE, location=""), 48), GENERIC)
    assert driver.print_job(ticket).result == "printed"
    sent = heard.data[before:]
    job = sent[sent.index(b"\x1b@") : sent.rindex(FENCE_HEAD) + len(FENCE_HEAD) + 4]
    assert job.startswith(b"\x1b@\x1c&"), "a printer starts in single bytes, so Chinese is asked for"
    assert not [code for code in FOUR_BYTE if code in job]
    assert len(job) * LINE_9600 < 0.6
    (paper,) = stub.papers
    assert paper.complete and paper.lines[:3] == ("喆镕▦", "A012", "个人综合")
    line = next(placed.mark for placed in paper.piece.marks if isinstance(placed.mark, Line))
    assert "".join(item.char for item in line.items if isinstance(item, Cell)) == "喆镕"
    (glyphs,) = [item for item in line.items if isinstance(item, Bitmap)]
    assert (glyphs.width, glyphs.height, glyphs.rows) == (132, 24, draw_line(DRAWN, 1, False).tobytes())
    SCREENS.mkdir(parents=True, exist_ok=True)
    (SCREENS / "paper-rare.png").write_bytes(png(paper.piece))
    strip = Image.open(io.BytesIO(png(paper.piece))).crop((222, 96, 354, 120)).convert("1")
    assert strip.point(lambda dot: 255 - dot).tobytes() != bytes(17 * 24), "they stand in the line"


def test_each_rare_character_has_a_picture_of_its_own_and_the_missing_its_number() -> None:
    assert all(map(has_glyph, DRAWN)) and not has_glyph("\U000efffe")
    pictures = [draw_line(char, 1, False) for char in DRAWN]
    assert len({picture.tobytes() for picture in pictures}) == len(DRAWN)
    assert all(picture.getbbox() for picture in pictures)
    nowhere, other = (draw_line(char, 1, False) for char in ("\U000efffe", "\U000effff"))
    assert nowhere.size == other.size and nowhere.tobytes() != other.tobytes()
    assert nowhere.getbbox() == (0, 0, *nowhere.size), "a box, with the number inside"


def test_paper_that_ends_in_the_middle_is_dropped_and_the_whole_comes_once(bench: Callable, wait: Callable) -> None:
    stub, driver, heard = bench()
    assert driver.print_job(compose((*LINES, Cut()), GENERIC)).result == "printed"
    stub.set_fault("roll", length_mm(stub) / 2)
    outcome = driver.print_job(compose((Text("第二张"), *LINES, Cut()), GENERIC))
    assert (outcome.result, outcome.confidence) == ("failed", "fence")
    assert CLEAR_BUFFERS in heard.data
    assert driver.print_job(compose((Text("第三张"), Cut()), GENERIC)).result == "failed"
    stub.set_fault("paper_out", False)
    wait(lambda: driver.status.state is DeviceState.ONLINE)
    assert driver.print_job(compose((Text("第二张"), *LINES, Cut()), GENERIC)).result == "printed"
    assert [(paper.complete, "第二张" in paper.lines) for paper in stub.papers] == [
        (True, False), (False, True), (True, True),
    ]  # fmt: skip


def test_a_printer_that_cannot_drop_is_heard_when_it_goes_on(bench: Callable, wait: Callable) -> None:
    stub, driver, _ = bench(no_clear=True)
    driver.print_job(compose((*LINES, Cut()), GENERIC))
    stub.set_fault("roll", length_mm(stub) / 2)
    late: list[PrintOutcome] = []
    outcome = driver.print_job(compose((*LINES, Cut()), GENERIC), on_late=late.append)
    assert (outcome.result, late) == ("unknown", [])
    stub.set_fault("paper_out", False)
    wait(lambda: late)
    assert (late[0].result, late[0].confidence, len(late)) == ("printed", "fence", 1)


def test_an_open_cover_drops_nothing(bench: Callable, wait: Callable) -> None:
    """The paper stays in its place, so the ticket will be whole."""
    stub, driver, heard = bench()

    def opened() -> None:
        if stub.state()["mouth"]["lines"] and not stub.fault("cover_open"):
            stub.set_fault("cover_open")

    stub.on_change = opened
    late: list[PrintOutcome] = []
    outcome = driver.print_job(compose((*LINES, Cut()), GENERIC), on_late=late.append)
    assert (outcome.result, outcome.detail) == ("unknown", "cover_open")
    assert CLEAR_BUFFERS not in heard.data
    stub.on_change = lambda: None
    stub.set_fault("cover_open", False)
    wait(lambda: late)
    assert [paper.complete for paper in stub.papers] == [True]


def test_lines_that_are_out_are_not_dropped_before_the_cut(bench: Callable, wait: Callable) -> None:
    """The first fence passed and paper ended on the way to the knife: whole paper may come, so it is unknown."""
    stub, driver, heard = bench()
    driver.print_job(compose((*LINES, Cut()), GENERIC))
    stub.set_fault("roll", length_mm(stub) - 1)  # the feed to the cutter does not fit
    late: list[PrintOutcome] = []
    assert driver.print_job(compose((*LINES, Cut()), GENERIC), on_late=late.append).result == "unknown"
    assert CLEAR_BUFFERS not in heard.data
    stub.set_fault("paper_out", False)
    wait(lambda: late)


@pytest.mark.parametrize(
    ("hint", "faults", "found", "fences"),
    [
        ("auto", {}, "fence", 1), ("auto", {"no_fence": True}, "status", 1),
        ("fence", {"no_fence": True}, "status", 1),
        ("status", {}, "status", 0), ("none", {}, "none", 0),
    ],
)  # fmt: skip
def test_the_profile_hopes_and_the_probe_decides(
    bench: Callable, hint: str, faults: dict[str, bool], found: str, fences: int
) -> None:
    _, driver, heard = bench(dataclasses.replace(GENERIC, completion=hint), **faults)
    assert driver.confidence == found
    assert heard.data.count(FENCE_HEAD) == fences
    outcome = driver.print_job(compose((Text("A"), Cut()), GENERIC))
    assert (outcome.result, outcome.confidence) == (("unknown" if found == "none" else "printed"), found)


def test_without_a_cutter_it_is_torn_at_the_line_and_the_qr_code_is_a_picture(bench: Callable) -> None:
    basic = load_profile("basic-58")
    stub, driver, _ = bench(basic)
    ticket = compose((Text("喆"), Qr("http://hall.example/t/1", 5), Cut()), basic)
    assert driver.print_job(ticket).result == "printed"
    assert b"\x1dV" not in ticket and b"\x1d(k" not in ticket
    assert stub.papers == []
    stub.press("tear")
    (paper,) = stub.papers
    assert paper.complete and paper.lines == ("▦", "- - 沿此撕下 - -"), "its font has no 喆"
    kinds = [item["kind"] for item in paper.record()["items"]]
    assert kinds == ["text", "picture", "text"]
    assert len(ticket) * LINE_9600 < 1.2


def test_a_logo_is_printed_only_where_the_profile_says_so(tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    Image.new("RGBA", (900, 300), (0, 0, 0, 255)).save(path)
    logo = load_logo(path, 576)
    assert logo.width <= 346 and logo.height <= 120 and set(logo.rows) >= {255}
    assert compose((logo,), GENERIC) == compose((), GENERIC)
    assert compose((Logo(8, 1, b"\xf0"),), load_profile("fast-80")).endswith(b"\x1dv0\x00\x01\x00\x01\x00\xf0")


def test_shipped_profiles_are_good_and_a_hall_may_bring_its_own(tmp_path: Path) -> None:
    assert KIND.names() == ["basic-58", "fast-80", "generic-58", "generic-80"]
    for name in KIND.names():
        profile = load_profile(name)
        assert profile.columns * 12 == profile.dots
    own = tmp_path / "own.toml"
    own.write_text((SHIPPED / "generic-80.toml").read_text())
    assert load_profile(str(own)) == GENERIC


GOOD = dataclasses.asdict(GENERIC)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"columns": 5}, "columns"), ({"columns": True}, "columns"), ({"dots": 570}, "dots"),
        ({"cutter": "yes"}, "cutter"),
        ({"completion": "maybe"}, "completion"), ({"charset": ["gbk"]}, "charset"), ({"draw": 1}, "draw"),
        ({"baudrate": 0}, "baudrate"), ({"colour": 1}, "colour"),
    ],
)  # fmt: skip
def test_a_wrong_profile_is_refused_in_two_languages(change: dict[str, object], key: str) -> None:
    with pytest.raises(ProfileError, match=rf"打印机配置“own”的 {key} .*Printer profile 'own', {key}: "):
        parse_profile(Table({**GOOD, **change}, KIND, "own"))


def test_a_missing_key_is_named_and_a_misspelt_one_before_it() -> None:
    without = {key: value for key, value in GOOD.items() if key != "dots"}
    with pytest.raises(ProfileError, match="dots 没有填写"):
        parse_profile(Table(without, KIND, "own"))
    with pytest.raises(ProfileError, match="的 dotts 填写有误"):
        parse_profile(Table({**without, "dotts": 576}, KIND, "own"))


def test_how_many_tickets_are_left_is_counted_from_what_was_seen() -> None:
    gauge = PaperGauge(dataclasses.replace(GENERIC, tickets_per_roll=500, tickets_when_low=42))
    gauge.printed()
    assert (gauge.left, gauge.words) == (None, "")
    gauge.hear(frozenset({"paper_low"}))
    assert gauge.words == "约剩 40 张 / about 40 tickets left"
    for _ in range(39):
        gauge.printed()
    assert gauge.left == 3 and "即将用完" in gauge.words
    gauge.hear(frozenset({"paper_low", "paper_out"}))
    assert (gauge.left, gauge.words) == (0, "")
    gauge.hear(frozenset())
    assert (gauge.left, gauge.words) == (500, "")


def test_little_paper_is_told_with_an_estimate(bench: Callable, wait: Callable) -> None:
    stub, driver, _ = bench()
    stub.set_fault("paper_low")
    wait(lambda: driver.status.detail == "约剩 40 张 / about 40 tickets left")
    assert driver.status.state is DeviceState.ONLINE
    driver.print_job(compose((Text("A"), Cut()), GENERIC))
    assert driver.status.detail == "约剩 35 张 / about 35 tickets left"


def test_answers_and_noise_are_counted(bench: Callable, wait: Callable) -> None:
    counters = Counters()
    reader = StatusReader(counters)
    reader.expect_real_time(1)
    reader.feed(b"\xff\xfe\xfd\x12\x10\x00\x00\x00\x37\x22\xff\x37\x25\x00")
    assert (counters.frames, counters.resyncs) == (3, 2)
    stub, driver, _ = bench()
    frames = driver.counters.frames
    assert frames >= 4 and driver.counters.resyncs == 0
    stub.set_fault("garbage")
    wait(lambda: driver.counters.resyncs > 0)
    stub.set_fault("garbage", False)
    wait(lambda: driver.print_job(compose((Text("A"), Cut()), GENERIC)).result == "printed")
    assert driver.counters.frames > frames
