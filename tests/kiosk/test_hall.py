"""The line for news survives whatever is at the other end."""

import base64
import gc
import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kiosk import hall
from kiosk.client import Client
from kiosk.hall import Hall
from tests.kiosk.conftest import until


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


# The library leaves the socket of a failed handshake to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("words", [b"garbage", b"0{", b"0[]", b'0{"sid":"x"}', b"<html>", b"4"])
def test_garbage_on_the_socket_is_tried_again(words: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hall, "RETRY_S", 0.05)
    client = Client("http://127.0.0.1:9", "token-token")
    followed = Hall(client, lambda board: None, lambda news: None, lambda: None)
    stopping = threading.Event()
    with websockets_that_say(words) as (server, came):
        thread = threading.Thread(target=followed.run_news, args=(server, "token-token", stopping))
        thread.start()
        try:
            until(lambda: len(came) >= 2)
            assert thread.is_alive()
        finally:
            stopping.set()
            thread.join()
            client.close()
            gc.collect()
