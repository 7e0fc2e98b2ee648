// Which call is in the spotlight. Pure: time (ms of a steady clock) is passed in.
// Each call takes its turn exactly once, in the order of seq; the last one stays until another comes.

/** @typedef {{seq: number, number: string, window: string, window_name: string, zone: string, floor: number,
 *   recall: boolean, written: string, spoken: string}} Call */
/** @typedef {{heard: number | null, waiting: Call[], current: Call | null, since: number}} Spotlight */

export const HOLD_MS = 3000;
export const HURRIED_MS = 1500;
export const FRESH_MS = 20000;
const MANY = 3;

/** `heard` is the last seq shown here before (by this browser, just now), or null: then what stands is not new.
 * @param {number | null} heard @returns {Spotlight} */
export function dark(heard) {
  return { heard, waiting: [], current: null, since: -Infinity };
}

/** A state came: its calls (oldest first), the seq from which on these are all, and its own seq. New calls queue up;
 * withdrawn ones lose their turn.
 * @param {Spotlight} light @param {Call[]} calls @param {number} from @param {number} seq @returns {Spotlight} */
export function receive(light, calls, from, seq) {
  const newest = calls.at(-1)?.seq ?? 0;
  if (light.heard === null || seq < light.heard) { // first sight, or a server restored from a backup
    return { heard: newest, waiting: [], current: calls.at(-1) ?? null, since: -Infinity };
  }
  const heard = light.heard;
  const listed = new Set(calls.map((call) => call.seq));
  const stands = (/** @type {Call} */ call) => listed.has(call.seq) || call.seq < from;
  const waiting = [...light.waiting.filter(stands), ...calls.filter((call) => call.seq > heard)];
  if (light.current && stands(light.current)) return { ...light, waiting, heard: Math.max(heard, newest) };
  const turns = new Set(waiting.map((call) => call.seq));
  const current = calls.filter((call) => !turns.has(call.seq)).at(-1) ?? null;
  return { waiting, heard: Math.max(heard, newest), current, since: -Infinity };
}

/** Give the next call its turn when the present one has had its own.
 * @param {Spotlight} light @param {number} now @returns {Spotlight} the same object when nothing changed */
export function advance(light, now) {
  const hold = light.waiting.length > MANY ? HURRIED_MS : HOLD_MS;
  if (!light.waiting.length || now - light.since < hold) return light;
  const [current, ...waiting] = light.waiting;
  return { ...light, current, waiting, since: now };
}

/** True while the current call is one that its person may not have seen yet.
 * @param {Spotlight} light @param {number} now */
export function isFresh(light, now) {
  return light.current !== null && now - light.since < FRESH_MS;
}
