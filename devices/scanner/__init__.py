"""Scanners of QR and bar codes (扫码器). `open_scanner` makes the driver for a URL."""

from devices.base import ScanListener
from devices.input_device import SCHEME
from devices.scanner.keyboard import KeyboardScanner
from devices.scanner.serial_line import SerialScanner
from devices.scanner.text import ENDS, LINE

__all__ = ["ENDS", "LINE", "open_scanner"]


def open_scanner(name: str, url: str, on_scan: ScanListener, *, end: str = LINE) -> SerialScanner | KeyboardScanner:
    """Make, not yet connect, a scanner. `end` is for serial ones: "line" (CR or LF ends a scan) or "gap" (silence
    does). Raises `ValueError` when the URL is wrong."""
    if url.startswith(SCHEME):
        return KeyboardScanner(name, url, on_scan)
    return SerialScanner(name, url, on_scan, end=end)
