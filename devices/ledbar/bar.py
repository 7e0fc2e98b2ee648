"""A bar over a window, of any make: keeps the wanted text on it through refusals, silence and reconnects."""

from dataclasses import dataclass

from devices.base import DeviceState
from devices.bus import Member, Outgoing
from devices.ledbar.speech import Reply, Request, Speech

TRIES = 3
POLL_S = 3.0
REFRESH_S = 30.0
"""Where a bar knows no question, its text is sent again so often: it may have been switched off and on."""
RETRY_S = 5.0
"""A silent bar is asked so often, for each time costs the others on its line the time for an answer."""


@dataclass(frozen=True)
class _Task:
    """What the bar was last asked to do; None is not part of it."""

    request: Request
    text: str | None = None
    percent: int | None = None


class Bar(Member):
    """`devices.base.LedBar`, one member of its line. A text that it refuses makes it `FAULT` until one is accepted;
    it is tried again with every poll, for noise on the line is refused as well."""

    def __init__(self, name: str, url: str, speech: Speech, *, turnround_s: float, answer_s: float) -> None:
        super().__init__(name, url)
        self.turnround_s = turnround_s
        self._answer_s = answer_s
        self._speech = speech
        self._wanted: str | None = None
        self._wanted_percent: int | None = None
        self._task: _Task | None = None
        self._tries = 0
        self._next_poll = self._next_try = 0.0
        self._shown: str | None = None
        self._percent: int | None = None

    def show(self, text: str) -> None:
        """From any thread. Only the latest text counts."""
        self._wanted = text

    def dim(self, percent: int) -> None:
        """From any thread."""
        self._wanted_percent = percent

    @property
    def settled(self) -> bool:
        """Any thread: the bar took the latest text, or was told it where it answers nothing."""
        return self._shown == self._wanted

    def opened(self, at: float) -> None:
        self._speech.forget()
        self._forget()
        self._settle(tries=0)
        self._next_poll = self._next_try = at
        if not self._speech.answers:
            self._report(DeviceState.ONLINE)

    def feed(self, data: bytes, at: float) -> tuple[()]:
        if self.awaiting:
            self.counters.bytes_in += len(data)
        for reply in self._speech.hear(data, self._task.request if self._task else None):
            self.counters.frames += 1
            self.counters.last_seen = at
            if self._task is not None:
                self._answered(self._task, reply)
        self.counters.resyncs = self._speech.resyncs
        return ()

    def due(self, at: float) -> tuple[Outgoing, ...]:
        task = self._next(at) if at >= self._next_try else None
        if task is None:
            return ()
        self.counters.bytes_out += len(task.request.frame)
        if self._speech.answers:
            self._task, self.awaiting = task, True
            return (Outgoing(task.request.frame, self._answer_s),)
        self._done(task)
        return (Outgoing(task.request.frame),)

    def unanswered(self, at: float) -> None:
        self._settle(tries=self._tries + 1)
        if self._tries >= TRIES:
            self.silent = True
            self._next_try = at + RETRY_S
            self._forget()
            self._report(DeviceState.ABSENT, detail="no answer from the bar")

    def _next(self, at: float) -> _Task | None:
        """A bar that has to prove that it is there is asked before it is told anything."""
        if at >= self._next_poll or self._tries:
            return self._poll(at)
        return self._change()

    def _poll(self, at: float) -> _Task | None:
        probe = self._speech.probe()
        self._next_poll = at + (POLL_S if probe else REFRESH_S)
        if self._status.state is DeviceState.FAULT or probe is None:
            self._shown = None
        return _Task(probe) if probe else self._change()

    def _change(self) -> _Task | None:
        percent, text = self._wanted_percent, self._wanted
        if percent not in (None, self._percent) and (request := self._speech.dim(percent or 1)):
            return _Task(request, percent=percent)
        return None if text in (None, self._shown) else _Task(self._speech.show(text or ""), text=text)

    def _answered(self, task: _Task, reply: Reply) -> None:
        self._settle(tries=0)
        self._done(task)
        if task.text is not None and not reply.accepted:
            self._report(DeviceState.FAULT, frozenset({"error"}), f"text refused, {reply.detail}")
        elif task.text is not None or self._status.state is not DeviceState.FAULT:
            self._report(DeviceState.ONLINE)

    def _done(self, task: _Task) -> None:
        if task.text is not None:
            self._shown = task.text
        if task.percent is not None:
            self._percent = task.percent

    def _settle(self, tries: int) -> None:
        """The bar answered, or will not."""
        self._task, self.awaiting, self.silent, self._tries = None, False, False, tries

    def _forget(self) -> None:
        """A bar that was away may have been switched off."""
        self._shown = self._percent = None
