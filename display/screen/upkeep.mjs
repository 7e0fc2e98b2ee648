// A month without a touch: when a page may reload itself, and when it must. Pure; all times are ms and passed in.
// To reload means to lose the page if nobody serves it: the caller asks the agent first.

const DAY_MS = 22 * 3600_000; // less than a day, or each night's turn would come later until it fell out of the night
const NIGHT_FROM_H = 2;
const NIGHT_TO_H = 5;
const SILENT_MS = 300_000;
const FAILING_MS = 30_000;
const UNDRAWN_MS = 120_000;
const KEPT_MS = 120_000;

/** A fresh page once a day, when nobody can notice. `age`: since the page was loaded; `hour` of the hall, null while
 * unknown. @param {{age: number, hour: number | null, resting: boolean, idle: boolean, cutOff: boolean}} page */
export function mayReload({ age, hour, resting, idle, cutOff }) {
  const night = hour !== null && hour >= NIGHT_FROM_H && hour < NIGHT_TO_H;
  return age >= DAY_MS && idle && !cutOff && (resting || night);
}

/** Something in the browser is stuck: no sign of an agent, every tick fails, or a visible page is no longer painted.
 * @param {{silent: number, failing: number, undrawn: number, visible: boolean}} since how long each has been so */
export function mustReload({ silent, failing, undrawn, visible }) {
  return silent >= SILENT_MS || failing >= FAILING_MS || (visible && undrawn >= UNDRAWN_MS);
}

/** What an earlier page of this browser had shown, if that was just now: a reloaded page neither repeats nor skips.
 * @param {any} kept @param {string} hall @param {number} date @returns {number | null} */
export function recalled(kept, hall, date) {
  return kept?.hall === hall && Math.abs(date - kept.at) < KEPT_MS ? kept.seq : null;
}
