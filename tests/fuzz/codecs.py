"""Every codec of the project in one table. A new one gets a line here, and is then held against the properties and
fuzzed like the others."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol
from zipfile import ZipFile

from PIL import Image

from devices.escpos import profile as printers
from devices.escpos.status import AutoStatus, StatusReader
from devices.evaluator import profile as evaluators
from devices.evaluator.capture import CaptureError, parse_capture
from devices.evaluator.framing import FrameReader, Framing
from devices.ledbar import profile as ledbars
from devices.ledbar.bx5 import Answer, AnswerReader, encode
from devices.ledbar.text_bar import WordReader
from devices.profile_file import ProfileError
from devices.scanner.text import MOST_CHARACTERS, ScannedText
from devices.sms.at import LONGEST_LINE, LineReader
from devices.sms.parts import Parts
from devices.sms.pdu import PduError, decode
from kiosk.spool import read_records
from server.contract.problems import ProblemError
from server.services.photos import jpeg_of
from server.services.sheet_cells import read_rows
from server.services.workbooks import Sheet, workbook


class Reader(Protocol):
    def feed(self, data: bytes) -> list[Any]: ...


@dataclass(frozen=True)
class Codec:
    """A reader of a line. `frame` is a good one, `event` what it says; `longest` the most bytes of one frame, escapes
    counted, and so the most that a reader may hold. `misled` is how many bytes noise that looks like a frame's
    beginning may cost; 0 where a head cannot stand inside a frame."""

    name: str
    make: Callable[[], Reader]
    frame: bytes
    event: object
    longest: int
    misled: int


@dataclass(frozen=True)
class Parser:
    """Takes a whole file. `refuses` is the one error that it may raise, `good` a file that it takes."""

    name: str
    parse: Callable[[bytes], object]
    good: bytes
    refuses: tuple[type[Exception], ...] = ()


def _evaluator_readers() -> list[Codec]:
    """One for each shipped profile that has frames: the first press that its rules know, from address 1."""
    codecs = []
    for path in sorted(evaluators.SHIPPED.glob("*.toml")):
        profile = evaluators.load_profile(path.stem)
        if not isinstance(profile, evaluators.LineProfile) or profile.framing is None:
            continue
        framing, rule = profile.framing, profile.rules[0]
        frame = framing.encode({"address": 1, **rule.when}, next(iter(rule.keys)))
        event = _reader(framing).feed(frame)[0]
        longest = framing.longest_on_the_line
        codecs.append(
            Codec(f"evaluator-{path.stem}", lambda framing=framing: _reader(framing), frame, event, longest, longest)
        )
    return codecs


def _reader(framing: Framing) -> FrameReader:
    """On a line that was silent before."""
    reader = FrameReader(framing)
    reader.silence()
    return reader


def _file_for(load: Callable[[str], object]) -> Callable[[bytes], None]:
    """For loaders that want a path."""

    def parse(content: bytes) -> None:
        with TemporaryDirectory() as folder:
            path = Path(folder, "x.toml")
            path.write_bytes(content)
            load(str(path))

    return parse


def _journal(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "journal")
        path.write_bytes(content)
        records, damaged = read_records(path)
        assert len(records) + damaged <= content.count(b"\n") + 1


def _short_message(content: bytes) -> None:
    part = decode(content.decode("latin-1"))
    for whole in Parts().add(part, 1, 0.0) if part else ():
        whole.message.text.encode()


def _picture(form: str) -> bytes:
    out = BytesIO()
    Image.radial_gradient("L").save(out, form)
    return out.getvalue()


HEADS = ("编码", "事项名称", "在用")
SHEET = "xl/worksheets/sheet1.xml"


def _made_workbook() -> bytes:
    return workbook([Sheet("事项", HEADS, [("SB-01", "=登记", 12)])])


def _workbook(content: bytes) -> None:
    for row in read_rows(content, "事项", HEADS):
        assert set(row.cells) | {one.column for one in row.wrong} == set(HEADS)


def _part(content: bytes, name: str) -> bytes:
    with ZipFile(BytesIO(content)) as packed:
        return packed.read(name)


def _sheet(xml: bytes) -> None:
    """A good workbook around this sheet."""
    out, good = BytesIO(), _made_workbook()
    with ZipFile(BytesIO(good)) as old, ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, xml if name == SHEET else old.read(name))
    _workbook(out.getvalue())


READERS = [
    Codec("escpos-status", StatusReader, b"\x10\x00\x00\x00", AutoStatus(b"\x10\x00\x00\x00"), 8, 0),
    *_evaluator_readers(),
    Codec(
        "bx5-answer",
        AnswerReader,
        encode(b"\xa0\x00\x00\x00\x00\xa5\x5a", destination=0x8000, source=0xA55B),
        Answer(0x8000, 0xA55B, 0xA0, 0, 0, b"\xa5\x5a"),
        8 + 2 * (14 + 2048 + 2) + 1,
        0,
    ),
    Codec(
        "text-bar-answer",
        lambda: WordReader([b"\x02\x02\x06\x03", b"\x15"]),
        b"\x02\x02\x06\x03",
        b"\x02\x02\x06\x03",
        4,
        0,
    ),
    Codec(
        "scanner-line",
        ScannedText,
        b"\nhttp://10.0.0.2/t/Qm3xK8\r",
        "http://10.0.0.2/t/Qm3xK8",
        2 * MOST_CHARACTERS,
        0,
    ),
    Codec("modem-lines", LineReader, b'\r\n+CMTI: "SM",3\r\n', '+CMTI: "SM",3', LONGEST_LINE, 0),
]

PARSERS = [
    Parser(
        "ledbar-profile",
        _file_for(ledbars.load_profile),
        (ledbars.SHIPPED / "text_sum8.toml").read_bytes(),
        (ProfileError,),
    ),
    Parser(
        "evaluator-profile",
        _file_for(evaluators.load_profile),
        (evaluators.SHIPPED / "ff68.toml").read_bytes(),
        (ProfileError,),
    ),
    Parser(
        "printer-profile",
        _file_for(printers.load_profile),
        (printers.SHIPPED / "generic-80.toml").read_bytes(),
        (ProfileError,),
    ),
    Parser("capture", parse_capture, b"# RX\nff 68 03 03 68 01 11 01 13 16\n", (CaptureError,)),
    Parser(
        "sms-pdu", _short_message, b"0891683108200105F0040B918310325476F800006211322143002305C8329BFD06", (PduError,)
    ),
    Parser("journal", _journal, b'{"kind":"issued","no":"A001"}\n{"torn'),
    Parser("staff-photo-jpeg", jpeg_of, _picture("JPEG"), (ProblemError,)),
    Parser("staff-photo-png", jpeg_of, _picture("PNG"), (ProblemError,)),
    Parser("workbook-file", _workbook, _made_workbook(), (ProblemError,)),
    Parser("workbook-sheet", _sheet, _part(_made_workbook(), SHEET), (ProblemError,)),
]
