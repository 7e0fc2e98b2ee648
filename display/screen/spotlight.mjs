// Which call is in the spotlight. Pure: time (ms of a steady clock) is passed in.
// Each call takes its turn exactly once, in the order of seq; the last one stays until another comes.

/** @typedef {{seq: number, number: string, window: string, window_name: string, zone: string, floor: number,
 *   recall: boolean, at: string, written: string, spoken: string, clips: string[], answered?: boolean}} Call */
/** @typedef {{heard: number | null, waiting: Call[], current: Call | null, since: number}} Spotlight */

export const HOLD_MS = 3000;
export const HURRIED_MS = 1500;
export const FRESH_MS = 20000;
/** A call that is older when it is first heard of is listed, and takes no turn. */
export const OLD_MS = 30000;
/** A call that has waited longer for its turn takes none when its citizen is being served: by then it only misleads. */
export const OVERTAKEN_MS = 60000;
/** A wall moves on after this, whatever became of the voice. */
export const LONGEST_MS = 45000;
const MANY = 3;

/** `heard` is the last seq shown here before (by this browser, just now), or null: then what stands is not new.
 * @param {number | null} heard @returns {Spotlight} */
export function dark(heard) {
  return { heard, waiting: [], current: null, since: -Infinity };
}

/** A state came: its calls (oldest first), the seq from which on these are all, its own seq, and the hall's time (ms),
 * null when that is not known. New calls queue up; withdrawn and overtaken ones lose their turn, old ones get none.
 * @param {Spotlight} light @param {Call[]} calls @param {number} from @param {number} seq @param {number | null} hallNow
 * @returns {Spotlight} */
export function receive(light, calls, from, seq, hallNow = null) {
  const newest = calls.at(-1)?.seq ?? 0;
  if (light.heard === null || seq < light.heard) { // first sight, or a server restored from a backup
    return { heard: newest, waiting: [], current: calls.at(-1) ?? null, since: -Infinity };
  }
  const heard = light.heard;
  const listed = new Map(calls.map((call) => [call.seq, call]));
  const stands = (/** @type {Call} */ call) => listed.has(call.seq) || call.seq < from;
  const age = (/** @type {Call} */ call) => (hallNow === null ? 0 : hallNow - Date.parse(call.at));
  const asToldNow = (/** @type {Call} */ call) => stillAnswered(call, listed.get(call.seq) ?? call);
  const overtaken = (/** @type {Call} */ call) => call.answered && age(call) > OVERTAKEN_MS;
  const fresh = calls.filter((call) => call.seq > heard);
  const timely = fresh.filter((call) => age(call) <= OLD_MS);
  const waiting = [...light.waiting.filter(stands).map(asToldNow).filter((call) => !overtaken(call)), ...timely];
  const missed = timely.length < fresh.length;
  if (light.current && stands(light.current) && !missed) {
    return { ...light, current: asToldNow(light.current), waiting, heard: Math.max(heard, newest) };
  }
  const turns = new Set(waiting.map((call) => call.seq));
  const current = calls.filter((call) => !turns.has(call.seq)).at(-1) ?? null;
  return { waiting, heard: Math.max(heard, newest), current, since: -Infinity };
}

/** Once somebody came it stays so: a ticket that was finished left its window. @param {Call} before @param {Call} now */
function stillAnswered(before, now) {
  return before.answered ? { ...now, answered: true } : now;
}

/** True while so many wait that each is shown and said more briefly. @param {Spotlight} light */
export function hurried(light) {
  return light.waiting.length > MANY;
}

/** Give the next call its turn when the present one has had its own: shown for a while, and spoken to its end.
 * @param {Spotlight} light @param {number} now @param {(call: Call) => boolean} spoken
 * @returns {Spotlight} the same object when nothing changed */
export function advance(light, now, spoken = () => true) {
  if (!light.waiting.length) return light;
  const turn = now - light.since;
  if (turn < (hurried(light) ? HURRIED_MS : HOLD_MS)) return light;
  if (onTurn(light) && turn < LONGEST_MS && !spoken(/** @type {Call} */ (light.current))) return light;
  const [current, ...waiting] = light.waiting;
  return { ...light, current, waiting, since: now };
}

/** True when the current call had a turn here, and is not one that was called before we looked.
 * @param {Spotlight} light */
export function onTurn(light) {
  return light.current !== null && light.since !== -Infinity;
}

/** True while the current call is one that its person may not have seen yet.
 * @param {Spotlight} light @param {number} now */
export function isFresh(light, now) {
  return light.current !== null && now - light.since < (light.current.answered ? HOLD_MS : FRESH_MS);
}

/** The last seq of which nothing is left to be shown, nor to be said.
 * @param {Spotlight} light @param {(call: Call) => boolean} spoken @returns {number | null} */
export function done(light, spoken) {
  const turn = /** @type {Call} */ (light.current);
  const next = onTurn(light) && !spoken(turn) ? turn : light.waiting[0];
  return next ? next.seq - 1 : light.heard;
}
