"""Random days in random halls, through the real services on SQLite with a clock in the test's hand.

What a ticket's life should be is modelled here a second time, in other words: states by name, time by adding up what
the clock was moved. After each step the two must agree.
"""

import shutil
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import insert, select, update

from display.board import catch_up
from server import background
from server.app import migrate
from server.contract.problems import ProblemError
from server.contract.tickets import CancelTicket, Lane, TakeTicket
from server.contract.windows import CallTicket, Finish, Hold, HoldKind, SignIn, Transfer, WindowCommand
from server.db import Store, make_engine
from server.domain.policy import Fairness, Seat, Waiting, choose, on_time
from server.domain.ticket import FINAL, SPENT, TOLD
from server.models import Account, Hall, NewsRow, Queue, TicketRow, Window, WindowQueue
from server.services import calls, line, tickets, windows
from server.services.actors import Actor
from server.services.board import board

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
WINDOWS, QUEUES = ("01", "02", "03"), "ABC"
PLACE = ("queue_id", "lane", "queued_at", "due_at", "bound_window_id", "bound_staff_id", "no_shows", "note")
DESK = Actor(1, "desk", "guide", account_id=9)
AGAIN = WindowCommand("request-1")
ACCOUNTS = tuple(SPENT.values())


@pytest.fixture(scope="session")
def empty_hall(tmp_path_factory) -> Path:
    """Migrated once; each day works on a copy."""
    path = tmp_path_factory.mktemp("hall") / "empty.db"
    engine = make_engine(f"sqlite:///{path}")
    migrate(engine)
    with engine.connect() as conn:
        conn.execute(insert(Hall).values(id=1, code="HQ", name="厅"))
        conn.execute(insert(Account), [
            {"id": n, "hall_id": 1, "username": f"c{n}", "role": "clerk", "password_hash": "", "active": True,
             "name": "", "staff_no": "", "failures": 0}
            for n in (1, 2, 3, 9)
        ])  # fmt: skip
        conn.execute(insert(Queue), [
            {"id": n, "hall_id": 1, "code": code, "series": code, "name": code} for n, code in enumerate(QUEUES, 1)
        ])  # fmt: skip
        conn.execute(insert(Window), [
            {"id": n, "hall_id": 1, "no": no, "name": no} for n, no in enumerate(WINDOWS, 1)
        ])  # fmt: skip
        conn.commit()
        conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


class Life:
    """A ticket as the model sees it: `stay` is what the clock moved since it came into its state."""

    def __init__(self) -> None:
        self.state = "waiting"
        self.stay = timedelta()
        self.spent = dict.fromkeys(ACCOUNTS, timedelta())

    def go(self, state: str) -> None:
        if self.state in SPENT:
            self.spent[SPENT[self.state]] += max(self.stay, timedelta())
        self.state, self.stay = state, timedelta()


