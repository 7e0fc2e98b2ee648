// What the wall says when something is wrong, in one place: the glyphs must be there before it goes wrong.

export const CUT_OFF = {
  zh: (/** @type {string} */ since) => `连接中断，画面停在 ${since}，请留意窗口屏和现场引导`,
  en: (/** @type {string} */ since) => `Connection lost. Last update ${since}`,
  short: (/** @type {string} */ since) => `连接中断，停在 ${since}`,
};
export const STAY = "已取号的请继续等候";
export const NO_MORE = { zh: "已停止取号，已取号的请继续等候", en: "No more tickets now. Those waiting will be served." };
/** A queue that gives no numbers and does not say why: the kiosk's and the desk's word. */
export const SHUT = { zh: "暂停取号", en: "closed" };
export const CONNECTING = {
  big: "正在连接大厅服务", small: "请稍候，号码以窗口屏和现场引导为准", en: "Connecting to the hall. Please wait.",
};
export const RESTING = { big: "现在不对外办理", small: "请在开放时间再来", en: "The hall is closed now." };

/** Every character of the above. */
export const FAILURES = [
  CUT_OFF.zh("0123456789:-"), CUT_OFF.en(""), CUT_OFF.short(""), "最近呼叫", STAY, ...[NO_MORE, CONNECTING, RESTING].flatMap(Object.values),
].join("");
