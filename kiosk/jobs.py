"""Small jobs that an admin asks this machine for: a test page, the evaluator's light, its keys shown, a pad learned.

One at a time, in a thread of its own, and behind every ticket: a test page is printed when nobody waits for paper. A
key that is pressed in a test is shown and is nothing else; see `Bench.testing`.
"""

import queue
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from devices.base import DeviceState, Press, PrintOutcome
from devices.escpos.compose import compose
from devices.evaluator import REPORTS
from devices.evaluator.learning import LearnError
from devices.evaluator.rules import RATINGS
from devices.setting_error import SettingError
from devices.transport import Lost
from kiosk.bench import Bench, shows_lights
from kiosk.client import Client
from kiosk.learn import Ear, GivenUpError, learned, listening
from kiosk.ticketing import can_print
from kiosk.trial_paper import trial_paper
from machine.jobs import LOOK_S, Ended, Jobs
from server.contract.device_address import AddressError, end_of
from server.contract.machines import JobKind, JobLine, MachineJob

TICK_S = 0.2
LIGHT_S = 2.0
TIMES, QUIET_S, REPEAT_S, PRESS_S = 3, 0.8, 1.5, 60.0
"""As `jiaohao-kiosk learn` has them."""


RATED = Ended(False, "窗口开始请群众评价，测试已结束。", "A citizen is asked to rate: the test is over.")


