"""A ticket's story in words, and the time it spent in each state. Pure; tables say what each event is called.

An event's `why` is what a person said, or a word of the program's, perhaps with a value and with what a person said:
`because("window", "02", "缴费")` is "window 02: 缴费". Only the words of these tables are ever read as the program's,
and only where the program writes them: a clerk may well say "error".
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.contract.news import NewsKind
from server.contract.tickets import TicketState

Words = tuple[str, str]
"""In Chinese and in English."""

NOTHING: Words = ("", "")

EVENTS: dict[NewsKind, tuple[Words, TicketState | None]] = {
    NewsKind.TICKET_ISSUED: (("取号（{lane}）", "Ticket issued ({lane})"), TicketState.WAITING),
    NewsKind.TICKET_PRINT: (("纸号打印", "Paper"), None),
    NewsKind.PRINT_WANTED: (("要求在 {device} 打印纸号", "Paper asked for at {device}"), None),
    NewsKind.TICKET_LANE: (("由{before}改为{lane}", "Lane changed from {before} to {lane}"), None),
    NewsKind.TICKET_CALLED: (("叫号，请到 {window} 号窗口", "Called to window {window}"), TicketState.CALLED),
    NewsKind.TICKET_RECALLED: (("重呼，{window} 号窗口", "Called again to window {window}"), TicketState.CALLED),
    NewsKind.TICKET_SERVING: (("开始办理，{window} 号窗口", "Service began at window {window}"), TicketState.SERVING),
    NewsKind.TICKET_FINISHED: (("办结，{window} 号窗口", "Finished at window {window}"), TicketState.FINISHED),
    NewsKind.TICKET_NO_SHOW: (("过号", "No-show"), TicketState.NO_SHOW),
    NewsKind.TICKET_HELD: (("挂起", "Put on hold"), TicketState.HELD),
    NewsKind.TICKET_REQUEUED: (("回到等候", "Waits again"), TicketState.WAITING),
    NewsKind.TICKET_TRANSFERRED: (("转移", "Transferred"), TicketState.WAITING),
    NewsKind.TICKET_CANCELLED: (("弃号", "Cancelled"), TicketState.CANCELLED),
    NewsKind.TICKET_EXPIRED: (("过期作废", "Expired"), TicketState.EXPIRED),
    NewsKind.WINDOW_CHANGED: (("换人接手，{window} 号窗口", "Somebody else took over at window {window}"), None),
    NewsKind.INVITATION_OPENED: (("邀请评价", "Rating invited"), None),
    NewsKind.APPOINTMENT_CHANGED: (("预约：{appointment}", "Appointment: {appointment}"), None),
}
"""What each event is called, and the state that it leads to. A story tells of no other
kind: when an invitation ended, and by whose hand, would say whether somebody rated."""

DAY_OVER = "end of service day"

MORE: dict[tuple[NewsKind, str], Words] = {
    (NewsKind.TICKET_SERVING, "resumed"): ("接着办理，{window} 号窗口", "Service went on at window {window}"),
    (NewsKind.TICKET_FINISHED, "done"): ("办结，{window} 号窗口", "Finished at window {window}"),
    (NewsKind.TICKET_FINISHED, "accepted"): ("已受理，{window} 号窗口", "Accepted at window {window}"),
    (NewsKind.TICKET_FINISHED, "correction"): (
        "一次性告知补正，{window} 号窗口", "Documents to be corrected, said at window {window}",
    ),
    (NewsKind.TICKET_FINISHED, "returned"): ("退件，{window} 号窗口", "Returned at window {window}"),
    (NewsKind.TICKET_FINISHED, "consulted"): ("咨询完毕，{window} 号窗口", "Advised at window {window}"),
    (NewsKind.TICKET_FINISHED, DAY_OVER): (
        "服务日结束，{window} 号窗口未点结束", "The service day was over; window {window} had not ended it",
    ),
    (NewsKind.TICKET_NO_SHOW, "void"): ("过号，号码作废", "No-show: the number is void"),
    (NewsKind.TICKET_NO_SHOW, "requeue"): ("过号，自动回到队列", "No-show: it comes back to the line by itself"),
    (NewsKind.TICKET_NO_SHOW, "desk"): (
        "过号，本人可到导办台恢复", "No-show: the person may have it put back at the guide desk",
    ),
    (NewsKind.TICKET_NO_SHOW, DAY_OVER): ("服务日结束，仍未到窗口", "The service day was over, and nobody had come"),
    (NewsKind.TICKET_HELD, "any_window"): ("挂起，回来后任一窗口可办", "On hold: any window when back"),
    (NewsKind.TICKET_HELD, "same_window"): (
        "挂起，回来后仍到 {window} 号窗口", "On hold: window {window} again when back",
    ),
    (NewsKind.TICKET_HELD, "pending_step"): ("挂起，等待其他环节", "On hold: waits for a step elsewhere"),
    (NewsKind.TICKET_REQUEUED, "undo"): (
        "窗口撤回叫号，回到原来的位置", "The call was taken back: it waits in its old place",
    ),
    (NewsKind.TICKET_REQUEUED, "release"): (
        "解除挂起，回到原来的位置", "Released from hold: it waits in its old place",
    ),
    (NewsKind.TICKET_REQUEUED, "missed"): (
        "按过号规则自动回到队列，{place}", "Back in the line by the rule for no-shows, {place}",
    ),
    (NewsKind.TICKET_REQUEUED, "reinstated"): ("过号后恢复排队，{place}", "Put back after a no-show, {place}"),
    (NewsKind.TICKET_TRANSFERRED, "queue"): ("转移到 {value} 队列", "Transferred to queue {value}"),
    (NewsKind.TICKET_TRANSFERRED, "window"): ("转移到 {value} 号窗口", "Transferred to window {value}"),
    (NewsKind.TICKET_TRANSFERRED, "staff"): ("转移给 {person}", "Transferred to {person}"),
    (NewsKind.TICKET_CANCELLED, "citizen"): ("弃号，群众自己取消", "Cancelled by the citizen"),
    (NewsKind.TICKET_CANCELLED, "phone"): ("弃号，本人在手机上取消", "Cancelled by the citizen's phone"),
    (NewsKind.TICKET_CANCELLED, "desk"): ("弃号，在导办台办理", "Cancelled at the guide desk"),
    (NewsKind.TICKET_CANCELLED, "never_printed"): (
        "没有出纸，取号机自动作废", "Cancelled by the kiosk: no paper came out",
    ),
    (NewsKind.WINDOW_CHANGED, "handover"): (
        "由 {person} 交接，换人接手，{window} 号窗口", "Handed over by {person} at window {window}",
    ),
    (NewsKind.TICKET_EXPIRED, DAY_OVER): ("服务日结束，号码过期", "Expired with the service day"),
}  # fmt: skip
"""What it is called when the program's word says more."""

