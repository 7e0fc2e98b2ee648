"""News over Socket.IO: sockets prove who they are when they connect, then listen to their hall."""

import queue
import threading
from typing import Any

from flask import request
from flask_socketio import ConnectionRefusedError as Refused
from flask_socketio import Namespace, SocketIO, join_room
from sqlalchemy import select

from server.contract.codec import to_json
from server.contract.news import HEARTBEAT_EVENT, HEARTBEAT_S, NAMESPACE, NEWS_EVENT, Heartbeat, News, NewsKind
from server.contract.problems import ProblemError
from server.db import Store
from server.domain.service_day import hall_time
from server.listeners import Listeners
from server.models import Hall
from server.services import accounts
from server.services.actors import Actor
from server.services.admin import REVOKED
from server.web.api import ANY
from server.web.citizens import address
from server.web.identity import TABLET_COOKIE, TABLET_SCHEME, actor_of, device_actor, secret_of, tablet_actor


class Relay:
    """Sends committed news to the listeners, in seq order, from a thread of its own."""

    def __init__(self, socketio: SocketIO) -> None:
        self._socketio = socketio
        self.listeners: Listeners | None = None
        self._news: queue.SimpleQueue[list[News] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="relay", daemon=True)
        self._thread.start()

    def put(self, news: list[News]) -> None:
        self._news.put(news)

    def heartbeat(self, store: Store) -> None:
        """Tell each hall's newest seq, so that a client which lost the last news finds out; cut off who may listen no
        more."""
        self.review()
        with store.read() as conn:
            halls = conn.execute(select(Hall.code, Hall.seq, Hall.zone)).all()
        for hall in halls:
            beat = Heartbeat(hall.code, hall.seq, hall_time(store.clock(), hall.zone))
            self._socketio.emit(HEARTBEAT_EVENT, to_json(beat), namespace=NAMESPACE, to=hall.code)

    def sockets(self) -> int:
        """How many listen here."""
        rooms: dict[Any, Any] = self._socketio.server.manager.rooms.get(NAMESPACE, {})
        return len(rooms.get(None, ()))

    def close(self) -> None:
        self._news.put(None)
        self._thread.join()

    def _serve(self) -> None:
        while (group := self._news.get()) is not None:
            for news in group:
                self._socketio.emit(NEWS_EVENT, to_json(news), namespace=NAMESPACE, to=news.hall)
                if news.kind is NewsKind.HALL_CHANGED or news.data.get("state") == REVOKED:
                    self.review()

    def review(self) -> None:
        """A secret is judged when its socket connects; one that has ended must end the sockets that it opened."""
        if self.listeners is not None:
            self.listeners.review()


class NewsNamespace(Namespace):  # type: ignore[misc]  # flask_socketio ships no types
    """Flask runs no before_request for sockets, so a connection is judged here or not at all."""

    def __init__(self, store: Store, listeners: Listeners) -> None:
        super().__init__(NAMESPACE)
        self._store, self._listeners = store, listeners

    def on_connect(self, auth: Any = None) -> None:
        try:
            actor, secret = self._actor(auth if isinstance(auth, dict) else {})
        except ProblemError as error:
            raise Refused(error.problem.code) from None
        if not actor.may & ANY:
            raise Refused("forbidden")
        self._listeners.joined(_sid(), accounts.digest(secret))
        with self._store.read() as conn:
            join_room(conn.execute(select(Hall.code).where(Hall.id == actor.hall_id)).scalar_one())

    def on_disconnect(self, _reason: Any = None) -> None:
        self._listeners.left(_sid())

    def _actor(self, said: dict[str, Any]) -> tuple[Actor, str]:
        """Who it is, and the secret by which."""
        token = said.get("token")
        if isinstance(token, str) and token:
            return device_actor(self._store, token, address()), token
        if said.get("as") == TABLET_SCHEME:
            return tablet_actor(self._store, request), request.cookies.get(TABLET_COOKIE, "")
        return actor_of(self._store, request, writes=False), secret_of(request)


def _sid() -> str:
    return str(request.sid)  # type: ignore[attr-defined]  # flask_socketio adds it


def make_socketio(app: Any, async_mode: str | None) -> SocketIO:
    """Same origin only: a foreign page must not listen with a clerk's cookie."""
    return SocketIO(
        app, async_mode=async_mode, cors_allowed_origins=None, ping_interval=HEARTBEAT_S * 5, ping_timeout=10,
        max_http_buffer_size=64 * 1024,
    )  # fmt: skip
