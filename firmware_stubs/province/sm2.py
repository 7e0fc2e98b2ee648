"""SM2 signatures, verified by this stub's own reading of GB/T 32918.2: no library is asked about its own work.

Affine points and plain integers: slow, and nothing secret is reckoned here.
"""

import hashlib

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
USER_ID = b"1234567812345678"

Point = tuple[int, int] | None
"""None is the point at infinity."""


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """`public_key`: 04, x, y, 65 bytes; `signature`: r and s, 32 bytes each."""
    if len(public_key) != 65 or len(signature) != 64:
        return False
    key = (number(public_key[1:33]), number(public_key[33:]))
    r, s = number(signature[:32]), number(signature[32:])
    t = (r + s) % N
    if not (0 < r < N and 0 < s < N and t):
        return False
    digest = number(sm3(identity(public_key) + message))
    point = added(times(s, G), times(t, key))
    return point is not None and (digest + point[0]) % N == r


def identity(public_key: bytes) -> bytes:
    """Z: who signs, as the standard mixes it into what is signed."""
    curve = b"".join(part.to_bytes(32, "big") for part in (A, B, *G))
    return sm3((len(USER_ID) * 8).to_bytes(2, "big") + USER_ID + curve + public_key[1:])


def sm3(data: bytes) -> bytes:
    return hashlib.new("sm3", data).digest()


def number(data: bytes) -> int:
    return int.from_bytes(data, "big")


def added(one: Point, other: Point) -> Point:
    if one is None or other is None:
        return one or other
    (x1, y1), (x2, y2) = one, other
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P) if one == other else (y2 - y1) * pow(x2 - x1, -1, P)
    x = (slope * slope - x1 - x2) % P
    return x, (slope * (x1 - x) - y1) % P


def times(factor: int, point: Point) -> Point:
    total: Point = None
    for bit in bin(factor)[2:]:
        total = added(total, total)
        if bit == "1":
            total = added(total, point)
    return total
