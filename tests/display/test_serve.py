"""What the web server beneath the pages does with connections that end badly."""

import socket
import struct
import threading
from collections.abc import Iterator

from flask import Flask, Response

from display.serve import serving

RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def test_an_answer_is_closed_though_the_browser_reset_the_connection_after_it() -> None:
    """Werkzeug then looks for more of the request before it closes the answer: the reset must not come between."""
    app = Flask(__name__)
    gone, closed = threading.Event(), threading.Event()

    def body() -> Iterator[bytes]:
        yield b"all"
        assert gone.wait(20)

    @app.get("/")
    def page() -> Response:
        response = Response(body(), headers={"Content-Length": "3"})
        response.call_on_close(closed.set)
        return response

    with serving(app, "127.0.0.1", 0) as port:
        browser = socket.create_connection(("127.0.0.1", port), timeout=20)
        browser.sendall(b"GET / HTTP/1.1\r\nHost: hall\r\n\r\n")
        while not browser.recv(4096).endswith(b"all"):
            pass
        browser.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        browser.close()
        gone.set()
        assert closed.wait(20)
