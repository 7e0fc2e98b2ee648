"""The agent: hears the server, keeps the picture, tells pages, bars and voice. One thread owns the picture."""

import threading
import time
from datetime import datetime
from functools import partial

import structlog

from devices.base import DeviceStatus
from devices.vital import vital
from display.bar_tests import BarTests
from display.bars import Bars
from display.board import Reading, Wall, reading
from display.bound import BoundBars
from display.config import Config
from display.health import HealthReporter
from display.hub import Hub
from display.led import CUT_OFF_AFTER_S
from display.link import BoardFetcher, Connected, Fetched, FetchFailed, Heard, Inbox, NewsSocket, ReportRefused
from display.photos import Photos
from display.picture import Picture
from display.voice.voice import KIND as VOICE_KIND
from display.voice.voice import Voice, VoiceState
from machine.client import MachineClient
from machine.orders import Machine
from server.contract.board import Board
from server.contract.devices import Reported
from server.contract.news import Heartbeat, News, NewsKind

log = structlog.get_logger(__name__)

REFUSED = (
    "服务器不接受本机令牌（已撤销或类型不符）；请在管理页为大屏重新生成令牌，并重启本程序。"
    " / The server refuses this machine's token (revoked, or of the wrong kind)."
    " Make a new display token on the admin page and restart this program."
)
BAR_KIND = "ledbar"
TICK_S = 0.2
"""How soon a silence or a due fetch is noticed."""


class Agent:
    """Start it once, stop it once. `hub` and `photos` are what the pages are served from."""

    def __init__(self, config: Config, bars: Bars, voice: Voice) -> None:
        server, token = config.server, config.token
        self._picture = Picture(time.monotonic())
        self._inbox = Inbox()
        self._fetcher = BoardFetcher(server, token, self._inbox)
        self._socket = NewsSocket(server, token, self._inbox)
        self.photos = Photos(server, token)
        self._bars = bars
        self._voice = voice
        self._voiced: Board | None = None
        self._health = HealthReporter(server, token, self._devices, lambda: self._inbox.put(ReportRefused()))
        bound, client = BoundBars(config, bars, self._health.changed), MachineClient(server, token)
        bound.begin()
        self._jobs = BarTests(client, bars)
        self._machine = Machine(client, bound, self._jobs)
        self.hub = Hub(self._hall_time)
        self._published: tuple[Wall, Reading, VoiceState] | None = None
        self._stale_since: float | None = None
        self._fetch_fails = False
        self._token_refused = False
        self._stopping = threading.Event()
        self._thread = vital("agent", self._run)
        self._asked = [
            vital(name, partial(part.run, self._stopping))
            for name, part in (("machine", self._machine), ("jobs", self._jobs))
        ]

    def start(self) -> None:
        self._fetcher.start()
        self._socket.start()
        self.photos.start()
        self._voice.start()
        self._health.start()
        self._thread.start()
        for thread in self._asked:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._machine.wake()
        self._jobs.wake()
        self._socket.stop()
        self.photos.stop()
        self._fetcher.stop()
        self._voice.stop()
        self._health.stop()
        self.hub.close()
        self._thread.join(timeout=1.0)

    def bar_changed(self, name: str, status: DeviceStatus) -> None:
        """From any thread."""
        self._health.changed()

    def _devices(self) -> list[tuple[str, Reported]]:
        return [*((BAR_KIND, over.bar) for over in self._bars.overs), (VOICE_KIND, self._voice)]

    def _hall_time(self) -> datetime | None:
        return self._picture.hall_time(time.monotonic())

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._step()
            except Exception:  # the wall must outlive a mistake of ours; the next board mends the picture
                log.exception("the display stumbled")
                self._stopping.wait(TICK_S)

    def _step(self) -> None:
        heard = self._inbox.get(TICK_S)
        now = time.monotonic()
        if heard is not None:
            self._take(heard, now)
        if self._picture.wants_fetch(now):
            self._picture.fetch_began(now)
            self._fetcher.ask()
        self._show(now)

    def _take(self, heard: Heard, now: float) -> None:
        match heard:
            case Connected():
                self._picture.connected(now)
            case News():
                self._picture.news(heard, now)
                self._machine.hear(heard)
                self._prepare(heard)
            case Heartbeat():
                self._picture.heartbeat(heard, now)
            case Fetched(board):
                self._picture.fetched(board, now)
                self._fetch_fails = False
            case FetchFailed(reason, refused):
                self._picture.fetch_failed(now, refused)
                self._log_failure(reason, refused)
            case ReportRefused():
                self._picture.doubted(now)
                self._log_refusal()

    def _prepare(self, news: News) -> None:
        number = news.data.get("number")
        if news.kind is NewsKind.TICKET_ISSUED and isinstance(number, str):
            self._voice.issued(number)

    def _log_failure(self, reason: str, refused: bool) -> None:
        if refused:
            self._log_refusal()
        if not self._fetch_fails:
            log.warning("the board cannot be fetched; trying again", reason=reason)
        self._fetch_fails = True

    def _log_refusal(self) -> None:
        """Once: a token does not become right again, and this program reads it only at its start."""
        if not self._token_refused:
            log.error(REFUSED)
        self._token_refused = True

    def _show(self, now: float) -> None:
        self.photos.want(self._picture.board)
        wall, to_read = self._picture.wall(now), reading(self._picture.board, self.photos.kept())
        voice = self._voice.state(self._picture.hall_time(now))
        old = self._published
        self._published = (wall, to_read, voice)
        if old is None or wall != old[0]:
            self.hub.publish("wall", wall)
        if old is None or to_read != old[1]:
            self.hub.publish("reading", to_read)
        if old is None or voice != old[2]:
            self.hub.publish("voice", voice)
        self._foretell()
        self._bars.show(self._picture.board, self._cut_off(wall.stale, now))
        self._bars.dim(self._picture.hall_time(now))

    def _foretell(self) -> None:
        board = self._picture.board
        if board is not None and board is not self._voiced:
            self._voiced = board
            self._voice.show(board)

    def _cut_off(self, stale: bool, now: float) -> bool:
        if not stale:
            self._stale_since = None
            return False
        if self._stale_since is None:
            self._stale_since = now
        return now - self._stale_since > CUT_OFF_AFTER_S
