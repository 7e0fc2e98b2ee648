"""A busy minute with `kill -9` for server, kiosk and display at random moments. Afterwards everything must agree:
what people were told, the database, the paper in the tray, and the wall."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.hall.conftest import WALL
from tests.hall.parts import WINDOWS, Clerk, Device, Hall, Listener, Program, name, until

SEED = 20260302
KILLS = 8
"""Of each of the three."""
BUSY = 10
"""So many of each at least: visits at the kiosk, tickets, calls."""
SLOW = 700
"""Bytes per second of the printer's line, so that it is busy most of the time and most kills hit a ticket."""
ENDS = ("taken", "waiting_paper", "no_paper", "paper_unknown", "refused", "away")
SETTLED_S = 60.0
"""After the last kill: the kiosk tells the server of every paper."""


@pytest.fixture(scope="module")
def storm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    hall = Hall(tmp_path_factory.mktemp("storm"), "--fast", "--fault", f"slow={SLOW}")
    try:
        hall.start()
        yield hall
    finally:
        hall.close()


class People:
    """Citizens and clerks who, as people and their pages do, press again until they have an answer."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.over = threading.Event()
        self.visits: list[dict[str, Any]] = []
        self.tickets: list[dict[str, Any]] = []
        self.called: list[tuple[str, str]] = []
        self.mistakes: list[str] = []
        self._threads: list[threading.Thread] = []

    def start(self, work: Callable[..., None], *values: Any) -> None:
        self._threads.append(threading.Thread(target=self._guarded, args=(work, *values)))
        self._threads[-1].start()

    def finish(self) -> None:
        self.over.set()
        for thread in self._threads:
            thread.join(90)
        assert not any(thread.is_alive() for thread in self._threads)
        assert self.mistakes == []

    def _guarded(self, work: Callable[..., None], *values: Any) -> None:
        try:
            while not self.over.is_set():
                work(*values)
        except Exception as error:  # noqa: BLE001 - told by finish()
            self.mistakes.append(repr(error))

    def touch(self, dice: random.Random) -> None:
        """One citizen at the kiosk's page, until it says how it ended."""
        press_id = name()
        visit = self.again(lambda: self.hall.kiosk.touch(press_id), lambda visit: visit["stage"] in ENDS)
        self.visits.append(visit)
        self.over.wait(dice.uniform(0.1, 0.8))

    def take(self, desk: Device, dice: random.Random) -> None:
        """One number from the server itself, without a paper."""
        request_id = name()
        answer = self.again(lambda: desk.post("/tickets", request_id, queue="B"), lambda answer: answer.ok)
        self.tickets.append(answer.json())
        self.over.wait(dice.uniform(0.1, 0.8))

    def serve(self, clerk: Clerk, dice: random.Random) -> None:
        """One clerk: next, begin, finish, each until it is done."""
        ticket = self.command(clerk, "call-next")["ticket"]
        if ticket:
            self.called.append((clerk.window, ticket["number"]))
            assert self.command(clerk, "begin")["ticket"]["number"] == ticket["number"]
            assert self.command(clerk, "finish")["ticket"] is None
        self.over.wait(dice.uniform(1.0, 2.5))

    def command(self, clerk: Clerk, what: str) -> Any:
        request_id = name()
        path = f"/windows/{clerk.window}/{what}"
        answer = self.again(lambda: clerk.person.send(path, request_id), lambda answer: answer.status_code < 500)
        assert answer.ok, f"{what}: {answer.text}"
        return answer.json()

    def again(self, ask: Callable[[], Any], enough: Callable[[Any], bool]) -> Any:
        """Ask, under the same request_id, until there is an answer. The storm passes, so this ends."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                answer = ask()
                if enough(answer):
                    return answer
            except requests.RequestException:
                pass
            time.sleep(0.1)
        raise AssertionError("no answer within a minute")


def kill_often(program: Program, seed: int, failed: list[str]) -> None:
    """Kill it at a random moment, also while it starts, and start it again."""
    dice = random.Random(seed)
    try:
        for _ in range(KILLS):
            time.sleep(dice.uniform(0.2, 2.0))
            program.kill()
            if dice.random() < 0.25:
                program.spawn()
                time.sleep(dice.uniform(0.0, 1.0))
                program.kill()
            program.start()
    except Exception as error:  # noqa: BLE001 - told by the test
        failed.append(f"{program.log.stem}: {error!r}")


def test_everything_agrees_after_a_storm(storm: Hall, open_face: Callable[..., Page]) -> None:
    hall, server = storm, storm.server
    page = open_face(hall.display.url, WALL)
    expect(page.locator("main.live")).to_be_visible(timeout=30_000)
    listener = Listener(hall.display.url)
    people = busy(hall)
    try:
        failed: list[str] = []
        victims = [server, hall.kiosk, hall.display]
        killers = [
            threading.Thread(target=kill_often, args=(victim, SEED + i, failed)) for i, victim in enumerate(victims)
        ]
        for killer in killers:
            killer.start()
        for killer in killers:
            killer.join()
        assert failed == []
        until(lambda: min(map(len, (people.visits, people.tickets, people.called))) > BUSY, SETTLED_S)
    finally:
        people.finish()
    hall.kiosk.until_ready()
    until(lambda: pending(hall) == [], SETTLED_S)

    check_numbers(hall, people)
    check_papers(hall, people)
    calls = check_calls(hall, people)
    until(lambda: len(listener.shown) >= len(calls))
    listener.close()
    assert [(call["seq"], call["number"], call["window"]) for call in listener.shown] == calls
    until(lambda: page.evaluate("window.spot")[-1:] == [calls[-1][1]], 15 + 3.5 * len(calls))
    # A call whose turn falls into a moment of "连接中断" stands there too, only not as a new one.
    assert page.evaluate("window.spot") == [number for _, number, _ in calls]
    for i in range(len(WINDOWS)):
        until(lambda i=i: hall.bar_says(i, f"{WINDOWS[i]}号窗口" if i < 2 else "未开放"))


def busy(hall: Hall) -> People:
    people = People(hall)
    desk = Device(hall.server.url, hall.server.token("desk", kind="kiosk"))
    for i, window in enumerate(WINDOWS[:2]):
        people.start(people.serve, hall.server.clerk(window), random.Random(i))
    for i in range(3):
        people.start(people.touch, random.Random(10 + i))
    people.start(people.take, desk, random.Random(20))
    return people


KIOSK_TICKETS = "SELECT ticket.* FROM ticket JOIN device_token d ON d.id = ticket.device_id WHERE d.name = 'kiosk'"


def pending(hall: Hall) -> list[dict[str, Any]]:
    """Tickets of the kiosk of whose paper the server has not heard. A ticket given up was cancelled instead."""
    return hall.server.rows(KIOSK_TICKETS + " AND print_state = 'pending' AND state <> 'cancelled'")


def check_numbers(hall: Hall, people: People) -> None:
    """Every number that anybody was told exists once; each series has no hole and no double."""
    rows = hall.server.rows("SELECT code, number, series, n FROM ticket")
    stored = {(row["code"], row["number"]) for row in rows}
    told = [visit["ticket"] for visit in people.visits if visit["ticket"]]
    assert {ticket["number"] for ticket in told} <= {row["number"] for row in rows}
    assert len({ticket["number"] for ticket in told}) == len(told), "two citizens hold one number"
    assert {(ticket["id"], ticket["number"]) for ticket in people.tickets} <= stored
    assert len({ticket["number"] for ticket in people.tickets}) == len(people.tickets)
    for series in "AB":
        numbers = sorted(row["n"] for row in rows if row["series"] == series)
        assert numbers == list(range(1, len(numbers) + 1))
    assert [visit["stage"] for visit in people.visits if visit["stage"] == "refused"] == []


def check_papers(hall: Hall, people: People) -> None:
    """Paper and database agree, and so do paper and what the page told the citizen."""
    papers = Counter(number for number, _ in paper_numbers(hall.papers_file))
    whole = Counter(number for number, complete in paper_numbers(hall.papers_file) if complete)
    rows = {row["number"]: row for row in hall.server.rows(KIOSK_TICKETS)}
    assert set(papers) <= set(rows)
    for number, row in rows.items():
        count, state = papers[number], row["print_state"]
        assert count <= 1, f"{number} lies in the tray {count} times"
        assert state != "printed" or (whole[number] == 1 and row["print_count"] == 1), f"{number} {state}, {count}"
        assert state not in ("failed", "pending") or count == 0, f"{number} {state}, {count}"
    for visit in people.visits:
        if visit["stage"] == "taken":
            assert rows[visit["ticket"]["number"]]["print_state"] == "printed"


def paper_numbers(file: Path) -> list[tuple[str, bool]]:
    """Each number on each paper, and whether that paper is a whole one."""
    papers = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return [
        (line, paper["complete"])
        for paper in papers
        for line in set(paper["lines"])
        if line[:1] in "AB" and line[1:].isdigit()
    ]


def check_calls(hall: Hall, people: People) -> list[tuple[int, str, str]]:
    """No ticket was called twice, and each clerk served the one they were given. Returns all calls in order."""
    rows = hall.server.rows(
        'SELECT call.seq, number, "window".no FROM call JOIN ticket ON ticket.id = call.ticket_id'
        ' JOIN "window" ON "window".id = call.window_id ORDER BY call.seq'
    )
    assert len({row["number"] for row in rows}) == len(rows), "a ticket was called twice"
    assert sorted((row["no"], row["number"]) for row in rows) == sorted(people.called)
    news = [row["seq"] for row in hall.server.rows("SELECT seq FROM news ORDER BY seq")]
    assert news == list(range(1, len(news) + 1))
    return [(row["seq"], row["number"], row["no"]) for row in rows]
