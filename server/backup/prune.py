"""Which backups of a folder stay. Only files that this hall's own backups are called are ever touched."""

import re
from datetime import datetime
from pathlib import Path

from server.backup.make import SUFFIX, hall_mark
from server.domain.operations import staying


def prune(folder: Path, data_dir: Path, days: int, weeks: int, months: int) -> list[str]:
    """Remove what need not stay; returns its names. Raises OSError."""
    name = re.compile(rf"jiaohao-{hall_mark(data_dir)}-(\d{{8}}-\d{{6}}){re.escape(SUFFIX)}")
    made = {}
    for file in folder.iterdir():
        if match := name.fullmatch(file.name):
            made[file.name] = datetime.strptime(match[1], "%Y%m%d-%H%M%S")  # noqa: DTZ007 - the hall's own time
    gone = sorted(made.keys() - staying(made, days, weeks, months))
    for one in gone:
        (folder / one).unlink()
    return gone
