"""The keys, in a file of their own.

Who has a backup can read a hall's past. Who has `audit.key` as well can seal ratings and make the links on people's
papers; who has `upload-keys.toml` signs for the hall to the province. So the keys are no part of the backup: they lie
in one small file beside it, made once, which can be taken to a safe while backups travel.
"""

import hashlib
import shutil
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from server.backup.archive import Manifest, opened, part_of, unpack, write
from server.backup.refusal import RefusedError

KEY_FILES = ("audit.key", "upload-keys.toml")


def release() -> str:
    try:
        return version("jiaohao")
    except PackageNotFoundError:  # run from its folder, laid by hand
        return "?"


def fingerprint(data_dir: Path) -> str:
    """Names these keys without telling them: 256 random bits are among what is hashed. Empty without any."""
    held = [data_dir / name for name in KEY_FILES if (data_dir / name).exists()]
    words = b"".join(file.name.encode() + b"\0" + file.read_bytes() for file in held)
    return hashlib.sha256(words).hexdigest()[:16] if held else ""


def keys_name(print_: str) -> str:
    return f"jiaohao-{print_}.keys"


def save_keys(data_dir: Path, folder: Path, place: Path, now: datetime) -> Path | None:
    """The keys of `data_dir` as a file in `folder`, unless they are there already; `place` is for what is under way.
    Raises OSError, RefusedError of a file of that name that is no good."""
    print_ = fingerprint(data_dir)
    if not print_:
        return None
    file = folder / keys_name(print_)
    if file.exists():
        with opened(file, "keys"):
            return file
    held = [data_dir / name for name in KEY_FILES if (data_dir / name).exists()]
    parts = tuple(part_of(source, source.name) for source in held)
    made = place / file.name
    write(made, Manifest("keys", now, release(), parts, print_), held)
    made.replace(file)
    return file


def restore_keys(file: Path, wanted: str, to: Path) -> None:
    """Lay the keys into the folder `to`; `file` may be the data folder that has them, too. Raises RefusedError where
    they are of another backup."""
    if file.is_dir():
        if fingerprint(file) != wanted:
            raise RefusedError(f"{file} 里不是这份备份的密钥", f"{file} has not the keys of this backup")
        for name in KEY_FILES:
            if (file / name).exists():
                shutil.copy2(file / name, to / name)
        return
    with opened(file, "keys") as (manifest, packed):
        if manifest.keys != wanted:
            raise RefusedError(
                f"{file} 不是这份备份的密钥，需要 {keys_name(wanted)}",
                f"{file} has not the keys of this backup, which are in {keys_name(wanted)}",
            )
        for part in manifest.parts:
            if part.name in KEY_FILES:
                unpack(file, packed, part, to / part.name)
