"""The print-complete fence, `GS ( H` function 48: the printer echoes 4 bytes when all before is on paper.

The ids are made of bytes that no status reply and no automatic status has, so that an answer is found even when
the printer says something else in the middle of it.
"""

import secrets
from collections.abc import Iterator
from itertools import count

FENCE_HEAD = b"\x1d\x28\x48\x06\x00\x30\x30"
ANSWER_HEAD = b"\x37\x22"
ID_LENGTH = 4
ID_BYTES = bytes(byte for byte in range(0x20, 0x7F) if byte & 0x91 == 0x11 and byte != ANSWER_HEAD[0])


def fence_request(job_id: bytes) -> bytes:
    return FENCE_HEAD + job_id


def fence_ids() -> Iterator[bytes]:
    """They start at random: a late answer to an earlier run must not match."""
    base = len(ID_BYTES)
    for number in count(secrets.randbelow(base**ID_LENGTH)):
        yield bytes(ID_BYTES[number // base**place % base] for place in range(ID_LENGTH))
