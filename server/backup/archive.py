"""The one file of a backup: a ZIP whose first member says what is in it, sealed at its end by a SHA-256 of everything
before. Any tool for ZIP opens it in need; a byte that differs, or an end that is missing, is seen before it is used.

Standard library only. The seal is against accidents: who may write the file may also seal it anew. What nobody can do
without the audit key is make ratings of it that verify.
"""

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from server.backup.refusal import RefusedError

FORMAT = 1
MANIFEST = "jiaohao-backup.json"
_MARK = b"jiaohao sha256 "
_DIGITS = 64
_HEAD = 30
"""A ZIP's first name begins there (APPNOTE 6.3.10, 4.3.7)."""
_CHUNK = 1 << 20
_MOST_SAID = 1 << 20
"""No manifest is longer; what says it is, is none."""


@dataclass(frozen=True)
class Part:
    """A file in the backup; `name` is its name in the data folder."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself. `kind`: backup, or keys. `counts` are rows by table, `seqs` and `heads` are by
    the hall's code; a head is "n seal". `keys` is the fingerprint of the keys that belong to it."""

    kind: str
    made_at: datetime
    release: str
    parts: tuple[Part, ...]
    keys: str = ""
    database: str = ""
    schema: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    seqs: dict[str, int] = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> bytes:
        said = {"jiaohao": self.kind, "format": FORMAT, **asdict(self), "made_at": self.made_at.isoformat()}
        return json.dumps(said, ensure_ascii=False, indent=1).encode()


def part_of(file: Path, name: str) -> Part:
    with file.open("rb") as stream:
        return Part(name, file.stat().st_size, _sha256(stream, file.stat().st_size))


def write(file: Path, manifest: Manifest, sources: Sequence[Path]) -> None:
    """Make `file`, readable by its owner only and on the disk when this returns. `sources` are the files of
    `manifest.parts`, in that order. Raises OSError; then what there is of it is for the caller to remove."""
    with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as stream:
        # Quick rather than small: it runs beside a hall that is open.
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
            packed.comment = _MARK + b"0" * _DIGITS
            packed.writestr(zipfile.ZipInfo(MANIFEST), manifest.as_json())
            for part, source in zip(manifest.parts, sources, strict=True):
                with source.open("rb") as data, packed.open(part.name, "w", force_zip64=True) as to:
                    _copy(data, to)
        sealed = stream.seek(0, os.SEEK_END) - _DIGITS
        digest = _sha256(stream, sealed)
        stream.seek(sealed)
        stream.write(digest.encode())
        stream.flush()
        os.fsync(stream.fileno())


@contextmanager
def opened(file: Path, kind: str) -> Iterator[tuple[Manifest, zipfile.ZipFile]]:
    """What the file says of itself, and its members; every byte was looked at before. Raises RefusedError."""
    try:
        stream = file.open("rb")
    except OSError as error:
        raise RefusedError(
            f"{file} 打不开，请检查路径和权限：{error.strerror}",
            f"{file} cannot be opened, check its path and who may read it: {error.strerror}",
        ) from None
    with stream:
        _refuse_unsealed(file, stream)
        try:
            with zipfile.ZipFile(stream) as packed:
                yield _manifest(file, packed, kind), packed
        except (zipfile.BadZipFile, NotImplementedError, KeyError):  # no archive, unknown packing, a part gone
            raise _damaged(file) from None


def _refuse_unsealed(file: Path, stream: IO[bytes]) -> None:
    size = stream.seek(0, os.SEEK_END)
    tail = _read(stream, max(0, size - _DIGITS - len(_MARK)), _DIGITS + len(_MARK))
    begins = _read(stream, _HEAD, len(MANIFEST)) == MANIFEST.encode()
    ends = tail.startswith(_MARK)
    if not begins and not ends:
        raise RefusedError(
            f"{file} 不是叫号系统的备份文件，请选择由 jiaohao-server backup 生成的文件",
            f"{file} is no backup of this system; choose a file that jiaohao-server backup has made",
        )
    if not ends:
        raise RefusedError(
            f"{file} 不完整，后面缺了一段，可能复制中断或磁盘已满；请重新复制，或换一份备份",
            f"{file} is not whole, its end is missing: the copy was broken off or a disk was full; copy it again, or "
            "take another backup",
        )
    stream.seek(0)
    if _sha256(stream, size - _DIGITS).encode() != tail[len(_MARK) :]:
        raise _damaged(file)


def _damaged(file: Path) -> RefusedError:
    return RefusedError(
        f"{file} 已损坏，内容与校验和不符，不能使用；请换一份备份",
        f"{file} is damaged, what it holds is not what its checksum says, and is not used; take another backup",
    )


def _manifest(file: Path, packed: zipfile.ZipFile, kind: str) -> Manifest:
    """Sealed, so it is what some release of ours wrote, perhaps a later one."""
    if packed.getinfo(MANIFEST).file_size > _MOST_SAID:
        raise _damaged(file)
    try:
        said: dict[str, Any] = json.loads(packed.read(MANIFEST))
        if said["format"] > FORMAT:
            raise newer(file, str(said["release"]))
        if said["jiaohao"] != kind:
            raise RefusedError(
                f"{file} 不是所要的文件：这里要“{_KINDS[kind][0]}”文件",
                f"{file} is another kind of file; wanted is one of {_KINDS[kind][1]}",
            )
        return _from(said)
    except (ValueError, KeyError, TypeError):
        raise _damaged(file) from None


_KINDS = {"backup": ("备份", "a backup"), "keys": ("密钥", "keys")}


def _from(said: dict[str, Any]) -> Manifest:
    parts = tuple(Part(**part) for part in said["parts"])
    if any(Path(part.name).name != part.name for part in parts):
        raise ValueError("a part has a place of its own")
    named = {
        name: said[name] for name in ("kind", "release", "keys", "database", "schema", "counts", "seqs", "heads")
    }
    return Manifest(**named, made_at=datetime.fromisoformat(said["made_at"]), parts=parts)


def newer(file: Path, release: str) -> RefusedError:
    return RefusedError(
        f"{file} 由更新的版本（{release}）生成，本版本不认识；请先安装该版本，再恢复",
        f"{file} was made by a newer release ({release}), which this one cannot read; install that release first",
    )


def unpack(file: Path, packed: zipfile.ZipFile, part: Part, to: Path) -> None:
    """Make `to` of a part, readable by its owner only and on the disk. Raises RefusedError where it is not the part
    that the manifest names, OSError."""
    with os.fdopen(os.open(to, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as stream:
        with packed.open(part.name) as data:
            _copy(data, stream)
        size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        if (size, _sha256(stream, size)) != (part.size, part.sha256):
            raise _damaged(file)
        os.fsync(stream.fileno())


def _copy(data: IO[bytes], to: IO[bytes]) -> None:
    while chunk := data.read(_CHUNK):
        to.write(chunk)


def _sha256(stream: IO[bytes], size: int) -> str:
    """Of the first `size` bytes from here on."""
    stream.seek(0)
    digest = hashlib.sha256()
    while size > 0 and (chunk := stream.read(min(_CHUNK, size))):
        digest.update(chunk)
        size -= len(chunk)
    return digest.hexdigest()


def _read(stream: IO[bytes], at: int, size: int) -> bytes:
    stream.seek(at)
    return stream.read(size)
