"""Every answer a server can give is either a value, a `Refused` in words, or `Away`."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from kiosk.client import Away, Client, Refused
from server.contract.tickets import TakeTicket
from tests.kiosk.conftest import RealServer, Weather, Wire

WISH = TakeTicket("client-test-0001", queue="A")


@pytest.fixture
def client(wire: Wire, real_server: RealServer) -> Iterator[Client]:
    client = Client(wire.url, real_server.kiosk_token)
    yield client
    client.close()


def test_the_same_request_is_the_same_ticket(client: Client) -> None:
    ticket = client.take(WISH)
    assert client.take(WISH).id == ticket.id
    found = client.find(WISH.request_id)
    assert found and found.id == ticket.id
    assert client.find("never-sent-0001") is None


def test_an_unknown_queue_is_refused_in_both_languages(client: Client) -> None:
    with pytest.raises(Refused) as caught:
        client.take(TakeTicket("client-test-0002", queue="nope"))
    assert caught.value.code == "queue_not_found"
    assert "重新选择" in caught.value.zh and "Choose" in caught.value.en


def test_a_wrong_token_is_refused(wire: Wire) -> None:
    client = Client(wire.url, "not-a-token-of-this-hall")
    with pytest.raises(Refused) as caught:
        client.board()
    client.close()
    assert caught.value.code == "sign_in_required"


@pytest.mark.parametrize(
    "answer",
    [
        (201, b""), (201, b"{}"), (201, b"[]"), (201, b"\xff\xfe"), (201, b"[" * 100_000), (201, b'{"id": 5}'),
        (200, b"x" * 5_000_000), (302, b"{}"), (404, b"<html>"), (404, b'{"code": "of a proxy"}'),
        (409, b'{"code": ["queue_closed"]}'), (500, b"oops"), (503, b'{"code": "busy"}'),
    ],
)  # fmt: skip
def test_anything_else_is_away(client: Client, wire: Wire, answer: tuple[int, bytes]) -> None:
    wire.weather = Weather(answer=answer)
    with pytest.raises(Away):
        client.take(WISH)


def test_a_refusal_without_words_gets_ours(client: Client, wire: Wire) -> None:
    wire.weather = Weather(answer=(409, b'{"code": "queue_closed", "detail": 5}'))
    with pytest.raises(Refused) as caught:
        client.take(WISH)
    assert "暂停取号" in caught.value.zh


def test_a_slow_server_is_away_in_time(client: Client, wire: Wire) -> None:
    wire.weather = Weather(before=threading.Event())
    started = time.monotonic()
    with pytest.raises(Away):
        client.take(WISH, read_s=0.3)
    assert time.monotonic() - started < 1.5
    assert wire.weather.before
    wire.weather.before.set()


@pytest.mark.parametrize(
    "head",
    [b"Content-Length: 1000\r\n", b"Transfer-Encoding: chunked\r\n", b""],
)
def test_an_answer_that_trickles_is_away_in_time(head: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = threading.Event()

        def trickle() -> None:
            line, _ = server.accept()
            with line, suppress(OSError):
                line.recv(4096)
                line.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n")
                while not ended.wait(0.1):
                    line.sendall(b"1\r\n \r\n" if b"chunked" in head else b" ")

        thread = threading.Thread(target=trickle)
        thread.start()
        client = Client(f"http://127.0.0.1:{server.getsockname()[1]}", "token-token")
        started = time.monotonic()
        at_last = threading.Timer(4, ended.set)
        at_last.start()
        try:
            with pytest.raises(Away):
                client.take(WISH, read_s=0.5)
            assert time.monotonic() - started < 2
        finally:
            at_last.cancel()
            ended.set()
            client.close()
            thread.join()


@pytest.mark.parametrize(
    "answer",
    [
        b"\x00\xff garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nno",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200,
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{", b"",
    ],
)  # fmt: skip
def test_what_is_hardly_http_is_away(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def say() -> None:
            line, _ = server.accept()
            with line:
                line.recv(4096)
                line.sendall(answer)

        thread = threading.Thread(target=say)
        thread.start()
        client = Client(f"http://127.0.0.1:{server.getsockname()[1]}", "token-token")
        try:
            with pytest.raises(Away):
                client.find("some-request")
        finally:
            client.close()
            thread.join()


def test_nobody_at_the_address_is_away() -> None:
    client = Client("http://127.0.0.1:9", "token-token")
    with pytest.raises(Away):
        client.board()
    client.close()
