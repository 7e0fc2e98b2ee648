"""`jiaohao-server backup`, `restore` and `restore-drill`. Exit codes: 0 done, and proven; 1 the drill found
something; 3 refused, with a sentence."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from server.backup.drill import drill
from server.backup.make import back_up
from server.backup.numbers import go_on_after
from server.backup.refusal import RefusedError
from server.backup.restore import restore
from server.clock import system_clock
from server.config import Config
from server.db import make_engine

FOUND, REFUSED = 1, 3

_data = click.option(
    "--data", "data_dir", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True,
    envvar="JIAOHAO_DATA", help="Folder of the hall.",
)  # fmt: skip
_url = click.option("--database-url", default="", envvar="JIAOHAO_DATABASE_URL", help="Another database than SQLite.")
_file = click.argument("file", type=click.Path(path_type=Path))
_keys = click.option(
    "--keys", type=click.Path(path_type=Path), help="The file of the keys. Without it, the one beside the backup."
)
_json = click.option("--json", "as_json", is_flag=True, help="Print one line for a program.")


@click.command("backup")
@_data
@_url
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    required=True,
    help="The file to make, or the folder to make it in.",
)
@click.option("--keys/--no-keys", default=True, show_default=True, help="Lay a file of the keys beside it, once.")
@_json
def backup(data_dir: Path, database_url: str, to: Path, keys: bool, as_json: bool) -> None:
    """Copy one moment of the hall into one file. A running server does not mind."""
    with _in_words(as_json):
        made = back_up(Config(data_dir, database_url), to, system_clock(), keys=keys)
        rows = sum(made.manifest.counts.values())
        size = f"{made.size / 1e6:.1f} MB"
        zh, en = f"已备份到 {made.file}，{rows} 行，{size}", f"backed up to {made.file}: {rows} rows, {size}"
        _say(as_json, True, zh, en, file=str(made.file), size=made.size, keys=str(made.keys or ""))  # fmt: skip
        if made.keys and not as_json:
            click.echo(
                f"密钥在 {made.keys}，请另存一份到保险处，不要与备份一起外传。"
                f"The keys are in {made.keys}: keep a copy in a safe, and give it to nobody who only gets backups."
            )


@click.command("restore")
@_file
@click.option("--data", "data_dir", type=click.Path(path_type=Path), required=True, help="An empty folder.")
@click.option("--database-url", default="", help="An empty PostgreSQL database, for a backup of one.")
@_keys
@click.option("--without-keys", is_flag=True, help="The keys are lost: the ratings so far can never be verified.")
@click.option(
    "--numbers-after",
    type=click.IntRange(0, 100_000),
    default=0,
    help="Today's numbers go on above this one: papers given after the backup are still in people's hands.",
)
def restore_command(
    file: Path, data_dir: Path, database_url: str, keys: Path | None, without_keys: bool, numbers_after: int
) -> None:
    """Make a hall of the backup FILE, in an empty folder. It writes over nothing."""
    with _in_words(False):
        manifest = restore(file, data_dir, keys, without_keys=without_keys, url=database_url)
        if numbers_after:
            engine = make_engine(Config(data_dir, database_url).url)
            go_on_after(engine, numbers_after, system_clock())
            engine.dispose()
        at = f"{manifest.made_at:%Y-%m-%d %H:%M:%S} UTC"
        _say(False, True, f"已恢复到 {data_dir}，是 {at} 的大厅；此后的取号、叫号和评价不在其中",
             f"restored into {data_dir}: the hall of {at}; what came after that is not in it")  # fmt: skip
        if not numbers_after:
            click.echo(
                "如果备份之后当天还发过号，请删除该目录，加 --numbers-after 重新恢复，否则会出现重号。If numbers "
                "were given later that day, remove the folder and restore with --numbers-after, or they come twice."
            )


@click.command("restore-drill")
@_file
@_keys
@click.option("--in", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="Where there is space for it. Without it, the system's folder for such things.")  # fmt: skip
@click.option("--database-url", default="", help="An empty PostgreSQL database, for a backup of one. It is filled.")
@_json
def restore_drill(file: Path, keys: Path | None, folder: Path | None, database_url: str, as_json: bool) -> None:
    """Restore FILE into a folder that is thrown away, and say whether it is the hall that was backed up."""
    with _in_words(as_json):
        manifest, checks = drill(file, keys, folder=folder, url=database_url)
        wrong = [check for check in checks if not check.ok]
        if not as_json:
            for check in checks:
                click.echo(f"{'ok  ' if check.ok else 'FAIL'} {check.said}")
        at = f"{manifest.made_at:%Y-%m-%d %H:%M:%S} UTC"
        if wrong:
            said = wrong[0].said
            _say(
                as_json, False, f"{at} 的备份不能放心使用：{said.zh}", f"do not rely on the backup of {at}: {said.en}"
            )
            raise SystemExit(FOUND)
        _say(as_json, True, f"{at} 的备份可以恢复，已经试过", f"the backup of {at} can be restored; it was tried")


def _say(as_json: bool, ok: bool, zh: str, en: str, **more: object) -> None:
    said = {"ok": ok, "zh": zh, "en": en, **more}
    click.echo(json.dumps(said, ensure_ascii=False) if as_json else f"{zh}。{en}.")


@contextmanager
def _in_words(as_json: bool) -> Iterator[None]:
    try:
        yield
    except RefusedError as refused:
        if as_json:
            _say(True, False, refused.sentence.zh, refused.sentence.en)
        else:
            click.echo(str(refused.sentence), err=True)
        raise SystemExit(REFUSED) from None
