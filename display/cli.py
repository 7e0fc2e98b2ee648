"""Command line: `jiaohao-display run --config display.toml`."""

import json
import logging
import os
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import structlog

from devices.bus import Member, one_owner_per_line
from devices.supervisor import ChangeListener, Supervisor
from display.agent import Agent
from display.bars import open_bars
from display.config import Config, ConfigError, load
from display.serve import serving
from display.web import create_app

EXIT_CONFIG = 2
EXIT_PORT = 3
ENDS = (signal.SIGTERM, signal.SIGINT)


@click.group()
def main() -> None:
    """The hall's wall page for any number of browsers, and the LED bars over its windows."""


@main.command()
@click.option(
    "--config", "path", required=True, type=click.Path(path_type=Path), help="The TOML file of this machine."
)
def run(path: Path) -> None:
    """Serve until SIGTERM or Ctrl-C.

    Prints one JSON line, {"wall": URL}, when pages can be opened. Exit codes: 0 stopped, 2 a wrong setting,
    3 the port is taken.
    """
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    try:
        config = load(path, os.environ)
        serve(config)
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(EXIT_CONFIG)
    except OSError as error:
        click.echo(f"port: 无法监听，请换一个端口。 / cannot listen there: {error}", err=True)
        sys.exit(EXIT_PORT)


def serve(config: Config) -> None:
    """Run agent, bars and pages until a signal comes."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)  # waited for: a handler could come while its lock is taken
    bars = open_bars(config)
    agent = Agent(config.server, config.token, bars)
    with driven(bars.drivers, agent.bar_changed):
        app = create_app(agent.hub, config.zone, config.frame_ancestors)
        with serving(app, config.host, config.port) as port:
            agent.start()
            click.echo(json.dumps({"wall": f"http://{_reachable(config.host)}:{port}/"}))
            signal.sigwait(ENDS)
            agent.stop()


@contextmanager
def driven(bars: Iterable[Member], on_change: ChangeListener) -> Iterator[None]:
    """The LED bars of this machine work inside the `with`."""
    supervisor = Supervisor(one_owner_per_line(bars), on_change)
    supervisor.start()
    try:
        yield
    finally:
        supervisor.stop()


def _reachable(host: str) -> str:
    """An address which a browser on this machine can open."""
    if host in ("", "0.0.0.0", "::"):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
