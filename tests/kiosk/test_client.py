"""Every answer a server can give is either a value, a `Refused` in words, or `Away`."""

import threading
import time
from collections.abc import Iterator

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


def test_nobody_at_the_address_is_away() -> None:
    client = Client("http://127.0.0.1:9", "token-token")
    with pytest.raises(Away):
        client.board()
    client.close()
