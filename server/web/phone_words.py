"""Every sentence of my turn and of the public items, Chinese first. A sentence says what is so and what to do."""

from typing import ClassVar

from server.contract.ratings import Label
from server.contract.tickets import TicketState, Wait
from server.services.follow import Followed
from server.web import citizen_words

_AGAIN = ("要办理业务，请重新取号", "For business, take a new number")
_STATES = {
    TicketState.WAITING: (
        ("请等候叫号", "Please wait to be called"), ("请留意大屏和语音", "Watch the screens and listen")
    ),
    TicketState.CALLED: (
        ("请到 {window}", "Please go to {window}"), ("已经叫到您了，请现在就去", "It is your turn: please go now")
    ),
    TicketState.SERVING: (("正在 {window}办理", "Being served at {window}"), ("", "")),
    TicketState.HELD: (
        ("您的号码暂时保留", "Your number is on hold"),
        ("请不要走远，会再叫您", "Please stay near; you will be called again"),
    ),
    TicketState.FINISHED: (("已办结", "Done"), ("感谢您的等候", "Thank you for waiting")),
    TicketState.NO_SHOW: (
        ("已过号", "You missed your call"),
        ("请到导办台，可以重新排队", "Go to the guide desk to be put back in line"),
    ),
    TicketState.CANCELLED: (("此号已取消", "This number is cancelled"), _AGAIN),
    TicketState.EXPIRED: (("此号已过期", "This number has expired"), _AGAIN),
}  # fmt: skip
"""What is so, and what to do."""
_VOID = ("过号已作废，请重新取号", "It is void; please take a new number")

_WORDS: citizen_words.Table = {
    "title": ("我的号", "My number"),
    "ahead": ("前面还有 {} 人", "{} ahead of you"),
    "next": ("前面没有人了，请做好准备", "Nobody is ahead of you: be ready"),
    "shut": ("窗口还没有开放，开放后会叫您", "No window is open yet; you will be called when one is"),
    "wait_unknown": ("暂时无法估计要等多久", "The wait cannot be estimated now"),
    "wait_here": ("请在 {} 等候", "Wait at {}"),
    "booked": ("您预约的是 {}，到时优先叫号", "Booked for {}: you go ahead then"),
    "booked_late": ("预约的 {} 已过，按现在的顺序叫号", "Your time, {}, is over: you are called in turn"),
    "renews": ("每 {} 秒自动更新", "Renews itself every {} s"),
    "stop": ("停止自动更新", "Stop renewing"),
    "go_on": ("开启自动更新", "Renew by itself"),
    "renew_now": ("现在更新", "Renew now"),
    "as_of": ("{} 的情况", "As of {}"),
    "away": (
        "连接不上大厅，下面是之前的情况。号码仍然有效，请留意大屏和窗口。",
        "The hall cannot be reached; below is what was so before. Your number stays valid: watch the screens.",
    ),
    "cancel": ("不办了，取消这个号", "Cancel this number"),
    "cancel_really": ("要取消这个号吗？", "Cancel this number?"),
    "cancel_ask": (
        "取消后不能恢复，要办理须重新取号、重新排队。",
        "Once cancelled it cannot come back: you would take a new number and wait anew.",
    ),
    "cancel_sure": ("确实要取消", "Do cancel it"),
    "keep": ("不取消，继续等候", "Keep it and go on waiting"),
    "rate": ("评价这次服务", "Rate this service"),
    "rated": ("这次服务已评价，谢谢", "This service has been rated. Thank you"),
    "add": ("补充意见", "Add a comment"),
    "reply": ("看大厅的答复", "Read the hall's reply"),
    "items": ("办事指南", "What to bring, what it costs"),
    "of_item": ("本事项要带什么、收费多少", "What to bring, what it costs"),
    "unknown": ("没有找到这张号票", "No such number"),
    "unknown_do": (
        "请重新扫号票上的二维码，或到导办台询问。",
        "Scan the code on your paper again, or ask at the guide desk.",
    ),
}  # fmt: skip

_ITEM_WORDS: citizen_words.Table = {
    "title": ("办事指南", "Service guide"),
    "look_up": ("找要办的事", "Find your business"),
    "look_up_how": ("可输入汉字、拼音或首字母，如 ylbx", "In characters, pinyin or initials, such as ylbx"),
    "find": ("查找", "Find"),
    "all": ("显示全部事项", "Show all"),
    "found": ("找到 {} 项", "{} found"),
    "none_found": ("没有找到“{}”", "Nothing found for “{}”"),
    "none_found_do": ("换个说法再试，或到导办台询问。", "Try other words, or ask at the guide desk."),
    "no_items": ("大厅还没有公布办事指南", "The hall has published no guide yet"),
    "no_items_do": ("要带什么材料，请到导办台询问。", "Ask at the guide desk what to bring."),
    "unknown": ("没有这个事项", "No such item"),
    "unknown_do": ("它可能已经改名，请重新查找。", "It may have another name now: look it up again."),
    "legal_basis": ("法律依据", "Legal basis"),
    "handling_body": ("办理主体", "Handled by"),
    "process": ("办理流程", "Steps"),
    "materials": ("申报材料", "What to bring"),
    "promise": ("承诺时限", "Time promised"),
    "fee": ("收费标准及依据", "Fee and its basis"),
    "location": ("办理地点", "Where"),
    "supervisor": ("监督机构", "Supervised by"),
    "complaint_tel": ("投诉电话", "Complaints"),
    "not_said": ("见大厅公示", "See the hall's notices"),
    "latest": ("以窗口最新公布为准", "What the window publishes last holds"),
    "back": ("返回全部事项", "Back to all items"),
}

