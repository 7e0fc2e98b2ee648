"""The commands of `jiaohao-server`. Exit codes: 0 done, 1 the audit found something, 2 wrong usage, 3 refused."""

import fcntl
import json
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO, TypeVar

import click
import structlog
from flask import Flask
from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from server.app import create_app, load_demo
from server.audit_heads import noted
from server.audit_key import BadKeyError, audit_key
from server.backup import commands as backups
from server.backup.refusal import RefusedError
from server.clock import system_clock
from server.config import Config
from server.contract.admin import NewDevice, NewUser
from server.contract.people import ResetPassword
from server.contract.problems import ProblemError
from server.db import Record, Store, Tx
from server.doctor.commands import doctor
from server.domain.sentence import Sentence
from server.models import Hall
from server.services import accounts, admin, audit, outbox, people_admin, reports, uploads
from server.services.actors import Actor, system
from server.upload_setup import SetupError, load, unpackable

T = TypeVar("T")
LOG: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.processors.format_exc_info,
    structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
]
"""Plain tracebacks: structlog's own way shows local variables where `rich` is installed, and among them are the links
that citizens hold."""
REFUSED = 3
FOUND = 1

data_option = click.option(
    "--data", "data_dir", type=click.Path(path_type=Path), required=True, envvar="JIAOHAO_DATA",
    help="Folder of the database; made when missing.",
)  # fmt: skip
database_option = click.option(
    "--database-url",
    default="",
    envvar="JIAOHAO_DATABASE_URL",
    help="Another database than SQLite in --data.",
)


@click.group()
def cli() -> None:
    """叫号 Jiaohao server: 取号、叫号、评价的中心。Numbers, calls and ratings of a public service hall."""
    structlog.configure(processors=LOG, logger_factory=structlog.PrintLoggerFactory(sys.stderr))


for command in (backups.backup, backups.restore_command, backups.restore_drill, doctor):
    cli.add_command(command)


@cli.command()
@data_option
@database_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0: any free port.")
@click.option("--demo", is_flag=True, help="Load the demo hall into an empty database.")
@click.option("--frame-ancestors", default="'none'", help="CSP sources of pages that may embed the faces.")
def serve(data_dir: Path, database_url: str, host: str, port: int, demo: bool, frame_ancestors: str) -> None:
    """Run the server. The first start prints a one-time link by which the first admin is made."""
    from server.serve import serve as serve_app

    config = _config(data_dir, database_url, frame_ancestors)
    with _only_server(data_dir):
        app = _open(config, async_mode="gevent")
        server = app.extensions["jiaohao"]
        if demo:
            load_demo(app)
        server.set_up_upload(config)
        server.start_background()

        def ready(bound: int) -> None:
            url = f"http://{_reachable(host)}:{bound}"
            # After the #, the code never reaches a server's log or a proxy.
            setup = {"setup": f"{url}/setup#{server.setup_code}"} if server.setup_code else {}
            click.echo(json.dumps({"server": url, **setup}))
            if setup:
                click.echo(f"首次启动，请打开此链接创建管理员 First start, create the admin here:\n{setup['setup']}")
            sys.stdout.flush()

        try:
            serve_app(app, host, port, ready)
        except OSError as error:
            click.echo(
                f"{host}:{port} 无法监听，请换一个端口或地址 cannot be listened on: {error.strerror}", err=True
            )
            raise SystemExit(REFUSED) from None


@cli.command("device-token")
@data_option
@database_option
@click.argument("name")
@click.option("--kind", type=click.Choice(accounts.DEVICE_KINDS), required=True)
@click.option("--window", help="The window that an evaluator or a call pad belongs to.")
def device_token(data_dir: Path, database_url: str, name: str, kind: str, window: str | None) -> None:
    """Print a new token for the device NAME, and nothing else. An older token of that name stops working."""
    click.echo(
        _write(
            data_dir, database_url,
            lambda tx: admin.add_device(tx, _operator(tx), NewDevice("", name, kind, window)).token,
        )
    )  # fmt: skip


@cli.command("user-add")
@data_option
@database_option
@click.argument("name")
@click.option("--role", type=click.Choice(accounts.ROLES), required=True)
@click.option("--full-name", default="", help="Name as shown to colleagues.")
@click.option("--staff-no", default="")
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from standard input.")
def user_add(
    data_dir: Path,
    database_url: str,
    name: str,
    role: str,
    full_name: str,
    staff_no: str,
    password_stdin: bool,
) -> None:
    """Add the account NAME."""
    form = NewUser("", name, role, _password(), full_name, staff_no)
    _write(data_dir, database_url, lambda tx: admin.add_user(tx, _operator(tx), admin.hashed(form)))


