"""A server of its own for each test: real SQLite, real HTTP semantics, a clock in the test's hand."""

import functools
import shutil
import tempfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import structlog
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from bench.postgresql import Cluster, postgresql
from server.app import Server, create_app, load_demo
from server.config import Config
from server.services import accounts

PASSWORD = "correct horse battery"
OURS = {"Origin": "http://localhost"}
"""What a browser says of a form that comes from our own page."""


class FakeClock:
    """Stands until it is moved. Starts on a Monday morning in Asia/Shanghai."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@functools.cache
def password_hash() -> str:
    return accounts.hash_password(PASSWORD)


@functools.cache
def first_morning() -> Path:
    """The data folder of a demo hall that was just made: all migrations run once, and each test has a copy. The key
    each makes for itself: two halls of a test are two halls."""
    folder = Path(tempfile.mkdtemp(prefix="jiaohao-first-morning-"))
    app = create_app(Config(folder), clock=FakeClock())
    load_demo(app)
    app.extensions["jiaohao"].close()
    (folder / "audit.key").unlink()
    return folder


class Hall:
    """The demo hall, or an empty one, and clients who speak to it as the real ones do."""

    demo = True

    def __init__(self, data_dir: Path, database_url: str = "") -> None:
        self.clock = FakeClock()
        self.data_dir = data_dir
        self._config = Config(data_dir, database_url)
        self._hash = password_hash()
        if self.demo and not database_url and not any(data_dir.iterdir()):
            shutil.copytree(first_morning(), data_dir, dirs_exist_ok=True)
        self._start()

    def _start(self) -> None:
        self.app = create_app(self._config, clock=self.clock)
        self.server: Server = self.app.extensions["jiaohao"]
        self.store = self.server.store
        if self.demo:
            load_demo(self.app)
        self.server.set_up_upload(self._config)

    def restart(self) -> None:
        self.server.close()
        self._start()

    def token(self, kind: str, name: str = "", window: str | None = None) -> str:
        return self.store.write(lambda tx: accounts.new_device_token(tx, 1, name or kind, kind, window))

    def device(self, kind: str, name: str = "", window: str | None = None) -> "Caller":
        if kind == "tablet":
            return self.tablet(name or kind, window)
        bearer = f"Bearer {self.token(kind, name, window)}"
        return Caller(self.app.test_client(), {"Authorization": bearer})

    def tablet(self, name: str, window: str | None) -> "Caller":
        """Paired as people do it: a code typed on its page."""
        client = self.app.test_client()
        sent = client.post("/tablet", data={"code": self.token("tablet", name, window)}, headers=OURS)
        assert sent.status_code == 303, sent.text
        return Caller(client, {"Authorization": "Tablet"})

    def person(self, username: str, role: str = "clerk") -> "Caller":
        self.store.write(lambda tx: accounts.add_user(tx, 1, username, role, self._hash))
        return self.sign_in(username)

    def sign_in(self, username: str) -> "Caller":
        client = self.app.test_client()
        answer = client.post("/api/v1/session", json={"username": username, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return Caller(client, {"X-CSRF-Token": answer.json["csrf"]})

    def clerk_at(self, window: str) -> "Caller":
        clerk = self.person(f"clerk-{window}")
        assert clerk.do(f"/windows/{window}/sign-in")[0] == 200
        return clerk

    def rows(self, sql: str) -> list[Any]:
        with self.store.read() as conn:
            return list(conn.exec_driver_sql(sql).all())


class Caller:
    def __init__(self, client: FlaskClient, headers: dict[str, str]) -> None:
        self.client = client
        self.headers = headers

    def do(self, path: str, *, method: str = "POST", **body: Any) -> tuple[int, Any]:
        """A command with a fresh request_id unless one is given."""
        body.setdefault("request_id", uuid4().hex)
        answer = self.client.open("/api/v1" + path, method=method, json=body, headers=self.headers)
        return answer.status_code, answer.json

    def get(self, path: str) -> tuple[int, Any]:
        answer = self.client.get("/api/v1" + path, headers=self.headers)
        return answer.status_code, answer.json

    def take(self, queue: str = "A", **body: Any) -> Any:
        status, ticket = self.do("/tickets", queue=queue, **body)
        assert status == 201, ticket
        return ticket


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """PostgreSQL from Debian's package, for this run alone."""
    with postgresql() as cluster:
        yield cluster


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    hall = Hall(tmp_path)
    try:
        yield hall
    finally:
        hall.server.close()


@pytest.fixture
def url(hall: Hall) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, hall.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(autouse=True, scope="session")
def _plain_logs() -> None:
    structlog.configure(processors=[structlog.processors.KeyValueRenderer()])
