"""`jiaohao-server doctor`. Exit codes: 0 nothing failed, though there may be warnings; 1 something did."""

import json
from pathlib import Path

import click

from server.clock import system_clock
from server.config import Config
from server.doctor.checks import examine
from server.doctor.line import Level


@click.command("doctor")
@click.option(
    "--data", "data_dir", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True,
    envvar="JIAOHAO_DATA", help="Folder of the hall.",
)  # fmt: skip
@click.option("--database-url", default="", envvar="JIAOHAO_DATABASE_URL", help="Another database than SQLite.")
@click.option("--verify", is_flag=True, help="Look at every page of the database and every entry of the audit chain.")
@click.option("--json", "as_json", is_flag=True, help="Print one object a line.")
def doctor(data_dir: Path, database_url: str, verify: bool, as_json: bool) -> None:
    """Say whether this hall is sound, and what to do where it is not. Changes nothing; a running server does not
    mind."""
    failed = 0
    for line in examine(Config(data_dir, database_url), system_clock(), verify):
        failed += line.level is Level.FAIL
        said = {"level": line.level.value, "zh": line.said.zh, "en": line.said.en}
        todo = {"do_zh": line.do.zh, "do_en": line.do.en} if line.do else {}
        click.echo(json.dumps({**said, **todo}, ensure_ascii=False) if as_json else str(line))
    raise SystemExit(1 if failed else 0)