@cli.command()
@data_option
@database_option
@click.argument("name")
def rescue(data_dir: Path, database_url: str, name: str) -> None:
    """Print a start password for the account NAME, and take lock and second factor off it."""
    ready = people_admin.started(ResetPassword(""))
    told = _write(data_dir, database_url, lambda tx: people_admin.rescue(tx, _operator(tx), ready, name))
    click.echo(told.password)


def _operator(tx: Tx) -> Actor:
    """Whoever may run commands on this machine: the same road as an admin's page, with the same rules."""
    return system(accounts.default_hall(tx.conn))


def _password() -> str:
    try:
        return sys.stdin.buffer.readline().decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise click.UsageError("密码须为 UTF-8 文字 the password must be text in UTF-8") from None


def _config(data_dir: Path, database_url: str, frame_ancestors: str = "'none'") -> Config:
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise _unusable(data_dir, error) from None
    return Config(data_dir, database_url, frame_ancestors)


def _open(config: Config, async_mode: str = "threading") -> Flask:
    """The app on its database; a database that cannot be had is refused in words, not with a traceback."""
    try:
        return create_app(config, async_mode=async_mode)
    except (SQLAlchemyError, ProblemError, ImportError, BadKeyError, RefusedError) as error:
        raise _no_database(config, error) from None


def _no_database(config: Config, error: Exception) -> SystemExit:
    why = getattr(error, "orig", error)
    click.echo(
        f"{config.data_dir}: 数据库无法打开，请检查目录、文件和 --database-url "
        f"the database cannot be opened; check the folder, its files and --database-url: {why}",
        err=True,
    )
    return SystemExit(REFUSED)


def _write(data_dir: Path, database_url: str, work: Callable[[Tx], T]) -> T:
    app = _open(_config(data_dir, database_url))
    try:
        value: T = app.extensions["jiaohao"].store.write(work)
        return value
    except ProblemError as error:
        body: dict[str, Any] = error.body()
        click.echo(f"{body['detail']} {body['detail_en']}", err=True)
        raise SystemExit(REFUSED) from None
    finally:
        app.extensions["jiaohao"].close()


def _reachable(host: str) -> str:
    """An address that another machine can open: 0.0.0.0 is none. The route is looked up; nothing is sent."""
    if host not in ("0.0.0.0", "::"):
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a documentation address (RFC 5737)
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def _lock_file(data_dir: Path) -> TextIO:
    try:
        return (data_dir / "server.lock").open("w")
    except OSError as error:
        raise _unusable(data_dir, error) from None


def _unusable(data_dir: Path, error: OSError) -> click.UsageError:
    return click.UsageError(
        f"--data {data_dir}: 无法使用该目录，请换一个可写的目录 cannot be written: {error.strerror}"
    )


@contextmanager
def _only_server(data_dir: Path) -> Iterator[None]:
    """Two servers on one folder would each think themselves the only writer; the second is refused."""
    with _lock_file(data_dir) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            click.echo(f"{data_dir}: 已有一个服务器在使用该目录 another server is using this folder", err=True)
            raise SystemExit(REFUSED) from None
        yield


@cli.group("audit")
def audit_group() -> None:
    """The sealed record of all ratings. 评价的审计记录。"""


@audit_group.command("verify")
@data_option
@database_option
@click.option(
    "--heads", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A copy of audit-heads.log that was kept elsewhere. Without it, the one in --data is used.",
)  # fmt: skip
def audit_verify(data_dir: Path, database_url: str, heads: Path | None) -> None:
    """Say whether every rating is what a citizen's press made it. Changes nothing; a running server does not mind."""
    config = Config(data_dir, database_url)
    known = noted(heads or config.audit_heads)
    found = False
    with _reading(config) as (conn, key):
        for hall in conn.execute(select(Hall).order_by(Hall.id)).all():
            findings = list(audit.verify(conn, key, hall.id, [head for of, head in known if of == hall.id]))
            found = found or bool(findings)
            for finding in findings:
                click.echo(f"{hall.code}: {finding.zh}。{finding.en}.")
            if not findings:
                click.echo(f"{hall.code}: 评价与审计记录全部相符 all is as sealed. {_head_words(conn, hall.id)}")
            for words in _to_look_into(conn, hall):
                click.echo(f"{hall.code}: {words}")
    raise SystemExit(FOUND if found else 0)


PATTERNS = {
    "hasty": ("办结后一秒内的评价", "rated within a second of finishing"),
    "burst": ("两分钟内的成批评价", "rated in a burst"),
    "closing": ("下班前一律相同的评价", "all rated alike before closing"),
}


