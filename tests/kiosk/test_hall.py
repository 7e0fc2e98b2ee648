"""The line for news survives whatever is at the other end."""

import gc
import threading

import pytest

from kiosk import hall
from kiosk.client import Client
from kiosk.hall import Hall
from tests.kiosk.conftest import until
from tests.nonsense import websockets_that_say


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
