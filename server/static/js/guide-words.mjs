/** What only the guide desk says, as [Chinese, English]. What all work pages say is in words.mjs. */

export const G = {
  notDesk: ["当前账号不能使用导办台，请退出后用导办员、督导或管理员账号登录。", "This account may not work at the guide desk. Sign out and use a guide's, a supervisor's or an administrator's."],

  issue: ["代取号", "Issue a ticket"],
  business: ["业务或事项", "Business or item"],
  businessHint: ["键入名称中的字或代码，↑↓ 选择", "Type part of the name or the code, ↑↓"],
  businessNone: ["没有符合的业务或事项", "No such business or item"],
  queueClosed: ["暂停取号", "closed"],
  lane: ["通道", "Lane"],
  laneReason: ["绿色通道原因", "Reason for the green lane"],
  otherReason: ["请写明原因", "Say why"],
  person: ["手机或身份证号（可不填）", "Telephone or ID (optional)"],
  sms: ["短信评价手机号（可不填）", "Mobile for one rating message (optional)"],
  smsHint: ["本人同意才填，发出后即清除", "Only if they agree; cleared once it is sent"],
  badPhone: ["请填 11 位手机号码，或留空不填。", "Enter a mobile number of 11 digits, or leave it empty."],
  smsNone: ["短信评价：未留号码", "No number for a rating message"],
  smsGiven: ["短信评价", "Rating message to"],
  smsChange: ["短信号码", "Message number"],
  smsTake: ["留空保存即删除号码。", "Saved empty, the number is removed."],
  issuedNoSms: ["已取号，但手机号没有登记：", "Issued, but the number was not taken down:"],
  paper: ["纸号", "Paper"],
  noPaper: ["不打印，告知号码或手机扫码", "No paper: say the number, or by phone"],
  notReady: ["不能打印", "cannot print"],
  take: ["取号", "Issue"],
  issuedWords: ["已取号", "Issued"],
  issuedNoPaper: ["已取号，但纸号没有打印，请告知号码或另选打印机补打。", "Issued, but not printed: say the number, or print it elsewhere."],
  overrideTitle: ["仍要取号？", "Issue all the same?"],
  overrideText: ["您可以破例取这个号，原因会记录在案。", "You may issue this one as an exception; your reason is put on record."],
  overrideReason: ["破例原因（必填）", "Reason for the exception (needed)"],
  overrideNeeds: ["请写明破例原因。", "Say why an exception is made."],
  override: ["破例取号", "Issue it"],
  chooseBusiness: ["请先选择业务或事项。", "Choose a business or an item first."],
  chooseReason: ["请选择或写明原因。", "Choose or say the reason."],

  find: ["查号", "Find a ticket"],
  findHint: ["键入号码（如 A012）或扫纸号上的二维码，回车", "Type a number (A012) or scan the paper's code, Enter"],
  day: ["日期", "Day"],
  nothing: ["键入号码或扫码，这里显示这张号的全部经过。", "Type a number or scan: the ticket's whole story shows here."],
  phone: ["手机扫码看排队", "Scan to follow by phone"],
  story: ["经过", "Story"],
  spent: ["用时", "Time spent"],
  ahead: ["前面", "Ahead"],
  noMore: ["这张号已结束，不能再操作。", "This ticket is over; nothing can be done with it."],

  reinstate: ["恢复排队", "Reinstate"],
  release: ["解除挂起", "Release hold"],
  changeLane: ["改通道", "Change lane"],
  reprint: ["补打", "Reprint"],
  print: ["打印纸号", "Print"],
  cancel: ["弃号", "Cancel ticket"],
  cancelTitle: ["确定弃号？", "Cancel this ticket?"],
  cancelText: ["弃号后不能恢复，需要办理须重新取号。", "It cannot be brought back: a new ticket will be needed."],
  reprintTitle: ["在哪里打印？", "Print where?"],
  noPrinter: ["现在没有可用的打印机，请直接告知号码。", "No printer can be used now: say the number aloud."],
  reprintReason: ["原因", "Reason"],
  done: ["已完成", "Done"],

  noShows: ["今日过号", "No-shows today"],
  noShowsNone: ["今天没有过号", "No no-shows today"],
  printers: ["打印机", "Printers"],
  printersNone: ["还没有取号机", "No kiosk yet"],
  ready: ["可用", "Ready"],
};

/** What stands in the way of a ticket that the desk may issue all the same. The server's sentence is for citizens: it sends
 * them to the desk. */
export const EXCEPTIONS = {
  past_cutoff: ["大厅已过取号截止时间。", "The hall issues no more tickets for now: it is after the cut-off."],
  quota_day_full: ["这项业务今天的限号已取完。", "All tickets of today for this business are taken."],
  quota_session_full: ["这项业务本时段的限号已取完。", "All tickets of this session for this business are taken."],
};

export const STATES = {
  waiting: ["等候", "Waiting"],
  called: ["已叫号", "Called"],
  serving: ["办理中", "In service"],
  held: ["挂起", "On hold"],
  finished: ["已办结", "Finished"],
  no_show: ["过号", "No-show"],
  cancelled: ["已弃号", "Cancelled"],
  expired: ["已过期", "Expired"],
};

/** Of the paper that the desk asked for last. */
export const PAPERS = {
  asked: ["正在 {device} 打印…", "Printing at {device}…"],
  taken: ["正在 {device} 打印…", "Printing at {device}…"],
  printed: ["已在 {device} 打印", "Printed at {device}"],
  failed: ["{device} 没有出纸，请另选一台或告知号码", "No paper at {device}: choose another, or say the number"],
  unknown: ["不能确定 {device} 是否出纸，请到机前查看", "Not known whether {device} printed: look there"],
};

/** The Chinese words are what is recorded, whichever language the guide reads. */
export const GREEN_REASONS = [
  ["老年人", "Elderly"],
  ["残疾人", "Disabled"],
  ["军人/退役军人", "Soldier or veteran"],
  ["孕产妇/带婴幼儿", "Pregnant, or with an infant"],
  ["返乡务工", "Returning worker"],
  ["高校毕业生创业", "Graduate starting a business"],
];
export const PAPER_REASONS = [
  ["纸号丢失", "Paper lost"],
  ["纸号看不清", "Paper cannot be read"],
  ["没有出纸", "No paper came out"],
];
