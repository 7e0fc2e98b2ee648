/** Words of 运维 and of the audit records, [Chinese, English]. */

import { DEVICE_KINDS, ROLES } from "./words.mjs";

/** @type {Record<string, [string, string]>} */
export const O = {
  byClock: ["自动备份", "Backups by the clock"],
  backup_on: ["每天自动备份", "Make a backup each day"],
  backup_folder: ["备份目录（服务器上）", "Folder on the server"],
  backup_minute: ["时间", "Time of day"],
  folderHint: ["填完整路径，最好在另一块磁盘上。备份时照常取号、叫号。", "A whole path, best on another disk. The hall works on during a backup."],
  backup_drill: ["每次备份后恢复一遍，证明可用（演练）", "Prove each backup by restoring it (drill)"],
  backup_keys: ["在备份旁边放一份密钥文件", "Lay a file of the keys beside the backups"],
  keysHint: ["没有密钥不能恢复。密钥文件只写一次，请另存一份到保险处；备份外传时不要带上它。", "Nothing can be restored without the keys. Their file is written once: keep a copy in a safe, and never send it along with a backup."],
  keep_days: ["每天一份，留几天", "One a day, for days"],
  keep_weeks: ["每周一份，留几周", "One a week, for weeks"],
  keep_months: ["每月一份，留几个月", "One a month, for months"],
  warn_days: ["几天没有备份就告警", "Alarm after days without one"],
  retention: ["个人信息保留多久", "How long what is kept"],
  retentionHint: ["到期自动清除，每天清除了多少记入审计链。评价和审计链永久保留。取号时登记的手机号、证件号只在当天有效。", "What is due is cleared by itself; how much each day is on the audit chain. Ratings and the chain stay for ever. Who took a ticket is known on its day alone."],
  contact_days: ["上门地址，办结后几天", "Addresses of home visits, days after"],
  note_days: ["窗口备注，几天", "Notes between windows, days"],
  case_days: ["整改文字，办结后几天", "Words on rectifications, days after their close"],
  event_days: ["事件记录，几天（0 为永久）", "Events, days (0: for ever)"],
  goodAt: ["最近一次成功的备份：", "Newest good backup:"],
  never: ["还没有成功的备份。", "There is no good backup yet."],
  stale: ["太久没有备份", "No backup for too long"],
  nextAt: ["下一次：", "Next:"],
  noneDue: ["没有设置自动备份。", "None by the clock."],
  now: ["马上备份", "Back up now"],
  underWay: ["正在备份……", "Under way…"],
  runs: ["最近的备份与核验", "Backups and verifications"],
  noRuns: ["还没有。", "None yet."],
  when: ["时间", "When"],
  what: ["做什么", "What"],
  outcome: ["结果", "What came of it"],
  backup: ["备份", "Backup"],
  verify: ["核验审计链", "Verification"],
  schedule: ["自动", "by the clock"],
  hand: ["手动", "by hand"],
};

/** @type {Record<string, [string, string]>} */
export const STATES = {
  waiting: ["等待", "Waiting"],
  running: ["进行中", "Running"],
  done: ["成功", "Good"],
  failed: ["失败", "Failed"],
};

/** @type {Record<string, [string, string]>} */
export const A = {
  notSupervisor: ["审计记录只供督导和管理员查看。", "Audit records are for supervisors and administrators."],
  intro: ["设置、人员、授权、设备、备份、清除和公示都记在一条防篡改的链上。评价也在链上，但这里不显示，谁也看不到谁评了什么。", "Settings, people, grants, devices, backups, purges and published figures stand on one chain that shows any change. Ratings are on it too and are not shown here: nobody sees who rated what."],
  sealed: ["到上周末共封存", "Sealed up to last week"],
  entries: ["条", "entries"],
  verify: ["核验全部记录", "Verify everything"],
  verifying: ["正在核验……", "Verifying…"],
  neverVerified: ["还没有在这里核验过。", "Nobody has verified it here yet."],
  kind: ["类型", "Kind"],
  all: ["全部", "All"],
  day: ["日期", "Day"],
  actor: ["谁", "Who"],
  when: ["时间", "When"],
  facts: ["内容", "What"],
  none: ["没有符合条件的记录。", "There are no such records."],
  system: ["系统", "The system"],
  newer: ["较新", "Newer"],
  older: ["较早", "Older"],
};

/** What an entry's facts are called that are no settings, in the order in which they are shown. @type {Record<string, [string, string]>} */
export const FACTS = {
  account: ["账号", "Account"],
  machine: ["机器", "Machine"],
  device: ["设备", "Device"],
  profile: ["型号配置", "Profile"],
  kind: ["种类", "Kind"],
  name: ["名称", "Name"],
  window: ["窗口", "Window"],
  url: ["端口", "Port"],
  role: ["角色", "Role"],
  active: ["状态", "State"],
  before: ["此前", "Before"],
  grant: ["凭授权", "By grant"],
  ended: ["结束", "Ended"],
  revoked: ["令牌", "Token"],
  card_name: ["监督牌姓名", "Name on the card"],
  position: ["岗位", "Post"],
  badges: ["徽章", "Badges"],
  leaders: ["带班", "Leaders"],
  lines: ["配置内容", "Its lines"],
  address: ["地址", "Address"],
  columns: ["每行字数", "Characters a line"],
  scan_end: ["扫码结束", "Scan ends"],
  transfer_queue: ["转移到队列", "Transfers to queue"],
  transfer_window: ["转移到窗口", "Transfers to window"],
  totp_admins: ["管理员须用动态口令", "Admins need a second factor"],
  change: ["修改记录", "In the history"],
  how: ["方式", "How"],
  words: ["改动", "Changes"],
  day: ["日期", "Day"],
  file: ["文件", "File"],
  rows: ["行数", "Rows"],
  id: ["编号", "Number"],
};

/** Values of facts that are one of a few, by the fact's name; `any` are of every fact.
 * @type {Record<string, Record<string, string[]>>} */
export const VALUES = {
  any: { true: ["是", "yes"], false: ["否", "no"] },
  role: ROLES,
  before: ROLES,
  active: { true: ["在用", "in use"], false: ["停用", "off"] },
  revoked: { true: ["已吊销", "revoked"] },
  ended: { true: ["是", "yes"] },
  kind: { ...DEVICE_KINDS, printer: ["打印机", "Printer"], scanner: ["扫码器", "Scanner"] },
  scan_end: { line: ["回车换行", "with a new line"], gap: ["停顿", "with a pause"] },
  how: { form: ["页面", "page"], draft: ["设置草稿", "draft"], undo: ["恢复", "undo"], first_run: ["首次设置", "guide"] },
};
