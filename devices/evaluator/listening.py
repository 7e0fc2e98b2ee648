"""How drivers hand a press on: from their own thread, and whatever the listener does."""

import structlog

from devices.base import Press, PressListener

log = structlog.get_logger(__name__)


def tell(listener: PressListener, press: Press, device: str) -> None:
    """A listener that fails loses this press only, and the log keeps it."""
    try:
        listener(press)
    except Exception:  # whatever the listener does, the next citizen's press must be heard
        log.exception("press listener failed", device=device, label=press.label, raw=press.raw.hex())
