"""The print-complete fence, `GS ( H` function 48: the printer echoes 4 bytes when all before is on paper."""

import secrets
from collections.abc import Iterator
from itertools import count

FENCE_HEAD = b"\x1d\x28\x48\x06\x00\x30\x30"
ID_LENGTH = 4
_ID_FIRST, _ID_BASE = 0x21, 90


def fence_request(job_id: bytes) -> bytes:
    if len(job_id) != ID_LENGTH or not all(0x20 <= byte <= 0x7E for byte in job_id):
        raise ValueError(f"a fence id is 4 bytes in 0x20..0x7E, not {job_id!r}")
    return FENCE_HEAD + job_id


def split_fence(data: bytes) -> tuple[bytes, bytes | None]:
    """A composed ticket without the fence at its end, and the fence's id if there was one."""
    body, head, job_id = data.rpartition(FENCE_HEAD)
    if head and len(job_id) == ID_LENGTH:
        return body, job_id
    return data, None


def fence_ids() -> Iterator[bytes]:
    """Ids of the driver's own. They start at random: a late answer to an earlier run must not match."""
    for number in count(secrets.randbelow(_ID_BASE**ID_LENGTH)):
        yield bytes(_ID_FIRST + number // _ID_BASE**place % _ID_BASE for place in range(ID_LENGTH))
