"""Every sentence of the booking page, Chinese first. A sentence says what is so and what to do."""

from typing import ClassVar

from server.contract.appointments import AppointmentState, Mode
from server.web import citizen_words

MODES = {
    Mode.HALL: ("到大厅办", "In the hall"),
    Mode.EXTENDED_HOURS: ("延时服务（下班后）", "After hours"),
    Mode.HOME_VISIT: ("上门服务", "Home visit"),
}
STATES = {
    AppointmentState.BOOKED: ("预约成功", "You are booked"),
    AppointmentState.ARRIVED: ("已取号", "You have your number"),
    AppointmentState.CANCELLED: ("预约已取消", "This appointment is cancelled"),
    AppointmentState.MISSED: ("预约时间已过", "The time of this appointment is over"),
    AppointmentState.DONE: ("上门服务已完成", "The visit is done"),
}

_WORDS: citizen_words.Table = {
    "title": ("预约办事", "Book an appointment"),
    "choose": ("请选择要办的业务", "Choose your business"),
    "step1": ("第 1 步，共 3 步", "Step 1 of 3"),
    "step2": ("第 2 步，共 3 步", "Step 2 of 3"),
    "step3": ("第 3 步，共 3 步", "Step 3 of 3"),
    "earliest": ("最早", "Earliest"),
    "all_full": ("近期已约满", "Fully booked"),
    "nothing": ("现在没有可以预约的时间", "Nothing can be booked now"),
    "nothing_do": ("请过几天再来看，或直接到大厅取号。", "Look again in a few days, or take a number in the hall."),
    "choose_day": ("选择日期", "Choose a day"),
    "choose_time": ("选择时间", "Choose a time"),
    "left": ("余 {}", "{} left"),
    "full": ("约满", "full"),
    "back": ("返回上一步", "Back"),
    "start": ("重新选择业务", "Start again"),
    "item": ("要办的事项（可不选）", "Service (optional)"),
    "item_none": ("不确定，办理时再说", "Not sure yet"),
    "phone": ("手机号码（可不填）", "Mobile number (optional)"),
    "phone_needed": ("手机号码", "Mobile number"),
    "phone_why": (
        "只显示为 138****5678，号码本身不保存；3 个月后删除。",
        "Shown as 138****5678; the number itself is not kept. Deleted after 3 months.",
    ),
    "contact": ("上门地址和联系人", "Address, and whom to ask for"),
    "contact_why": ("只给上门的工作人员看，办完 30 天后删除。", "For the staff who come; deleted 30 days later."),
    "book": ("确认预约", "Book this time"),
    "your_code": ("您的预约码", "Your code"),
    "what_hall": (
        "到了大厅，在取号机点“预约取号”，输入这 8 位数字或扫这个码，不用再排队取号。",
        "In the hall, touch Appointment at the kiosk and type these 8 digits, or scan this code there.",
    ),
    "what_visit": (
        "工作人员会在这个时间上门，请保持电话畅通。",
        "Staff will come to you at this time. Please keep your telephone at hand.",
    ),
    "keep": ("请截屏或记下预约码。晚到也能用，只是不再优先叫号。",
             "Keep a picture of this page. Late, the code still works, without priority."),
    "keep_visit": ("请截屏保存本页。", "Keep a picture of this page."),
    "where": ("地点", "Where"),
    "unkept": ("这个预约不能照常办理", "This appointment cannot be kept"),
    "unkept_do": ("请另约时间。这次不算您未到。", "Please book another time. This does not count as missed."),
    "unkept_cancel": ("不用再来，请取消这个预约；不取消也不算未到。",
                      "You need not come. Please cancel it; if you do not, it is not counted as missed either."),
    "rebook": ("另约时间", "Book another time"),
    "number": ("您的号码", "Your number"),
    "rate": ("评价这次服务", "Rate this service"),
    "rate_free": ("评不评价由您决定。窗口人员看不到是谁评的。",
                  "Rating is up to you. Nobody at the windows sees who rated."),
    "rated": ("已评价，谢谢。", "Rated. Thank you."),
    "comment": ("补充意见", "Add a comment"),
    "cancel": ("取消预约", "Cancel this appointment"),
    "cancel_sure": ("确实要取消", "Do cancel it"),
    "cancel_hint": ("来不了请取消，把时间留给别人。", "If you cannot come, cancel it for somebody else."),
    "again": ("再约一个", "Book another"),
    "unknown": ("没有找到这个预约", "No such appointment"),
    "unknown_do": ("请核对网址，或到导办台查询。", "Check the address, or ask at the guide desk."),
}  # fmt: skip


class Words(citizen_words.Words):
    """What is said of modes and states besides."""

    table: ClassVar[citizen_words.Table] = _WORDS

    def mode(self, mode: Mode) -> str:
        return MODES[mode][self._column]

    def state(self, state: AppointmentState) -> str:
        return STATES[state][self._column]
