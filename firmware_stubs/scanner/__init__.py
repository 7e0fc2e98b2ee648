"""A QR and bar-code scanner on a serial line or a serial server."""

from firmware_stubs.scanner.gun import ScannerStub

__all__ = ["ScannerStub"]
