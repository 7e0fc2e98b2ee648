/** What the tablet at a window says, Chinese first and English beneath: it stands before whoever comes. */

import { UNREACHABLE } from "./api.mjs";

export const W = {
  loading: ["正在打开…", "Opening…"],
  window: ["{} 号窗口", "Window {}"],
  staffNo: ["工号", "Staff no."],
  idle: ["办完后可以在这里评价，评不评由您", "When your business is done you may rate it here; it is up to you"],
  paused: ["暂停服务，请稍候或看大屏", "This window pauses. Please wait, or watch the screens"],
  closed: ["本窗口现在没有人办理", "Nobody serves at this window now"],
  please: ["请评价刚才的服务", "How was your service?"],
  left: ["{} 号 · 还有 {} 秒", "{} · {} s left"],
  again: ["请重新选择，还有 {} 秒", "Choose again, {} s left"],
  free: ["窗口人员看不到是谁评的", "Nobody at the windows sees who rated"],
  sending: ["正在送出…", "Sending…"],
  slow: ["还没有送到，不算评价。正在重试，请稍候…", "Not received yet, so not counted. Trying again, please wait…"],
  retrying: ["正在重试，请稍候…", "Trying again, please wait…"],
  unsent: ["没有送到，这次没有确认收到", "It could not be sent; nobody has confirmed it"],
  unsentDo: ["您可以扫号票上的二维码评价。", "You can rate by the QR code on your paper."],
  missed: ["时间已过，这次没有计入", "Time was over; this was not counted"],
  taken: ["这次服务已经评价过了", "This service has been rated already"],
  thanks: ["评价已收到，谢谢", "Your rating has been received. Thank you"],
  kept: ["改评时间已过，按第一次评价", "It was too late to change; your first choice stands"],
  unchanged: ["评价已收到，没有确认是否改评", "Your rating was received; whether it was changed is not confirmed"],
  change: ["选错了，重选（{} 秒）", "Choose again ({} s)"],
  askWhy: ["愿意说说原因吗？可以不说。", "Would you say why? You need not."],
  say: ["说说原因", "Say why"],
  decline: ["不说了", "No, thank you"],
  reasons: ["可选多项", "Choose any"],
  send: ["提交", "Send"],
  reasonsKept: ["原因已收到，谢谢", "Received. Thank you"],
  reasonsLost: ["评价已收到，原因没有送到", "Your rating was received; the reasons were not"],
  away: ["连接中断，现在不能评价", "Connection lost: no rating can be given just now"],
  awayDo: ["正在自动重连。您可以扫号票上的二维码评价。", "Reconnecting. You can rate by the QR code on your paper."],
};

/** Level, its label for the server, its words. Best first, as the phone has them. */
export const FACES = /** @type {[number, string, string[]][]} */ ([
  [5, "very_satisfied", ["非常满意", "Very satisfied"]],
  [4, "satisfied", ["满意", "Satisfied"]],
  [3, "basically_satisfied", ["基本满意", "Basically satisfied"]],
  [2, "dissatisfied", ["不满意", "Dissatisfied"]],
  [1, "very_dissatisfied", ["非常不满意", "Very dissatisfied"]],
]);

/** The font comes in slices, from a server that may be gone when its absence must be told: fetch these now. */
export function loadGlyphs() {
  const text = [...Object.values(W), ...FACES.map(([, , words]) => words), [UNREACHABLE.detail]].flat().join("");
  for (const weight of ["400", "700"]) document.fonts.load(`${weight} 40px "Noto Sans SC Variable"`, text).catch(() => {});
}
