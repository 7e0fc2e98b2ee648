"""The key of the audit chain: a file beside the data, never in the database, so that who can only edit the database
cannot seal what they wrote."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

KEY_BYTES = 32


class BadKeyError(Exception):
    """The file is there and is no key."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} 不是审计密钥，请从备份恢复 is no audit key; restore it from the backup")


def audit_key(path: Path) -> bytes:
    """The key in `path` (hex), made at the first start and readable by its owner only. Raises BadKeyError, OSError.

    Lost, it cannot be made again: the chain up to then can no longer be verified. It belongs into the backup, apart
    from the database's.
    """
    if not path.exists():
        _make(path)
    return _read(path)


def _make(path: Path) -> None:
    """Whole or not at all, and never over a key that another process made meanwhile."""
    made = path.with_name(f"{path.name}.{os.getpid()}")
    fd = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w") as file:
        file.write(secrets.token_hex(KEY_BYTES) + "\n")
        file.flush()
        os.fsync(fd)
    with suppress(FileExistsError):
        os.link(made, path)
    made.unlink()


def _read(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise BadKeyError(path)
    return key
