"""A whole hall on one machine: server, kiosk, display and stubs as processes, real bytes between them, one page."""