class KioskJobs(Jobs):
    """`when_idle` is `Ticketing.when_idle`; `blind` says that this machine does not know how its windows are."""

    def __init__(
        self,
        client: Client,
        bench: Bench,
        when_idle: Callable[[Callable[[], None]], None],
        invited: Callable[[str], bool],
        blind: Callable[[], bool],
        allow_hosts: Sequence[str],
    ) -> None:
        super().__init__(client)
        self._bench, self._when_idle = bench, when_idle
        self._invited, self._blind, self._allow_hosts = invited, blind, allow_hosts

    def _done(self, job: MachineJob, until: float) -> Ended:
        try:
            match job.kind:
                case JobKind.PRINT:
                    return self._print(until)
                case JobKind.LIGHT:
                    return self._light(job)
                case JobKind.KEYS:
                    return self._keys(job, until)
                case JobKind.LEARN:
                    return self._learn(job)
            return Ended(False, "取号机不做这种测试。", "A kiosk does no such test.")
        except (LearnError, SettingError, AddressError) as wrong:
            return Ended(False, _ended(wrong.zh), wrong.en)
        except (GivenUpError, Lost, OSError) as wrong:
            zh, _, en = str(wrong).partition(" / ")
            return Ended(False, f"没有学成：{zh}。", f"Not learned: {en or zh}.")

    # ── the printer ──

    def _print(self, until: float) -> Ended:
        config, status = self._bench.printer.config, self._bench.printer.status
        if config is None or not can_print(status):
            why = "、".join(sorted(status.faults)) or status.detail or status.state.value
            return Ended(
                False, f"打印机现在不能打印（{why}），请处理后再试。", f"The printer cannot print now ({why})."
            )
        page = trial_paper(config.profile.columns, config.url, config.profile_name, datetime.now().astimezone())
        done: queue.SimpleQueue[PrintOutcome] = queue.SimpleQueue()
        self._when_idle(partial(self._print_one, compose(page, config.profile), until, done))
        try:
            return _paper(done.get(timeout=max(until - time.monotonic(), 0.1)))
        except queue.Empty:
            return Ended(
                False,
                "一直有人取号，测试页没有打印。请稍后再试。",
                "Tickets were printed all the time. Try later.",
            )

    def _print_one(self, page: bytes, until: float, done: "queue.SimpleQueue[PrintOutcome]") -> None:
        """In the thread that prints; too late it prints nothing."""
        left = until - time.monotonic()
        if left > 0:
            done.put(self._bench.printer.print_job(page, timeout_s=min(10.0, left)))

    # ── the buttons at a window ──

    def _light(self, job: MachineJob) -> Ended:
        pad = self._bench.pad(job.device)
        if pad is None or pad.status.state is not DeviceState.ONLINE:
            return Ended(
                False,
                "评价器没有连上，请看电源、接线和地址。",
                "It is not connected. Check power, cable and address.",
            )
        if not shows_lights(pad):
            return Ended(False, "这种型号没有可控制的灯和语音。", "This make has no light or voice to control.")
        window = self._bench.window_of(job.device)
        if self._blind() or self._invited(window):
            return RATED
        pad.prompt()
        self._stopping.wait(LIGHT_S)
        if self._invited(window):
            return RATED  # lit it stays, and it is the citizen's
        pad.thank()
        return Ended(
            True, "已发出“请评价”和“谢谢”，请看灯、听声音。", "Prompt and thanks were sent: look and listen."
        )

    def _keys(self, job: MachineJob, until: float) -> Ended:
        pad, window = self._bench.pad(job.device), self._bench.window_of(job.device)
        if pad is None or pad.status.state is not DeviceState.ONLINE:
            return Ended(
                False,
                "设备没有连上，请看电源、接线和地址。",
                "It is not connected. Check power, cable and address.",
            )
        heard: queue.SimpleQueue[bytes | Press] = queue.SimpleQueue()
        count, looked = 0, time.monotonic()
        with self._bench.testing(pad, heard.put, heard.put):
            self._tell(job, [JobLine()])  # from now on the keys are the test's
            while time.monotonic() < until and not self._stopping.is_set():
                if self._blind() or self._invited(window):
                    return RATED
                lines = _burst(heard)
                count += len(lines)
                if lines or time.monotonic() - looked > LOOK_S:
                    self._tell(job, lines)
                    looked = time.monotonic()
        if not count:
            return Ended(
                False,
                "没有收到任何字节。请检查接线、波特率和地址。",
                "Nothing was heard. Check cable, baud, address.",
            )
        return Ended(
            True, f"测试结束，收到 {count} 次，没有一次算作评价。", f"Heard {count} times; none of it is a rating."
        )

    # ── learning ──

    def _learn(self, job: MachineJob) -> Ended:
        end_of(job.url, "evaluator", self._allow_hosts)
        with listening(job.url) as listen:
            ear = Ear(partial(self._patiently, job, listen), REPEAT_S, PRESS_S, whole=job.url.startswith(REPORTS))
            heard = {word: self._presses(job, ear, word) for word in RATINGS[1:4]}
        text = learned(job.url, heard, job.title, ear.repeat_s)
        return Ended(True, "学会了，请核对后保存。", "Learned. Check it, then store it.", tuple(text.splitlines()))

    def _presses(self, job: MachineJob, ear: Ear, word: str) -> list[bytes]:
        ear.settle(QUIET_S)
        presses = []
        for _ in range(TIMES):
            self._tell(job, [JobLine(word)])
            press, _repeats = ear.press()
            presses.append(press)
            self._tell(job, [JobLine(word, press.hex())])
        return presses

    def _patiently(self, job: MachineJob, listen: Callable[[float], bytes | None], wait_s: float) -> bytes | None:
        """Wait in pieces, so that whoever stops it on the page is heard."""
        until = time.monotonic() + wait_s
        while (left := until - time.monotonic()) > 0:
            heard = listen(min(left, LOOK_S))
            if heard is not None:
                return heard
            if wait_s > LOOK_S:
                self._tell(job, [])
        return None


def _burst(heard: "queue.SimpleQueue[bytes | Press]") -> list[JobLine]:
    """All bytes up to a silence, with what they mean; nothing when none came."""
    raw, words = b"", []
    while True:
        try:
            one = heard.get(timeout=TICK_S)
        except queue.Empty:
            break
        if isinstance(one, Press):
            words.append(one.label)
        else:
            raw += one
    return [JobLine(" ".join(words), raw[:128].hex())] if raw or words else []


def _paper(outcome: PrintOutcome) -> Ended:
    match outcome.result:
        case "printed":
            return Ended(True, "已打印，请核对纸上的内容。", "Printed. Compare what is on the paper.")
        case "failed":
            return Ended(False, f"没有打印出来（{outcome.detail}）。", f"Nothing was printed ({outcome.detail}).")
    return Ended(
        False, "打印机没有说是否打完，请看有没有出纸。", "The printer did not say. Look whether there is paper."
    )


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith("。") else f"{sentence}。"
