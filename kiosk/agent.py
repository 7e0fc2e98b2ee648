"""The agent: wires the parts of one machine together and runs their threads."""

import threading
import time
from collections.abc import Callable
from functools import partial

import structlog
from werkzeug.serving import BaseWSGIServer

from devices.base import Device, DeviceState, DeviceStatus, Press, Scanner
from devices.escpos.compose import compose
from devices.escpos.driver import EscPosPrinter
from devices.scanner import open_scanner
from devices.supervisor import Supervisor
from devices.vital import vital
from kiosk.call_pad import CallPad, CallPads
from kiosk.client import Client
from kiosk.config import KioskConfig, ScannerConfig
from kiosk.guide_sheet import guide_sheet
from kiosk.hall import Hall
from kiosk.health import HealthReporter, Look
from kiosk.pads import placed
from kiosk.picture import Sources, picture
from kiosk.rating import Invitations, Pad, Rating
from kiosk.reprints import Reprints
from kiosk.scans import Scans
from kiosk.sheets import Sheets
from kiosk.spool import Spool
from kiosk.ticket_layout import layout
from kiosk.ticketing import Ticketing
from kiosk.web import Live, create_app, serve
from server.contract.board import Board
from server.contract.devices import DeviceHealth, health
from server.contract.news import News
from server.contract.tickets import Ticket

log = structlog.get_logger(__name__)

PRINTER = "printer"
STOP_S = 1.0
"""How long a stop waits for the threads; a request to a dead server may hang longer and is left behind."""


class Agent:
    """Everything of one kiosk. Making it opens the journals and binds the port; `start` lets it run."""

    def __init__(self, config: KioskConfig) -> None:
        self._config = config
        self._stopping = threading.Event()
        self._printer = EscPosPrinter(PRINTER, config.printer.url, config.printer.profile)
        self._client = Client(config.server, config.token)
        placed_pads = placed(config, self._rated, self._key_pressed)
        self._pads = {
            entry.window: Pad(placed_pads.evaluators[entry.window], Client(config.server, entry.token))
            for entry in config.evaluators
        }
        self._call_pads = {
            entry.window: CallPad(
                placed_pads.call_pads[entry.window], Client(config.server, entry.token), entry.transfer
            )
            for entry in config.call_pads
        }
        self._calls = CallPads(self._call_pads)
        self._live = Live(lambda: picture(self._sources()))
        self._spools = [Spool(config.data_dir / f"{name}.jsonl") for name in ("tickets", "ratings")]
        self._scans = Scans(self._client, self._live.touch)
        self._scanners = [self._scanner(n, entry) for n, entry in enumerate(config.scanners)]
        self._ticketing = Ticketing(self._spools[0], self._client, self._printer, self._compose, self._live.touch)
        self._sheets = Sheets(self._printer, self._compose_sheet, self._ticketing.when_idle, self._live.touch)
        self._reprints = Reprints(self._client, self._ticketing.reprint)
        self._rating = Rating(self._spools[1], self._pads)
        self._health = HealthReporter(self._looks())
        self._invitations = Invitations(frozenset(self._pads))
        self._hall = Hall(self._client, self._see, self._hear, self._live.touch)
        self._devices = Supervisor([self._printer, *placed_pads.devices, *self._scanners], self._device_changed)
        self._web = self._make_web()
        self._threads: list[threading.Thread] = []

    @property
    def url(self) -> str:
        return f"http://{self._web.host}:{self._web.port}/"

    def start(self) -> None:
        self._devices.start()
        self._threads = [vital(name, work) for name, work in self._work().items()]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End within two seconds, whatever server or device do. What is unfinished is in the journal."""
        deadline = time.monotonic() + STOP_S
        self._stopping.set()
        self._live.stop()
        for part in (
            self._ticketing,
            self._reprints,
            self._rating,
            self._calls,
            self._hall,
            self._health,
            self._scans,
        ):
            part.wake()
        self._web.shutdown()
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0.0))
        self._devices.stop()
        self._web.server_close()

    def _work(self) -> dict[str, Callable[[], None]]:
        stopping = self._stopping
        return {
            "page": self._web.serve_forever,
            "tickets": partial(self._ticketing.run_live, stopping),
            "settling": partial(self._ticketing.run_settling, stopping),
            "reprints": partial(self._reprints.run, stopping),
            "ratings": partial(self._rating.run, stopping),
            "call pads": partial(self._calls.run, stopping),
            "scans": partial(self._scans.run, stopping),
            "health": partial(self._health.run, stopping),
            "boards": partial(self._hall.run_boards, stopping),
            "news": partial(self._hall.run_news, self._config.server, self._config.token, stopping),
        }

    def _make_web(self) -> BaseWSGIServer:
        config = self._config
        app = create_app(self._live, self._ticketing.take, self._sheets.ask, config.frame_ancestors)
        return serve(app, config.host, config.port)

    def _scanner(self, n: int, entry: ScannerConfig) -> Scanner:
        return open_scanner(f"scanner-{n + 1}", entry.url, self._scans.scanned, end=entry.end)

    def _looks(self) -> list[tuple[Client, Look]]:
        """Each device with the client that reports it."""
        pads = [(pad.client, partial(_look, "evaluator", pad.evaluator)) for pad in self._pads.values()]
        calls = [(pad.client, partial(_look, "call_pad", pad.device)) for pad in self._call_pads.values()]
        scanners = [(self._client, partial(_look, "scanner", one)) for one in self._scanners]
        return [(self._client, partial(_look, "printer", self._printer)), *pads, *calls, *scanners]

    def _sources(self) -> Sources:
        jobs = tuple(self._ticketing.recent())
        return Sources(
            self._hall.board,
            self._hall.stale,
            self._printer.status,
            jobs,
            self._scans.latest,
            self._sheets.recent(),
        )

    def _compose(self, ticket: Ticket, copy: int) -> bytes:
        printer = self._config.printer
        lines = layout(ticket, printer.profile.columns, self._config.public_url, printer.logo, copy)
        return compose(lines, printer.profile)

    def _compose_sheet(self, code: str) -> bytes | None:
        """The guide sheet of an item as the hall last published it; the server need not be there."""
        board, profile = self._hall.board, self._config.printer.profile
        item = next((one for one in board.items if one.code == code), None) if board else None
        if board is None or item is None:
            return None
        return compose(guide_sheet(item, board.hall_name, profile.columns), profile)

    def _see(self, board: Board) -> None:
        self._prompt(self._invitations.board(board))
        self._calls.board(board)
        self._live.touch()

    def _hear(self, news: News) -> None:
        self._reprints.hear(news)
        self._prompt(self._invitations.news(news))

    def _prompt(self, windows: frozenset[str]) -> None:
        for window in windows:
            self._pads[window].evaluator.prompt()

    def _key_pressed(self, window: str, press: Press) -> None:
        self._calls.press(window, press.label)

    def _rated(self, window: str, press: Press) -> None:
        self._rating.press(window, press, self._invitations.at(window))

    def _device_changed(self, name: str, status: DeviceStatus) -> None:
        """Tell the server and the page; a pad that comes back while its window invites is lit again."""
        self._health.changed()
        self._live.touch()
        if name == PRINTER:
            self._ticketing.printer_changed()
        window = name.removeprefix("evaluator-")
        if status.state is DeviceState.ONLINE and window in self._invitations.open:
            self._prompt(frozenset({window}))


def _look(kind: str, device: Device) -> DeviceHealth:
    return health(device, kind, time.monotonic())
