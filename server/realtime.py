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
from server.models import Hall
from server.services.actors import Actor
from server.services.admin import REVOKED
from server.web.api import ANY
from server.web.identity import actor_of, device_actor


class Relay:
    """Sends committed news to the listeners, in seq order, from a thread of its own."""

    def __init__(self, socketio: SocketIO) -> None:
        self._socketio = socketio
        self._news: queue.SimpleQueue[list[News] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="relay", daemon=True)
        self._thread.start()

    def put(self, news: list[News]) -> None:
        self._news.put(news)

    def heartbeat(self, store: Store) -> None:
        """Tell each hall's newest seq, so that a client which lost the last news finds out."""
        with store.read() as conn:
            halls = conn.execute(select(Hall.code, Hall.seq, Hall.zone)).all()
        for hall in halls:
            beat = Heartbeat(hall.code, hall.seq, hall_time(store.clock(), hall.zone))
            self._socketio.emit(HEARTBEAT_EVENT, to_json(beat), namespace=NAMESPACE, to=hall.code)

    def close(self) -> None:
        self._news.put(None)
        self._thread.join()

    def _serve(self) -> None:
        while (group := self._news.get()) is not None:
            for news in group:
                self._socketio.emit(NEWS_EVENT, to_json(news), namespace=NAMESPACE, to=news.hall)
                if news.kind is NewsKind.DEVICE_CHANGED and news.data["state"] == REVOKED:
                    self._cut_off(_room(news.data["device"]))

    def _cut_off(self, room: str) -> None:
        """A token is judged when its socket connects; revoking it must end the sockets that it opened before."""
        server = self._socketio.server
        for sid, _ in list(server.manager.get_participants(NAMESPACE, room)):
            server.disconnect(sid, namespace=NAMESPACE)


def _room(device: str) -> str:
    return f"device:{device}"


class NewsNamespace(Namespace):  # type: ignore[misc]  # flask_socketio ships no types
    """Flask runs no before_request for sockets, so a connection is judged here or not at all."""

    def __init__(self, store: Store) -> None:
        super().__init__(NAMESPACE)
        self._store = store

    def on_connect(self, auth: Any = None) -> None:
        actor = self._actor(auth)
        with self._store.read() as conn:
            join_room(conn.execute(select(Hall.code).where(Hall.id == actor.hall_id)).scalar_one())
        if actor.device_id is not None:
            join_room(_room(actor.name))

    def _actor(self, auth: Any) -> Actor:
        token = auth.get("token") if isinstance(auth, dict) else None
        try:
            if isinstance(token, str) and token:
                actor = device_actor(self._store, token)
            else:
                actor = actor_of(self._store, request, writes=False)
        except ProblemError as error:
            raise Refused(error.problem.code) from None
        if actor.role not in ANY:
            raise Refused("forbidden")
        return actor


def make_socketio(app: Any, async_mode: str | None) -> SocketIO:
    """Same origin only: a foreign page must not listen with a clerk's cookie."""
    return SocketIO(
        app, async_mode=async_mode, cors_allowed_origins=None, ping_interval=HEARTBEAT_S * 5, ping_timeout=10,
        max_http_buffer_size=64 * 1024,
    )  # fmt: skip
