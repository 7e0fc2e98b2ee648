"""Peers that talk nonsense."""

import base64
import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def websockets_that_say(words: bytes) -> Iterator[tuple[str, list[int]]]:
    """A server that takes every WebSocket and says one thing; gives its address and who came."""
    came: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                line, (_, port) = server.accept()
                with line:
                    head = line.recv(4096)
                    if not head.startswith(b"GET"):
                        return
                    key = head.split(b"Sec-WebSocket-Key: ")[1].split(b"\r\n")[0]
                    seal = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()  # noqa: S324 - RFC 6455
                    line.sendall(
                        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        b"Sec-WebSocket-Accept: " + base64.b64encode(seal) + b"\r\n\r\n"
                        b"\x81" + bytes([len(words)]) + words
                    )
                    came.append(port)

        thread = threading.Thread(target=serve)
        thread.start()
        host, port = server.getsockname()
        try:
            yield f"http://{host}:{port}", came
        finally:
            with socket.create_connection((host, port)) as last:
                last.sendall(b"end")
            thread.join()
