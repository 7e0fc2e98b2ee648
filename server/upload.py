"""The sender of ratings to the province: a thread of its own that takes one row after the other from the outbox.

At least once: a row is noted as sent after the province said so, and what was sent and not noted is sent again under
the same key. Nothing is held while a request is on its way: neither the writer nor a connection of the database.
"""

import random
import secrets
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import requests
import structlog
from urllib3.exceptions import HTTPError

from server.db import Record, Store, Tx
from server.domain.rating import unprintable
from server.domain.upload import delay_s
from server.lines import Line
from server.provinces import Answer, Entropy, Outcome, Parcel
from server.services import deliveries
from server.upload_setup import Setup

log = structlog.get_logger()

EVERY_S = 1.0
CONNECT_S, READ_S, ANSWER_S = 10.0, 20.0, 30.0
"""Seconds to open a connection, for each piece of an answer, and from the first moment to the answer's end. Together
less than `deliveries.LEASE`."""
LONGEST_ANSWER = 64 * 1024
PATIENCE = 3
"""Faults in a row that may be the rows' own; after that it is the province that is away, and all wait."""
LONGEST_PAUSE = timedelta(seconds=60)
NOT_THE_RECORD = frozenset({401, 403, 404, 405, 407, 408, 425, 429})
"""Refusals that are about the hall, the address or the moment. Sending something else would not help."""


class Sender:
    """`turn` sends what is due. `aside` runs slow reckoning (signing) where it holds nobody up."""

    def __init__(
        self,
        store: Store,
        setup: Setup,
        holder: str,
        *,
        chance: Callable[[], float] = random.random,
        entropy: Entropy = secrets.token_bytes,
        aside: Callable[..., Any] = lambda work, *arguments: work(*arguments),
    ) -> None:
        self._store, self._setup, self._holder = store, setup, holder
        self._chance, self._entropy, self._aside = chance, entropy, aside
        self._http, self._line = requests.Session(), Line()
        for scheme in ("https://", "http://"):
            self._http.mount(scheme, self._line)
        self._http.trust_env = False  # no .netrc and no proxy that somebody set for something else
        self._http.verify = str(setup.ca) if setup.ca else True
        self._faults = 0
        self._quiet_until = store.clock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upload", daemon=True)

    def start(self) -> None:
        """Once in a process that serves: what its predecessor had in hand when it was killed is due at once."""
        self._store.write(lambda tx: deliveries.release(tx, self._holder))
        self._thread.start()

    def close(self) -> None:
        """A request that is on its way is not waited for long; its row will be sent again."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(2)
        self._http.close()

    def turn(self) -> None:
        """Send until nothing is due or the province falters. What came of a row is noted in the commit that takes the
        next one."""
        row = self._store.write(self._begin)
        while row is not None:
            answer = self._sent(row)
            if self._stop.is_set():
                return
            self._count(answer.outcome)
            row = self._store.write(partial(self._go_on, row=row, answer=answer))

    def _begin(self, tx: Tx) -> Record | None:
        deliveries.pull_in(tx)
        return self._take(tx)

    def _go_on(self, tx: Tx, row: Record, answer: Answer) -> Record | None:
        self._note(tx, row, answer)
        return self._take(tx)

    def _take(self, tx: Tx) -> Record | None:
        if timedelta() < self._quiet_until - tx.now <= LONGEST_PAUSE:  # longer: the clock was set back meanwhile
            return None
        return deliveries.take(tx, self._holder, self._setup.halls, self._faults >= PATIENCE)

    def _run(self) -> None:
        while not self._stop.wait(EVERY_S):
            try:
                self.turn()
            except Exception as error:  # noqa: BLE001 - as any timer: the next turn comes
                log.error("upload failed", error=type(error).__name__)

    def _count(self, outcome: Outcome) -> None:
        """Any answer about a record means that the province is there."""
        self._faults = self._faults + 1 if outcome is Outcome.LATER else 0
        if self._faults >= PATIENCE:
            pause = delay_s(self._faults - PATIENCE + 1, self._chance(), LONGEST_PAUSE.total_seconds())
            self._quiet_until = self._store.clock() + timedelta(seconds=pause)

    def _note(self, tx: Tx, row: Record, answer: Answer) -> None:
        if answer.outcome is Outcome.ARRIVED:
            deliveries.arrived(tx, row, self._holder)
        elif answer.outcome is Outcome.REFUSED:
            deliveries.refused(tx, row, self._holder, answer.reason)
        else:
            deliveries.faltered(tx, row, self._holder, answer.reason, delay_s(row.attempts + 1, self._chance()))

    def _sent(self, row: Record) -> Answer:
        try:
            status, body = self._post(self._packed(row))
            return judged(status, body, lambda text: self._setup.province.read(text, self._setup.values))
        except requests.Timeout:
            return Answer(Outcome.LATER, "timeout")
        except (requests.RequestException, HTTPError):
            return Answer(Outcome.LATER, "unreachable")
        except Exception as error:  # noqa: BLE001 - one row that cannot be packed must not stop the others
            # Only what kind: the words of an error may hold what somebody wrote, or a key.
            log.error("a rating cannot be sent", upload=row.id, error=type(error).__name__)
            return Answer(Outcome.LATER, "internal")

    def _packed(self, row: Record) -> Parcel:
        hall = self._setup.halls[row.code]
        with self._store.read() as conn:
            record = deliveries.record_of(conn, row, hall.department, hall.dept_code, hall.data_source)
        pack = self._setup.province.pack
        packed: Parcel = self._aside(pack, record, self._setup.values, self._store.clock(), self._entropy)
        return packed

    def _post(self, parcel: Parcel) -> tuple[int, bytes]:
        with self._line.within(ANSWER_S), self._http.post(
            self._setup.url, data=parcel.body, headers={"Content-Type": parcel.media_type},
            timeout=(CONNECT_S, READ_S), allow_redirects=False, stream=True,
        ) as answer:  # fmt: skip
            body = answer.raw.read(LONGEST_ANSWER + 1, decode_content=True)
            if len(body) > LONGEST_ANSWER:
                raise requests.Timeout("an answer without end")
            return answer.status_code, body


def judged(status: int, body: bytes, read: Callable[[bytes], Answer]) -> Answer:
    """What an HTTP answer means. Only the province's own words make a dead letter: what some proxy says in between,
    or a status alone, is tried again."""
    try:
        answer = readable(read(body))
    except (ValueError, RecursionError):
        return Answer(Outcome.LATER, f"http {status}")
    if 200 <= status < 300:
        return answer
    refused = 400 <= status < 500 and status not in NOT_THE_RECORD and answer.outcome is Outcome.REFUSED
    return answer if refused else Answer(Outcome.LATER, answer.reason or f"http {status}")


def readable(answer: Answer) -> Answer:
    """Its words can be kept and shown, whatever the province put into them."""
    return replace(answer, reason="".join(sign for sign in answer.reason if not unprintable(sign)))


def holder_of(data_dir: Path) -> str:
    """Who sends from this folder: the same after a restart, another on another machine."""
    return f"{socket.gethostname()}:{data_dir.resolve()}"
