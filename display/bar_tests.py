"""The test of a bar that an admin asks for: a text for some seconds, by which one sees which bar it is."""

import time

from devices.base import DeviceState
from display.bars import Bars, Over
from display.led import trial_text
from machine.client import MachineClient
from machine.jobs import LOOK_S, Ended, Jobs
from server.contract.machines import JobKind, MachineJob

SHOW_S = 10.0
TICK_S = 0.1

IN_USE = Ended(
    False,
    "窗口正在叫号或办理，条屏留给群众看，测试已结束。",
    "Somebody is called there: the bar is theirs, and the test is over.",
)
AWAY = Ended(
    False,
    "条屏没有连上，请看电源、接线、地址和波特率。",
    "The bar does not answer. Check power, cable, address and baud rate.",
)


class BarTests(Jobs):
    def __init__(self, client: MachineClient, bars: Bars) -> None:
        super().__init__(client)
        self._bars = bars

    def _done(self, job: MachineJob, until: float) -> Ended:
        over = self._bars.over(job.device)
        if job.kind is not JobKind.SHOW or over is None or over.bar.status.state is not DeviceState.ONLINE:
            return AWAY
        with self._bars.testing(job.device):
            return self._show(job, over, min(until, time.monotonic() + SHOW_S))

    def _show(self, job: MachineJob, over: Over, until: float) -> Ended:
        looked = time.monotonic()
        while (now := time.monotonic()) < until:
            if not self._bars.free(over.place.set.window):
                return IN_USE
            if now - looked > LOOK_S:
                looked = now
                self._tell(job, [])
            self._stopping.wait(TICK_S)
        if over.bar.status.state is not DeviceState.ONLINE or not over.bar.settled:
            return AWAY
        text = trial_text(over.place.set.window)
        return Ended(
            True, f"已显示“{text}”。亮的若是别的条屏，请更换端口、地址或窗口。",
            f"It showed “{text}”. If another bar did, replace its port, address or window.",
        )  # fmt: skip
