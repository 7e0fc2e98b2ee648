"""Command line: `jiaohao-display run --config display.toml`, and `jiaohao-display voice …`."""

import json
import logging
import os
import signal
import sys
from pathlib import Path

import click
import structlog

from display.agent import Agent
from display.bars import Bars
from display.config import Config, ConfigError, load
from display.serve import serving
from display.voice import cli as voice_cli
from display.voice.voice import Voice
from display.web import create_app

EXIT_CONFIG = 2
EXIT_PORT = 3
ENDS = (signal.SIGTERM, signal.SIGINT)


@click.group()
def main() -> None:
    """The hall's wall page for any number of browsers, its voice, and the LED bars over its windows."""


with_config = click.option(
    "--config", "path", required=True, type=click.Path(path_type=Path), help="The TOML file of this machine."
)


@main.command()
@with_config
def run(path: Path) -> None:
    """Serve until SIGTERM or Ctrl-C.

    Prints one JSON line, {"wall": URL}, when pages can be opened. Exit codes: 0 stopped, 2 a wrong setting,
    3 the port is taken.
    """
    _log_to_stderr()
    config = _config(path)
    try:
        serve(config)
    except OSError as error:
        click.echo(f"port: 无法监听，请换一个端口。 / cannot listen there: {error}", err=True)
        sys.exit(EXIT_PORT)


@main.group("voice")
def voice_commands() -> None:
    """Look after the voice: what it needs, all made beforehand, one call to try."""
    _log_to_stderr()


@voice_commands.command("list")
@with_config
def list_voice(path: Path) -> None:
    """List what the hall's calls need: who says it (recordings, kokoro, espeak-ng, missing), the recording's name.

    Asks the server for windows and queues. Exit codes: 0 all there, 1 something is missing, 2 a wrong setting,
    4 the server does not answer.
    """
    sys.exit(voice_cli.list_texts(_config(path)))


@voice_commands.command("render")
@with_config
@click.option("--numbers", default=300, show_default=True, type=click.IntRange(0, 9999), help="How many numbers.")
def render_voice(path: Path, numbers: int) -> None:
    """Make all clips of the hall now; else each is made when its window or its ticket comes up.

    Exit codes: 0 done, 1 something failed, 2 a wrong setting, 4 the server does not answer.
    """
    sys.exit(voice_cli.make_all(_config(path), numbers))


@voice_commands.command("say")
@with_config
@click.argument("number")
@click.argument("window")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The WAV file to write.")
def say_voice(path: Path, number: str, window: str, out: Path) -> None:
    """Write the call of NUMBER to WINDOW (say A001 03) to a file, to be listened to.

    Exit codes: 0 done, 1 it could not be said or written, 2 a wrong setting.
    """
    sys.exit(voice_cli.say(_config(path), number, window, out))


def _log_to_stderr() -> None:
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _config(path: Path) -> Config:
    """Ends the program when a setting is wrong."""
    try:
        return load(path, os.environ)
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(EXIT_CONFIG)


def serve(config: Config) -> None:
    """Run agent, bars and pages until a signal comes."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)  # waited for: a handler could come while its lock is taken
    bars = Bars(config.led_brightness)
    voice = Voice(config.voice)
    agent = Agent(config, bars, voice)
    with bars.driven(agent.bar_changed):
        app = create_app(agent.hub, voice, config.zone, config.frame_ancestors, agent.photos.get)
        with serving(app, config.host, config.port) as port:
            agent.start()
            click.echo(json.dumps({"wall": f"http://{_reachable(config.host)}:{port}/"}))
            signal.sigwait(ENDS)
            agent.stop()


def _reachable(host: str) -> str:
    """An address which a browser on this machine can open."""
    if host in ("", "0.0.0.0", "::"):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
