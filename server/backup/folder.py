"""Where backups may go: a folder that is there, can be written, and that no web page leads into."""

import os
import tempfile
from importlib.resources import files
from pathlib import Path

from server.contract.problems import ProblemError, bad_field

LONGEST = 400


def check_folder(said: str) -> None:
    """Raises bad_field for what cannot be a folder of backups. Touches the disk: not in the writer."""
    if not said.startswith("/") or len(said) > LONGEST or not said.isprintable() or ".." in Path(said).parts:
        raise _bad(
            "应为服务器上的完整路径，以 / 开头，不含 ..", "must be a whole path of the server, from /, without .."
        )
    folder = Path(said).resolve()
    if not folder.is_dir():
        raise _bad("在服务器上没有这个目录，请先建好", "is no folder on the server; make it first")
    if any(folder.is_relative_to(place) for place in _reachable()):
        raise _bad("在网页可以打开的目录里，请换一个", "is inside of what web pages can open; choose another")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        raise _bad(
            f"服务器账号（{_account()}）写不进去；用 systemd 运行时还要在 ReadWritePaths= 里写上它",
            f"cannot be written by the server's account ({_account()}); with systemd, name it in ReadWritePaths=",
        ) from None


def refuse_data_folder(said: str, database: str | None) -> None:
    """`database` is SQLite's file, None of another database. Raises bad_field."""
    if said and database and Path(said).resolve() == Path(database).resolve().parent:
        raise _bad(
            "就是数据目录本身，请换一个，最好在另一块磁盘",
            "is the data folder itself; choose another, best on another disk",
        )


def _reachable() -> tuple[Path, ...]:
    return tuple(Path(str(files(name))).resolve() for name in ("server", "kiosk", "display"))


def _account() -> str:
    return str(os.geteuid())


def _bad(zh: str, en: str) -> ProblemError:
    return bad_field("backup_folder", en, zh, "备份目录")
