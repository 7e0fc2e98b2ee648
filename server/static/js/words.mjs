/** What the work pages say, Chinese first. The server's own sentences come in both languages and are not here. */

import { UNREACHABLE } from "./api.mjs";

export const WORDS = {
  console: ["窗口叫号台", "Clerk console"],
  guide: ["导办台", "Guide desk"],
  admin: ["系统管理", "Administration"],
  appointments: ["预约登记", "Appointments"],
  language: ["English", "中文"],
  signOut: ["退出登录", "Sign out"],
  cancel: ["取消", "Cancel"],
  confirm: ["确定", "Confirm"],
  save: ["保存", "Save"],
  saved: ["已保存", "Saved"],
  close: ["关闭", "Close"],
  loading: ["正在打开…", "Opening…"],
  leaving: ["正在退出登录…", "Signing out…"],
  tryAgain: ["重试", "Try again"],

  chooseWindow: ["选择窗口", "Choose your window"],
  chooseHint: ["直接键入窗口号，或用方向键选择，回车登录窗口。", "Type its number or use the arrow keys; Enter signs in."],
  floor: ["楼", "F"],
  free: ["空闲", "Free"],
  taken: ["已登录", "signed in"],
  paused: ["暂停", "Paused"],
  takeOverTitle: ["接管这个窗口？", "Take over this window?"],
  takeOverText: ["现在由以下人员登录，接管后其登录即结束，办理中的号码转给您：", "This person is signed in there now; taking over ends that and hands you the number in service:"],
  takeOver: ["接管", "Take over"],
  lostTitle: ["已不在本窗口", "No longer at this window"],
  takenBy: ["{} 号窗口已被 {} 接管", "Window {} was taken over by {}"],
  takenByText: ["本页的按键已停用。您手上若有号码，已随窗口转给对方。", "The keys of this page do nothing now. A number that you had in hand went with the window."],
  movedTo: ["您现在登录在 {} 号窗口", "You are signed in at window {} now"],
  movedToText: ["一人只能登录一个窗口，{} 号窗口已退出，本页的按键已停用。", "One person, one window: you left window {}, and the keys of this page do nothing now."],
  leftWindow: ["{} 号窗口已退出", "You left window {}"],
  leftWindowText: ["可能是在另一个页面退出的。本页的按键已停用。", "Perhaps in another page. The keys of this page do nothing now."],
  goOn: ["继续", "Go on"],

  live: ["实时", "Live"],
  polling: ["实时消息中断，每 3 秒刷新", "No live news, refreshed every 3 s"],
  offline: ["连接中断", "Connection lost"],
  offlineText: ["正在自动重连。画面停在断开前，恢复后自动更新，请勿刷新。", "Reconnecting. This is the last known picture; it updates by itself."],
  offlineWhy: ["连接中断，恢复后再操作。", "The connection is lost. Try again once it is back."],
  busy: ["正在处理", "Working"],
  busyWhy: ["上一步还在处理，请稍候。", "The last step is still being done. Please wait."],

  window: ["窗口", "Window"],
  leave: ["退出窗口", "Leave window"],
  next: ["叫下一位", "Call next"],
  recall: ["重呼", "Recall"],
  begin: ["开始办理", "Begin"],
  finish: ["办结并评价", "Finish & rate"],
  finishAs: ["结束并评价", "Finish & rate"],
  noShow: ["过号", "No-show"],
  hold: ["挂起", "Hold"],
  transfer: ["转移", "Transfer"],
  undo: ["撤回", "Undo"],
  pause: ["暂停", "Pause"],
  resume: ["恢复服务", "Resume"],

  idle: ["当前空闲", "Window is free"],
  idleHint: ["按空格键叫下一位", "Space calls the next person"],
  people: ["人等候", "waiting"],
  pausedHint: ["按空格键恢复服务", "Space resumes service"],
  idleEmpty: ["有人取号时自动出现在右侧", "New tickets appear at the right"],
  called: ["已叫号，等候到窗", "Called"],
  serving: ["正在办理", "In service"],
  pausedState: ["暂停服务", "Paused"],
  waited: ["等候", "Waited"],
  idleFor: ["空闲", "Free for"],
  pausedFor: ["已暂停", "Paused for"],
  sinceCall: ["叫号至今", "Since call"],
  sinceBegin: ["已办理", "In service for"],
  recalls: ["已重呼", "Recalled"],
  times: ["次", "×"],
  minutes: ["分钟", "min"],
  item: ["事项", "Item"],
  noItem: ["未选事项", "No item chosen"],
  why: ["叫号依据", "Why this one"],
  notPrinted: ["纸号未打印成功，请口头告知号码", "No paper came out: say the number aloud"],

  waitingList: ["等候", "Waiting"],
  heldList: ["挂起", "On hold"],
  nobodyWaits: ["无人等候", "Nobody is waiting"],
  listKey: ["进列表，回车特呼", "to the list, Enter calls"],
  heldKey: ["进列表，回车取回", "to the list, Enter takes back"],
  nothingHeld: ["没有挂起的号码", "Nothing is on hold"],
  outOfOrder: ["特呼", "Out of order"],
  takeBackTitle: ["取回这个号码？", "Take this number back?"],
  resumeHeldWay: ["人在窗口：接着办理", "The person is here: go on with it"],
  releaseWay: ["放回队列，按顺序等候", "Back into the queue, in its place"],
  onlyRelease: ["窗口正忙或已暂停，此时只能放回队列。", "The window is busy or paused: it can only go back into the queue now."],
  resumeHeld: ["接着办理", "Going on"],
  release: ["放回队列", "Back into the queue"],
  reasonOptional: ["原因（可不填，记录备查）", "Reason (optional, for the record)"],
  dialogVoid: ["窗口的号码刚才已变化，该操作已取消。", "The window's number has just changed; this was cancelled."],
  justChanged: ["刚刚变化，请看清后再按一次。", "This has just changed. Look, then press again."],
  specialTitle: ["特呼这个号码？", "Call this number out of order?"],
  specialText: ["不按顺序叫号会记录在案。", "A call out of order is put on record."],
  special: ["特呼", "Call it"],

  printer: ["号票打印机", "Ticket printer"],
  ratingOpen: ["等待评价", "Rating invited"],
  lastPerson: ["上一位：", "Last person: "],

  whyHasTicket: ["窗口正在处理一个号码。", "This window already has a number."],
  whyPaused: ["窗口已暂停，请先恢复服务（P）。", "The window is paused: resume first (P)."],
  whyNoTicket: ["当前没有号码，请先叫号（空格）。", "No number here: call one first (Space)."],
  whyBegun: ["已开始办理，不能再重呼、过号或撤回。", "Service has begun: no recall, no-show or undo."],
  whyNotBegun: ["请先开始办理（B）。", "Begin first (B)."],

  noShowTitle: ["按过号处理？", "Mark as no-show?"],
  sentOn: ["{} 号窗口转来", "Sent on from window {}"],
  finishTitle: ["办理结果", "Outcome"],
  holdTitle: ["挂起方式", "Put on hold"],
  pauseTitle: ["暂停原因", "Reason for the pause"],
  pauseOwn: ["其他原因（会显示在窗口条屏上，宜短）", "Another reason (shown on the bar over the window; keep it short)"],
  transferTitle: ["转移到", "Transfer to"],
  transferHint: ["键入队列、窗口号或姓名，↑↓ 选择，回车确定", "Type a queue, a window's number or a name; ↑↓, Enter"],
  transferNone: ["没有符合的队列、窗口或人员", "No such queue, window or person"],
  noWindowOpen: ["无窗口开放", "no window open"],
  queue: ["队列", "Queue"],
  staff: ["人员", "Person"],

  today: ["今日", "Today"],
  served: ["已办", "Served"],
  average: ["平均", "Average"],
  day: ["我的今天", "My day"],
  dayTitle: ["我的今天", "My day"],
  dayEmpty: ["今天还没有叫过号。", "You have called nobody yet today."],
  number: ["号码", "Number"],
  calledAt: ["叫号", "Called"],
  took: ["办理用时", "Service"],

  help: ["按键", "Keys"],
  helpTitle: ["键盘一览", "The keyboard"],
  undoHelp: ["撤回刚叫的号，回到原来的位置", "Takes a wrong call back; the number keeps its place"],
  stepHelp: ["下一步：叫下一位 → 开始办理 → 办结并评价（暂停时：恢复服务）", "The next step: call next → begin → finish & rate (when paused: resume)"],
  listHelp: ["进等候列表：↑↓ 选择，回车特呼", "To the waiting list: ↑↓, Enter calls out of order"],
  heldHelp: ["进挂起列表：↑↓ 选择，回车取回", "To the list on hold: ↑↓, Enter takes back"],
  outcomeHelp: ["办理中标记结果；对话框中直接选定", "In service, marks the outcome; in a dialog, chooses at once"],
  escHelp: ["关闭对话框，离开列表", "Closes a dialog, leaves a list"],
  helpHint: ["按住不放只算一次。Tab 可走到任何按钮，空格或回车按下它。", "A key held down counts once. Tab reaches every button; Space or Enter presses it."],
  leaveBoth: ["退出窗口并退出登录", "Leave and sign out"],
  leaveTitle: ["退出窗口？", "Leave this window?"],
  leaveText: ["窗口将显示为关闭。", "The window will be shown as closed."],
  digitHint: ["按数字键直接选定，回车确定所选", "A digit chooses at once; Enter takes the marked one"],

  notAdmin: ["当前账号不是管理员，请退出后用管理员账号登录。", "This account is not an administrator. Sign out and use one that is."],
  hall: ["大厅", "Hall"],
  queues: ["队列", "Queues"],
  windows: ["窗口", "Windows"],
  devices: ["设备", "Devices"],
  users: ["人员", "People"],
  hallName: ["大厅名称", "Name of the hall"],
  hallOpen: ["开放取号", "Issuing tickets"],
  closedReason: ["关闭说明（显示在取号机和大屏）", "Why closed (shown at kiosk and wall)"],
  recallLimit: ["重呼上限（次）", "Recall limit (times)"],
  recallSeconds: ["重呼最短间隔（秒）", "Shortest time between recalls (s)"],
  invitationSeconds: ["评价时限（秒）", "Time for rating (s)"],
  changeSeconds: ["可改评的时间（秒，0 为不可）", "Time to change a rating (s, 0: never)"],
  callingRules: ["叫号规则", "Calling order"],
  callingRulesHint: ["先按到时的预约、绿色通道、直通车叫号；连叫满上限且有普通号等候时，轮到普通号。", "Appointments on time, priority and express go first; after so many in a row it is a normal number's turn."],
  fairnessCap: ["优先号最多连叫（位）", "Fast calls in a row, at most"],
  agingMinutes: ["等候超过多久先叫（分钟）", "Who waits longer goes first (min)"],
  appointmentEarly: ["预约可提前多久（分钟）", "Appointment may be early by (min)"],
  appointmentLate: ["预约可迟到多久（分钟）", "Appointment may be late by (min)"],
  noShowRules: ["过号处理", "After a no-show"],
  noShowPolicy: ["过号后", "The number"],
  noShowAfter: ["恢复后排到几位之后", "Goes back behind how many others"],
  noShowLimit: ["自动恢复几次后作废", "Comes back how often before it is void"],
  weight: ["权重", "weight"],
  weightHint: ["队列旁的 ×2、×3 是权重：在该窗口，这个队列的等候时间按几倍计。", "×2, ×3 beside a queue is its weight: how many times waiting in that queue counts at this window."],
  code: ["代码", "Code"],
  name: ["名称", "Name"],
  state: ["状态", "State"],
  openState: ["开放", "Open"],
  closedState: ["关闭", "Closed"],
  serves: ["办理队列", "Queues served"],
  kind: ["类型", "Kind"],
  boundWindow: ["所属窗口", "Window"],
  health: ["运行状况", "Health"],
  noHealth: ["尚未上报", "No report yet"],
  lastHeard: ["上次收到", "Last heard"],
  received: ["收", "In"],
  sent: ["发", "Out"],
  frames: ["帧", "Frames"],
  resyncs: ["重新同步", "Resyncs"],
  reconnects: ["重连", "Reconnects"],
  secondsAgo: ["秒前", "s ago"],
  minutesAgo: ["分钟前", "min ago"],
  hoursAgo: ["小时前", "h ago"],
  daysAgo: ["天前", "days ago"],
  revoke: ["吊销", "Revoke"],
  revoked: ["已吊销", "Revoked"],
  revokeTitle: ["吊销这个设备的令牌？", "Revoke this device's token?"],
  revokeText: ["设备将立即无法连接，须重新生成令牌才能恢复。", "The device is cut off at once, until it gets a new token."],
  newDevice: ["生成设备令牌", "New device token"],
  newDeviceHint: ["同名设备会得到新令牌，旧令牌随即失效。", "A known name gets a new token and its old one stops working."],
  tokenTitle: ["设备令牌（只显示这一次）", "Device token (shown only once)"],
  tokenText: ["请存入该设备的令牌文件（配置中的 token_file），关闭后无法再次查看。", "Save it as the device's token file (token_file in its settings); it cannot be shown again."],
  copy: ["复制", "Copy"],
  copied: ["已复制", "Copied"],
  copyFailed: ["浏览器不允许复制，请手动选取。", "The browser forbids copying: select it by hand."],
  newUser: ["新增人员", "Add a person"],
  username: ["用户名", "User name"],
  fullName: ["姓名", "Name"],
  staffNo: ["工号", "Staff no."],
  role: ["角色", "Role"],
  password: ["初始密码（10 位以上）", "First password (10 or more)"],
  active: ["启用", "Active"],
  inactive: ["停用", "Off"],
  deactivate: ["停用", "Switch off"],
  activate: ["启用", "Switch on"],
  deactivateTitle: ["停用这个账号？", "Switch this account off?"],
  deactivateText: ["该账号立即退出登录，之后无法登录。", "It is signed out at once and cannot sign in."],
  add: ["新增", "Add"],
  remove: ["移除", "Remove"],
  removeQueueTitle: ["移除这个队列？", "Remove this queue?"],
  removeWindowTitle: ["移除这个窗口？", "Remove this window?"],
  removeText: ["仅限从未使用过的；用过的会保留，并提示如何停用。", "Only what was never used is removed; what was used stays, and you are told how to retire it."],
  nameEn: ["英文名称", "English name"],
  nameEnOptional: ["英文名称（可不填）", "English name (optional)"],
  location: ["等候位置", "Where to wait"],
  locationOptional: ["等候位置（可不填）", "Where to wait (optional)"],
  newQueue: ["新增队列", "Add a queue"],
  newQueueHint: ["代码是号码的开头（A001），设定后不能改。新队列立即开放取号。", "The code begins every number (A001) and cannot be changed later. A new queue is open at once."],
  noQueues: ["还没有队列。请在下面新增第一个，例如代码 A、名称“综合业务”；再到“窗口”新增窗口。", "No queues yet. Add the first below, for instance code A, “General”; then add windows under “Windows”."],
  windowNo: ["窗口号", "Number"],
  zone: ["区域", "Zone"],
  zoneOptional: ["区域（可不填）", "Zone (optional)"],
  floorNo: ["楼层", "Floor"],
  newWindow: ["新增窗口", "Add a window"],
  newWindowHint: ["窗口号与窗口上方的号牌一致，设定后不能改。勾选它办理的队列，才叫得到号。", "The number on the plate above it; it cannot be changed later. It calls only the queues ticked here."],
  noWindows: ["还没有窗口。请在下面新增第一个，并勾选它办理的队列。", "No windows yet. Add the first below and tick the queues it serves."],
  queuesFirst: ["还没有队列，请先到“队列”新增。", "No queues yet: add them under “Queues” first."],

  hours: ["时间", "Hours"],
  week: ["每周取号时段", "The week"],
  weekHint: ["每天一行，如 8:30-11:30 13:00-16:30。某天留空为不开放；七天都留空则随时可取号。", "One line a day, such as 8:30-11:30 13:00-16:30. A day left empty is closed; with all seven empty tickets are issued at any time."],
  closedAllDay: ["不开放", "closed"],
  anyTime: ["随时", "any time"],
  likeMonday: ["周二至周五同周一", "Tue to Fri as Monday"],
  cutoffMinutes: ["提前几分钟停止取号（每场结束前）", "Stop issuing before close (minutes)"],
  oneLiveTicket: ["一人一号", "One live ticket per person"],
  oneLiveTicketHint: ["只约束报了手机号或身份证号的人；不报也能取号。", "Binds only those who gave a telephone or ID number; nobody has to."],
  limits: ["队列限号和专项期限", "Quotas and campaigns"],
  limitsHint: ["留空为不限。专项队列只在起止日期内取号，过后从取号机上消失。", "Empty is no limit. A campaign takes numbers on its dates alone and then leaves the kiosk."],
  quotaDay: ["每天限号", "A day"],
  quotaSession: ["每时段限号", "A session"],
  fromDay: ["起始日期", "From"],
  toDay: ["结束日期", "To"],
  noLimit: ["不限", "none"],
  specialDays: ["节假日和调休", "Holidays and make-up workdays"],
  specialDaysHint: ["放假当天全天不取号；调休上班日按指定的周几办公。", "A holiday is closed all day; a make-up workday keeps the hours of the weekday named."],
  unkept: ["这些日子已有预约，但大厅不开放。请到预约登记逐个联系处理：", "Booked already, but the hall is closed then. Contact these people one by one from the appointment book:"],
  unkeptBookings: ["个预约", "booked"],
  noSpecialDays: ["没有登记的日期。", "No days are entered."],
  pastDays: ["已过去的日期", "Days gone by"],
  newDay: ["新增日期", "Add a day"],
  date: ["日期", "Date"],
  holiday: ["放假", "Holiday"],
  workday: ["上班", "Workday"],
  dayName: ["名称", "Name"],
  asWeekday: ["按周几办公", "Hours of"],
  hoursOf: ["按", "hours of"],
  importDays: ["批量导入", "Import a list"],
  importDaysHint: ["每行一天或一段：日期, 放假或上班, 名称, 按周几办公（可不填）。同一日期以后写的为准；有一行不对就都不导入。", "A day or a run of days on each line: date, holiday or workday, name, weekday followed (optional). A later line for a date wins; with one bad line nothing is imported."],
  importLines: ["日期列表", "List of days"],
  importFile: ["或从文件读入（CSV、TXT）", "Or read a file (CSV, TXT)"],
  importAction: ["导入", "Import"],

  screens: ["屏幕", "Screens"],
  noticesTitle: ["公告", "Notices"],
  noticesHint: ["大屏在有效期内按此顺序显示，取号机显示前三条，首尾两天都算；日期留空为不限，到期自动撤下。", "Walls show them in this order on their days, both ends included; kiosks the first three. Empty is no limit; what is over goes by itself."],
  noNotices: ["还没有公告。请在下面新增第一条，例如“周六上午提供延时服务”。", "No notices yet. Add the first below, for instance “Open on Saturday mornings”."],
  noticeText: ["公告内容", "Text"],
  newNotice: ["新增公告", "Add a notice"],
  fromDayOptional: ["起始日期（可不填）", "From (optional)"],
  toDayOptional: ["结束日期（可不填）", "To (optional)"],
  removeNotice: ["移除这条公告？", "Remove this notice?"],
  dutyTitle: ["值班领导", "Duty leader"],
  dutyHint: ["当天值班领导的姓名、职务、电话会在大屏公示。姓名留空为当天不公示。", "The walls show name, position and telephone of the day's leader. Without a name nothing is shown."],
  leaderName: ["姓名", "Name"],
  leaderPosition: ["职务", "Position"],
  leaderTel: ["电话", "Telephone"],
  weekBefore: ["上一周", "Week before"],
  weekAfter: ["下一周", "Week after"],
  asLastWeek: ["照上周填写", "Fill in as the week before"],
  nobody: ["不公示", "nobody"],
  staffTitle: ["服务监督牌", "Staff cards"],
  staffHint: ["登录窗口后，大屏显示此人的窗口、工号和这里填写的内容。公示姓名可只写姓，留空则不显示姓名；标志用顿号隔开，最多 4 个。", "While somebody is signed in at a window, the walls show the window, the staff no. and what is entered here. The name may be a surname alone, or nothing. Up to 4 badges, with commas between."],
  cardName: ["公示姓名", "Name shown"],
  cardPosition: ["岗位", "Position"],
  cardBadges: ["标志", "Badges"],
  noName: ["不显示姓名", "no name"],
  atWindow: ["现在 {} 号窗口", "at window {} now"],
  atNoWindow: ["现在不在窗口", "at no window now"],
  playlistTitle: ["播放单", "Playlist"],
  playlistHint: ["大屏下方按顺序循环播放；秒数是每一页停留的时间。选了区域的只在该区域的大屏上播放。", "Walls play this at the foot, over and over; seconds are for each page. With a zone, only walls of that zone play it."],
  noSlides: ["播放单是空的：大屏轮流显示公告和办事事项。", "The playlist is empty: walls show notices, then service items."],
  slideNo: ["顺序", "Place"],
  slideKind: ["内容", "Content"],
  slideSeconds: ["每页秒数", "Seconds a page"],
  slideZone: ["区域", "Zone"],
  allZones: ["全部大屏", "All walls"],
  addSlide: ["加一项", "Add a slide"],
  up: ["上移", "Up"],
  down: ["下移", "Down"],
  notSaved: ["有改动，尚未保存。", "Changed, not saved yet."],
  tickerTitle: ["滚动字幕", "Ticker"],
  tickerHint: ["在大屏最下方一直滚动的一行字。留空为不显示。", "One line that rolls at the very foot of the walls. Empty: none."],
  tickerText: ["字幕", "Text"],
  noTicker: ["不显示", "none"],
  elsewhere: ["其他页面", "Other pages"],
};

