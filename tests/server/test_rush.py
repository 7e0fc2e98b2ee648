"""A rush on a real server: 8 windows with 4 busy tabs each and 16 kiosks at once, on both databases.

What is asked here is right or wrong; how fast it went is asked by the bench.
"""

import threading
from collections import Counter

import pytest
from sqlalchemy import create_engine

from bench.hall import bench_hall

WINDOWS = [f"{n:02}" for n in range(1, 9)]
TABS = 4
KIOSKS = 16
EACH = 8
TICKETS = KIOSKS * EACH
BESIDE = {"ticket_in_hand", "no_ticket", "wrong_state"}
"""What a tab hears when another tab of the same window was faster."""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'data' / 'jiaohao.db'}"
    return request.getfixturevalue("cluster").new_database()


class Rush:
    """What every client heard."""

    def __init__(self):
        self.heard = Counter()
        self.numbers = []
        self.issued = threading.Event()

    def ask(self, client, path, **body):
        status, answer = client.command(path, **body)
        self.heard[status, answer.get("code")] += 1
        return answer

    def take_all(self, kiosk):
        self.numbers += [self.ask(kiosk, "/api/v1/tickets", queue="A")["number"] for _ in range(EACH)]

    def serve_all(self, tab, window):
        """Until a call after the last ticket was issued finds nobody."""
        while True:
            last = self.issued.is_set()
            view = self.ask(tab, f"/api/v1/windows/{window}/call-next")
            if last and "code" not in view and view["ticket"] is None:
                return
            for action in ("begin", "finish"):
                self.ask(tab, f"/api/v1/windows/{window}/{action}")


def at_once(*works):
    threads = [threading.Thread(target=work, args=args) for work, *args in works]
    for thread in threads:
        thread.start()
    return threads


def test_no_number_and_no_call_twice_and_no_error(url, tmp_path):
    rush, clients = Rush(), []
    with bench_hall(tmp_path / "data", url) as hall:
        try:
            kiosks = [hall.kiosk(f"kiosk{n}") for n in range(KIOSKS)]
            clerks = {window: hall.clerk(window) for window in WINDOWS}
            tabs = [(clerks[window].another(), window) for window in WINDOWS for _ in range(TABS)]
            clients = [*kiosks, *clerks.values(), *(tab for tab, _ in tabs)]
            calling = at_once(*((rush.serve_all, *tab) for tab in tabs))
            issuing = at_once(*((rush.take_all, kiosk) for kiosk in kiosks))
            for thread in issuing:
                thread.join()
            rush.issued.set()
            for thread in calling:
                thread.join()
        finally:
            for client in clients:
                client.close()
    assert {key for key in rush.heard if key[0] >= 300} <= {(409, code) for code in BESIDE}
    assert sorted(rush.numbers) == sorted(f"A{n:03}" for n in range(1, TICKETS + 1))
    assert_whole(url)


def assert_whole(url):
    engine = create_engine(url)
    with engine.connect() as conn:
        calls = conn.exec_driver_sql("SELECT ticket_id, window_id FROM call WHERE NOT recall").all()
        states = conn.exec_driver_sql("SELECT DISTINCT state FROM ticket").scalars().all()
        told = conn.exec_driver_sql("SELECT seq FROM news ORDER BY seq").scalars().all()
        seq = conn.exec_driver_sql("SELECT seq FROM hall").scalar_one()
    engine.dispose()
    assert len(calls) == TICKETS == len({ticket for ticket, _ in calls}), "a ticket was called twice"
    assert states == ["finished"]
    assert told == list(range(1, seq + 1))
