"""`create_app(config)`: the whole server as one value, twice in a process if a test wants it so."""

import secrets
import time
from collections.abc import Callable
from typing import Any

import structlog
from alembic import command
from alembic.config import Config as AlembicConfig
from flask import Flask, Response, request
from flask_socketio import SocketIO
from sqlalchemy import Engine, insert, select

from server import background, realtime
from server.audit_heads import Heads
from server.audit_key import audit_key
from server.backup.upgrade import copy_before_upgrade
from server.clock import Clock, system_clock
from server.config import Config
from server.contract.news import HEARTBEAT_S
from server.db import Store, Tx, writing
from server.domain.sentence import Sentence
from server.gauges import Gauges, metrics_token
from server.keeper import KEEPER_S, Keeper
from server.listeners import Listeners
from server.models import Hall
from server.services import accounts, audit, demo, outbox
from server.services.alarm_watch import Watch
from server.services.board import LatestBoard
from server.services.estimates import Waits
from server.services.kept_days import DayKeeper
from server.upload import Sender, holder_of
from server.upload_setup import SetupError, load
from server.web import (
    account,
    api,
    booking,
    errors,
    figures,
    items,
    pages,
    phone,
    public,
    rating_form,
    request_log,
    session,
    styleguide,
    tablet,
)

log = structlog.get_logger()
MAX_BODY = 64 * 1024
OTHER_KEY = (
    "审计密钥不是封印已有评价的那一把，请从备份恢复后重启；用新的密钥，之前的评价无法核验。"
    " / This is not the key that sealed the ratings so far. Restore it from the backup and restart; under a new key"
    " they can no longer be verified."
)
"""Said and no more: a hall opens also on the day on which its key was lost."""
CHECKPOINT_S = 5.0
"""Each slows the commits that come within its some 20 ms; what was written to twice between is carried once."""
ESTIMATE_S = 3.0
"""How old the estimates may get while something happens; between, the people ahead carry them on."""
WATCH_S = 5.0
"""Between two looks for alarms, each of which must have been so for longer than that."""
KEEP_DAYS_S = 60.0
"""How soon a day that is over, or one that was changed afterwards, is counted for the statistics."""
BREATH_S = 0.005
"""Between two runs of a forecast, which take some milliseconds each: long enough for whoever waits to be answered
whole, and not only one step further."""