/** Monday first. */
export const WEEKDAYS = [
  ["周一", "Mon"], ["周二", "Tue"], ["周三", "Wed"], ["周四", "Thu"], ["周五", "Fri"], ["周六", "Sat"], ["周日", "Sun"],
];

/** How a notice stands today. */
export const STANDINGS = { on: ["正在显示", "On now"], future: ["未到日期", "To come"], over: ["已过期", "Over"] };
/** What a slide of the walls shows. */
export const SLIDES = { notices: ["公告", "Notices"], items: ["办事事项", "Service items"], leader: ["值班领导", "Duty leader"], staff: ["服务监督牌", "Staff cards"], ratings: ["评价公示", "Rating figures"] };
export const LANES = {
  normal: ["普通", "Normal"],
  priority: ["绿色通道", "Green lane"],
  express: ["直通车", "Express"],
  appointment: ["预约", "Appointment"],
};
/** Value, the short words, and the whole ones. */
export const OUTCOMES = [
  ["done", ["办结", "Done"], ["当场办结", "Done on the spot"]],
  ["accepted", ["受理", "Accepted"], ["已受理，待后台办理", "Accepted, to be processed"]],
  ["correction", ["补正", "Correction"], ["一次性告知补正", "Documents to be corrected"]],
  ["returned", ["退件", "Returned"], ["退件 / 不予受理", "Returned"]],
  ["consulted", ["咨询", "Advice"], ["仅咨询", "Advice only"]],
];
/** Value, the whole words, and the short ones. */
export const HOLDS = [
  ["any_window", ["回来后任一窗口可办", "Any window when back"], ["任一窗口", "Any window"]],
  ["same_window", ["回来后仍在本窗口办", "This window when back"], ["原窗口", "Same window"]],
  ["pending_step", ["等待其他环节（如缴费、拍照）", "Waits for a step elsewhere"], ["等其他环节", "Step elsewhere"]],
];
export const STATES = {
  waiting: ["等候", "Waiting"],
  called: ["已叫号", "Called"],
  serving: ["正在办理", "In service"],
  held: ["挂起", "On hold"],
  finished: ["办结", "Finished"],
  no_show: ["过号", "No-show"],
  cancelled: ["弃号", "Cancelled"],
  expired: ["过期", "Expired"],
};
/** A window's own devices. */
export const DEVICE = {
  evaluator: ["评价器", "Evaluator: "],
  bar: ["条屏", "LED bar: "],
};
/** The Chinese words are what the LED bar shows, whichever language the clerk reads. */
export const PAUSES = [
  ["短暂离开", ["短暂离开", "Short break"]],
  ["整理材料", ["整理材料", "Paperwork"]],
  ["用餐", ["用餐", "Meal"]],
  ["交接班", ["交接班", "Handover"]],
  ["系统故障", ["系统故障", "System fault"]],
];
/** What a no-show will mean for this ticket; {} is behind how many others. */
export const IF_MISSED = {
  void: ["号码作废，本人需要重新取号。", "The number becomes void: the person must take a new one."],
  requeue: ["号码自动回到队列，排到 {} 位之后（不足 {} 位则排到队尾）。", "It goes back into the line behind {} others, or to the end where fewer wait."],
  desk: ["号码先停下，本人到导办台可恢复排队，排到 {} 位之后。", "It stops here. At the guide desk the person can have it put back, behind {} others."],
};
export const APPOINTMENT_TURN = { early: ["未到时", "early"], late: ["已过时", "late"] };
export const MISSED = { void: ["作废，重新取号", "is void"], requeue: ["自动回到队列", "comes back by itself"], desk: ["由导办台恢复", "comes back at the guide desk"] };
export const ROLES = {
  clerk: ["窗口人员", "Clerk"],
  guide: ["导办员", "Guide"],
  supervisor: ["督导", "Supervisor"],
  admin: ["管理员", "Administrator"],
};
export const DEVICE_KINDS = {
  kiosk: ["取号机", "Kiosk"],
  display: ["显示屏", "Display"],
  evaluator: ["评价器", "Evaluator"],
  call_pad: ["呼叫器", "Call pad"],
};
/** Devices of one window. */
export const BOUND_KINDS = ["evaluator", "call_pad"];
export const HEALTH = {
  online: ["正常", "Online"],
  absent: ["未连接", "Absent"],
  fault: ["故障", "Fault"],
};

