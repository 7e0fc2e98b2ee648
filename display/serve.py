"""How pages are served: the only place that knows. Plain threads, one per browser, which 200 walls fit well.

Threads, because the device drivers and the Socket.IO client beside them block; gevent would have to
patch them all.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import make_server

from machine.http import Handler

SEND_TIMEOUT_S = 20
"""A browser that takes nothing for so long is gone; its thread ends."""
BACKLOG = 256
"""After a power cut all walls of a hall come at once."""


class _Handler(Handler):
    timeout = SEND_TIMEOUT_S
    disable_nagle_algorithm = True
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Say nothing: walls ask for the same few files for a month, and come and go."""


@contextmanager
def serving(app: Flask, host: str, port: int) -> Iterator[int]:
    """Serve `app` inside the `with`; gives the port, also for 0. Raises OSError when it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=BACKLOG) as listener:
        bound = listener.getsockname()[1]
        server = make_server(host, bound, app, threaded=True, request_handler=_Handler, fd=listener.fileno())
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        thread.start()
        try:
            yield bound
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
