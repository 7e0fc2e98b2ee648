"""LED bars over the windows, driven by BX-5 controllers."""

from firmware_stubs.ledbar.bar import LedBarStub

__all__ = ["LedBarStub"]