/** The stable words of devices/base.py and display/voice/clips.py. */
export const FAULTS = {
  paper_out: ["缺纸", "paper out"],
  paper_low: ["纸将尽", "paper low"],
  cover_open: ["上盖打开", "cover open"],
  cutter: ["切刀故障", "cutter fault"],
  offline: ["脱机", "off-line"],
  error: ["设备报错", "device error"],
  voice_engine: ["不能报号，只响提示音", "no voice, chime only"],
  voice_kokoro: ["Kokoro 不能报号，由其他语音代替", "Kokoro cannot speak, another voice does"],
  voice_disk: ["语音写不下，请检查磁盘", "voice files cannot be written"],
};

const KEY = "jiaohao.language";
let column = localStorage.getItem(KEY) === "en" ? 1 : 0;

/** The words for `key`, or of a [Chinese, English] pair, in the chosen language. */
export const t = (key) => (Array.isArray(key) ? key : WORDS[key])[column];

/** A queue's name in the chosen language, where the hall gives one. */
export const queueName = (name, nameEn) => t([name, nameEn || name]);

/** What a ticket is for: its item, else its queue. */
export const business = (ticket) => ticket.item_name || queueName(ticket.queue_name, ticket.queue_name_en);

/** The sentence of a refusal in the chosen language, then in the other. */
export const sentences = (refusal) => (column ? [refusal.en, refusal.zh] : [refusal.zh, refusal.en]);

/** The font comes in slices, from a server that may be gone when its absence must be told: fetch these now. */
export function loadOfflineGlyphs() {
  const text = [WORDS.offline, WORDS.offlineText, WORDS.offlineWhy, WORDS.polling, UNREACHABLE.detail].flat().join("");
  document.fonts.load('400 20px "Noto Sans SC Variable"', text).catch(() => {});
}

export function switchLanguage() {
  column = 1 - column;
  localStorage.setItem(KEY, column ? "en" : "zh");
  showLanguage();
}

export function showLanguage() {
  document.documentElement.lang = column ? "en" : "zh-CN";
}
