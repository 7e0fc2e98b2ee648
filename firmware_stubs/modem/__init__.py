"""A GSM modem with a SIM card, and the network and phones behind it."""

from firmware_stubs.modem.modem import ModemStub

__all__ = ["ModemStub"]
