"""Drivers, codecs without I/O, transports by URL, and the supervisor they share."""
