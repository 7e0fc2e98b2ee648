"""The production server: gevent, one process, many listeners. The choice of server lives here and nowhere else.

gevent rather than threads: one hundred walls cost it a third of the processor time, and without contending
threads the slowest answer stays near the median. Its WSGI server leaves Nagle's algorithm on, which costs 40 ms on
each keep-alive request, so it is switched off here.
"""

import gc
import json
import signal
import socket
from typing import Any

import gevent
from flask import Flask
from gevent.pywsgi import WSGIHandler, WSGIServer
from gevent.threadpool import ThreadPool

from server.contract.problems import ProblemError

SLOW_THREADS = 3
"""Real threads for what everybody else would wait for: hashing passwords, a fifth of a second and 64 MB each, when
all clerks sign in at the same hour, and carrying SQLite's log into its file."""


def _refusal() -> bytes:
    body = json.dumps(ProblemError("bad_request").body(), ensure_ascii=False).encode()
    head = f"Content-Type: application/problem+json\r\nContent-Length: {len(body)}\r\nConnection: close"
    return f"HTTP/1.1 400 Bad Request\r\n{head}\r\n\r\n".encode() + body


class Handler(WSGIHandler):  # type: ignore[misc]  # gevent ships no types
    def handle_one_request(self) -> Any:
        """What never becomes a request for the app is refused in the same words as what does."""
        answer = super().handle_one_request()
        return (answer[0], _refusal()) if isinstance(answer, tuple) else answer

    def process_result(self) -> None:
        """Say nothing more on a connection that a WebSocket has had: engineio's parting "200 OK" would reach the
        browser as a broken frame, and the browser's last frame would be read as a request."""
        asked = self.environ.get("HTTP_UPGRADE", "").lower() == "websocket"
        if asked and self.environ["PATH_INFO"].startswith("/socket.io") and self.status in (None, b"200 OK"):
            self.close_connection = True
        else:
            super().process_result()


class NoDelayServer(WSGIServer):  # type: ignore[misc]  # gevent ships no types
    handler_class = Handler

    def handle(self, client: socket.socket, address: Any) -> None:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().handle(client, address)


def serve(app: Flask, host: str, port: int, ready: Any) -> None:
    """Serve until SIGTERM or SIGINT. Port 0 takes a free one; `ready(port)` is called once it listens.

    Raises OSError when the address cannot be had.
    """
    slow = ThreadPool(SLOW_THREADS)
    app.extensions["jiaohao"].aside = lambda work, *arguments: slow.apply(work, arguments)
    server = NoDelayServer((host, port), app, log=None, error_log=None)
    server.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, server.stop, 1)
    # What is there now, all modules, stays. Unless told so, the collector looks through it again now and then, and
    # everybody waits for that a tenth of a second.
    gc.collect()
    gc.freeze()
    ready(server.server_port)
    server.serve_forever()
    app.extensions["jiaohao"].close()
