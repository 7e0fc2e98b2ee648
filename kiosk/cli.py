"""`jiaohao-kiosk`: the agent of one kiosk machine."""

import errno
import json
import logging
import os
import signal
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TextIO, cast

import click
import structlog

from kiosk.agent import Agent
from kiosk.config import ConfigError, SmsBox, load_machine
from kiosk.doctor import examine
from kiosk.learn import learn, replay_command
from kiosk.sms_agent import SmsAgent
from kiosk.spool import SpoolBusyError

WRONG_SETTING, CANNOT_START = 2, 1
ENDS = (signal.SIGTERM, signal.SIGINT)


@click.group()
def main() -> None:
    """取号机程序：触摸页、号票打印、评价器。One kiosk: touch page, ticket printer, evaluators."""


@main.command()
@click.option("--config", "path", type=click.Path(path_type=Path), required=True, help="kiosk.toml")
@click.option("--verbose", is_flag=True, help="记录更多日志 / log more")
def run(path: Path, verbose: bool) -> None:
    """运行取号机，直到收到 SIGTERM 或 Ctrl-C。Run until SIGTERM or Ctrl-C.

    Prints one line of JSON on stdout when the page can be opened: {"kiosk": "http://127.0.0.1:PORT/"}; of a machine
    with [sms] and no [printer], which has no page, {"sms": URL}. Exit codes: 0 stopped, 1 cannot start (port or data
    folder in use), 2 wrong setting. Logs go to stderr.
    """
    _log_to_stderr(verbose)
    try:
        config = load_machine(path, os.environ)
        agent = SmsAgent(config) if isinstance(config, SmsBox) else Agent(config)
    except ConfigError as error:
        _give_up(str(error), WRONG_SETTING)
    except SpoolBusyError as error:
        _give_up(f"数据目录正被另一个取号机程序使用 / {error.strerror}: {error.filename}", CANNOT_START)
    except OSError as error:
        why = "端口被占用 / port in use: " if error.errno == errno.EADDRINUSE else ""
        _give_up(f"无法启动 / cannot start: {why}{error}", CANNOT_START)
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)  # waited for: a handler could come while its lock is taken
    agent.start()
    click.echo(json.dumps(agent.said))
    sys.stdout.flush()
    signal.sigwait(ENDS)
    agent.stop()


@main.command()
@click.option("--config", "path", type=click.Path(path_type=Path), help="kiosk.toml")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
def doctor(path: Path | None, as_json: bool) -> None:
    """检查本机：端口、权限、设备应答、服务器、日志。Look at ports, permissions, what answers, server and journal.

    Changes nothing. Each finding is a sentence in two languages, and what to do where something is wrong. Exit
    codes: 0 all is well, 1 something is wrong.
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    findings = examine(path, os.environ)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        for one in findings:
            click.echo(f"{'正常 ok   ' if one.well else '问题 WRONG'} {one.what}\n  {one.zh}\n  {one.en}")
    sys.exit(0 if all(finding.well for finding in findings) else 1)


main.add_command(learn)
main.add_command(replay_command)


class _Stderr:
    """Where logs go. Stderr is often a file on the disk that is full: a log line may be lost, a ticket not."""

    def write(self, text: str) -> None:
        with suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()


def _give_up(message: str, code: int) -> None:
    click.echo(message, err=True)
    sys.exit(code)


def _log_to_stderr(verbose: bool) -> None:
    level = logging.DEBUG if verbose else logging.INFO
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Stderr())),
    )


if __name__ == "__main__":
    main()
