"""What kiosk and display change in the web server that shows their pages."""

import io

from werkzeug.serving import WSGIRequestHandler

SIP = 256 * 1024
"""Bytes. More than the web server reads at once of a body that somebody wants."""


class Handler(WSGIRequestHandler):
    """Drains the body of a refused request in small pieces.

    The base class reads ten megabytes at a time, in every thread, and the allocator gives that back late: a small
    machine would lose its memory to one who only throws bodies at its door. After a thousand pieces it hangs up.
    """

    def setup(self) -> None:
        super().setup()
        self.rfile = _Sips(self.rfile.detach())


class _Sips(io.BufferedReader):
    """A connection that was reset or fell silent has nothing more to read; raised, it would leave an answer open."""

    def read(self, size: int | None = -1, /) -> bytes:
        try:
            return super().read(size if size is None or size < 0 else min(size, SIP))
        except OSError:
            return b""
