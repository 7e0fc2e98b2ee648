"""Who listens by which secret. A secret is judged when its socket connects, and again here: a session or a token that
has ended since, by whatever way, takes its sockets with it."""

import threading
from collections.abc import Iterable
from typing import Any

from flask_socketio import SocketIO
from sqlalchemy import select

from server.contract.news import NAMESPACE
from server.db import Store
from server.models import Account, DeviceToken, WebSession
from server.services import sessions


class Listeners:
    """The hash of the secret of each socket. Safe from several threads."""

    def __init__(self, socketio: SocketIO, store: Store) -> None:
        self._server = socketio.server
        self._store = store
        self._lock = threading.Lock()
        self._by_sid: dict[str, str] = {}

    def joined(self, sid: str, secret_hash: str) -> None:
        with self._lock:
            self._by_sid[sid] = secret_hash

    def left(self, sid: str) -> None:
        with self._lock:
            self._by_sid.pop(sid, None)

    def review(self) -> None:
        """Cut off whose secret is worth nothing any more."""
        with self._lock:
            listening = dict(self._by_sid)
        if not listening:
            return
        good = self._good()
        for sid in (sid for sid, secret in listening.items() if secret not in good):
            self.left(sid)
            self._server.disconnect(sid, namespace=NAMESPACE)

    def _good(self) -> set[str]:
        now = self._store.clock()
        people = select(WebSession.token_hash).join(Account).where(Account.active.is_(True), sessions.live(now))
        in_use = DeviceToken.revoked_at.is_(None)
        devices = select(DeviceToken.token_hash).where(in_use, DeviceToken.pair_until.is_(None))
        old = select(DeviceToken.old_hash).where(in_use, DeviceToken.old_until > now)
        with self._store.read() as conn:
            return {str(found) for query in (people, devices, old) for found in _column(conn.execute(query))}


def _column(rows: Any) -> Iterable[Any]:
    found: Iterable[Any] = rows.scalars().all()
    return found
