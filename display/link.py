"""The line to the server: news by Socket.IO, boards by HTTP. Everything heard goes into one inbox.

Each half is a thread of its own: a server which accepts a connection and then freezes holds up nobody.
"""

import contextlib
import json
import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import requests
import structlog
from socketio.exceptions import ConnectionError as RefusedError

from devices.vital import vital
from server.contract.board import Board
from server.contract.codec import ContractError, from_json
from server.contract.news import HEARTBEAT_EVENT, NAMESPACE, NEWS_EVENT, STALE_AFTER_S, Heartbeat, News
from server.news_client import NewsClient

log = structlog.get_logger(__name__)
T = TypeVar("T")

CONNECT_S = 2.0
TIMEOUT_S = 4.0
REFUSED = (401, 403)
"""The server knows this token no more, or as one of another kind."""
MAX_BOARD_BYTES = 8_000_000
RECONNECT_S = 1.0


@dataclass(frozen=True)
class Connected:
    """The news socket is up."""


@dataclass(frozen=True)
class Fetched:
    board: Board


@dataclass(frozen=True)
class FetchFailed:
    reason: str
    refused: bool = False
    """The server does not take our token."""


@dataclass(frozen=True)
class ReportRefused:
    """The server does not take our token for a report of health."""


Heard = Connected | News | Heartbeat | Fetched | FetchFailed | ReportRefused


def session(token: str) -> requests.Session:
    made = requests.Session()
    made.headers["Authorization"] = f"Bearer {token}"
    made.trust_env = False  # the hall's server is reached directly, past any proxy
    return made


class Inbox:
    """What was heard, in order. When its reader hangs it drops: the gap in `seq` is noticed later."""

    def __init__(self) -> None:
        self._queue: queue.Queue[Heard] = queue.Queue(maxsize=10_000)

    def put(self, heard: Heard) -> None:
        with contextlib.suppress(queue.Full):
            self._queue.put_nowait(heard)

    def get(self, timeout_s: float) -> Heard | None:
        """The next one, or None after `timeout_s`."""
        try:
            return self._queue.get(timeout=timeout_s)
        except queue.Empty:
            return None


class BoardFetcher:
    """Fetches the board when asked. The asker asks again only after `Fetched` or `FetchFailed` came."""

    def __init__(self, server: str, token: str, inbox: Inbox) -> None:
        self._url = f"{server}/api/v1/board"
        self._inbox = inbox
        self._asked = threading.Event()
        self._stopping = False
        self._session = session(token)
        self._thread = vital("board", self._run)

    def start(self) -> None:
        self._thread.start()

    def ask(self) -> None:
        self._asked.set()

    def stop(self) -> None:
        """Does not wait for a fetch in flight."""
        self._stopping = True
        self._asked.set()

    def _run(self) -> None:
        while True:
            self._asked.wait()
            self._asked.clear()
            if self._stopping:
                return
            self._inbox.put(self._fetch())

    def _fetch(self) -> Fetched | FetchFailed:
        try:
            with self._session.get(self._url, timeout=TIMEOUT_S, stream=True, allow_redirects=False) as answer:
                if answer.status_code != 200:
                    return FetchFailed(f"HTTP {answer.status_code}", answer.status_code in REFUSED)
                data = _read(answer)
            return Fetched(from_json(Board, data, strict=False))
        except (requests.RequestException, ValueError) as error:
            return FetchFailed(f"{type(error).__name__}: {error}"[:300])


def _read(answer: requests.Response) -> Any:
    """The JSON body. The `timeout` of requests bounds each read; this bounds the whole, in bytes too."""
    body = b""
    until = time.monotonic() + TIMEOUT_S
    for chunk in answer.iter_content(65536):
        body += chunk
        if len(body) > MAX_BOARD_BYTES or time.monotonic() > until:
            raise ValueError("the board is too large or too slow")
    return json.loads(body)


class NewsSocket:
    """Keeps one Socket.IO connection, and gives up one that has fallen silent, as a frozen peer's does."""

    def __init__(self, server: str, token: str, inbox: Inbox) -> None:
        self._server = server
        self._token = token
        self._inbox = inbox
        self._stopping = threading.Event()
        self._heard_at = 0.0
        self._lost = False
        self._thread = vital("news", self._run)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Does not wait for the goodbye to a peer that may be frozen."""
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            client = self._client()
            try:
                self._connect(client)
                self._stay(client)
            except RefusedError as error:
                self._log_lost(str(error))
            except Exception as error:  # noqa: BLE001 - the library lets a server's nonsense out as any error
                self._log_lost(repr(error))
            finally:
                self._leave(client)
            self._stopping.wait(RECONNECT_S)

    def _client(self) -> Any:
        quiet = logging.getLogger("jiaohao.socketio")
        quiet.setLevel(logging.CRITICAL)  # what it would say of a lost line, we say once, ourselves
        client = NewsClient(request_timeout=TIMEOUT_S, logger=quiet, engineio_logger=quiet)
        client.on(NEWS_EVENT, self._hears(News), namespace=NAMESPACE)
        client.on(HEARTBEAT_EVENT, self._hears(Heartbeat), namespace=NAMESPACE)
        return client

    def _hears(self, kind: type[T]) -> Callable[[Any], None]:
        def hear(data: Any) -> None:
            self._heard_at = time.monotonic()
            try:
                self._inbox.put(from_json(kind, data, strict=False))  # type: ignore[arg-type]  # both are dataclasses
            except ContractError as error:
                log.warning("news not understood", problem=str(error))

        return hear

    def _connect(self, client: Any) -> None:
        client.connect(
            self._server,
            auth={"token": self._token},
            namespaces=[NAMESPACE],
            transports=["websocket"],
            wait_timeout=TIMEOUT_S,
        )
        self._heard_at = time.monotonic()
        if self._lost:
            log.info("news is back")
            self._lost = False
        self._inbox.put(Connected())

    def _stay(self, client: Any) -> None:
        while client.connected and not self._stopping.wait(0.2):
            if time.monotonic() - self._heard_at > STALE_AFTER_S:
                break
        if not self._stopping.is_set():
            self._log_lost("silent" if client.connected else "disconnected")

    @staticmethod
    def _leave(client: Any) -> None:
        with contextlib.suppress(Exception):  # whatever state it is in, this connection is over
            client.disconnect()

    def _log_lost(self, reason: str) -> None:
        if not self._lost:
            log.warning("news is lost; trying again", server=self._server, reason=reason)
            self._lost = True
