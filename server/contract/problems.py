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
        Problem(
            "upload_not_dead",
            404,
            "没有这条未送达记录，可能已经重报，请刷新后再看。",
            "No such dead letter; it may have been sent again. Refresh and look again.",
        ),
        Problem("notice_not_found", 404, "没有这条公告，请刷新后再看。", "No such notice. Refresh and look again."),
        Problem(
            "too_many_notices",
            409,
            "公告已有 {most} 条，不能再加。请先移除已过期的。",
            "There are {most} notices already. Remove those that are over first.",
        ),
        Problem("user_not_found", 404, "没有这个账号，请核对用户名。", "No such account. Check the user name."),
        Problem(
            "machine_not_seen",
            409,
            "{name} 还没有连上过服务器，不知道它有哪些端口。请先启动它的程序。",
            "{name} has never spoken to the server, so its ports are not known. Start its program first.",
        ),
        Problem(
            "set_on_machine",
            409,
            "{name} 的设备写在它自己的 kiosk.toml 里，以那里为准。要在这里管理，请删去那里的设备再重启取号机程序。",
            "The devices of {name} stand in its own kiosk.toml, which counts. To keep them here, take them out there"
            " and start the kiosk program anew.",
        ),
        Problem(
            "token_of_machine",
            409,
            "{name} 的令牌由机器自己领取，没有人看得到，也不能在这里更换。要换，请在“设备”里移除该设备再重新添加。",
            "The machine fetched the token of {name} by itself, and nobody could bring it another. To change it,"
            " remove the device from its machine and add it again.",
        ),
        Problem(
            "job_under_way",
            409,
            "{name} 上正在进行另一项测试，请等它结束或先停止它。",
            "Another test is under way at {name}. Wait for its end, or stop it first.",
        ),
        Problem("job_over", 409, "这项测试已经结束，请重新开始。", "This test is over. Start it anew."),
        Problem(
            "window_not_free",
            409,
            "{name} 号窗口正在办理或正请群众评价，此时不能测试按键和灯。请等窗口空闲。",
            "Window {name} serves somebody or asks for a rating, so its keys and lights cannot be tested. Wait until"
            " it is free.",
        ),
        Problem(
            "nothing_learned",
            409,
            "这次没有学成，没有可保存的配置。请重新学习。",
            "Nothing was learned that could be stored. Learn again.",
        ),
        Problem("device_not_found", 404, "没有这个设备，请核对设备名称。", "No such device. Check its name."),
        Problem(
            "weak_password",
            422,
            "密码不够安全：{problem}。请换一个。",
            "This password is too easy to guess: it {problem}. Choose another.",
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
            "bad_pairing_code",
            422,
            "配对码不正确，或已用过、已超过 15 分钟。请核对后重新输入，或请管理员重新生成。",
            "This code is wrong, used already, or older than 15 minutes. Check it, or ask an administrator for a new "
            "one.",
        ),
        Problem(
            "too_many_pairings",
            429,
            "试错的配对码太多，请等 1 分钟再试。",
            "Too many wrong codes from here. Try again in a minute.",
        ),
        Problem(
            "too_late_for_reasons",
            409,
            "评价已经收到，现在不能再补充原因了。",
            "The rating has been received; no reasons can be added to it any more.",
        ),
        Problem(
            "own_service",
            403,
            "{number} 是您自己办理的，不能由您录入评价，请交给其他人。",
            "You had a hand in serving {number} yourself, so somebody else must enter its rating.",
        ),
        Problem(
            "still_rating",
            409,
            "{number} 的窗口评价时间还没有结束，由本人在窗口评价。请稍后再录入。",
            "{number} can still be rated at the window by the citizen's own hand. Enter it later.",
        ),
        Problem(
            "rated_once",
            409,
            "{number} 已经评价过了，一次服务只评价一次，这份不再录入。",
            "{number} has been rated already; each service is rated once. This one is not taken.",
        ),
        Problem(
            "served_long_ago",
            409,
            "{number} 办结已超过 30 天，不能再录入评价。",
            "{number} was served more than 30 days ago. Its rating cannot be entered any more.",
        ),
        Problem(
            "bad_entry_source",
            422,
            "只能录入电话回访或纸质评价表。",
            "Only what was said by telephone or written on a form is entered.",
        ),
        Problem(
            "call_without_telephone",
            422,
            "纸质评价表没有通话时间，请去掉后再提交。",
            "A paper form has no time of a call. Leave it out.",
        ),
        Problem(
            "bad_call_time",
            422,
            "请填写通话时间，应在办结之后、现在之前。",
            "Say when you called: after the service and not in the future.",
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
            "rectification_not_found",
            404,
            "没有编号为 {number} 的整改单，请回到列表核对。",
            "There is no case {number}. Look it up in the list.",
        ),
        Problem(
            "rectification_moved",
            409,
            "这张整改单刚被别人处理过，现在是“{state}”，您这一步没有保存。请看最新情况再处理。",
            "Somebody else has just worked on this case: it is now “{state}”; your step was not saved. Look at it "
            "again, then go on.",
        ),
        Problem(
            "step_not_possible",
            409,
            "这张整改单现在是“{state}”，不能做这一步。请看最新情况再处理。",
            "The case is “{state}” now, where this cannot be done. Look at it again, then go on.",
        ),
        Problem(
            "appealed_already",
            409,
            "这张整改单已经申诉过一次，复核未通过，不能再申诉。请继续核实整改。",
            "This case was appealed once and the appeal was refused. Go on with it.",
        ),
        Problem(
            "second_person_wanted",
            403,
            "申诉要由另一个人复核：提出申诉的人不能自己决定。请另一位督导或管理员处理。",
            "Somebody else must decide an appeal than who made it. Ask another supervisor or administrator.",
        ),
        Problem(
            "tries_used_up",
            409,
            "已记录 3 次未接通，不用再打。待联系的请选“没有号码或联系不上，继续整改”，待再评的到期自动办结。",
            "Three calls that reached nobody are on record. Go on without contact; one that waits for an answer "
            "closes when its time is over.",
        ),
        Problem(
            "case_text_wanted",
            422,
            "请写明情况，再提交。",
            "Write what happened, then send it.",
        ),
        Problem(
            "kind_wanted",
            422,
            "请选择是简单问题还是复杂问题，整改期限由此而定。",
            "Choose whether it is simple or complex: the deadline follows from it.",
        ),
        Problem(
            "owner_not_fit",
            422,
            "不能交给这个人：须是督导或管理员，账号在用，并且不是这次服务的经办人。请另选一人。",
            "This person cannot own the case: it takes a supervisor or administrator who did not serve the citizen. "
            "Choose another.",
        ),
        Problem(
            "reply_not_there",
            404,
            "这张号票没有等您回复的事项。",
            "Nothing waits for your answer on this paper.",
        ),
        Problem(
            "answered_already",
            409,
            "您的意见已经收到，谢谢。",
            "Your answer has been received. Thank you.",
        ),
        Problem(
            "answer_too_late",
            409,
            "答复期已过，您这次的回答没有记下。还有意见，请到大厅说明。",
            "The time to answer is over, and what you just sent was not kept. If something is still wrong, tell the "
            "hall.",
        ),
        Problem(
            "choice_wanted",
            422,
            "请选满意或不满意，再提交。",
            "Choose satisfied or not satisfied, then send it.",
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
            "sms_off",
            409,
            "本厅没有开通短信评价，不能登记手机号码。",
            "This hall sends no short messages, so no number can be taken down.",
        ),
        Problem(
            "sms_opted_out",
            409,
            "该号码已退订评价短信，不会再发送，请不要登记。",
            "This number wants no messages and will get none. Do not take it down.",
        ),
        Problem(
            "sms_too_many",
            409,
            "该号码正在等待评价的业务已有 {most} 项，请改用其他方式评价。",
            "This number stands for {most} services already. Rate this one in another way.",
        ),
        Problem(
            "sms_not_yours",
            409,
            "这条短信不是交给本设备发送的，结果未登记。",
            "This message was not given to this device; nothing was noted.",
        ),
        Problem("grant_not_found", 404, "没有这项授权，请刷新后再看。", "No such grant. Reload and look again."),
        Problem(
            "grant_over",
            409,
            "这项授权已经收回，不用再收回。",
            "This grant was revoked already; nothing is left to do.",
        ),
        Problem(
            "password_change_required",
            403,
            "这是一次性的初始密码，请先改成您自己的密码。",
            "This is a start password for one use. Change it to one of your own first.",
        ),
        Problem(
            "totp_required",
            403,
            "本厅规定管理员须启用动态口令，请先在“我的账号”中启用。",
            "In this hall admins need a second factor. Switch it on under “My account” first.",
        ),
        Problem("bad_password", 403, "原密码不正确，请重新输入。", "That is not your password. Enter it again."),
        Problem(
            "code_required",
            401,
            "请再输入手机上的 6 位动态口令，或一个恢复码。",
            "Enter the 6 digits that your telephone shows as well, or a recovery code.",
        ),
        Problem(
            "bad_code",
            401,
            "动态口令不正确或已用过，请等手机换出新的口令再输。",
            "The code is wrong or was used already. Wait for the next one and enter that.",
        ),
        Problem(
            "too_many_sign_ins",
            429,
            "这台电脑登录失败太多次，请 {minutes} 分钟后再试。其他电脑不受影响。",
            "Too many failed sign-ins from this machine. Try again in {minutes} minutes, or at another machine.",
        ),
        Problem("session_not_found", 404, "这次登录已经结束。", "That session has ended already."),
        Problem(
            "last_admin",
            409,
            "这是最后一位在用的管理员，请先指定另一位管理员。",
            "This is the last active admin. Make somebody else an admin first.",
        ),
        Problem(
            "alarm_not_found",
            404,
            "没有这条报警，请刷新后再看。",
            "There is no such alarm. Look again.",
        ),
        Problem(
            "alarm_acknowledged",
            409,
            "{name} 已确认这条报警。",
            "{name} has acknowledged this alarm already.",
        ),
        Problem(
            "settings_wrong",
            422,
            "设置里有 {count} 处错误，没有生效。第一处：{first}请改正后再试。",
            "The settings have {count} errors, and nothing was changed. The first: {first} Correct it and try again.",
        ),
        Problem("setting_wrong", 422, "{said}请改正后重新提交。", "{said} Correct it and send again."),
        Problem(
            "queue_still_waiting",
            409,
            "队列 {name} 还有 {people} 人在等，改后没有窗口办理，没有生效。请保留一个窗口办理，或等他们办完再改。",
            "{people} people wait in queue {name}, and no window would serve it. Nothing was changed. Keep one "
            "window for it, or change it once they are served.",
        ),
        Problem(
            "queue_still_booked",
            409,
            "队列 {name} 还有 {people} 个未到的预约，改后没有窗口办理，没有生效。"
            "请先在预约簿里取消这些预约并通知本人，或保留一个窗口办理。",
            "Queue {name} still has {people} bookings, and no window would serve it. Nothing was changed. Cancel "
            "them in the appointment book and tell these people, or keep one window for it.",
        ),
        Problem(
            "newer_format",
            422,
            "这个设置文件是更新版本的系统导出的（格式 {format}，本系统认识到 {known}）。请先升级本系统再导入。",
            "A newer version wrote this file (format {format}; this one knows {known}). Update this server first.",
        ),
        Problem(
            "document_too_large",
            413,
            "设置文件过大，最多 1 MB。请检查是否选错了文件。",
            "The file of settings is too large; at most 1 MB. Check that it is the right one.",
        ),
        Problem(
            "change_not_found",
            404,
            "没有这次修改的记录，可能已超过保留的 100 次。请刷新后再看。",
            "There is no record of this change; only the last 100 are kept. Refresh and look again.",
        ),
        Problem("no_draft", 409, "现在没有草稿，请先新建草稿。", "There is no draft. Begin one first."),
        Problem(
            "draft_moved",
            409,
            "草稿刚被 {who} 改过，您看到的是旧的，没有保存。请刷新后再改。",
            "{who} changed the draft meanwhile; yours is an older one and was not kept. Refresh and change it again.",
        ),
        Problem(
            "draft_behind",
            409,
            "建草稿以后，线上设置又改过 {count} 处（{first}），没有上线。请先“并入线上改动”，看过再上线。",
            "The live settings changed in {count} places since the draft was begun ({first}). Nothing went live. "
            "Take these changes into the draft first, and look at it again.",
        ),
        Problem(
            "draft_warned",
            409,
            "草稿有 {count} 处提醒，没有上线。第一处：{first}确认就是这样，请再点一次上线。",
            "The draft has {count} warnings and did not go live. The first: {first} If they are meant, go live "
            "again.",
        ),
        Problem(
            "founded_late",
            409,
            "已经取过号，不能再用向导重建队列和窗口。请到系统管理里修改。",
            "Numbers have been taken: the guide may not make queues and windows anew. Change them in Administration.",
        ),
        Problem(
            "queues_first",
            409,
            "还没有队列，打不出票。请先建立队列和窗口。",
            "There are no queues yet, so no ticket can be printed. Make queues and windows first.",
        ),
        Problem(
            "hall_away",
            503,
            "大厅系统暂时连接不上，请稍后再看。您的号码仍然有效，请留意大屏和窗口。",
            "The hall's system cannot be reached just now. Look again in a moment. Your number stays valid: watch "
            "the screens.",
        ),
        Problem(
            "item_out_of_use",
            409,
            "“{name}”目前不办理，请选择其他事项，或咨询导办台。",
            "“{name}” is not offered now. Choose another item, or ask at the guide desk.",
        ),
        Problem(
            "item_moved",
            409,
            "这个事项刚被别人改过，现在是第 {number} 版，您的修改没有保存。请看最新内容再改。",
            "Somebody else has just changed this item: it is version {number} now; your change was not saved. "
            "Look at it again, then change it.",
        ),
        Problem(
            "item_version_not_found",
            404,
            "这个事项没有第 {number} 版，请刷新后再看。",
            "This item has no version {number}. Refresh and look again.",
        ),
        Problem(
            "photo_not_found",
            404,
            "没有这张照片，可能已经更换或移除，请刷新后再看。",
            "No such photograph; it may have been replaced. Refresh and look again.",
        ),
        Problem(
            "import_wrong",
            422,
            "表格里有 {number} 处不正确，没有导入任何一行。请先检查，改正后重新选择文件。",
            "{number} cells are wrong, and nothing was imported. Check the file, correct it and choose it again.",
        ),
        Problem(
            "import_moved",
            409,
            "检查之后数据又有变动，没有导入任何一行。请重新检查，看清变化再导入。",
            "Something changed since this was checked, and nothing was imported. Check again, then import.",
        ),
        Problem(
            "no_backup_folder",
            409,
            "还没有设置备份目录，请填写目录并保存，再备份。",
            "There is no folder for backups yet. Enter one, save it, then make a backup.",
        ),
        Problem(
            "internal",
            500,
            "系统出错，已记录，请稍后重试。",
            "Something went wrong and was recorded. Try again later.",
        ),
        Problem(
            "not_leading",
            403,
            "这件事由当天的值班领导、督导或管理员办理，请找值班领导。",
            "This is for today's duty leader, a supervisor or an administrator. Ask the duty leader.",
        ),
        Problem(
            "post_not_found", 404, "没有这个岗位，请刷新后再试。", "No such post. Reload the page and try again."
        ),
        Problem(
            "too_many_posts",
            409,
            "岗位最多 {most} 个，请先移除不用的岗位。",
            "There may be at most {most} posts. Remove one that is not in use.",
        ),
        Problem(
            "leave_uncovered",
            409,
            "{day}“{post}”会没有人：A、B 岗都不在。请先由值班领导指定顶岗人，再登记。",
            "On {day} nobody would be at “{post}”: primary and backup are both away. Have the duty leader name a "
            "cover first.",
        ),
        Problem(
            "cover_away",
            409,
            "{name} 在 {day} 也请假，不能顶岗，请换一个人。",
            "{name} is on leave on {day} and cannot cover. Name somebody else.",
        ),
        Problem("leave_not_found", 404, "没有这次请假，可能已经销假。", "No such leave. It may have been withdrawn."),
        Problem("cover_not_found", 404, "没有这次顶岗，可能已经取消。", "No such cover. It may have been withdrawn."),
        Problem(
            "not_of_post",
            409,
            "{name} 今天不是“{post}”的 A 岗、B 岗或顶岗人，不能接手。请先由值班领导指定顶岗。",
            "{name} is neither primary, backup nor cover of “{post}” today. Have the duty leader name a cover first.",
        ),
        Problem(
            "no_handover",
            409,
            "{window} 号窗口没有等您接手的交接，可能已被收回。请刷新后再看。",
            "Nothing of window {window} waits to be received by you; it may have been withdrawn. Reload the page.",
        ),
        Problem(
            "no_post_today",
            409,
            "您今天不在“{post}”当班，不能签到。请值班领导先排班或指定顶岗。",
            "You are not at “{post}” today. Have the duty leader put you on the rota or name you as cover.",
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