LANES: dict[str, Words] = {
    "normal": ("普通", "normal"),
    "priority": ("绿色通道", "green lane"),
    "express": ("直通车", "express"),
    "appointment": ("预约", "appointment"),
}
APPOINTMENTS: dict[str, Words] = {
    "booked": ("已约", "booked"),
    "arrived": ("已到大厅取号", "came and took a number"),
    "cancelled": ("已取消", "cancelled"),
    "missed": ("没有来", "missed"),
    "done": ("已办", "done"),
}
RESULTS: dict[str, Words] = {
    "printed": ("打印成功", "printed"),
    "failed": ("没有出纸", "no paper came out"),
    "unknown": ("不能确定是否出纸", "not known whether paper came out"),
}
PRINTER_SAYS: dict[str, Words] = {
    "kiosk did not answer": ("取号机没有应答", "the kiosk did not answer"),
    "the kiosk stopped while printing": ("打印中取号机停止", "the kiosk stopped while printing"),
    "the kiosk broke off": ("取号机中断", "the kiosk broke off"),
    "given up": ("取号机未及时打印", "the kiosk did not print in time"),
    "printer is away": ("打印机未连接", "the printer is away"),
    "printer was lost": ("打印机断开", "the printer was lost"),
    "printer was busy for too long": ("打印机一直忙", "the printer was busy for too long"),
    "printer did not finish in time": ("打印机未按时打完", "the printer did not finish in time"),
    "this printer cannot say that it printed": ("这台打印机不能回报结果", "this printer cannot say that it printed"),
    "no answer that it is printed": ("打印机没有回报", "no answer that it is printed"),
    "the printer went on later": ("打印机后来打出", "the printer went on later"),
    "paper_out": ("缺纸", "paper out"),
    "paper_low": ("纸将尽", "paper low"),
    "cover_open": ("上盖打开", "cover open"),
    "cutter": ("切刀故障", "cutter fault"),
    "offline": ("脱机", "off-line"),
    "absent": ("未连接", "not connected"),
    "error": ("设备报错", "device error"),
}
"""What machines say of a paper. Anything else that a driver says is for the log of that machine."""

PASSED: dict[str, Words] = {
    "past_cutoff": ("已过取号截止时间", "after the cut-off"),
    "quota_day_full": ("今日号已取完", "beyond the day's quota"),
    "quota_session_full": ("本时段号已取完", "beyond the session's quota"),
}
"""What the desk passed over (`hours.MAY_BE_OVERRIDDEN`)."""

