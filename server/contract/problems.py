"""Every refusal the server knows: stable code, HTTP status, and a sentence in Chinese and in English.

A sentence says what is wrong and what to do. Clients show `detail`; they decide by `code`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    code: str
    status: int
    zh: str
    en: str


PROBLEMS: dict[str, Problem] = {
    p.code: p
    for p in (
        Problem(
            "bad_json",
            400,
            "请求内容不是有效的 JSON，请检查后重发。",
            "The body is not valid JSON. Correct it and send it again.",
        ),
        Problem(
            "bad_request",
            400,
            "请求不符合 HTTP 规范或超出限制，请检查地址、请求头和内容后重发。",
            "The request is not valid HTTP or is beyond a limit. Check its address, headers and body; send it again.",
        ),
        Problem(
            "bad_field",
            422,
            "“{field}”不正确：{problem}。请改正后重新提交。",
            "Field “{field}” {problem}. Correct it and send again.",
        ),
        Problem("body_too_large", 413, "请求内容过大，最多 64 KB。", "The body is too large; at most 64 KB."),
        Problem("bad_media_type", 415, "请用 application/json 发送。", "Send the body as application/json."),
        Problem("not_found", 404, "没有这个地址，请检查网址。", "There is nothing at this address. Check it."),
        Problem(
            "method_not_allowed",
            405,
            "这个地址不支持该操作，请按接口说明改用其他方法。",
            "This address does not support that method. Use one that Allow names.",
        ),
        Problem(
            "sign_in_required",
            401,
            "请先登录，或提供有效的设备令牌。",
            "Sign in first, or send a valid device token.",
        ),
        Problem(
            "bad_credentials",
            401,
            "用户名或密码不正确，请重新输入。",
            "The user name or password is wrong. Enter them again.",
        ),
        Problem(
            "locked_out",
            429,
            "多次登录失败，账号已锁定，请 {minutes} 分钟后再试或联系管理员。",
            "Too many failed sign-ins. Try again in {minutes} minutes or ask an administrator.",
        ),
        Problem(
            "forbidden",
            403,
            "当前身份无权进行这项操作，请换用有权限的账号或设备。",
            "This identity may not do that. Use an account or a device that may.",
        ),
        Problem(
            "bad_csrf",
            403,
            "页面已过期，请刷新后再操作。",
            "The page is out of date. Reload it and try again.",
        ),
        Problem(
            "request_id_reused",
            409,
            "同一请求编号已用于另一项内容，请换一个编号。",
            "This request_id was used for something else. Use a new one.",
        ),
        Problem("ticket_not_found", 404, "没有找到这张票，请核对号码。", "No such ticket. Check the number."),
        Problem(
            "queue_not_found",
            404,
            "没有这个队列，请重新选择业务。",
            "No such queue. Choose the business again.",
        ),
        Problem(
            "code_taken",
            409,
            "“{name}”已经有了，请换一个，或直接修改原有的那一个。",
            "“{name}” exists already. Choose another, or change the one that is there.",
        ),
        Problem(
            "queue_in_use",
            409,
            "队列 {name} 已取过号或有事项，记录须保留，不能移除。不再使用时请改为关闭：取消“开放”并保存。",
            "Queue {name} has tickets or service items, and their record stays. "
            "Close it instead: clear “Open” and save.",
        ),
        Problem(
            "window_in_use",
            409,
            "窗口 {name} 有人登录过、绑定过评价器或叫过号，记录须保留，不能移除。"
            "不再使用时请改为停用：取消全部办理队列并保存。",
            "Window {name} has been signed in at, has an evaluator or has called tickets, and that record stays. "
            "Put it out of use instead: clear all of its queues and save.",
        ),
        Problem("item_not_found", 404, "没有这个事项，请重新选择。", "No such service item. Choose again."),
        Problem("window_not_found", 404, "没有这个窗口，请核对窗口号。", "No such window. Check its number."),
        Problem(
            "hall_closed",
            409,
            "大厅现在不取号：{reason}。急事请问导办台。",
            "The hall issues no tickets now: {reason}. If it is urgent, ask at the guide desk.",
        ),
        Problem(
            "holiday",
            409,
            "今天{name}放假，不取号。{next}，请届时再来。",
            "Closed today for {name}. Please come back: {next}.",
        ),
        Problem(
            "past_cutoff",
            409,
            "{part}取号已截止。{next}，请届时再来；急事请问导办台。",
            "No more tickets {part}. Please come back: {next}; if it is urgent, ask at the guide desk.",
        ),
        Problem(
            "queue_closed",
            409,
            "该业务目前暂停取号，请选择其他业务或咨询导办台。",
            "This queue is closed now. Choose another or ask at the guide desk.",
        ),
        Problem(
            "queue_not_yet",
            409,
            "{name}从{day}起取号，请届时再来，或咨询导办台。",
            "{name} issues tickets from {day}. Please come back then, or ask at the guide desk.",
        ),
        Problem(
            "queue_over",
            409,
            "{name}已于{day}结束，请选择其他业务或咨询导办台。",
            "{name} ended on {day}. Choose another business or ask at the guide desk.",
        ),
        Problem(
            "quota_day_full",
            409,
            "{name}今天的号已取完（每天 {most} 个）。{next}，请届时再来，或咨询导办台。",
            "All tickets of today for {name} are taken ({most} a day). Please come back: {next}; or ask at the "
            "guide desk.",
        ),
        Problem(
            "quota_session_full",
            409,
            "{name}{part}的号已取完（每场 {most} 个）。{next}，请届时再来，或咨询导办台。",
            "All tickets for {name} {part} are taken ({most} a session). Please come back: {next}; or ask at the "
            "guide desk.",
        ),
        Problem(
            "live_ticket",
            409,
            "您已有号码 {number}（{name}），请留意叫号。要另办业务，请先取消原号，或到导办台。",
            "You have the number {number} already ({name}). Watch the screens; for other business cancel it first, "
            "or go to the guide desk.",
        ),
        Problem(
            "window_taken",
            409,
            "该窗口已由{name}登录，可选择接管或换一个窗口。",
            "{name} is signed in at this window. Take it over or choose another.",
        ),
        Problem(
            "nobody_signed_in",
            409,
            "该窗口无人登录，呼叫器不起作用；请先在窗口控制台登录。",
            "Nobody is signed in at this window, so its call pad does nothing. Sign in at the console first.",
        ),
        Problem(
            "not_this_pads_window",
            403,
            "呼叫器只能操作它所绑定的窗口，请核对设备绑定的窗口号。",
            "A call pad works at its own window only. Check which window it is bound to.",
        ),
        Problem(
            "not_your_window",
            403,
            "您没有在该窗口登录，请先登录窗口。",
            "You are not signed in at this window. Sign in there first.",
        ),
        Problem(
            "window_not_open",
            409,
            "窗口未开放或已暂停，请先恢复服务。",
            "The window is closed or paused. Resume first.",
        ),
        Problem(
            "ticket_in_hand",
            409,
            "窗口正在处理 {number}，请先办结、过号或转移。",
            "This window still has {number}. Finish, no-show or transfer it first.",
        ),
        Problem(
            "no_ticket",
            409,
            "窗口当前没有叫到的号码，请先叫号。",
            "This window has no ticket in hand. Call one first.",
        ),
        Problem(
            "wrong_state",
            409,
            "{number} 当前状态不能进行这项操作，请刷新后再看。",
            "{number} cannot do that in its present state. Refresh and look again.",
        ),
        Problem(
            "ticket_void",
            409,
            "{number} 过号已作废，不能恢复，请重新取号。",
            "{number} missed its call and is void. Take a new number.",
        ),
        Problem(
            "held_elsewhere",
            409,
            "{number} 挂起在 {window} 号窗口，请到该窗口续办；该窗口关闭后其他窗口才能续办。",
            "{number} is on hold at window {window}. Go on there; other windows may only once that one is closed.",
        ),
        Problem(
            "staff_away",
            409,
            "{name}现在没有登录任何窗口，请转到队列或其他窗口、人员。",
            "{name} is not signed in at any window now. Transfer to a queue, a window or somebody else.",
        ),
        Problem(
            "recall_too_soon",
            409,
            "重呼太快，请稍等 {seconds} 秒。",
            "Recalled too soon. Wait {seconds} seconds.",
        ),
        Problem(
            "recall_limit",
            409,
            "重呼次数已到上限，可按过号处理。",
            "The recall limit is reached. Mark a no-show.",
        ),
        Problem(
            "not_your_ticket",
            403,
            "这张票不是本机取的，不能由本机操作，请到取号的机器或导办台办理。",
            "Another machine issued that ticket. Go to that machine, or to the guide desk.",
        ),
        Problem(
            "print_pending",
            409,
            "{number} 的纸号还在取号机上打印，请稍候；一直没有出纸时，请另取一号。",
            "The paper of {number} is still being printed at its kiosk. Wait; if none comes, issue a new ticket.",
        ),
        Problem(
            "print_under_way",
            409,
            "{number} 正在补打，请等结果出来再操作。",
            "{number} is being printed already. Wait for the result.",
        ),
        Problem(
            "printer_away",
            409,
            "{name} 的打印机不在线或不能打印，请选择另一台，或直接告知号码。",
            "The printer of {name} is away or cannot print. Choose another, or say the number aloud.",
        ),
        Problem(
            "wish_over",
            409,
            "这次补打已被取走、已结束或已超时，请在导办台重新补打。",
            "This paper was taken, is done or is too old. Ask for it again at the guide desk.",
        ),
        Problem(
            "bad_setup_code",
            403,
            "代码不正确，请核对服务器首次启动时打印的链接。",
            "That code is wrong. Check the link that the server printed at its first start.",
        ),
        Problem(
            "setup_done",
            409,
            "初始化已完成或链接已失效，请直接登录。",
            "Setup is done or the link has expired. Sign in.",
        ),
        Problem("name_taken", 409, "这个名称已被使用，请换一个。", "That name is in use. Choose another."),
        Problem(
            "bad_lines",
            422,
            "没有导入任何一天，请改正后重新导入。{lines}",
            "Nothing was imported. Correct this and import again: {lines}",
        ),
        Problem("day_not_found", 404, "日历中没有这一天，请刷新后再看。", "No such day in the calendar. Refresh."),
        Problem("notice_not_found", 404, "没有这条公告，请刷新后再看。", "No such notice. Refresh and look again."),
        Problem(
            "too_many_notices",
            409,
            "公告已有 {most} 条，不能再加。请先移除已过期的。",
            "There are {most} notices already. Remove those that are over first.",
        ),
        Problem("user_not_found", 404, "没有这个账号，请核对用户名。", "No such account. Check the user name."),
        Problem("device_not_found", 404, "没有这个设备，请核对设备名称。", "No such device. Check its name."),
        Problem(
            "weak_password",
            422,
            "密码至少 10 个字符，请换一个更长的。",
            "A password needs at least 10 characters. Choose a longer one.",
        ),
        Problem(
            "appointment_not_found",
            404,
            "没有这个预约码，请核对 8 位数字；仍不对，请直接取号或到导办台查询。",
            "No such appointment code. Check its 8 digits; or take a number, or ask at the guide desk.",
        ),
        Problem(
            "appointment_not_today",
            409,
            "您预约的是 {name}，请届时再来；今天要办，请直接取号。",
            "Your appointment is on {name}: please come then. For today, take a number.",
        ),
        Problem(
            "appointment_past",
            409,
            "您预约的是 {name}，已经过期；请直接取号，或重新预约。",
            "Your appointment was on {name} and is over. Take a number, or book again.",
        ),
        Problem(
            "appointment_cancelled",
            409,
            "这个预约已经取消；今天要办，请直接取号。",
            "This appointment was cancelled. For today, take a number.",
        ),
        Problem(
            "appointment_used",
            409,
            "这个预约已经取过号：{number}。请留意叫号；号票丢失，请到导办台补打。",
            "This appointment has its number already: {number}. Watch the screens; the guide desk can reprint it.",
        ),
        Problem(
            "appointment_home_visit",
            409,
            "您预约的是上门服务，工作人员会按约上门，不用取号；有变动请到导办台。",
            "This is a home visit: staff will come to you, no number is needed. For changes ask at the guide desk.",
        ),
        Problem(
            "appointment_settled",
            409,
            "这个预约的状态已经变了，不能再这样处理，请刷新后再看。",
            "This appointment has changed and that can no longer be done. Refresh and look again.",
        ),
        Problem(
            "too_many_codes",
            429,
            "预约码输错太多次，请等 1 分钟再试，或到导办台查询。",
            "Too many wrong codes. Wait a minute, or ask at the guide desk.",
        ),
        Problem(
            "slot_full",
            409,
            "这个时段刚刚约满，请选择其他时段。",
            "This time has just been filled. Please choose another.",
        ),
        Problem(
            "slot_closed",
            409,
            "这个时段不能预约了，请选择其他时段。",
            "This time cannot be booked any more. Please choose another.",
        ),
        Problem(
            "booked_already",
            409,
            "这个手机号已有 {number} 个待办预约，请先取消一个，或到导办台咨询。",
            "This telephone number has {number} open appointments. Cancel one first, or ask at the guide desk.",
        ),
        Problem(
            "missed_too_often",
            409,
            "这个手机号近 90 天已有 {number} 次预约未到，暂不能自助预约；可直接到大厅取号，或请导办台代约。",
            "This telephone number missed {number} appointments in 90 days. Take a number in the hall, "
            "or let the guide desk book for you.",
        ),
        Problem(
            "bad_phone",
            422,
            "请填 11 位手机号码，或留空不填。",
            "Enter a mobile telephone number of 11 digits, or leave it empty.",
        ),
        Problem(
            "phone_needed",
            422,
            "上门服务请填 11 位手机号码，以便上门前联系您。",
            "A home visit needs a mobile telephone number of 11 digits, so that we can reach you.",
        ),
        Problem(
            "bad_contact",
            422,
            "请写明上门地址和联系人，最多 {most} 个字，写在一行里。",
            "Say where to come to and whom to ask for, in at most {most} characters on one line.",
        ),
        Problem(
            "bad_form",
            422,
            "这一页的内容不完整，没有预约成功，请重新选择业务和时间。",
            "Something on this page was incomplete, so nothing was booked. Choose business and time again.",
        ),
        Problem(
            "too_many_bookings",
            429,
            "预约过于频繁，请 10 分钟后再试，或到导办台预约。",
            "Too many bookings from here. Try again in 10 minutes, or book at the guide desk.",
        ),
        Problem(
            "plan_not_found", 404, "没有这条号源，请刷新后再看。", "No such plan of slots. Refresh and look again."
        ),
        Problem(
            "storage",
            503,
            "数据暂时无法保存，请稍后重试或联系管理员。",
            "Data cannot be stored just now. Try again, or tell an administrator.",
        ),
        Problem(
            "link_expired",
            410,
            "这个链接已经过期：号码只在当天有效。要办理业务，请重新取号。",
            "This link has expired: a number is good for its day only. For business, take a new number.",
        ),
        Problem(
            "not_served_yet",
            409,
            "业务办结后才能评价，请办完后再来。",
            "You can rate when your business is done. Come back then.",
        ),
        Problem(
            "already_rated",
            409,
            "这次服务已经评价过了，一次服务只评价一次。有补充意见，可以在下面写。",
            "This service has been rated already; each is rated once. You may add a comment below.",
        ),
        Problem(
            "not_rated_yet",
            409,
            "还没有评价，请先评价再补充意见。",
            "There is no rating yet. Rate first, then add to it.",
        ),
        Problem(
            "already_commented",
            409,
            "补充意见已经收到，不能再改。要再反映，请拨投诉电话或到导办台。",
            "Your comment has been received and stands. For more, call the complaints line or ask at the guide desk.",
        ),
        Problem(
            "comment_empty",
            422,
            "请写下补充意见，再提交。",
            "Write your comment, then send it.",
        ),
        Problem(
            "reason_wanted",
            422,
            "请选一个原因或写几句话；不想说明，请勾选“不说明原因”。",
            "Choose a reason or write one; if you would rather not, tick “no reason”.",
        ),
        Problem(
            "unknown_tag",
            422,
            "所选原因与评价不符，请重新选择。",
            "A reason does not belong to this rating. Choose again.",
        ),
        Problem(
            "rating_text_too_long",
            422,
            "文字太长，最多 300 字，请删减后再提交。",
            "Too long: at most 300 characters. Shorten it and send again.",
        ),
        Problem(
            "rating_text_unreadable",
            422,
            "文字里有无法识别的符号，请删去后再提交。",
            "There are signs in it that cannot be read. Remove them and send again.",
        ),
        Problem(
            "not_waiting_any_more",
            409,
            "{number} 已不在等候中，不能在手机上取消。不办了，请告诉窗口或导办台。",
            "{number} no longer waits and cannot be cancelled by phone. If you do not need it, tell the window or "
            "the guide desk.",
        ),
        Problem(
            "too_many_links",
            429,
            "试错的链接太多，请等 1 分钟再看，或留意大屏叫号。请扫号票上的二维码。",
            "Too many wrong links. Wait a minute, or watch the screens. Scan the code on your paper.",
        ),
        Problem(
            "hall_away",
            503,
            "大厅系统暂时连接不上，请稍后再看。您的号码仍然有效，请留意大屏和窗口。",
            "The hall's system cannot be reached just now. Look again in a moment. Your number stays valid: watch "
            "the screens.",
        ),
        Problem(
            "internal",
            500,
            "系统出错，已记录，请稍后重试。",
            "Something went wrong and was recorded. Try again later.",
        ),
    )
}


class ProblemError(Exception):
    """A refusal on its way to the caller. `params` fill the sentences; `NAME_zh` stands in for `NAME` in Chinese."""

    def __init__(self, code: str, **params: object) -> None:
        self.problem = PROBLEMS[code]
        self.params = params
        super().__init__(self.problem.en.format(**params))

    def body(self) -> dict[str, object]:
        """The RFC 9457 object."""
        p = self.problem
        chinese = {name.removesuffix("_zh"): words for name, words in self.params.items() if name.endswith("_zh")}
        body: dict[str, object] = {
            "type": f"urn:jiaohao:problem:{p.code}",
            "title": p.code.replace("_", " ").capitalize(),
            "status": p.status,
            "code": p.code,
            "detail": p.zh.format(**{**self.params, **chinese}),
            "detail_en": p.en.format(**self.params),
        }
        if "field" in self.params:
            body["field"] = self.params["field"]
        return body


def bad_field(field: str, en: str, zh: str, field_zh: str = "") -> ProblemError:
    """A field is wrong; the sentences continue “Field … {en}” and “…不正确：{zh}”. `field_zh` is what the page of the
    person who typed it calls the field; without one only a machine fills it in."""
    return ProblemError("bad_field", field=field, field_zh=field_zh or field, problem=en, problem_zh=zh)
