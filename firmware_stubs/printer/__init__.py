"""An ESC/POS ticket printer: bytes in, paper out."""

from firmware_stubs.printer.machine import PrinterStub

__all__ = ["PrinterStub"]
