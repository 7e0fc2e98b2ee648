// The hall's time, told by the agent and carried on by the steady clock: a TV's own clock and zone are often wrong.

const DAYS = ["日", "一", "二", "三", "四", "五", "六"];

/** @typedef {{utc: number, offsetMs: number, heardAt: number}} Told */

/** @param {string | null} iso with its offset @param {number} heardAt ms of performance.now() @returns {Told | null} */
export function told(iso, heardAt) {
  const offset = iso && /([+-])(\d\d):(\d\d)$/.exec(iso);
  if (!iso || !offset) return null;
  const minutes = Number(offset[2]) * 60 + Number(offset[3]);
  return { utc: Date.parse(iso), offsetMs: (offset[1] === "-" ? -1 : 1) * minutes * 60000, heardAt };
}

/** The hall's time as a date has it (ms), null before it was told. @param {Told | null} clock
 * @param {number} at ms of performance.now() */
export function now(clock, at) {
  return clock ? clock.utc + at - clock.heardAt : null;
}

/** The hour of the hall's day, null before it was told. @param {Told | null} clock @param {number} at */
export function hour(clock, at) {
  return clock && new Date(clock.utc + clock.offsetMs + at - clock.heardAt).getUTCHours();
}

/** @param {Told | null} clock @param {number} now ms of performance.now() */
export function reading(clock, now) {
  if (!clock) return { time: "--:--", day: "" };
  const local = new Date(clock.utc + clock.offsetMs + now - clock.heardAt);
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return {
    time: `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}`,
    day: `${local.getUTCMonth() + 1}月${local.getUTCDate()}日 星期${DAYS[local.getUTCDay()]}`,
  };
}

/** The same with its seconds. @param {Told | null} clock @param {number} at ms of performance.now() */
export function exact(clock, at) {
  return clock ? new Date(clock.utc + clock.offsetMs + at - clock.heardAt).toISOString().slice(11, 19) : "";
}

/** "14:03:25" out of an ISO time, as it stands there. @param {string | null} iso */
export function timeOf(iso) {
  return iso ? iso.slice(11, 19) : "";
}
