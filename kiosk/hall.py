"""The hall as this kiosk last saw it: follows the news, fetches the board when something concerns it.

Two threads: `run_news` holds the socket, `run_boards` fetches. News only says *that* something changed; the
picture itself always comes from the board, at most five times a second however busy the hall is. While the
socket is silent the board is fetched every second, so that a hall whose sockets are blocked still works.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

import socketio
import structlog

from kiosk.client import Away, Client, Refused
from server.contract.board import Board
from server.contract.codec import ContractError, from_json
from server.contract.following import Follower, Verdict
from server.contract.news import (
    HEARTBEAT_EVENT,
    NAMESPACE,
    NEWS_EVENT,
    STALE_AFTER_S,
    Heartbeat,
    News,
    NewsKind,
)
from server.news_client import NewsClient

log = structlog.get_logger(__name__)

FETCH_GAP_S = 0.2
RETRY_S = 1.0
FRESH_S = 30.0
"""Waits change though nothing happens: a board older than this is fetched anew."""
LOOK_S = 1.0
CONNECT_S = 3.0
NOT_SHOWN = {
    NewsKind.TICKET_PRINT, NewsKind.PRINT_WANTED, NewsKind.PRESS_IGNORED, NewsKind.DEVICE_CHANGED,
    NewsKind.TICKET_RECALLED, NewsKind.APPOINTMENT_CHANGED, NewsKind.MACHINE_WANTED,
}  # fmt: skip
"""News that changes nothing on a kiosk's screen."""


class Hall:
    """`board` is None until the first fetch; `stale` says that the picture may no longer be true."""

    def __init__(
        self,
        client: Client,
        on_board: Callable[[Board], None],
        on_news: Callable[[News], None],
        on_stale: Callable[[], None],
    ) -> None:
        self._client = client
        self._on_board, self._on_news, self._on_stale = on_board, on_news, on_stale
        self._follower = Follower(time.monotonic())
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._wanted.set()
        self._heard_at = self._fetched_at = time.monotonic()
        self._was_stale = False
        self.board: Board | None = None

    @property
    def stale(self) -> bool:
        with self._lock:
            return self._follower.stale(time.monotonic())

    def run_boards(self, stopping: threading.Event) -> None:
        """Fetch the board whenever it is wanted, until `stopping`."""
        while not stopping.is_set():
            if self._wanted.wait(LOOK_S) or self._silent() or self._old():
                self._wanted.clear()
                fetched = self._fetch()
                if not fetched:
                    self._wanted.set()
                stopping.wait(FETCH_GAP_S if fetched else RETRY_S)
            self._tell_staleness()

    def run_news(self, server: str, token: str, stopping: threading.Event) -> None:
        """Keep one socket to the server; a frozen server is left and tried again."""
        while not stopping.is_set():
            try:
                self._listen(server, token, stopping)
            except socketio.exceptions.ConnectionError:
                pass  # staleness says so
            except Exception as error:  # noqa: BLE001 - the library lets a server's nonsense out as any error
                log.warning("nonsense on the news line", error=repr(error))
            stopping.wait(RETRY_S)

    def wake(self) -> None:
        """Let `run_boards` notice that it shall stop."""
        self._wanted.set()

    def _listen(self, server: str, token: str, stopping: threading.Event) -> None:
        socket = NewsClient()
        lost = threading.Event()
        socket.on(NEWS_EVENT, self._heard_news, namespace=NAMESPACE)
        socket.on(HEARTBEAT_EVENT, self._heard_heartbeat, namespace=NAMESPACE)
        socket.on("disconnect", lambda *_: lost.set(), namespace=NAMESPACE)
        try:
            socket.connect(
                server,
                auth={"token": token},
                namespaces=[NAMESPACE],
                transports=["websocket"],
                wait_timeout=CONNECT_S,
            )
            self._heard_at = time.monotonic()
            self._wanted.set()
            while not (stopping.is_set() or lost.wait(0.5) or self._silent()):
                pass
        finally:
            socket.disconnect()

    def _silent(self) -> bool:
        return time.monotonic() - self._heard_at > STALE_AFTER_S

    def _old(self) -> bool:
        return time.monotonic() - self._fetched_at > FRESH_S

    def _heard_news(self, data: Any) -> None:
        self._heard_at = time.monotonic()
        try:
            news = from_json(News, data, strict=False)
        except ContractError as error:
            log.warning("unreadable news", error=str(error))
            self._wanted.set()
            return
        with self._lock:
            verdict = self._follower.news(news, time.monotonic())
        if verdict is not Verdict.DROP:
            self._on_news(news)
        if verdict is Verdict.REFETCH or (verdict is Verdict.APPLY and news.kind not in NOT_SHOWN):
            self._wanted.set()

    def _heard_heartbeat(self, data: Any) -> None:
        self._heard_at = time.monotonic()
        try:
            heartbeat = from_json(Heartbeat, data, strict=False)
        except ContractError:
            return
        with self._lock:
            verdict = self._follower.heartbeat(heartbeat, time.monotonic())
        if verdict is Verdict.REFETCH:
            self._wanted.set()

    def _fetch(self) -> bool:
        try:
            board = self._client.board()
        except (Away, Refused) as error:
            log.debug("no board", error=str(error))
            return False
        with self._lock:
            if self._follower.snapshot(board, time.monotonic()) is Verdict.DROP:
                return True
            self.board = board
            self._fetched_at = time.monotonic()
        self._on_board(board)
        return True

    def _tell_staleness(self) -> None:
        """Log once when the server is lost and once when it is back."""
        if self.stale == self._was_stale:
            return
        self._was_stale = not self._was_stale
        log.warning("server lost" if self._was_stale else "server back")
        self._on_stale()
