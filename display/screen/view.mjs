// State → what the parts draw. Pure: times are passed in, in ms of a steady clock.
import { isFresh } from "./spotlight.mjs";
import { exact, reading as clockReading, timeOf } from "./clock.mjs";
import { cut, width } from "./folding.mjs";
import { onNow } from "./slides.mjs";
import { CUT_OFF, NO_MORE, STAY } from "./words.mjs";

const ROWS = 7;
const QUEUES_A_PAGE = 4;
const QUEUE_PAGE_MS = 8000;
const QUIET_MS = 30000; // so long nobody was called: the slides may have the room
const TICKER_PAGE_MS = 8000;
const LED_LINE_EM = 14;
const TICKER_EM_A_SECOND = 3.5; // a slow reader's

/** @param {any[]} calls @param {string} zone */
export function inZone(calls, zone) {
  return zone ? calls.filter((call) => call.zone === zone) : calls;
}

/** What a narrow screen says in place of the banner, part by part. @param {any} state @param {number} now */
function headline(state, now) {
  const { wall } = state;
  if (!state.led || !banner(state)) return "";
  const text = cutOff(state) ? CUT_OFF.short(lastConfirmed(state).slice(0, 5)) : wall.closed_reason || NO_MORE.zh;
  const parts = cut(text, LED_LINE_EM);
  return parts[turn(now, TICKER_PAGE_MS, parts.length)];
}

/** True when nothing that is called or wrong needs the room. @param {any} state @param {number} now */
export function isQuiet(state, now) {
  const { wall, light } = state;
  if (wall.hall === "" || wall.resting) return false; // there the slide stays at the foot
  return !banner(state) && !light.waiting.length && !isFresh(light, now) && now - light.since >= QUIET_MS;
}

/** Where slides are drawn, and how much of them it holds (see slides.css). @param {boolean} upright @param {boolean} quiet
 * @returns {import("./slides.mjs").Place} */
export function placeOf(upright, quiet) {
  const name = `${upright ? "upright" : "wide"}-${quiet ? "large" : "strip"}`;
  return { name, ...PLACES[name] };
}

/** @type {Record<string, Omit<import("./slides.mjs").Place, "name">>} */
const PLACES = {
  "wide-large": { facts: { em: 20.5, lines: 5, inline: false }, notice: { em: 18, lines: 4, inline: false }, cards: 4 },
  "wide-strip": { facts: { em: 46, lines: 2, inline: true }, notice: { em: 40, lines: 2, inline: true }, cards: 3 },
  "upright-large": { facts: { em: 16, lines: 7, inline: false }, notice: { em: 14, lines: 5, inline: false }, cards: 3 },
  "upright-strip": { facts: { em: 23, lines: 2, inline: true }, notice: { em: 23, lines: 2, inline: true }, cards: 2 },
};

/** @param {{wall: any, reading: any, light: any, show: any, clock: any, silent: boolean, zone: string, still: boolean,
 *   upright: boolean, led: boolean}} state `still`: nothing may roll @param {number} now */
export function view(state, now) {
  const { wall, light } = state;
  const slide = onNow(state.show);
  const queues = worthShowing(wall.queues);
  const pages = Math.max(1, Math.ceil(queues.length / QUEUES_A_PAGE));
  const columns = Math.ceil(queues.length / pages); // 5 queues are 3 + 2, not 4 + 1
  const page = turn(now, QUEUE_PAGE_MS, pages);
  return {
    hallName: wall.hall_name,
    zone: state.zone,
    clock: clockReading(state.clock, now),
    banner: banner(state),
    headline: headline(state, now),
    cutOff: cutOff(state),
    page: wall.hall === "" ? "unknown" : wall.resting ? "resting" : "live",
    closedReason: wall.closed_reason,
    closedReasonEn: wall.closed_reason_en,
    call: light.current,
    fresh: isFresh(light, now) && !cutOff(state),
    waitingCalls: light.waiting.length,
    recent: recent(inZone(wall.calls, state.zone), light.current),
    queues: queues.slice(page * columns, (page + 1) * columns),
    queueColumns: columns,
    queuePage: page,
    queuePages: pages,
    slide,
    large: slide !== null && isQuiet(state, now),
    ticker: ticker(state, now),
  };
}

/** What rolls at the foot. What fits stands; where nothing may roll, its parts take turns.
 * @param {{reading: any, still: boolean, upright: boolean, led: boolean}} state @param {number} now */
function ticker({ reading: { ticker: text }, still, upright, led }, now) {
  if (!text) return null;
  const em = led ? LED_LINE_EM : upright ? 25 : 44;
  const parts = cut(text, em);
  if (parts.length === 1 || still) return { text: parts[turn(now, TICKER_PAGE_MS, parts.length)], seconds: 0 };
  return { text, seconds: Math.ceil((width(text) + em) / TICKER_EM_A_SECOND) };
}

/** Where people wait; a page that these do not fill has room for queues that are served, then for others. In the
 * hall's own order, so that nothing jumps about. @param {any[]} queues */
function worthShowing(queues) {
  const waited = queues.filter((queue) => queue.waiting);
  const idle = queues.filter((queue) => !queue.waiting);
  const served = [...idle.filter((queue) => queue.windows), ...idle.filter((queue) => !queue.windows)];
  const shown = new Set([...waited, ...served.slice(0, Math.max(0, QUEUES_A_PAGE - waited.length))]);
  return queues.filter((queue) => shown.has(queue));
}

/** @param {{wall: any, silent: boolean}} state */
export function cutOff({ wall, silent }) {
  return silent || wall.stale;
}

/** @param {any} state */
function banner(state) {
  const { wall } = state;
  if (wall.hall === "" && !state.silent) return null; // the page says so itself
  if (cutOff(state)) {
    const since = lastConfirmed(state);
    return { zh: CUT_OFF.zh(since), en: CUT_OFF.en(since) };
  }
  if (!wall.open && !wall.resting) {
    return { zh: wall.closed_reason ? `${wall.closed_reason.replace(/[。.]$/, "")}；${STAY}` : NO_MORE.zh, en: wall.closed_reason_en || NO_MORE.en };
  }
  return null;
}

/** @param {any} state */
function lastConfirmed({ wall, clock, heardAt }) {
  return timeOf(wall.confirmed_at) || exact(clock, heardAt) || "--:--";
}

/** Latest call of each number, newest first. @param {any[]} calls oldest first @param {any} current */
function recent(calls, current) {
  const latest = new Map();
  for (const call of calls) {
    latest.delete(call.number);
    latest.set(call.number, call);
  }
  return [...latest.values()].reverse().slice(0, ROWS).map((call) => ({ ...call, current: call.seq === current?.seq }));
}

/** @param {number} now @param {number} each @param {number} count */
function turn(now, each, count) {
  return Math.floor(now / each) % count;
}

