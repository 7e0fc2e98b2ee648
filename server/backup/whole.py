"""Whether SQLite's file is whole."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

_MOST = 3


def whats_wrong(database: Path, *, thorough: bool = True) -> str:
    """Empty when nothing is. `thorough` holds every index against its table as well. Writes nothing."""
    pragma = "integrity_check" if thorough else "quick_check"
    try:
        with closing(sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True)) as conn:
            said = [str(row[0]) for row in conn.execute(f"PRAGMA {pragma}({_MOST})")]
            if said == ["ok"]:
                said = [f"{row[0]} → {row[2]}" for row in conn.execute("PRAGMA foreign_key_check").fetchmany(_MOST)]
    except sqlite3.Error as error:
        said = [str(error)]
    return "; ".join(said)