_FIGURE_WORDS: citizen_words.Table = {
    "title": ("评价公示", "What citizens say of us"),
    "period": ("{} 至 {}", "{} to {}"),
    "good": ("好评率（主动评价中基本满意及以上，不含误评）", "Content, of those who rated and meant it"),
    "active": ("主动评价率", "Rated"),
    "unrated": ("未评率", "Did not rate"),
    "closed": ("此前八周的差评，已办结", "Of the bad ratings of the eight weeks before, followed up and closed:"),
    "counts": ("应评 {} 件，已评 {} 件。", "{} services could be rated, {} were."),
    "how": (
        "没有评价的，不算好评。每周一公布上一周的数据。",
        "Who did not rate is not counted as content. Each Monday the week before is published.",
    ),
    "too_few": ("上一周的评价还太少，暂不公示。", "Too few rated last week for a figure."),
    "by_window": ("各窗口", "By window"),
    "by_item": ("各事项", "By service"),
    "window": ("窗口", "Window"),
    "item": ("事项", "Service"),
    "good_short": ("好评率", "Content"),
    "active_short": ("主动评价率", "Rated"),
    "unrated_short": ("未评率", "Did not rate"),
    "of_asked": ("应评 {} 件", "of {} services"),
    "small": (
        "评价太少的不单列，以免看出是谁评的。窗口和事项按周轮流公布。",
        "Where too few rated nothing is shown, so that nobody can be guessed. Windows and services are published in "
        "turn, week by week.",
    ),
    "too_few_do": ("办完业务后，请按窗口的评价器。", "After your service, please press the buttons at the window."),
}


_RATING_WORDS: citizen_words.Table = {
    "title": ("评价这次服务", "Rate this service"),
    "how": ("这次服务怎么样？", "How was this service?"),
    "free": (
        "评不评价由您决定。窗口人员看不到是谁评的。",
        "Rating is up to you. Nobody at the windows sees who rated.",
    ),
    "chosen": ("您的评价", "Your rating"),
    "otherwise": ("改选", "Choose another"),
    "why_bad": ("哪里做得不好？可选多项", "What was wrong? Choose any"),
    "why_good": ("要说明原因吗？可以不选", "Would you say why? You need not"),
    "text": ("想说的话（可以不写）", "In your words (you need not)"),
    "text_why": ("最多 {} 字。请不要写身份证号和电话。", "At most {} characters. Please no ID or telephone numbers."),
    "decline": ("不说明原因", "No reason"),
    "send": ("提交评价", "Send the rating"),
    "thanks": ("评价已收到，谢谢", "Your rating has been received. Thank you"),
    "kept": ("评价不能再改。", "It cannot be changed any more."),
    "add": ("补充意见", "Add a comment"),
    "send_comment": ("提交补充意见", "Send the comment"),
    "comment_kept": ("补充意见已收到。", "Your comment has been received."),
    "not_yet": ("业务办结后才能评价", "You can rate when your business is done"),
    "back": ("返回我的号", "Back to my number"),
}
_LABELS = {
    Label.VERY_SATISFIED: ("非常满意", "Very satisfied"),
    Label.SATISFIED: ("满意", "Satisfied"),
    Label.BASICALLY_SATISFIED: ("基本满意", "Basically satisfied"),
    Label.DISSATISFIED: ("不满意", "Dissatisfied"),
    Label.VERY_DISSATISFIED: ("非常不满意", "Very dissatisfied"),
}


def window_no(w: citizen_words.Words, no: str) -> str:
    """As the wall has it: 03 号窗口, 综合1 窗口."""
    return w.either(f"{no} 号窗口" if no.isdecimal() else f"{no} 窗口", f"window {no}")


class RatingWords(citizen_words.Words):
    """What is said of rating a service."""

    table: ClassVar[citizen_words.Table] = _RATING_WORDS

    def label(self, label: Label) -> str:
        return _LABELS[label][self._column]


class FigureWords(citizen_words.Words):
    """What is said of the published ratings."""

    table: ClassVar[citizen_words.Table] = _FIGURE_WORDS

    def window_named(self, no: str, name: str) -> str:
        """03 号窗口 综合窗口."""
        return f"{window_no(self, no)} {name}".strip()


class Words(citizen_words.Words):
    """What is said of a ticket."""

    table: ClassVar[citizen_words.Table] = _WORDS

    def state(self, seen: Followed) -> str:
        so, _ = _STATES[seen.ticket.state]
        return so[self._column].format(window=self._window(seen.ticket.window or ""))

    def to_do(self, seen: Followed) -> str:
        _, do = _STATES[seen.ticket.state]
        return (_VOID if seen.void else do)[self._column]

    def place(self, seen: Followed) -> str:
        """Where the window is: 1 楼 · A 区 · 综合窗口. A hall may call its zones "A", "A区" or "一楼"."""
        zone = f"{seen.zone} 区" if seen.zone.isalnum() and seen.zone.isascii() and not self._column else seen.zone
        floor = self.either(f"{seen.floor} 楼", f"Floor {seen.floor}") if "楼" not in zone else ""
        return " · ".join(filter(None, (floor, zone, seen.window_name)))

    def wait(self, wait: Wait | None) -> str:
        if wait is None:
            return self.wait_unknown
        low, high = wait.low_minutes, wait.high_minutes
        if low == 0:
            return self.either(f"预计 {high} 分钟以内叫到您", f"You should be called within {high} min")
        range_ = str(low) if low == high else f"{low}–{high}"
        return self.either(f"预计还要等约 {range_} 分钟", f"About {range_} more minutes")

    def _window(self, no: str) -> str:
        return window_no(self, no)


class ItemWords(citizen_words.Words):
    """What is said of public items."""

    table: ClassVar[citizen_words.Table] = _ITEM_WORDS
