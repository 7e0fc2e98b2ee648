"""Small jobs that an admin asks a machine for, one at a time, in a thread of their own. What each does is its kiosk's
or display's."""

import queue
import threading
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

import structlog

from machine.client import Away, MachineClient, Refused
from server.contract.machines import JobLine, JobResult, MachineJob

log = structlog.get_logger(__name__)

LOOK_S = 2.0
"""How often the server is asked whether anybody still looks."""
MARGIN_S = 3.0


class Ended(NamedTuple):
    """How a job ended, in Chinese and in English, and the profile that was learned."""

    well: bool
    zh: str
    en: str
    lines: tuple[str, ...] = ()


class StoppedError(Exception):
    """Nobody looks any more."""


class Jobs(ABC):
    def __init__(self, client: MachineClient) -> None:
        self._client = client
        self._jobs: queue.SimpleQueue[MachineJob | None] = queue.SimpleQueue()
        self._known: set[str] = set()
        self._stopping = threading.Event()

    def ask(self, job: MachineJob) -> None:
        """Any thread. One that is known already changes nothing."""
        if job.code not in self._known:
            self._known.add(job.code)
            self._jobs.put(job)

    def wake(self) -> None:
        self._stopping.set()
        self._jobs.put(None)

    def run(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            job = self._jobs.get()
            if job is not None:
                self._serve(job)

    def _serve(self, job: MachineJob) -> None:
        try:
            self._client.take_job(job.code, uuid.uuid4().hex)
            until = time.monotonic() + job.seconds - MARGIN_S
            self._client.end_job(job.code, JobResult(uuid.uuid4().hex, *self._done(job, until)))
        except (Away, Refused) as error:
            self._known.discard(job.code)  # the server ends it by its clock, or gives it again
            log.info("a job was not taken or told", job=job.code, error=str(error))
        except StoppedError:
            log.info("a job was stopped", job=job.code)

    @abstractmethod
    def _done(self, job: MachineJob, until: float) -> Ended:
        """Do it, by `until` of the monotonic clock. May raise `StoppedError`, `Away` and `Refused`."""

    def _tell(self, job: MachineJob, lines: Sequence[JobLine]) -> None:
        """Raises `StoppedError`. What is not answered is told no more: the next asks again."""
        try:
            on = self._client.job_goes(job.code, uuid.uuid4().hex, tuple(lines))
        except Away:
            on = True
        if not on or self._stopping.is_set():
            raise StoppedError