SAID: dict[str, str] = {
    "老年人": "Elderly",
    "残疾人": "Disabled",
    "军人/退役军人": "Soldier or veteran",
    "孕产妇/带婴幼儿": "Pregnant, or with an infant",
    "返乡务工": "Returning worker",
    "高校毕业生创业": "Graduate starting a business",
    "纸号丢失": "Paper lost",
    "纸号看不清": "Paper cannot be read",
    "没有出纸": "No paper came out",
}
"""Reasons that the desk's page offers: what is recorded, and its English. A person's own words stay as they are."""

ROLES: dict[str, Words] = {
    "clerk": ("窗口人员", "clerk"),
    "guide": ("导办员", "guide"),
    "supervisor": ("督导", "supervisor"),
    "admin": ("管理员", "administrator"),
    "kiosk": ("取号机", "kiosk"),
    "evaluator": ("评价器", "evaluator"),
    "tablet": ("平板评价", "rating tablet"),
    "system": ("系统", "system"),
    "citizen": ("群众", "citizen"),
}
NAMELESS = frozenset({"system", "citizen"})

_BECAUSE = re.compile(r"([a-z_]+)(?: (\S+?))?(?:(?:: | )(.*))?")


def because(word: str, value: str = "", said: str = "") -> str:
    """The `why` of an event: the program's word, its value, and what a person said."""
    own = " ".join(said.split())
    return f"{word} {value}".strip() + (f": {own}" if own else "")


def issued_because(lane_reason: str, passed: Iterable[str], override_reason: str) -> str:
    """The `why` of a ticket: for its lane, and for what the desk passed over."""
    over = ",".join(passed)
    lines = [because("lane", "", lane_reason)] if lane_reason.strip() else []
    return "\n".join([*lines, *([because("override", over, override_reason)] if over else [])])


def both(zh: str, en: str) -> str:
    """A sentence of the program's in both languages, as the record keeps it."""
    return f"{zh}\n{en}"


def in_both(kept: str) -> Words:
    """The two of a sentence kept by `both`; what has no English stands in both."""
    zh, _, en = kept.partition("\n")
    return zh, en or zh


NOTES: dict[str, Words] = {
    "transfer": ("由 {} 号窗口转来", "sent on from window {}"),
    "hold": ("{} 号窗口挂起", "put on hold at window {}"),
}
"""What a window leaves for the next: its word, with the window as value."""


def noted(note: str) -> Words:
    """A window's note (`because`) as a sentence, with what was said there."""
    read = _read(note)
    if read.word not in NOTES:
        return note, note
    zh, en = (words.format(read.value) for words in NOTES[read.word])
    return (f"{zh}：{read.said}", f"{en}: {read.said}") if read.said else (zh, en)


def sent_from(note: str) -> tuple[str, str] | None:
    """Of a ticket that was sent on: the window that did it, and what was said; None for any other."""
    read = _read(note)
    return (read.value, read.said) if read.word == "transfer" else None


@dataclass(frozen=True)
class _Because:
    word: str
    value: str
    said: str


def _read(why: str) -> _Because:
    """`why` taken apart; whether its word is the program's, the tables say."""
    if why == DAY_OVER:
        return _Because(why, "", "")
    found = _BECAUSE.fullmatch(why)
    return _Because(found[1], found[2] or "", found[3] or "") if found else _Because("", "", why)


def sent_to(why: str) -> str:
    """The user name of whoever a transfer names, or who handed a window over; empty for any other event."""
    read = _read(why)
    return read.value if read.word in ("staff", "handover") else ""


def queue_sent_to(why: str) -> str:
    """The queue that a transfer names; empty for any other event."""
    read = _read(why)
    return read.value if read.word == "queue" else ""


def is_undo(why: str) -> bool:
    """Whether a ticket waits again because its call was taken back."""
    return _read(why).word == "undo"


def told(kind: NewsKind, data: Mapping[str, Any], why: str, names: Mapping[str, str]) -> tuple[Words, Words]:
    """What happened, and why, each in both languages; `names` are people's by user name. No word of the program's
    shows: what is in no table is left to the record."""
    read = _read(why)
    more = MORE.get((kind, read.word))
    said = more or EVENTS.get(kind, (("其他记录", "Something else"), None))[0]
    if data.get("copy"):
        said = ("补打第 {copy} 张", "Copy {copy}")
    elif kind is NewsKind.TICKET_ISSUED and "lane" not in data:  # as it was recorded once
        said = ("取号", "Ticket issued")
    filled = _filled(said, _filling(data, read, names))
    if kind is NewsKind.TICKET_PRINT:
        return _with_result(filled, data), _machine(why)
    if more:
        value = "" if any("{" + name + "}" in more[0] for name in ("value", "person", "place")) else read.value
        return filled, _own(f"{value} {read.said}".strip())
    return filled, _WHYS.get(kind, _own)(why)