class Server:
    """What the app holds: the store, the sockets, and the setup code while there is no admin."""

    def __init__(self, app: Flask, config: Config, clock: Clock, async_mode: str | None) -> None:
        self.app = app
        self.socketio: SocketIO = realtime.make_socketio(app, async_mode)
        self.relay = realtime.Relay(self.socketio)
        self.store = Store(config.url, clock, self.relay.put, audit_key(config.audit_key))
        self.listeners = Listeners(self.socketio, self.store)
        self.relay.listeners = self.listeners
        self.sign_ins = session.sign_in_limit()
        self.boards = LatestBoard()
        self.waits = Waits(self.store)
        self.watch = Watch(self.store, config.data_dir)
        self._days = DayKeeper(self.store)
        self.setup_code: str | None = None
        self.aside: Callable[..., Any] = lambda work, *arguments: work(*arguments)
        """Runs slow work that touches no connection of the store. Where one thread answers everybody, what serves the
        app puts something here that lets it go on meanwhile."""
        self.sender: Sender | None = None
        self.upload_trouble: list[Sentence] = []
        """Why nothing is uploaded although `upload.toml` is there, or of which hall nothing is any more."""
        self.config = config
        self.gauges = Gauges()
        self.store.timed = self.gauges.committed
        self.metrics_token = metrics_token(config.metrics_token)
        self._heads = Heads(config.audit_heads)
        self._keeper: Keeper | None = None
        self._loop: background.Loop | None = None

    def start_background(self) -> None:
        """Timers and heartbeats; tests that steer the clock call `background.tick` themselves."""
        self._keeper = Keeper(self.store, self.config)
        self._loop = background.Loop(
            (1.0, self._tick),
            (KEEPER_S, self._keeper.turn),
            (CHECKPOINT_S, self._checkpoint),
            (HEARTBEAT_S, self._heartbeat),
            (ESTIMATE_S, self._estimate),
            (WATCH_S, self.watch.look),
            (KEEP_DAYS_S, self.keep_days),
        )
        if self.sender:
            self.sender.start()

    def close(self) -> None:
        if self.sender:
            self.sender.close()
        if self._keeper:
            self._keeper.close()
        if self._loop:
            self._loop.close()
        self.store.close()
        self.relay.close()

    def set_up_upload(self, config: Config) -> None:
        """Only for a process that serves: it switches halls on and off. A setup that is broken is said, and the hall
        opens; ratings are kept for upload as before."""
        try:
            setup = load(config.upload, config.upload_keys)
            codes = setup.codes if setup else {}
            shared = bool(config.database_url)
            self.upload_trouble += self.store.write(lambda tx: outbox.switch(tx, codes, shared))
        except SetupError as error:
            setup, self.upload_trouble = None, list(error.sentences)
        for sentence in self.upload_trouble:
            log.error(str(sentence))
        if setup:
            self.sender = Sender(self.store, setup, holder_of(config.data_dir), aside=self._beside)

    def _beside(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return self.aside(work, *arguments)

    def _tick(self) -> None:
        background.tick(self.store)
        self.note_heads()

    def note_heads(self) -> None:
        """Write down how far the audit chain has come, outside the database."""
        with self.store.read() as conn:
            heads = audit.heads(conn)
        self._heads.note(heads, self.store.clock())

    def _checkpoint(self) -> None:
        self.aside(self.store.checkpoint)

    def _heartbeat(self) -> None:
        self.relay.heartbeat(self.store)

    def keep_days(self) -> None:
        """Count the days that are over, for the statistics; under gevent requests are answered in the pauses."""
        self._days.keep(breathe=lambda: time.sleep(BREATH_S))

    def _estimate(self) -> None:
        # A tenth of a second of reckoning: under gevent requests are answered in the pauses.
        self.waits.refresh(breathe=lambda: time.sleep(BREATH_S))


def create_app(config: Config, *, clock: Clock = system_clock, async_mode: str | None = "threading") -> Flask:
    """Create and migrate the database when needed, and return the app; `app.extensions["jiaohao"]` is its Server."""
    app = Flask("server")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    server = Server(app, config, clock, async_mode)
    app.extensions["jiaohao"] = server
    copy_before_upgrade(config, server.store.engine, clock())
    migrate(server.store.engine)
    server.store.write(_first_hall)
    with server.store.read() as conn:
        if not accounts.has_admin(conn):
            server.setup_code = secrets.token_urlsafe(12)
        if not all(audit.key_fits(conn, server.store.key, hall) for hall in conn.execute(select(Hall.id)).scalars()):
            log.error(OTHER_KEY, key=str(config.audit_key))
    for part in (
        api,
        session,
        account,
        public,
        pages,
        phone,
        items,
        figures,
        booking,
        rating_form,
        styleguide,
        tablet,
    ):
        app.register_blueprint(part.make_blueprint())
    errors.install(app)
    request_log.install(app, server.gauges)
    app.after_request(_protect(config))
    server.socketio.on_namespace(realtime.NewsNamespace(server.store, server.listeners))
    return app


def migrate(engine: Engine) -> None:
    """Bring the database to the newest revision."""
    alembic = AlembicConfig()
    alembic.set_main_option("script_location", "server:migrations")
    with writing(engine) as conn:
        alembic.attributes["connection"] = conn
        command.upgrade(alembic, "head")


def _first_hall(tx: Tx) -> None:
    if tx.conn.execute(select(Hall.id).limit(1)).first() is None:
        tx.conn.execute(insert(Hall).values(code="HQ", name="服务大厅"))


def load_demo(app: Flask) -> None:
    """Fill an empty database with the demo hall."""
    server: Server = app.extensions["jiaohao"]
    with server.store.read() as conn:
        hall_id = accounts.default_hall(conn)
    server.store.write(lambda tx: demo.load_demo_hall(tx, hall_id))


def _protect(config: Config) -> Callable[[Response], Response]:
    policy = (
        "default-src 'self'; base-uri 'none'; form-action 'self'; object-src 'none'; "
        f"img-src 'self' data:; connect-src 'self' {{socket}}; frame-ancestors {config.frame_ancestors}"
    )

    def protect(response: Response) -> Response:
        scheme = "wss" if request.is_secure else "ws"
        headers: dict[str, Any] = {
            "Content-Security-Policy": policy.format(socket=f"{scheme}://{request.host}"),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        }
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if request.path.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return protect
