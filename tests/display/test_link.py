"""The line for news survives whatever is at the other end."""

import gc

import pytest

from display import link
from display.link import Inbox, NewsSocket
from tests.display.conftest import until
from tests.nonsense import websockets_that_say


# The library leaves the socket of a failed handshake to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("words", [b"garbage", b"0{", b"0[]", b'0{"sid":"x"}', b"<html>", b"4"])
def test_garbage_on_the_socket_is_tried_again(words: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "RECONNECT_S", 0.05)
    with websockets_that_say(words) as (server, came):
        news = NewsSocket(server, "token-token", Inbox())
        news.start()
        try:
            until(lambda: len(came) >= 2)
        finally:
            news.stop()
            news._thread.join()
            gc.collect()
