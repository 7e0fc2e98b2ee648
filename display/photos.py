"""Photographs of staff cards: fetched from the server once, and kept for the walls while it is away."""

import hashlib
import re
import threading

import requests
import structlog

from devices.vital import vital
from display.link import TIMEOUT_S, session
from server.contract.board import Board

log = structlog.get_logger(__name__)

MAX_BYTES = 512 * 1024
MOST = 100
"""Kept at once; a hall has fewer windows."""
RETRY_S = 5.0
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Photos:
    """Start it once, stop it once. A photograph is known by the digest of its content, and kept while the board has
    it on a card."""

    def __init__(self, server: str, token: str) -> None:
        self._url = f"{server}/api/v1/staff-photos"
        self._session = session(token)
        self._wanted: frozenset[str] = frozenset()
        self._kept: dict[str, bytes] = {}
        self._changed = threading.Event()
        self._stopping = False
        self._thread = vital("photos", self._run)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Does not wait for a fetch in flight."""
        self._stopping = True
        self._changed.set()

    def want(self, board: Board | None) -> None:
        """Those on the board's cards, and no others. Without a board all stay."""
        if board is None:
            return
        wanted = frozenset([card.photo for card in board.staff if _DIGEST.fullmatch(card.photo)][:MOST])
        if wanted != self._wanted:
            self._wanted = wanted
            self._changed.set()

    def kept(self) -> frozenset[str]:
        """What `get` gives now."""
        return frozenset(self._kept)

    def get(self, digest: str) -> bytes | None:
        """A JPEG, or None."""
        return self._kept.get(digest)

    def _run(self) -> None:
        while not self._stopping:
            self._changed.wait(RETRY_S if self._missing() else None)
            self._changed.clear()
            kept = {digest: data for digest, data in self._kept.items() if digest in self._wanted}
            for digest in self._missing():
                data = self._fetch(digest)
                kept |= {digest: data} if data else {}
            self._kept = kept  # whole at once: pages read it meanwhile

    def _missing(self) -> frozenset[str]:
        return self._wanted - self._kept.keys()

    def _fetch(self, digest: str) -> bytes | None:
        try:
            with self._session.get(
                f"{self._url}/{digest}", timeout=TIMEOUT_S, stream=True, allow_redirects=False
            ) as answer:
                data = b"".join(_until_too_large(answer)) if answer.status_code == 200 else b""
        except requests.RequestException as error:
            log.debug("photo not fetched", error=type(error).__name__)
            return None
        return data if hashlib.sha256(data).hexdigest() == digest else None


def _until_too_large(answer: requests.Response) -> list[bytes]:
    chunks, size = [], 0
    for chunk in answer.iter_content(65536):
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_BYTES:
            return []
    return chunks
