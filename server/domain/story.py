"""A ticket's story in words, and the time it spent in each state. Pure; one table says what each event is called."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from server.contract.news import NewsKind
from server.contract.tickets import TicketState

Words = tuple[str, str]
"""In Chinese and in English."""

EVENTS: dict[NewsKind, tuple[Words, TicketState | None]] = {
    NewsKind.TICKET_ISSUED: (("取号", "Ticket issued"), TicketState.WAITING),
    NewsKind.TICKET_PRINT: (("纸号打印", "Paper"), None),
    NewsKind.PRINT_WANTED: (("要求在 {device} 打印纸号", "Paper asked for at {device}"), None),
    NewsKind.TICKET_LANE: (("改为{lane}", "Lane changed to {lane}"), None),
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
    NewsKind.INVITATION_OPENED: (("邀请评价", "Rating invited"), None),
    NewsKind.INVITATION_CLOSED: (("评价结束：{how}", "Rating over: {how}"), None),
}
"""What each event is called, and the state that it leads to."""

RESULTS: dict[str, Words] = {
    "printed": ("打印成功", "printed"),
    "failed": ("没有出纸", "no paper came out"),
    "unknown": ("不能确定是否出纸", "not known whether paper came out"),
}
LANES: dict[str, Words] = {
    "normal": ("普通", "normal"),
    "priority": ("绿色通道", "green lane"),
    "express": ("直通车", "express"),
    "appointment": ("预约", "appointment"),
}
RATED: dict[str, Words] = {"rated": ("已评价", "rated"), "unrated": ("未评价", "not rated")}
REASONS: dict[str, str] = {
    "any_window": "回来后任一窗口可办",
    "same_window": "回来后仍在原窗口办",
    "pending_step": "等待其他环节",
    "end of service day": "服务日结束",
    "never_printed": "没有出纸，取号机自动作废",
    "citizen": "群众要求",
    "kiosk did not answer": "取号机没有应答",
    "the kiosk stopped while printing": "打印中取号机停止",
    "the kiosk broke off": "取号机中断",
    "given up": "取号机未及时打印",
    "paper_out": "缺纸",
    "paper_low": "纸将尽",
    "cover_open": "上盖打开",
    "cutter": "切刀故障",
    "offline": "脱机",
    "absent": "未连接",
    "error": "设备报错",
    "after": "过号后自动恢复，隔号数",
    "override": "破例取号",
    "past_cutoff": "已过取号截止时间",
    "quota_day_full": "今日号已取完",
    "quota_session_full": "本时段号已取完",
}
"""Reasons that programs give, as a person says them."""
FATES: dict[str, str] = {"desk": "到导办台恢复", "requeue": "自动恢复排队", "void": "号码作废"}
"""What became of a missed call: whole reasons only, for these are also ordinary words of a person's own."""

_WORD = re.compile(r"[a-z_]+")

ROLES: dict[str, Words] = {
    "clerk": ("窗口人员", "clerk"),
    "guide": ("导办员", "guide"),
    "supervisor": ("督导", "supervisor"),
    "admin": ("管理员", "administrator"),
    "kiosk": ("取号机", "kiosk"),
    "evaluator": ("评价器", "evaluator"),
    "system": ("系统", "system"),
}


def told(kind: NewsKind, data: dict[str, Any]) -> Words:
    """What happened, in both languages. A kind that is not in the table stands by its name."""
    zh, en = EVENTS.get(kind, ((kind.value, kind.value), None))[0]
    if data.get("copy"):
        zh, en = "补打第 {copy} 张", "Copy {copy}"
    said = zh.format_map(_filling(data, 0)), en.format_map(_filling(data, 1))
    return _with_result(said, data) if kind is NewsKind.TICKET_PRINT else said


def _filling(data: dict[str, Any], language: int) -> dict[str, str]:
    lane, how = str(data.get("lane", "")), str(data.get("how", ""))
    return {
        "device": str(data.get("device", "")),
        "copy": str(data.get("copy", "")),
        "window": str(data.get("window") or "—"),
        "lane": LANES.get(lane, (lane, lane))[language],
        "how": RATED.get(how, (how, how))[language],
    }


def _with_result(said: Words, data: dict[str, Any]) -> Words:
    result = str(data.get("result", ""))
    zh, en = RESULTS.get(result, (result, result))
    place_zh, place_en = (f"（{data['device']}）", f" at {data['device']}") if "device" in data else ("", "")
    return f"{said[0]}{place_zh}：{zh}", f"{said[1]}{place_en}: {en}"


def reason(why: str) -> str:
    """A reason as a person says it: words of programs are put into Chinese, a person's own stay."""
    if known := REASONS.get(why) or FATES.get(why):
        return known
    return _WORD.sub(lambda word: REASONS.get(word[0], word[0]), why)


def who(signature: str, names: dict[str, str]) -> Words:
    """By whose hand, of an event's `role:name via device`; `names` are people's by user name."""
    role, _, rest = signature.partition(":")
    name, _, via = rest.partition(" via ")
    zh, en = ROLES.get(role, (role, role))
    if role == "system":
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