def _to_look_into(conn: Connection, hall: Record) -> Iterator[str]:
    """What a chain cannot see: presses that are whole in themselves, and hardly a citizen's. No finding, for it
    proves nothing."""
    for day in reports.all_rating_patterns(conn, hall):
        for one in day.found:
            zh, en = PATTERNS[one.pattern]
            at = f"{day.day} {one.first:%H:%M}–{one.last:%H:%M}"
            yield f"请查看 {at} {one.window} 窗口：{zh} {one.count} 次。Look into this: {en}, {one.count} times."


@audit_group.command("head")
@data_option
@database_option
def audit_head(data_dir: Path, database_url: str) -> None:
    """Print the last entry's number and seal of each hall: kept elsewhere, they show whether anything was cut off."""
    with _reading(Config(data_dir, database_url)) as (conn, _):
        for hall in conn.execute(select(Hall.id, Hall.code).order_by(Hall.id)).all():
            click.echo(f"{hall.code} {_head_words(conn, hall.id)}")


def _head_words(conn: Connection, hall_id: int) -> str:
    head = audit.heads(conn).get(hall_id)
    return f"{head.n} {head.seal}" if head else "0"


@contextmanager
def _reading(config: Config) -> Iterator[tuple[Connection, bytes]]:
    """The database as it is and the audit key; nothing is made or migrated, neither of them may be missing."""
    if not config.audit_key.exists():
        click.echo(
            f"{config.audit_key}: 没有审计密钥，无法核验，请从备份恢复 "
            "the audit key is missing; restore it from the backup",
            err=True,
        )
        raise SystemExit(REFUSED)
    store = None
    try:
        key = audit_key(config.audit_key)
        store = Store(config.url, system_clock, key=key)
        with store.read() as conn:
            yield conn, key
    except (SQLAlchemyError, BadKeyError, ImportError) as error:
        raise _no_database(config, error) from None
    finally:
        if store:
            store.close()


@cli.group("upload")
def upload_group() -> None:
    """Ratings for the province. 好差评上报。"""


@upload_group.command("check")
@data_option
@database_option
def upload_check(data_dir: Path, database_url: str) -> None:
    """Say what the upload of ratings still lacks. Sends nothing and changes nothing."""
    config = Config(data_dir, database_url)
    lacking = _upload_lacks(config)
    for sentence in lacking or [UPLOAD_READY]:
        click.echo(str(sentence))
    raise SystemExit(FOUND if lacking else 0)


UPLOAD_READY = Sentence("上报设置齐全，重启服务器后生效", "nothing is lacking; a server that starts uploads")
NO_UPLOAD = Sentence(
    "没有 upload.toml，评价不上报；写法见 docs/upload.md",
    "there is no upload.toml, so no rating is uploaded; docs/upload.md says how to write it",
)


def _upload_lacks(config: Config) -> list[Sentence]:
    try:
        setup = load(config.upload, config.upload_keys)
    except SetupError as error:
        return [*error.sentences, *_database_lacks(config, uploads.items_without_codes)]
    shared = bool(config.database_url)

    def of_the_database(conn: Connection) -> list[Sentence]:
        _, said = outbox.plan(conn, setup.codes if setup else {}, shared)
        return [*said, *uploads.items_without_codes(conn)]

    return [*(unpackable(setup, system_clock()) if setup else [NO_UPLOAD]), *_database_lacks(config, of_the_database)]


def _database_lacks(config: Config, look: Callable[[Connection], list[Sentence]]) -> list[Sentence]:
    """Of the database as it is; nothing where there is none yet."""
    if not _database_there(config):
        return []
    store = Store(config.url, system_clock)
    try:
        with store.read() as conn:
            return look(conn)
    except (SQLAlchemyError, ImportError) as error:
        raise _no_database(config, error) from None
    finally:
        store.close()


def _database_there(config: Config) -> bool:
    return bool(config.database_url) or (config.data_dir / "jiaohao.db").exists()


@cli.command()
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same day and the same output.")
@click.option("--visitors", default=2500, show_default=True, type=click.IntRange(1, 20_000))
@click.option(
    "--windows", default=32, show_default=True, type=click.IntRange(1, 32), help="Windows that are staffed."
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.option("--plots", type=click.Path(file_okay=False, path_type=Path), help="Folder for simulated-day.svg.")
def simulate(seed: int, visitors: int, windows: int, as_json: bool, plots: Path | None) -> None:
    """Play a day of the demo hall through the real services in seconds, and print what came of it.

    It works in a temporary folder of its own and takes no --data: it cannot touch a real hall.
    """
    from server.simulate import simulate_day

    found = simulate_day(seed, visitors, windows, plots)
    click.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=1) if as_json else found.text())
