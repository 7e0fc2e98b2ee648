"""Work by the clock, as plain functions of (store, now), called by one loop."""

import threading
from collections.abc import Callable

import structlog
from sqlalchemy import select

from server.contract.news import NewsKind
from server.contract.tickets import TicketState
from server.db import Store, Tx
from server.domain.service_day import service_day
from server.domain.ticket import SPENT, day_end
from server.models import Hall, TicketRow
from server.services import (
    appointments,
    cover,
    hours,
    machine_jobs,
    papers,
    published,
    ratings,
    rectifications,
    requests,
    retention,
    screens,
    sms,
)
from server.services.actors import system
from server.services.events import tell
from server.services.tickets import TICKETS, move, release_window

log = structlog.get_logger()


def tick(store: Store) -> None:
    """Close invitations, wishes for paper and jobs of machines whose time is over, end the service days that are
    over, tell which doors
    the clock opened or closed and what the calendar put on the walls, publish the ratings of the days before, remind
    of rectifications that are due, put missed appointments on record, ask about unrated services by short message,
    tell of windows that stand empty, forget in time what is personal or of no use any more."""
    store.write(ratings.close_due)
    store.write(papers.close_due)
    store.write(machine_jobs.close_due)
    store.write(end_of_day)
    store.write(tell_changes)
    store.write(published.publish)
    store.write(rectifications.keep_deadlines)
    store.write(appointments.mark_missed)
    store.write(appointments.purge)
    store.write(sms.by_the_clock)
    store.write(cover.by_the_clock)
    store.write(requests.forget_old)
    store.write(retention.purge)


def end_of_day(tx: Tx) -> None:
    """Tickets of an earlier service day come to their end, each as `domain.ticket.day_end` says."""
    for hall in tx.conn.execute(select(Hall)).all():
        today = service_day(tx.now, hall.zone, hall.rollover_hour)
        left = TICKETS.where(
            TicketRow.hall_id == hall.id,
            TicketRow.service_day < today,
            TicketRow.state.in_(SPENT),
        )
        for row in tx.conn.execute(left.limit(500)).all():
            action, outcome = day_end(TicketState(row.state))
            release_window(tx, row)
            move(tx, system(hall.id), row, action, why="end of service day", outcome=outcome)


def tell_changes(tx: Tx) -> None:
    """Tell each hall where the clock opened or closed something, or the calendar changed what its walls show. What
    was told is kept, so that a server which was stopped meanwhile tells it when it is back."""
    for hall in tx.conn.execute(select(Hall)).all():
        shown = screens.shown(tx.conn, hall, tx.now).digest
        told = {"doors_told": hours.doors(tx.conn, hall, tx.now).told, "shown_told": shown}
        changed = {name: value for name, value in told.items() if value != getattr(hall, name)}
        if changed:
            tx.change(Hall, hall.id, **changed)
            tell(tx, system(hall.id), NewsKind.HALL_CHANGED, {}, why=changed.get("doors_told", "what the walls show"))


class Loop:
    """Calls each function every so many seconds until closed; a failure is logged and the next turn comes."""

    def __init__(self, *jobs: tuple[float, Callable[[], None]]) -> None:
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=job, daemon=True) for job in jobs]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, seconds: float, job: Callable[[], None]) -> None:
        while not self._stop.wait(seconds):
            try:
                job()
            except Exception:  # a timer that dies of one bad turn would end no day and close no invitation
                log.exception("background job failed", job=getattr(job, "__name__", repr(job)))
