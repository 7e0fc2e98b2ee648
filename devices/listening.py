"""How drivers hand things on: from their own thread, and whatever the listener does."""

from collections.abc import Callable
from typing import TypeVar

import structlog

log = structlog.get_logger(__name__)

T = TypeVar("T")


def tell(listener: Callable[[T], None], thing: T, device: str, **known: object) -> bool:
    """A listener that fails loses this one thing only: false.

    The log gets `known` and never the thing itself: what was scanned may name a person.
    """
    try:
        listener(thing)
    except Exception:  # whatever the listener does, the device must go on being heard
        log.exception("listener failed", device=device, **known)
        return False
    return True
