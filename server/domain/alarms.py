"""When an alarm is raised, ends and is escalated. Pure: what is found to be so now goes in, what is to be done comes
out. Every kind stands in one table; who looks for it stands in `services.alarm_sources`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from server.contract.alarms import AlarmKind

K = AlarmKind
Words = tuple[str, str]

SETTLED = timedelta(seconds=20)
"""So long something must be so before it is an alarm, unless its kind says more: what is over at once is none."""
QUIET = timedelta(seconds=60)
"""So long it must be gone before the alarm is over: what comes back meanwhile is the same alarm."""
ESCALATE_MINUTES = 10
ESCALATE = (1, 240)


@dataclass(frozen=True)
class Limit:
    """From where on a kind is wrong: `least` to `most` may be set, `usual` is what a new hall has. `lasting`: minutes
    for which it must be so; of any other limit the source makes what it finds."""

    least: int
    most: int
    usual: int
    zh: str
    en: str
    lasting: bool = False


@dataclass(frozen=True)
class Kind:
    """`said` is the sentence, with {subject}, {value} and {more} filled in; `rank` puts the gravest first."""

    name: Words
    said: Words
    rank: int
    limit: Limit | None = None
    settled: timedelta = SETTLED


KINDS: dict[AlarmKind, Kind] = {
    K.QUEUE_UNSERVED: Kind(
        ("有人等、没窗口办", "Queue without a window"),
        ("{subject} 队列 {value} 人等候，没有窗口在办", "Queue {subject}: {value} wait and no window serves it"),
        1, Limit(1, 120, 3, "分钟没有窗口在办", "minutes without a window", lasting=True),
    ),
    K.LONGEST_WAIT: Kind(
        ("等候过久", "Long wait"),
        ("{subject} 队列有人已等 {value} 分钟（{more}）", "Queue {subject}: {more} has waited {value} minutes"),
        2, Limit(5, 600, 30, "分钟以上", "minutes or more"),
    ),
    K.PRINTER_STOPPED: Kind(
        ("取号机不出纸", "No paper comes out"),
        ("{subject} 打不出号票", "{subject} prints no tickets"),
        3, Limit(1, 120, 1, "分钟未恢复", "minutes and not back", lasting=True),
    ),
    K.MACHINE_SILENT: Kind(
        ("机器没有消息", "Machine silent"),
        ("{subject} 已 {value} 分钟没有消息", "{subject} was not heard of for {value} minutes"),
        4, Limit(1, 240, 3, "分钟没有消息", "minutes without a sign"),
        timedelta(seconds=90),  # they report every half minute: whom a server missed while it was off is no alarm
    ),
    K.WINDOW_EMPTY: Kind(
        ("窗口空岗", "Window stands empty"),
        ("{subject} 号窗口应有人在岗，已空岗 {value} 分钟",
         "Window {subject} should be staffed and is empty for {value} minutes"),
        5,
    ),
    K.WINDOW_PAUSED: Kind(
        ("窗口暂停过久", "Long pause"),
        ("{subject} 号窗口已暂停 {value} 分钟（{more}），有人在等",
         "Window {subject} has paused for {value} minutes ({more}) while people wait"),
        6, Limit(1, 240, 15, "分钟以上，且有人在等", "minutes or more while people wait"),
    ),
    K.WINDOW_IDLE: Kind(
        ("窗口空着不叫号", "Window does not call"),
        ("{subject} 号窗口已空 {value} 分钟没有叫号，有人在等",
         "Window {subject} has called nobody for {value} minutes while people wait"),
        7, Limit(1, 240, 5, "分钟以上，且有人在等", "minutes or more while people wait"),
    ),
    K.OUT_OF_ORDER: Kind(
        ("特呼过多", "Calls out of order"),
        ("{subject} 号窗口一小时内特呼 {value} 次", "Window {subject}: {value} calls out of order within an hour"),
        8, Limit(1, 100, 5, "次，一小时内超过即报警", "calls in an hour; more are an alarm"),
    ),
    K.DEVICE_FAULT: Kind(
        ("设备故障", "Device fault"),
        ("{subject} {more}", "{subject} {more}"),
        9, Limit(1, 240, 2, "分钟未恢复", "minutes and not back", lasting=True),
    ),
    K.PAPER_LOW: Kind(
        ("纸将尽", "Paper low"),
        ("{subject} 号票纸将尽", "{subject}: the paper runs low"),
        13,
    ),
    K.RECTIFICATION_OVERDUE: Kind(
        ("整改超期", "Rectification overdue"),
        ("差评整改 {subject} 已超期", "Rectification {subject} is overdue"),
        10,
    ),
    K.RATING_PATTERN: Kind(
        ("评价异常", "Unusual ratings"),
        ("今天的评价有异常，请到“评价统计”核查", "Unusual ratings today; see the rating figures"),
        11,
    ),
    K.UPLOADS_STUCK: Kind(
        ("评价上报积压", "Upload stuck"),
        ("评价上报积压已 {value} 小时", "Ratings have waited {value} hours for upload"),
        12, Limit(1, 168, 2, "小时以上", "hours or more"),
    ),
    K.DISK_LOW: Kind(
        ("磁盘将满", "Disk almost full"),
        ("服务器磁盘只剩 {value}%", "The server's disk has {value}% left"),
        0, Limit(1, 50, 10, "% 以下", "% or less"),
    ),
}  # fmt: skip
"""Every kind there is."""


@dataclass(frozen=True)
class Rules:
    """What a hall has set. A kind that it says nothing of is on, with its usual limit."""

    escalate_minutes: int = ESCALATE_MINUTES
    off: frozenset[AlarmKind] = frozenset()
    limits: Mapping[AlarmKind, int] = field(default_factory=dict)

    def limit(self, kind: AlarmKind) -> int:
        """The limit in its own unit; 0 for a kind that has none."""
        limit = KINDS[kind].limit
        return 0 if limit is None else self.limits.get(kind, limit.usual)

    def holds(self, kind: AlarmKind) -> timedelta:
        """For how long it must be so before it is an alarm."""
        limit = KINDS[kind].limit
        lasting = limit is not None and limit.lasting
        return timedelta(minutes=self.limit(kind)) if lasting else KINDS[kind].settled


@dataclass(frozen=True)
class Finding:
    """Something that is wrong now. `subject` tells it from others of its kind; `faults` are a device's words."""

    kind: AlarmKind
    subject: str = ""
    value: int = 0
    more: str = ""
    more_en: str = ""
    faults: tuple[str, ...] = ()
    case: int | None = None
    """Of a rectification: its key, so that it is shown to those alone who may see the case."""