def _filled(said: Words, filling: Mapping[str, Words]) -> Words:
    zh, en = ({name: words[i] for name, words in filling.items()} for i in (0, 1))
    return said[0].format_map(zh), said[1].format_map(en)


def _filling(data: Mapping[str, Any], read: _Because, names: Mapping[str, str]) -> dict[str, Words]:
    plain = {
        "device": data.get("device"), "copy": data.get("copy"), "window": data.get("window") or "—",
        "value": read.value, "person": names.get(read.value, read.value),
    }  # fmt: skip
    tables = {"lane": LANES, "before": LANES}
    worded = {name: table.get(str(data.get(name)), NOTHING) for name, table in tables.items()}
    worded["appointment"] = APPOINTMENTS.get(str(data.get("state")), NOTHING)
    worded["place"] = place(read.value)
    return {**worded, **{name: (str(value or ""), str(value or "")) for name, value in plain.items()}}


def place(others: str) -> Words:
    """Behind so many others; at the end of the line when it is no number."""
    if not others.isdigit():
        return "排到队尾", "at the end"
    return f"排到 {others} 位之后", f"behind {others} other{'' if others == '1' else 's'}"


def _with_result(said: Words, data: Mapping[str, Any]) -> Words:
    zh, en = RESULTS.get(str(data.get("result")), RESULTS["unknown"])
    place_zh, place_en = (f"（{data['device']}）", f" at {data['device']}") if "device" in data else ("", "")
    return f"{said[0]}{place_zh}：{zh}", f"{said[1]}{place_en}: {en}"


def _own(said: str) -> Words:
    return said, SAID.get(said, said)


def _machine(why: str) -> Words:
    """Known sentences and words of machines; of others nothing, for no person has written them."""
    known = [PRINTER_SAYS[why]] if why in PRINTER_SAYS else [
        PRINTER_SAYS[word] for word in re.findall("[a-z_]+", why) if word in PRINTER_SAYS
    ]  # fmt: skip
    return "、".join(zh for zh, _ in known), ", ".join(en for _, en in known)


def _issued(why: str) -> Words:
    parts = [_reason_of_issue(_read(line)) for line in why.splitlines()]
    return "；".join(zh for zh, _ in parts), "; ".join(en for _, en in parts)


def _reason_of_issue(read: _Because) -> Words:
    if read.word != "override":
        return _own(read.said)
    over = [PASSED[code] for code in re.findall("[a-z_]+", f"{read.value} {read.said}") if code in PASSED]
    own = "" if read.said.split(",")[0] in PASSED else read.said
    zh = f"破例取号（{'、'.join(zh for zh, _ in over)}）" + (f"：{own}" if own else "")
    return zh, f"issued as an exception ({', '.join(en for _, en in over)})" + (f": {own}" if own else "")


_WHYS = {NewsKind.TICKET_ISSUED: _issued, NewsKind.TICKET_CALLED: in_both, NewsKind.TICKET_SERVING: in_both}


def who(signature: str, names: Mapping[str, str]) -> Words:
    """By whose hand, of an event's `role:name via device`; `names` are people's by user name."""
    role, _, rest = signature.partition(":")
    name, _, via = rest.partition(" via ")
    zh, en = ROLES.get(role, ("其他", "other"))
    if role in NAMELESS:
        return zh, en
    shown = names.get(name, name)
    pad = via.removeprefix("call pad ")
    return f"{zh} {shown}" + (f"（呼叫器 {pad}）" if via else ""), f"{en} {shown}" + (
        f" (call pad {pad})" if via else ""
    )


def spent(events: Iterable[tuple[NewsKind, datetime]], now: datetime) -> dict[TicketState, float]:
    """Seconds in each state in which a ticket can stay, in the order of first coming there. Events are oldest first;
    a clock that was set back counts as no time, and a no-show counts only when it came back."""
    seconds: dict[TicketState, float] = {}
    state, since = None, now
    for kind, at in events:
        after = EVENTS.get(kind, (("", ""), None))[1]
        if after is None:
            continue
        _add(seconds, state, since, at)
        state, since = after, at
    if state is not TicketState.NO_SHOW:
        _add(seconds, state, since, now)
    return seconds


def _add(seconds: dict[TicketState, float], state: TicketState | None, since: datetime, until: datetime) -> None:
    if state is not None and state not in ENDED:
        seconds[state] = seconds.get(state, 0.0) + max((until - since).total_seconds(), 0.0)


ENDED = frozenset({TicketState.FINISHED, TicketState.CANCELLED, TicketState.EXPIRED})
"""States whose time nobody counts."""
