/** What the work list of rectifications says, Chinese first. */

export const W = {
  notSupervisor: ["差评整改由督导和管理员办理，请换用有权限的账号。", "Rectifications are kept by supervisors and administrators. Use such an account."],
  case: ["整改单", "Case"],
  window: ["{} 号窗口", "Window {}"],
  ticket: ["号码", "Number"],
  phone: ["预约手机", "Booked with"],
  noPhone: ["没有联系电话", "No telephone number known"],
  whereFrom: [
    "本系统不存手机号，请从业务系统或群众留下的材料里查。没有拨打，就不要记“没有联系上”。",
    "No telephone number is kept here: look in the business system or on what the citizen left. Record no call that was not made.",
  ],
  owner: ["负责人", "Owner"],
  nobody: ["待分派", "nobody yet"],
  declined: ["不愿说明原因", "Would rather not say why"],
  noReason: ["没有写原因", "No reason given"],
  comment: ["补充意见", "Added later"],
  escalated: ["已升级", "Escalated"],
  soon: ["即将到期", "Due soon"],
  reopened: ["再次整改", "Second time"],
  dueBy: (due) => [`截止 ${due}（含当天）`, `by the end of ${due}`],
  noDeadline: ["日历上没有工作日，期限算不出来", "The calendar has no working day: no deadline"],
  open: ["查看", "Look"],
  latest: (shown) => [`只列出最近 ${shown} 张。`, `Only the latest ${shown} are listed.`],
  waitsForAnother: ["等另一人复核", "Another person decides"],
  saved: ["已保存：", "Saved: "],
  whatNow: ["这一步做什么", "What to do now"],
  whichKind: ["问题大小", "How much is it"],
  chooseOwner: ["交给谁", "To whom"],
  choose: ["请选择", "Choose"],
  chooseFirst: { zh: "请先选这一步做什么。", en: "Choose first what to do now." },
  happened: ["办理经过", "What happened so far"],
  reached: ["已接通", "reached"],
  missed: ["未接通", "not reached"],
  citizen: ["群众", "The citizen"],
  clock: ["系统", "The system"],
};

/** @type {[string, string[]][]} */
export const FILTERS = [["all", ["全部待办", "All open"]], ["mine", ["我负责的", "Mine"]], ["overdue", ["已逾期", "Overdue"]], ["closed", ["已办结", "Closed"]]];

export const EMPTY = {
  all: ["没有待办的整改单。有差评时，整改单会自动出现在这里。", "No case is open. A bad rating puts one here by itself."],
  mine: ["您名下没有待办的整改单。", "You own no open case."],
  overdue: ["没有逾期的整改单。", "Nothing is overdue."],
  closed: ["还没有办结的整改单。", "No case is closed yet."],
};

export const STATES = {
  to_verify: ["待核实", "To verify"],
  appealed: ["申诉复核中", "Appealed"],
  to_contact: ["待联系", "To contact"],
  to_rectify: ["待整改", "To rectify"],
  to_feed_back: ["待反馈", "To feed back"],
  to_re_rate: ["待回访再评", "To re-rate"],
  closed: ["已办结", "Closed"],
};

export const OUTCOMES = {
  changed: ["群众当时改评", "The citizen pressed again"],
  excluded: ["误评，不计入好评率", "Not meant: out of the good rate"],
  satisfied: ["群众对处理满意", "Satisfied with the handling"],
  not_satisfied: ["群众两次都不满意", "Not satisfied twice"],
  unanswered: ["群众未再评", "No answer"],
};

export const KINDS = { simple: ["简单问题", "Simple"], complex: ["复杂问题", "Complex"] };

/** All five: who thought better of a press within the hall's seconds has a good one in a closed case. */
export const LEVELS = {
  1: ["非常不满意", "Very dissatisfied"],
  2: ["不满意", "Dissatisfied"],
  3: ["基本满意", "Basically satisfied"],
  4: ["满意", "Satisfied"],
  5: ["非常满意", "Very satisfied"],
};

/** The button of each state. */
export const NEXT = {
  to_verify: ["核实", "Verify"],
  appealed: ["复核申诉", "Decide the appeal"],
  to_contact: ["记录联系", "Record the contact"],
  to_rectify: ["记录整改", "Record what was done"],
  to_feed_back: ["答复群众", "Reply to the citizen"],
  to_re_rate: ["记录回访", "Record the call-back"],
};

/** What each step is called, and what is asked for in words; null where nothing is. */
export const STEPS = {
  verify: [["情况属实，继续整改", "It is so: go on"], ["核实情况（可不写）", "What you found (optional)"]],
  appeal: [["认为是误评，申诉", "It was not meant: appeal"], ["申诉理由和依据", "Why, and what shows it"]],
  uphold: [["申诉成立，认定误评", "Uphold: it was not meant"], ["认定依据", "What shows it"]],
  refuse: [["申诉不成立，继续整改", "Refuse: go on with it"], ["不予认定的理由", "Why not"]],
  reach: [["已联系上群众", "The citizen was reached"], ["群众怎么说", "What they said"]],
  miss: [["没有联系上", "Nobody was reached"], ["情况（可不写）", "Note (optional)"]],
  give_up: [["没有号码或联系不上，继续整改", "No number, or cannot be reached: go on"], ["说明情况", "Why"]],
  rectify: [["已整改", "It was put right"], ["怎样整改的", "What was done"]],
  feed_back: [["答复群众", "Reply to the citizen"], ["答复内容。群众扫号票看得到，请不要写任何人的姓名", "The reply. It is read behind the paper's code: name nobody in it"]],
  satisfied: [["电话回访：群众满意", "By telephone: satisfied"], ["群众怎么说", "What they said"]],
  dissatisfied: [["电话回访：群众不满意", "By telephone: not satisfied"], ["群众怎么说", "What they said"]],
  decline: [["电话回访：群众不愿评价", "By telephone: would rather not say"], ["情况", "Note"]],
  assign: [["改派给别人", "Give it to somebody else"], null],
};

/** What the story calls that which is no step of staff. */
export const EVENTS = {
  opened: ["差评生成整改单", "Opened by a bad rating"],
  reminded: ["到期提醒", "Reminded"],
  escalated: ["逾期升级", "Escalated"],
  change: ["群众改评，自动办结", "Pressed again: closed"],
  return: ["群众又改回差评", "Pressed back again: reopened"],
  lapse: ["等候再评到期，自动办结", "The wait for an answer is over: closed"],
  satisfied: ["再评：满意", "Answer: satisfied"],
  dissatisfied: ["再评：不满意", "Answer: not satisfied"],
};
