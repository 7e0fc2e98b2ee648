"""Threads that the process cannot do without."""

import os
import threading
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)

DIED = 70
"""Exit code of a process that ended itself for a mistake in one of its threads (EX_SOFTWARE)."""

_end_process = os._exit


def vital(name: str, work: Callable[[], object]) -> threading.Thread:
    """A thread, not yet started, whose death by an error ends the whole process, after one line in the log.

    A hall whose tickets silently stay unsettled is worse than a restart: systemd starts the program again, and the
    journals on disk make that harmless. The process ends at once, without any clean-up.
    """

    def run() -> None:
        try:
            work()
        except BaseException:
            log.critical("a worker died, so the program ends and is to be started again", worker=name, exc_info=True)
            _end_process(DIED)

    return threading.Thread(target=run, name=name, daemon=True)