@dataclass(frozen=True)
class Standing:
    """An alarm that is kept. Not `raised_at`: seen, and no alarm yet. `gone_at`: since when it is no longer found."""

    key: int
    kind: AlarmKind
    subject: str
    seen_at: datetime
    raised_at: datetime | None = None
    gone_at: datetime | None = None
    acknowledged: bool = False
    escalated: bool = False


class Move(StrEnum):
    """SEE: keep that it was found. RAISE: it is an alarm. GONE and BACK: it is no longer found, or again. END: the
    alarm is over. FORGET: it never was one. ESCALATE: nobody has acknowledged it."""

    SEE = "see"
    RAISE = "raise"
    GONE = "gone"
    BACK = "back"
    END = "end"
    FORGET = "forget"
    ESCALATE = "escalate"


@dataclass(frozen=True)
class Turn:
    """One move, of the alarm `standing` (None for SEE), by what was found (None once it is gone)."""

    move: Move
    standing: Standing | None = None
    finding: Finding | None = None


def turns(standing: Iterable[Standing], findings: Iterable[Finding], rules: Rules, now: datetime) -> list[Turn]:
    """What is to be done at `now`. Of findings with the same kind and subject the first counts."""
    found: dict[tuple[AlarmKind, str], Finding] = {}
    for finding in findings:
        if finding.kind not in rules.off:
            found.setdefault((finding.kind, finding.subject), finding)
    moves: list[Turn] = []
    for one in standing:
        moves += _of_one(one, found.pop((one.kind, one.subject), None), rules, now)
    return [*moves, *(Turn(Move.SEE, finding=finding) for finding in found.values())]


def _of_one(one: Standing, finding: Finding | None, rules: Rules, now: datetime) -> Iterator[Turn]:
    if finding is None:
        yield from _gone(one, now)
    else:
        if one.gone_at is not None:
            yield Turn(Move.BACK, one, finding)
        if one.raised_at is None and passed(one.seen_at, rules.holds(one.kind), now):
            yield Turn(Move.RAISE, one, finding)
    late = one.raised_at is not None and passed(one.raised_at, timedelta(minutes=rules.escalate_minutes), now)
    if late and not (one.acknowledged or one.escalated) and one.gone_at is None:
        yield Turn(Move.ESCALATE, one, finding)


def _gone(one: Standing, now: datetime) -> Iterator[Turn]:
    if one.gone_at is None:
        yield Turn(Move.GONE, one)
    elif passed(one.gone_at, QUIET, now):
        yield Turn(Move.FORGET if one.raised_at is None else Move.END, one)


def passed(since: datetime, time: timedelta, now: datetime) -> bool:
    """Whether `time` went by since `since`. After a clock that was set back nobody knows, and it is taken to have:
    else an alarm would wait for a time that comes in a year."""
    return not since <= now < since + time


def sentence(kind: AlarmKind, subject: str, value: int, more: str, more_en: str) -> Words:
    """What is shown of an alarm in Chinese and in English."""
    zh, en = KINDS[kind].said
    return (
        zh.format(subject=subject, value=value, more=more),
        en.format(subject=subject, value=value, more=more_en),
    )
