"""Papers that the guide desk asks this kiosk for: hears that there are some, fetches them, hands them to `Ticketing`.

News only say that somebody may be asked; what this kiosk is asked comes from the server. It is looked at every few
seconds as well, so that neither a lost news nor a restart loses a wish. Taking each once is `Ticketing`'s, by its
journal.
"""

import threading
from collections.abc import Callable

import structlog

from kiosk.client import Away, Client, Refused
from kiosk.spool import SpoolError
from server.contract.desk import PrintWish
from server.contract.news import News, NewsKind

log = structlog.get_logger(__name__)

LOOK_S = 5.0
"""A wish is worth a minute."""


class Reprints:
    """`reprint` is `Ticketing.reprint`."""

    def __init__(self, client: Client, reprint: Callable[[PrintWish], None]) -> None:
        self._client, self._reprint = client, reprint
        self._wanted = threading.Event()
        self._wanted.set()

    def hear(self, news: News) -> None:
        """Any thread: some kiosk of the hall is asked for a paper, perhaps this one."""
        if news.kind is NewsKind.PRINT_WANTED:
            self._wanted.set()

    def wake(self) -> None:
        """Let `run` notice that it shall stop."""
        self._wanted.set()

    def run(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            self._wanted.wait(LOOK_S)
            self._wanted.clear()
            if not stopping.is_set():
                self._fetch()

    def _fetch(self) -> None:
        try:
            for wish in self._client.wishes().wishes:
                self._reprint(wish)
        except (Away, Refused) as error:
            log.debug("wishes not fetched", error=str(error))
        except SpoolError as error:
            log.error("journal cannot be written", error=str(error))
