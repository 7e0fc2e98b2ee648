"""Play a planned day through the real services: each ticket, call and finish is a service's own, at the plan's time.

Only what lies around the services is made up: people who walk, do not hear, or go home, and clerks who eat. The
database is a temporary one that nobody needs after a power cut, so its commits need not reach the disk.
"""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import event, select

from server import background
from server.app import migrate
from server.contract.tickets import TakeTicket
from server.contract.windows import Finish, Pause, SignIn, WindowCommand
from server.db import Store, Tx
from server.models import Hall, Queue, Window, WindowQueue
from server.services import accounts, calls, demo, tickets, windows
from server.services.actors import Actor
from server.services.estimates import Waits
from server.simulate.plan import CUT_OFF_S, OPENS_S, Habit, Plan, Visitor

DAY = date(2026, 3, 2)
"""A Monday."""
MIDNIGHT = datetime(2026, 3, 1, 16, tzinfo=UTC)
"""Of that day in Asia/Shanghai."""
REFRESH_S = 90.0
"""A real server estimates anew every few seconds; a day in seconds cannot, and its estimates are that much older."""
RECALLS = 2
RECALL_AFTER_S = 25.0
NOTICE_S = (2.0, 7.0)
"""How soon an idle clerk sees that somebody has come."""
LEAVES_S = CUT_OFF_S + 900
ORDER = WindowCommand("simulated")


@dataclass
class Clerk:
    """A window's clerk and what the day made of it."""

    no: str
    queues: frozenset[str]
    actor: Actor
    habit: Habit
    idle: bool = False
    breaks_taken: int = 0
    served: int = 0
    busy_s: float = 0.0
    opened_s: float = 0.0
    closed_s: float = 0.0
    away_s: float = 0.0

    @property
    def utilisation(self) -> float:
        there = self.closed_s - self.opened_s - self.away_s
        return self.busy_s / there if there > 0 else 0.0


