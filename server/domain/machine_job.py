"""How long each job for a machine may take, and how it ends by the clock. Pure."""

from datetime import datetime, timedelta

from server.contract.machines import JobKind, JobState

TAKE_WITHIN = timedelta(seconds=20)
"""A machine looks every five seconds; one that has not come by then is away."""
LIMITS = {JobKind.PRINT: 60, JobKind.LIGHT: 20, JobKind.KEYS: 60, JobKind.LEARN: 240, JobKind.SHOW: 30}
"""Seconds that each may take on the machine."""
GRACE = timedelta(seconds=15)
"""For the machine's last word."""
MOST_LINES = 200

OPEN = frozenset({JobState.ASKED, JobState.TAKEN})
AWAY = (
    "这台机器没有应答，请看它是否开机、程序是否在运行、网线是否接好。",
    "The machine did not answer. See that it is on, that its program runs and that the cable is in.",
)
SILENT = (
    "这台机器取走了任务，却没有说结果。请重试；打印测试请先看有没有出纸。",
    "The machine took the job and did not tell how it ended. Try again; of a test print, look for paper first.",
)


def lost(state: JobState, kind: JobKind, asked_at: datetime, taken_at: datetime | None, now: datetime) -> bool:
    """Whether a job that is not at its end never will be."""
    if state is JobState.ASKED:
        return now - asked_at > TAKE_WITHIN
    return (
        taken_at is not None and state is JobState.TAKEN and now - taken_at > timedelta(seconds=LIMITS[kind]) + GRACE
    )
