"""The agent: wires the parts of one machine together and runs their threads."""

import threading
from collections.abc import Callable
from functools import partial

import structlog
from werkzeug.serving import BaseWSGIServer, make_server

from devices.base import DeviceStatus, Press
from devices.escpos.compose import MM58, MM80, compose
from devices.escpos.driver import EscPosPrinter
from devices.evaluator import open_evaluator
from devices.supervisor import Supervisor
from kiosk.client import Client
from kiosk.config import ConfigError, EvaluatorConfig, KioskConfig
from kiosk.hall import Hall
from kiosk.health import HealthReporter, health
from kiosk.picture import Sources, picture
from kiosk.rating import Invitations, Pad, Rating
from kiosk.spool import Spool
from kiosk.ticket_layout import layout
from kiosk.ticketing import Ticketing
from kiosk.web import Live, QuietHandler, create_app
from server.contract.board import Board
from server.contract.devices import DeviceHealth
from server.contract.news import News
from server.contract.tickets import Ticket

log = structlog.get_logger(__name__)

STOP_S = 1.5
"""How long a stop waits for the threads; a request to a dead server may hang longer and is left behind."""


class Agent:
    """Everything of one kiosk. Making it opens the journals and binds the port; `start` lets it run."""

    def __init__(self, config: KioskConfig) -> None:
        self._config = config
        self._stopping = threading.Event()
        self._client = Client(config.server, config.token)
        self._spools = [Spool(config.data_dir / f"{name}.jsonl") for name in ("tickets", "ratings")]
        self._live = Live(lambda: picture(self._sources()))
        self._printer = _make_printer(config, self._printer_changed)
        self._pads: dict[str, Pad] = {}
        self._ticketing = Ticketing(
            self._spools[0], self._client, self._printer, self._compose, self._live.touch
        )
        self._rating = Rating(self._spools[1], self._pads)
        self._health = HealthReporter([(self._client, self._printer_health)])
        self._hall = Hall(self._client, self._see_board, self._hear_news, self._live.touch)
        self._invitations = Invitations(frozenset(e.window for e in config.evaluators))
        self._invitations_lock = threading.Lock()
        for evaluator in config.evaluators:
            self._add_pad(evaluator)
        self._web = self._make_web()
        self._threads: list[threading.Thread] = []

    @property
    def url(self) -> str:
        return f"http://{self._config.host}:{self._web.port}/"

    def start(self) -> None: ...


def _noop() -> None: ...