class Day:
    """One simulated day in a database of its own below `folder`. `play` runs it to its end."""

    def __init__(self, plan: Plan, seed: int, folder: Path) -> None:
        self._now_s = 0.0
        self.store = Store(f"sqlite:///{folder / 'simulated.db'}", self._clock)
        event.listen(self.store.engine, "connect", _careless)
        self._rng = random.Random(seed)  # noqa: S311 - no secret: a day that can be repeated
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._planned = 0
        self._tx: Tx
        self._visitors: dict[str, Visitor] = {}
        self._deaf: dict[str, int] = {}
        migrate(self.store.engine)
        self.hall_id = self.store.write(_found)
        self._kiosk = self.store.write(lambda tx: _kiosk(tx, self.hall_id))
        self._guide = self.store.write(lambda tx: _account(tx, self.hall_id, "guide", "guide"))
        self.clerks = self.store.write(lambda tx: _clerks(tx, self.hall_id, plan))
        self._waits = Waits(self.store)
        for visitor in plan.visitors:
            self._plan(visitor.at_s, self._arrive, visitor)
        for clerk in self.clerks:
            self._plan(clerk.habit.arrives_s, self._open, clerk)

    def play(self) -> None:
        boundary = OPENS_S - 1200
        while self._agenda:
            boundary += REFRESH_S
            self.store.write(partial(self._happen, until_s=boundary))
            self._now_s = boundary
            self._waits.refresh()
        self._now_s = 24 * 3600 + 60.0
        self.store.write(background.end_of_day)

    def close(self) -> None:
        self.store.close()

    def _clock(self) -> datetime:
        return MIDNIGHT + timedelta(seconds=self._now_s)

    def _plan(self, at_s: float, what: Callable[..., None], *about: Any) -> None:
        self._planned += 1
        heapq.heappush(self._agenda, (at_s, self._planned, lambda: what(*about)))

    def _soon(self, in_s: float, what: Callable[..., None], *about: Any) -> None:
        self._plan(self._now_s + in_s, what, *about)

    def _happen(self, tx: Tx, until_s: float) -> None:
        """Everything before `until_s`, each at its own moment, in one commit."""
        while self._agenda and self._agenda[0][0] < until_s:
            self._now_s, _, happening = heapq.heappop(self._agenda)
            self._tx = Tx(tx.conn, self._clock(), tx.key)
            happening()

    # ── visitors ──

    def _arrive(self, visitor: Visitor) -> None:
        wish = TakeTicket("simulated", visitor.queue, visitor.item, visitor.lane, visitor.lane_reason)
        ticket = tickets.take_ticket(self._tx, self._kiosk, wish)
        self._visitors[ticket.id] = visitor
        self._deaf[ticket.id] = visitor.deaf_calls
        self._wake(visitor.queue)

    def _wake(self, queue: str) -> None:
        for clerk in self.clerks:
            if clerk.idle and queue in clerk.queues:
                clerk.idle = False
                self._soon(self._rng.uniform(*NOTICE_S), self._next, clerk)
                return

    def _comes(self, ticket: str) -> bool:
        """Whether the one who was just called hears it and is still there."""
        visitor = self._visitors[ticket]
        self._deaf[ticket] -= 1
        return self._deaf[ticket] < 0 and self._still_there(visitor)

    def _still_there(self, visitor: Visitor) -> bool:
        return self._now_s - visitor.at_s < visitor.patience_s

    def _come_back(self, ticket: str) -> None:
        """A missed one at the guide desk."""
        if self._now_s < LEAVES_S:
            tickets.reinstate_ticket(self._tx, self._guide, ORDER, ticket)
            self._deaf[ticket] = 0
            self._wake(self._visitors[ticket].queue)

    # ── clerks ──

    def _open(self, clerk: Clerk) -> None:
        clerk.opened_s = self._now_s
        windows.sign_in(self._tx, clerk.actor, SignIn("simulated"), clerk.no)
        self._next(clerk)

    def _next(self, clerk: Clerk) -> None:
        """A break that is due, else the next citizen, else wait for one, else go home."""
        due = clerk.habit.breaks[clerk.breaks_taken :][:1]
        if due and self._now_s >= due[0][0]:
            self._rest(clerk, due[0][1])
            return
        ticket = calls.call_next(self._tx, clerk.actor, ORDER, clerk.no).ticket
        if ticket is not None:
            self._called(clerk, ticket.id, self._now_s, 0)
        elif self._now_s >= LEAVES_S:
            clerk.closed_s = self._now_s
            windows.sign_out(self._tx, clerk.actor, ORDER, clerk.no)
        else:
            clerk.idle = True
            self._plan(min([LEAVES_S, *(begins for begins, _ in due)]), self._look_up, clerk)

    def _look_up(self, clerk: Clerk) -> None:
        """It is time for a break, or to go home, and nobody sits there."""
        if clerk.idle:
            clerk.idle = False
            self._next(clerk)

    def _rest(self, clerk: Clerk, lasts_s: float) -> None:
        clerk.breaks_taken += 1
        clerk.away_s += lasts_s
        windows.pause(self._tx, clerk.actor, Pause("simulated", "休息"), clerk.no)
        self._soon(lasts_s, self._return, clerk)

    def _return(self, clerk: Clerk) -> None:
        windows.resume(self._tx, clerk.actor, ORDER, clerk.no)
        self._next(clerk)

    def _called(self, clerk: Clerk, ticket: str, since_s: float, recalls: int) -> None:
        if self._comes(ticket):
            self._soon(self._visitors[ticket].walk_s, self._begin, clerk, ticket, since_s)
        else:
            self._soon(RECALL_AFTER_S, self._again, clerk, ticket, since_s, recalls)

    def _again(self, clerk: Clerk, ticket: str, since_s: float, recalls: int) -> None:
        if recalls < RECALLS:
            calls.recall(self._tx, clerk.actor, ORDER, clerk.no)
            self._called(clerk, ticket, since_s, recalls + 1)
            return
        calls.no_show(self._tx, clerk.actor, ORDER, clerk.no)
        visitor = self._visitors[ticket]
        if visitor.comes_back_s is not None and self._still_there(visitor):
            self._soon(visitor.comes_back_s, self._come_back, ticket)
        self._free(clerk, since_s)

    def _begin(self, clerk: Clerk, ticket: str, since_s: float) -> None:
        calls.begin(self._tx, clerk.actor, ORDER, clerk.no)
        self._soon(self._visitors[ticket].service_s * clerk.habit.pace, self._finish, clerk, since_s)

    def _finish(self, clerk: Clerk, since_s: float) -> None:
        calls.finish(self._tx, clerk.actor, Finish("simulated"), clerk.no)
        clerk.served += 1
        self._free(clerk, since_s)

    def _free(self, clerk: Clerk, since_s: float) -> None:
        clerk.busy_s += self._now_s - since_s
        self._soon(self._rng.expovariate(1 / clerk.habit.gap_s), self._next, clerk)


def _careless(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def _found(tx: Tx) -> int:
    hall_id = tx.add(Hall, code="HQ", name="")
    demo.load_demo_hall(tx, hall_id)
    return hall_id


def _kiosk(tx: Tx, hall_id: int) -> Actor:
    token = accounts.new_device_token(tx, hall_id, "kiosk", "kiosk")
    return accounts.device(accounts.device_of(tx.conn, token))


def _account(tx: Tx, hall_id: int, name: str, role: str) -> Actor:
    """Nobody signs in here with a password."""
    key = accounts.add_user(tx, hall_id, name, role, "")
    return Actor(hall_id, name, role, account_id=key)


def _clerks(tx: Tx, hall_id: int, plan: Plan) -> list[Clerk]:
    """One for each habit, at windows chosen so that few windows still serve every queue."""
    served: dict[str, list[str]] = {}
    links = (
        select(Window.no, Queue.code)
        .join(WindowQueue, WindowQueue.window_id == Window.id)
        .join(Queue, Queue.id == WindowQueue.queue_id)
        .order_by(Window.no, Queue.position)
    )
    for link in tx.conn.execute(links):
        served.setdefault(link.no, []).append(link.code)
    kinds: dict[tuple[str, ...], list[str]] = {}
    for no, codes in served.items():
        kinds.setdefault(tuple(codes), []).append(no)
    fewest = sorted((place / len(nos), no) for nos in kinds.values() for place, no in enumerate(nos))
    chosen = sorted(no for _, no in fewest[: len(plan.habits)])
    return [
        Clerk(no, frozenset(served[no]), _account(tx, hall_id, f"clerk-{no}", "clerk"), habit)
        for no, habit in zip(chosen, plan.habits, strict=True)
    ]
