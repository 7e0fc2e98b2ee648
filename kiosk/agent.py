"""The agent: wires the parts of one machine together and runs their threads."""

import threading
import time
from collections.abc import Callable
from functools import partial

import structlog
from werkzeug.serving import BaseWSGIServer

from devices.base import Device, DeviceState, DeviceStatus, Press
from devices.escpos.compose import compose
from devices.supervisor import Supervisor
from devices.vital import vital
from kiosk.bench import PRINTER, Bench
from kiosk.call_pad import CallPads
from kiosk.client import Client
from kiosk.config import KioskConfig, PrinterConfig
from kiosk.guide_sheet import guide_sheet
from kiosk.hall import Hall
from kiosk.health import HealthReporter, Look
from kiosk.jobs import KioskJobs
from kiosk.machine import KioskDevices
from kiosk.picture import Sources, picture
from kiosk.rating import Invitations, Rating
from kiosk.reprints import Reprints
from kiosk.scans import Scans
from kiosk.sheets import Sheets
from kiosk.sms import Gateway
from kiosk.spool import Spool
from kiosk.ticket_layout import layout
from kiosk.ticketing import Ticketing
from kiosk.web import Live, create_app, serve
from machine.orders import Machine
from server.contract.board import Board
from server.contract.devices import DeviceHealth, health
from server.contract.news import News
from server.contract.tickets import Ticket

log = structlog.get_logger(__name__)

STOP_S = 1.0
"""How long a stop waits for the threads; a request to a dead server may hang longer and is left behind."""


class Agent:
    """Everything of one kiosk. Making it opens the journals and binds the port; `start` lets it run."""

    def __init__(self, config: KioskConfig) -> None:
        self._config = config
        self._stopping = threading.Event()
        self._client = Client(config.server, config.token)
        self._bench = Bench(
            self._rated,
            self._key_pressed,
            self._scanned,
            self._device_changed,
            lambda no: no in self._invitations.open,
        )
        self._printer, self._pads = self._bench.printer, self._bench.evaluators
        self._invitations = Invitations(self._pads)
        self._calls = CallPads(self._bench.call_pads)
        self._live = Live(lambda: picture(self._sources()))
        self._spools = [Spool(config.data_dir / f"{name}.jsonl") for name in ("tickets", "ratings")]
        self._scans = Scans(self._client, self._live.touch)
        self._ticketing = Ticketing(self._spools[0], self._client, self._printer, self._compose, self._live.touch)
        self._sheets = Sheets(self._printer, self._compose_sheet, self._ticketing.when_idle, self._live.touch)
        self._reprints = Reprints(self._client, self._ticketing.reprint)
        self._rating = Rating(self._spools[1], self._pads)
        self._gateways = [Gateway(config.server, config.sms, config.data_dir)] if config.sms else []
        self._health = HealthReporter(self._looks)
        self._hall = Hall(self._client, self._see, self._hear, self._live.touch)
        modems = [gateway.modem for gateway in self._gateways]
        self._modems = Supervisor(modems, self._device_changed)
        self._jobs = KioskJobs(
            self._client, self._bench, self._ticketing.when_idle, lambda no: no in self._invitations.open,
            lambda: self._hall.stale, config.allow_hosts,
        )  # fmt: skip
        devices = KioskDevices(config, self._client, self._bench, self._devices_changed)
        devices.begin()
        self._machine = Machine(self._client, devices, self._jobs)
        self._web = self._make_web()
        self._threads: list[threading.Thread] = []

    @property
    def url(self) -> str:
        return f"http://{self._web.host}:{self._web.port}/"

    @property
    def said(self) -> dict[str, str]:
        """The line that tells whoever started it where the page is."""
        return {"kiosk": self.url}

    def start(self) -> None:
        self._bench.start()
        self._modems.start()
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
            self._machine,
            self._jobs,
        ):
            part.wake()
        for gateway in self._gateways:
            gateway.wake()
        self._web.shutdown()
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0.0))
        self._bench.stop()
        self._modems.stop()
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
            "machine": partial(self._machine.run, stopping),
            "jobs": partial(self._jobs.run, stopping),
            "health": partial(self._health.run, stopping),
            "boards": partial(self._hall.run_boards, stopping),
            "news": partial(self._hall.run_news, self._config.server, self._config.token, stopping),
            **{name: work for gateway in self._gateways for name, work in gateway.work(stopping).items()},
        }

    def _make_web(self) -> BaseWSGIServer:
        config = self._config
        app = create_app(self._live, self._ticketing.take, self._sheets.ask, config.frame_ancestors)
        return serve(app, config.host, config.port)

    def _scanned(self, text: str) -> None:
        self._scans.scanned(text)

    def _looks(self) -> list[tuple[Client, Look]]:
        """Each device with the client that reports it."""
        bench, printer = self._bench, self._printer.driver
        printers = [(self._client, partial(_look, "printer", printer))] if printer else []
        pads = [(pad.client, partial(_look, "evaluator", pad.evaluator)) for pad in list(bench.evaluators.values())]
        calls = [(pad.client, partial(_look, "call_pad", pad.device)) for pad in list(bench.call_pads.values())]
        scanners = [(self._client, partial(_look, "scanner", one)) for one in bench.scanners]
        modems = [(gateway.client, gateway.look) for gateway in self._gateways]
        return [*printers, *pads, *calls, *scanners, *modems]

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
        printer = self._paper()
        lines = layout(ticket, printer.profile.columns, self._config.public_url, printer.logo, copy)
        return compose(lines, printer.profile)

    def _compose_sheet(self, code: str) -> bytes | None:
        """The guide sheet of an item as the hall last published it; the server need not be there."""
        board, profile = self._hall.board, self._paper().profile
        item = next((one for one in board.items if one.code == code), None) if board else None
        if board is None or item is None:
            return None
        return compose(guide_sheet(item, board.hall_name, profile.columns), profile)

    def _paper(self) -> PrinterConfig:
        """Asked for only by what is about to be printed, and nothing is while there is no printer."""
        config = self._printer.config
        assert config  # noqa: S101 - `can_print` says so
        return config

    def _see(self, board: Board) -> None:
        self._prompt(self._invitations.board(board))
        self._calls.board(board)
        self._live.touch()

    def _hear(self, news: News) -> None:
        self._reprints.hear(news)
        self._machine.hear(news)
        self._prompt(self._invitations.news(news))

    def _prompt(self, windows: frozenset[str]) -> None:
        for window in windows:
            if pad := self._pads.get(window):
                pad.evaluator.prompt()

    def _key_pressed(self, window: str, press: Press) -> None:
        self._calls.press(window, press.label)

    def _rated(self, window: str, press: Press) -> None:
        self._rating.press(window, press, self._invitations.at(window))

    def _devices_changed(self) -> None:
        """Other devices hang here."""
        self._health.changed()
        self._live.touch()
        self._ticketing.printer_changed()

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
