"""What the paper holds and nobody else: the right to rate the service that it was printed for."""

import base64
import hashlib
import hmac

KEY_SIGNS = 8
"""Of 32: with 40 bits and wrong links limited, guessing leads nowhere; more would make paper slower and its QR code
coarser."""


def paper_key(secret: bytes, ticket: str) -> str:
    """The key on the paper of the ticket with this public id. It is kept nowhere: clerks see the id, and every copy
    of the database holds it, so neither may be enough to rate."""
    digest = hmac.new(secret, b"paper:" + ticket.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode().lower()[:KEY_SIGNS]


def is_paper_key(secret: bytes, ticket: str, key: str) -> bool:
    """In constant time."""
    return hmac.compare_digest(paper_key(secret, ticket).encode(), key.encode())
