"""A few visitors and the clerks who keep the hall alive. They use the product as people do: the kiosk's touch,
the console's commands, the evaluator's buttons."""

import functools
import random
import threading
import uuid
from collections.abc import Callable

import requests
import structlog

from firmware_stubs.virtual_hall.founding import WINDOWS, Clerk, Founding, Person

log = structlog.get_logger()

QUEUES = (*"AAAABBBCCDDE", "G", "V", "Z")
KEYS = ("satisfied",) * 7 + ("basically_satisfied",) * 2 + ("dissatisfied",)
PRESSES = 0.6
"""Share of citizens who press a button at all."""


class Visitors:
    """Up to `count` people waiting while switched on; they come, are served and go, and others come."""

    def __init__(self, kiosk: str, server: str, founding: Founding, press: Callable[[int, str], None]) -> None:
        self._kiosk, self._server, self._founding, self._press = kiosk, server, founding, press
        self._dice = random.Random()  # noqa: S311 - visitors, not secrets
        self._off = threading.Event()
        self._off.set()
        self._threads: list[threading.Thread] = []

    @property
    def on(self) -> bool:
        return not self._off.is_set()

    def switch(self, count: int) -> None:
        """Some visitors, or none: 0 ends them all. Waits for those before to go."""
        self._off.set()
        for thread in self._threads:
            thread.join()
        self._threads = []
        if count:
            self._off.clear()
            self._start(functools.partial(self._arrive, count))
            for index, clerk in list(enumerate(self._founding.clerks))[1:]:
                self._start(functools.partial(self._serve, index, clerk))

    def _start(self, work: Callable[[], None]) -> None:
        def run() -> None:
            while not self._off.is_set():
                try:
                    work()
                except (requests.RequestException, ValueError, KeyError) as error:
                    log.info("a visitor waits for the hall", error=str(error))
                    self._pause(2, 3)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _arrive(self, count: int) -> None:
        """Somebody comes every few seconds, as long as fewer than `count` wait."""
        clerk = self._founding.clerks[0]
        person = Person(self._server, clerk.username, clerk.password)
        while self._pause(2, 6):
            if person.waiting() >= count:
                continue
            touch = {"press_id": uuid.uuid4().hex, "queue": self._dice.choice(QUEUES)}
            requests.post(f"{self._kiosk}/take", json=touch, headers={"X-Jiaohao-Kiosk": "1"}, timeout=20)

    def _serve(self, index: int, clerk: Clerk) -> None:
        """One clerk's day, until switched off or the server goes away."""
        at = f"/windows/{clerk.window}/"
        person = Person(self._server, clerk.username, clerk.password)
        person.command(at + "sign-in", take_over=True)
        while not self._off.is_set():
            if not person.command(at + "call-next").get("ticket"):
                self._pause(2, 4)
            if self._pause(3, 6) and person.command(at + "begin").get("ticket"):
                self._pause(6, 14)
                person.command(at + "finish")
                self._pause(1, 3)
                if index < len(WINDOWS) and self._dice.random() < PRESSES:
                    self._press(index, self._dice.choice(KEYS))
                self._pause(1, 3)
        person.command(at + "finish")
        person.command(at + "sign-out")

    def _pause(self, least: float, most: float) -> bool:
        """Wait; false when switched off meanwhile."""
        return not self._off.wait(self._dice.uniform(least, most))
