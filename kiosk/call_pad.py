"""Call pads (呼叫器): the clerk's keys, carried to the server under the pad's own token, and the pad's digits.

A key means now: one that the server does not answer within a few seconds is given up, for a call that comes late
calls a citizen to a clerk who no longer expects one. It is repeated under the same request_id, so it acts once.
"""

import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from devices.evaluator import AnyPad
from kiosk.client import Away, Client, Refused
from server.contract.board import Board
from server.contract.tickets import TicketState
from server.contract.windows import Finish, Pause, Transfer, WindowCommand, WindowState, WindowView

log = structlog.get_logger(__name__)

GIVE_UP_S = 5.0
RETRY_S = 0.5
PAUSE_REASON = "暂停服务"


@dataclass(frozen=True)
class CallPad:
    """`transfer` is where the transfer key sends to, {"queue": …} or {"window": …}; empty: not configured."""

    device: AnyPad
    client: Client
    transfer: Mapping[str, str]


@dataclass(frozen=True)
class Key:
    """A key pressed at the monotonic time `at`; without a word it only asks how the window is."""

    window: str
    word: str
    at: float
    press_id: str


@dataclass(frozen=True)
class Step:
    """One command at the window; `body` makes what is sent under a request_id."""

    command: str
    body: Callable[[str], Any]


class NotOnThisPadError(Exception):
    """This key can do nothing here; says why in Chinese and English."""


def plan(word: str, view: WindowView, transfer: Mapping[str, str]) -> list[Step]:
    """What a key asks of the server, as the window is now. Raises `NotOnThisPadError`."""
    match word:
        case "call":
            return [Step("call-next", WindowCommand)]
        case "recall" | "begin" | "resume":
            return [Step(word, WindowCommand)]
        case "pause" if view.state is WindowState.PAUSED:
            return [Step("resume", WindowCommand)]
        case "pause":
            return [Step("pause", lambda request_id: Pause(request_id, PAUSE_REASON))]
        case "finish" | "ask":  # most pads have no key for the beginning of service
            called = view.ticket is not None and view.ticket.state is TicketState.CALLED
            return [Step("begin", WindowCommand)] * called + [Step("finish", Finish)]
        case "transfer" if transfer:
            return [Step("transfer", lambda request_id: Transfer(request_id, **transfer))]
        case "transfer":
            raise NotOnThisPadError(
                "转移键没有设置去处，请在 kiosk.toml 的 [[call_pad]] 填写 transfer_queue 或 transfer_window"
                " / the transfer key leads nowhere: set transfer_queue or transfer_window in [[call_pad]]"
            )
    raise NotOnThisPadError("呼叫器不能做这项操作，请用窗口控制台 / not from a call pad: use the window's console")


class CallPads:
    """Every call pad of this machine, by window."""

    def __init__(self, pads: Mapping[str, CallPad], clock: Callable[[], float] = time.monotonic) -> None:
        self._pads, self._clock = pads, clock
        self._keys: queue.SimpleQueue[Key | None] = queue.SimpleQueue()
        self._queues: dict[str, tuple[str, ...] | None] = {}

    def press(self, window: str, word: str) -> None:
        """A key was pressed (any thread)."""
        self._keys.put(Key(window, word, self._clock(), uuid.uuid4().hex))

    def run(self, stopping: threading.Event) -> None:
        """Carry keys in their order, until `stopping` and `wake`."""
        while not stopping.is_set():
            key = self._keys.get()
            if key is not None:
                self._carry(key, stopping)

    def wake(self) -> None:
        self._keys.put(None)

    def board(self, board: Board) -> None:
        """Show how many wait and who is called or served, but not over the words that ask a citizen to rate."""
        waiting = {status.code: status.waiting for status in board.queues}
        for window in board.windows:
            pad = self._pads.get(window.no)
            if pad is None or window.inviting or window.state is WindowState.CLOSED:
                continue
            device = pad.device
            device.show_waiting(sum(waiting.get(code, 0) for code in self._served(window.no)))
            device.show_number(window.number)

    def _served(self, window: str) -> Iterable[str]:
        """The queues of a window. Not known at first: then they are asked for."""
        if window not in self._queues:
            self._queues[window] = None
            self.press(window, "")
        return self._queues[window] or ()

    def _carry(self, key: Key, stopping: threading.Event) -> None:
        pad = self._pads.get(key.window)
        if pad is None:
            return  # taken away meanwhile
        steps: list[Step] | None = None
        while not stopping.is_set() and self._clock() - key.at < GIVE_UP_S:
            try:
                view = pad.client.window(key.window)
                steps = steps if steps is not None else plan(key.word, view, pad.transfer) if key.word else []
                for place, step in enumerate(steps):
                    view = pad.client.at_window(key.window, step.command, step.body(f"{key.press_id}-{place}"))
                self._done(key, view)
                return
            except Away as away:
                log.info("call pad key not answered", window=key.window, key=key.word, error=str(away))
                stopping.wait(RETRY_S)
            except Refused as refused:
                self._refused(key, f"{refused.zh} / {refused.en}")
                return
            except NotOnThisPadError as no:
                self._refused(key, str(no))
                return
        self._refused(key, "服务器没有应答，按键作废 / no answer from the server, the key is void")

    def _done(self, key: Key, view: WindowView) -> None:
        self._queues[key.window] = view.queues
        if key.word:
            log.info("call pad key done", window=key.window, key=key.word, message=view.message)

    def _refused(self, key: Key, why: str) -> None:
        if self._queues.get(key.window) is None:
            self._queues.pop(key.window, None)
        if key.word:
            log.warning("call pad key refused", window=key.window, key=key.word, why=why)