class Days(RuleBasedStateMachine):
    template: Path
    folder: Path
    made = 0

    @initialize(
        cap=st.integers(1, 3), aging=st.integers(2, 20), policy=st.sampled_from(["void", "requeue", "desk"]),
        after=st.integers(1, 3), limit=st.integers(0, 2), open_windows=st.integers(1, 3),
        weights=st.tuples(*[st.dictionaries(st.sampled_from([1, 2, 3]), st.integers(1, 4), min_size=1)] * 3),
    )  # fmt: skip
    def open_hall(self, cap, aging, policy, after, limit, open_windows, weights):
        Days.made += 1
        path = self.folder / f"{Days.made}.db"
        shutil.copy(self.template, path)
        self.path, self.now, self.lives, self.stood = path, MORNING, {}, {}
        self.told = []
        self.fast = {no: [] for no in WINDOWS}
        self.store = Store(f"sqlite:///{path}", lambda: self.now, lambda news: self.told.extend(news))
        self.store.write(lambda tx: tx.change(
            Hall, 1, fairness_cap=cap, aging_minutes=aging, no_show_policy=policy, no_show_after=after,
            no_show_limit=limit, recall_seconds=0,
        ))  # fmt: skip
        self.wall = self.board()
        self.rules = Fairness(cap, timedelta(minutes=aging))
        self.policy, self.limit, self.misses = policy, limit, {}
        self.weights = dict(zip(WINDOWS, weights, strict=True))
        for n, served in enumerate(weights, 1):
            for queue, weight in served.items():
                self.store.write(
                    lambda tx, n=n, q=queue, w=weight: tx.add(WindowQueue, window_id=n, queue_id=q, weight=w)
                )
        self.clerks = {no: Actor(1, f"c{n}", "clerk", account_id=n) for n, no in enumerate(WINDOWS[:open_windows], 1)}
        for n in range(6):
            self.take(QUEUES[n % 3], list(Lane)[n % 4], 0, False)
        for no, clerk in self.clerks.items():
            self.store.write(lambda tx, no=no, clerk=clerk: windows.sign_in(tx, clerk, SignIn("request-1"), no))

    # What may happen

    @rule(
        queue=st.sampled_from(QUEUES), lane=st.sampled_from(Lane), due=st.integers(-30, 30), slotted=st.booleans()
    )  # fmt: skip
    def take(self, queue, lane, due, slotted):
        ticket = self.store.write(lambda tx: tickets.take_ticket(tx, DESK, TakeTicket("request-1", queue, lane=lane)))
        self.lives[ticket.id] = Life()
        if lane is Lane.APPOINTMENT and slotted:
            due_at = self.now + timedelta(minutes=due)
            self.store.write(lambda tx: tx.conn.execute(
                update(TicketRow).where(TicketRow.code == ticket.id).values(due_at=due_at)
            ))  # fmt: skip

    @rule(seconds=st.one_of(st.integers(0, 1200), st.integers(-1800, -1)))
    def clock(self, seconds):
        """Mostly on, at times set back."""
        moved = max(timedelta(seconds=seconds), MORNING - timedelta(minutes=55) - self.now)  # the day stays the same
        self.now += moved
        for life in self.lives.values():
            life.stay += moved

    @precondition(lambda self: self.free())
    @rule(data=st.data())
    def call_next(self, data):
        no = data.draw(st.sampled_from(self.free()), "window")
        waiting = self.waiting()
        seat = self.seat(no)
        expected = choose(seat, waiting, self.now, self.rules)
        listed, before = self.listed(no), self.places()
        assert listed == self.listed(no)
        view = self.at(no, calls.call_next, AGAIN)
        if expected is None:
            assert view.ticket is None and view.message and listed == []
            return
        called = next(t for t in waiting if t.number == view.ticket.number)
        assert (called.key, view.rule) == (expected.key, expected.rule)
        self.stood[view.ticket.id] = before[called.key]
        assert listed[0] == called.number and view.reason.startswith(expected.reason)
        self.fair(called, seat, waiting)
        self.fast[no].append(not self.is_normal(called))
        self.lives[view.ticket.id].go("called")

    @precondition(lambda self: self.free() and self.those("waiting", "called", "finished"))
    @rule(data=st.data())
    def call_specific(self, data):
        no = data.draw(st.sampled_from(self.free()), "window")
        code = data.draw(st.sampled_from(self.those("waiting", "called", "finished")), "ticket")
        row, waiting = self.row(code), self.waiting()
        choice = choose(self.seat(no), waiting, self.now, self.rules)
        stood = self.places()[row.id]
        if self.try_at(no, calls.call_specific, CallTicket("request-1", "赶车"), code, "waiting", "called", code):
            in_order = choice is not None and choice.key == row.id
            assert (self.row(code).call_rule == "specific") is not in_order
            self.stood[code] = stood
            self.fast[no].append(not in_order or choice.run > 0)

    @precondition(lambda self: self.busy())
    @rule(data=st.data(), what=st.sampled_from(["begin", "recall", "undo", "finish", "no_show"]))
    def in_hand_does(self, data, what):
        no, code = data.draw(st.sampled_from(self.busy()), "window")
        after = {
            "begin": "serving",
            "recall": "called",
            "undo": "waiting",
            "finish": "finished",
            "no_show": "no_show",
        }
        before = "serving" if what == "finish" else "called"
        body = Finish("request-1") if what == "finish" else AGAIN
        done = self.try_at(no, getattr(calls, what), body, code, before, after[what])
        if done and what == "no_show":
            self.misses[code] = self.misses.get(code, 0) + 1
            bound = {self.row(code).bound_window_id, self.row(code).bound_staff_id} != {None}
            if self.policy == "requeue" and self.misses[code] <= self.limit and not bound:
                self.lives[code].go("waiting")
        if done and what == "undo":
            assert self.places()[self.row(code).id] == self.stood[code]
            self.fast[no].pop()

    @precondition(lambda self: self.busy())
    @rule(data=st.data(), kind=st.sampled_from(HoldKind))
    def hold(self, data, kind):
        no, code = data.draw(st.sampled_from(self.busy()), "window")
        self.at(no, calls.hold, Hold("request-1", kind, "复印"))
        self.lives[code].go("held")

    @precondition(lambda self: self.busy())
    @rule(data=st.data(), where=st.sampled_from([*QUEUES, *WINDOWS, "c1", "c2", "c3"]))
    def transfer(self, data, where):
        no, code = data.draw(st.sampled_from(self.busy()), "window")
        kind = "staff" if where[0] == "c" else "queue" if where in QUEUES else "window"
        with suppress(ProblemError):  # that person may sit nowhere
            self.at(no, calls.transfer, Transfer("request-1", reason="材料", **{kind: where}))
            self.lives[code].go("waiting")

    @precondition(lambda self: self.those("held", "no_show", "waiting"))
    @rule(data=st.data())
    def at_the_desk(self, data):
        code = data.draw(st.sampled_from(self.those("held", "no_show", "waiting")), "ticket")
        can = {"held": ["release", "release", "cancel"], "no_show": ["reinstate"], "waiting": ["cancel"]}
        what = data.draw(st.sampled_from(can[self.lives[code].state]), "what")
        run = {
            "release": tickets.release_ticket,
            "cancel": tickets.cancel_ticket,
            "reinstate": tickets.reinstate_ticket,
        }
        body = CancelTicket("request-1") if what == "cancel" else AGAIN
        void = self.policy == "void" or (self.policy == "requeue" and self.misses.get(code, 0) > self.limit)
        if what == "reinstate" and void:
            with pytest.raises(ProblemError) as refused:
                self.store.write(lambda tx: run[what](tx, DESK, body, code))
            assert refused.value.problem.code == "ticket_void"
            return
        self.store.write(lambda tx: run[what](tx, DESK, body, code))
        self.lives[code].go("cancelled" if what == "cancel" else "waiting")

    @precondition(lambda self: self.free() and self.those("held"))
    @rule(data=st.data())
    def resume(self, data):
        no = data.draw(st.sampled_from(self.free()), "window")
        code = data.draw(st.sampled_from(self.those("held")), "ticket")
        self.try_at(no, calls.resume_ticket, AGAIN, code, "held", "serving", code)

    # What must always hold

    @invariant()
    def the_wall_that_heard_the_news_is_the_board(self):
        """Its guesses of the line aside."""
        board = self.board()
        self.wall = catch_up(self.wall, self.told)
        self.told.clear()
        assert [call.seq for call in self.wall.calls] == [call.seq for call in board.calls]
        assert [in_hand(window) for window in self.wall.windows] == [in_hand(window) for window in board.windows]
        there = TicketRow.state.in_(["called", "serving", "finished", "no_show"])
        where = select(TicketRow.number, Window.no).join(Window, Window.id == TicketRow.window_id).where(there)
        with self.store.read() as conn:
            at = dict(conn.execute(where).all())
        assert all(at.get(call.number) == call.window for call in board.calls)

    @invariant()
    def the_record_is_the_model(self):
        with self.store.read() as conn:
            rows = conn.execute(select(TicketRow)).all()
            news = conn.execute(select(NewsRow).where(NewsRow.ticket_id.is_not(None)).order_by(NewsRow.seq)).all()
            hands = dict(conn.execute(select(Window.ticket_id, Window.id).where(Window.ticket_id.is_not(None))).all())
        for row in rows:
            life = self.lives[row.code]
            assert row.state == life.state, row.number
            assert {name: timedelta(microseconds=getattr(row, name)) for name in ACCOUNTS} == life.spent
            assert (row.ended_at is not None) is (row.state in FINAL)
            assert replayed(row, [n for n in news if n.ticket_id == row.id]) == (row.state, life.spent)
            if row.state in ("called", "serving"):
                assert hands.pop(row.id) == row.window_id
        assert hands == {}

    def teardown(self):
        if not hasattr(self, "store"):
            return
        self.now += timedelta(days=1, hours=2)
        ends = {"waiting": "expired", "held": "expired", "called": "no_show", "serving": "finished"}
        for life in self.lives.values():
            life.stay += timedelta(days=1, hours=2)
            if life.state in ends:
                life.go(ends[life.state])
        self.store.write(background.end_of_day)
        self.the_record_is_the_model()
        assert all(life.state in FINAL for life in self.lives.values())
        self.store.close()
        for path in self.path.parent.glob(f"{self.path.name}*"):
            path.unlink()

    # How it is done

    def board(self):
        with self.store.read() as conn:
            return board(conn, 1, self.now)

    def at(self, no, service, body, *words):
        return self.store.write(lambda tx: service(tx, self.clerks[no], body, no, *words))

    def try_at(self, no, service, body, code, before, after, *words):
        """Done when the ticket is in the state `before`, else refused without a trace; whether it was done."""
        try:
            self.at(no, service, body, *words)
        except ProblemError as refused:
            note(refused.problem.code)
            assert self.lives[code].state != before or refused.problem.code in ("recall_limit", "held_elsewhere")
            return False
        assert self.lives[code].state == before
        self.lives[code].go(after)
        return True

    def those(self, *states):
        return [code for code, life in self.lives.items() if life.state in states]

    def free(self):
        taken = {no for no, _ in self.busy()}
        return [no for no in self.clerks if no not in taken]

    def busy(self):
        """Windows with the public id of the ticket that they have in hand."""
        with self.store.read() as conn:
            hands = select(Window.no, TicketRow.code).join(TicketRow, TicketRow.id == Window.ticket_id)
            return [tuple(row) for row in conn.execute(hands.order_by(Window.no))]

    def row(self, code):
        with self.store.read() as conn:
            return conn.execute(select(TicketRow).where(TicketRow.code == code)).one()

    def places(self):
        with self.store.read() as conn:
            return {row.id: tuple(getattr(row, name) for name in PLACE) for row in conn.execute(select(TicketRow))}

    def listed(self, no):
        with self.store.read() as conn:
            shown = line.waiting_and_held(conn, self.clerks[no], no, self.now)
        return [ticket.number for ticket in shown["waiting"]]

    def waiting(self):
        """Everybody who waits, by a query that knows no lines."""
        with self.store.read() as conn:
            rows = conn.execute(select(TicketRow).where(TicketRow.state == "waiting")).all()
        return [
            Waiting(
                r.id, r.number, QUEUES[r.queue_id - 1], Lane(r.lane), r.queued_at,
                r.bound_window_id and WINDOWS[r.bound_window_id - 1], r.bound_staff_id and f"c{r.bound_staff_id}",
                r.due_at,
            )
            for r in rows
        ]  # fmt: skip

    def seat(self, no):
        run = next((n for n, fast in enumerate(reversed(self.fast[no])) if not fast), len(self.fast[no]))
        with self.store.read() as conn:
            assert line.run_of(conn, conn.execute(select(Window).where(Window.no == no)).one()) == run
        weights = {QUEUES[queue - 1]: weight for queue, weight in self.weights[no].items()}
        return Seat(no, weights, run, self.clerks[no].name)

    def is_normal(self, t):
        if t.bound_to or t.bound_staff:
            return False
        return t.lane is Lane.NORMAL or (t.lane is Lane.APPOINTMENT and not on_time(t.due_at, self.now, self.rules))

    def fair(self, called, seat, waiting):
        """What the bounds of docs/who-is-next.md rest on, of everyone who waits beyond the limit: their own pool
        calls nobody of a later place, and the other has at most `cap` calls in a row (fast) or one (normal)."""
        for t in waiting:
            mine = t.bound_to == seat.window or t.bound_staff == seat.staff
            if not (mine or (not t.bound_to and not t.bound_staff and t.queue in seat.weights)):
                continue
            if self.is_normal(t) and not self.is_normal(called):
                assert seat.run < self.rules.cap
            elif self.now - t.queued_at <= self.rules.aging:
                continue
            elif self.is_normal(t) is self.is_normal(called):
                assert (called.queued_at, called.key) <= (t.queued_at, t.key)
            else:
                assert seat.run >= self.rules.cap


def in_hand(window):
    return window.no, window.number, window.serving


def replayed(row, news):
    """State and times as the list of events alone tells them."""
    state, since, spent = None, None, dict.fromkeys(ACCOUNTS, timedelta())
    for event in news:
        if event.kind != "ticket.issued" and event.kind not in TOLD:
            continue  # of its paper or its rating
        if state in SPENT:
            spent[SPENT[state]] += max(event.at - since, timedelta())
        state, since = "waiting" if event.kind == "ticket.issued" else TOLD[event.kind].value, event.at
    return state, spent


def test_random_days(empty_hall, tmp_path):
    Days.template, Days.folder = empty_hall, tmp_path
    run_state_machine_as_test(Days, settings=settings(
        max_examples=10, stateful_step_count=40, deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    ))  # fmt: skip
