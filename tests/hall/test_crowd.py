"""A full hall at once: a thousand numbers for thirty-two hands, and thirty-two windows that call them."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest

from server.news_client import NewsClient
from tests.hall.parts import Clerk, Device, Server, name, until

HANDS, NUMBERS = 32, 1000
SHARES = {"A": 40, "B": 15, "C": 15, "D": 10, "E": 10, "G": 4, "V": 2, "N": 2, "Z": 2}
REPEATED = 0.2
"""Share of requests that are sent again, as after a lost answer."""
CAME = 0.3
"""Share of those called who are served; the others have left."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("crowd"))
    try:
        server.spawn()
        server.found()
        yield server
    finally:
        server.kill()


@pytest.fixture(scope="module")
def kiosk_token(server: Server) -> str:
    return server.token("kiosk", kind="kiosk")


@pytest.fixture
def heard(server: Server) -> Iterator[list[dict[str, Any]]]:
    """All news since now, as one wall hears it."""
    news: list[dict[str, Any]] = []
    client = NewsClient()
    client.on("news", news.append, namespace="/news")
    token = server.token("display", kind="display")
    client.connect(server.url, auth={"token": token}, namespaces=["/news"], transports=["websocket"])
    try:
        yield news
    finally:
        client.disconnect()


def all_at_once(work: Callable[[Any], list[Any]], shares: Iterable[Any]) -> list[Any]:
    """Give each hand its share, let all begin in one moment, and put what they got together."""
    shares = list(shares)
    start = threading.Barrier(len(shares))

    def begin(share: Any) -> list[Any]:
        start.wait(30)
        return work(share)

    with ThreadPoolExecutor(len(shares)) as hands:
        return [one for got in hands.map(begin, shares) for one in got]


class Visitor:
    """One of many who take numbers through a kiosk's token and tell what became of the paper."""

    def __init__(self, server: str, token: str, seed: int) -> None:
        self.kiosk = Device(server, token)
        self.dice = random.Random(seed)

    def take(self, queue: str) -> dict[str, Any]:
        ticket = self._send("/tickets", 201, queue=queue)
        told = self._send(f"/tickets/{ticket['id']}/print-result", 200, result="printed", confidence="fence")
        assert told["print_state"] == "printed"
        return dict(ticket)

    def _send(self, path: str, status: int, **body: str) -> Any:
        request_id = name()
        answer = self.kiosk.post(path, request_id, **body)
        assert answer.status_code == status, answer.text
        if self.dice.random() < REPEATED:
            again = self.kiosk.post(path, request_id, **body)
            assert (again.status_code, again.json()) == (answer.status_code, answer.json())
        return answer.json()


def test_a_thousand_numbers(server: Server, kiosk_token: str, heard: list[dict[str, Any]]) -> None:
    dice = random.Random(1000)
    wishes = dice.choices(list(SHARES), list(SHARES.values()), k=NUMBERS)

    def work(hand: int) -> list[Any]:
        visitor = Visitor(server.url, kiosk_token, hand)
        return [visitor.take(queue) for queue in wishes[hand::HANDS]]

    tickets = all_at_once(work, range(HANDS))
    wanted = Counter(wishes)
    assert sorted(ticket["number"] for ticket in tickets) == sorted(
        f"{queue}{n:03d}" for queue, count in wanted.items() for n in range(1, count + 1)
    )
    rows = server.rows("SELECT code, number, print_state, print_count FROM ticket")
    assert {(row["code"], row["number"]) for row in rows} == {(one["id"], one["number"]) for one in tickets}
    assert {(row["print_state"], row["print_count"]) for row in rows} == {("printed", 1)}
    check_news(server, heard, {"ticket.issued": NUMBERS, "ticket.print": NUMBERS})


def test_the_same_request_by_many_hands_is_one_request(server: Server, kiosk_token: str) -> None:
    """Thirty-two lines carry the same touch in the same moment; another wish under its name is refused."""
    before = len(server.rows("SELECT id FROM ticket"))
    request_id = name()

    def work(_: int) -> list[Any]:
        answer = Device(server.url, kiosk_token).post("/tickets", request_id, queue="B")
        return [(answer.status_code, answer.text)]

    assert len(set(all_at_once(work, range(HANDS)))) == 1
    assert len(server.rows("SELECT id FROM ticket")) == before + 1
    other = Device(server.url, kiosk_token).post("/tickets", request_id, queue="A")
    assert (other.status_code, other.json()["code"]) == (409, "request_id_reused")


def test_all_windows_call_at_once(server: Server, heard: list[dict[str, Any]]) -> None:
    """Until nobody waits: every ticket is called once, by one window, and each clerk sees the one that is theirs."""
    waiting = [row["number"] for row in server.rows("SELECT number FROM ticket WHERE state = 'waiting'")]
    assert len(waiting) >= NUMBERS
    clerks = [server.clerk(window["no"]) for window in server.overview()["windows"]]
    assert len(clerks) == HANDS

    called = all_at_once(serve_all, clerks)
    assert sorted(number for _, number in called) == sorted(waiting)
    rows = server.rows(
        'SELECT number, "window".no FROM call JOIN ticket ON ticket.id = call.ticket_id'
        ' JOIN "window" ON "window".id = call.window_id'
    )
    assert sorted((row["no"], row["number"]) for row in rows) == sorted(called)
    assert server.rows("SELECT 1 FROM ticket WHERE state NOT IN ('finished', 'no_show')") == []
    check_news(server, heard, {"ticket.called": len(waiting)})


def serve_all(clerk: Clerk) -> list[tuple[str, str]]:
    """Window and number of each ticket served; some commands are sent again."""
    dice, served = random.Random(clerk.window), []
    while (view := send(clerk, dice, "call-next"))["ticket"]:
        number = view["ticket"]["number"]
        assert view["ticket"]["window"] == clerk.window
        came = dice.random() < CAME
        if came:
            assert send(clerk, dice, "begin")["ticket"]["number"] == number
        assert send(clerk, dice, "finish" if came else "no-show")["ticket"] is None
        served.append((clerk.window, number))
    return served


def send(clerk: Clerk, dice: random.Random, what: str) -> Any:
    request_id, path = name(), f"/windows/{clerk.window}/{what}"
    answer = clerk.person.do(path, request_id=request_id)
    if dice.random() < REPEATED:
        assert clerk.person.do(path, request_id=request_id) == answer
    return answer


def check_news(server: Server, heard: list[dict[str, Any]], wanted: dict[str, int]) -> None:
    """The database holds the news without a hole, and the wall heard every one of its span, once and in order."""
    stored = [row["seq"] for row in server.rows("SELECT seq FROM news ORDER BY seq")]
    assert stored == list(range(1, len(stored) + 1))
    until(lambda: heard and heard[-1]["seq"] == stored[-1])
    assert all(later["seq"] == news["seq"] + 1 for news, later in pairwise(heard))
    kinds = Counter(news["kind"] for news in heard)
    assert {kind: kinds[kind] for kind in wanted} == wanted


def test_a_killed_server_forgets_nothing_of_it(server: Server) -> None:
    """After all that: kill -9, start again, and the same numbers stand in the same states."""
    sql = "SELECT number, state, print_state, rating_state FROM ticket ORDER BY id"
    before = server.rows(sql)
    server.kill()
    server.start()
    assert server.rows(sql) == before
    assert server.complaints() == []
