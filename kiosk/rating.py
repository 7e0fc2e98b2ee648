"""Ratings: light the evaluator when its window invites, carry a press to the server under its own token.

A press is noted before it is sent, with the invitation that was open just then, and repeated under the same
request_id until the server has it: it can never become the next citizen's. A press with no invitation known could,
so it is sent once and no more.
"""

import threading
import time
import uuid
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from devices.base import Evaluator, Press
from kiosk.client import Away, Client, Refused
from kiosk.spool import Record, Spool, SpoolError
from server.contract.board import Board
from server.contract.news import News, NewsKind
from server.contract.ratings import Label, SubmitRating

log = structlog.get_logger(__name__)

GIVE_UP_S = 60.0
RETRY_S = 1.0
COMPACT_BYTES = 64 * 1024


class Invitations:
    """Which windows invite a rating, and which evaluators to light for that. Safe from several threads."""

    def __init__(self, windows: Container[str]) -> None:
        """`windows` have an evaluator here; it may change."""
        self._ours = windows
        self._lock = threading.Lock()
        self._open: dict[str, int | None] = {}

    @property
    def open(self) -> frozenset[str]:
        with self._lock:
            return frozenset(self._open)

    def at(self, window: str) -> int | None:
        """The invitation that is open at `window`, as far as this machine knows."""
        with self._lock:
            return self._open.get(window)

    def news(self, news: News) -> frozenset[str]:
        """Windows to light now. An invitation opened is a new one, even if the last was still open."""
        window = news.data.get("window")
        with self._lock:
            if news.kind is NewsKind.INVITATION_OPENED and isinstance(window, str) and window in self._ours:
                self._open[window] = news.data.get("invitation")
                return frozenset({window})
            if news.kind is NewsKind.INVITATION_CLOSED:
                self._open.pop(str(window), None)
            return frozenset()

    def board(self, board: Board) -> frozenset[str]:
        """Windows to light because their invitation was opened while nobody listened."""
        inviting = {status.no: status.invitation for status in board.windows if status.inviting}
        with self._lock:
            before, self._open = (
                self._open,
                {no: invitation for no, invitation in inviting.items() if no in self._ours},
            )
            return frozenset(no for no, invitation in self._open.items() if (no, invitation) not in before.items())


@dataclass(frozen=True)
class Pressed:
    """A press in the journal; `at` is Unix time, `raw` the key's bytes in hex, `invitation` the one open then."""

    request_id: str
    window: str
    label: Label
    raw: str
    at: float
    invitation: int | None


@dataclass(frozen=True)
class Pad:
    """One window's evaluator with the client that carries its own token."""

    evaluator: Evaluator
    client: Client


class Rating:
    """Every evaluator of this machine; `pads` is by window."""

    def __init__(self, spool: Spool, pads: Mapping[str, Pad], clock: Callable[[], float] = time.time) -> None:
        self._spool, self._pads, self._clock = spool, pads, clock
        self._lock = threading.Lock()
        self._open = unsent(spool.opened_with)
        self._work = threading.Event()
        self._work.set()

    def press(self, window: str, press: Press, invitation: int | None) -> None:
        """A key was pressed (any thread). It is on the disk when this returns; if that is full, in memory."""
        label, raw = Label(press.label), press.raw.hex()
        pressed = Pressed(uuid.uuid4().hex, window, label, raw, self._clock(), invitation)
        with self._lock:
            try:
                self._spool.append(_record(pressed))
            except SpoolError as error:
                log.error("press cannot be noted", window=window, error=str(error))
            self._open[pressed.request_id] = pressed
        self._work.set()

    def run(self, stopping: threading.Event) -> None:
        """Send presses in their order, until `stopping`."""
        while not stopping.is_set():
            self._work.wait()
            self._work.clear()
            if not stopping.is_set() and not self._send_all():
                stopping.wait(RETRY_S)
                self._work.set()

    def wake(self) -> None:
        """Let `run` notice that it shall stop."""
        self._work.set()

    def _send_all(self) -> bool:
        with self._lock:
            waiting = list(self._open.values())
        done = [self._send(pressed) for pressed in waiting]
        return all(done)

    def _send(self, pressed: Pressed) -> bool:
        """True when this press needs no more."""
        pad = self._pads.get(pressed.window)
        if pad is None or not 0 <= self._clock() - pressed.at <= GIVE_UP_S:
            self._end(pressed, "given up")
            return True
        try:
            answer = pad.client.rate(SubmitRating(pressed.request_id, pressed.label, pressed.raw, pressed.invitation))
        except Away as away:
            log.info("rating not answered", window=pressed.window, error=str(away))
            if pressed.invitation is None:
                self._end(pressed, "given up")
            return pressed.invitation is None
        except Refused as refused:
            self._end(pressed, refused.code)
            return True
        if answer.accepted:
            pad.evaluator.thank()
        self._end(pressed, "accepted" if answer.accepted else answer.reason)
        return True

    def _end(self, pressed: Pressed, how: str) -> None:
        log.info("press done", window=pressed.window, how=how)
        with self._lock:
            del self._open[pressed.request_id]
            try:
                self._spool.append({"id": pressed.request_id, "ended": how})
                if self._spool.size() > COMPACT_BYTES:
                    self._spool.compact(lambda record: record.get("id") in self._open)
            except SpoolError as error:
                log.error("press cannot be noted as done", window=pressed.window, error=str(error))


def unsent(records: list[Record]) -> dict[str, Pressed]:
    """Presses in a journal that nobody has answered for, by request_id."""
    ended = {str(record.get("id")) for record in records if "ended" in record}
    found = (_pressed(record) for record in records if "ended" not in record)
    return {pressed.request_id: pressed for pressed in found if pressed and pressed.request_id not in ended}


def _record(pressed: Pressed) -> dict[str, Any]:
    return {
        "id": pressed.request_id,
        "window": pressed.window,
        "label": pressed.label.value,
        "raw": pressed.raw,
        "at": pressed.at,
        "invitation": pressed.invitation,
    }


def _pressed(record: Record) -> Pressed | None:
    try:
        label = Label(record["label"])
        invitation = None if record["invitation"] is None else int(record["invitation"])
        return Pressed(
            str(record["id"]), str(record["window"]), label, str(record["raw"]), float(record["at"]), invitation
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
