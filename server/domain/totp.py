"""The second factor of RFC 6238 (TOTP: 6 digits, 30 seconds, HMAC-SHA-1, as every telephone's app knows it), and the
recovery codes that stand in for it."""

import base64
import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

STEP_S = 30
DIGITS = 6
WINDOW = 1
"""Steps before and after the server's own that still count: a telephone's clock may be half a minute off."""
SECRET_BYTES = 20
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
"""80 bits: a fast hash is enough for these."""


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def step_of(now: datetime) -> int:
    """RFC 6238's T. `now` must know its zone."""
    return int(now.astimezone(UTC).timestamp()) // STEP_S


def code_at(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """RFC 4226 section 5.3 on the step."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), hashlib.sha1)
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def matched(secret: bytes, code: str, now: datetime, used: int) -> int | None:
    """The step whose code this is, None for no other than one beyond `used`: a code is good once, and so is an older
    one. All of the window is compared, in constant time each."""
    steps = range(step_of(now) - WINDOW, step_of(now) + WINDOW + 1)
    same = [step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), code.encode())]
    return next((step for step in same if step > used), None)


def is_code(said: str) -> bool:
    """Whether it is of the shape of a telephone's code, and not of a recovery code."""
    return re.fullmatch(f"[0-9]{{{DIGITS}}}", said) is not None


def typed(said: str) -> str:
    """As a person typed it: gaps and dashes mean nothing, nor does the case; 0, 1 and 8 are in no recovery code."""
    plain = "".join(sign for sign in said.upper() if sign.isascii() and sign.isalnum())
    return plain if is_code(plain) else plain.translate(str.maketrans("018", "OIB"))


def base32(secret: bytes) -> str:
    return base64.b32encode(secret).decode()


def from_base32(text: str) -> bytes | None:
    """A secret as `base32` wrote it, of the right length; None for anything else."""
    try:
        secret = base64.b32decode(text)
    except ValueError:
        return None
    return secret if len(secret) == SECRET_BYTES else None


def link(secret: bytes, username: str, hall: str) -> str:
    """What the QR code says, as authenticator apps read it (the "Key URI Format")."""
    said = urlencode({"secret": base32(secret), "issuer": hall}, quote_via=quote)
    return f"otpauth://totp/{quote(username, safe='')}?{said}"


def recovery_code() -> str:
    """Four groups of four letters and digits."""
    plain = base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode()
    return "-".join(plain[i : i + 4] for i in range(0, len(plain), 4))


def sealed(key: bytes, secret: bytes) -> str:
    """The secret as it may stand in the database: without `key`, which is kept beside it, a copy of the database
    gives nobody a code. A fresh pad of HMAC-SHA-256 for each nonce."""
    nonce = secrets.token_bytes(16)
    return f"{nonce.hex()}:{_padded(key, nonce, secret).hex()}"


def opened(key: bytes, text: str) -> bytes:
    """Under another key than it was sealed with: some other secret, of which no telephone shows a code."""
    nonce, _, hidden = text.partition(":")
    return _padded(key, bytes.fromhex(nonce), bytes.fromhex(hidden))


def _padded(key: bytes, nonce: bytes, secret: bytes) -> bytes:
    pad = hmac.digest(key, b"totp:" + nonce, hashlib.sha256)
    return bytes(a ^ b for a, b in zip(secret, pad, strict=False))
