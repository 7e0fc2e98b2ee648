"""How a scan is handed on: from the driver's own thread, and whatever the listener does."""

import structlog

from devices.base import ScanListener

log = structlog.get_logger(__name__)


def tell(listener: ScanListener, text: str, device: str) -> None:
    """A listener that fails loses this scan only. What was scanned stays out of the log: it may name a person."""
    try:
        listener(text)
    except Exception:  # whatever the listener does, the next citizen's scan must be heard
        log.exception("scan listener failed", device=device, characters=len(text))
