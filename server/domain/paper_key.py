"""What the paper holds and nobody else: the right to rate the service that it was printed for. The page of a booking
holds another such key."""

import base64
import hashlib
import hmac

KEY_SIGNS = 8
"""Of 32: with 40 bits and wrong links limited, guessing leads nowhere; more would make paper slower and its QR code
coarser."""


def paper_key(secret: bytes, ticket: str) -> str:
    """The key on the paper of the ticket with this public id. It is kept nowhere: clerks see the id, and every copy
    of the database holds it, so neither may be enough to rate."""
    return _key(secret, b"paper:", ticket)


def is_paper_key(secret: bytes, ticket: str, key: str) -> bool:
    """In constant time."""
    return _same(paper_key(secret, ticket), key)


def booking_key(secret: bytes, booking: str) -> str:
    """The key in the address that whoever booked on the web is led to: the desk sees the booking's public id."""
    return _key(secret, b"booking:", booking)


def is_booking_key(secret: bytes, booking: str, key: str) -> bool:
    """In constant time."""
    return _same(booking_key(secret, booking), key)


def _key(secret: bytes, use: bytes, of: str) -> str:
    digest = hmac.new(secret, use + of.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode().lower()[:KEY_SIGNS]


def _same(right: str, key: str) -> bool:
    return hmac.compare_digest(right.encode(), key.encode())
